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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.errors import NumberGone, ReasonEmpty, ReasonNeeded, RuleBlocks
from field_client.store import damaged, lengths, numbers, office, rows
from field_client.store.numbers import Number
from field_client.store.tables import JournalRow, LinkRow, StatementRow
from field_client.store.vault import Vault
from protocol import chain, envelope
from protocol.calendar import local_day
from protocol.case import AnyRecord, CaseState, advance, fold
from protocol.chain import Link
from protocol.keys import Signer
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.rules import Judgement, Level, asks_reason, judge, subject_of
from protocol.statements import (
    InspectionOpened,
    RuleOverridden,
    Statement,
    TaskAssigned,
    case_of,
    opens_case,
)
from protocol.vocabulary import DocumentKind

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
        self._told = vault.told
        self._given: dict[bytes, dict[str, str]] = {}
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
        reasons: Mapping[str, str] | None = None,
    ) -> list[Judgement]:
        """What the rules say of a statement before it is saved; ``draft`` leaves out what only
        signatures can fulfil, and so do ``signers`` that are None. ``reasons`` are given with it,
        by rule, beside those of ``override``."""
        case = bytes.fromhex(statement.case) if statement.case else None
        return judge(
            statement,
            self.case_state(case) if case else None,
            self._reference(),
            self._clock.wall_ms(),
            signers=None if signers is None else tuple(one.verifier.key_id for one in signers),
            content=content,
            draft=draft,
            task=self._task(statement),
            reasons=self._reasons(statement, reasons),
        )

    def override(self, case: bytes, rule: str, reason: str) -> None:
        """Why the officers go on against a warning: signed with the next act of the case that is
        warned of by ``rule``, in its transaction. Raises ReasonEmpty."""
        if not reason.strip():
            raise ReasonEmpty("The reason is empty. Say why you go on against the warning.")
        with self._lock:
            self._given.setdefault(case, {})[rule] = reason.strip()

    def _reasons(self, statement: Statement, more: Mapping[str, str] | None) -> dict[str, str]:
        case = bytes.fromhex(statement.case) if statement.case else b""
        return {**self._given.get(case, {}), **(more or {})}

    def _task(self, statement: Statement) -> TaskAssigned | None:
        if not isinstance(statement, InspectionOpened) or not statement.task:
            return None
        with self._vault.session() as session:
            return office.task(session, statement.task, statement.at)

    def expect_allowed(
        self,
        statement: Statement,
        *,
        signers: Sequence[Signer] | None = None,
        content: Content | None = None,
        reasons: Mapping[str, str] | None = None,
    ) -> list[Judgement]:
        """What the rules say, if nothing stands against the statement. Raises RuleBlocks, and
        ReasonNeeded where a warning is to be gone against with a reason."""
        judgements = self.consider(statement, signers=signers, content=content, reasons=reasons)
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
        reasons: Mapping[str, str] | None = None,
    ) -> Saved:
        """Judge, sign, link and store one statement; durable when it returns.

        ``keeps`` turns files already written and synced into blobs, in the same transaction;
        ``draft`` is the draft that the statement completes, ``content`` the text of the document
        that it issues. ``follow`` gives what is stated with it and names its record, judged as
        after it; all of it is saved or nothing. ``reasons`` for going on against warnings, by
        rule, are records of their own before it, or behind what opens a case. Raises RuleBlocks,
        ReasonNeeded, TextTooLong, NumberGone, DiskFull, VaultError; then nothing of it is saved,
        unless the disk itself gave no answer.
        """
        with self._lock:
            judgements = self.expect_allowed(
                statement, signers=signers, content=content, reasons=reasons
            )
            signed = envelope.sign(envelope.STATEMENT_TYPE, lengths.body(statement), signers)
            record = envelope.record_hash(signed)
            case, opens = case_of(statement, record) or b"", opens_case(statement)
            whys = self._whys(statement, record, judgements, reasons)
            state = self._states.pop(case, None)  # read again, should the commit fail
            made: list[Saved] = []
            with self._vault.transaction() as session:
                for why in () if opens else whys:
                    state = self._after(session, why, signers, state, made)
                link = self._append(session, statement, signed, record)
                done = Saved(record, link, statement, tuple(judgements))
                made.append(done)
                for keep in keeps:
                    keep(session)
                    session.flush()
                rows.finish_draft(session, draft, case_of(statement, record))
                state = CaseState(case.hex()) if opens else state
                if state is not None:
                    state = advance(state, rows.record_of(record, signed, link))
                    for more in (*(whys if opens else ()), *follow(record)):
                        state = self._after(session, more, signers, state, made)
            if state is not None:
                self._states[case] = state
            for why in whys:
                self._given.get(case, {}).pop(why.rule, None)
        for saved in made:
            for listener in self._listeners:
                listener(saved)
        return done

    def _whys(
        self,
        statement: Statement,
        record: bytes,
        judgements: Sequence[Judgement],
        reasons: Mapping[str, str] | None,
    ) -> list[RuleOverridden]:
        """The reasons that the judgements took note of, as statements of their own."""
        given = self._reasons(statement, reasons)
        return [
            self.stamp(
                RuleOverridden,
                case_of(statement, record),
                rule=one.rule.id,
                reason=given[one.rule.id],
                concerning=subject_of(statement),
            )
            for one in judgements
            if one.rule.overridable and one.level is Level.RECORD and one.rule.id in given
        ]

    def _after(
        self,
        session: Session,
        statement: Statement,
        signers: Sequence[Signer],
        state: CaseState | None,
        made: list[Saved],
    ) -> CaseState:
        """One statement more in the same transaction, judged by the state that it comes to."""
        assert state is not None
        session.flush()
        keys = tuple(one.verifier.key_id for one in signers)
        now = self._clock.wall_ms()
        judged = judge(statement, state, self._reference(), now, signers=keys)
        _expect_no_block(judged)
        signed = envelope.sign(envelope.STATEMENT_TYPE, lengths.body(statement), signers)
        record = envelope.record_hash(signed)
        link = self._append(session, statement, signed, record)
        made.append(Saved(record, link, statement, tuple(judged)))
        return advance(state, rows.record_of(record, signed, link))

    def _append(
        self, session: Session, statement: Statement, signed: envelope.Envelope, record: bytes
    ) -> Link:
        place = rows.place_of(session, statement, record)
        link = self._link(place, record)
        chain.expect_next(place.head, link)
        numbers.consume(session, statement)
        rows.store(session, statement, signed, record, link)
        return link

    def _link(self, place: rows.Place, record: bytes) -> Link:
        return Link(
            journal=place.journal,
            sequence=place.head.length,
            previous=place.head.hash,
            record=record,
            case_tag=place.tag,
            reference_version=self._reference().version,
            wall_at=self._clock.wall_ms(),
            boot=self._clock.boot_id,
            monotonic=self._clock.monotonic_ms(),
            server_at=place.server_at,
        )

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def next_number(self, document: DocumentKind, year: int) -> Number:
        """The number that the next document of this kind will bear. Raises NumberGone when
        every block of the device is used up."""
        with self._vault.session() as session:
            return numbers.next_number(session, document, year, self._clock.wall_ms())

    def bearing(self, document: DocumentKind, label: str) -> Number | None:
        """A number that a block of this kind gave before."""
        with self._vault.session() as session:
            return numbers.bearing(session, document, label)

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
            found = session.exec(
                select(StatementRow, LinkRow)
                .join(LinkRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
                .join(JournalRow, col(LinkRow.journal) == col(JournalRow.id))
                .where(StatementRow.case_id == case)
                .order_by(col(JournalRow.opened_at), col(LinkRow.sequence))
            ).all()
        return [
            rows.record_of(
                row.record_hash, envelope.decode(row.envelope), chain.decode_link(link.link)
            )
            for row, link in found
            if damaged.readable(row) is not None
        ]

    def case_state(self, case: bytes) -> CaseState:
        """What the records of a case amount to, the office's among them."""
        with self._lock:
            if self._told != self._vault.told:
                self._told = self._vault.told
                self._states.clear()  # the office stated something since
            state = self._states.get(case)
            if state is None:
                with self._vault.session() as session:
                    theirs = office.of_case(session, case)
                state = fold([*self.records(case), *theirs], case.hex())
                self._states[case] = state
            return state


def _expect_no_block(judgements: Sequence[Judgement]) -> None:
    blocking = [one for one in judgements if one.level is Level.BLOCK]
    if blocking:
        raise RuleBlocks(
            "A rule stops this: {words}", words=blocking[0].en, judgements=tuple(judgements)
        )
    asking = [one for one in judgements if asks_reason(one)]
    if asking:
        raise ReasonNeeded(
            "A rule asks for a reason: {words}", words=asking[0].en, judgements=tuple(judgements)
        )
