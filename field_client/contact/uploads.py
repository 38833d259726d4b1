"""Blobs to the server by tus 1.0.0: asked for with a signature, sent with a short-lived token.

    open    the server's offset, and a token for this blob; signed both ways
    send    one chunk from there, under a checksum of its own

What is sent again after a cut is at most one chunk, because the offset is always the server's. A
blob is done only when the server says that its own SHA-256 of the whole equals the signed one;
*stored* it is by the office's signed record alone, which a pull brings, or ``hear`` gets here where
another device named the blob first.

A blob that the server does not want, or whose file is damaged here, is skipped, and the vault keeps
why (``store/skipped.py``): nothing bad blocks what is behind it. Several threads may send, each a
blob of its own. A chunk is read in pieces, and kept until the server has it, so that a cut costs no
second reading of what lies before: an encrypted file is read from its beginning.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from field_client.contact.wire import Wire, refused, unclear
from field_client.durable import MIB
from field_client.errors import (
    BlobMissing,
    BlobTampered,
    BlobUnreadable,
    MediaError,
    ServerRefuses,
)
from field_client.store import skipped
from field_client.store.captures import open_blob
from field_client.store.tables import BlobRow, Stage
from field_client.store.vault import Vault
from protocol.engine import ChunkStored, Event, Upload, UploadLost, UploadOpened, UploadSkipped
from protocol.messages import OfficeRecord, UploadGranted, UploadWanted

CHUNK = MIB
READINGS = 3
"""How many blobs are kept open between two chunks; as many as go beside each other."""
WORD_MS = 60_000
"""How long the word on a blob is waited for before it is asked for again."""
ELSE = 460
"""The server got other bytes than it was to get: of a chunk, or of the whole."""
LOST = (404, 410, 401, 403, 409, ELSE)
"""The upload is gone, its token is, or its bytes are not what they should be: ask again."""

log = logging.getLogger(__name__)


class _Grant(NamedTuple):
    path: str
    token: str
    size: int


class Uploads:
    """The uploads of one tablet. Safe for use by several threads, each with a blob of its own."""

    def __init__(
        self, vault: Vault, folder: Path, wire: Wire, hear: Callable[[bytes, OfficeRecord], None]
    ) -> None:
        self._vault = vault
        self._folder = folder
        self._wire = wire
        self._hear = hear
        self._lock = threading.Lock()
        self._grants: dict[bytes, _Grant] = {}
        self._readings: OrderedDict[bytes, _Reading] = OrderedDict()
        self._unheard: dict[bytes, int | None] = {}

    def unheard(self, now: int) -> tuple[Upload, ...]:
        """Blobs that are whole there and of which no word came, in the answer or by a pull, for a
        while: to be asked about again. The server gives its word under a head that its witnesses
        have signed, which may take longer than the answer. ``now`` is monotonic, in ms."""
        with self._lock:
            for name, since in self._unheard.items():
                self._unheard[name] = now if since is None else since
            due = [
                name for name, at in self._unheard.items() if at is not None and at <= now - WORD_MS
            ]
            for name in due:
                del self._unheard[name]
        if not due:
            return ()
        with self._vault.session() as session:
            rows = [session.get(BlobRow, name) for name in due]
        return tuple(
            Upload(row.sha256, row.size, row.at)
            for row in rows
            if row is not None and row.stage == Stage.RECEIPTED.value
        )

    def open(self, name: bytes, size: int) -> Event:
        """Ask where to send a blob and how much of it the server has."""
        try:
            granted = self._wire.post(
                "/v1/uploads", UploadWanted(sha256=name, size=size), UploadGranted
            )
        except ServerRefuses as error:
            if error.facts.get("status") == 401:
                raise
            if error.facts.get("status") == ELSE:
                return self._sent_else(name)
            return self._skip(name, error)
        if granted.complete:
            if granted.stored is not None:
                self._hear(name, granted.stored)
            else:
                with self._lock:
                    self._unheard[name] = None
            self._progress(name, size, Stage.RECEIPTED)
            self._put_back(name, None)
            return UploadOpened(name, size, complete=True)
        if not 0 <= granted.offset < max(size, 1):
            raise unclear("offset {offset} of {size}", offset=granted.offset, size=size)
        with self._lock:
            self._grants[name] = _Grant(granted.path, granted.token, size)
        self._progress(name, granted.offset, Stage.SENT)
        return UploadOpened(name, granted.offset)

    def send(self, name: bytes, offset: int, size: int = CHUNK) -> Event:
        """Send one chunk of at most ``size`` bytes from the server's offset on."""
        with self._lock:
            grant = self._grants.get(name)
        if grant is None:
            return UploadLost(name)
        try:
            reading = self._take_out(name, offset)
            chunk = reading.ahead(size)
        except MediaError as error:
            return self._skip(name, error)
        self._put_back(name, reading)
        sent = sum(map(len, chunk))
        try:
            answered = self._wire.patch(grant.path, _headers(grant, offset, chunk), chunk)
        finally:
            chunk.clear()  # requests lie about in circles until they are collected
        if answered.status in LOST:
            with self._lock:
                self._grants.pop(name, None)
            whole = answered.status == ELSE and offset + sent == grant.size
            return self._sent_else(name) if whole else UploadLost(name)
        if answered.status != 204:
            raise refused(answered)
        reached = answered.headers.get("upload-offset", "")
        if reached != str(offset + sent):
            raise unclear("offset {offset} of {size}", offset=reached[:20], size=grant.size)
        reading.skip(offset + sent)
        if offset + sent < grant.size:
            self._progress(name, offset + sent, Stage.SENT)
            return ChunkStored(name, offset + sent, sent=sent, took_ms=answered.took_ms)
        # All bytes are there; whether they are the right ones is the server's to say.
        told = self.open(name, grant.size)
        if isinstance(told, UploadOpened) and told.complete:
            return ChunkStored(name, offset + sent, True, sent=sent, took_ms=answered.took_ms)
        return told

    def _sent_else(self, name: bytes) -> Event:
        """The server holds other bytes than the record names: are ours the right ones?"""
        try:
            whole = hashlib.sha256()
            for piece in self._pieces(name, 0):
                whole.update(piece)
            if whole.digest() == name:
                return UploadLost(name)
            raise BlobTampered(
                "The media file {file} was changed after it was recorded, from byte {readable} on. "
                "Do not use it as evidence; report it to your administrator.",
                file=name.hex()[:16],
                readable=0,
            )
        except MediaError as error:
            return self._skip(name, error)

    # ── what is read ─────────────────────────────────────────────────────────────────────

    def _take_out(self, name: bytes, offset: int) -> _Reading:
        """The blob from ``offset`` on, and no other thread's while it is out."""
        with self._lock:
            reading = self._readings.pop(name, None)
        if reading is None or reading.offset > offset:
            reading = _Reading(offset, self._pieces(name, offset))
        reading.skip(offset)
        return reading

    def _put_back(self, name: bytes, reading: _Reading | None) -> None:
        """Keep a reading for the next chunk, or let go of it."""
        with self._lock:
            self._readings.pop(name, None)
            if reading is not None:
                self._readings[name] = reading
            while len(self._readings) > READINGS:
                self._readings.popitem(last=False)

    def _pieces(self, name: bytes, offset: int) -> Iterator[bytes]:
        """The plaintext in pieces of at most 1 MiB. Raises MediaError."""
        with self._vault.session() as session:
            row = session.get(BlobRow, name)
        if row is None:
            raise BlobMissing(
                "The file of blob {name} is not on this tablet. Export what is left and tell "
                "your administrator.",
                name=name.hex()[:16],
            )
        try:
            yield from open_blob(self._folder, row).chunks(offset)
        except OSError as fault:
            raise BlobUnreadable(
                "The media file {file} cannot be read from this tablet's storage ({fault}). Export "
                "what is left and tell your administrator.",
                file=row.path,
                fault=fault.strerror or type(fault).__name__,
            ) from fault

    # ── what is kept of it ───────────────────────────────────────────────────────────────

    def _progress(self, name: bytes, offset: int, stage: Stage) -> None:
        with self._vault.transaction() as session:
            skipped.forget(session, name)
            row = session.get(BlobRow, name)
            if row is not None:
                row.uploaded_offset = offset
                if Stage(row.stage).rank < stage.rank:
                    row.stage = stage.value
                session.add(row)

    def _skip(self, name: bytes, error: ServerRefuses | MediaError) -> Event:
        log.warning("blob %s stays here: %s", name.hex()[:16], error)
        self._put_back(name, None)
        with self._vault.transaction() as session:
            skipped.note(session, name, error)
        return UploadSkipped(name)


