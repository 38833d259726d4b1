"""Reading kept recordings as players do: from anywhere, without a byte of plaintext on the disk.

    stream = stream_of(vault, folder, blob.sha256)
    stream.seek(-4096, io.SEEK_END); stream.read(4096)

A blob is one chain of sealed chunks, which opens from its beginning only. The stream keeps the
cipher's state (52 bytes) at each chunk it has passed, so that going back costs one chunk, and
going on for the first time what lies between.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import nacl.bindings as sodium

from field_client.errors import BlobMissing, BlobTampered
from field_client.store.blobs import CHUNK, FINAL, HEADER_SIZE, MAGIC, OVERHEAD
from field_client.store.tables import BlobRow, ReleasedRow
from field_client.store.vault import Vault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LENGTH = struct.Struct(">I")
STATE = sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES


class _Place(NamedTuple):
    """A chunk's beginning: in the plaintext, in the file, and the cipher's state there."""

    plain: int
    file: int
    state: bytes


class BlobStream(io.RawIOBase):
    """The plaintext of a blob of ``size`` bytes as a file. For one thread. Raises BlobMissing,
    BlobTampered."""

    def __init__(self, path: Path, key: bytes, size: int) -> None:
        super().__init__()
        self.name_on_disk = path.name
        self.size = size
        try:
            self._file: BinaryIO = path.open("rb")
        except FileNotFoundError as error:
            raise _missing(path.name) from error
        head = self._file.read(len(MAGIC) + HEADER_SIZE)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + HEADER_SIZE:
            raise self._tampered(0)
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, head[len(MAGIC) :], key)
        self._places = [_Place(0, len(head), self._kept_state())]
        self._at = 0  # where the reader is
        self._chunk, self._chunk_at = b"", 0  # the plaintext at hand
        self._next = 0  # index into _places of the chunk behind it
        self._ended = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; nothing is read yet."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Up to as much as the buffer takes; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._at >= self.size or not self._reach():
            return 0
        start = self._at - self._chunk_at
        piece = self._chunk[start : start + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            self._file.close()
        super().close()

    # ── chunks ───────────────────────────────────────────────────────────────────────────

    def _reach(self) -> bool:
        """Have the chunk at hand that holds the reader's place; False behind the end."""
        if not self._chunk_at <= self._at < self._chunk_at + len(self._chunk):
            if self._at < self._chunk_at or self._at >= self._places[-1].plain:
                self._go_to(bisect_right(self._places, self._at, key=lambda place: place.plain) - 1)
            while self._at >= self._chunk_at + len(self._chunk):
                if not self._pull():
                    return False
        return True

    def _go_to(self, index: int) -> None:
        place = self._places[index]
        if index != self._next:
            self._file.seek(place.file)
            self._set_state(place.state)
            self._next, self._ended = index, False
        elif self._next == len(self._places) - 1:
            self._file.seek(place.file)
        self._chunk, self._chunk_at = b"", place.plain

    def _pull(self) -> bool:
        if self._ended:
            return False
        place = self._places[self._next]
        sealed = self._sealed()
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(
                self._state, sealed, None
            )
        except (RuntimeError, ValueError) as error:
            raise self._tampered(place.plain) from error
        self._chunk, self._chunk_at = plain, place.plain
        self._next += 1
        if self._next == len(self._places):
            behind = place.file + _LENGTH.size + len(sealed)
            self._places.append(_Place(place.plain + len(plain), behind, self._kept_state()))
        self._ended = tag == FINAL
        return True

    def _sealed(self) -> bytes:
        length = self._file.read(_LENGTH.size)
        size = _LENGTH.unpack(length)[0] if len(length) == _LENGTH.size else 0
        sealed = self._file.read(size) if OVERHEAD <= size <= CHUNK + OVERHEAD else b""
        if not sealed or len(sealed) < size:
            raise self._tampered(self._places[self._next].plain)
        return sealed

    def _kept_state(self) -> bytes:
        return bytes(memoryview(_buffer(self._state))[:STATE])

    def _set_state(self, state: bytes) -> None:
        memoryview(_buffer(self._state))[:STATE] = state

    def _tampered(self, readable: int) -> BlobTampered:
        return BlobTampered(
            "The media file {file} was changed after it was recorded, from byte {readable} on. "
            "Do not use it as evidence; report it to your administrator.",
            file=self.name_on_disk,
            readable=readable,
        )


def stream_of(vault: Vault, folder: Path, sha256: str) -> BlobStream:
    """A kept recording by its hash (hex). Raises BlobMissing where it was let go or is gone."""
    name = bytes.fromhex(sha256)
    with vault.session() as session:
        row = session.get(BlobRow, name)
        released = session.get(ReleasedRow, name) is not None
    if released:
        raise BlobMissing(
            "This recording is kept at the office; its copy on this tablet was let go to make "
            "room. Ask the office for it."
        )
    if row is None:
        raise _missing(sha256[:16])
    return BlobStream(folder / row.path, row.key, row.size)


def _buffer(state: sodium.crypto_secretstream_xchacha20poly1305_state) -> memoryview:
    """The cipher's own memory: PyNaCl names it ``statebuf`` and gives no other way."""
    from nacl._sodium import ffi

    return memoryview(ffi.buffer(state.statebuf))


def _missing(name: str) -> BlobMissing:
    return BlobMissing(
        "The media file {file} is not on this tablet. If it was synchronised, the office "
        "has it; otherwise bring the tablet to your administrator.",
        file=name,
    )
