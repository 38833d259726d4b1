"""How many records wait for the office to have them, for the corner of every screen.

The window asks with every view, thousands of records may wait, and counting them takes as long as a
frame. So they are counted by whoever moves them, in a thread of sync, and what is saved meanwhile
is added. A statement is counted once, whichever comes first: the count that has seen it in the
vault, or the word that it was saved.

>>> tally = Tally(Count(2, 1000, {b"j": 7}))            # places 0 to 7 of a journal were seen
>>> tally.saved(b"j", 7, 1500).told                     # it was among them
(2, 1000)
>>> more = tally.saved(b"j", 8, 2000)
>>> more.told
(3, 1000)
>>> more.counted(Count(3, 1000, {b"j": 8})).told
(3, 1000)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Count(NamedTuple):
    """How many records wait, since when (ms) the oldest of them does, the last place of each
    journal that was seen, and how many files that records name are still to go."""

    unsent: int
    oldest_at: int | None
    seen: Mapping[bytes, int]
    files: int = 0


NOTHING = Count(0, None, {})


@dataclass(frozen=True)
class Tally:
    """What was counted last, and what was saved since: journal, place, time (ms) of each."""

    last: Count = NOTHING
    since: tuple[tuple[bytes, int, int], ...] = ()

    def counted(self, count: Count) -> Tally:
        """The same after a newer count."""
        later = tuple(one for one in self.since if one[1] > count.seen.get(one[0], -1))
        return Tally(count, later)

    def saved(self, journal: bytes, sequence: int, at: int) -> Tally:
        """The same after a statement was saved at a place of a journal."""
        if sequence <= self.last.seen.get(journal, -1):
            return self
        return Tally(self.last, (*self.since, (journal, sequence, at)))

    @property
    def told(self) -> tuple[int, int | None]:
        """How many wait, and since when (ms) the oldest does; None without any."""
        times = [at for _, _, at in self.since]
        if self.last.oldest_at is not None:
            times.append(self.last.oldest_at)
        return self.last.unsent + len(self.since), min(times, default=None)
