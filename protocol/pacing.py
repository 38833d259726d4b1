"""Pace: how much to put into one message, learnt from how long the last ones took.

    took  =  round trip  +  bytes ÷ rate

What is small tells the round trip, what is large the rate; both are averages that forget. From
them follow the bytes of the next push and of the next chunk, so that each takes a few seconds:
long enough that round trips cost little, short enough that a cut costs little. Whatever was cut
halves what is sent at once, down to a size that gets through; whatever came through doubles it
again. ``sent`` are bytes on the wire; ``push_bytes`` are bytes before compression, since that is
what can be counted while a push is filled.

>>> pace = Pace().after(sent=500, took_ms=120).after(sent=125_000, took_ms=1_120)
>>> pace.rate, pace.trip_ms
(125000, 120)
>>> pace.push_bytes, pace.chunk_bytes, pace.lanes
(1500000, 458752, 1)
>>> pace.failed().failed().push_bytes
375000
>>> pace.estimate_ms(1_000_000)
8120
"""

from dataclasses import dataclass, replace

LEAST_PUSH = 16 << 10
FIRST_PUSH = 256 << 10
MOST_PUSH = 4 << 20
LEAST_CHUNK = 256 << 10
FIRST_CHUNK = 1 << 20
MOST_CHUNK = 8 << 20
PIECE = 64 << 10
"""Chunks are whole pieces of this size."""

PUSH_S = 6
CHUNK_S = 4
"""How long one push, one chunk should take."""
PACKED = 2
"""How many bytes of records make one on the wire."""

TELLING = 8 << 10
"""From how many bytes on a message tells of the rate; what is smaller tells of the round trip."""
SLOWEST = 256
FASTEST = 1 << 30
LONGEST_TRIP_MS = 60_000
TWO_LANES = 500_000
THREE_LANES = 2_500_000
MOST_HALVINGS = 8


@dataclass(frozen=True)
class Pace:
    """What is known of the connection: ``rate`` in bytes a second (0: not known yet), how long a
    round trip takes, and how often in a row what was sent had to become less."""

    rate: int = 0
    trip_ms: int = 0
    halvings: int = 0

    def after(self, sent: int, took_ms: int) -> "Pace":
        """The pace after ``sent`` bytes came through and were answered ``took_ms`` later. Nothing
        sent, or nothing measured, tells nothing."""
        if sent <= 0 or took_ms < 0:
            return self
        through = replace(self, halvings=max(0, self.halvings - 1))
        if sent < TELLING:
            trip = min(took_ms, LONGEST_TRIP_MS)
            return replace(through, trip_ms=(self.trip_ms + trip) // 2 if self.trip_ms else trip)
        # A trip that was measured too long must not make the rest look free of charge.
        rest = max(took_ms - self.trip_ms, took_ms // 2, 1)
        rate = min(max(sent * 1000 // rest, SLOWEST), FASTEST)
        return replace(through, rate=(self.rate + rate) // 2 if self.rate else rate)

    def failed(self) -> "Pace":
        """The pace after something did not come through: less at once from now on."""
        return replace(self, halvings=min(self.halvings + 1, MOST_HALVINGS))

    @property
    def push_bytes(self) -> int:
        """Bytes of links and statements, before compression, for one push."""
        wished = self.rate * PUSH_S * PACKED if self.rate else FIRST_PUSH
        return max(min(wished, MOST_PUSH) >> self.halvings, LEAST_PUSH)

    @property
    def chunk_bytes(self) -> int:
        """Bytes of a blob for one chunk."""
        wished = self.rate * CHUNK_S if self.rate else FIRST_CHUNK
        whole = (min(wished, MOST_CHUNK) >> self.halvings) // PIECE * PIECE
        return max(whole, LEAST_CHUNK)

    @property
    def lanes(self) -> int:
        """How many blobs to send beside each other: a slow link carries one faster."""
        if self.halvings or self.rate < TWO_LANES:
            return 1
        return 2 if self.rate < THREE_LANES else 3

    def estimate_ms(self, size: int) -> int:
        """How long ``size`` bytes on the wire will take; 0 while the rate is not known."""
        return self.trip_ms + size * 1000 // self.rate if self.rate else 0
