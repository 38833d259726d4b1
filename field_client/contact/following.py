"""Following the office's log to its successor, on the word of the agency's root.

Asked for when an answer bears another log's name, and at each contact while an alarm stands:

    GET /log/succession       the chain of successions, each signed by the root
    GET /log/consistency      the newest head, proved to go on from what was taken over
                              … and from what this tablet has seen; where the two part, a bisection
                              over the heads of its receipts finds the last one that both share

Then, in one transaction: the successor's name, keys and head; what was receipted behind the
shared head is *saved* again and its receipt kept aside; blobs and number blocks whose word lies
behind it are asked for again; the cursor goes back to it; the alarm is kept as answered, and
sending goes on. What the successor holds already it answers as before, so that what is sent
again is only ever too much.

A file that is gone from this tablet and whose word the successor may lack is a notice
(``blob_lost``): never silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from field_client.contact import standing, unread
from field_client.contact.history import FollowedLog, History, readable
from field_client.contact.reference import ReferenceShelf
from field_client.contact.wire import Wire
from field_client.device_clock import Clock
from field_client.errors import ServerRefuses, ServerUnclear
from field_client.store import damaged, stages
from field_client.store.stages import ALARM, CURSOR, LOG
from field_client.store.tables import (
    BlobRow,
    LinkRow,
    NoticeRow,
    NumberBlockRow,
    OldReceiptRow,
    PassedLogRow,
    ReceiptRow,
    Stage,
    StatementRow,
    StateRow,
    SuspendedGrantRow,
    WordRow,
)
from field_client.store.vault import Vault
from protocol import statements
from protocol.checkpoint import Checkpoint
from protocol.errors import Alarm, BadConsistency, Malformed, UnknownSigner
from protocol.receipt import Receipt
from protocol.succession import Followed, continues, follow_all, read_chain
from protocol.witness import NOBODY

ALARMED = "alarm"
SUCCEEDED, BLOB_LOST = "log_succeeded", "blob_lost"
HELD = (Stage.STORED.value, Stage.ARCHIVED.value)


@dataclass
class Following:
    """The way from the log that was trusted to the one that follows it."""

    history: History
    vault: Vault
    wire: Wire
    clock: Clock
    shelf: ReferenceShelf
    blobs_dir: Path

    @property
    def is_awaited(self) -> bool:
        """Whether an alarm stands, which only a successor ends."""
        with self.vault.session() as session:
            return standing.halt(session) == ALARMED

    def follow(self) -> bool:
        """Follow the log's successors to the last one. False if the server names none.

        Raises NoNetwork, and what the succession or its proofs fail by: then nothing changed.
        Keys that are not known yet may be newer ones, of the root or of the successor: the
        agency's reference data name them.
        """
        told = self._told()
        try:
            return self._follow(told)
        except UnknownSigner:
            self.shelf.fetch(self.wire)
            return self._follow(told)

    def _follow(self, told: Sequence[bytes]) -> bool:
        try:
            left = _left(self.vault)
            steps = follow_all(self.history.log, told, self.shelf.roots, left)
        except Alarm as alarm:  # the agency names another history than the one that was seen
            self.history.keep_alarm(alarm)
            raise
        if not steps:
            return False
        last, named = steps[-1], self.shelf.current
        last.log.trust(readable(named.log_keys), NOBODY, readable(named.log_keys_lost))
        proof, note = self.history.proof(max(1, last.taken_over))
        head = last.begin(note, proof if last.taken_over else [])
        kept = self._shared(head, min(step.taken_over for step in steps))
        with self.vault.transaction() as session:
            self._pass(session, steps, kept)
        self.history.log, self.history.doubts = last.log, 0
        return True

    def _told(self) -> list[bytes]:
        try:
            return read_chain(self.wire.get_text("/log/succession", "").encode())
        except (ServerRefuses, ServerUnclear, Malformed):
            return []

    # ── what both hold ───────────────────────────────────────────────────────────────────

    def _shared(self, head: Checkpoint, most: int) -> int:
        """The size of the largest tree that was seen here and is a part of the successor's."""
        seen = sorted(one for one in self._sizes() if 0 < one[0] <= most)
        low, high, probe = 0, len(seen), len(seen) - 1
        while low < high:
            if self._agrees(*seen[probe], head):
                low = probe + 1
            else:
                high = probe
            probe = (low + high) // 2
        return seen[low - 1][0] if low else 0

    def _sizes(self) -> set[tuple[int, bytes]]:
        """(size, root) of every head that was verified here."""
        with self.vault.session() as session:
            receipts = session.exec(select(ReceiptRow.receipt)).all()
        notes = {Receipt.decode(receipt).checkpoint_bytes for receipt in receipts}
        if self.history.log.checkpoint_bytes is not None:
            notes.add(self.history.log.checkpoint_bytes)
        heads = (_head(note) for note in notes)
        return {(one.size, one.root) for one in heads}

    def _agrees(self, size: int, root: bytes, head: Checkpoint) -> bool:
        old = Checkpoint(self.history.log.origin, size, root)
        proof = self.history.proof(size, head.size)[0] if size < head.size else []
        try:
            continues(old, head, proof)
        except BadConsistency:
            return False
        return True

    # ── the one transaction ──────────────────────────────────────────────────────────────

    def _pass(self, session: Session, steps: Sequence[Followed], kept: int) -> None:
        last, before = steps[-1], self.history.log
        again, least = _send_again(session, kept, before.origin)
        least = min(least, unread.first(session, least))
        # What was pushed moves the head past words that were not pulled yet.
        cursor = min(_cursor(session), max(0, least - 1)) if _words_known(session) else 0
        lost = _ask_again(session, cursor, self.blobs_dir)
        _suspend(session, cursor)
        alarm = session.get(StateRow, ALARM)
        session.merge(
            PassedLogRow(
                origin=before.origin,
                keys="\n".join(key.text() for key in (*before.verifiers, *before.former)),
                checkpoint=before.checkpoint_bytes or b"",
                successor=last.log.origin,
                succession=last.signed,
                why=last.succession.why,
                kept=kept,
                again=again,
                at=self.clock.wall_ms(),
                alarm=alarm.value if alarm else b"",
            )
        )
        self._tell(session, last, again, lost)
        followed = FollowedLog(last.log.origin, [key.text() for key in last.log.verifiers])
        stages.put(session, LOG, msgspec.json.encode(followed))
        stages.put(session, stages.CHECKPOINT, last.log.checkpoint_bytes or b"")
        stages.put(session, CURSOR, cursor.to_bytes(8, "big"))
        if alarm is not None:
            session.delete(alarm)
        if standing.halt(session) == ALARMED:
            standing.lift(session)

    def _tell(self, session: Session, last: Followed, again: int, lost: Iterable[BlobRow]) -> None:
        at, said = self.clock.wall_ms(), last.succession
        body = {"predecessor": said.predecessor, "successor": said.successor, "why": said.why}
        session.merge(
            NoticeRow(
                id=last.log.origin.encode(),
                kind=SUCCEEDED,
                body=msgspec.json.encode(body | {"again": again}).decode(),
                at=at,
            )
        )
        for blob in lost:
            session.merge(
                NoticeRow(
                    id=b"lost" + blob.sha256,
                    kind=BLOB_LOST,
                    case_id=blob.case_id,
                    body=msgspec.json.encode(
                        {"sha256": blob.sha256.hex(), "size": blob.size, "purpose": blob.purpose}
                    ).decode(),
                    at=at,
                )
            )


