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

Steps 2 to 4 wait for no chunk and bear none beside them (``still``): whoever still had the file
open could cut it after it was verified.

An offset survives a crash of this program. After a power cut an upload may be shorter than it
was, or hold bytes that were never written; step 2 is what stands between that and "stored".
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from protocol.errors import FujieError, Refused
from sync_server.files import make_folder, settle, sync_file, write_durably
from sync_server.settings import Settings

PIECE = 1 << 20


class WrongBytes(FujieError):
    """A whole upload that is not the blob which the record names."""


class WrongOffset(Refused):
    """A chunk that does not begin where the upload ends."""


class BadChecksum(Refused):
    """A chunk that is not what its sender says."""


class TooMuch(Refused):
    """More bytes than the upload was announced with."""


class BlobStore:
    """Whole blobs in a local folder. An object store would be reached through this class."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.blobs
        self._quarantine = settings.quarantine

    def path(self, sha256: bytes) -> Path:
        """Where the blob of this hash is, or would be."""
        name = sha256.hex()
        return self._folder / name[:2] / name

    def has(self, sha256: bytes) -> bool:
        """Whether a blob of this hash was verified and stored."""
        return self.path(sha256).is_file()

    def put(self, data: bytes) -> bytes:
        """Store bytes of the office's own; returns their SHA-256."""
        sha256 = hashlib.sha256(data).digest()
        if not self.has(sha256):
            write_durably(self.path(sha256), data)
        return sha256

    def take(self, upload: Path, sha256: bytes) -> None:
        """Make a whole upload, whose hash was verified, a blob (step 4)."""
        sync_file(upload)
        settle(upload, self.path(sha256))

    def quarantine(self, upload: Path) -> Path:
        """Keep a wrong upload as evidence (step 3)."""
        target = self._quarantine / upload.name
        settle(upload, target)
        return target

    def check(self, sha256: bytes) -> bool:
        """Whether the stored bytes still have their hash; False as well if there are none."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest() == sha256
        except OSError:
            return False


class Uploads:
    """The files of uploads under way. One chunk at a time is written to each."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.uploads
        self._hashes: dict[str, tuple[int, hashlib._Hash]] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def create(self) -> str:
        """Begin an upload; returns its id."""
        make_folder(self._folder)
        upload = secrets.token_hex(16)
        self.path(upload).touch(mode=0o600)
        return upload

    def path(self, upload: str) -> Path:
        """The file of an upload."""
        return self._folder / upload

    def offset(self, upload: str) -> int:
        """How many bytes are there. Raises FileNotFoundError."""
        return self.path(upload).stat().st_size

    def remove(self, upload: str) -> None:
        """Forget an upload and its bytes."""
        self._hashes.pop(upload, None)
        self.path(upload).unlink(missing_ok=True)

    def chunk(self, upload: str, offset: int, limit: int, checksum: Checksum | None) -> Chunk:
        """Begin a chunk at ``offset``, at most up to ``limit`` bytes of the whole.

        Raises WrongOffset, also while another chunk of this upload is being written.
        """
        with self._lock:
            there = self.offset(upload)
            if upload in self._busy or offset != there:
                raise WrongOffset(
                    "expected a chunk at offset {expected}, got one at {got}; ask for the "
                    "offset and go on from there",
                    expected=there,
                    got=offset,
                )
            self._busy.add(upload)
        try:
            return Chunk(self, upload, offset, limit, checksum)
        except OSError:
            self.finished(upload, offset, None)
            raise

    @contextmanager
    def still(self, upload: str) -> Iterator[None]:
        """Keep every chunk away from an upload while the block runs. Raises WrongOffset while
        one is being written."""
        with self._lock:
            if upload in self._busy:
                raise WrongOffset(
                    "a chunk of this upload is still on its way; ask for the offset again"
                )
            self._busy.add(upload)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(upload)

    def digest(self, upload: str) -> bytes:
        """SHA-256 of all that is there (step 2)."""
        size, hasher = self._hashes.get(upload, (0, hashlib.sha256()))
        hasher = hasher.copy()
        with self.path(upload).open("rb") as file:
            file.seek(size)
            while piece := file.read(PIECE):
                hasher.update(piece)
        return hasher.digest()

    def carried(self, upload: str, offset: int) -> hashlib._Hash | None:
        """The hash of the first ``offset`` bytes, if it was carried along."""
        size, hasher = self._hashes.get(upload, (0, hashlib.sha256()))
        return hasher.copy() if size == offset else None

    def finished(self, upload: str, size: int, hasher: hashlib._Hash | None) -> None:
        """A chunk has ended at ``size``; ``hasher`` is the hash up to there, if known."""
        if hasher is not None:
            self._hashes[upload] = (size, hasher)
        with self._lock:
            self._busy.discard(upload)


class Checksum:
    """``Upload-Checksum`` of tus: an algorithm and the digest of one chunk."""

    ALGORITHMS = ("sha1", "sha256")

    def __init__(self, algorithm: str, digest: bytes) -> None:
        self._hasher = hashlib.new(algorithm, usedforsecurity=False)
        self._digest = digest

    def update(self, data: bytes) -> None:
        """Take the next bytes of the chunk."""
        self._hasher.update(data)

    def holds(self) -> bool:
        """Whether the bytes so far are the announced ones."""
        return secrets.compare_digest(self._hasher.digest(), self._digest)


class Chunk:
    """One chunk on its way to the end of an upload's file."""

    def __init__(
        self, uploads: Uploads, upload: str, offset: int, limit: int, checksum: Checksum | None
    ) -> None:
        self._uploads, self._upload = uploads, upload
        self._begun = self.offset = offset
        self.limit = limit
        self._checksum = checksum
        self._hasher = uploads.carried(upload, offset)
        self._file: BinaryIO = uploads.path(upload).open("r+b", buffering=0)
        self._file.seek(offset)

    def write(self, data: bytes) -> None:
        """Append bytes. Raises TooMuch past the announced size."""
        if self.offset + len(data) > self.limit:
            raise TooMuch(
                "expected at most {bound} bytes in this upload; send what was announced",
                bound=self.limit,
            )
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.offset += len(data)
        if self._hasher is not None:
            self._hasher.update(data)
        if self._checksum is not None:
            self._checksum.update(data)

    def end(self) -> int:
        """The chunk arrived whole; returns the new offset. Raises BadChecksum, keeping none."""
        if self._checksum is not None and not self._checksum.holds():
            self._drop()
            raise BadChecksum("these bytes are not what their checksum says; send the chunk again")
        self._close(self._hasher)
        return self.offset

    def cut(self) -> None:
        """The connection broke: keep what came, unless a checksum was to vouch for it."""
        if self._checksum is not None:
            self._drop()
        else:
            self._close(self._hasher)

    def _drop(self) -> None:
        os.ftruncate(self._file.fileno(), self._begun)
        self.offset = self._begun
        self._close(None)

    def _close(self, hasher: hashlib._Hash | None) -> None:
        self._file.close()
        self._uploads.finished(self._upload, self.offset, hasher)
