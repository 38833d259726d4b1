"""Handwriting as data: strokes of (x, y, t), and the SVG path a document embeds.

x and y run from 0 to 1 over the pad's *width* (so proportions stay true), y grows downwards as
on paper; t is milliseconds since the first touch. Same strokes, same bytes:

>>> hand = Handwriting((((0.1, 0.2, 0), (0.3, 0.25, 16)),), aspect=0.5)
>>> hand.svg_path()
'M100 200L300 250'
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float, int]
Stroke = tuple[Point, ...]

# A dot or a slip of the glove is no signature; two short strokes already are.
LEAST_POINTS = 8
UNITS = 1000


@dataclass(frozen=True, slots=True)
class Handwriting:
    """Finished strokes; ``aspect`` is the pad's height over its width."""

    strokes: tuple[Stroke, ...]
    aspect: float

    @property
    def enough(self) -> bool:
        """Whether there is enough ink to call it written by hand."""
        return sum(len(stroke) for stroke in self.strokes) >= LEAST_POINTS

    def svg_path(self) -> str:
        """The strokes as one SVG path in a box of 1000 x (1000 * aspect) units."""
        return "".join(_stroke_path(stroke) for stroke in self.strokes)

    def svg(self) -> bytes:
        """A whole SVG image, ink on nothing, ready for a document."""
        height = round(UNITS * self.aspect)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS} {height}">'
            f'<path d="{self.svg_path()}" fill="none" stroke="#14201F" stroke-width="9" '
            'stroke-linecap="round" stroke-linejoin="round"/></svg>'
        ).encode()


def _stroke_path(stroke: Stroke) -> str:
    points = [f"{round(x * UNITS)} {round(y * UNITS)}" for x, y, _ in stroke]
    if len(points) == 1:
        points *= 2  # a dot must leave a mark
    return "M" + "L".join(points)
