"""A QR with the ring that counts down to the next one. Ink on white, also at night.

QrRing(matrix=matrix, seconds_left=24, period=30)     # fires on_run_out at zero
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle, SmoothLine
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.presenters.card import Matrix
from field_client.ui.theme import INK, theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box

QUIET = 4  # modules of white around it (ISO/IEC 18004)
TICK = 0.25


def qr_texture(matrix: Matrix) -> Any:
    """One texel a module; nearest-neighbour keeps every edge sharp."""
    side = len(matrix)
    ink = bytes.fromhex(INK[1:])
    texels = b"".join(ink if dark else b"\xff\xff\xff" for row in reversed(matrix) for dark in row)
    texture = Texture.create(size=(side, side), colorfmt="rgb")
    texture.mag_filter = texture.min_filter = "nearest"
    texture.blit_buffer(texels, colorfmt="rgb", bufferfmt="ubyte")
    return texture


class QrCode(Widget):  # type: ignore[misc]
    """The code alone, whole pixels a module, white around it."""

    matrix = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        self._texture: Any = None  # of one matrix; it is placed several times while a screen comes
        super().__init__(**kwargs)
        self.bind(matrix=self._take, pos=self._draw, size=self._draw)
        self._take()

    def _take(self, *_args: Any) -> None:
        self._texture = qr_texture(self.matrix) if self.matrix else None
        self._draw()

    @staticmethod
    def around(room: float, matrix: Matrix | None) -> float:
        """The side in pixels of the code with its white, ``room`` at most; all of it for none."""
        return (len(matrix) + 2 * QUIET) * _scale(room, matrix) if matrix else room

    def _draw(self, *_args: Any) -> None:
        self.canvas.clear()
        if self._texture is None:
            return
        side = len(self.matrix) * _scale(min(self.size), self.matrix)
        with self.canvas:
            Color(1, 1, 1, 1)
            Rectangle(
                texture=self._texture,
                pos=(int(self.center_x - side / 2), int(self.center_y - side / 2)),
                size=(side, side),
            )


def _scale(room: float, matrix: Matrix) -> int:
    """Whole pixels a module, with the white around it in ``room`` pixels."""
    return max(1, int(room // (len(matrix) + 2 * QUIET)))


class CountRing(Widget):  # type: ignore[misc]
    """The arc that shrinks, with the seconds inside."""

    seconds = NumericProperty(0)
    period = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(seconds=self._draw, period=self._draw, pos=self._draw, size=self._draw)
        theme.hear("name", self._draw)
        self._draw()

    def _draw(self, *_args: Any) -> None:
        self.canvas.before.clear()
        radius = min(self.size) / 2 - 4
        left = max(0.0, min(1.0, self.seconds / self.period)) * 360
        with self.canvas.before:
            Color(rgba=theme.outline)
            SmoothLine(circle=(self.center_x, self.center_y, radius), width=2)
            Color(rgba=theme.accent)
            SmoothLine(circle=(self.center_x, self.center_y, radius, 0, left), width=2)


class QrRing(Box):
    """Code, ring and sentence. ``beside``: the words and a ``title`` stand at the right of the
    code, which takes all the height there is. Event: ``on_run_out`` once, when the time is over."""

    __events__ = ("on_run_out",)
    beside = BooleanProperty(False)
    title = StringProperty("")
    matrix = ObjectProperty(None, allownone=True)
    seconds_left = NumericProperty(0)
    period = NumericProperty(15)
    seconds = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._due = 0.0
        self.bind(seconds_left=self._start, matrix=self._start)
        self._start()
        self._clock = Clock.schedule_interval(self._tick, TICK)

    def _start(self, *_args: Any) -> None:
        self._due = Clock.get_boottime() + self.seconds_left
        self._told = False
        self._count()

    def _count(self) -> None:
        self.seconds = max(0.0, self._due - Clock.get_boottime())

    def _tick(self, _dt: float) -> None:
        """Told between frames only: while a newer view is laid out, its code comes first and its
        time after it, and a ring that told at once would ask for ever newer codes."""
        self._count()
        if self.matrix is not None and not self.seconds and not self._told:
            self._told = True
            self.dispatch("on_run_out")

    def on_parent(self, _widget: Any, parent: Any) -> None:
        """A ring that is shown no longer stops counting."""
        if parent is None:
            self._clock.cancel()

    def on_run_out(self) -> None:
        """Event: this code is over."""


load_kv(__file__)
