"""Why somebody does not sign, as it is written down: in Chinese, whatever language is shown.

refusal(desk, "cannot_write", "右手受伤")    Refusal(PARTY, "不会写字：右手受伤")
refusal(desk, "left", "")                   Absence(PARTY, "已离开现场")
"""

from __future__ import annotations

from field_client.flow.desk import Desk
from field_client.inspection import Absence, Refusal
from field_client.ui.presenters.sign import refusal_reasons
from protocol.vocabulary import Role

GONE = "left"
OTHER = "other"


def refusal(desk: Desk, reason: str, note: str) -> Refusal | Absence:
    """The party's answer. Own words complete the reason; for another reason they are it.
    Who has left the place is absent and does not refuse (EVID 15)."""
    words = {choice.key: choice.word for choice in refusal_reasons(desk.chinese)}
    chosen, own = words.get(reason, reason), note.strip()
    if own:
        chosen = own if reason == OTHER else f"{chosen}：{own}"
    if reason == GONE:
        return Absence(Role.PARTY, chosen)
    return Refusal(Role.PARTY, chosen)
