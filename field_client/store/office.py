"""What the office stated of this tablet's cases, and its tasks: kept whole, as they were proved.

    keep(session, statement, record, link, envelope, place)      in the pull's transaction
    of_case(session, case)                                       records for the case's state
    task(session, record)                                        the task of that id
    counted(session, task)                                       with what was inspected since

The records stand beside the tablet's own in the state of a case: an approval that was given
afterwards unlocks what waited for it, and is in the timeline. ``Vault.told`` counts the pulls, so
that a state that is held in memory is made anew.
"""

from __future__ import annotations

from msgspec import structs
from sqlmodel import Session, col, select

from field_client.store import damaged
from field_client.store.tables import OfficeRow, StatementRow
from protocol import chain, envelope, statements
from protocol.calendar import local_day
from protocol.case import AnyRecord, Record
from protocol.errors import FujieError
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


def task(session: Session, record: str) -> TaskAssigned | None:
    """The task whose record is this (hex), if this tablet was given it."""
    try:
        row = session.get(OfficeRow, bytes.fromhex(record))
    except ValueError:
        return None  # a label that an officer typed
    found = _record(row) if row is not None else None
    return found.statement if found and isinstance(found.statement, TaskAssigned) else None


def counted(session: Session, said: TaskAssigned) -> TaskAssigned:
    """The same task with the inspections of its party that this tablet opened in the year after
    it was assigned: the office could not count these (IN-2)."""
    rows = session.exec(
        select(StatementRow).where(StatementRow.kind == OPENED, col(StatementRow.at) > said.at)
    ).all()
    year = local_day(said.at).year
    more = sum(
        isinstance(opened := damaged.readable(row), InspectionOpened)
        and same_party(opened.party, said.party)
        and local_day(row.at).year == year
        for row in rows
    )
    return structs.replace(said, yearly_count=said.yearly_count + more) if more else said


def same_party(one: Party, other: Party) -> bool:
    """By the code where both have one, by the name otherwise."""
    if one.id_code and other.id_code:
        return one.id_code == other.id_code
    return one.name == other.name


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
