"""The frame around everything while the tablet is used for practice.

It is drawn above screens and sheets, and the screens make room for it, so that it covers nothing
and nothing covers it. No photograph of the screen leaves it out.
"""

from __future__ import annotations

from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Rectangle
from kivy.metrics import dp, sp

from field_client.ui.i18n import _
from field_client.ui.theme import BOLD_FONT, theme

EDGE, BAND = 8, 36  # dp


class TrainingFrame:
    """Around one root widget, whose ``inner`` child steps back."""

    def __init__(self, root: Any, inner: Any) -> None:
        self._root, self._inner = root, inner
        inner.size_hint = None, None
        root.bind(size=self._draw, pos=self._draw)
        theme.bind(name=self._draw)
        self._draw()

    def let_go(self) -> None:
        """No frame."""
        self._root.unbind(size=self._draw, pos=self._draw)
        theme.unbind(name=self._draw)
        self._root.canvas.after.clear()
        self._inner.size_hint = 1, 1
        self._inner.size, self._inner.pos = self._root.size, self._root.pos

    def _draw(self, *_args: Any) -> None:
        root, edge, band = self._root, dp(EDGE), dp(BAND)
        self._inner.pos = root.x + edge, root.y + edge
        self._inner.size = root.width - 2 * edge, root.height - edge - band
        label = CoreLabel(text=_("PRACTICE · nothing here is real"), font_size=sp(20))
        label.options["font_name"] = BOLD_FONT
        label.resolve_font_name()
        label.refresh()
        words = label.texture
        root.canvas.after.clear()
        with root.canvas.after:
            Color(rgba=theme.warning)
            for place, size in (
                ((root.x, root.top - band), (root.width, band)),
                ((root.x, root.y), (root.width, edge)),
                ((root.x, root.y), (edge, root.height)),
                ((root.right - edge, root.y), (edge, root.height)),
            ):
                Rectangle(pos=place, size=size)
            Color(rgba=theme.warning_soft)
            at = (root.center_x - words.width / 2, root.top - band + (band - words.height) / 2)
            Rectangle(texture=words, pos=at, size=words.size)
