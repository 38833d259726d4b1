"""The log's witnesses, as its server knows them: who they are, and what they have cosigned.

``FUJIE_WITNESSES`` names a JSON file::

    {"quorum": 1, "witnesses": [{"url": "https://w1.example", "key": "w1.example+8d66cf3f+BA…"}]}

With a quorum, tablets are told to believe no receipt without so many cosignatures (it is in
their reference data), and what the server hands out stands under the newest head that has them.

    cosigned.newest()          the newest head with the quorum; the newest at all without one
    cosigned.reaching(size)    a future of such a head that covers ``size`` entries
    cosigned.keep(size, line)  a witness's line, durable; ``cosigner.py`` brings them

A line is kept by size; the head is signed again by the keys now in force when it is handed out,
because a cosignature is over the head's text alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, select

from protocol.checkpoint import Checkpoint, open_note, sign_checkpoint
from protocol.errors import FujieError, Malformed
from protocol.keys import Signer
from protocol.note import VerifierKey, read_lines
from protocol.witness import NOBODY, Policy, WitnessKey, with_lines
from sync_server.log.sequencer import Committed, Sequencer
from sync_server.settings import BadSetting
from sync_server.store.db import Database
from sync_server.store.tables import CHECKPOINT, COSIGNATURE, CosignatureRow

FEW = 64
"""Lines among which the first time at which an entry was seen is looked for."""

LOOKED_AT = 64
"""Sizes, from the newest down, among which the newest witnessed head is looked for at start."""


class Peer(msgspec.Struct, forbid_unknown_fields=True):
    """A witness in the settings' file: where it is asked, and its verifier key of type 4."""

    url: str
    key: str


class WitnessesFile(msgspec.Struct, forbid_unknown_fields=True):
    """The settings' file."""

    witnesses: list[Peer]
    quorum: int = 0


@dataclass(frozen=True)
class Watch:
    """Whom this log asks for cosignatures, and how many its readers want."""

    urls: tuple[str, ...] = ()
    policy: Policy = NOBODY

    @property
    def keys(self) -> list[str]:
        """The witnesses' verifier keys, as people hand them on."""
        return [key.text() for key in self.policy.keys]


def read_watch(path: Path | None) -> Watch:
    """The settings' file; nobody if there is none. Raises BadSetting."""
    if path is None:
        return Watch()
    try:
        read = msgspec.json.decode(path.read_bytes(), type=WitnessesFile)
        policy = Policy.parse([peer.key for peer in read.witnesses], read.quorum)
        if not all(peer.url.startswith(("http://", "https://")) for peer in read.witnesses):
            raise Malformed("expected addresses with http:// or https://")
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError, FujieError) as fault:
        raise BadSetting(
            "expected witnesses with url and key, and a quorum, in {file}: {fault}",
            file=str(path),
            fault=str(fault),
        ) from None
    return Watch(tuple(peer.url.rstrip("/") for peer in read.witnesses), policy)


