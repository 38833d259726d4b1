"""Charts as plain numbers for SVG: no script, no colour that says anything alone.

    chart = line([("11-03", 4, 5), ("11-10", 9, 9)])     share by week, in percent
    chart.points[0].x, .y, .percent                      where it is drawn
    rows = bars([("AV-1", 4, 5)])                        a bar for each share

>>> [bar.width for bar in bars([("a", 1, 2), ("b", 3, 3), ("c", 0, 0)])]
[50, 100, 0]
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 14, 34

Share = tuple[str, int, int]
"""A label, how many are good, of how many."""


@dataclass(frozen=True)
class Point:
    """One week of a line."""

    label: str
    x: int
    y: int
    percent: int
    good: int
    all: int


@dataclass(frozen=True)
class Line:
    """A line of points, and the levels that are drawn behind it as (y, percent)."""

    points: tuple[Point, ...]
    levels: tuple[tuple[int, int], ...]

    @property
    def path(self) -> str:
        """The ``points`` of a polyline."""
        return " ".join(f"{one.x},{one.y}" for one in self.points)


@dataclass(frozen=True)
class Bar:
    """One share as a bar of 0 to 100."""

    label: str
    good: int
    all: int

    @property
    def width(self) -> int:
        """In percent of the whole."""
        return percent(self.good, self.all)


def percent(good: int, all_: int) -> int:
    """A share in whole percent, rounded down: only what is whole is 100; 0 of nothing."""
    return 100 * good // all_ if all_ else 0


def bars(shares: Sequence[Share]) -> list[Bar]:
    """A bar for each."""
    return [Bar(*one) for one in shares]


def line(shares: Sequence[Share]) -> Line:
    """The line of those that have anything; the scale goes down to the lowest of them."""
    there = [one for one in shares if one[2]]
    values = [percent(good, all_) for _, good, all_ in there]
    low = min([*values, 90]) // 10 * 10
    step = (WIDTH - LEFT - RIGHT) // max(1, len(there) - 1)

    def height(value: int) -> int:
        return TOP + (HEIGHT - TOP - BOTTOM) * (100 - value) // (100 - low or 1)

    points = tuple(
        Point(label, LEFT + step * place, height(value), value, good, all_)
        for place, ((label, good, all_), value) in enumerate(zip(there, values, strict=True))
    )
    middle = (100 + low) // 2
    return Line(points, tuple((height(one), one) for one in (100, middle, low)))
