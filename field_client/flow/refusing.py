"""Why somebody does not sign, as it is written down: in Chinese, whatever language is shown.

refusal(desk, "cannot_write", "右手受伤")    Refusal(PARTY, "不会写字：右手受伤")
refusal(desk, "left", "")                   Absence(PARTY, "已离开现场")
met(desk)                                   ("王芳", Role.SITE_MANAGER), who was shown the cards
"""

from __future__ import annotations

from field_client.flow.desk import Desk
from field_client.inspection import Absence, Refusal
from field_client.names import name_of
from field_client.ui.presenters.sign import page_refusals, refusal_reasons
from protocol.statements import Party
from protocol.vocabulary import PartyClass, Role

GONE = "left"
OTHER = "other"
ALL_PAGES = frozenset({GONE, "none", "cannot_write"})  # whoever does not sign one signs no other


def met(desk: Desk) -> tuple[str, Role]:
    """Who answers for the party on site: whoever was shown the cards last, by that name and as what
    he is; nobody is written down as the legal representative who is another."""
    case = desk.case
    party, shown = case.opening.party, case.state.shown
    name = name_of(shown[-1].statement.to_whom) if shown else ""
    if not name or name in (party.legal_rep, party.name):
        return itself(party, ""), Role.PARTY
    return name, Role.SITE_MANAGER


def itself(party: Party, met: str) -> str:
    """Whose hand is the party's own: no company writes, so that where its representative is not
    known it is whoever was ``met``; its name where nobody was."""
    own = party.name if party.party_class is PartyClass.CITIZEN else met
    return party.legal_rep or own or party.name


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
