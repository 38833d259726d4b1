"""The media of an export on their way out of it, and where reading goes on if it was stopped.

    <data>/imports/<id of the export>/<n>        each blob; the last may be in pieces
    <data>/imports/<id of the export>/place      how far the file was read, synced like the blobs

What is read first, up to the last statement, is small and is read each time. From the first piece
of a blob on, a stick that was pulled out, a Ctrl-C and a power cut cost at most ``SYNCED`` bytes:
what was authenticated before is here, hashed again from this disk, and the file goes on behind it;
if any of it is not as it was, all is read anew.
Bytes of the file before that place count for nothing any more; each byte behind it is authenticated
as the continuation of what was read (``protocol/export.py``), so that another file, or one that was
altered, is refused as ever. What nobody goes on with is dropped after a week.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from protocol import envelope as dsse
from protocol import statements
from protocol.errors import FujieError
from protocol.export import Kind, Part, Place, Unsealing
from protocol.exported import Exported
from sync_server.services import Services
from sync_server.settings import Settings
from sync_server.store.blobs import expect_room
from sync_server.store.files import make_folder, sync_file, write_durably

SYNCED = 32 << 20
"""How many bytes of blobs are read before they, and the place behind them, are put on the disk."""
KEPT_S = 7 * 24 * 3600
NOTE = "place"
_READ = 1 << 20
_FILE = 4096
"""About what a file costs the disk, be it empty: many are put away as often as large ones."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """Where reading goes on. ``first`` is the stream's state behind the first part of a blob: the
    same in the same file alone. ``kept`` are the blobs that are whole, by their files; ``number``
    is the file under way, of which ``size`` bytes are read; ``cut`` blobs were not what they are
    named, or too large."""

    first: bytes
    place: Place
    kept: dict[str, bytes]
    number: int
    size: int
    cut: int


@dataclass
class Spool:
    """The blobs of one export. ``kept`` are those that are wanted, by the SHA-256 that they have;
    ``files`` counts all that came."""

    services: Services
    folder: Path
    kept: dict[bytes, Path] = field(default_factory=dict)
    cut: int = 0
    files: int = 0
    _first: bytes = b""
    _number: int = 0
    _file: BinaryIO | None = None
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _size: int = 0
    _unsynced: int = 0
    _named: set[bytes] | None = None
    _loose: list[Path] = field(default_factory=list)
    _unwanted: list[Path] = field(default_factory=list)

    def begin(self, first: bytes) -> Place | None:
        """The first part of a blob came; where to go on, if that was done before."""
        self._first = first
        make_folder(self.folder)
        noted = self._noted()
        if noted is None:
            for left in self.folder.iterdir():
                left.unlink()
            return None
        self.cut, self._number, self.files = noted.cut, noted.number, noted.number
        if noted.size:
            self._reopen(noted.size)
        return noted.place

    def take(self, part: Part, exported: Exported) -> None:
        """Take a piece, or the end of a blob; other parts are none of it."""
        if part.kind == Kind.PIECE:
            self._write(part.body)
        elif part.kind == Kind.BLOB:
            self._finish(part.body, exported)

    def note(self, reading: Unsealing) -> None:
        """Every so often, put what came on the disk, and the place behind it."""
        if self._unsynced < SYNCED:
            return
        if self._file is not None:
            self._file.flush()
            sync_file(self._path())
        for path in self._loose:
            sync_file(path)
        noted = Noted(
            first=self._first,
            place=reading.place,
            kept={path.name: name for name, path in self.kept.items()},
            number=self._number,
            size=self._size if self._file is not None and not self._is_too_large else 0,
            cut=self.cut,
        )
        write_durably(self.folder / NOTE, msgspec.msgpack.encode(noted))
        for path in self._unwanted:  # not before: they may be what the last note names
            path.unlink()
        self._loose, self._unwanted, self._unsynced = [], [], 0

    def leave(self) -> None:
        """Let go of the file under way; what is here stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def clear(self) -> None:
        """Remove what nobody took."""
        self.leave()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _noted(self) -> Noted | None:
        """What was noted of this file, if all of it is still here and as it was."""
        try:
            noted = msgspec.msgpack.decode((self.folder / NOTE).read_bytes(), type=Noted)
            whole = (self.folder / str(noted.number)).stat().st_size if noted.size else 0
        except (OSError, msgspec.MsgspecError):
            return None
        if noted.first != self._first or len(noted.place.state) != len(self._first):
            return None
        paths = {name: self.folder / file for file, name in noted.kept.items()}
        self.kept = {name: path for name, path in paths.items() if _is(path, name)}
        there = all(name in self.kept or self.services.blobs.has(name) for name in paths)
        if there and whole >= noted.size:
            return noted
        self.kept = {}
        return None

    def _reopen(self, size: int) -> None:
        """The file under way, as far as it was synced, hashed again."""
        self._file = self._path().open("r+b")
        self._file.truncate(size)
        self._hash, self._size = hashlib.sha256(), size
        while data := self._file.read(_READ):
            self._hash.update(data)

    def _path(self) -> Path:
        return self.folder / str(self._number)

    @property
    def _is_too_large(self) -> bool:
        """Whether the file under way is one that no upload may be: left out, as one that is cut."""
        return self._size > self.services.settings.max_blob

    def _write(self, piece: bytes) -> None:
        if self._file is None:
            self._file = self._path().open("wb")
            self._hash, self._size = hashlib.sha256(), 0
        self._size += len(piece)
        self._unsynced += len(piece)
        if self._is_too_large:
            self._file.truncate(0)
            self._file.seek(0)
            self._hash = hashlib.sha256()
            return
        expect_room(self.services.settings.data, len(piece))
        self._hash.update(piece)
        self._file.write(piece)

    def _finish(self, name: bytes, exported: Exported) -> None:
        if self._file is None:
            self._write(b"")
        self.leave()
        path = self._path()
        self._number += 1
        self.files += 1
        self._unsynced += _FILE
        if self._named is None:  # all statements come before the first blob
            self._named = _named(exported)
        wanted = name in self._named or self.services.facts.is_named(name)
        if name != self._hash.digest():
            self.cut += 1
            self._unwanted.append(path)
        elif wanted and name not in self.kept:
            self.kept[name] = path
            self._loose.append(path)
        else:
            self._unwanted.append(path)


def forget_old(services: Services) -> None:
    """Drop what nobody went on with."""
    if not services.settings.imports.is_dir():
        return
    for left in services.settings.imports.iterdir():
        if left.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(left, ignore_errors=True)


def folder_of(settings: Settings, head: bytes) -> Path:
    """Where the blobs of the export go that begins with ``head``, which no other begins with."""
    return settings.imports / hashlib.sha256(head).hexdigest()[:32]


def _is(path: Path, sha256: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest() == sha256
    except OSError:
        return False


def _named(exported: Exported) -> set[bytes]:
    """The blobs that the statements of an export name."""
    found: set[bytes] = set()
    for data in exported.statements.values():
        try:
            said = statements.decode(dsse.decode(data).body)
        except FujieError:
            continue
        found |= {bytes.fromhex(ref.sha256) for ref in statements.blobs_of(said)}
    return found
