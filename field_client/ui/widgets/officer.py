"""Officers as people: photo, card face, the switch between the two."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any

from kivy.clock import Clock
from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui import pictures
from field_client.ui.presenters.card import CardFace, StandingView
from field_client.ui.presenters.common import Chip
from field_client.ui.shrink import halved, halvings
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.surface import Toned

BLANK = CardFace(
    *("",) * 9, photo=None, standing=StandingView(Chip("help-circle", "", "unknown"), "")
)
PNG = b"\x89PNG"


@lru_cache(maxsize=32)
def image_texture(data: bytes, width: int = 0, height: int = 0) -> Any:
    """Texture of PNG or JPEG bytes, no larger than ``width`` x ``height`` needs; the few officers
    of a tablet are shown again and again."""
    kind = "png" if data.startswith(PNG) else "jpg"
    picture = CoreImage(BytesIO(data), ext=kind, nocache=True)
    wide, high = picture.size
    times = halvings(wide, high, width, height)
    return _smaller(picture.image._data[0], times) if times else picture.texture


def _smaller(picture: Any, times: int) -> Any:
    pixels, width, height = picture.data, picture.width, picture.height
    for _ in range(times):
        pixels = halved(pixels, width=width, height=height, depth=len(picture.fmt))
        width, height = width // 2, height // 2
    texture = Texture.create(size=(width, height), colorfmt=picture.fmt)
    texture.blit_buffer(pixels, colorfmt=picture.fmt, bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


class Photo(Widget):  # type: ignore[misc]
    """A portrait with round corners, filled and cropped; a silhouette when there is none, with a
    ``note`` that says why."""

    data = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    note = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        again = Clock.create_trigger(self._look, -1)
        self.fbind("data", again)
        self.fbind("size", again)
        again()

    def _look(self, *_args: Any) -> None:
        """Decode the bytes once, as large as they are shown."""
        pictures.take(self._decode)

    def _decode(self) -> None:
        room = (round(self.width), round(self.height))
        self.texture = image_texture(self.data, *room) if self.data else None

    def crop(self, texture: Any, width: float, height: float) -> list[float]:
        """Texture coordinates that fill width x height without stretching, from the top."""
        if texture is None or not height or not width:
            return [0, 1, 1, 1, 1, 0, 0, 0]
        u, v = texture.tex_coords[0], texture.tex_coords[1]
        du, dv = texture.tex_coords[2] - u, texture.tex_coords[5] - v
        # Half a texel in, nothing bleeds.
        u, du = u + du / texture.width, du - 2 * du / texture.width
        v, dv = v + dv / texture.height, dv - 2 * dv / texture.height
        wide, want = texture.width / texture.height, width / height
        if wide > want:  # cut left and right
            cut = du * (1 - want / wide) / 2
            u, du = u + cut, du - 2 * cut
        else:  # cut at the bottom: the head stays
            cut = dv * (1 - wide / want)
            v, dv = v + cut, dv - cut
        return [u, v, u + du, v, u + du, v + dv, u, v + dv]


class OfficerTileButton(Pressable):
    """A person to choose at the lock."""

    officer_name = StringProperty("")
    detail = StringProperty("")
    photo = ObjectProperty(None, allownone=True)
    active = BooleanProperty(False)
    after = StringProperty("")


class StandingBox(Toned):
    """Whether the card is in force, and how old that word is."""

    standing = ObjectProperty(BLANK.standing, rebind=True)


class CardFaceBox(Box):
    """The printed side of a certificate."""

    face = ObjectProperty(BLANK, rebind=True)
    narrow = BooleanProperty(False)
    """Held upright: the code stands below it and needs its room."""


class CardFact(Box):
    """A label and a large value on the card."""

    label = StringProperty("")
    value = StringProperty("")
    label_width = NumericProperty(132)


load_kv(__file__)
