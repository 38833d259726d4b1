"""What the office stated of this tablet's cases, and its tasks: kept whole, as they were proved.

    keep(session, statement, record, link, envelope, place)      in the pull's transaction
    of_case(session, case)                                       records for the case's state
    task(session, record)                                        the task of that id
    counted(task, openings(session))                             with what was inspected since

The records stand beside the tablet's own in the state of a case: an approval that was given
afterwards unlocks what waited for it, and is in the timeline. ``Vault.told`` counts the pulls, so
that a state that is held in memory is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from msgspec import structs
from sqlmodel import Session, col, select

from field_client.store import damaged
from field_client.store.tables import JournalRow, LinkRow, OfficeRow, ReceiptRow, StatementRow
from protocol import chain, envelope, statements
from protocol.calendar import local_day
from protocol.case import AnyRecord, Record
from protocol.errors import FujieError
from protocol.receipt import Receipt
from protocol.statements import (
    BlobStored,
    InspectionOpened,
    Party,
    Statement,
    TaskAssigned,
    TaskWithdrawn,
    Unknown,
    case_of,
)

TASKS = (TaskAssigned, TaskWithdrawn)
OPENED = str(InspectionOpened.__struct_config__.tag)
AUTOMATIC = (BlobStored,)
"""What the server states by itself of each file: the stages say it, the timeline need not."""


def keep(
    session: Session,
    statement: Statement | Unknown,
    record: bytes,
    link: bytes,
    signed: bytes,
    place: int,
) -> None:
    """Keep one record of a case or a task; others leave no row."""
    case = case_of(statement, record)
    if isinstance(statement, (Unknown, *AUTOMATIC)):
        return
    if case is None and not isinstance(statement, TASKS):
        return
    session.merge(
        OfficeRow(
            record_hash=record,
            kind=statements.kind_of(statement),
            case_id=case,
            link=link,
            envelope=signed,
            place=place,
        )
    )


def of_case(session: Session, case: bytes) -> list[AnyRecord]:
    """The office's records of a case, in the order of the log."""
    rows = session.exec(
        select(OfficeRow).where(OfficeRow.case_id == case).order_by(col(OfficeRow.place))
    ).all()
    return [record for row in rows if (record := _record(row)) is not None]


def of_kind(session: Session, kind: type[Statement]) -> list[AnyRecord]:
    """The office's records of one kind, in the order of the log."""
    tag = str(kind.__struct_config__.tag)
    rows = session.exec(
        select(OfficeRow).where(OfficeRow.kind == tag).order_by(col(OfficeRow.place))
    ).all()
    return [record for row in rows if (record := _record(row)) is not None]


def task(session: Session, record: str, at: int, case: bytes = b"") -> TaskAssigned | None:
    """The task whose record is this (hex), if this tablet was given it, ``counted`` for an
    inspection of that time (ms): as the rules are asked with it now, or as it stood when ``case``
    was opened."""
    try:
        row = session.get(OfficeRow, bytes.fromhex(record))
    except ValueError:
        return None  # a label that an officer typed
    found = _record(row) if row is not None else None
    if found is None:
        return None
    known = counted(found, takewhile(lambda one: one.record != case, openings(session)), at)
    if known is None or known.here is None or case or not known.full:
        return known.said if known is not None else None
    return structs.replace(known.said, yearly_count=known.here, at=at)


class Opening(NamedTuple):
    """An inspection that this tablet opened, and its place in the log, None while nobody knows."""

    record: bytes
    said: InspectionOpened
    place: int | None


def openings(session: Session) -> list[Opening]:
    """All inspections of the tablet, in the order in which they were opened."""
    rows = session.exec(
        select(StatementRow, ReceiptRow)
        .join(LinkRow, col(LinkRow.record_hash) == StatementRow.record_hash)
        .join(JournalRow, col(JournalRow.id) == LinkRow.journal)
        .outerjoin(ReceiptRow, col(ReceiptRow.link_hash) == LinkRow.link_hash)
        .where(StatementRow.kind == OPENED)
        .order_by(col(JournalRow.open), col(LinkRow.sequence))
    ).all()
    return [
        Opening(row.record_hash, said, _place(held))
        for row, held in rows
        if isinstance(said := damaged.readable(row), InspectionOpened)
    ]


class Counted(NamedTuple):
    """What a task says with the inspections counted that its office could not. ``here`` is None
    where that is the count of the year asked for; else it is of the task's own year, and all that
    is known of the later one is that this tablet made ``here`` inspections of the party in it."""

    said: TaskAssigned
    here: int | None = None

    @property
    def full(self) -> bool:
        """Whether another inspection goes above the cap, whatever else is not known."""
        count = self.said.yearly_count if self.here is None else self.here
        return 0 < self.said.yearly_cap <= count


def counted(given: AnyRecord, opened: Iterable[Opening], at: int) -> Counted | None:
    """What a task says, with those of its party's inspections of the year that came into the log
    behind it, or did not yet: the office could not count these (IN-2). In a later year than the
    task's nobody here knows the count, only what this tablet did."""
    said = given.statement
    if not isinstance(said, TaskAssigned):
        return None
    year, asked = local_day(said.at).year, local_day(at or said.at).year
    mine = [one for one in opened if same_party(one.said.party, said.party)]
    if asked > year:
        return Counted(said, sum(local_day(one.said.at).year == asked for one in mine))
    more = sum(
        (one.place is None or given.index is None or one.place > given.index)
        and local_day(one.said.at).year == year
        for one in mine
    )
    return Counted(structs.replace(said, yearly_count=said.yearly_count + more))


def same_party(one: Party, other: Party) -> bool:
    """By the code where both have one, by the name otherwise."""
    if one.id_code and other.id_code:
        return one.id_code.upper() == other.id_code.upper()
    return one.name == other.name


def _place(held: ReceiptRow | None) -> int | None:
    try:
        return Receipt.decode(held.receipt).index if held is not None else None
    except FujieError:
        return None


def _record(row: OfficeRow) -> AnyRecord | None:
    """The record; None where the row is damaged, which costs the tablet no other record."""
    try:
        signed = envelope.decode(row.envelope)
        return Record(
            hash=row.record_hash,
            statement=statements.decode(signed.body),
            signers=tuple(made.key_id for made in signed.signatures),
            link=chain.decode_link(row.link),
            index=row.place,
        )
    except FujieError:
        return None
