"""Words and icons. ``Words`` wraps Chinese as it is printed (see ``linebreak``).

Words(words="先看内容，再签名", width=320)      # its height follows
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from kivy.clock import Clock
from kivy.core.image import Image as CoreImage
from kivy.core.text import Label as CoreLabel
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    StringProperty,
)
from kivy.uix.image import Image
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from field_client.ui import pictures
from field_client.ui.linebreak import break_lines
from field_client.ui.theme import icon_path
from field_client.ui.widgets.base import load_kv


@lru_cache(maxsize=64)
def _ruler(size: float, bold: bool) -> Any:
    return CoreLabel(font_size=size, bold=bold)


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, bold: bool) -> float:
    """Width of one line in pixels."""
    return float(_ruler(size, bold).get_extents(text)[0])


@lru_cache(maxsize=256)
def written(text: str, size: float, bold: bool, line_height: float = 1.0) -> Any:
    """One line as a texture in white, for what paints many short words itself; None for none."""
    if not text:
        return None
    label = CoreLabel(text=text, font_size=size, bold=bold, line_height=line_height)
    label.refresh()
    return label.texture


@cache
def icon_texture(name: str) -> Any:
    """An icon as the glass has it. There are some eighty small ones; Kivy would read a file again
    that was not shown for a minute."""
    return CoreImage(icon_path(name)).texture


class Words(Label):  # type: ignore[misc]
    """A paragraph; its height follows its width. ``lines`` > 0 keeps to that many."""

    words = StringProperty("")
    name = StringProperty("")
    lines = NumericProperty(0)
    shortened = False  # not all of it is seen

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        reflow = Clock.create_trigger(self._reflow, -1)
        self.fbind("words", reflow)
        self.fbind("width", reflow)
        self.fbind("font_size", reflow)
        self.fbind("bold", reflow)
        self._reflow()

    def _reflow(self, *_args: Any) -> None:
        size, bold = self.font_size, self.bold
        room = self.width - self.padding[0] - self.padding[2]
        if self.words and room < size:
            return  # not laid out yet
        broken = break_lines(self.words, lambda part: text_width(part, size, bold), room)
        self.shortened = bool(self.lines and len(broken) > self.lines)
        if self.shortened:
            broken = broken[: self.lines]
            broken[-1] = self._cut(broken[-1], room)
        self.text = "\n".join(broken)

    def _cut(self, line: str, room: float) -> str:
        room -= self.font_size / 4  # Kivy's own measure of a line is a little wider
        while line and text_width(line + "…", self.font_size, self.bold) > room:
            line = line[:-1]
        return line + "…"


class OneLine(Label):  # type: ignore[misc]
    """One line as wide as its words; nothing wraps."""

    words = StringProperty("")
    name = StringProperty("")


class Icon(Image):  # type: ignore[misc]
    """A Tabler icon in a colour of the theme; nothing when ``icon`` is empty."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")
    side = NumericProperty(28)

    def on_icon(self, _widget: Any, icon: str) -> None:
        """Take the picture made at set-up."""
        pictures.take(self._take)

    def _take(self) -> None:
        self.texture = icon_texture(self.icon) if self.icon else None


class Divider(Widget):  # type: ignore[misc]
    """A one pixel line."""


class Dot(Widget):  # type: ignore[misc]
    """A filled circle: the recording mark."""

    tint = ColorProperty("#000000")
    pulse = BooleanProperty(False)


load_kv(__file__)
