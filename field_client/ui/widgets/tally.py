"""The tally of two interlocking slips: the mark, and a record's journey.

Saved is one half, sent one half and an outlined one, receipted both halves, archived both on
a shelf; *stored* stands between receipted and archived as both halves over an open shelf.

    TallyState(stage="receipted", side=24)
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Line, Mesh, Rectangle
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.widgets.base import load_kv

Slip = tuple[tuple[float, float], ...]

# One half in a unit box, y upwards: a slip with a tooth (left) that fits a notch (right).
# fmt: off
LEFT: Slip = ((0.06, 0.0), (0.46, 0.0), (0.46, 0.34), (0.63, 0.5), (0.46, 0.66), (0.46, 1.0),
        (0.06, 1.0))
RIGHT: Slip = ((0.54, 0.0), (0.94, 0.0), (0.94, 1.0), (0.54, 1.0), (0.54, 0.7), (0.73, 0.5),
         (0.54, 0.3))
# fmt: on
SHELF = 0.2  # share of the height that a shelf takes
# The point of each that sees all its corners, so that a triangle fan fills it.
HEART: dict[Slip, tuple[float, float]] = {LEFT: (0.06, 0.5), RIGHT: (0.94, 0.5)}


def fan_mesh(outline: Slip, x: float, y: float, w: float, h: float) -> Mesh:
    """A slip as a triangle fan, in a box at (x, y) of w x h."""
    points = (HEART[outline], *outline, outline[0])
    vertices = [value for px, py in points for value in (x + px * w, y + py * h, 0, 0)]
    return Mesh(vertices=vertices, indices=list(range(len(points))), mode="triangle_fan")


class _Tally(Widget):  # type: ignore[misc]
    side = NumericProperty(24)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(pos=self._draw, size=self._draw)

    def _draw(self, *_args: Any) -> None:
        """Each tally draws itself."""


class TallyMark(_Tally):
    """The product's mark: accent and bamboo."""

    first = ColorProperty("#000000")
    second = ColorProperty("#000000")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(first=self._draw, second=self._draw)
        self._draw()

    def _draw(self, *_args: Any) -> None:
        self.canvas.clear()
        box = (self.x, self.y, self.width, self.height)
        with self.canvas:
            Color(rgba=self.first)
            fan_mesh(LEFT, *box)
            Color(rgba=self.second)
            fan_mesh(RIGHT, *box)


class TallyState(_Tally):
    """A record's stage as a shape; the word stands beside it."""

    stage = StringProperty("saved")
    tint = ColorProperty("#000000")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(stage=self._draw, tint=self._draw)
        self._draw()

    def _draw(self, *_args: Any) -> None:
        self.canvas.clear()
        shelf = self.height * SHELF if self.stage in ("stored", "archived") else 0
        box = (self.x, self.y + shelf, self.width, self.height - shelf)
        with self.canvas:
            Color(rgba=self.tint)
            fan_mesh(LEFT, *box)
            if self.stage == "sent":
                self._outline(*box)
            elif self.stage != "saved":
                fan_mesh(RIGHT, *box)
            if shelf:
                self._shelf()

    def _outline(self, x: float, y: float, w: float, h: float) -> None:
        points = [c for px, py in RIGHT for c in (x + px * w, y + py * h)]
        Line(points=points, close=True, width=1.1, joint="miter")

    def _shelf(self) -> None:
        thick = max(2.0, self.height * 0.09)
        if self.stage == "archived":
            Rectangle(pos=self.pos, size=(self.width, thick))
        else:
            third = self.width * 0.3
            Rectangle(pos=self.pos, size=(third, thick))
            Rectangle(pos=(self.right - third, self.y), size=(third, thick))


load_kv(__file__)
