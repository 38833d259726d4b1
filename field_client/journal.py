"""The tablet's journal: how a statement is made. Rules, sign, link, number, save.

    journal = Journal(vault, device_signer, clock)
    opened = journal.stamp(InspectionOpened, number="…", …)
    saved = journal.save(opened, signers=[officer_a, officer_b])      # durable when it returns

One transaction holds the statement, its link, the head, the consumed number and the rows of
the blobs it names; SQLCipher commits it with ``synchronous=FULL`` in WAL mode, so what was
acknowledged to an officer survives SIGKILL and power loss. After a failed commit the outcome
is unknown: the head is read again from the vault before the next link is made.
"""

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from protocol.rules import Judgement, Level, judge
from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.errors import NumberGone, RuleBlocks
from field_client.tables import (
    CaseRow,
    DraftRow,
    JournalRow,
    LinkRow,
    NumberBlockRow,
    Stage,
    StatementRow,
    StateRow,
)
from field_client.vault import Vault
from protocol import chain, envelope, statements
from protocol.calendar import local_day
from protocol.case import CaseState, Record, fold
from protocol.chain import Head, Link
from protocol.keys import Signer
from protocol.reference import Reference
from protocol.statements import (
    DocumentIssued,
    InspectionClosed,
    InspectionOpened,
    Statement,
)
from protocol.vocabulary import DocumentKind

SERVER_AT = "server_at"  # last verified server time, u64 big-endian, ms

S = TypeVar("S", bound=Statement)
Keep = Callable[[Session], object]


@dataclass(frozen=True)
class Saved:
    """A statement that is durable on this tablet: its record id, link and judgements."""

    record: bytes
    link: Link
    statement: Statement
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True)
class Number:
    """The next free number of a block, and the grant that it comes from."""

    label: str
    serial: int
    grant: bytes
    sealed_until: int | None


