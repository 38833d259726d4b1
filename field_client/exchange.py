"""What a contact changes on the tablet: receipts, stages, the office's records.

    push   links marked *sent*, then sent; each answered link is verified against the log and
           becomes *receipted* together with the checkpoint that proves it, in one transaction
    pull   the office's records: *stored* and *archived* acknowledgements, number blocks,
           revocation; each proved by its receipt before anything changes

Save the state, then send; verify, then save; a failure anywhere leaves the vault as it was.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import func
from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.errors import ServerUnclear
from field_client.reference import ReferenceShelf
from field_client.tables import (
    BlobRow,
    JournalRow,
    LinkRow,
    NoticeRow,
    NumberBlockRow,
    ReceiptRow,
    Stage,
    StatementRow,
    StateRow,
)
from field_client.vault import Vault
from field_client.wire import Wire
from protocol import chain, envelope, statements
from protocol.credential import IssuerClaims, open_device
from protocol.engine import Event, GapNamed, Halted, Pulled, Pushed, Referenced
from protocol.errors import Alarm
from protocol.keys import Signer, Verifier
from protocol.messages import (
    REFUSAL_TYPE,
    OfficeRecord,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    Refusal,
)
from protocol.receipt import Receipt, verify_receipt
from protocol.statements import (
    BlobStored,
    DeviceInventory,
    DeviceRevoked,
    FileArchived,
    NumbersGranted,
    Statement,
    Unknown,
)
from protocol.trust import TrustedLog

BATCH_LINKS = 200
BATCH_BYTES = 1 << 20
CHECKPOINT, CURSOR, SERVER_AT, ALARM, CONTACT = (
    "checkpoint",
    "cursor",
    "server_at",
    "alarm",
    "contact_at",
)
OFFICE = "office"
PROGRAM = "fujie-field/0.1"
UNSENT = (Stage.SAVED.value, Stage.SENT.value)


@dataclass
class Exchange:
    """One tablet's talk with its server; ``issuer`` certifies the keys that the server uses."""

    vault: Vault
    device: Signer
    clock: Clock
    wire: Wire
    shelf: ReferenceShelf
    log: TrustedLog
    issuer: IssuerClaims
    data_dir: Path

    # ── push ─────────────────────────────────────────────────────────────────────────────

    def push(self, start: int) -> Event:
        """Send links from ``start`` on, with the inventory; verify and save what comes back."""
        rows = self._mark_sent(start)
        sent = Push(
            inventory=self._inventory(),
            items=[PushItem(link=link, statement=statement) for link, statement in rows],
            seen=self.log.size,
        )
        answer = self.wire.post("/v1/push", sent, PushAnswer)
        self.wire.server_is_at(answer.at)
        if answer.refusal is not None:
            event = self._refused(answer)
            if not answer.admitted:
                return event
            self._keep_receipts(rows, answer)
            return event
        self._expect_our_history(answer)
        self._keep_receipts(rows, answer)
        return Pushed(answer.length)

    def _mark_sent(self, start: int) -> list[tuple[bytes, bytes]]:
        """The next links and their statements, marked as sent before they are."""
        with self.vault.transaction() as session:
            journal = _journal(session)
            found = session.exec(
                select(LinkRow, StatementRow)
                .where(LinkRow.record_hash == StatementRow.record_hash)
                .where(LinkRow.journal == journal.id, col(LinkRow.sequence) >= start)
                .order_by(col(LinkRow.sequence))
                .limit(BATCH_LINKS)
            ).all()
            batch: list[tuple[bytes, bytes]] = []
            size = 0
            for link, statement in found:
                size += len(statement.envelope) + chain.LINK_SIZE
                if batch and size > BATCH_BYTES:
                    break
                if link.stage == Stage.SAVED.value:
                    link.stage = Stage.SENT.value
                    session.add(link)
                batch.append((link.link, statement.envelope))
        return batch

    def _inventory(self) -> bytes:
        """The device's signed statement of what it holds."""
        with self.vault.session() as session:
            journal = _journal(session)
            unsent, oldest = session.exec(
                select(func.count(), func.min(LinkRow.saved_at)).where(
                    col(LinkRow.stage).in_(UNSENT)
                )
            ).one()
            blobs, size = session.exec(
                select(func.count(), func.coalesce(func.sum(BlobRow.size), 0)).where(
                    col(BlobRow.stage).in_(UNSENT)
                )
            ).one()
        agency = self.shelf.current.agency.id
        now = self.clock.wall_ms()
        held = DeviceInventory(
            agency=agency,
            at=now,
            salt=_salt(journal.head_hash, now),
            journal=journal.id.hex(),
            length=journal.length,
            head=journal.head_hash.hex(),
            unsent=unsent,
            oldest_unsent_at=oldest,
            blobs_outstanding=blobs,
            bytes_outstanding=int(size),
            free_bytes=shutil.disk_usage(self.data_dir).free,
            boot=self.clock.boot_id.hex(),
            monotonic=self.clock.monotonic_ms(),
            checkpoint_size=self.log.size,
            reference_version=self.shelf.version,
            program=PROGRAM,
        )
        body = statements.encode(held)
        return envelope.encode(envelope.sign(envelope.STATEMENT_TYPE, body, [self.device]))

    def _expect_our_history(self, answer: PushAnswer) -> None:
        """The server's head of the journal must be one of our links."""
        if answer.length == 0:
            return
        with self.vault.session() as session:
            journal = _journal(session)
            ours = session.exec(
                select(LinkRow.link_hash).where(
                    LinkRow.journal == journal.id, LinkRow.sequence == answer.length - 1
                )
            ).first()
        if ours != answer.head:
            raise ServerUnclear(
                "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
                "again by itself.",
                fault=f"link {answer.length - 1} is not ours",
            )

    def _keep_receipts(self, rows: list[tuple[bytes, bytes]], answer: PushAnswer) -> None:
        """Verify every receipt and the log that they come from; then save all at once."""
        self._advance(answer.checkpoint, answer.consistency)
        kept: list[tuple[bytes, Receipt, bool]] = []
        for (link, signed), admitted in zip(rows, answer.admitted, strict=False):
            receipt = Receipt(
                admitted.entry, admitted.index, tuple(admitted.proof), answer.checkpoint
            )
            opened = envelope.decode(signed)
            link_hash = chain.decode_link(link).hash()
            verify_receipt(
                receipt,
                link_hash,
                envelope.record_hash(opened),
                self.log.verifiers,
                self.log.origin,
            )
            blobs = statements.blobs_of(statements.decode(opened.body))
            kept.append((link_hash, receipt, bool(blobs)))
        with self.vault.transaction() as session:
            for link_hash, receipt, has_blobs in kept:
                _receipted(session, link_hash, receipt, has_blobs=has_blobs)
            if kept:
                newest = max(receipt.entry.received_at for _, receipt, _ in kept)
                _put(session, SERVER_AT, newest.to_bytes(8, "big"))
            self._put_checkpoint(session)
            _put(session, CONTACT, self.clock.wall_ms().to_bytes(8, "big"))

    def _refused(self, answer: PushAnswer) -> Event:
        assert answer.refusal is not None
        signed = envelope.decode(answer.refusal)
        envelope.verify(signed, self._office_keys().get)
        if signed.payload_type != REFUSAL_TYPE:
            raise ServerUnclear(
                "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
                "again by itself.",
                fault=signed.payload_type[:80],
            )
        refusal = msgspec.json.decode(signed.body, type=Refusal)
        if refusal.reason == "gap":
            return GapNamed(refusal.length)
        with self.vault.transaction() as session:
            session.merge(
                NoticeRow(
                    id=envelope.record_hash(signed),
                    kind="refusal",
                    body=signed.body.decode(),
                    at=refusal.at,
                )
            )
        return Halted(refusal.reason)

    def _office_keys(self) -> dict[bytes, Verifier]:
        """The keys of the office's own devices, as the roster certifies them."""
        opened = [
            open_device(device.certificate, self.issuer)
            for device in self.shelf.current.devices
            if device.name == OFFICE
        ]
        return {claims.verifier.key_id: claims.verifier for claims in opened}

    # ── pull ─────────────────────────────────────────────────────────────────────────────

    def pull(self, cursor: int) -> Event:
        """Fetch the office's records after ``cursor``; verify all, then apply all."""
        answer = self.wire.get("/v1/pull", f"cursor={cursor}", PullAnswer)
        proved = [(self._prove(record), record) for record in answer.records]
        with self.vault.transaction() as session:
            for statement, record in proved:
                self._apply(session, statement, record)
            _put(session, CURSOR, answer.cursor.to_bytes(8, "big"))
            _put(session, CONTACT, self.clock.wall_ms().to_bytes(8, "big"))
        return Pulled(answer.cursor, answer.more)

    def _prove(self, record: OfficeRecord) -> Statement | Unknown:
        """The statement of an office's record, proved to be in the log of this server."""
        signed = envelope.decode(record.statement)
        link = chain.decode_link(record.link)
        verify_receipt(
            Receipt.decode(record.receipt),
            link.hash(),
            envelope.record_hash(signed),
            self.log.verifiers,
            self.log.origin,
        )
        return statements.decode(signed.body)

    def _apply(
        self, session: Session, statement: Statement | Unknown, record: OfficeRecord
    ) -> None:
        match statement:
            case BlobStored(sha256=name):
                _blob_reaches(session, bytes.fromhex(name), Stage.STORED)
                _settle_stored(session)
            case FileArchived(case=case) if case is not None:
                _case_reaches(session, bytes.fromhex(case), Stage.ARCHIVED)
            case NumbersGranted():
                keep_grant(session, statement, record)
            case DeviceRevoked():
                self._notice(session, statement, record)
            case _:
                return

    def _notice(self, session: Session, statement: Statement, record: OfficeRecord) -> None:
        signed = envelope.decode(record.statement)
        session.merge(
            NoticeRow(
                id=envelope.record_hash(signed),
                kind=statements.kind_of(statement),
                body=signed.body.decode(),
                at=statement.at,
            )
        )

    # ── reference data ───────────────────────────────────────────────────────────────────

    def fetch_reference(self) -> Event:
        """Fetch newer reference data if there is any; verified before it is kept."""
        bundle = self.wire.get_bytes("/v1/reference", f"have={self.shelf.version}")
        if bundle is not None:
            self.shelf.put(bundle)
        return Referenced()

    # ── the log ──────────────────────────────────────────────────────────────────────────

    def _advance(self, checkpoint: bytes, proof: list[bytes]) -> None:
        """Move the view of the log forward, or keep the alarm and its evidence for good."""
        try:
            self.log.advance(checkpoint, proof)
        except Alarm as alarm:
            evidence = msgspec.json.encode(
                {
                    "template": alarm.template,
                    "facts": {key: str(value) for key, value in alarm.facts.items()},
                    "evidence": [note.decode() for note in getattr(alarm, "evidence", ())],
                    "at": self.clock.wall_ms(),
                }
            )
            self.vault.set_state(ALARM, evidence)
            raise

    def _put_checkpoint(self, session: Session) -> None:
        if self.log.checkpoint_bytes is not None:
            _put(session, CHECKPOINT, self.log.checkpoint_bytes)


