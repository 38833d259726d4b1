"""The viewfinder and what was taken.

finder.show_frame(rgb_bytes, 1280, 720)      # 3 bytes a pixel, top row first
"""

from __future__ import annotations

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.image import Image
from kivy.uix.widget import Widget

from field_client.ui.presenters.capture import Shot
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.press import Pressable


class Finder(Image):  # type: ignore[misc]
    """Live picture; one texture is kept and refilled."""

    name = StringProperty("finder")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._picture: Any = None

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """Show one frame of packed RGB."""
        if self._picture is None or self._picture.size != (width, height):
            self._picture = Texture.create(size=(width, height), colorfmt="rgb")
            self._picture.flip_vertical()
            self.texture = self._picture
        self._picture.blit_buffer(rgb, colorfmt="rgb", bufferfmt="ubyte")
        self.canvas.ask_update()


class Meter(Widget):  # type: ignore[misc]
    """How loud it is, 0 to 1; green while the microphone hears well, red when it is too much."""

    level = NumericProperty(0)


ICONS = {"video": "video", "sound": "microphone", "photo": "photo"}


class ShotTile(Pressable):
    """One finished photo or clip; a press opens it."""

    shot = ObjectProperty(Shot("", "photo", "saved"), rebind=True)

    def tile_icon(self, shot: Any) -> str:
        """Photo, video or sound."""
        return ICONS.get(shot.kind, "photo")


load_kv(__file__)
