"""A sealed file destroyed after its appraisal (鉴定销毁): what goes, and on whose word (AR-3).

    destruction(state, records, appraisal, …)        the statement, or RuleSays

Statements, files and derived text of the case go. What remains says that they were, and that they
went lawfully: every link, entry and receipt; that files came, by their hashes; the sealing, the
transfers, the looks into the file; the destruction itself, with its appraisal report, signed by the
archivist and a second person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from protocol.case import AnyRecord, CaseState
from protocol.reference import Reference
from protocol.rules import Level, judge
from protocol.statements import (
    BlobRef,
    BlobStored,
    FileArchived,
    FileRetrieved,
    FileTransferred,
    RecordDestroyed,
    blobs_of,
)
from sync_server.office.publish import RuleSays

REMAINS = (RecordDestroyed, FileArchived, FileTransferred, FileRetrieved, BlobStored)


def destruction(
    state: CaseState,
    records: Sequence[AnyRecord],
    appraisal: BlobRef,
    ground: str,
    reference: Reference,
    *,
    now: int,
    salt: str,
    signers: tuple[bytes, ...],
    persons: Mapping[bytes, str],
    stored: Collection[str],
) -> RecordDestroyed:
    """The statement that destroys a case's ``records``, all that the log has of it; what another
    agency says of it is that one's. Raises RuleSays."""
    own = [one for one in records if one.statement.agency == reference.agency.id]
    going = [one for one in own if not isinstance(one.statement, REMAINS)]
    named = [ref.sha256 for one in going for ref in blobs_of(one.statement)]
    if state.archived is not None:
        named.append(state.archived.statement.package.sha256)
    # The report stays, also where it was in the file before.
    named = [one for one in named if one != appraisal.sha256]
    told = RecordDestroyed(
        agency=reference.agency.id,
        at=now,
        salt=salt,
        case=state.case,
        records=[one.id for one in going],
        blobs=list(dict.fromkeys(named)),
        appraisal=appraisal,
        ground=ground,
    )
    judged = judge(told, state, reference, now, signers=signers, persons=persons, stored=stored)
    stops = [one for one in judged if one.level is Level.BLOCK]
    if stops:
        raise RuleSays(stops[0])
    return told
