"""Every decision, and how it stands towards the public: what a publisher's desk is sorted from.

    rows(state)          one row for each decision of a case
    sort_of(decision)    what the publication matrix needs to know of it, as one short text
    sample(sort)         a decision of that sort, to ask the matrix with

The day on which a decision is due depends on matrix and calendar, which are reference data and
change: whoever shows a row asks them then (``web/desk.py``).

>>> from protocol.case import CaseState
>>> rows(CaseState("00" * 32))
[]
"""

from __future__ import annotations

from protocol.case import CaseState, IssuedDocument
from protocol.statements import Decision
from protocol.vocabulary import ActKind, PartyClass, PenaltyKind, Procedure, RemedyRoute
from sync_server.projections.tables import DueRow

WAITING, PUBLIC, WITHDRAWN = "waiting", "public", "withdrawn"
WITHHELD, REVOKED = "withheld", "revoked"


def rows(state: CaseState) -> list[DueRow]:
    """One row for each decision of the case."""
    if state.opened_by is None:
        return []
    return [_row(state, one) for one in state.decisions]


def sort_of(decision: Decision) -> str:
    """Kind, procedure, class of party, and whether it only warns."""
    warns = bool(decision.penalties) and set(decision.penalties) == {PenaltyKind.WARNING}
    parts = (decision.act, decision.procedure, decision.party_class)
    return "|".join([*(one.value for one in parts), "warning" if warns else ""])


def sample(sort: str) -> Decision:
    """A decision of a sort. The inverse of ``sort_of``, as far as the matrix looks."""
    act, procedure, party_class, warning = sort.split("|")
    return Decision(
        act=ActKind(act),
        procedure=Procedure(procedure),
        party_class=PartyClass(party_class),
        penalties=[PenaltyKind.WARNING if warning else PenaltyKind.FINE],
        remedy=RemedyRoute.FREE_CHOICE,
        decided_on="2026-01-01",
    )


def _row(state: CaseState, one: IssuedDocument) -> DueRow:
    assert state.opened_by is not None  # asked by ``rows``
    opening, issued = state.opened_by.statement, one.issued.statement
    decision = issued.decision
    assert decision is not None  # a decision of the case
    standing, since = _standing(one)
    return DueRow(
        issued=one.issued.hash,
        case_id=bytes.fromhex(state.case),
        agency=issued.agency,
        number=issued.number,
        party=opening.party.name,
        cause=opening.cause,
        sort=sort_of(decision),
        decided_on=decision.decided_on,
        served_at=one.services[0].statement.at if one.services else None,
        standing=standing,
        since=since,
        revoked_on=one.revoked.statement.effective_on if one.revoked else "",
        ground=one.withheld.statement.ground.value if one.withheld else "",
    )


def _standing(one: IssuedDocument) -> tuple[str, int]:
    """What it is to the public, and since when (ms)."""
    if one.published is not None:
        return PUBLIC, one.published.statement.at
    if one.withheld is not None:
        return WITHHELD, one.withheld.statement.at
    if one.withdrawals:
        return WITHDRAWN, one.withdrawals[-1].statement.at
    if one.revoked is not None:
        return REVOKED, one.revoked.statement.at
    return WAITING, one.issued.statement.at
