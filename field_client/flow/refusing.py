"""Why somebody does not sign, as it is written down: in Chinese, whatever language is shown.

refusal(desk, "cannot_write", "右手受伤")    Refusal(PARTY, "不会写字：右手受伤")
refusal(desk, "left", "")                   Absence(PARTY, "已离开现场")
"""

from __future__ import annotations

from field_client.flow.desk import Desk
from field_client.inspection import Absence, Refusal
from field_client.ui.presenters.sign import page_refusals, refusal_reasons
from protocol.vocabulary import Role

GONE = "left"
OTHER = "other"
ALL_PAGES = frozenset({GONE, "none", "cannot_write"})  # whoever does not sign one signs no other


def refusal(
    desk: Desk, reason: str, note: str, role: Role = Role.PARTY, *, page: bool = False
) -> Refusal | Absence:
    """The answer of whoever should sign as ``role``. Own words complete the reason; for another
    reason they are it. Who has left the place is absent and does not refuse (EVID 15)."""
    offered = page_refusals if page else refusal_reasons
    words = {choice.key: choice.word for choice in offered(desk.chinese)}
    chosen, own = words.get(reason, reason), note.strip()
    if own:
        chosen = own if reason == OTHER else f"{chosen}：{own}"
    if reason == GONE:
        return Absence(role, chosen)
    return Refusal(role, chosen)