class Journal:
    """The links of this device for one agency. Safe for use by several threads."""

    def __init__(
        self,
        vault: Vault,
        device: Signer,
        clock: Clock,
        reference: Callable[[], Reference],
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._vault = vault
        self._device = device
        self._clock = clock
        self._reference = reference
        self._entropy = entropy
        self._lock = threading.Lock()
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

    def consider(self, statement: Statement) -> list[Judgement]:
        """What the rules say of a statement before it is signed."""
        case = bytes.fromhex(statement.case) if statement.case else None
        state = self.case_state(case) if case else None
        return judge(statement, state, self._reference(), self._clock.wall_ms())

    def save(
        self,
        statement: Statement,
        signers: Sequence[Signer],
        *,
        keeps: Sequence[Keep] = (),
        draft: str | None = None,
    ) -> Saved:
        """Judge, sign, link and store one statement; durable when it returns.

        ``keeps`` turn files already written and synced into blobs, in the same transaction;
        ``draft`` is the draft that the statement completes. Raises RuleBlocks, NumberGone, DiskFull, VaultError.
        """
        judgements = self.consider(statement)
        blocking = [j for j in judgements if j.level is Level.BLOCK]
        if blocking:
            raise RuleBlocks(
                "A rule stops this: {words}", words=blocking[0].en, judgements=tuple(judgements)
            )
        signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(statement), signers)
        with self._lock:
            saved = self._commit(statement, signed, keeps, draft, tuple(judgements))
        for listener in self._listeners:
            listener(saved)
        return saved

    def _commit(
        self,
        statement: Statement,
        signed: envelope.Envelope,
        keeps: Sequence[Keep],
        draft: str | None,
        judgements: tuple[Judgement, ...],
    ) -> Saved:
        record = envelope.record_hash(signed)
        with self._vault.transaction() as session:
            row = session.exec(select(JournalRow).where(col(JournalRow.open))).one()
            link = self._link(session, row, statement, record)
            head = chain.advance(Head(row.length, row.head_hash), link)
            row.length, row.head_hash = head
            session.add(row)
            self._store(session, statement, signed, record, link)
            for keep in keeps:
                keep(session)
            if isinstance(statement, DocumentIssued) and statement.grant:
                _consume(session, statement)
            if isinstance(statement, InspectionOpened):
                _consume_label(session, statement.number)
            if draft is not None:
                finished = session.get(DraftRow, draft)
                if finished is not None:
                    session.delete(finished)
        saved = Saved(record, link, statement, judgements)
        self._states.pop(_case_of(saved), None)
        return saved

    def _link(self, session: Session, row: JournalRow, statement: Statement, record: bytes) -> Link:
        server_at = session.get(StateRow, SERVER_AT)
        return Link(
            journal=row.id,
            sequence=row.length,
            previous=row.head_hash,
            record=record,
            case_tag=self._tag(session, statement, record),
            reference_version=self._reference().version,
            wall_at=self._clock.wall_ms(),
            boot=self._clock.boot_id,
            monotonic=self._clock.monotonic_ms(),
            server_at=int.from_bytes(server_at.value, "big") if server_at else 0,
        )

    def _tag(self, session: Session, statement: Statement, record: bytes) -> bytes:
        if isinstance(statement, InspectionOpened):
            return chain.case_tag(bytes.fromhex(statement.salt), record)
        if statement.case is None:
            return chain.NO_CASE
        case = session.get(CaseRow, bytes.fromhex(statement.case))
        return case.tag if case else chain.NO_CASE

    def _store(
        self,
        session: Session,
        statement: Statement,
        signed: envelope.Envelope,
        record: bytes,
        link: Link,
    ) -> None:
        case = (
            record
            if isinstance(statement, InspectionOpened)
            else (bytes.fromhex(statement.case) if statement.case else None)
        )
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
                stage=Stage.SAVED.value,
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

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def next_number(self, document: DocumentKind, year: int) -> Number:
        """The number that the next document of this kind will bear. Raises NumberGone when
        every block of the device is used up."""
        with self._vault.session() as session:
            for block in session.exec(
                select(NumberBlockRow)
                .where(NumberBlockRow.document == document.value, NumberBlockRow.year == year)
                .order_by(col(NumberBlockRow.next))
            ):
                if block.next <= block.last:
                    label = block.pattern.format(n=block.next)
                    return Number(label, block.next, block.grant_record, block.sealed_until)
        raise NumberGone(
            "This tablet has no number left for {document} of {year}. Connect it at the office "
            "to get a new block; everything else can go on.",
            document=document.value,
            year=year,
        )

    def inspection_label(self, device: str) -> str:
        """The number of the next inspection: from a block, else named by device and time.

        Numbers are labels (design: a case's id is its opening record), so that a used-up block
        never keeps an officer from opening an inspection.
        """
        at = self._clock.wall_ms()
        try:
            year = local_day(at).year
            return self.next_number(DocumentKind.INSPECTION_NOTICE, year).label
        except NumberGone:
            return f"{device}-{at // 1000:x}"

    # ── reading ──────────────────────────────────────────────────────────────────────────

    def records(self, case: bytes) -> list[Record]:
        """The records of a case in the order of the journal."""
        with self._vault.session() as session:
            rows = session.exec(
                select(StatementRow, LinkRow)
                .where(StatementRow.record_hash == LinkRow.record_hash)
                .where(StatementRow.case_id == case)
                .order_by(col(LinkRow.sequence))
            ).all()
        return [_record(statement, link) for statement, link in rows]

    def case_state(self, case: bytes) -> CaseState:
        """What the records of a case amount to."""
        state = self._states.get(case)
        if state is None:
            state = self._states[case] = fold(self.records(case))
        return state


def _case_of(saved: Saved) -> bytes:
    return bytes.fromhex(saved.statement.case) if saved.statement.case else saved.record


def _record(row: StatementRow, link: LinkRow) -> Record:
    signed = envelope.decode(row.envelope)
    return Record(
        hash=row.record_hash,
        statement=statements.decode(signed.body),
        signers=tuple(s.key_id for s in signed.signatures),
        link=chain.decode_link(link.link),
        index=None,
    )


def _consume_label(session: Session, number: str) -> None:
    """Take an inspection's number, if it came from a block."""
    blocks = session.exec(
        select(NumberBlockRow).where(
            NumberBlockRow.document == DocumentKind.INSPECTION_NOTICE.value
        )
    ).all()
    for block in blocks:
        if block.next <= block.last and number == block.pattern.format(n=block.next):
            block.next += 1
            session.add(block)


def _consume(session: Session, issued: DocumentIssued) -> None:
    """Take the number in the issuing statement's own transaction (design: numbers)."""
    assert issued.grant is not None
    block = session.get(NumberBlockRow, bytes.fromhex(issued.grant))
    if block is None or issued.number != block.pattern.format(n=block.next):
        raise NumberGone(
            "The number {number} was taken by another document meanwhile. Go back to the form; "
            "it gets the next one.",
            number=issued.number,
        )
    block.next += 1
    session.add(block)
