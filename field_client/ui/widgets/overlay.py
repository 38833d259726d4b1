"""Sheets over a screen: PIN, reasons for refusing, words to add, a problem, a wait.

A sheet takes every touch; ``screen.add_widget(sheet)`` opens it, ``sheet.close()`` ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import ListProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from field_client.ui.i18n import _
from field_client.ui.leaving import let_go
from field_client.ui.presenters.common import Ask, Fix, Message
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.focus import drop_focus, give_back, ringed
from field_client.ui.widgets.frame import made

MARGIN = 32  # dp, above and below the highest card
LINES_SAID = 3  # of a PIN that did not open
SETTLED_S = 0.05  # words are wrapped by then
CENTRE = {"center_x": 0.5, "center_y": 0.5}


class Sheet(FloatLayout):  # type: ignore[misc]
    """A veil and what stands on it."""

    name = StringProperty("")
    modal = True  # for the keyboard too (focus.py)
    _card: Any = None
    _opener: Any = None
    _scroll: Any = None

    def __init__(self, **kwargs: Any) -> None:
        self._fitting = Clock.create_trigger(self._fit, SETTLED_S)
        super().__init__(**kwargs)

    def on_parent(self, _sheet: Any, parent: Any) -> None:
        """What was typed into below the veil hears no more keys, until the sheet has gone."""
        if parent is None:
            give_back(self._opener)
        else:
            self._opener = ringed()
            drop_focus()
            self._card = next(iter(self.children), None)
            if self._card is not None and self._card.size_hint_y is None:
                self._card.bind(height=self._fitting)
                self.bind(height=self._fitting)
                self._fitting()

    def _fit(self, *_args: Any) -> None:
        """A card that is higher than the window scrolls: nobody has to look for its button."""
        card, room = self._card, self.height - dp(MARGIN)
        if card is None or (self._scroll is None and card.height <= room):
            return
        if self._scroll is None:
            self._scroll = made("Scroll", size_hint=(None, None), width=card.width)
            self._hint = card.pos_hint
            card.bind(width=self._scroll.setter("width"))
            self.remove_widget(card)
            self._scroll.add_widget(card)
            self.add_widget(self._scroll)
        self._scroll.height = min(card.height, room)
        self._scroll.pos_hint = CENTRE if card.height > room else self._hint

    def on_touch_down(self, touch: Any) -> bool:
        """Nothing below the veil hears of it."""
        super().on_touch_down(touch)
        return True

    def escape(self) -> None:
        """The Escape key: as the sheet's own way out."""
        self.close()

    def close(self, *_args: Any) -> None:
        """Take the sheet away."""
        if self.parent is not None:
            self.parent.remove_widget(self)
            let_go(self)


