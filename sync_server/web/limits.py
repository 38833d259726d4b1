"""How often somebody outside may write to the office.

>>> limit = Limit(each=2, together=3, span_ms=1000)
>>> [limit.takes("a", 0), limit.takes("a", 1), limit.takes("a", 2), limit.takes("b", 3)]
[True, True, False, True]
>>> limit.takes("c", 4), limit.takes("a", 1002)
(False, True)

Counted in memory, per address and for all together, and forgotten at a restart: a bound against
floods, no proof of anything. Behind a proxy that hides addresses the bound for all holds.
"""

from collections import deque
from threading import Lock

EACH, TOGETHER, HOUR_MS = 5, 500, 3_600_000
"""What one address, and all together, may ask of the office in an hour."""


class Limit:
    """So many in a span of time (ms); safe for use by several threads."""

    def __init__(self, each: int, together: int, span_ms: int) -> None:
        self._each, self._together, self._span = each, together, span_ms
        self._seen: deque[tuple[int, str]] = deque()
        self._lock = Lock()

    def takes(self, who: str, now: int) -> bool:
        """Whether one more is taken from ``who``; it counts if it is."""
        with self._lock:
            while self._seen and self._seen[0][0] <= now - self._span:
                self._seen.popleft()
            mine = sum(one == who for _, one in self._seen)
            if mine >= self._each or len(self._seen) >= self._together:
                return False
            self._seen.append((now, who))
            return True
