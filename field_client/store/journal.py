"""The tablet's journal: how a statement is made. Rules, sign, link, number, save.

    journal = Journal(vault, clock, reference=lambda: shelf.current)
    opened = journal.stamp(InspectionOpened, number="…", …)
    saved = journal.save(opened, [officer_a, officer_b])              # durable when it returns

One transaction judges the statement by the state that it changes, and holds the statement, its
link, the head, the consumed number and the rows of the blobs it names; SQLCipher commits it
with ``synchronous=FULL`` in WAL mode, so what was acknowledged to an officer survives SIGKILL
and power loss. After a failed commit the outcome is unknown: head and state are read again
from the vault before the next link is made.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.errors import NumberGone, RuleBlocks
from field_client.store import damaged, numbers
from field_client.store.numbers import Number
from field_client.store.tables import CaseRow, DraftRow, JournalRow, LinkRow, StatementRow, StateRow
from field_client.store.vault import Vault
from protocol import chain, envelope, statements
from protocol.calendar import local_day
from protocol.case import AnyRecord, CaseState, Record, advance, fold
from protocol.chain import Head, Link
from protocol.keys import Signer
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.rules import Judgement, Level, judge
from protocol.statements import InspectionClosed, InspectionOpened, Statement, case_of, opens_case
from protocol.vocabulary import DocumentKind

SERVER_AT = "server_at"  # last verified server time, u64 big-endian, ms

S = TypeVar("S", bound=Statement)
Keep = Callable[[Session], object]
Follow = Callable[[bytes], Sequence[Statement]]


@dataclass(frozen=True)
class Saved:
    """A statement that is durable on this tablet: its record id, link and judgements."""

    record: bytes
    link: Link
    statement: Statement
    judgements: tuple[Judgement, ...] = ()


class Journal:
    """The links of this device for one agency. Safe for use by several threads."""

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        reference: Callable[[], Reference],
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._reference = reference
        self._entropy = entropy
        self._lock = threading.RLock()
        self._states: dict[bytes, CaseState] = {}
        self._listeners: list[Callable[[Saved], None]] = []

    def on_saved(self, listener: Callable[[Saved], None]) -> None:
        """Tell ``listener`` of every statement after it became durable."""
        self._listeners.append(listener)

    # ── making statements ────────────────────────────────────────────────────────────────

    def stamp(self, kind: type[S], case: bytes | None = None, **fields: Any) -> S:
        """A statement of ``kind`` with agency, time, salt and case filled in; not yet saved."""
        return kind(
            agency=self._reference().agency.id,
            at=self._clock.wall_ms(),
            salt=self._entropy(16).hex(),
            case=case.hex() if case else None,
            **fields,
        )

    def consider(
        self,
        statement: Statement,
        *,
        signers: Sequence[Signer] | None = None,
        content: Content | None = None,
        draft: bool = False,
    ) -> list[Judgement]:
        """What the rules say of a statement before it is saved; ``draft`` leaves out what only
        signatures can fulfil, and so do ``signers`` that are None."""
        case = bytes.fromhex(statement.case) if statement.case else None
        return judge(
            statement,
            self.case_state(case) if case else None,
            self._reference(),
            self._clock.wall_ms(),
            signers=None if signers is None else tuple(one.verifier.key_id for one in signers),
            content=content,
            draft=draft,
        )

    def expect_allowed(
        self,
        statement: Statement,
        *,
        signers: Sequence[Signer] | None = None,
        content: Content | None = None,
    ) -> list[Judgement]:
        """What the rules say, if nothing stands against the statement. Raises RuleBlocks."""
        judgements = self.consider(statement, signers=signers, content=content)
        _expect_no_block(judgements)
        return judgements

    def save(
        self,
        statement: Statement,
        signers: Sequence[Signer],
        *,
        keeps: Sequence[Keep] = (),
        draft: str | None = None,
        content: Content | None = None,
        follow: Follow = lambda record: (),
    ) -> Saved:
        """Judge, sign, link and store one statement; durable when it returns.

        ``keeps`` turns files already written and synced into blobs, in the same transaction;
        ``draft`` is the draft that the statement completes, ``content`` the text of the document
        that it issues. ``follow`` gives what is stated with it and names its record, judged as
        after it; all of it is saved or nothing. Raises RuleBlocks, NumberGone, DiskFull,
        VaultError; then nothing of it is saved, unless the disk itself gave no answer.
        """
        with self._lock:
            judgements = self.expect_allowed(statement, signers=signers, content=content)
            signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(statement), signers)
            record = envelope.record_hash(signed)
            case = case_of(statement, record) or b""
            state = self._states.pop(case, None)  # read again, should the commit fail
            made: list[Saved] = []
            with self._vault.transaction() as session:
                link = self._append(session, statement, signed, record)
                for keep in keeps:
                    keep(session)
                    session.flush()
                _finish_draft(session, draft, case_of(statement, record))
                made.append(Saved(record, link, statement, tuple(judgements)))
                if state is not None:
                    state = advance(state, _record(record, signed, link))
                    for more in follow(record):
                        saved, state = self._after(session, more, signers, state)
                        made.append(saved)
            if state is not None:
                self._states[case] = state
        for saved in made:
            for listener in self._listeners:
                listener(saved)
        return made[0]

    def _after(
        self, session: Session, statement: Statement, signers: Sequence[Signer], state: CaseState
    ) -> tuple[Saved, CaseState]:
        """One statement more in the same transaction, judged by the state that it comes to."""
        keys = tuple(one.verifier.key_id for one in signers)
        now = self._clock.wall_ms()
        judged = judge(statement, state, self._reference(), now, signers=keys)
        _expect_no_block(judged)
        signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(statement), signers)
        record = envelope.record_hash(signed)
        link = self._append(session, statement, signed, record)
        advanced = advance(state, _record(record, signed, link))
        return Saved(record, link, statement, tuple(judged)), advanced

    def _append(
        self, session: Session, statement: Statement, signed: envelope.Envelope, record: bytes
    ) -> Link:
        row = session.exec(select(JournalRow).where(col(JournalRow.open))).one()
        link = self._link(session, row, statement, record)
        row.length, row.head_hash = chain.advance(Head(row.length, row.head_hash), link)
        session.add(row)
        numbers.consume(session, statement)
        _store(session, statement, signed, record, link)
        return link

    def _link(self, session: Session, row: JournalRow, statement: Statement, record: bytes) -> Link:
        server_at = session.get(StateRow, SERVER_AT)
        return Link(
            journal=row.id,
            sequence=row.length,
            previous=row.head_hash,
            record=record,
            case_tag=_tag(session, statement, record),
            reference_version=self._reference().version,
            wall_at=self._clock.wall_ms(),
            boot=self._clock.boot_id,
            monotonic=self._clock.monotonic_ms(),
            server_at=int.from_bytes(server_at.value, "big") if server_at else 0,
        )

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def next_number(self, document: DocumentKind, year: int) -> Number:
        """The number that the next document of this kind will bear. Raises NumberGone when
        every block of the device is used up."""
        with self._vault.session() as session:
            return numbers.next_number(session, document, year)

    def inspection_label(self, device: str) -> str:
        """The number of the next inspection: from a block, else named by device and time."""
        at = self._clock.wall_ms()
        try:
            return self.next_number(DocumentKind.INSPECTION_NOTICE, local_day(at).year).label
        except NumberGone:
            return f"{device}-{at // 1000:x}"

    # ── reading ──────────────────────────────────────────────────────────────────────────

    def records(self, case: bytes) -> list[AnyRecord]:
        """The records of a case in the order of the journal."""
        with self._vault.session() as session:
            rows = session.exec(
                select(StatementRow, LinkRow)
                .join(LinkRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
                .join(JournalRow, col(LinkRow.journal) == col(JournalRow.id))
                .where(StatementRow.case_id == case)
                .order_by(col(JournalRow.opened_at), col(LinkRow.sequence))
            ).all()
        return [
            _record(row.record_hash, envelope.decode(row.envelope), chain.decode_link(link.link))
            for row, link in rows
            if damaged.readable(row) is not None
        ]

    def case_state(self, case: bytes) -> CaseState:
        """What the records of a case amount to."""
        with self._lock:
            state = self._states.get(case)
            if state is None:
                state = self._states[case] = fold(self.records(case), case.hex())
            return state


def _expect_no_block(judgements: Sequence[Judgement]) -> None:
    blocking = [one for one in judgements if one.level is Level.BLOCK]
    if blocking:
        raise RuleBlocks(
            "A rule stops this: {words}", words=blocking[0].en, judgements=tuple(judgements)
        )


def _tag(session: Session, statement: Statement, record: bytes) -> bytes:
    if opens_case(statement):
        return chain.case_tag(bytes.fromhex(statement.salt), record)
    if statement.case is None:
        return chain.NO_CASE
    case = session.get(CaseRow, bytes.fromhex(statement.case))
    return case.tag if case else chain.NO_CASE


def _store(
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
    if isinstance(statement, InspectionClosed) and case is not None:
        closed = session.get(CaseRow, case)
        if closed is not None:
            closed.closed_at = statement.at
            session.add(closed)


def _finish_draft(session: Session, draft: str | None, case: bytes | None) -> None:
    """A draft is gone once it is a record; one of another case is never touched."""
    finished = session.get(DraftRow, draft) if draft is not None else None
    if finished is not None and finished.case_id == case:
        session.delete(finished)


def _record(record: bytes, signed: envelope.Envelope, link: Link) -> AnyRecord:
    return Record(
        hash=record,
        statement=statements.decode(signed.body),
        signers=tuple(made.key_id for made in signed.signatures),
        link=link,
    )