def last_passed(vault: Vault) -> PassedLogRow | None:
    """The log that was left last, if one was."""
    with vault.session() as session:
        return session.exec(select(PassedLogRow).order_by(col(PassedLogRow.at).desc())).first()


def _left(vault: Vault) -> list[str]:
    """The names of all logs that were left: none of them comes again."""
    with vault.session() as session:
        return list(session.exec(select(PassedLogRow.origin)).all())


def lost_blobs(vault: Vault) -> int:
    """How many files were gone from here when they were to be sent again."""
    with vault.session() as session:
        found = select(func.count()).select_from(NoticeRow).where(NoticeRow.kind == BLOB_LOST)
        return session.exec(found).one()


def evidence(vault: Vault) -> list[bytes]:
    """The evidence of every alarm, the one that stands last; JSON, as ``fujie-verify --evidence``
    reads it."""
    with vault.session() as session:
        passed = session.exec(select(PassedLogRow).order_by(col(PassedLogRow.at))).all()
        stands = session.get(StateRow, ALARM)
    return [row.alarm for row in passed if row.alarm] + ([stands.value] if stands else [])


def _head(note: bytes) -> Checkpoint:
    """The head in a note that was verified when it was saved."""
    text, _, _ = note.decode().partition("\n\n")
    return Checkpoint.parse(text + "\n")