def keep_grant(session: Session, granted: NumbersGranted, record: OfficeRecord) -> None:
    """Keep a block of numbers, once; what was used of it stays used."""
    grant = envelope.record_hash(envelope.decode(record.statement))
    if session.get(NumberBlockRow, grant) is None:
        session.add(
            NumberBlockRow(
                grant_record=grant,
                agency=granted.agency,
                document=granted.document.value,
                year=granted.year,
                next=granted.first,
                last=granted.last,
                pattern=granted.pattern,
                sealed_until=granted.sealed_until,
            )
        )


def _journal(session: Session) -> JournalRow:
    return session.exec(select(JournalRow).where(col(JournalRow.open))).one()


def _put(session: Session, name: str, value: bytes) -> None:
    session.merge(StateRow(name=name, value=value))


def _salt(head: bytes, now: int) -> str:
    """Inventories hold nothing to guess, so their salt need only differ from one another."""
    return (int.from_bytes(head[:16], "big") ^ now).to_bytes(16, "big").hex()


def _receipted(session: Session, link_hash: bytes, receipt: Receipt, *, has_blobs: bool) -> None:
    row = session.get(LinkRow, link_hash)
    if row is None:
        return
    entry = receipt.entry
    session.merge(
        ReceiptRow(
            link_hash=link_hash,
            receipt=receipt.encode(),
            verdict=int(entry.verdict),
            reasons=bytes(entry.reasons),
            received_at=entry.received_at,
        )
    )
    # A record that names no blob has nothing left to store.
    _forward(session, row, Stage.RECEIPTED if has_blobs else Stage.STORED)


