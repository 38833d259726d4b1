"""Today: tasks, what is under way and done, who is on duty; and the form for a new inspection."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, plural, stage_word
from field_client.ui.presenters.today import (
    Heading,
    InspectionTile,
    ItemTile,
    NewInspection,
    PartyTile,
    Row,
    TaskTile,
    TodayView,
)
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.surface import NoteBox

AT_ONCE = 4  # items a frame


class InspectionRow(Pressable):
    """One inspection to go on with or to look into."""

    tile = ObjectProperty(InspectionTile("", "", "", Chip("", ""), "saved"), rebind=True)
    stage_word = StringProperty("")
    narrow = BooleanProperty(False)  # its marks stand under its words
    wanted = NumericProperty(0)  # its height, so that all of it is seen


class TaskRow(Pressable):
    """One task to begin."""

    tile = ObjectProperty(TaskTile("", "", "", "", Chip("", "")), rebind=True)
    narrow = BooleanProperty(False)
    wanted = NumericProperty(0)


class PartyRow(Pressable):
    """A party that fills in the form."""

    tile = ObjectProperty(PartyTile("", "", ""), rebind=True)
    wanted = NumericProperty(0)


class HeadingRow(Box):
    """Words over some rows."""

    words = StringProperty("")


class ItemRow(Pressable):
    """One enforcement item, to choose."""

    tile = ObjectProperty(ItemTile("", "", ""), rebind=True)
    chosen = StringProperty("")


class DutyLine(Box):
    """One officer on duty."""

    words = StringProperty("")


class Piece(Box):
    """A piece of the lists or of the form, made by a frame of its own."""

    of = ObjectProperty(None, rebind=True)


class InPieces(Box):
    """What is made a piece a frame. Ids in a piece are its own."""

    screen = ObjectProperty(None)
    actions = ObjectProperty(None)
    narrow = ObjectProperty(False)

    def bring(self, box: Any, piece: str) -> None:
        """Make one of them into a box."""
        self.screen.later(partial(self._bring, box, piece))

    def _bring(self, box: Any, piece: str) -> None:
        brought = made(piece, of=self)
        self.ids.update(brought.ids)
        box.add_widget(brought)


class TodayLists(InPieces):
    """What is to be done and what is under way, beside who is on duty."""

    view = ObjectProperty(None, rebind=True)

    def on_kv_post(self, _base: Any) -> None:
        """Make the lists, then fill them in."""
        self._laid: dict[str, Any] = {}
        self.screen.later(self._lay_duty)  # first: upright it stands below, and is as high as it is
        self.bring(self.ids.work, "TodayWork")
        self.screen.later(self._lay_first)

    def _lay_duty(self) -> None:
        """With its lines at once: what is pressed stands below them."""
        self._bring(self.ids.side, "TodayDuty")
        self._name_duty()

    def _name_duty(self) -> None:
        duty = self.view.duty
        self._part("duty", duty, lambda: [DutyLine(words=name) for name in duty])

    def _lay_first(self) -> None:
        self.ids.rows.make = self._row
        self.bind(view=self._lay, narrow=self._turned)
        self._turned()
        self._lay()

    @property
    def _stacked(self) -> bool:
        return bool(self.narrow or theme.text == "largest")

    def _turned(self, *_args: Any) -> None:
        """Held the other way: rows are of another height, and made anew."""
        self.ids.rows.rows = []
        self.ids.rows.height_of = partial(row_height, narrow=self._stacked)
        self.ids.rows.rows = list(self.view.rows)

    def _lay(self, *_args: Any) -> None:
        view: TodayView = self.view
        self.ids.rows.rows = list(view.rows)
        self._name_duty()
        self._part("parties", view.parties, lambda: [self._party(one) for one in view.parties])

    def _part(self, name: str, value: Any, make: Any) -> None:
        if self._laid.get(name, None) == value:
            return
        self._laid[name] = value
        self.ids[name].clear_widgets()
        for widget in make():
            self.ids[name].add_widget(widget)

    def _row(self, row: Row) -> Any:
        if isinstance(row, Heading):
            return HeadingRow(words=row.words)
        if isinstance(row, TaskTile):
            task = TaskRow(name=f"task.{row.key}", tile=row, narrow=self._stacked)
            task.bind(on_release=lambda _r: self.actions.begin_task(row.key))
            return task
        if isinstance(row, PartyTile):
            return self._party(row)
        inspection = InspectionRow(
            name=f"resume.{row.key}",
            tile=row,
            stage_word=stage_word(_, row.stage),
            narrow=self._stacked,
        )
        inspection.bind(on_release=lambda _r: self.actions.resume(row.key))
        return inspection

    def _party(self, tile: PartyTile) -> PartyRow:
        row = PartyRow(name=f"party.{tile.key}", tile=tile)
        row.bind(on_release=lambda _r: self.actions.take_party(tile.key))
        return row


def row_height(row: Row, *, narrow: bool = False) -> float:
    """As tall as its lines, whatever size the letters are."""
    if isinstance(row, PartyTile):
        return max(float(dp(64)), float(round(1.45 * (theme.body + theme.label) + dp(14))))
    lines = {Heading: (0, 1), TaskTile: (1, 2)}.get(type(row), (1, 1))
    room = 8 if isinstance(row, Heading) else 28
    if narrow and isinstance(row, InspectionTile | TaskTile):
        lines, room = (lines[0], lines[1] + 1), room + 14
    return float(round(1.45 * (lines[0] * theme.strong + lines[1] * theme.label) + dp(room)))


class NewInspectionForm(InPieces):
    """Whom, where, on what ground."""

    form = ObjectProperty(NewInspection(), rebind=True)
    items = ObjectProperty(())

    def on_kv_post(self, _base: Any) -> None:
        """Lay the items out once; afterwards only the choice moves."""
        self._laid: dict[str, Any] = {}
        self.screen.later(self._lay_first)
        self.bring(self.ids.ground, "NewGround")
        self.bring(self.ids.asked, "NewPlace")
        self.bring(self.ids.asked, "NewReach")
        for at in range(0, len(self.items), AT_ONCE):
            self.screen.later(partial(self._add, self.items[at : at + AT_ONCE]))

    def _lay_first(self) -> None:
        """The party, under what is told above it: no field moves when a finger may be on it."""
        self._bring(self.ids.asked, "NewParty")
        self.bind(form=self._mark)
        self._mark()

    def _add(self, items: tuple[ItemTile, ...]) -> None:
        for item in items:
            row = ItemRow(name=f"item.{item.item_id}", tile=item, chosen=self.form.item_id)
            row.bind(on_release=lambda r: self.actions.edit_new("item_id", r.tile.item_id))
            self.ids.item_list.add_widget(row)

    def _mark(self, *_args: Any) -> None:
        form: NewInspection = self.form
        for row in self.ids.item_list.children:
            row.chosen = form.item_id
        notes = tuple(n for n in (form.task_note, *form.notes) if n is not None)
        self._part("notes", notes, lambda: [NoteBox(note=n, actions=self.actions) for n in notes])
        self._part(
            "suggestions", form.suggestions, lambda: list(map(self._known, form.suggestions))
        )

    def _part(self, name: str, value: Any, make: Any) -> None:
        if self._laid.get(name, ()) == value:
            return
        self._laid[name] = value
        self.ids[name].clear_widgets()
        for widget in make():
            self.ids[name].add_widget(widget)

    def _known(self, tile: PartyTile) -> PartyRow:
        row = PartyRow(name=f"party.{tile.key}", tile=tile)
        row.bind(on_release=lambda _r: self.actions.take_party(tile.key))
        return row

    def main_word(self, form: NewInspection) -> str:
        """What the main button will do, or what it is waiting for."""
        if form.missing:
            return _("Still to fill in: {words}").format(words=_(", ").join(form.missing))
        if form.blocked:
            return plural(form.blocked, _("Resolve {n} stop first"), _("Resolve {n} stops first"))
        if form.unanswered:
            return _("Say why you go on first")
        return _("Open the inspection")

    def submit(self) -> None:
        """Open it, unless something is missing (the button says what)."""
        if not (self.form.missing or self.form.blocked or self.form.unanswered):
            self.actions.open_inspection()


class TodayScreen(FujieScreen):
    """Lists or form, as the view says."""

    def on_kv_post(self, _base: Any) -> None:
        """Show the part of the first view."""
        self._part: Any = None
        self.later(self._lay)
        self.bind(view=lambda *_args: self.later(self._lay), narrow=self._turn)

    def _turn(self, *_args: Any) -> None:
        if self._part is not None:
            self._part.narrow = self.narrow

    def _lay(self, *_args: Any) -> None:
        view: TodayView = self.view
        if view.form is None:
            if isinstance(self._part, TodayLists):
                self._part.view = view
                return
            self._part = TodayLists(
                view=view, screen=self, actions=self.actions, narrow=self.narrow
            )
        else:
            if isinstance(self._part, NewInspectionForm):
                self._part.form = view.form
                return
            self._part = NewInspectionForm(
                form=view.form,
                items=view.items,
                screen=self,
                actions=self.actions,
                narrow=self.narrow,
            )
        self.fill(self.ids.part, [self._part])


load_kv(__file__)
