"""Handwriting as it is printed: strokes of (x, y, t) → SVG, thinner where the hand was quick.

x and y are in any unit, alike in both directions, y downwards; t is in ms. The picture is
cropped to the ink, and its lines are as thick on paper as a pen's whatever its shape: a short
name that fills the height of its place is not drawn finer than a long one. Same strokes, same
text:

>>> ink_svg([[(0.1, 0.2, 0), (0.3, 0.2, 100)]]).count("<path")
1
"""

from __future__ import annotations

from collections.abc import Sequence
from math import dist

Point = Sequence[float]
Stroke = Sequence[Point]

UNITS = 1000  # the longer side of the picture
INK = "#14201F"
PLACE = (48.0, 14.0)  # mm: what a template leaves for a hand
_WIDEST, _NARROWEST = 0.8, 0.36  # mm
_MARGIN = 24.0
_QUICK = 6.0  # units a millisecond at which the line is narrowest


def ink_svg(strokes: Sequence[Stroke]) -> str:
    """The picture of a signature; empty text when there is no ink."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return ""
    left, top = min(point[0] for point in points), min(point[1] for point in points)
    width = max(point[0] for point in points) - left
    height = max(point[1] for point in points) - top
    scale = UNITS / (max(width, height) or 1.0)

    def placed(stroke: Stroke) -> list[tuple[float, float, float]]:
        return [
            (
                (point[0] - left) * scale + _MARGIN,
                (point[1] - top) * scale + _MARGIN,
                point[2] if len(point) > 2 else 0.0,
            )
            for point in stroke
        ]

    wide, high = width * scale + 2 * _MARGIN, height * scale + 2 * _MARGIN
    mm = 1 / min(PLACE[0] / wide, PLACE[1] / high)  # units of the picture on a mm of paper
    paths = "".join(_stroke(placed(stroke), mm) for stroke in strokes if stroke)
    box = f"0 0 {wide:.0f} {high:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><g fill="none" stroke="{INK}" '
        f'stroke-linecap="round" stroke-linejoin="round">{paths}</g></svg>'
    )


def _stroke(points: list[tuple[float, float, float]], mm: float) -> str:
    """Curves through the points (Catmull-Rom), each with the width that its speed gives."""
    if len(points) == 1:
        points = points * 2  # a dot must leave a mark
    padded = [points[0], *points, points[-1]]
    wide = _WIDEST
    drawn = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        elapsed = max(end[2] - start[2], 1.0)
        speed = min(dist(start[:2], end[:2]) / elapsed / _QUICK, 1.0)
        wide = 0.6 * wide + 0.4 * (_WIDEST - (_WIDEST - _NARROWEST) * speed)
        first = [start[n] + (end[n] - before[n]) / 6 for n in (0, 1)]
        second = [end[n] - (after[n] - start[n]) / 6 for n in (0, 1)]
        drawn.append(
            f'<path stroke-width="{wide * mm:.1f}" d="M{start[0]:.1f} {start[1]:.1f}'
            f"C{first[0]:.1f} {first[1]:.1f} {second[0]:.1f} {second[1]:.1f} "
            f'{end[0]:.1f} {end[1]:.1f}"/>'
        )
    return "".join(drawn)
