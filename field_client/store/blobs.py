"""Encrypted files for media: written once, hashed while they are written, readable if cut.

    0 "fujie/blob/v1\\n" (14 bytes) | 14 stream header (24)
    38 chunk, chunk, …              each: u32 big-endian length ‖ ciphertext

A chunk is XChaCha20-Poly1305 from libsodium's secretstream, at most 1 MiB of plaintext plus 17
bytes, bound to all chunks before it; the last one carries TAG_FINAL. Each file has a key of its
own, kept in the vault. SHA-256 is of the plaintext: it is what statements name.

Durability: ``sync`` ends the chunk and fsyncs, so that a power cut costs what came after the
last ``sync``; ``finish`` writes the final chunk and fsyncs file and folder. Until then the
file has no final chunk, and readers say that it is cut.

    writer = BlobWriter(folder / "0f3a.blob", key)
    writer.write(b"..."); writer.finish()               # → Written(sha256, size)
    reader = BlobReader(path, key, allow_cut=True)
    for chunk in reader.chunks(): ...                   # afterwards: reader.cut
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import nacl.bindings as sodium

from field_client.durable import MIB, disk_full_named, free_bytes, require_room, sync_folder
from field_client.errors import BlobCut, BlobMissing, BlobTampered

MAGIC = b"fujie/blob/v1\n"
HEADER_SIZE = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
OVERHEAD = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
MESSAGE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
CHUNK = MIB
# Kept free by recordings, so that records and PIN attempts can still be written beside them.
RESERVE = 64 * MIB

_LENGTH = struct.Struct(">I")


class Written(NamedTuple):
    """SHA-256 and size in bytes of a finished blob's plaintext."""

    sha256: bytes
    size: int


class BlobWriter:
    """One new encrypted file. Raises DiskFull before it starts and while it writes."""

    def __init__(self, path: Path, key: bytes, *, reserve: int = RESERVE) -> None:
        self.path = path
        self.key = key
        self.size = 0
        self._reserve = reserve
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        require_room(path.parent, reserve + 2 * CHUNK)
        with disk_full_named(path.parent):
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            sync_folder(path.parent)
        header = sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._put(MAGIC + header)

    def write(self, data: bytes) -> int:
        """Append plaintext; returns its length, as file objects do."""
        self._hash.update(data)
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) > CHUNK:
            self._push(CHUNK, MESSAGE)
        return len(data)

    def sync(self) -> None:
        """Put what was written so far on the disk for good."""
        if self._buffer:
            self._push(len(self._buffer), MESSAGE)
        with disk_full_named(self.path.parent):
            os.fsync(self._file)

    @property
    def low(self) -> bool:
        """Whether a recording should end now: the reserve is reached."""
        return free_bytes(self.path.parent) < self._reserve

    def finish(self) -> Written:
        """Write the final chunk and make the file durable."""
        self._push(len(self._buffer), FINAL)
        with disk_full_named(self.path.parent):
            os.fsync(self._file)
            sync_folder(self.path.parent)
        self.close()
        return Written(self._hash.digest(), self.size)

    def close(self) -> None:
        """Let go of the file. Without ``finish`` it stays cut, readable up to the last chunk."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _push(self, size: int, tag: int) -> None:
        plain = bytes(self._buffer[:size])
        del self._buffer[:size]
        sealed = sodium.crypto_secretstream_xchacha20poly1305_push(self._state, plain, None, tag)
        self._put(_LENGTH.pack(len(sealed)) + sealed)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        with disk_full_named(self.path.parent):
            while rest:
                rest = rest[os.write(self._file, rest) :]


class BlobReader:
    """The plaintext of an encrypted file, each chunk checked before it is handed out.

    With ``allow_cut`` a missing end only ends the chunks, and ``cut`` says so afterwards.
    """

    def __init__(self, path: Path, key: bytes, *, allow_cut: bool = False) -> None:
        self._path = path
        self._key = key
        self._allow_cut = allow_cut
        self.cut = False
        self.read = 0

    def chunks(self, offset: int = 0) -> Iterator[bytes]:
        """Plaintext from ``offset`` on. Raises BlobMissing, BlobTampered, BlobCut."""
        self.cut, self.read = False, 0
        try:
            file = self._path.open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(
                "The media file {file} is not on this tablet. If it was synchronised, the office "
                "has it; otherwise bring the tablet to your administrator.",
                file=self._path.name,
            ) from error
        with file:
            for chunk in self._plain(file):
                start = max(0, offset - self.read)
                self.read += len(chunk)
                if start < len(chunk):
                    yield chunk[start:]

    def all(self) -> bytes:
        """The whole plaintext; for photos and documents."""
        return b"".join(self.chunks())

    def _plain(self, file: BinaryIO) -> Iterator[bytes]:
        state = sodium.crypto_secretstream_xchacha20poly1305_state()
        head = file.read(len(MAGIC) + HEADER_SIZE)
        if not head.startswith(MAGIC[: len(head)]):
            raise self._tampered()
        if len(head) < len(MAGIC) + HEADER_SIZE:
            return self._ends_early()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, head[len(MAGIC) :], self._key)
        while True:
            sealed = self._sealed(file)
            if sealed is None:
                return self._ends_early()
            try:
                plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, None)
            except RuntimeError as error:  # libsodium's binding has no error of its own for this
                raise self._tampered() from error
            yield plain
            if tag == FINAL:
                return self._require_end(file)

    def _sealed(self, file: BinaryIO) -> bytes | None:
        """The next chunk's ciphertext, or None where the file ends before the chunk does."""
        length = file.read(_LENGTH.size)
        if len(length) < _LENGTH.size:
            return None
        (size,) = _LENGTH.unpack(length)
        if not OVERHEAD <= size <= CHUNK + OVERHEAD:
            raise self._tampered()
        sealed = file.read(size)
        return sealed if len(sealed) == size else None

    def _require_end(self, file: BinaryIO) -> None:
        if file.read(1):
            raise self._tampered()

    def _ends_early(self) -> None:
        """No final chunk. A changed length field can look like this; the SHA-256 tells."""
        self.cut = True
        if not self._allow_cut:
            raise BlobCut(
                "The media file {file} lacks its end: {readable} bytes can be read. The recording "
                "was interrupted; keep it and note the interruption.",
                file=self._path.name,
                readable=self.read,
            )

    def _tampered(self) -> BlobTampered:
        return BlobTampered(
            "The media file {file} was changed after it was recorded, from byte {readable} on. "
            "Do not use it as evidence; report it to your administrator.",
            file=self._path.name,
            readable=self.read,
        )
