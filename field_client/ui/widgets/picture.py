"""A picture to look into: enlarged, moved, and frames drawn on it; and the bar of a player.

    view = PictureView(); view.show_frame(rgb, 1280, 720)
    view.bind(on_box=lambda _w, x, y, width, height: …)       # shares of the picture, top left

Two fingers or the buttons enlarge, one finger moves; while ``marking``, a finger draws a frame.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import (
    Color,
    Line,
    Rectangle,
    StencilPop,
    StencilPush,
    StencilUnUse,
    StencilUse,
)
from kivy.graphics.texture import Texture
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.widgets.base import load_kv

LARGEST = 8.0
STEP = 1.5
SMALLEST_BOX = 0.02


class PictureView(Widget):  # type: ignore[misc]
    """Event: ``on_box(x, y, width, height)``."""

    __events__ = ("on_box",)
    name = StringProperty("picture")
    zoom = NumericProperty(1.0)
    shift = ListProperty([0.0, 0.0])
    marking = BooleanProperty(False)
    boxes = ListProperty()

    def __init__(self, **kwargs: Any) -> None:
        self._picture: Any = None
        self._fingers: dict[Any, tuple[float, float]] = {}
        self._draft: tuple[float, float, float, float] | None = None
        super().__init__(**kwargs)
        self.bind(
            pos=self._draw, size=self._draw, zoom=self._draw, shift=self._draw, boxes=self._draw
        )

    @property
    def filled(self) -> bool:
        """Whether there is a picture."""
        return self._picture is not None

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """Show one frame of packed RGB."""
        if self._picture is None or self._picture.size != (width, height):
            self._picture = Texture.create(size=(width, height), colorfmt="rgb")
            self._picture.flip_vertical()
            self._picture.blit_buffer(rgb, colorfmt="rgb", bufferfmt="ubyte")
            self._draw()
        else:
            self._picture.blit_buffer(rgb, colorfmt="rgb", bufferfmt="ubyte")
            self.canvas.ask_update()

    def enlarge(self, factor: float) -> None:
        """Nearer or farther, about the middle."""
        self.zoom = max(1.0, min(LARGEST, self.zoom * factor))
        self._move(0.0, 0.0)

    # ── where the picture is ─────────────────────────────────────────────────────────────

    def place(self) -> tuple[float, float, float, float]:
        """x, y, width and height of the whole picture, in the window's pixels."""
        if self._picture is None or not self.width or not self.height:
            return self.x, self.y, self.width, self.height
        wide, high = self._picture.size
        scale = min(self.width / wide, self.height / high) * self.zoom
        width, height = wide * scale, high * scale
        x = self.center_x - width / 2 + self.shift[0]
        return x, self.center_y - height / 2 + self.shift[1], width, height

    def _move(self, dx: float, dy: float) -> None:
        """The picture never leaves a gap at its edges."""
        _x, _y, width, height = self.place()
        across, along = max(0.0, (width - self.width) / 2), max(0.0, (height - self.height) / 2)
        self.shift = [
            max(-across, min(across, self.shift[0] + dx)),
            max(-along, min(along, self.shift[1] + dy)),
        ]

    def _share(self, x: float, y: float) -> tuple[float, float]:
        left, low, width, height = self.place()
        return max(0.0, min(1.0, (x - left) / width)), max(0.0, min(1.0, 1 - (y - low) / height))

    # ── fingers ──────────────────────────────────────────────────────────────────────────

    def on_touch_down(self, touch: Any) -> bool:
        """One finger moves or draws, a second enlarges."""
        if not self.collide_point(*touch.pos) or self._picture is None:
            return bool(super().on_touch_down(touch))
        if touch.is_mouse_scrolling:
            self.enlarge(STEP if touch.button == "scrolldown" else 1 / STEP)
            return True
        touch.grab(self)
        self._fingers[touch.uid] = touch.pos
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Follow the fingers."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        if self.marking:
            began = self._fingers[touch.uid]
            self._draft = self._box(began, touch.pos)
            self._draw()
        elif len(self._fingers) == 1:
            self._move(touch.dx, touch.dy)
        else:
            self._pinch(touch)
        if not self.marking:
            self._fingers[touch.uid] = touch.pos
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """A frame is drawn when the finger leaves."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        began = self._fingers.pop(touch.uid, touch.pos)
        if self.marking:
            x, y, width, height = self._box(began, touch.pos)
            self._draft = None
            if width >= SMALLEST_BOX and height >= SMALLEST_BOX:
                self.dispatch("on_box", x, y, width, height)
            self._draw()
        return True

    def _pinch(self, touch: Any) -> None:
        others = [at for uid, at in self._fingers.items() if uid != touch.uid]
        before = _far(self._fingers[touch.uid], others[0])
        if before > dp(8):
            self.enlarge(_far(touch.pos, others[0]) / before)

    def _box(
        self, began: tuple[float, float], now: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self._share(*began), self._share(*now)
        return min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by)

    def on_box(self, x: float, y: float, width: float, height: float) -> None:
        """Event: a frame was drawn."""

    # ── drawing ──────────────────────────────────────────────────────────────────────────

    def _draw(self, *_args: Any) -> None:
        self.canvas.clear()
        if self._picture is None:
            return
        x, y, width, height = self.place()
        with self.canvas:
            StencilPush()
            Rectangle(pos=self.pos, size=self.size)
            StencilUse()
            Color(1, 1, 1, 1)
            Rectangle(texture=self._picture, pos=(x, y), size=(width, height))
            Color(0.9, 0.1, 0.1, 1)
            for box in (*self.boxes, *((self._draft,) if self._draft else ())):
                left, top, wide, high = box
                corner = (x + left * width, y + (1 - top - high) * height)
                Line(rectangle=(*corner, wide * width, high * height), width=dp(2))
            StencilUnUse()
            Rectangle(pos=self.pos, size=self.size)
            StencilPop()


class SeekBar(Widget):  # type: ignore[misc]
    """Where the player is; a finger goes elsewhere. Event: ``on_seek(share)``."""

    __events__ = ("on_seek",)
    name = StringProperty("seek")
    share = NumericProperty(0.0)

    def on_touch_down(self, touch: Any) -> bool:
        """Go there."""
        if not self.collide_point(*touch.pos) or not self.width:
            return bool(super().on_touch_down(touch))
        self.dispatch("on_seek", max(0.0, min(1.0, (touch.x - self.x) / self.width)))
        return True

    def on_seek(self, share: float) -> None:
        """Event: another place was touched."""


def _far(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


load_kv(__file__)
