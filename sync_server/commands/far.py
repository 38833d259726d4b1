"""How far a stick's file was read, on the terminal: bytes, records and files, and the time left.

1.2 of 2.0 GB · 41 records, 3 files · about 2 minutes left
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from protocol.pacing import Pace
from sync_server.devices.exports import Far

EVERY_S = 0.5
WIDTH = 78


class Terminal:
    """Shows it in one line that is written over, where there is a terminal."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at, self._read = clock(), 0
        self._pace = Pace()
        self.far = Far(0, 0, 0, 0)
        self._shown = False

    def __call__(self, far: Far) -> None:
        """So far now."""
        self.far = far
        now = self._clock()
        if now - self._told_at < EVERY_S:
            return
        took, read = round(1000 * (now - self._told_at)), far.done - far.before
        self._pace = self._pace.after(read - self._read, took)
        self._told_at, self._read = now, read
        if sys.stderr.isatty():
            line = words(far, self._pace.estimate_ms(far.whole - far.done))
            sys.stderr.write(f"\r{line:<{WIDTH}}")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away, before another is told."""
        if self._shown:
            sys.stderr.write(f"\r{'':<{WIDTH}}\r")
            sys.stderr.flush()
            self._shown = False


def words(far: Far, remaining_ms: int) -> str:
    """One line.

    >>> words(Far(1_200_000_000, 2_000_000_000, 41, 3), 95_000)
    '1.2 of 2.0 GB · 41 records, 3 files · about 2 minutes left'
    >>> words(Far(300_000, 2_000_000, 1, 0), 0)
    '0.3 of 2.0 MB · 1 records, 0 files'
    """
    unit, name = (1e9, "GB") if far.whole >= 1e9 else (1e6, "MB")
    line = f"{far.done / unit:.1f} of {far.whole / unit:.1f} {name}"
    line += f" · {far.records} records, {far.files} files"
    if not remaining_ms:
        return line
    seconds = -(-remaining_ms // 1000)
    left = f"{seconds} seconds" if seconds < 60 else f"{-(-seconds // 60)} minutes"
    return f"{line} · about {left} left"
