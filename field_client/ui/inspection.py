"""One inspection: the next step, what is on record, what else may be done."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import stage_word
from field_client.ui.presenters.inspection import Act, InspectionView, TimelineRow
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.steps import NextStepBox, TimelineItem
from field_client.ui.widgets.surface import NoteBox


class ActButton(Pressable):
    """A further act; a long name takes two lines."""

    icon = StringProperty("")
    word = StringProperty("")


class InspectionScreen(FujieScreen):
    """Timeline, newest act on top."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: InspectionView = self.view
        step = view.next_step
        boxes = [NextStepBox(step=step, steps=view.steps, actions=self.actions)] if step else []
        self.fill(self.ids.next, boxes)
        self.fill(self.ids.notes, [NoteBox(note=n, actions=self.actions) for n in view.notes])
        last = len(view.rows) - 1
        self.fill(
            self.ids.rows,
            [self._row(row, at == 0, at == last) for at, row in enumerate(view.rows)],
        )
        self.fill(self.ids.acts, [self._act(act) for act in view.acts])

    def _row(self, row: TimelineRow, first: bool, last: bool) -> TimelineItem:
        return TimelineItem(row=row, first=first, last=last, stage_word=stage_word(_, row.stage))

    def _act(self, act: Act) -> Any:
        button = ActButton(name=f"act.{act.key}", icon=act.icon, word=act.word)
        button.bind(on_release=lambda _b: self.actions.act(act.key))
        return button


load_kv(__file__)
