"""The canonical zip: large members, flat memory, and no room between members."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import FujieError, Malformed
from protocol.package import Member, ZipPackage, _directory, _Placed, write_package

NAMES = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True)


def package(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    write_package(out, [member(f"case/{name}", data) for name, data in files.items()])
    return out.getvalue()


def member(name: str, data: bytes) -> Member:
    return Member(name, len(data), zlib.crc32(data), lambda: [data])


class Sparse(io.RawIOBase):
    """A file of zeros, as long as one likes, with some bytes in it."""

    def __init__(self, parts: list[tuple[int, bytes]], size: int) -> None:
        self.parts, self.length, self.place = parts, size, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = 0) -> int:
        self.place = {0: 0, 1: self.place, 2: self.length}[whence] + offset
        return self.place

    def read(self, size: int = -1) -> bytes:
        left = self.length - self.place
        size = max(0, left if size < 0 else min(size, left))
        found = bytearray(size)
        for offset, data in self.parts:
            start, end = max(offset, self.place), min(offset + len(data), self.place + size)
            if start < end:
                found[start - self.place : end - self.place] = data[start - offset : end - offset]
        self.place += size
        return bytes(found)


@given(st.dictionaries(NAMES, st.binary(max_size=50), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_here_and_elsewhere(files: dict[str, bytes]) -> None:
    data = package(files)
    read = ZipPackage(io.BytesIO(data), "case")
    assert {name: b"".join(read.chunks(name)) for name in read.names()} == files
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {n.removeprefix("case/"): archive.read(n) for n in archive.namelist()} == files


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    with pytest.raises(FujieError):
        ZipPackage(io.BytesIO(b"PK\x03\x04" + data), "case")


def test_members_past_four_gigabytes_use_zip64_as_others_read_it() -> None:
    first = _Placed("case/a", 5 << 30, 123, 0)
    second = _Placed("case/b", 7, 4, first.end)
    tail = _directory([first, second], second.end)
    parts = [(0, first.local()), (second.offset, second.local()), (second.end, tail)]
    file = Sparse(parts, second.end + len(tail))
    assert ZipPackage(file, "case").size("a") == 5 << 30  # type: ignore[arg-type]
    with zipfile.ZipFile(file) as archive:  # type: ignore[arg-type]
        assert [info.file_size for info in archive.infolist()] == [5 << 30, 7]
        assert archive.infolist()[1].header_offset == second.offset


def test_a_large_member_is_never_held_whole() -> None:
    place = _Placed("case/a", 64 << 20, 0, 0)
    tail = _directory([place], place.end)
    file = Sparse([(0, place.local()), (place.end, tail)], place.end + len(tail))
    read = ZipPackage(file, "case")  # type: ignore[arg-type]
    tracemalloc.start()
    with pytest.raises(Malformed, match="stored bytes"):  # the CRC is of other bytes
        deque(read.chunks("a"), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_member_that_changes_while_it_is_written_is_noticed() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"other"

    with pytest.raises(Malformed, match="export again"):
        write_package(io.BytesIO(), [Member("case/a", 5, zlib.crc32(b"first"), chunks)])


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(Malformed, match="ascending"):
        write_package(io.BytesIO(), [member("case/a", b""), member("case/a", b"")])


@pytest.mark.parametrize("size", [1 << 31, (1 << 32) - 2])
def test_a_length_past_the_end_is_called_truncated(size: int) -> None:
    data = bytearray(package({"a": b"hello"}))
    struct.pack_into("<2I", data, 18, size, size)
    with pytest.raises(Malformed, match="truncated"):
        ZipPackage(io.BytesIO(bytes(data)), "case")