def _send_again(session: Session, kept: int, origin: str) -> tuple[int, int]:
    """Take the links back to *saved* whose receipts need more of the log than ``kept`` entries.
    How many those are, and the least place of one of them, or ``kept``. What becomes of those in
    a journal that was left, the office's word on its end decides (``reopening.py``)."""
    least, again = kept, 0
    rows = session.exec(
        select(LinkRow, ReceiptRow).where(LinkRow.link_hash == ReceiptRow.link_hash)
    ).all()
    for link, row in rows:
        receipt = Receipt.decode(row.receipt)
        if _head(receipt.checkpoint_bytes).size <= kept:
            continue
        old = OldReceiptRow(link_hash=link.link_hash, origin=origin, receipt=row.receipt)
        session.merge(old)
        session.delete(row)
        link.stage = Stage.SAVED.value
        session.add(link)
        least, again = min(least, receipt.index), again + 1
    session.flush()
    return again, least


def _cursor(session: Session) -> int:
    held = session.get(StateRow, CURSOR)
    return int.from_bytes(held.value, "big") if held is not None else 0


def _words_known(session: Session) -> bool:
    """Whether the place of each word of the office is known; a vault from before this was noted
    asks for all of them again."""
    known = set(session.exec(select(WordRow.subject)).all())
    blobs = session.exec(select(BlobRow.sha256).where(col(BlobRow.stage).in_(HELD))).all()
    grants = session.exec(select(NumberBlockRow.grant_record)).all()
    return known.issuperset(blobs) and known.issuperset(grants)


def _ask_again(session: Session, cursor: int, folder: Path) -> list[BlobRow]:
    """Blobs whose word lies behind the cursor are asked for again, and the records that name
    them wait for it. Those whose file is not here any more."""
    behind = _behind(session, cursor)
    blobs = [
        blob
        for blob in session.exec(select(BlobRow).where(col(BlobRow.stage).in_(HELD)))
        if blob.sha256 in behind
    ]
    for blob in blobs:
        blob.stage, blob.uploaded_offset = Stage.SAVED.value, 0
        session.add(blob)
    _wait_again(session, {blob.sha256.hex() for blob in blobs})
    return [blob for blob in blobs if not (folder / blob.path).is_file()]


def _wait_again(session: Session, names: set[str]) -> None:
    if not names:
        return
    found = session.exec(
        select(LinkRow, StatementRow)
        .where(LinkRow.record_hash == StatementRow.record_hash)
        .where(col(LinkRow.stage).in_(HELD))
    )
    for link, row in found.all():
        said = damaged.readable(row)
        if said is not None and any(blob.sha256 in names for blob in statements.blobs_of(said)):
            link.stage = Stage.RECEIPTED.value
            session.add(link)


def _suspend(session: Session, cursor: int) -> None:
    """Number blocks whose grant lies behind the cursor give no number until it comes again."""
    behind = _behind(session, cursor)
    for record in session.exec(select(NumberBlockRow.grant_record)).all():
        if record in behind:
            session.merge(SuspendedGrantRow(grant_record=record))
    session.exec(delete(WordRow).where(col(WordRow.place) > cursor))


def _behind(session: Session, cursor: int) -> set[bytes]:
    """Subjects of the office's words that are not known to lie up to the cursor."""
    known = set(session.exec(select(WordRow.subject).where(WordRow.place <= cursor)).all())
    blobs = session.exec(select(BlobRow.sha256)).all()
    grants = session.exec(select(NumberBlockRow.grant_record)).all()
    return {*blobs, *grants} - known
