"""A case as one line of a list, and the documents that a printed mark can name.

>>> from protocol.case import CaseState
>>> line(CaseState("00" * 32)) is None
True
"""

from __future__ import annotations

from protocol.case import CaseState
from sync_server.projections.awaiting import awaited
from sync_server.projections.tables import CaseRow, DocumentRow


def line(state: CaseState) -> CaseRow | None:
    """The row of a case; None while its opening record has not arrived."""
    if state.opened_by is None:
        return None
    opening, decision = state.opened_by.statement, state.decision
    issued = decision.issued.statement if decision else None
    published = decision.published if decision else None
    return CaseRow(
        case_id=bytes.fromhex(state.case),
        agency=opening.agency,
        number=opening.number,
        party=opening.party.name,
        cause=opening.cause,
        opened_at=opening.at,
        closed_at=state.closed.statement.at if state.closed else None,
        outcome=state.closed.statement.outcome.value if state.closed else "",
        decision=issued.number if issued else "",
        decided_on=issued.decision.decided_on if issued and issued.decision else "",
        published_at=published.statement.at if published else None,
        archived_at=state.archived.statement.at if state.archived else None,
        records=len(state.records),
        waiting=len(awaited(state)),
        task=state.task or "",
        newest=max((one.index or 0 for one in state.records), default=0),
    )


def documents(state: CaseState) -> list[DocumentRow]:
    """One row for each document of the case."""
    return [
        DocumentRow(
            record=one.issued.hash,
            document_id=one.issued.statement.document_id,
            agency=one.issued.statement.agency,
            case_id=bytes.fromhex(state.case),
        )
        for one in state.documents
    ]
