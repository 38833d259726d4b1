"""One file that holds many, with exactly one form: a zip in which no byte is free.

A package is a zip file (APPNOTE 6.3) whose every byte follows from its members' names and
contents: members are stored, sorted by name, dated 1980-01-01, without comments, flags or
data descriptors; ZIP64 fields stand where a number needs them and nowhere else. Every unzip
reads it. This reader walks it from its first byte, rebuilds each header and the whole
directory, and refuses whatever differs, so that nothing can hide between the members.

A member is read in chunks and never held whole: a package may be larger than memory.

    write_package(out, [Member("case/bagit.txt", size, crc, lambda: [b"BagIt-Version: …"])])
    package = ZipPackage(file)                  raises Malformed unless the form is exact
    for chunk in package.chunks("bagit.txt"): ...

The checker (``casecheck.py``) reads through ``Package``, which an unpacked folder serves too.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from protocol.errors import Malformed, TooLarge

CHUNK = 1 << 20
MAX_NAME = 120
MAX_MEMBERS = 4_000_000

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")

_DATE = 0x0021  # 1980-01-01, the first day that a zip can name
_MADE_BY = 0x032D  # Unix, APPNOTE 4.5
_MODE = 0o100644 << 16
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


class Package(Protocol):
    """What the checker needs from a file or a folder. Names are without the base directory."""

    def names(self) -> Sequence[str]:
        """Every member's name, ascending."""

    def size(self, name: str) -> int:
        """A member's length in bytes."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes. Raises Malformed when they are not what was stored."""


@dataclass(frozen=True)
class Member:
    """One member to write: its length and CRC-32 beforehand, its bytes on demand."""

    name: str
    size: int
    crc: int
    chunks: Callable[[], Iterable[bytes]]


def write_package(out: BinaryIO, members: Sequence[Member]) -> None:
    """Write the package of ``members``, in the order of their names.

    Raises Malformed if a name is odd or doubled, or if a member's bytes changed since its
    length and CRC were taken; ``out`` is then worthless.
    """
    placed: list[_Placed] = []
    offset = 0
    for member in sorted(members, key=lambda member: member.name):
        place = _Placed(member.name, member.size, member.crc, offset)
        _expect_next(place.name, placed)
        out.write(place.local())
        _copy(member, out)
        placed.append(place)
        offset = place.end
    out.write(_directory(placed, offset))


