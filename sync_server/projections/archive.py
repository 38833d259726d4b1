"""The archive's list: one line for each sealed case file, and one for each look into it.

>>> from protocol.case import CaseState
>>> line(CaseState("00" * 32)) is None, retrievals(CaseState("00" * 32))
(True, [])
"""

from __future__ import annotations

from protocol.case import CaseState
from protocol.rules.archiving import kept_until
from sync_server.projections.tables import ArchiveRow, RetrievalRow


def line(state: CaseState) -> ArchiveRow | None:
    """The row of a sealed case; None before it is sealed. Of a destroyed one its numbers and days
    remain."""
    if state.archived is None or (state.opened_by is None and not state.destructions):
        return None
    sealed = state.archived.statement
    opening = state.opened_by.statement if state.opened_by else None
    bound = state.bound.statement if state.bound else None
    transferred = state.transfers[-1].statement if state.transfers else None
    return ArchiveRow(
        case_id=bytes.fromhex(state.case),
        agency=sealed.agency,
        archive_no=sealed.archive_no,
        number=opening.number if opening else "",
        party=opening.party.name if opening else "",
        opened_at=opening.at if opening else sealed.at,
        archived_at=sealed.at,
        package=bytes.fromhex(sealed.package.sha256),
        size=sealed.package.size,
        retention=sealed.retention.value,
        documents=sealed.documents,
        pages=sealed.pages,
        media=sealed.media,
        closed_at=state.closed.statement.at if state.closed else sealed.at,
        title=bound.title if bound else (f"{opening.party.name}{opening.cause}" if opening else ""),
        decision=state.decision.issued.statement.number if state.decision else "",
        fonds_no=bound.fonds_no if bound else "",
        catalogue_no=bound.catalogue_no if bound else "",
        file_no=bound.file_no if bound else "",
        kept_until=kept_until(sealed),
        transferred_on=transferred.on if transferred else "",
        transferred_to=transferred.receiver if transferred else "",
        transferred_in=transferred.package if transferred else "",
        destroyed_at=state.destructions[-1].statement.at if state.destructions else None,
    )


def retrievals(state: CaseState) -> list[RetrievalRow]:
    """A row for each look into a sealed file."""
    if state.archived is None:
        return []
    party = state.opened_by.statement.party.name if state.opened_by else ""
    return [
        RetrievalRow(
            record=one.hash,
            case_id=bytes.fromhex(state.case),
            agency=state.archived.statement.agency,
            at=one.statement.at,
            who=one.statement.by,
            unit=one.statement.unit,
            purpose=one.statement.purpose,
            until_on=one.statement.until_on or "",
            archive_no=state.archived.statement.archive_no,
            party=party,
            opened=len(one.statement.opened),
        )
        for one in state.retrievals
    ]
