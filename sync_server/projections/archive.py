"""The archive's list: one line for each sealed case file.

>>> from protocol.case import CaseState
>>> line(CaseState("00" * 32)) is None
True
"""

from __future__ import annotations

from protocol.case import CaseState
from sync_server.projections.tables import ArchiveRow


def line(state: CaseState) -> ArchiveRow | None:
    """The row of a sealed case; None before it is sealed."""
    if state.archived is None or state.opened_by is None:
        return None
    sealed, opening = state.archived.statement, state.opened_by.statement
    return ArchiveRow(
        case_id=bytes.fromhex(state.case),
        agency=sealed.agency,
        archive_no=sealed.archive_no,
        number=opening.number,
        party=opening.party.name,
        opened_at=opening.at,
        archived_at=sealed.at,
        package=bytes.fromhex(sealed.package.sha256),
        size=sealed.package.size,
        retention=sealed.retention.value,
        documents=sealed.documents,
        pages=sealed.pages,
        media=sealed.media,
    )