class Cosigned:
    """What the witnesses of one log have cosigned. Safe for use by several threads."""

    def __init__(
        self,
        db: Database,
        sequencer: Sequencer,
        origin: str,
        signers: Sequence[Signer],
        watch: Watch,
    ) -> None:
        self.watch = watch
        self._db = db
        self._sequencer = sequencer
        self._origin = origin
        self._signers = tuple(signers)
        self._lock = threading.Lock()
        self._witnessed: Committed | None = None
        self._loaded = False
        self._waiting: list[tuple[int, Future[Committed]]] = []
        self._verified: dict[bytes, tuple[str, int]] = {}

    @property
    def policy(self) -> Policy:
        """What tablets hold receipts to."""
        return self.watch.policy

    def newest(self) -> Committed:
        """The head that others are to see: the newest with the quorum, of size 0 if there is
        none yet; the newest of all where no quorum is asked for, with the lines that it has."""
        if self.policy.quorum:
            return self._newest_witnessed() or Committed(0, b"", 0, {})
        head = self._sequencer.head
        lines = self._lines(head.size)
        return self._with(head, lines) if lines else head

    def published(self) -> Committed:
        """What ``/log/checkpoint`` serves: also before the first witness has answered."""
        head = self.newest()
        return head if head.size else self._sequencer.head

    def reaching(self, size: int) -> Future[Committed]:
        """A head with the quorum that covers ``size`` entries, as soon as there is one."""
        future: Future[Committed] = Future()
        head = self._newest_witnessed()
        with self._lock:
            head = self._witnessed or head
            if head is None or head.size < size:
                self._waiting = [one for one in self._waiting if not one[1].done()]
                self._waiting.append((size, future))
                return future
        future.set_result(head)
        return future

    def seen_by(self, index: int) -> int | None:
        """By when witnesses had seen the entry ``index`` of the log (ms)."""
        return min((at for _, at in self.times(index, FEW)), default=None)

    def times(self, above: int = 0, most: int | None = None) -> list[tuple[int, int]]:
        """(size, ms) of each head of more than ``above`` entries that the quorum, or one witness
        at least, has seen, verified from the lines themselves; of the ``most`` first lines."""
        keys = {key.text(): key for key in self.policy.keys}
        c = COSIGNATURE.c
        query = (
            select(c.size, c.witness, c.line, CHECKPOINT.c.note)
            .join(CHECKPOINT, CHECKPOINT.c.size == c.size)
            .where(c.origin == self._origin, c.witness.in_(list(keys)), c.size > above)
            .order_by(c.size)
            .limit(most)
        )
        seen: dict[int, dict[str, int]] = {}
        with self._db.engine.connect() as connection:
            for size, witness, line, note in connection.execute(query) if keys else ():
                with suppress(FujieError):
                    name, at = self._said(keys[witness], line, note)
                    by = seen.setdefault(size, {})
                    by[name] = min(at, by.get(name, at))
        needed = max(1, self.policy.quorum)
        return [
            (size, sorted(by.values())[needed - 1])
            for size, by in sorted(seen.items())
            if len(by) >= needed
        ]

    def asked(self, key: WitnessKey) -> int:
        """The largest size that a witness cosigned, as far as is known here."""
        c = COSIGNATURE.c
        query = select(func.max(c.size)).where(c.witness == key.text(), c.origin == self._origin)
        with self._db.engine.connect() as connection:
            return int(connection.execute(query).scalar() or 0)

    def keep(self, head: Committed, key: WitnessKey, line: str) -> None:
        """Keep a cosignature that was verified, and tell those who wait for it."""
        with self._db.private() as session:
            session.merge(
                CosignatureRow(size=head.size, witness=key.text(), origin=self._origin, line=line)
            )
        lines = self._lines(head.size)
        if self._suffice(lines):
            self._arrived(self._with(head, lines))

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _said(self, key: WitnessKey, line: str, note: bytes) -> tuple[str, int]:
        """Which witness saw this head, and when. The same bytes are verified once: a report reads
        the lines of all heads. Raises what reading and verifying raise."""
        named = sha256(b"\0".join((key.text().encode(), line.encode(), note))).digest()
        if named not in self._verified:
            text = note.decode(errors="replace").rpartition("\n\n")[0] + "\n"
            self._verified[named] = key.name, key.time_of(read_lines(line)[0], text)
        return self._verified[named]

    def _arrived(self, head: Committed) -> None:
        with self._lock:
            if self._witnessed is None or self._witnessed.size <= head.size:
                self._witnessed, self._loaded = head, True
            ready = [future for size, future in self._waiting if size <= head.size]
            self._waiting = [one for one in self._waiting if one[0] > head.size]
        for future in ready:
            # Whoever stopped waiting has cancelled it.
            if future.set_running_or_notify_cancel():
                future.set_result(head)

    def _newest_witnessed(self) -> Committed | None:
        with self._lock:
            if self._loaded:
                return self._witnessed
        found = self._load()
        with self._lock:
            if not self._loaded:
                self._witnessed, self._loaded = found, True
            return self._witnessed

    def _load(self) -> Committed | None:
        c = COSIGNATURE.c
        sizes = select(c.size).where(c.origin == self._origin).distinct()
        with self._db.engine.connect() as connection:
            newest = list(
                connection.execute(sizes.order_by(c.size.desc()).limit(LOOKED_AT)).scalars()
            )
            for size in newest:
                note = connection.execute(
                    select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == size)
                ).scalar()
                lines = self._lines(size)
                if note and self._suffice(lines):
                    return self._with(Committed(size, note, 0, {}), lines)
        return None

    def _lines(self, size: int) -> list[str]:
        """The lines under a head, of witnesses that are still believed in."""
        c = COSIGNATURE.c
        query = select(c.line).where(
            c.size == size, c.origin == self._origin, c.witness.in_(self.watch.keys)
        )
        if not self.watch.keys:
            return []
        with self._db.engine.connect() as connection:
            return list(connection.execute(query.order_by(c.witness)).scalars())

    def _suffice(self, lines: Sequence[str]) -> bool:
        """Whether as many witnesses as the quorum, one at least, wrote these lines: a witness that
        changes its key writes two."""
        names = {one.name for line in lines for one in read_lines(line)}
        return len(names) >= max(1, self.policy.quorum)

    def _with(self, head: Committed, lines: Sequence[str]) -> Committed:
        text = head.note.decode().rpartition("\n\n")[0] + "\n"
        signed = sign_checkpoint(Checkpoint.parse(text), *self._signers)
        return Committed(head.size, with_lines(signed, lines), head.at, head.nodes)


def differences(connection: Connection) -> Iterator[str]:
    """Kept lines that are no cosignatures of the head that they are kept under, for ``fsck``."""
    c = COSIGNATURE.c
    query = select(c.size, c.witness, c.origin, c.line, CHECKPOINT.c.note)
    for size, witness, origin, line, note in connection.execute(
        query.outerjoin(CHECKPOINT, CHECKPOINT.c.size == c.size).order_by(c.size)
    ):
        try:
            text = (note or b"").decode().rpartition("\n\n")[0] + "\n"
            if text.partition("\n")[0] != origin:
                raise Malformed("expected a head of {origin}", origin=origin)
            (read,) = read_lines(line)
            key = WitnessKey.parse(witness)
            if not key.owns(read):
                raise Malformed("expected a line by {name}", name=key.name)
            key.time_of(read, text)
        except (FujieError, ValueError) as fault:
            yield f"a witness's line under checkpoint {size}: {fault}"


def verified_line(note: bytes, log: Sequence[VerifierKey], key: WitnessKey, answer: str) -> str:
    """The line of a witness's answer that is his cosignature over ``note``. Lines by unknown
    keys are ignored. Raises Malformed, Unwitnessed, BadSignature."""
    lines = answer.splitlines(keepends=True)
    for line in lines:
        try:
            opened = open_note(with_lines(note, [line]), log)
        except FujieError:
            continue
        if Policy((key,), 0).cosignatures(opened):
            return line
    raise Malformed(
        "expected a cosignature by {name}, got {count} lines of others; check its key in the "
        "settings",
        name=key.name,
        count=len(lines),
    )
