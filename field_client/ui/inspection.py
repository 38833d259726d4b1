"""One inspection: the next step, what is open and on record, what else may be done."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.properties import ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, stage_word
from field_client.ui.presenters.inspection import (
    Act,
    ActGroup,
    InspectionView,
    Matter,
    TimelineRow,
    first_matters,
    more_matters,
)
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.press import OutlineButton, Pressable
from field_client.ui.widgets.steps import NextStepBox, TimelineItem
from field_client.ui.widgets.surface import NoteBox


class ActButton(Pressable):
    """A further act; a long name takes two lines."""

    icon = StringProperty("")
    word = StringProperty("")
    done = StringProperty("")


class ActGroupBox(Box):
    """Acts of one sort under their heading."""

    group = ObjectProperty(ActGroup("", "", ()), rebind=True)


class MatterRow(Pressable):
    """An open matter: what, until when, in which state."""

    matter = ObjectProperty(Matter("", "", "", "", Chip("", "")), rebind=True)


class InspectionScreen(FujieScreen):
    """Timeline, newest act on top. What did not change is not made again."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._laid: dict[str, Any] = {}
        self.ids.rows.make = self._row
        self.ids.rows.height_of = row_height
        self.bring("side", "InspectionSide")
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: InspectionView = self.view
        if "rows" in self._laid:
            self._lay_rows()
        self.later(self._lay_next, self._lay_matters, self._lay_rows)
        if self._laid.get("acts") != view.groups:
            self._laid["acts"] = view.groups
            add = partial(self._add_group, view.groups)
            self.later(self._clear_acts, *(partial(add, one) for one in view.groups))

    def _lay_next(self) -> None:
        view: InspectionView = self.view
        step, notes = view.next_step, view.notes
        self._part("next", (step, view.steps), lambda: [self._next(view)] if step else [])
        self._part("notes", notes, lambda: [NoteBox(note=n, actions=self.actions) for n in notes])

    def _lay_matters(self) -> None:
        view: InspectionView = self.view
        self._part("matters", view.matters, lambda: self._matters(view))

    def _lay_rows(self) -> None:
        """The first of them below what moves them."""
        self._laid["rows"] = True
        self.ids.rows.rows = list(self.view.rows)

    def _clear_acts(self) -> None:
        self.ids.acts.clear_widgets()

    def _add_group(self, groups: tuple[ActGroup, ...], group: ActGroup) -> None:
        """One group of acts, unless there are other ones by now."""
        if self._laid["acts"] is groups:
            self.ids.acts.add_widget(self._group(group))

    def _part(self, name: str, value: Any, make: Any) -> None:
        if name not in self._laid or self._laid[name] != value:
            self._laid[name] = value
            self.fill(self.ids[name], make())

    def _next(self, view: InspectionView) -> NextStepBox:
        return NextStepBox(step=view.next_step, steps=view.steps, actions=self.actions)

    def _row(self, row: TimelineRow) -> TimelineItem:
        item = TimelineItem(name=f"row.{row.key}", row=row, stage_word=stage_word(_, row.stage))
        item.bind(on_release=lambda _i: self.actions.look_at(row.key))
        return item

    def _matters(self, view: InspectionView) -> list[Any]:
        shown: list[Any] = [self._matter(one) for one in first_matters(view.matters)]
        more = more_matters(_, view.matters)
        if more:
            button = OutlineButton(name="act.matters", word=more, font_size=theme.body)
            button.height = dp(56)
            button.bind(on_release=lambda _b: self.actions.act("close"))
            shown.append(button)
        return shown

    def _matter(self, matter: Matter) -> MatterRow:
        row = MatterRow(name=f"fix.{matter.key}", matter=matter)
        row.bind(on_release=lambda _r: self.actions.fix(matter.key))
        return row

    def _group(self, group: ActGroup) -> ActGroupBox:
        box = ActGroupBox(group=group)
        for act in group.acts:
            box.ids.acts.add_widget(self._act(act))
        return box

    def _act(self, act: Act) -> ActButton:
        button = ActButton(name=f"act.{act.key}", icon=act.icon, word=act.word, done=act.done)
        button.bind(on_release=lambda _b: self.actions.act(act.key))
        return button


def row_height(_row: TimelineRow) -> float:
    """Title and detail, a line each, whatever size the letters are."""
    return float(round(1.45 * (theme.strong + theme.label) + dp(20)))


load_kv(__file__)
