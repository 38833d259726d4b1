"""The line in front of the writer: who waits there, and how many of them go at once.

    line.put(push, contact)      two that go together
    line.expecting()             around the reading of a push: somebody is on his way
    line.take()                  the next group: all that wait

A commit of 600 records takes a third less of CPU by record than three of 200. So a group waits
while more are on their way than have come; half of them is enough, for the others are read beside
the commit, and no core rests. Who comes alone never waits.

>>> line = Line[str]()
>>> line.put("push", "contact")
>>> line.close()
>>> line.take()
(['push', 'contact'], True)
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

MOST = 64
"""Of one group."""
LINGER_S = 0.03
"""How long a group waits for those that are on their way."""

T = TypeVar("T")


class Line(Generic[T]):
    """Any thread puts, one takes."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[T, ...] | None] = queue.SimpleQueue()
        self._coming = 0

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Until the block ends, something is made ready that will be put here. In one thread only,
        that of the event loop."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def put(self, *together: T) -> None:
        """Wait in line; those that come together go together."""
        self._queue.put(together)

    def close(self) -> None:
        """Nothing behind this goes with those before it."""
        self._queue.put(None)

    def take(self) -> tuple[list[T], bool]:
        """The next group, as soon as there is one, and whether the line was closed behind it."""
        group: list[T] = []
        came, until, left = 0, 0.0, None
        with suppress(queue.Empty):
            while len(group) < MOST:
                together = self._queue.get(left is None or left > 0, left)
                if together is None:
                    return group, True
                group += together
                came += 1
                until = until or time.monotonic() + LINGER_S
                left = max(until - time.monotonic(), 0.0) if came < self._coming else 0.0
        return group, False

    def rest(self) -> list[T]:
        """All that is left, without waiting."""
        left: list[T] = []
        with suppress(queue.Empty):
            while True:
                left += self._queue.get_nowait() or ()
        return left