def _forward(session: Session, row: LinkRow | BlobRow, stage: Stage) -> None:
    """Stages go forward only, within one log."""
    if Stage(row.stage).rank < stage.rank:
        row.stage = stage.value
        session.add(row)


def _blob_reaches(session: Session, name: bytes, stage: Stage) -> None:
    row = session.get(BlobRow, name)
    if row is not None:
        row.uploaded_offset = row.size
        _forward(session, row, stage)


def _settle_stored(session: Session) -> None:
    """A receipted record is stored when every blob that it names is."""
    waiting = session.exec(
        select(LinkRow, StatementRow)
        .where(LinkRow.record_hash == StatementRow.record_hash)
        .where(LinkRow.stage == Stage.RECEIPTED.value)
    ).all()
    for link, row in waiting:
        named = statements.blobs_of(statements.decode(envelope.decode(row.envelope).body))
        held = [session.get(BlobRow, bytes.fromhex(blob.sha256)) for blob in named]
        if all(blob is not None and Stage(blob.stage).rank >= 3 for blob in held):
            _forward(session, link, Stage.STORED)


def _case_reaches(session: Session, case: bytes, stage: Stage) -> None:
    links = session.exec(
        select(LinkRow)
        .where(LinkRow.record_hash == StatementRow.record_hash)
        .where(StatementRow.case_id == case)
    ).all()
    for link in links:
        _forward(session, link, stage)
    for blob in session.exec(select(BlobRow).where(BlobRow.case_id == case)).all():
        _forward(session, blob, stage)
