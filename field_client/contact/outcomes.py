"""Outcomes: what one record of the office changes on this tablet.

    blob_stored        the blob, and the records that wait for it, are *stored*
    file_archived      the case's records that the sealed file holds are *archived*
    numbers_granted    a block of numbers to give
    device_revoked     a notice
    device_key_asked   a new device key is due (``rekeying.py``)
    journal_closed     the journal that follows is opened (``reopening.py``), and a notice
    disclosure_…       a notice
    task_assigned      kept, for the officers whom it names (``tasks.py``)
    what the office did in a case (opened it, approved, decided, revoked), and a kind that this
    program does not know (``unread.py`` keeps it)       a notice

What belongs to a case of this tablet, or is a task, is kept whole besides (``store/office.py``).

A record gets here only with its signatures and its receipt verified (``proofs.py``), in the
transaction that moves the cursor past it.
"""

from __future__ import annotations

import msgspec
from sqlmodel import Session

from field_client.contact import rekeying, reopening
from field_client.contact.proofs import Proved
from field_client.store import numbers, office, stages
from field_client.store.stages import SERVER_AT
from field_client.store.tables import JournalRow, NoticeRow
from protocol import statements
from protocol.statements import (
    ApprovalGiven,
    BlobStored,
    CaseOpened,
    DecisionMade,
    DecisionRevoked,
    DeviceKeyAsked,
    DeviceRevoked,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    FileArchived,
    JournalClosed,
    NumbersGranted,
    OpinionGiven,
    Unknown,
)


def apply(session: Session, proved: Proved, journal: JournalRow) -> bool:
    """What one record of the office changes here. True if sync has to begin anew from what
    stands now (``standing.py``)."""
    stages.put_later(session, SERVER_AT, proved.receipt.entry.received_at)
    office.keep(
        session, proved.statement, proved.record, proved.link, proved.envelope, proved.place
    )
    match proved.statement:
        case BlobStored(sha256=name):
            stages.blob_stored(session, bytes.fromhex(name), proved.receipt.index)
        case FileArchived(case=case) if case is not None:
            stages.settle(session)
            stages.archived(session, bytes.fromhex(case), proved.receipt.index)
        case NumbersGranted(device=device) if device == journal.device:
            numbers.keep_grant(session, proved.statement, proved.record, proved.receipt.index)
        case DeviceRevoked(device=device) if device == journal.device:
            _notice(session, proved)
        case DeviceKeyAsked(device=device) if device == journal.device:
            rekeying.ask(session)
        case JournalClosed(device=device) as closed if device == journal.device:
            _notice(session, proved)
            return reopening.reopen(session, closed, proved.receipt.entry.received_at)
        case DisclosurePublished() | DisclosureCorrected() | DisclosureWithdrawn() | Unknown():
            _notice(session, proved)
        case CaseOpened() | ApprovalGiven() | OpinionGiven() | DecisionMade() | DecisionRevoked():
            _notice(session, proved)
    return False


def _notice(session: Session, proved: Proved) -> None:
    said = proved.statement
    session.merge(
        NoticeRow(
            id=proved.record,
            kind=statements.kind_of(said),
            case_id=bytes.fromhex(said.case) if said.case else None,
            body=msgspec.json.encode(said).decode(),
            at=said.at,
        )
    )
