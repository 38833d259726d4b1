"""Calm paper: cards, chips and notes. State is shape and word; colour repeats them.

NoteBox(note=RuleNote("block", "…"), actions=actions)
"""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, Message, RuleNote, level_chip
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.text import text_width


class Card(Box):
    """White paper with one soft shadow."""


class Toned(Box):
    """A box in the inks of one tone, by day and by night."""

    tone = StringProperty("plain")
    ink = ColorProperty("#000000")
    soft = ColorProperty("#000000")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(tone=self._tint)
        theme.hear("name", self._tint)
        self._tint()

    def _tint(self, *_args: Any) -> None:
        token = "unknown" if self.tone == "plain" else self.tone
        self.ink = getattr(theme, token)
        self.soft = getattr(theme, f"{token}_soft")


class ChipBox(Toned):
    """A state in one word with its shape."""

    name = StringProperty("")
    icon = StringProperty("")
    word = StringProperty("")

    def take(self, chip: Chip) -> None:
        """Show another state."""
        self.icon, self.word, self.tone = chip.icon, chip.word, chip.tone


class NoteBox(Toned):
    """A rule's answer: title, words, clause and the ways out inside the message."""

    note = ObjectProperty(RuleNote("pass", ""), rebind=True)
    actions = ObjectProperty(None, allownone=True)
    icon = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(note=self._take)
        self._take()

    def _take(self, *_args: Any) -> None:
        chip = level_chip(_, self.note.level)
        self.icon, self.tone = chip.icon, chip.tone


class CheckLine(Toned):
    """A rule's answer in one line under a field; nothing when there is none."""

    note = ObjectProperty(None, allownone=True, rebind=True)
    icon = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(note=self._take)
        self._take()

    def _take(self, *_args: Any) -> None:
        if self.note is not None:
            chip = level_chip(_, self.note.level)
            self.icon, self.tone = chip.icon, chip.tone


class MessageBox(Toned):
    """What happened and what to do next."""

    name = StringProperty("message")
    message = ObjectProperty(None, allownone=True, rebind=True)
    icon = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(message=self._take)
        self._take()

    def _take(self, *_args: Any) -> None:
        message: Message | None = self.message
        if message is not None:
            self.tone = message.tone
            self.icon = {
                "success": "circle-check",
                "warning": "alert-triangle",
                "danger": "hand-stop",
            }.get(message.tone, "info-circle")


class FactRow(Box):
    """A label and its value."""

    label = StringProperty("")
    value = StringProperty("")
    label_width = NumericProperty(84)
    large = BooleanProperty(False)


class Facts(Box):
    """Label and value pairs, one under the other."""

    pairs = ObjectProperty(())
    label_width = NumericProperty(84)
    large = BooleanProperty(False)

    def on_pairs(self, *_args: Any) -> None:
        """Write them anew."""
        self.clear_widgets()
        wide = max(self.label_width, *(self._needs(label) for label, _value in self.pairs), 0)
        for label, value in self.pairs:
            self.add_widget(FactRow(label=label, value=value, label_width=wide, large=self.large))

    def _needs(self, label: str) -> float:
        """dp, so that no word of a label is broken, however large the letters are."""
        size = theme.body if self.large else theme.label
        words = label.split() or [""]
        return max(text_width(word, size, False) for word in words) / float(dp(1)) + 1


load_kv(__file__)
