"""An answer on its way from the stick into files here, gone on with where it stopped.

with unpacked(path, key, work, …) as told   its files in a folder that is thrown away
tidy(work)                                  what a crash left of them

    stick ──sealed, MiB by MiB──> work/sealed ──opened──> work/tmp…/ ──> heard, and all removed

What was read of the stick is here, sealed as it was there: who stops it, a stick that is pulled out
and a battery that is empty cost at most ``SYNCED`` bytes. It goes on behind them if the file begins
as it did, which no other does; should the two then not fit together, the stick is read once more
from its beginning. What comes is opened as it comes: what nobody sealed for this tablet is given up
at its first frame, however large the file is. Nothing that was opened outlives the block, and until
all of it was read nothing has changed. Only one answer is kept so, for a week.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from field_client.contact.answers import AnswerBroken, Cancelled, Told
from field_client.contact.far import Far, Progress, nobody
from field_client.durable import disk_full_named
from field_client.errors import DiskFull
from protocol.answer import MAGIC, MOST_BYTES, damaged, take_files, unseal_answer
from protocol.errors import FujieError
from protocol.export import BOX, HEADER, Read

SEALED = "sealed"
"""What was read of a stick so far, under this name."""
SYNCED = 1 << 20
"""How many bytes are read before they are put on the disk for good."""
MOST_SEALED = MOST_BYTES + MOST_BYTES // 16
"""How large an answer can be with its frames: what is larger is none, whoever sealed it."""
KEPT_S = 7 * 24 * 3600
BEGINS = len(MAGIC) + BOX + HEADER
"""How many bytes no other answer begins with: the box of a random key, and a random header."""

Stopped = Callable[[], bool]


@contextmanager
def unpacked(
    path: Path,
    key: bytes,
    work: Path,
    progress: Progress = nobody,
    cancelled: Stopped = lambda: False,
) -> Iterator[Told]:
    """The files of an answer until the block ends. Raises AnswerBroken, Cancelled, DiskFull, and
    what ``unseal_answer`` and ``take_files`` raise."""
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = work / SEALED
    with disk_full_named(work), tempfile.TemporaryDirectory(dir=work) as folder:
        try:
            told = _whole(path, sealed, key, Path(folder), progress, cancelled)
            yield told
        except (AnswerBroken, Cancelled):
            raise  # it goes on from here
        except (FujieError, OSError):
            sealed.unlink(missing_ok=True)
            raise
        sealed.unlink(missing_ok=True)


def tidy(work: Path) -> None:
    """Remove what a crash left of an answer: what was opened, for it lies outside the vault, and
    what was read sealed when nobody went on with it."""
    with suppress(OSError):
        for left in work.iterdir():
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name != SEALED or left.stat().st_mtime < time.time() - KEPT_S:
                left.unlink()


def _whole(
    path: Path, sealed: Path, key: bytes, folder: Path, progress: Progress, cancelled: Stopped
) -> Told:
    """All of an answer, opened; read anew if what was here already does not fit the rest."""
    with _reading(path) as (file, size):

        def opened(begun: int, name: str) -> Told:
            with sealed.open("r+b" if begun else "w+b") as copy:
                both = _Both(file, size, copy, begun, progress, cancelled)
                return _opened(both.read, key, folder / name)

        begun = _held(sealed, _next(file, BEGINS, cancelled), size)
        try:
            return opened(begun, "1")
        except (AnswerBroken, Cancelled, DiskFull):
            raise
        except FujieError:
            if not begun:
                raise
        return opened(0, "2")


def _held(sealed: Path, begins: bytes, size: int) -> int:
    """How much of the file that ``begins`` so is here and was put on the disk for good."""
    try:
        with sealed.open("rb") as copy:
            same = copy.read(BEGINS) == begins
            held = os.fstat(copy.fileno()).st_size
    except OSError:
        return 0
    return held // SYNCED * SYNCED if same and held <= size else 0


class _Both:
    """One file: its beginning from the ``copy`` that is here, the rest from the stick; and that is
    here before it is handed out."""

    def __init__(
        self,
        file: BinaryIO,
        size: int,
        copy: BinaryIO,
        begun: int,
        progress: Progress,
        cancelled: Stopped,
    ) -> None:
        self._file, self._size, self._copy, self._begun = file, size, copy, begun
        self._progress, self._cancelled = progress, cancelled
        self._done, self._ahead = 0, bytearray()
        copy.truncate(begun)
        file.seek(begun)

    def read(self, size: int) -> bytes:
        """The next bytes, fewer at the end. Raises AnswerBroken, Cancelled, Altered."""
        while len(self._ahead) < size and (data := self._more()):
            self._ahead += data
            self._done += len(data)
            if self._done > MOST_SEALED:
                raise damaged()
        data = bytes(self._ahead[:size])
        del self._ahead[:size]
        return data

    def _more(self) -> bytes:
        if self._done < self._begun:
            _expect_wanted(self._cancelled)
            return self._copy.read(SYNCED)
        data = _next(self._file, SYNCED, self._cancelled)
        if data:
            self._copy.seek(self._done)
            self._copy.write(data)
            self._copy.flush()
            os.fsync(self._copy.fileno())
            done = self._done + len(data)
            self._progress(Far(done, max(self._size, done)))
        return data


def _opened(read: Read, key: bytes, folder: Path) -> Told:
    folder.mkdir()
    told = Told(folder)
    told.told = take_files(unseal_answer(read, key), told.put)
    return told


@contextmanager
def _reading(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    try:
        file = path.open("rb")
    except OSError as fault:
        raise _broken(path, fault) from None
    with file:
        yield file, os.fstat(file.fileno()).st_size


def _expect_wanted(cancelled: Stopped) -> None:
    if cancelled():
        raise Cancelled(
            "Stopped. Nothing was changed; take the answer in again, and it goes on from here."
        )


def _next(file: BinaryIO, size: int, cancelled: Stopped) -> bytes:
    _expect_wanted(cancelled)
    try:
        return file.read(size)
    except OSError as fault:
        raise _broken(Path(file.name), fault) from None


def _broken(path: Path, fault: OSError) -> AnswerBroken:
    return AnswerBroken(
        "{file} cannot be read from the stick ({fault}). Nothing was changed; plug it in again and "
        "take it in once more: it goes on where it stopped. Or copy the file again.",
        file=path.name,
        fault=fault.strerror or type(fault).__name__,
    )
