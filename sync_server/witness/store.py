"""What a witness remembers: the head that it cosigned last of each log, as files.

    <data>/witness/witness.key              32-byte seed in hex, mode 0600
    <data>/witness/witness.vkey             its verifier key, which also fixes its name
    <data>/witness/heads/<sha256(origin)>   the last cosigned checkpoint, with the cosignature
    <data>/witness/evidence/<…>.json        submissions that do not continue what was cosigned

A cosignature leaves only after its head is on the disk:

    1  under one lock: read what was cosigned last (kept in memory since step 3)
    2  judge (``protocol/witnessing.py``), cosign
    3  write the note beside its place, fsync, rename, fsync the folder; then remember it
    4  only now hand out the line

A crash before step 3 ends leaves the old head, or the new one whose cosignature nobody has: in
both cases the next head has to continue the one on the disk, so that no two cosignatures of
this key contradict each other. A lock on the folder keeps a second process away. What remains: a
disk that lies about fsync, and whoever removes the files; so a file that cannot be read, or
that this key did not cosign, stops the witness instead of counting as a log never seen.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from protocol.checkpoint import Checkpoint, VerifierKey, open_note
from protocol.errors import FujieError, Malformed, Unverified
from protocol.keys import Signer
from protocol.note import NoteSignature, read_lines
from protocol.witness import WitnessKey, cosign, with_lines
from protocol.witnessing import (
    NotConsistent,
    Seen,
    Submission,
    contradicts,
    judge,
    signed_head,
)
from sync_server.clock import Clock
from sync_server.keys.keyring import read_signer
from sync_server.store.files import make_folder, write_durably

MAX_KEPT = 1000
"""Submissions of each kind that are kept of one log. Whoever has a signed head can make as many as
he likes without a good proof, and once a log has shown two histories, of those too: the lines of
proof and other people's signatures are free. The first ones prove all there is to prove."""

log = structlog.get_logger(__name__)


class BadWitness(FujieError):
    """A witness that cannot start: its name, its list of logs, or what it remembers."""


class LogEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A log to watch: its origin, and its verifier keys (two while it changes its key)."""

    origin: str
    keys: list[str]


Logs = Mapping[str, tuple[VerifierKey, ...]]


def read_logs(path: Path) -> Logs:
    """The list of logs in a JSON file: ``[{"origin": …, "keys": […]}]``. Raises BadWitness."""
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[LogEntry])
        return {
            entry.origin: tuple(VerifierKey.parse(text) for text in entry.keys) for entry in entries
        }
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError, Malformed) as fault:
        raise BadWitness(
            "expected a list of logs in {file}, each with origin and keys: {fault}",
            file=str(path),
            fault=str(fault),
        ) from None


@dataclass
class _Known:
    """A head in memory: what is judged against, and the note that is handed out."""

    seen: Seen
    note: bytes


class Witness:
    """One witness, its logs, and what it remembers. Safe for use by several threads."""

    def __init__(self, folder: Path, name: str, logs: Logs, clock: Clock) -> None:
        self.logs = logs
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._signer = _own_key(folder, name)
        self.key = WitnessKey(name, self._signer.verifier.public_key)
        self._known = {origin: self._load(origin) for origin in logs}

    def add(self, body: bytes) -> str:
        """Judge a submission, and cosign it. Returns the signature line.

        Raises what ``witnessing`` names; nothing has changed then.
        """
        asked = Submission.decode(body)
        head = signed_head(asked, self.logs)
        with self._lock:
            known = self._known[head.origin]
            try:
                if contradicts(head, known.seen):
                    self._keep_evidence("split", asked, known)
                judge(asked, head, known.seen)
            except NotConsistent:
                self._keep_evidence("unproved", asked, known)
                raise
            line = cosign(head.text(), self.key.name, self._signer, self._clock.now())
            self._remember(head, asked.checkpoint, line)
            return line

    def newest(self, origin_hash: str) -> bytes | None:
        """The last cosigned checkpoint of a log, named by the SHA-256 of its origin in hex."""
        for origin, known in self._known.items():
            if _hash(origin) == origin_hash:
                return known.note or None
        return None

    def sizes(self) -> dict[str, int]:
        """How far each log was cosigned."""
        return {origin: known.seen.size for origin, known in sorted(self._known.items())}

    # ── durable ──────────────────────────────────────────────────────────────────────────

    def _remember(self, head: Checkpoint, submitted: bytes, line: str) -> None:
        note = with_lines(self._logs_own(head.origin, submitted), [line])
        write_durably(self._folder / "heads" / _hash(head.origin), note)
        self._known[head.origin] = _Known(Seen(head.size, head.root), note)

    def _logs_own(self, origin: str, note: bytes) -> bytes:
        """The text with the lines of the log that hold: others' lines are not ours to pass on."""
        opened = open_note(note, self.logs[origin])
        lines = note.decode().rpartition("\n\n")[2].splitlines(keepends=True)
        kept = [line for line in lines if _is_among(line, opened.verified)]
        return (opened.text + "\n" + "".join(kept)).encode()

    def _load(self, origin: str) -> _Known:
        path = self._folder / "heads" / _hash(origin)
        if not path.exists():
            return _Known(Seen(), b"")
        note = path.read_bytes()
        try:
            text, _, tail = note.decode().rpartition("\n\n")
            lines = [line for line in read_lines(tail) if self.key.owns(line)]
            head = Checkpoint.parse(text + "\n")
            for line in lines:
                self.key.time_of(line, text + "\n")
            if not lines or head.origin != origin:
                raise Unverified("expected a head of {origin} by this key", origin=origin)
        except (UnicodeDecodeError, FujieError) as fault:
            raise BadWitness(
                "expected the last cosigned head of {origin} in {file}, got something else "
                "({fault}); put it back from a backup that is no older, or start a new witness "
                "with a new key",
                origin=origin,
                file=str(path),
                fault=str(fault),
            ) from None
        return _Known(Seen(head.size, head.root), note)

    def _keep_evidence(self, kind: str, asked: Submission, known: _Known) -> None:
        folder = self._folder / "evidence"
        body = asked.encode()
        begins = f"{kind}-{_hash(asked.origin)[:16]}-"
        name = f"{begins}{hashlib.sha256(body).hexdigest()[:16]}.json"
        if (folder / name).exists() or len(list(folder.glob(f"{begins}*"))) >= MAX_KEPT:
            return
        told = {
            "kind": kind,
            "at": self._clock.now(),
            "cosigned": known.note.decode(),
            "offered": body.decode(),
        }
        write_durably(folder / name, msgspec.json.format(msgspec.json.encode(told)))
        log.warning("a head does not continue what was cosigned", origin=asked.origin, file=name)


@contextmanager
def watching(data: Path, name: str, logs: Path, clock: Clock) -> Iterator[Witness]:
    """The witness over a folder, for this process alone. Raises BadWitness, NoKey."""
    folder = data / "witness"
    make_folder(folder)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadWitness(
                "another witness uses {folder}; stop it first", folder=str(folder)
            ) from None
        yield Witness(folder, name, read_logs(logs), clock)


def _own_key(folder: Path, name: str) -> Signer:
    """The witness's key; made at the first start, and bound to its name for good."""
    path, told = folder / "witness.key", folder / "witness.vkey"
    if not path.exists() and not told.exists():
        write_durably(path, secrets.token_bytes(32).hex().encode() + b"\n")
    signer = read_signer(path)
    key = WitnessKey(name, signer.verifier.public_key).text()
    if not told.exists():
        write_durably(told, key.encode() + b"\n", 0o644)
    elif told.read_text().strip() != key:
        raise BadWitness(
            "expected the witness of {file}, got the name {name}; one key has one name",
            file=str(told),
            name=name,
        )
    return signer


def _hash(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _is_among(line: str, held: Sequence[NoteSignature]) -> bool:
    return read_lines(line)[0] in held
