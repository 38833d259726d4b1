"""The rows of one statement: what the journal writes, in the transaction that it opened."""

from __future__ import annotations

from sqlmodel import Session

from field_client.store.tables import BegunRow, CaseRow, DraftRow, LinkRow, StatementRow
from protocol import chain, envelope, statements
from protocol.case import AnyRecord, Record
from protocol.chain import Link
from protocol.statements import InspectionClosed, InspectionOpened, Statement, case_of, opens_case


def tag_of(session: Session, statement: Statement, record: bytes) -> bytes:
    """The case tag that the link of a record bears."""
    if opens_case(statement):
        return chain.case_tag(bytes.fromhex(statement.salt), record)
    if statement.case is None:
        return chain.NO_CASE
    case = session.get(CaseRow, bytes.fromhex(statement.case))
    return case.tag if case else chain.NO_CASE


def store(
    session: Session,
    statement: Statement,
    signed: envelope.Envelope,
    record: bytes,
    link: Link,
) -> None:
    """The rows of one statement; the stage of a new link is *saved*."""
    case = case_of(statement, record)
    session.add(
        StatementRow(
            record_hash=record,
            envelope=envelope.encode(signed),
            kind=statements.kind_of(statement),
            case_id=case,
            at=statement.at,
            agency=statement.agency,
        )
    )
    session.add(
        LinkRow(
            link_hash=link.hash(),
            journal=link.journal,
            sequence=link.sequence,
            link=link.encode(),
            record_hash=record,
            saved_at=link.wall_at,
        )
    )
    if isinstance(statement, InspectionOpened):
        session.add(
            CaseRow(
                case_id=record,
                tag=link.case_tag,
                label=statement.number,
                title=statement.party.name,
                opened_at=statement.at,
            )
        )
        if statement.task:
            session.merge(BegunRow(task=statement.task, case_id=record))
    if isinstance(statement, InspectionClosed) and case is not None:
        closed = session.get(CaseRow, case)
        if closed is not None:
            closed.closed_at = statement.at
            session.add(closed)


def finish_draft(session: Session, draft: str | None, case: bytes | None) -> None:
    """A draft is gone once it is a record; one of another case is never touched."""
    finished = session.get(DraftRow, draft) if draft is not None else None
    if finished is not None and finished.case_id == case:
        session.delete(finished)


def record_of(record: bytes, signed: envelope.Envelope, link: Link) -> AnyRecord:
    """What was signed and linked, as the state of a case takes it."""
    return Record(
        hash=record,
        statement=statements.decode(signed.body),
        signers=tuple(made.key_id for made in signed.signatures),
        link=link,
    )