class ZipPackage:
    """A package in a seekable file. Raises Malformed or TooLarge unless its form is exact.

    ``base`` is the one folder that holds all members; names are given without it.
    """

    def __init__(self, file: BinaryIO, base: str) -> None:
        self._file = file
        self._base = base + "/"
        self._length = file.seek(0, 2)
        self._placed = {place.name: place for place in self._walk()}
        for name in self._placed:
            if not name.startswith(self._base):
                raise Malformed(
                    "expected every member inside {base}, got {name}; export the case again",
                    base=base,
                    name=name,
                )

    def names(self) -> Sequence[str]:
        """Every member's name, ascending."""
        return [name.removeprefix(self._base) for name in self._placed]

    def size(self, name: str) -> int:
        """A member's length in bytes."""
        return self._placed[self._base + name].size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes; raises Malformed at their end if the CRC differs."""
        place = self._placed[self._base + name]
        self._file.seek(place.start)
        left, crc = place.size, 0
        while left:
            chunk = self._file.read(min(left, CHUNK))
            if not chunk:
                raise _truncated()
            left -= len(chunk)
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != place.crc:
            raise Malformed(
                "expected the stored bytes of {name}, got others; the file was damaged or "
                "altered, ask for it again",
                name=name,
            )

    def _walk(self) -> list[_Placed]:
        placed: list[_Placed] = []
        offset = 0
        while (head := self._read(offset, _LOCAL.size)).startswith(b"PK\x03\x04"):
            place = self._member(head, offset)
            _expect_next(place.name, placed)
            placed.append(place)
            offset = place.end
        tail = _directory(placed, offset)
        if self._length != offset + len(tail) or self._read(offset, len(tail)) != tail:
            raise Malformed(
                "expected the directory that follows from the members; the file was truncated "
                "or altered, ask for it again"
            )
        return placed

    def _member(self, head: bytes, offset: int) -> _Placed:
        """The member whose local header lies at ``offset``."""
        if len(head) != _LOCAL.size:
            raise _truncated()
        *_, crc, size, _, name_size, extra_size = _LOCAL.unpack(head)
        if name_size > MAX_NAME or extra_size not in (0, 20):
            raise Malformed("expected plain member headers; the file was altered")
        rest = self._read(offset + _LOCAL.size, name_size + extra_size)
        if extra_size and len(rest) == name_size + extra_size:
            size = int.from_bytes(rest[-8:], "little")
        try:
            name = rest[:name_size].decode("ascii")
        except UnicodeDecodeError:
            raise Malformed("expected member names in ASCII; the file was altered") from None
        place = _Placed(name, size, crc, offset)
        if place.local() != head + rest:
            raise Malformed(
                "expected the one header that member {name} can have; the file was altered",
                name=name,
            )
        if place.end > self._length:
            raise _truncated()
        return place

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)


@dataclass(frozen=True)
class _Placed:
    """A member at its place in the file."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        return self.offset + len(self.local())

    @property
    def end(self) -> int:
        return self.start + self.size

    def local(self) -> bytes:
        """The local file header (APPNOTE 4.3.7)."""
        large = self.size >= _FULL32
        extra = struct.pack("<2H2Q", 1, 16, self.size, self.size) if large else b""
        size = _FULL32 if large else self.size
        name = self.name.encode("ascii")
        version = 45 if large else 10
        head = (version, 0, 0, 0, _DATE, self.crc, size, size, len(name), len(extra))
        return _LOCAL.pack(b"PK\x03\x04", *head) + name + extra

    def central(self) -> bytes:
        """The directory's header (APPNOTE 4.3.12)."""
        numbers = [self.size, self.size] if self.size >= _FULL32 else []
        numbers += [self.offset] if self.offset >= _FULL32 else []
        extra = struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
        extra = extra if numbers else b""
        size, offset = min(self.size, _FULL32), min(self.offset, _FULL32)
        name = self.name.encode("ascii")
        version = 45 if numbers else 10
        head = (_MADE_BY, version, 0, 0, 0, _DATE, self.crc, size, size, len(name), len(extra))
        return _CENTRAL.pack(b"PK\x01\x02", *head, 0, 0, 0, _MODE, offset) + name + extra


def _directory(placed: Sequence[_Placed], offset: int) -> bytes:
    """All that follows the last member (APPNOTE 4.3.12 to 4.3.16)."""
    directory = b"".join(place.central() for place in placed)
    count, size = len(placed), len(directory)
    tail = b""
    if count >= _FULL16 or size >= _FULL32 or offset >= _FULL32:
        at = offset + size
        tail = _END64.pack(b"PK\x06\x06", 44, _MADE_BY, 45, 0, 0, count, count, size, offset)
        tail += _LOCATOR.pack(b"PK\x06\x07", 0, at, 1)
    few, small, near = min(count, _FULL16), min(size, _FULL32), min(offset, _FULL32)
    return directory + tail + _END.pack(b"PK\x05\x06", 0, 0, few, few, small, near, 0)


def _copy(member: Member, out: BinaryIO) -> None:
    size = crc = 0
    for chunk in member.chunks():
        out.write(chunk)
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    if (size, crc) != (member.size, member.crc):
        raise Malformed(
            "expected the bytes of {name} that were counted before, got others; export again",
            name=member.name,
        )


def _expect_next(name: str, placed: Sequence[_Placed]) -> None:
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise Malformed("expected a plain member name, got {name}", name=repr(name[:60]))
    if placed and name <= placed[-1].name:
        raise Malformed("expected names in ascending order, got {name} again or late", name=name)
    if len(placed) >= MAX_MEMBERS:
        raise TooLarge("expected at most {bound} members", bound=MAX_MEMBERS)


def _truncated() -> Malformed:
    return Malformed("expected more bytes than the file has; it was truncated, ask for it again")
