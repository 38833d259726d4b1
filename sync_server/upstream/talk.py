"""One talk with the upper level: each action of the engine done, what it proved saved, told back.

    talk.push(start, most)    links, and the statements that may go; receipts back, all verified
    talk.pull(cursor)         its office's word
    talk.open(name, size)     where to send a public text, and how much of it is there
    talk.send(name, at, size) a chunk of it

``FORWARDED`` are the statements that go with their links; of every other link the statement stays
here, and the upper level's log says *statement absent* of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import structlog
from sqlalchemy import select

from protocol import chain, statements
from protocol import envelope as dsse
from protocol.chain import EMPTY, Head
from protocol.engine import (
    ChunkStored,
    Event,
    GapNamed,
    Halted,
    Pulled,
    Pushed,
    UploadLost,
    UploadOpened,
    UploadSkipped,
)
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed
from protocol.keys import ED25519, Verifier
from protocol.messages import (
    MAX_BATCH,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    Refusal,
    UploadGranted,
    UploadWanted,
)
from protocol.receipt import Receipt, verify_receipt
from protocol.registry import lower
from protocol.statements import DeviceInventory, kind_of
from protocol.trust import TrustedLog
from sync_server.log.factrows import Linked
from sync_server.logs import words_of
from sync_server.services import Services
from sync_server.store.tables import JOURNAL
from sync_server.store.uppertables import UpstreamRow
from sync_server.upstream import ledger
from sync_server.upstream.line import Line, UpperRefuses

FORWARDED = (
    *lower.KINDS,
    "disclosure_published",
    "disclosure_corrected",
    "disclosure_withdrawn",
    "disclosure_reported",
)
"""What the upper level may read: what is public, and who signed it."""
PROGRAM = "fujie-server/0.3"

log = structlog.get_logger(__name__)


@dataclass
class Talk:
    """A server's talk with one upper level, begun with what is known of it."""

    services: Services
    row: UpstreamRow
    line: Line
    log: TrustedLog
    _grants: dict[bytes, UploadGranted] = field(default_factory=dict)

    @classmethod
    def begin(cls, services: Services, row: UpstreamRow) -> Talk:
        """A talk that goes on from ``row``."""
        keys, former = ledger.keys(row)
        return cls(
            services,
            row,
            Line(row.address, row.office, services.office_key, services.clock),
            TrustedLog(row.origin, keys, row.note or None, former=former),
        )

    def goes_on(self, row: UpstreamRow) -> bool:
        """Whether ``row`` says nothing on which a talk would have to begin anew."""
        return _ground(row) == _ground(self.row)

    # ── records ──────────────────────────────────────────────────────────────────────────

    def push(self, start: int, most: int) -> Event:
        """Send links from ``start`` on; verify and save what comes back. Raises what does not
        hold."""
        sent = self._next(start, most)
        items = [PushItem(link=one.link_bytes, statement=self._forwarded(one)) for one in sent]
        push = Push(inventory=self._inventory(start), items=items, seen=self.log.size)
        answer = self.line.post("/v1/push", push, PushAnswer)
        refusal = self._refusal(answer)
        if refusal is not None and refusal.reason != "gap":
            self._note(halted=refusal.reason)
            return Halted(refusal.reason)
        self.log.advance(answer.checkpoint, answer.consistency)
        receipts = self._receipts(sent, answer)
        if refusal is not None:
            return GapNamed(refusal.length)
        reached = reached_by(answer, start, len(sent))
        note, at = self.log.checkpoint_bytes or b"", self.services.clock.now()
        ledger.receipted(self.services.db, self.row.origin, reached, note, receipts, at)
        return Pushed(reached)

    def pull(self, cursor: int) -> Event:
        """Ask for the upper level's word, whose answers to uploads say the same of each text."""
        answer = self.line.get("/v1/pull", f"cursor={cursor}", PullAnswer)
        self._note(cursor=answer.cursor, heard_at=self.services.clock.now())
        return Pulled(answer.cursor, answer.more)

    def _next(self, start: int, most: int) -> list[Linked]:
        """The next links, about ``most`` bytes of them, one at least."""
        journal = self.services.office.journal
        taken: list[Linked] = []
        held = 0
        for one in self.services.facts.journal(journal, start, start + MAX_BATCH - 1):
            held += chain.LINK_SIZE + len(self._forwarded(one) or b"")
            if taken and held > most:
                break
            taken.append(one)
        return taken

    def _forwarded(self, one: Linked) -> bytes | None:
        return forwarded(one, self.row.agency)

    def _receipts(self, sent: list[Linked], answer: PushAnswer) -> dict[bytes, str]:
        """Those of the statements that went, by record hash."""
        found = {}
        for one, admitted in zip(sent, answer.admitted, strict=False):
            receipt = Receipt(
                admitted.entry, admitted.index, tuple(admitted.proof), answer.checkpoint
            )
            verify_receipt(
                receipt, one.link_hash, one.link.record, self.log.verifiers, self.log.origin
            )
            if self._forwarded(one) is not None:
                found[one.link.record] = receipt.encode().decode()
        return found

    def _refusal(self, answer: PushAnswer) -> Refusal | None:
        if answer.refusal is None:
            return None
        office = Verifier(ED25519, bytes.fromhex(self.row.office))
        signed = dsse.decode(answer.refusal)
        dsse.verify(signed, {office.key_id: office}.get)
        try:
            return msgspec.json.decode(signed.body, type=Refusal)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            raise Malformed("expected a refusal: {fault}", fault=str(fault)[:200]) from None

    def _inventory(self, acknowledged: int) -> bytes:
        services, journal = self.services, self.services.office.journal
        head = head_of(services, journal)
        office = services.facts.registry.device_of_journal(journal)
        held = DeviceInventory(
            agency=office.agency if office else "",
            at=services.clock.now(),
            salt=head.hash[:16].hex(),
            journal=journal.hex(),
            length=head.length,
            head=head.hash.hex(),
            unsent=head.length - acknowledged,
            oldest_unsent_at=None,
            blobs_outstanding=0,
            bytes_outstanding=0,
            free_bytes=0,
            boot=services.clock.boot.hex(),
            monotonic=services.clock.monotonic(),
            checkpoint_size=self.log.size,
            reference_version=0,
            program=PROGRAM,
        )
        key = services.office_key
        return dsse.encode(dsse.sign(STATEMENT_TYPE, statements.encode(held), [key]))

    # ── texts ────────────────────────────────────────────────────────────────────────────

    def open(self, name: bytes, size: int) -> Event:
        """Ask where to send a public text and how much of it is there."""
        wanted = UploadWanted(sha256=name, size=size)
        try:
            granted = self.line.post("/v1/uploads", wanted, UploadGranted)
        except UpperRefuses as fault:
            log.warning("a public text is not wanted", reason=words_of(fault))
            return UploadSkipped(name)
        if granted.complete:
            ledger.stored(self.services.db, self.row.origin, name)
            return UploadOpened(name, size, complete=True)
        self._grants[name] = granted
        return UploadOpened(name, granted.offset)

    def send(self, name: bytes, offset: int, size: int) -> Event:
        """Send one chunk of a public text; behind the last one, ask whether it is whole."""
        granted, path = self._grants.pop(name, None), self.services.facts.blob_path(name)
        if granted is None:
            return UploadLost(name)
        if path is None:
            return UploadSkipped(name)
        data = path.read_bytes()
        chunk = data[offset : offset + size]
        if not self.line.patch(granted.path, granted.token, offset, chunk):
            return UploadLost(name)
        if offset + len(chunk) < len(data):
            self._grants[name] = granted
            return ChunkStored(name, offset + len(chunk))
        told = self.open(name, len(data))
        done = isinstance(told, UploadOpened) and told.complete
        return ChunkStored(name, len(data), complete=True) if done else told

    def _note(self, **changes: object) -> None:
        ledger.note(self.services.db, self.row.origin, **changes)


