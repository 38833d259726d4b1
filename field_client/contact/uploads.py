"""Blobs to the server by tus 1.0.0: asked for with a signature, sent with a short-lived token.

A chunk is at most 1 MiB; what is sent again after a cut is at most one chunk, because the
offset is always the server's. A blob is done only when the server says that its own SHA-256
of the whole equals the signed one; *stored* it is by the office's signed record alone.

A blob that the server does not want, or whose file is damaged here, is skipped: nothing bad
blocks what is behind it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from field_client.contact.wire import Wire, refused, unclear
from field_client.durable import MIB
from field_client.errors import BlobMissing, MediaError, ServerRefuses
from field_client.store.captures import open_blob
from field_client.store.tables import BlobRow, Stage
from field_client.store.vault import Vault
from protocol.engine import ChunkStored, Event, UploadLost, UploadOpened, UploadSkipped
from protocol.messages import UploadGranted, UploadWanted

CHUNK = MIB
LOST = (404, 410, 401, 403, 409, 460)
"""The upload is gone, its token is, or its bytes are not what they should be: ask again."""

log = logging.getLogger(__name__)


class _Grant(NamedTuple):
    path: str
    token: str
    size: int


class _Reading(NamedTuple):
    """A blob while it is read: the next bytes, and what follows them."""

    name: bytes
    offset: int
    ahead: bytes
    rest: Iterator[bytes]


class Uploads:
    """The uploads of one tablet."""

    def __init__(self, vault: Vault, folder: Path, wire: Wire) -> None:
        self._vault = vault
        self._folder = folder
        self._wire = wire
        self._grants: dict[bytes, _Grant] = {}
        self._reading: _Reading | None = None

    def open(self, name: bytes, size: int) -> Event:
        """Ask where to send a blob and how much of it the server has."""
        try:
            granted = self._wire.post(
                "/v1/uploads", UploadWanted(sha256=name, size=size), UploadGranted
            )
        except ServerRefuses as error:
            if error.facts.get("status") == 401:
                raise
            return _skip(name, error)
        if granted.complete:
            self._progress(name, size, Stage.RECEIPTED)
            return UploadOpened(name, size, complete=True)
        if not 0 <= granted.offset < max(size, 1):
            raise unclear(f"offset {granted.offset} of {size}")
        self._grants[name] = _Grant(granted.path, granted.token, size)
        self._progress(name, granted.offset, Stage.SENT)
        return UploadOpened(name, granted.offset)

    def send(self, name: bytes, offset: int) -> Event:
        """Send one chunk from the server's offset on."""
        grant = self._grants.get(name)
        if grant is None:
            return UploadLost(name)
        try:
            chunk = self._chunk(name, offset)
        except MediaError as error:
            return _skip(name, error)
        answered = self._wire.patch(grant.path, _headers(grant, offset, chunk), chunk)
        if answered.status in LOST:
            del self._grants[name]
            return UploadLost(name)
        if answered.status != 204:
            raise refused(answered)
        reached = answered.headers.get("upload-offset", "")
        if reached != str(offset + len(chunk)):
            raise unclear(f"offset {reached}")
        if offset + len(chunk) < grant.size:
            self._progress(name, offset + len(chunk), Stage.SENT)
            return ChunkStored(name, offset + len(chunk))
        # All bytes are there; whether they are the right ones is the server's to say.
        return self.open(name, grant.size)

    def _chunk(self, name: bytes, offset: int) -> bytes:
        """Up to 1 MiB from ``offset``; chunks in a row are read through once."""
        reading = self._reading
        if reading is None or (reading.name, reading.offset) != (name, offset):
            reading = _Reading(name, offset, b"", self._open(name, offset))
        taken = bytearray(reading.ahead)
        while len(taken) < CHUNK and (piece := next(reading.rest, b"")):
            taken += piece
        chunk = bytes(taken[:CHUNK])
        self._reading = _Reading(name, offset + len(chunk), bytes(taken[CHUNK:]), reading.rest)
        return chunk

    def _open(self, name: bytes, offset: int) -> Iterator[bytes]:
        with self._vault.session() as session:
            row = session.get(BlobRow, name)
        if row is None:
            raise BlobMissing(
                "The file of blob {name} is not on this tablet. Export what is left and tell "
                "your administrator.",
                name=name.hex()[:16],
            )
        return open_blob(self._folder, row).chunks(offset)

    def _progress(self, name: bytes, offset: int, stage: Stage) -> None:
        with self._vault.transaction() as session:
            row = session.get(BlobRow, name)
            if row is not None:
                row.uploaded_offset = offset
                if Stage(row.stage).rank < stage.rank:
                    row.stage = stage.value
                session.add(row)


def _headers(grant: _Grant, offset: int, chunk: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    return {
        "tus-resumable": "1.0.0",
        "content-type": "application/offset+octet-stream",
        "upload-offset": str(offset),
        "upload-checksum": f"sha256 {digest}",
        "authorization": f"Bearer {grant.token}",
    }


def _skip(name: bytes, error: ServerRefuses | MediaError) -> Event:
    log.warning("blob %s stays here: %s", name.hex()[:16], error)
    return UploadSkipped(name)
