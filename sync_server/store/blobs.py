"""Blobs: files named by the SHA-256 of their bytes, and uploads that may be cut and go on.

    <data>/uploads/<id>            what has arrived; its length is the upload's offset
    <data>/blobs/ab/abcdef…        whole and verified
    <data>/quarantine/<id>         whole, and not the blob that the record names

How an upload becomes a blob:

    1  the chunks are appended in order; a cut keeps what arrived (unless it came with a
       checksum of its own, which is all or nothing)
    2  at the full length SHA-256 of the whole is taken, carried along from chunk to chunk or
       read again after a restart
    3  if it is not the named one, the file goes to quarantine and the upload starts over
    4  fsync(file), rename to its name, fsync(folder)
    5  only then the office states ``blob_stored``; what is between 4 and 5 after a crash is
       found at start and stated then

Whoever asks anew has lost the request before: a chunk that is still open then ends where it is
(``interrupt``), so that a connection which died unseen keeps nobody from going on. Steps 2 to 4
bear no chunk beside them (``still``): who had the file open could cut it after it was verified.

An offset survives a crash of this program. After a power cut an upload may be shorter than it
was, or hold bytes that were never written; step 2 is what stands between that and "stored". What a
failed fsync has written nobody knows and the next one does not tell: such an upload is dropped.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from protocol.errors import FujieError, Refused
from sync_server.settings import Settings
from sync_server.store.checksums import Checksum
from sync_server.store.files import make_folder, settle, sync_file, write_durably

PIECE = 1 << 20
ROOM = 256 << 20
"""Kept free on the disk, so that records go on being admitted when no blob is."""
KEPT_ASIDE = 3
"""How many different wrong uploads of one blob are kept as evidence."""


class WrongBytes(FujieError):
    """A whole upload that is not the blob which the record names."""


class WrongOffset(Refused):
    """A chunk that does not begin where the upload ends."""


class BadChecksum(Refused):
    """A chunk that is not what its sender says."""


class TooMuch(Refused):
    """More bytes than the upload was announced with."""


class Verifying(Refused):
    """A whole upload that is being read and made durable; it takes a moment."""


class NoRoom(Refused):
    """The disk has no room for more."""


def expect_room(folder: Path, size: int) -> None:
    """Raise NoRoom unless the disk has ``size`` bytes to give away."""
    if size and size > shutil.disk_usage(folder).free - ROOM:
        raise NoRoom("the server has no room for this; tell the operator")


class BlobStore:
    """Whole blobs in a local folder; ``objects.py`` adds an object store behind it."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.blobs
        self._quarantine = settings.quarantine

    def place(self, sha256: bytes) -> Path:
        """Where the blob of this hash lies in the folder, or would lie."""
        name = sha256.hex()
        return self._folder / name[:2] / name

    def path(self, sha256: bytes) -> Path:
        """Where the blob of this hash is, or would be."""
        return self.place(sha256)

    def has(self, sha256: bytes) -> bool:
        """Whether a blob of this hash was verified and stored."""
        return self.place(sha256).is_file()

    def put(self, data: bytes) -> bytes:
        """Store bytes of the office's own; returns their SHA-256."""
        sha256 = hashlib.sha256(data).digest()
        if not self.place(sha256).is_file():
            write_durably(self.place(sha256), data)
        return sha256

    def take(self, upload: Path, sha256: bytes) -> None:
        """Make a whole upload, whose hash was verified, a blob (step 4). Raises OSError; then there
        is neither."""
        place = self.place(sha256)
        if place.is_file():
            upload.unlink()
            return
        try:
            sync_file(upload)
            settle(upload, place)
        except OSError:
            upload.unlink(missing_ok=True)
            place.unlink(missing_ok=True)
            raise

    def quarantine(self, upload: Path, wanted: bytes, got: bytes) -> None:
        """Keep a wrong upload as evidence (step 3), the same bytes once, of one blob a few."""
        named = wanted.hex()[:32]
        target = self._quarantine / f"{named}-{got.hex()[:32]}"
        if target.exists() or len([*self._quarantine.glob(f"{named}-*")]) >= KEPT_ASIDE:
            upload.unlink()
        else:
            settle(upload, target)

    def forget(self, sha256: bytes) -> None:
        """Destroy a blob, and what came in its name. Raises OSError."""
        for one in (self.place(sha256), *self._quarantine.glob(f"{sha256.hex()[:32]}-*")):
            one.unlink(missing_ok=True)

    def check(self, sha256: bytes) -> bool:
        """Whether the stored bytes still have their hash; False as well if there are none."""
        try:
            with self.place(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest() == sha256
        except OSError:
            return False


class Uploads:
    """The files of uploads under way. One chunk at a time is written to each."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.uploads
        self._hashes: dict[str, tuple[int, hashlib._Hash]] = {}
        self._open: dict[str, Chunk] = {}
        self._still: set[str] = set()
        self._resumed: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def create(self) -> str:
        """Begin an upload; returns its id."""
        make_folder(self.folder)
        upload = secrets.token_hex(16)
        self.path(upload).touch(mode=0o600)
        return upload

    def path(self, upload: str) -> Path:
        """The file of an upload."""
        return self.folder / upload

    def offset(self, upload: str) -> int:
        """How many bytes are there. Raises FileNotFoundError."""
        return self.path(upload).stat().st_size

    def resume(self, upload: str, now: int) -> None:
        """It is asked for: what comes from now (ms) on tells how fast it comes."""
        with self._lock:
            self._resumed[upload] = (self.offset(upload), now)

    def resumed(self, upload: str) -> tuple[int, int] | None:
        """How much was there when it was asked for last, and when that was (ms); None where this
        process does not know."""
        return self._resumed.get(upload)

    def remove(self, upload: str) -> None:
        """Forget an upload and its bytes."""
        with self._lock:
            self._hashes.pop(upload, None)
            self._resumed.pop(upload, None)
        self.path(upload).unlink(missing_ok=True)

    def chunk(self, upload: str, offset: int, limit: int, checksum: Checksum | None) -> Chunk:
        """Begin a chunk at ``offset``, at most up to ``limit`` bytes of the whole; one that is
        still open ends where it is.

        Raises WrongOffset, Verifying, FileNotFoundError.
        """
        self.interrupt(upload)
        with self._lock:
            self._expect_free(upload)
            there = self.offset(upload)
            if offset != there:
                raise WrongOffset(
                    "expected a chunk at offset {expected}, got one at {got}; ask for the "
                    "offset and go on from there",
                    expected=there,
                    got=offset,
                )
            size, hasher = self._hashes.get(upload, (0, hashlib.sha256()))
            known = hasher.copy() if size == offset else None
            chunk = Chunk(self, upload, offset, limit, checksum, known)
            self._open[upload] = chunk
        return chunk

    def interrupt(self, upload: str) -> None:
        """End the chunk that is open, if one is, as if its connection had broken."""
        with self._lock:
            chunk = self._open.get(upload)
        if chunk is not None:
            chunk.cut()

    @contextmanager
    def still(self, upload: str) -> Iterator[None]:
        """Keep every chunk away from an upload while the block runs. Raises Verifying while
        somebody else does."""
        self.interrupt(upload)
        with self._lock:
            self._expect_free(upload)
            self._still.add(upload)
        try:
            yield
        finally:
            with self._lock:
                self._still.discard(upload)

    def digest(self, upload: str) -> bytes:
        """SHA-256 of all that is there (step 2)."""
        with self._lock:
            size, hasher = self._hashes.get(upload, (0, hashlib.sha256()))
            hasher = hasher.copy()
        with self.path(upload).open("rb") as file:
            file.seek(size)
            while piece := file.read(PIECE):
                hasher.update(piece)
        return hasher.digest()

    def finished(self, chunk: Chunk, upload: str, hasher: hashlib._Hash | None) -> None:
        """A chunk has ended; ``hasher`` is the hash up to there, if known."""
        with self._lock:
            if hasher is not None:
                self._hashes[upload] = (chunk.offset, hasher)
            if self._open.get(upload) is chunk:
                del self._open[upload]

    def _expect_free(self, upload: str) -> None:
        if upload in self._still or upload in self._open:
            raise Verifying("this upload is being verified; ask again in a moment")


class Chunk:
    """One chunk on its way to the end of an upload's file. Another thread may ``cut`` it."""

    def __init__(
        self,
        uploads: Uploads,
        upload: str,
        offset: int,
        limit: int,
        checksum: Checksum | None,
        hasher: hashlib._Hash | None,
    ) -> None:
        self._uploads, self._upload = uploads, upload
        self._begun = self.offset = offset
        self._limit = limit
        self._checksum, self._hasher = checksum, hasher
        self._turn = threading.Lock()
        self._file: BinaryIO = uploads.path(upload).open("r+b", buffering=0)
        self._file.seek(offset)

    def write(self, data: bytes) -> None:
        """Append bytes. Raises TooMuch past the announced size, NoRoom, WrongOffset once another
        request has taken the upload over."""
        with self._turn:
            self._expect_open()
            if self.offset + len(data) > self._limit:
                raise TooMuch(
                    "expected at most {bound} bytes in this upload; send what was announced",
                    bound=self._limit,
                )
            # Uploads that were granted one by one may be too much together.
            expect_room(self._uploads.folder, len(data))
            self._append(data)
            self.offset += len(data)
            if self._hasher is not None:
                self._hasher.update(data)
            if self._checksum is not None:
                self._checksum.update(data)

    def end(self) -> int:
        """The chunk arrived whole; returns the new offset. Raises BadChecksum, keeping none, and
        WrongOffset as ``write``."""
        with self._turn:
            self._expect_open()
            if self._checksum is not None and not self._checksum.holds():
                self._drop()
                raise BadChecksum(
                    "these bytes are not what their checksum says; send the chunk again"
                )
            self._close(self._hasher)
            return self.offset

    def cut(self) -> None:
        """The connection broke: keep what came, unless a checksum was to vouch for it."""
        with self._turn:
            if self._file.closed:
                return
            if self._checksum is not None:
                self._drop()
            else:
                self._close(self._hasher)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as fault:
            # What is not whole is not counted.
            os.ftruncate(self._file.fileno(), self.offset)
            if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise NoRoom("the server has no room for this; tell the operator") from None
            raise

    def _expect_open(self) -> None:
        if self._file.closed:
            raise WrongOffset(
                "another request has taken this upload over; ask for the offset and go on there"
            )

    def _drop(self) -> None:
        os.ftruncate(self._file.fileno(), self._begun)
        self.offset = self._begun
        self._close(None)

    def _close(self, hasher: hashlib._Hash | None) -> None:
        self._file.close()
        self._uploads.finished(self, self._upload, hasher)
