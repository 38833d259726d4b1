"""How many records wait for the office to have them, for the corner of every screen.

The window asks with every view, thousands of records may wait, and counting them takes as long as a
frame. So they are counted by whoever moves them, in a thread of sync, and what is saved meanwhile
is added. A statement is counted once, whichever comes first: the count that has seen it in the
vault, or the word that it was saved.

>>> unsent = Unsent()
>>> unsent.counted(Count(2, 1000, {b"j": 7}))           # places 0 to 7 of a journal were seen
>>> unsent.saved(b"j", 7, 1500)                         # it was among them
>>> unsent.told
(2, 1000)
>>> unsent.saved(b"j", 8, 2000)
>>> unsent.told
(3, 1000)
>>> unsent.counted(Count(3, 1000, {b"j": 8}))
>>> unsent.told
(3, 1000)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Count(NamedTuple):
    """How many records wait, since when (ms) the oldest of them does, the last place of each
    journal that was seen, and how many files that records name are still to go."""

    unsent: int
    oldest_at: int | None
    seen: Mapping[bytes, int]
    files: int = 0


class Unsent:
    """What was counted last, and what was saved since. Any thread reads ``told`` and ``files``;
    those who change it take turns."""

    def __init__(self) -> None:
        self._seen: Mapping[bytes, int] = {}
        self._since: list[tuple[bytes, int, int]] = []  # journal, place, time (ms) of each
        self.told: tuple[int, int | None] = (0, None)
        """How many wait, and since when (ms) the oldest does; None without any."""
        self.files = 0
        """How many files were still to go."""

    def counted(self, count: Count) -> None:
        """A newer count."""
        self._seen, self.files = count.seen, count.files
        later = [one for one in self._since if one[1] > count.seen.get(one[0], -1)]
        self._since, self.told = [], (count.unsent, count.oldest_at)
        for one in later:
            self.saved(*one)

    def saved(self, journal: bytes, sequence: int, at: int) -> None:
        """A statement was saved at a place of a journal."""
        if sequence > self._seen.get(journal, -1):
            self._since.append((journal, sequence, at))
            unsent, oldest = self.told
            self.told = unsent + 1, at if oldest is None else min(oldest, at)
