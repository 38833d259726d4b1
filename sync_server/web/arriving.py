"""A form with one large file, written to the disk as it comes.

    sent = await receive(request, begin, most, judge)
    sent.fields, sent.name, sent.size, sent.sha256

The framework's own reading of forms keeps a file in the system's folder for temporary files, and
knows whose form it is when all of it has come. Here the text fields stand before the file, and
``judge`` sees them before a byte of it is kept; what came whole outlasts a power cut. A browser
shows the answer to a form only once it has sent all of it: whatever is refused, the rest is read
and dropped, up to ``most`` bytes. A disk that is full or fails is told as what it is, with what to
do next: the sender still has all of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import BinaryIO

import structlog
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from protocol.errors import FujieError, Malformed, Refused, TooLarge
from sync_server.store.blobs import NoRoom, expect_room
from sync_server.store.files import sync_file, sync_folder
from sync_server.web.messages import Web
from sync_server.web.problems import TooSlow

PARTS = 8
"""Fields that a form has at most, its file included."""
TEXT = 4096
"""Bytes of all text fields together."""
BUFFER = 1 << 20
IDLE_S = 60
FRAME = 1 << 16
"""Bytes of a form beside its file."""

FULL = (
    "the server's disk is full, so this file could not be kept; nothing of it was taken in and "
    "nothing is lost, the stick has all of it: tell the operator to make room, then hand it in "
    "once more"
)
FAILED = (
    "the server could not write this file down; nothing of it was taken in and nothing is lost, "
    "the stick has all of it: tell the operator to look at the disk, then hand it in once more"
)

Judge = Callable[[Mapping[str, str]], None]

log = structlog.get_logger(__name__)


class NotKept(Refused):
    """The server's disk or its database did not take what came. The sender still has it."""


@dataclass
class Sent:
    """What came: the text fields, and the file's own name, size and SHA-256."""

    fields: dict[str, str] = field(default_factory=dict)
    name: str = ""
    size: int = 0
    sha256: bytes = b""


async def receive(request: Web, begin: Callable[[], Path], most: int, judge: Judge) -> Sent:
    """Write the form's file where ``begin`` says, which makes the folder for it; nothing is there
    where it was refused. ``most`` is the file's size at most. Raises what ``judge`` raises,
    Malformed, TooLarge, NotKept, TooSlow."""
    reading: _Reading | None = None
    body = _pieces(request)
    try:
        try:
            path = await asyncio.to_thread(begin)
            await asyncio.to_thread(_expect_length, request, path, most)
            reading = _Reading(path, most, judge, request.content_type[1].get("boundary", ""))
            async for piece in body:
                await asyncio.to_thread(reading.take, piece)
            return await asyncio.to_thread(reading.end)
        except (FujieError, OSError) as fault:
            with suppress(TooSlow):
                await _drop(body, most)
            if isinstance(fault, NoRoom | OSError):
                raise not_kept(fault) from fault
            raise
    except BaseException:
        if reading is not None:
            await asyncio.shield(asyncio.to_thread(reading.drop))
        raise


def not_kept(fault: Exception) -> NotKept:
    """What a person is told where the disk or the database took no writes; what it was, is logged:
    one that is full is told as that."""
    log.error("a form's file was not kept", kind=type(fault).__name__, exc_info=fault)
    full = isinstance(fault, NoRoom) or getattr(fault, "errno", None) in (ENOSPC, EDQUOT)
    return NotKept(FULL if full else FAILED)


class _Reading:
    """The parts of a form, one after the other."""

    def __init__(self, path: Path, most: int, judge: Judge, boundary: str) -> None:
        self._path, self._most, self._judge = path, most, judge
        try:
            self._parser = PushMultipartParser(boundary, max_segment_count=PARTS)
        except MultipartError:
            raise Malformed(_BROKEN) from None
        self._part: MultipartSegment | None = None
        self._text, self._texts, self._came = bytearray(), 0, 0
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._sent = Sent()

    def take(self, data: bytes) -> None:
        """Some more of the body."""
        self._came += len(data)
        if self._came > self._most + FRAME:  # before the first part and behind the last, too
            raise _too_large(self._most)
        try:
            for event in self._parser.parse(data):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event:
                    self._more(event)
                else:
                    self._finish()
        except MultipartError:
            raise Malformed(_BROKEN) from None

    def end(self) -> Sent:
        """All of it came. Raises Malformed if not."""
        try:
            self._parser.close()
        except MultipartError:
            raise Malformed(_BROKEN) from None
        if self._file is None or not self._sent.size:
            raise Malformed("expected a file that is not empty; choose the export on the stick")
        self._file.close()
        sync_file(self._path)
        sync_folder(self._path.parent)
        self._sent.sha256 = self._hash.digest()
        return self._sent

    def drop(self) -> None:
        """Nothing of it is kept, as far as the disk lets go of it."""
        with suppress(OSError):  # what could not be written is tried again as it is closed
            if self._file is not None:
                self._file.close()
        with suppress(OSError):  # the next start drops it
            self._path.unlink(missing_ok=True)

    def _begin(self, part: MultipartSegment) -> None:
        self._part, self._text = part, bytearray()
        if part.filename is not None:
            if self._file is not None:
                raise Malformed(_BROKEN)
            self._judge(self._sent.fields)
            self._sent.name = part.filename
            self._file = _opened(self._path)

    def _more(self, data: bytearray) -> None:
        assert self._part is not None  # the parser begins a part before it brings any of it
        if self._part.filename is None:
            self._text += data
            self._texts += len(data)
            if self._texts > TEXT:
                raise Malformed(_BROKEN)
            return
        assert self._file is not None
        self._sent.size += len(data)
        if self._sent.size > self._most:
            raise _too_large(self._most)
        expect_room(self._path.parent, len(data))
        self._hash.update(data)
        self._file.write(data)

    def _finish(self) -> None:
        assert self._part is not None
        if self._part.filename is None:
            self._sent.fields[self._part.name] = self._text.decode(errors="replace")


def _opened(path: Path) -> BinaryIO:
    return path.open("wb")


async def _pieces(request: Web) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a write. Raises TooSlow."""
    held, coming = bytearray(), request.stream()
    while True:
        try:
            async with asyncio.timeout(IDLE_S):
                held += await anext(coming)
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise TooSlow(
                "nothing came for {seconds} s; hand the export in once more", seconds=IDLE_S
            ) from None
        if len(held) >= BUFFER:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _drop(body: AsyncIterator[bytes], most: int) -> None:
    dropped = 0
    async for piece in body:
        dropped += len(piece)
        if dropped > most:
            return


def _expect_length(request: Web, path: Path, most: int) -> None:
    """What a browser says beforehand. There must be room for the file and for what is in it."""
    told = request.headers.get("content-length", "0")
    length = int(told) if told.isascii() and told.isdigit() else 0
    if length > most + FRAME:
        raise _too_large(most)
    expect_room(path.parent, 2 * length)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        "expected an export of at most {most} GB, got a larger one; have the operator take it in "
        "with fujie-server import-export",
        most=f"{most / (1 << 30):.3g}",
    )


_BROKEN = "this form did not come as the page sends it; open the page again and send it again"