def reached_by(answer: PushAnswer, start: int, sent: int) -> int:
    """How many links the upper level has: those that it gave receipts for, of those that went,
    whatever length it names. Raises Malformed."""
    got = len(answer.admitted)
    if got > sent or answer.length < start + got or (sent and not got):
        raise Malformed(
            "expected receipts for {sent} links, got {got}; it is tried again", sent=sent, got=got
        )
    return start + got


def forwarded(one: Linked, agency: str = "") -> bytes | None:
    """The statement of a link, if the upper level may read it: it is public, and of the agency that
    the upper level admitted."""
    if one.envelope is None:
        return None
    try:
        read = statements.decode(dsse.decode(one.envelope).body)
    except Malformed:
        return None
    asked = not agency or read.agency == agency
    return one.envelope if asked and kind_of(read) in FORWARDED else None


def head_of(services: Services, journal: bytes) -> Head:
    """Where a journal stands."""
    with services.db.engine.connect() as connection:
        row = connection.execute(
            select(JOURNAL.c.length, JOURNAL.c.head).where(JOURNAL.c.journal == journal)
        ).first()
    return Head(row[0], row[1]) if row else EMPTY


def _ground(row: UpstreamRow) -> tuple[object, ...]:
    whom = row.origin, row.address, row.log_keys, row.office
    return whom, row.device, row.agency, row.journal, row.halted
