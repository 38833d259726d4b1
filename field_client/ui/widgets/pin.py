"""PIN entry: dots and keys of 128 x 96. The digits never appear on screen.

pad = PinPad(length=6); pad.bind(on_pin=lambda pad, pin: ...)
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, SmoothEllipse
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.leaving import empty
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import made
from field_client.ui.widgets.press import Pressable

HIGH, LOW = 96, 78  # dp, of a key


class PinKey(Pressable):
    """One digit."""

    digit = StringProperty("")


class PinDots(Widget):  # type: ignore[misc]
    """How many digits stand."""

    length = NumericProperty(6)
    filled = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(pos=self._draw, size=self._draw, filled=self._draw, length=self._draw)
        theme.hear("name", self._draw)

    def _draw(self, *_args: Any) -> None:
        empty(self.canvas)
        with self.canvas:
            for at in range(self.length):
                self._dot(self.x + at * dp(48), at < self.filled)

    def _dot(self, x: float, filled: bool) -> None:
        Color(rgba=theme.accent if filled else theme.outline_strong)
        SmoothEllipse(pos=(x, self.y), size=(dp(24), dp(24)))
        if not filled:
            Color(rgba=theme.sunken)
            SmoothEllipse(pos=(x + dp(3), self.y + dp(3)), size=(dp(18), dp(18)))


class PinPad(Box):
    """Keys; the last digit fires ``on_pin(pin)`` and forgets it."""

    __events__ = ("on_pin",)
    length = NumericProperty(6)
    typed = StringProperty("")
    side_word = StringProperty("")
    side_act = ObjectProperty(None, allownone=True)
    low = BooleanProperty(False)  # its keys are lower: the letters around it need the room

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for row in ("123", "456", "789"):
            self._add_row([self._key(digit) for digit in row])
        self._add_row([self._side(), self._key("0"), self._erase()])

    def _add_row(self, keys: list[Any]) -> None:
        row = made("PinRow", height=self._key_height())
        for key in keys:
            row.add_widget(key)
        self.add_widget(row)

    def _key_height(self) -> float:
        return float(dp(LOW if self.low else HIGH))

    def on_low(self, *_args: Any) -> None:
        """Every row is of the new height."""
        for row in self.children:
            row.height = self._key_height()

    def _key(self, digit: str) -> PinKey:
        key = PinKey(name=f"pin.{digit}", digit=digit)
        key.bind(on_release=lambda _k: self.press(digit))
        return key

    def _side(self) -> Any:
        key = made("PinSide", name="pin.side", word=self.side_word)
        self.bind(side_word=key.setter("word"))
        key.bind(on_release=lambda _k: self.side_act and self.side_act())
        return key

    def _erase(self) -> Any:
        key = made("PinErase", name="pin.erase")
        key.bind(on_release=lambda _k: self.erase())
        return key

    def press(self, digit: str) -> None:
        """A digit, by finger or by key."""
        self.typed = (self.typed + digit)[: self.length]
        if len(self.typed) == self.length:
            pin, self.typed = self.typed, ""
            self.dispatch("on_pin", pin)

    def erase(self) -> None:
        """Take the last digit back."""
        self.typed = self.typed[:-1]

    def on_pin(self, pin: str) -> None:
        """Event: all digits are there."""


load_kv(__file__)
