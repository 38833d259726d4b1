"""Document numbers out of the blocks that the office granted to this tablet.

    block 云市监当罚〔2026〕{n}号, 126 to 175
      next_number   says 126, and takes nothing
      consume       takes 126, in the transaction of the statement that bears it, or voids it

Serial order promises no time order. An inspection's number is a label (a case's id is its
opening record), so a used-up block never keeps an officer from opening an inspection; but no
two inspections of a tablet bear the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from field_client.errors import NumberGone
from field_client.store.tables import CaseRow, NumberBlockRow, SuspendedGrantRow, WordRow
from protocol.numbering import serial
from protocol.statements import (
    DocumentIssued,
    InspectionOpened,
    NumbersGranted,
    NumberVoided,
    Statement,
)
from protocol.vocabulary import DocumentKind


@dataclass(frozen=True)
class Number:
    """The next free number of a block, and the grant that it comes from."""

    label: str
    serial: int
    grant: bytes
    sealed_until: int | None


def next_number(session: Session, document: DocumentKind, year: int, now: int = 0) -> Number:
    """The number that the next document of this kind will bear, of a block that lends the seal
    ``now`` where there is one. Raises NumberGone when every block of the tablet is used up."""
    blocks = _blocks(session, document, year)
    for block in sorted(blocks, key=lambda one: (one.sealed_until or 0) <= now):
        if block.next <= block.last:
            return Number(_label(block), block.next, block.grant_record, block.sealed_until)
    raise NumberGone(
        "This tablet has no number left for {document} of {year}. Connect it at the office "
        "to get a new block; everything else can go on.",
        document=document.value,
        year=year,
    )


def bearing(session: Session, document: DocumentKind, label: str) -> Number | None:
    """The number that was taken out of a block of this kind earlier, such as an inspection's; None
    where no block of the tablet has it."""
    for block in _blocks(session, document, None):
        found = serial(block.pattern, label)
        if found is not None and found < block.next:
            return Number(label, found, block.grant_record, block.sealed_until)
    return None


def consume(session: Session, statement: Statement) -> None:
    """Take the number that a statement bears. Raises NumberGone, and nothing is taken, when
    another statement took it meanwhile."""
    if isinstance(statement, DocumentIssued | NumberVoided) and statement.grant is not None:
        block = session.get(NumberBlockRow, bytes.fromhex(statement.grant))
        fits = block is not None and block.document == statement.document.value
        fits = fits and session.get(SuspendedGrantRow, bytes.fromhex(statement.grant)) is None
        if block is None or not fits or not _take(session, block, statement.number):
            raise _gone(statement.number)
    elif isinstance(statement, InspectionOpened):
        _consume_label(session, statement.number)


def keep_grant(session: Session, granted: NumbersGranted, record: bytes, place: int) -> None:
    """Keep the block of the record with this hash, at this place of the log, once; what was used
    of it stays used."""
    session.merge(WordRow(subject=record, place=place))
    session.exec(delete(SuspendedGrantRow).where(col(SuspendedGrantRow.grant_record) == record))
    if session.get(NumberBlockRow, record) is None:
        session.add(
            NumberBlockRow(
                grant_record=record,
                agency=granted.agency,
                document=granted.document.value,
                year=granted.year,
                next=granted.first,
                last=granted.last,
                pattern=granted.pattern,
                sealed_until=granted.sealed_until,
            )
        )


def _consume_label(session: Session, number: str) -> None:
    if session.exec(select(CaseRow).where(CaseRow.label == number)).first() is not None:
        raise _gone(number)
    for block in _blocks(session, DocumentKind.INSPECTION_NOTICE, None):
        if _take(session, block, number):
            return


def _take(session: Session, block: NumberBlockRow, number: str) -> bool:
    """Whether the number was this block's next, which is taken then."""
    if block.next > block.last or number != _label(block):
        return False
    block.next += 1
    session.add(block)
    return True


def _blocks(session: Session, document: DocumentKind, year: int | None) -> list[NumberBlockRow]:
    suspended = select(SuspendedGrantRow.grant_record)
    found = select(NumberBlockRow).where(
        NumberBlockRow.document == document.value,
        col(NumberBlockRow.grant_record).not_in(suspended),
    )
    if year is not None:
        found = found.where(NumberBlockRow.year == year)
    return list(session.exec(found.order_by(col(NumberBlockRow.next))).all())


def _label(block: NumberBlockRow) -> str:
    return block.pattern.replace("{n}", str(block.next))


def _gone(number: str) -> NumberGone:
    return NumberGone(
        "The number {number} was taken by another document meanwhile. Go back to the form; "
        "it gets the next one.",
        number=number,
    )
