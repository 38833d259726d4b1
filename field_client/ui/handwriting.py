"""Handwriting as data: strokes of (x, y, t), and how the pen's ink follows them on the glass.

x and y run from 0 to 1 over the pad's *width* (so proportions stay true), y grows downwards as
on paper; t is milliseconds since the first touch. A dot is ink and no signature:

>>> hand = Handwriting((((0.1, 0.2, 0), (0.3, 0.25, 16)),), aspect=0.5)
>>> hand.begun, hand.enough
(True, False)

The ink runs smoothly from the middle of one piece to the middle of the next, and is thinner
where the hand was quick:

>>> [len(points) // 2 for points, thickness in inked(hand.strokes[0])]
[3]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import dist

Point = tuple[float, float, int]
Stroke = tuple[Point, ...]
Ink = tuple[list[float], float]  # x, y, x, y, … and how thick, from 0 (thin) to 1

# A dot or a slip of the glove is no signature; one long stroke already is.
LEAST_POINTS = 8
LEAST_INK = 0.12  # of the pad's width, along the strokes
FAST = 0.002  # pad widths a ms at which the line is thinnest
CURVE = 4  # straight pieces between two middles
SHADES = 4  # thicknesses told apart


@dataclass(frozen=True, slots=True)
class Handwriting:
    """Finished strokes; ``aspect`` is the pad's height over its width."""

    strokes: tuple[Stroke, ...]
    aspect: float

    @property
    def begun(self) -> bool:
        """Whether there is any ink."""
        return any(self.strokes)

    @property
    def enough(self) -> bool:
        """Whether there is enough ink to call it written by hand."""
        points = sum(len(stroke) for stroke in self.strokes)
        return points >= LEAST_POINTS and self.length >= LEAST_INK

    @property
    def length(self) -> float:
        """How far the pen went on the glass, in widths of the pad."""
        return sum(dist(a[:2], b[:2]) for stroke in self.strokes for a, b in pairwise(stroke))


class Pen:
    """Ink for a stroke while it is written: each new point gives the piece behind it."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._thick = 1.0

    def to(self, point: Point) -> Ink | None:
        """The ink between the middles of the last two pieces; none for the first point."""
        self._points = [*self._points[-2:], point]
        if len(self._points) == 1:
            return None
        a, b = self._points[-2:]
        speed = min(1.0, dist(a[:2], b[:2]) / max(1, b[2] - a[2]) / FAST)
        self._thick = 0.6 * self._thick + 0.4 * (1 - speed)
        middle = _middle(a, b)
        if len(self._points) == 2:
            return [*a[:2], *middle], self._shade
        return _curve(_middle(self._points[0], a), a[:2], middle), self._shade

    def lift(self) -> Ink | None:
        """The last half piece, or the dot that a single touch leaves."""
        if not self._points:
            return None
        last = self._points[-1]
        before = self._points[-2] if len(self._points) > 1 else last
        return [*_middle(before, last), *last[:2]], self._shade

    @property
    def _shade(self) -> float:
        return round(self._thick * SHADES) / SHADES


@lru_cache(maxsize=512)
def inked(stroke: Stroke) -> tuple[Ink, ...]:
    """A whole stroke, in as few pieces as its thicknesses allow. Kept: a hand is drawn anew
    whenever its widget moves or changes its size, several times while a screen is laid out."""
    return tuple(_inked(stroke))


def _inked(stroke: Stroke) -> Iterator[Ink]:
    pen, run, shade = Pen(), list[float](), -1.0
    pieces = [pen.to(point) for point in stroke] + [pen.lift()]
    for piece in pieces:
        if piece is None:
            continue
        points, thick = piece
        if thick == shade:
            run += points[2:]
            continue
        if run:
            yield run, shade
        run, shade = list(points), thick
    if run:
        yield run, shade


def _middle(a: Point | tuple[float, float], b: Point) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _curve(
    start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float]
) -> list[float]:
    points: list[float] = []
    for step in range(CURVE + 1):
        t = step / CURVE
        near, between, far = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points += [near * start[n] + between * bend[n] + far * end[n] for n in (0, 1)]
    return points
