"""The rows of one statement: what the journal writes, in the transaction that it opened."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from field_client.store.tables import (
    BegunRow,
    CaseRow,
    DraftRow,
    JournalRow,
    LinkRow,
    Stage,
    StatementRow,
    StateRow,
)
from protocol import chain, envelope, statements
from protocol.case import AnyRecord, Record
from protocol.chain import Head, Link
from protocol.statements import InspectionClosed, InspectionOpened, Statement, case_of, opens_case

SERVER_AT = "server_at"  # last verified server time, u64 big-endian, ms

_STATE, _CASES, _JOURNALS, _STATEMENTS, _LINKS = (
    SQLModel.metadata.tables[str(table.__tablename__)]
    for table in (StateRow, CaseRow, JournalRow, StatementRow, LinkRow)
)

# What every save does goes to the tables themselves: as objects, the same rows cost three times
# the CPU time, and an officer waits for it.
_PLACE = select(
    _JOURNALS.c.id,
    _JOURNALS.c.length,
    _JOURNALS.c.head_hash,
    select(_STATE.c.value).where(_STATE.c.name == SERVER_AT).scalar_subquery(),
    select(_CASES.c.tag).where(_CASES.c.case_id == bindparam("case")).scalar_subquery(),
).where(_JOURNALS.c.open)
_STORE_STATEMENT = insert(_STATEMENTS)
_STORE_LINK = insert(_LINKS)
_MOVE_HEAD = (
    update(_JOURNALS)
    .where(_JOURNALS.c.id == bindparam("journal"))
    .values(length=bindparam("after"), head_hash=bindparam("head"))
)


class Place(NamedTuple):
    """Where the next link goes: the open journal and its head, the last verified server time (ms,
    0 without one) and the tag of the link's case."""

    journal: bytes
    head: Head
    server_at: int
    tag: bytes


def place_of(session: Session, statement: Statement, record: bytes) -> Place:
    """Where the link of a record goes, and the case tag that it bears."""
    session.flush()  # a case that was opened in this transaction is found as well
    case = None if statement.case is None else bytes.fromhex(statement.case)
    found = session.connection().execute(_PLACE, {"case": case}).one()
    journal, length, head_hash, server_at, tag = found
    if opens_case(statement):
        tag = chain.case_tag(bytes.fromhex(statement.salt), record)
    return Place(
        journal,
        Head(length, head_hash),
        int.from_bytes(server_at or b"", "big"),
        tag or chain.NO_CASE,
    )


def store(
    session: Session,
    statement: Statement,
    signed: envelope.Envelope,
    record: bytes,
    link: Link,
) -> None:
    """The rows of one statement, and the head of its journal moved on to ``link``; the stage of
    a new link is *saved*."""
    case, name = case_of(statement, record), link.hash()
    tables = session.connection()
    tables.execute(
        _STORE_STATEMENT,
        {
            "record_hash": record,
            "envelope": envelope.encode(signed),
            "kind": statements.kind_of(statement),
            "case_id": case,
            "at": statement.at,
            "agency": statement.agency,
        },
    )
    tables.execute(
        _STORE_LINK,
        {
            "link_hash": name,
            "journal": link.journal,
            "sequence": link.sequence,
            "link": link.encode(),
            "record_hash": record,
            "stage": Stage.SAVED.value,
            "saved_at": link.wall_at,
        },
    )
    tables.execute(
        _MOVE_HEAD,
        {"journal": link.journal, "after": link.sequence + 1, "head": name},
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
