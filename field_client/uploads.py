"""Blobs to the server by tus 1.0.0: asked for with a signature, sent with a short-lived token.

A chunk is at most 1 MiB; what is sent again after a cut is at most one chunk, because the
offset is always the server's. A blob is done only when the server says that its own SHA-256
of the whole equals the signed one.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

from field_client.captures import open_blob
from field_client.durable import MIB
from field_client.errors import BlobMissing, ServerRefuses, ServerUnclear
from field_client.tables import BlobRow, Stage
from field_client.vault import Vault
from field_client.wire import Wire
from protocol.engine import ChunkStored, Event, UploadLost, UploadOpened
from protocol.messages import UploadGranted, UploadWanted

CHUNK = MIB
LOST = (404, 410, 401, 403, 409)


class _Grant(NamedTuple):
    path: str
    token: str
    size: int


class Uploads:
    """The uploads of one tablet."""

    def __init__(self, vault: Vault, folder: Path, wire: Wire) -> None:
        self._vault = vault
        self._folder = folder
        self._wire = wire
        self._grants: dict[bytes, _Grant] = {}

    def open(self, name: bytes, size: int) -> Event:
        """Ask where to send a blob and how much of it the server has."""
        granted = self._wire.post(
            "/v1/uploads", UploadWanted(sha256=name, size=size), UploadGranted
        )
        if granted.complete:
            self._progress(name, size, Stage.RECEIPTED)
            return UploadOpened(name, size, complete=True)
        self._grants[name] = _Grant(granted.path, granted.token, size)
        self._progress(name, granted.offset, Stage.SENT)
        return UploadOpened(name, granted.offset)

    def send(self, name: bytes, offset: int) -> Event:
        """Send one chunk from the server's offset on."""
        grant = self._grants.get(name)
        if grant is None:
            return UploadLost(name)
        chunk = self._chunk(name, offset)
        digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        response = self._wire.patch(
            grant.path,
            {
                "tus-resumable": "1.0.0",
                "content-type": "application/offset+octet-stream",
                "upload-offset": str(offset),
                "upload-checksum": f"sha256 {digest}",
                "authorization": f"Bearer {grant.token}",
            },
            chunk,
        )
        if response.status_code in LOST:
            del self._grants[name]
            return UploadLost(name)
        if response.status_code != 204:
            raise ServerRefuses(
                "The server refuses: {detail}",
                detail=f"upload {response.status_code}",
                status=response.status_code,
            )
        reached = response.headers.get("upload-offset", "")
        if reached != str(offset + len(chunk)):
            raise ServerUnclear(
                "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
                "again by itself.",
                fault=f"offset {reached[:20]}",
            )
        return self._sent(name, offset + len(chunk), grant.size)

    def _sent(self, name: bytes, offset: int, size: int) -> Event:
        if offset < size:
            self._progress(name, offset, Stage.SENT)
            return ChunkStored(name, offset)
        # All bytes are there; whether they are the right ones is the server's to say.
        return self.open(name, size)

    def _chunk(self, name: bytes, offset: int) -> bytes:
        with self._vault.session() as session:
            row = session.get(BlobRow, name)
        if row is None:
            raise BlobMissing(
                "The file of blob {name} is not on this tablet. Export what is left and tell "
                "your administrator.",
                name=name.hex()[:16],
            )
        taken = bytearray()
        for piece in open_blob(self._folder, row).chunks(offset):
            taken += piece
            if len(taken) >= CHUNK:
                break
        return bytes(taken[:CHUNK])

    def _progress(self, name: bytes, offset: int, stage: Stage) -> None:
        with self._vault.transaction() as session:
            row = session.get(BlobRow, name)
            if row is not None:
                row.uploaded_offset = offset
                if Stage(row.stage).rank < stage.rank:
                    row.stage = stage.value
                session.add(row)
