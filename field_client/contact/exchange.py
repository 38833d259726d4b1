"""What a contact changes on the tablet: receipts, stages, the office's records.

    push   links marked *sent*, then sent; each answered link is verified against the log and
           becomes *receipted* together with the checkpoint that proves it, in one transaction
    pull   the office's records: *stored* and *archived* acknowledgements, number blocks,
           revocation; each proved by its receipt before anything changes

Save the state, then send; verify (``proofs.py``, ``history.py``), then save; a failure anywhere
leaves the vault as it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col

from field_client.contact import forks, outcomes, proofs, unread
from field_client.contact.batches import Batches
from field_client.contact.following import Following
from field_client.contact.history import History
from field_client.contact.inventory import open_journal, signed_inventory
from field_client.contact.proofs import Proved, Sent
from field_client.contact.reference import ReferenceShelf
from field_client.contact.rekeying import Rekeying
from field_client.contact.standing import standing
from field_client.contact.turns import Talk, Wired, in_turn
from field_client.contact.wire import Wire, unclear
from field_client.device_clock import Clock
from field_client.errors import NoNetwork
from field_client.keys.device_keys import CurrentKey
from field_client.store import stages
from field_client.store.stages import ALARM, CHECKPOINT, CONTACT, CURSOR, HALTED, SERVER_AT
from field_client.store.tables import LinkRow, NoticeRow, Stage
from field_client.store.vault import Vault
from protocol import chain
from protocol.engine import Event, GapNamed, Halted, Pulled, Pushed, Referenced, Restarted
from protocol.errors import Alarm, FujieError, UnknownSigner, Unwitnessed
from protocol.messages import (
    OfficeRecord,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    Refusal,
)
from protocol.pacing import FIRST_PUSH
from protocol.receipt import Receipt
from protocol.statements import BlobStored

__all__ = ["ALARM", "CHECKPOINT", "CONTACT", "CURSOR", "SERVER_AT", "Exchange"]

SENT = Stage.SENT.value

log = logging.getLogger(__name__)


@dataclass
class Exchange(Talk):
    """One tablet's talk with its server."""

    vault: Vault
    device: CurrentKey
    clock: Clock
    wire: Wire
    shelf: ReferenceShelf
    history: History
    following: Following
    data_dir: Path
    rekeying: Rekeying
    turn: threading.RLock = field(default_factory=threading.RLock)
    _batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self._batches = Batches(self.vault, self.clock)

    def rest(self, seconds: float) -> None:
        """Wait for what goes on beside an exchange."""
        self._batches.rest(seconds)

    def talkers(self) -> Sequence[Wired]:
        """All parts that hold the wire."""
        return (self, self.history, self.following, self.rekeying)

    # ── push ─────────────────────────────────────────────────────────────────────────────

    @in_turn
    def push(self, start: int, most: int = FIRST_PUSH) -> Event:
        """Send links from ``start`` on, ``most`` bytes of them or one, with the inventory; verify
        and save what comes back."""
        self.rekeying.attend()
        self.history.heed(self.shelf.current)
        sent = self._batches.next(start, most)
        items = [PushItem(link=link, statement=statement) for link, statement in sent]
        seen = self.history.log.size
        asked = Push(inventory=self._inventory(), items=items, seen=seen, runs=True)
        told = self.wire.tell("/v1/push", asked, PushAnswer, lambda: self._leaving(start, sent))
        heard = self.hear(start, sent, told.answer)
        if isinstance(heard, Pushed):
            return replace(heard, sent=told.sent, took_ms=told.took_ms)
        return heard

    def hear(self, start: int, sent: Sequence[Sent], answer: PushAnswer) -> Event:
        """What an answer says of the links ``sent``, the first of them at ``start``, however it
        came: verified, and saved."""
        if self.history.is_foreign(answer.checkpoint) and self.following.follow():
            return Restarted(standing(self.vault))
        refusal = self._refusal(answer)
        if refusal is None or refusal.reason == "gap":
            with self.vault.session() as session:
                other = forks.other_history(session, answer)
            if other is not None:
                said = self._ask()
                if isinstance(said, Restarted):
                    return said
                raise other
        kept = self._keep_receipts(sent, answer)
        if refusal is not None:
            self._mark(sent[kept:], Stage.SAVED.value)
            return self._refused(refusal, start + kept)
        if (sent and not kept) or answer.length < start + kept:
            raise unclear(
                "{receipts} receipts, and {links} links held", receipts=kept, links=answer.length
            )
        return Pushed(start + kept)

    def _leaving(self, start: int, sent: Sequence[Sent]) -> None:
        """A push is about to leave; what follows it is read meanwhile."""
        self._mark(sent, SENT)
        if sent:
            self._batches.ahead(start + len(sent))

    def _mark(self, sent: Sequence[Sent], stage: str) -> None:
        """*Sent* as soon as there is a connection, before the first byte leaves; *saved* again
        where the office took none of it: nobody is told what did not happen."""
        names = [chain.decode_link(link).hash() for link, _ in sent]
        other = Stage.SAVED.value if stage == SENT else SENT
        with self.vault.transaction() as session:
            session.exec(
                update(LinkRow)
                .where(col(LinkRow.link_hash).in_(names), col(LinkRow.stage) == other)
                .values(stage=stage)
            )

    def _inventory(self) -> bytes:
        return signed_inventory(
            self.vault,
            self.device.signer,
            self.clock,
            self.data_dir,
            agency=self.shelf.current.agency.id,
            checkpoint_size=self.history.log.size,
            reference_version=self.shelf.version,
        )

    def _ask(self) -> Event:
        """The office may have said already what becomes of this journal."""
        return self.pull(int.from_bytes(self.vault.state(CURSOR) or b"", "big"))

    def _keep_receipts(self, sent: Sequence[Sent], answer: PushAnswer) -> int:
        """Verify every receipt and the log that they come from; then save all at once. How many
        links have their receipt now."""
        self._learn(answer.checkpoint)
        self.history.advance(answer.checkpoint, answer.consistency)
        self.wire.server_is_at(answer.at)
        try:
            proved = proofs.receipts(sent, answer, self.history.log)
        except Unwitnessed:
            with self.vault.transaction() as session:
                self._put_contact(session)
            raise
        with self.vault.transaction() as session:
            stages.receipted(session, proved)
            stages.settle(session, [link_hash for link_hash, _ in proved])
            self._put_contact(session)
        return len(proved)

    def _learn(self, note: bytes) -> None:
        """A head by a key that is not known here, or without its witnesses, may be what newer
        reference data explain."""
        if not self.history.is_known(note):
            self._look()

    def _look(self) -> None:
        """Newer reference data if they are to be had: also a tablet that may send nothing learns
        who is suspended, and that it is revoked itself."""
        try:
            self.fetch_reference()
        except FujieError as error:
            log.warning("no newer reference data: %s", error)

    def _refusal(self, answer: PushAnswer) -> Refusal | None:
        if answer.refusal is None:
            return None
        keys = proofs.office_keys(self.shelf.current, self.shelf.issuers)
        with self.vault.session() as session:
            journal = open_journal(session).id
        since = int.from_bytes(self.vault.state(SERVER_AT) or b"", "big")
        return proofs.refusal(answer.refusal, keys, journal, since)

    def _refused(self, refusal: Refusal, reached: int) -> Event:
        """A gap is closed by going back; any other refusal waits for people."""
        if refusal.reason == "gap":
            if refusal.length >= reached:
                raise unclear("a gap at {place}, which was sent", place=refusal.length)
            return GapNamed(refusal.length)
        with self.vault.transaction() as session:
            forks.expect_proof(session, refusal)
            session.merge(
                NoticeRow(
                    id=bytes.fromhex(refusal.journal) + refusal.at.to_bytes(8, "big"),
                    kind="refusal",
                    body=msgspec.json.encode(refusal).decode(),
                    at=refusal.at,
                )
            )
        if refusal.reason == "closed":
            said = self._ask()
            if isinstance(said, Restarted):
                return said
        # In this turn: whoever has the next one may bring what lifts it.
        self.vault.set_state(HALTED, refusal.reason.encode())
        self._look()
        return Halted(refusal.reason)

    # ── pull ─────────────────────────────────────────────────────────────────────────────

    @in_turn
    def pull(self, cursor: int) -> Event:
        """Fetch the office's records after ``cursor``; verify all, then apply all. While an
        alarm stands, only a successor of the log is asked for. Whoever had the turn before may
        have gone back in the log: never more is passed over than was saved as heard."""
        if self.following.is_awaited:
            followed = self.following.follow()
            return Restarted(standing(self.vault)) if followed else Pulled(cursor, more=False)
        self.rekeying.attend()
        self.history.heed(self.shelf.current)
        cursor = min(cursor, int.from_bytes(self.vault.state(CURSOR) or b"", "big"))
        answer = self.wire.get("/v1/pull", f"cursor={cursor}&findings=1", PullAnswer)
        if answer.cursor < cursor or (answer.more and answer.cursor == cursor):
            raise unclear("place {next} after place {last}", next=answer.cursor, last=cursor)
        if any(self._is_foreign(one) for one in answer.records):
            if self.following.follow():
                return Restarted(standing(self.vault))
            raise unclear("records of another log")
        found = self._prove(answer.records)
        proved = [*self._read_again(), *(one for _, one in found)]
        for note in {one.receipt.checkpoint_bytes for one in proved}:
            self.history.confirm(note)
        with self.vault.transaction() as session:
            device = open_journal(session)
            changed = [outcomes.apply(session, one, device) for one in proved]
            for record, one in found:
                unread.keep(session, record, one)
            unread.keep_aside(session, answer.records, [record for record, _ in found])
            for one in proved:
                unread.done(session, one)
            stages.settle(session, None if proved else ())
            stages.put_later(session, CURSOR, answer.cursor)
            unread.keep_findings(session, answer)
            self._put_contact(session)
        self.vault.told += bool(proved)
        self.rekeying.attend()
        if self.vault.state(HALTED):
            self._look()
            changed.append(self._succeeded())
        if any(changed):
            return Restarted(standing(self.vault))
        return Pulled(answer.cursor, answer.more)

    @in_turn
    def hear_stored(self, name: bytes, record: OfficeRecord) -> None:
        """The office's word on a blob that came with the answer to its upload, because another
        device's pull brings it: proved and applied as if it had been pulled."""
        if self._is_foreign(record):
            return  # the next push or pull finds the successor
        for _, one in self._prove([record]):
            said = one.statement
            if not isinstance(said, BlobStored) or said.sha256 != name.hex():
                raise unclear("the word on another blob")
            self.history.confirm(one.receipt.checkpoint_bytes)
            with self.vault.transaction() as session:
                outcomes.apply(session, one, open_journal(session))
                stages.settle(session)
                self.history.keep(session)
            self.vault.told += 1

    def _is_foreign(self, record: OfficeRecord) -> bool:
        return self.history.is_foreign(Receipt.decode(record.receipt).checkpoint_bytes)

    def _succeeded(self) -> bool:
        """Whether a successor of the log was followed. A tablet that may send nothing sees no head
        by which it would notice one, and the word that it waits for may be there alone."""
        try:
            return self.following.follow()
        except (NoNetwork, Alarm):
            raise
        except FujieError as error:
            log.warning("the log's successor is not followed: %s", error)
            return False

    def _read_again(self) -> list[Proved]:
        """Records that came while this program could not read them, and that it can read now."""
        known = []
        for record in unread.readable(self.vault):
            try:
                known.append(self._proved(record))
            except FujieError as error:
                log.warning("a kept record of the office does not hold: %s", error)
        return [one for one in known if one is not None]

    def _prove(self, records: Sequence[OfficeRecord]) -> list[tuple[OfficeRecord, Proved]]:
        """The records with their proofs. One by a key that nobody here knows may be by a new key
        of the office, which the newest roster names; if it is not, it is left aside, so that it
        does not hold up the others."""
        if any(self._proved(one) is None for one in records):
            self.fetch_reference()
        proved = [(one, self._proved(one)) for one in records]
        return [(record, one) for record, one in proved if one is not None]

    def _proved(self, record: OfficeRecord) -> Proved | None:
        keys = proofs.office_keys(self.shelf.current, self.shelf.issuers)
        try:
            return proofs.office_record(record, self.history.log, self.shelf.issuers, keys)
        except UnknownSigner as error:
            log.warning("a record of the office is left aside: %s", error)
            return None

    # ── reference data ───────────────────────────────────────────────────────────────────

    @in_turn
    def fetch_reference(self) -> Event:
        """Fetch newer reference data if there is any; verified before it is kept."""
        self.shelf.fetch(self.wire)
        self.history.heed(self.shelf.current)
        return Referenced()

    def _put_contact(self, session: Session) -> None:
        self.history.keep(session)
        stages.put(session, CONTACT, self.clock.wall_ms().to_bytes(8, "big"))
