"""The server's clock: the one place where the program asks what time it is.

Links carry three times (``protocol/chain.py``): the wall clock, and a monotonic clock that is
meaningful within one boot only, so each comes with the boot's id. Tests bring their own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What the server needs to know of time. All times in ms."""

    @property
    def boot(self) -> bytes:
        """16 bytes that change when ``monotonic`` starts again."""

    def now(self) -> int:
        """Since the Unix epoch, UTC."""

    def monotonic(self) -> int:
        """Since an unnamed moment of this boot; never goes back."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock."""

    boot: bytes

    def now(self) -> int:
        """Since the Unix epoch, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Since the machine started."""
        return time.monotonic_ns() // 1_000_000


def system_clock() -> SystemClock:
    """The machine's clock, with the boot id that Linux gives."""
    return SystemClock(bytes.fromhex(_BOOT_ID.read_text().strip().replace("-", "")))
