"""Fields of a form: label, control by kind, and what the rules say under it.

box = FieldBox(actions=actions, on_edit=lambda box, value: ...)
box.take(FieldView("fine", "money", "Fine", "500", unit="yuan"))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import (
    AliasProperty,
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.stacklayout import StackLayout
from kivy.uix.textinput import TextInput

from field_client.ui.i18n import _
from field_client.ui.linebreak import clusters
from field_client.ui.presenters.common import Choice, RuleNote
from field_client.ui.presenters.form import FieldView
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box, LettingGo
from field_client.ui.widgets.focus import bring_into_view, once_laid
from field_client.ui.widgets.frame import made
from field_client.ui.widgets.press import Pressable, Segmented
from field_client.ui.widgets.surface import NoteBox
from field_client.ui.widgets.text import text_width

SEGMENTS = 3  # more answers than this go into a list of their own
SEGMENT_LETTERS = 28
ASIDE = 16  # dp between the name of a field and what stands aside


class Entry(TextInput):  # type: ignore[misc]
    """A text field; ``level`` tints its edge by the worst rule note."""

    name = StringProperty("")
    level = StringProperty("pass")
    secret = BooleanProperty(False)
    _wrap: Any = None

    def _trigger_refresh_text(self, *_args: Any) -> None:
        """Kivy's hook for another width (2.3.1): lines are broken before the frame is painted, not
        in the next, when what stands below would move by the height that changes with them."""
        if self._wrap is None:
            self._wrap = Clock.create_trigger(self._wrap_lines, -1)
        self._wrap()

    def _wrap_lines(self, *_args: Any) -> None:
        self._refresh_text(self.text)

    def _refresh_line_options(self, *largs: Any) -> None:
        """Kivy's hook for other letters (2.3.1), which puts the cursor at the end."""
        super()._refresh_line_options(*largs)
        self.show_beginning()

    def show_beginning(self) -> None:
        """What of a line has no room is left out at the end, unless somebody types there."""
        if not (self.multiline or self.focus):
            self.cursor = 0, 0

    def _tokenize(self, text: str) -> Iterator[str]:
        """Kivy's hook for where a line may break (2.3.1): as in print, not at spaces only."""
        for at, paragraph in enumerate((text or "").split("\n")):
            if at:
                yield "\n"
            yield from clusters(paragraph) or [""]  # an empty line is a line


class EntryBox(Box):
    """An entry in its frame, with a unit or buttons at the right. Event: ``on_edit(value)``."""

    __events__ = ("on_edit",)
    name = StringProperty("")
    value = StringProperty("")
    hint = StringProperty("")
    unit = StringProperty("")
    level = StringProperty("pass")
    secret = BooleanProperty(False)
    multiline = BooleanProperty(False)
    figures = BooleanProperty(False)
    rows = NumericProperty(1)
    loading = BooleanProperty(False)
    live = BooleanProperty(False)
    keyboard = StringProperty("text")  # which keys the system offers: text, number

    def on_kv_post(self, _base: Any) -> None:
        """Words set from outside do not count as typing."""
        self._put(self.value)
        self.bind(value=lambda _w, value: self._put(value))
        self.ids.entry.bind(focus=self._entered)
        self.ids.entry.bind(text=self._typed)

    def _put(self, value: str) -> None:
        entry = self.ids.entry
        if entry.text == value or entry.focus:
            return  # what a person is typing right now is never overwritten
        self.loading = True
        entry.text = value
        self.loading = False
        entry.show_beginning()

    def _entered(self, entry: Any, focus: bool) -> None:
        """Typing goes on at the end; a finger puts the cursor where it is, after this."""
        if focus and not self.multiline:
            entry.do_cursor_movement("cursor_end")
        entry.show_beginning()

    def _typed(self, _entry: Any, text: str) -> None:
        if not self.loading:
            self.dispatch("on_edit", text)

    @property
    def text(self) -> str:
        """What stands in the field now."""
        return str(self.ids.entry.text)

    def on_edit(self, value: str) -> None:
        """Event: a person changed the words."""


class PickButton(Box):
    """A long list of answers, opened in place. Event: ``on_choose(key)``."""

    __events__ = ("on_choose",)
    name = StringProperty("")
    choices = ListProperty()
    chosen = StringProperty("")
    opened = BooleanProperty(False)
    level = StringProperty("pass")

    def word(self, choices: list[Choice], chosen: str) -> str:
        """The words of the chosen answer."""
        return next((choice.word for choice in choices if choice.key == chosen), "")

    def on_opened(self, *_args: Any) -> None:
        """Unfold or fold the list."""
        tray = self.ids.tray
        tray.clear_widgets()
        for choice in self.choices if self.opened else []:
            row = made(
                "OptionTile",
                name=f"{self.name}.{choice.key}",
                key=choice.key,
                word=choice.word,
                closed=choice.closed,
                chosen=choice.key == self.chosen,
            )
            row.bind(on_release=self._pressed)
            tray.add_widget(row)
        if self.opened:
            once_laid(self, self._unfolded)

    def _unfolded(self) -> None:
        """Show all of the list."""
        if self.opened:
            bring_into_view(self.ids.tray)

    def _pressed(self, row: Any) -> None:
        if not row.closed:
            self.opened = False
            self.dispatch("on_choose", row.key)

    def on_choose(self, key: str) -> None:
        """Event: an answer was picked."""