class PinSheet(Sheet):
    """An officer confirms by PIN. ``on_pin(pin)`` is called; the outcome comes by ``message``."""

    title = StringProperty("")
    detail = StringProperty("")
    message = ObjectProperty(None, allownone=True, rebind=True)

    def __init__(self, on_pin: Callable[[str], None], length: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ids.pad.length = length
        self.ids.pad.bind(on_pin=lambda _pad, pin: on_pin(pin))

    def top_at(self, height: float, silent: float) -> float:
        """Where the card's top stands, as a share of the sheet's ``height``: a message finds its
        room below, and no key moves when one comes. ``silent`` is the card's height without."""
        room = LINES_SAID * 1.5 * theme.body + dp(MARGIN + 12)
        top = min(height - dp(MARGIN) / 2, (height + silent + room) / 2)
        return float(top / max(1.0, height))

    def tell(self, message: Message | None) -> None:
        """How the last PIN went."""
        self.message = message


class LeaveSheet(PinSheet):
    """One of several officers takes the tablet back: who, then the PIN; ``on_leave(key, pin)``."""

    officers = ListProperty()
    chosen = StringProperty("")

    def __init__(
        self, on_leave: Callable[[str, str], None], length: int = 6, **kwargs: Any
    ) -> None:
        super().__init__(lambda pin: on_leave(self.chosen, pin), length, **kwargs)
        if len(self.officers) > 1:
            tiles = made("Segmented", name="taker", choices=self.officers)
            tiles.bind(on_choose=lambda _tiles, key: self._choose(key))
            self.bind(chosen=tiles.setter("chosen"))
            card = self.children[0]
            card.add_widget(tiles, index=len(card.children) - 1)  # under its head
        for one in self.officers[:1]:
            self._choose(one.key)

    def _choose(self, key: str) -> None:
        """Digits and answers of another are none of this one's."""
        self.chosen = key
        self.ids.pad.typed = ""
        self.tell(None)
        name = next(one.word for one in self.officers if one.key == key)
        self.title = _("Hand the tablet back to {officer}").format(officer=name)


class ReasonSheet(Sheet):
    """Why somebody does not sign: one reason, own words beside it."""

    title = StringProperty("")
    detail = StringProperty("")
    choices = ListProperty()
    chosen = StringProperty("")

    def __init__(self, on_reason: Callable[[str, str], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._on_reason = on_reason
        for choice in self.choices:
            tile = made("OptionTile", name=f"reason.{choice.key}", key=choice.key, word=choice.word)
            tile.bind(on_release=self._choose)
            self.ids.reasons.add_widget(tile)

    def _choose(self, tile: Any) -> None:
        self.chosen = tile.key
        for other in self.ids.reasons.children:
            other.chosen = other.key == tile.key

    def confirm(self) -> None:
        """Hand the reason over, once one is chosen."""
        if self.chosen:
            self._on_reason(self.chosen, self.ids.note.text)
            self.close()


class TextSheet(Sheet):
    """Own words: an objection, a note."""

    title = StringProperty("")
    detail = StringProperty("")
    words = StringProperty("")

    def __init__(self, on_text: Callable[[str], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._on_text = on_text

    def confirm(self) -> None:
        """Hand the words over."""
        self._on_text(self.ids.text.text)
        self.close()


class ProblemSheet(Sheet):
    """What happened and the ways on; closing it is told to ``actions.dismiss``."""

    problem = ObjectProperty(None, rebind=True)
    actions = ObjectProperty(None)

    def on_kv_post(self, _base: Any) -> None:
        """One button a way out, and one to close. Out of trouble the first way leads; what went
        well is done, and the button to close is the main one."""
        fixes, well = self.problem.fixes, self.problem.tone == "success"
        close = self._button("problem.close", _("Close"), self.escape, main=well)
        ways = [self._way(fix, main=fix is fixes[0] and not well) for fix in fixes]
        for button in (*ways, close) if well else (close, *ways):
            self.ids.ways.add_widget(button)

    def escape(self) -> None:
        """Read, and nothing else asked for."""
        self.close()
        self.actions.dismiss()

    def _take(self, key: str) -> None:
        self.close()
        self.actions.fix(key)

    def _way(self, fix: Fix, *, main: bool) -> Any:
        return self._button(f"fix.{fix.key}", fix.word, lambda: self._take(fix.key), main=main)

    def _button(self, name: str, word: str, act: Callable[[], None], *, main: bool) -> Any:
        button = made("MainButton" if main else "OutlineButton", name=name)
        button.word, button.height = word, self.ids.ways.height
        button.bind(on_release=lambda _b: act())
        return button


class AskSheet(Sheet):
    """A few words are asked for; ``actions.answer`` gets them."""

    ask = ObjectProperty(Ask("", "", "", ""), rebind=True)
    actions = ObjectProperty(None)
    words = StringProperty("")

    def on_kv_post(self, _base: Any) -> None:
        """The first answer, and a button a phrase."""
        self.words = self.ids.text.value = self.ask.words
        self.ids.phrases.key, self.ids.phrases.owner = "ask", self
        self.ids.phrases.phrases = list(self.ask.phrases)

    def word(self, ask: Ask, words: str) -> str:
        """On the main button."""
        return ask.button if words.strip() else _("Write a few words first")

    def add_phrase(self, phrase: str) -> None:
        """A ready phrase is the answer; it can be gone on with."""
        self.ids.text.value = self.words = phrase

    def confirm(self) -> None:
        """Hand the words over, once there are some."""
        if self.words.strip():
            self.close()
            self.actions.answer(self.ask.key, self.words.strip())


class BusySheet(Sheet):
    """A wait, with a sentence."""

    words = StringProperty("")

    def escape(self) -> None:
        """What is waited for goes on."""


load_kv(__file__)