class _Reading:
    """A blob that is read through once: ``offset`` is the first byte that is not done with."""

    def __init__(self, offset: int, rest: Iterator[bytes]) -> None:
        self.offset = offset
        self._ahead: deque[bytes] = deque()
        self._rest = rest

    def ahead(self, size: int) -> list[bytes]:
        """The next ``size`` bytes, fewer at the end; they stay ahead until they are skipped."""
        taken, left = [], size
        for number in range(1 << 31):
            if not left or not self._reach(number):
                break
            taken.append(self._ahead[number][:left])
            left -= len(taken[-1])
        return taken

    def skip(self, offset: int) -> None:
        """Be done with all before ``offset``."""
        while self.offset < offset and self._reach(0):
            piece, much = self._ahead.popleft(), offset - self.offset
            if much < len(piece):
                self._ahead.appendleft(piece[much:])
            self.offset += min(much, len(piece))

    def _reach(self, number: int) -> bool:
        """Read on until there are more than ``number`` pieces; whether there are."""
        while len(self._ahead) <= number:
            piece = next(self._rest, None)
            if piece is None:
                return False
            self._ahead.append(piece)
        return True


def _headers(grant: _Grant, offset: int, chunk: list[bytes]) -> dict[str, str]:
    hasher = hashlib.sha256()
    for piece in chunk:
        hasher.update(piece)
    return {
        "tus-resumable": "1.0.0",
        "content-type": "application/offset+octet-stream",
        "upload-offset": str(offset),
        "upload-checksum": f"sha256 {base64.b64encode(hasher.digest()).decode()}",
        "authorization": f"Bearer {grant.token}",
    }