class FieldBox(Box):
    """One field of a schema. Event: ``on_edit(value)``."""

    __events__ = ("on_edit",)
    field = ObjectProperty(FieldView("", "text", ""), rebind=True)
    actions = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._noted: list[RuleNote] = []

    def head(self, field: FieldView) -> str:
        """The name of the field, and that it must be filled in as long as it is empty."""
        if field.required and not field.value and not field.rows:
            return _("{label} · required").format(label=field.label)
        return field.label

    def _no_room(self) -> bool:
        """What stands aside, such as a weekday, goes under a name that would be broken by it."""
        field: FieldView = self.field
        name = text_width(self.head(field), theme.body, True)
        return bool(name + text_width(field.aside, theme.label, False) + dp(ASIDE) > self.width)

    under = AliasProperty(_no_room, bind=["field", "width"], cache=True)

    def take(self, field: FieldView) -> None:
        """Show the field; a control that fits already is kept, and with it the cursor."""
        before: FieldView = self.field
        holder = self.ids.control
        if holder.children and before == field:
            if isinstance(holder.children[0], EntryBox):
                holder.children[0]._put(field.value)  # typed words that were refused go back
            return
        self.field = field
        fits = holder.children and (before.key, before.kind) == (field.key, field.kind)
        if not fits or before.choices != field.choices:
            holder.clear_widgets()
            holder.add_widget(self._control(field))
        self._refresh(holder.children[0], field)
        self._show_notes(field)

    def _control(self, field: FieldView) -> Any:
        if field.kind == "choice":
            short = sum(len(choice.word + choice.closed) for choice in field.choices)
            few = len(field.choices) <= SEGMENTS and short <= SEGMENT_LETTERS
            control = (Segmented if few else PickButton)(name=field.key, choices=field.choices)
            control.bind(on_choose=lambda _w, key: self.dispatch("on_edit", key))
            return control
        if field.kind == "fixed":
            return made("FixedWords")
        if field.kind == "table":
            return made("TableField", actions=self.actions)
        control = self._entry(field)
        control.bind(on_edit=lambda _w, value: self.dispatch("on_edit", value))
        return control

    def _entry(self, field: FieldView) -> Any:
        if field.kind in ("date", "datetime"):
            known = {"almanac": field.almanac} if field.almanac else {}
            return made("DateBox", name=field.key, timed=field.kind == "datetime", **known)
        figures = field.kind in ("money", "number")
        return EntryBox(
            name=field.key,
            unit=field.unit,
            hint=field.hint,
            multiline=field.kind == "multiline",
            figures=figures,
            keyboard="number" if figures else "text",
            rows=2 if field.kind == "multiline" else 1,
        )

    def _refresh(self, control: Any, field: FieldView) -> None:
        if isinstance(control, EntryBox):
            control.level = self._worst(field)
            control.value = field.value
            control._put(field.value)  # typed words that were refused go back too
        elif field.kind == "table":
            control.take(field)
        elif field.kind == "choice":
            control.chosen = field.value
        else:
            control.words = field.value

    def _worst(self, field: FieldView) -> str:
        levels = {note.level for note in field.notes} | ({"block"} if field.problem else set())
        return next((level for level in ("block", "warn") if level in levels), "pass")

    def _show_notes(self, field: FieldView) -> None:
        wanted = [note for note in field.notes if note.level != "pass"]
        if wanted == self._noted:
            return
        self._noted = wanted
        self.ids.notes.clear_widgets()
        for note in wanted:
            self.ids.notes.add_widget(NoteBox(note=note, actions=self.actions))
        if wanted and getattr(self.ids.control.children[0], "live", False):
            once_laid(self, lambda: bring_into_view(self.ids.notes))

    def add_phrase(self, phrase: str) -> None:
        """A phrase of the guide goes behind what stands there."""
        self.dispatch("on_edit", f"{self.field.value}{phrase}")

    def on_edit(self, value: str) -> None:
        """Event: the value changed."""


class PhraseButton(Pressable):
    """A ready phrase, as wide as its words and never wider than its row."""

    words = StringProperty("")


class PhraseRow(LettingGo, StackLayout):  # type: ignore[misc]
    """Ready phrases of the guide; a press appends one."""

    phrases = ListProperty()
    owner = ObjectProperty(None, allownone=True)
    key = StringProperty("")

    def on_phrases(self, *_args: Any) -> None:
        """Lay out one button a phrase."""
        self.clear_widgets()
        for at, phrase in enumerate(self.phrases):
            button = PhraseButton(name=f"{self.key}.phrase{at}", words=phrase)
            button.bind(on_release=lambda _b, phrase=phrase: self.owner.add_phrase(phrase))
            self.add_widget(button)


load_kv(__file__)
