"""The tablet's three clocks, passed in wherever a time is needed so that tests can drive them.

``wall_ms``       what the tablet believes the time is; anybody may change it
``monotonic_ms``  time since boot, suspend included; nobody can set it
``boot_id``       16 bytes that name this boot, so that two monotonic times can be compared

>>> clock = SystemClock()
>>> clock.monotonic_ms() <= clock.monotonic_ms()
True
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple, Protocol

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
BOOT_ID_BYTES = 16


class Clock(Protocol):
    """What a link needs to know about time (``protocol/chain.py``)."""

    @property
    def boot_id(self) -> bytes:
        """16 bytes; equal while monotonic times can be compared."""

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch, UTC."""

    def monotonic_ms(self) -> int:
        """Milliseconds that only grow within one ``boot_id``."""


class SystemClock:
    """The machine's own clocks."""

    def __init__(self, boot_id_file: Path = BOOT_ID_FILE) -> None:
        self._boot_id = _read_boot_id(boot_id_file)

    @property
    def boot_id(self) -> bytes:
        """The kernel's id of this boot; where there is none, random for this process."""
        return self._boot_id

    def wall_ms(self) -> int:
        """The system's clock, ms UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Since boot. CLOCK_MONOTONIC stops in suspend, and tablets sleep in bags: BOOTTIME."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return time.monotonic_ns() // 1_000_000


def _read_boot_id(path: Path) -> bytes:
    try:
        boot_id = bytes.fromhex(path.read_text().strip().replace("-", ""))
    except (OSError, ValueError):
        boot_id = b""
    if len(boot_id) != BOOT_ID_BYTES:
        # Without a kernel id nothing proves that two processes share a boot, so none is claimed.
        return os.urandom(BOOT_ID_BYTES)
    return boot_id


class Reading(NamedTuple):
    """The three clocks at one moment."""

    boot_id: bytes
    monotonic_ms: int
    wall_ms: int


def read_clock(clock: Clock) -> Reading:
    """One reading of all three."""
    return Reading(clock.boot_id, clock.monotonic_ms(), clock.wall_ms())


class SteadyClock:
    """The time of one act that lasts: the wall clock's at its start, moved on by the monotonic
    clock alone, so that its end and its breaks stay true when somebody sets the clock meanwhile.

    >>> class Set:
    ...     boot_id, wall, mono = b"b" * 16, 1_000_000, 10
    ...     def wall_ms(self): return self.wall
    ...     def monotonic_ms(self): return self.mono
    >>> clock = Set(); steady = SteadyClock(clock)
    >>> clock.wall, clock.mono = 5, 2_010  # two seconds later, and set back
    >>> steady.wall_ms()
    1002000
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._monotonic = clock.wall_ms(), clock.monotonic_ms()

    @property
    def boot_id(self) -> bytes:
        """The clock's own."""
        return self._clock.boot_id

    def wall_ms(self) -> int:
        """When the act began, and how long it has lasted."""
        return self._wall + self._clock.monotonic_ms() - self._monotonic

    def monotonic_ms(self) -> int:
        """The clock's own."""
        return self._clock.monotonic_ms()
