"""Colours, sizes and fonts of the design language, by day and by night.

Widgets bind to the one ``theme`` object, so that ``theme.use("night")`` repaints what is
shown. Text pairs are AAA on every ground that they stand on. What is written
on ``accent`` is ``over_accent``: Kivy takes a name that begins with ``on_`` for an event, and tells
nobody of a change.

>>> sorted(set(DAY) - set(NIGHT))
[]
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakMethod

from kivy.core.text import DEFAULT_FONT, Label, LabelBase
from kivy.event import EventDispatcher
from kivy.metrics import sp
from kivy.properties import ColorProperty, NumericProperty, StringProperty

ASSETS = Path(__file__).parent / "assets"

DAY = {
    "canvas": "#EEF1F0",
    "surface": "#FFFFFF",
    "sunken": "#E4E9E7",
    "ink": "#14201F",
    "ink_muted": "#3B4846",
    "outline": "#C2CBC8",
    "outline_strong": "#66736F",
    "accent": "#174A7C",
    "over_accent": "#FFFFFF",
    "accent_soft": "#E3ECF6",
    "success": "#14573A",
    "success_soft": "#DFF0E6",
    "warning": "#6B4300",
    "warning_soft": "#FBECC8",
    "danger": "#8F1D1D",
    "danger_soft": "#FAE3E0",
    "unknown": "#3F4A48",
    "unknown_soft": "#E1E6E4",
    "bamboo": "#2F6B4F",
    "shadow": "#14201F0A",
    "veil": "#14201F99",
}
NIGHT = {
    "canvas": "#0E1514",
    "surface": "#18211F",
    "sunken": "#0A100F",
    "ink": "#EAF0EE",
    "ink_muted": "#B7C3BF",
    "outline": "#37443F",
    "outline_strong": "#84938D",
    "accent": "#9CC4EC",
    "over_accent": "#0B2238",
    "accent_soft": "#1C3247",
    "success": "#8AD3A9",
    "success_soft": "#16352A",
    "warning": "#F0C46A",
    "warning_soft": "#3A2D10",
    "danger": "#F5A9A1",
    "danger_soft": "#43201D",
    "unknown": "#BAC5C1",
    "unknown_soft": "#2A3431",
    "bamboo": "#7FC4A0",
    "shadow": "#00000000",
    "veil": "#000000B3",
}
PALETTES = {"day": DAY, "night": NIGHT}

# The type scale in sp, and the share of a reader's enlargement that each size takes: what is
# large already grows less, so that a line stays a line (as Android's own scaling does).
SIZES = {
    "label": (16, 1.0),
    "body": (18, 1.0),
    "strong": (20, 1.0),
    "title": (24, 0.6),
    "heading": (30, 0.4),
    "figure": (40, 0.2),
    "giant": (64, 0.0),
}
TEXTS = {"normal": 1.0, "large": 1.25, "largest": 1.5}

# A QR is ink on white in every light, and a page is paper.
INK, PAPER = "#14201F", "#FFFFFF"


BOLD_FONT = "Fujie Bold"


class AssetsMissing(RuntimeError):
    """Fonts or icons were not made; the message names the command that makes them."""


class Theme(EventDispatcher):  # type: ignore[misc]
    """The palette in use and the type scale (sp)."""

    name = StringProperty("day")
    text = StringProperty("normal")
    label = NumericProperty()
    body = NumericProperty()
    strong = NumericProperty()
    title = NumericProperty()
    heading = NumericProperty()
    figure = NumericProperty()
    giant = NumericProperty()
    ink_print = ColorProperty(INK)
    paper = ColorProperty(PAPER)

    def __init__(self) -> None:
        self._hearers: dict[str, set[WeakMethod[Any]]] = {"name": set(), "text": set()}
        super().__init__()
        self.apply_property(**{token: ColorProperty(colour) for token, colour in DAY.items()})
        self.use_text("normal")

    def hear(self, what: str, told: Callable[..., None]) -> None:
        """Call a widget's method at every change of ``name`` or ``text``, as long as it lives.
        Kivy's own ``bind`` would keep a place for each that ever was."""
        hearers = self._hearers[what]
        hearers.add(WeakMethod(told, hearers.discard))

    def on_name(self, *_args: object) -> None:
        """By night, or by day."""
        self._tell("name")

    def on_text(self, *_args: object) -> None:
        """Larger or smaller letters."""
        self._tell("text")

    def _tell(self, what: str) -> None:
        for told in [hearer() for hearer in self._hearers[what]]:
            if told is not None:
                told()

    def use(self, name: str) -> None:
        """Repaint by day or by night."""
        for token, colour in PALETTES[name].items():
            setattr(self, token, colour)
        self.name = name

    def use_text(self, name: str) -> None:
        """Words in ``normal``, ``large`` or ``largest`` letters."""
        more = TEXTS[name] - 1
        for token, (size, share) in SIZES.items():
            setattr(self, token, sp(size * (1 + more * share)))
        self.text = name


theme = Theme()


def use_fonts() -> None:
    """Register Noto Sans SC under Kivy's default name; call before any widget is made."""
    regular, bold = (asset("fonts", f"NotoSansSC-{weight}.otf") for weight in ("Regular", "Bold"))
    LabelBase.register(DEFAULT_FONT, fn_regular=regular, fn_bold=bold)
    LabelBase.register(BOLD_FONT, fn_regular=bold)  # text fields have no bold of their own
    Label._get_font_id = _face


def _face(label: Any) -> str:
    """Which opened font a text is drawn with. Each one open holds nearly 3 MB, and Kivy keeps 64:
    of a fraction of a size, or bold by name instead of by weight, it would open another. It opens
    whole sizes only, and that a font is bold is in its file."""
    asked = label.options
    style = int(asked["underline"]) + 2 * int(asked["strikethrough"])
    return f"{asked['font_name_r']}|{int(asked['font_size'])}|{style}"


@cache
def asset(folder: str, name: str) -> str:
    """Path of a font or icon made at set-up."""
    path = ASSETS / folder / name
    if not path.is_file():
        raise AssetsMissing(f"expected {folder}/{name} beside the screens; run `make setup`")
    return str(path)


def icon_path(name: str) -> str:
    """Path of an icon; nothing for no icon."""
    return asset("icons", f"{name}.png") if name else ""
