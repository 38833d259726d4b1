"""Where everything is: stages, the centre's answers, space, contact, checkpoint."""

from __future__ import annotations

from functools import partial
from typing import Any

from field_client.ui.presenters.common import RuleNote
from field_client.ui.presenters.sync import SyncView, VerdictRow
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.surface import NoteBox
from field_client.ui.widgets.sync import JourneyCard, VerdictLine

AT_ONCE = 4  # lines a frame


class SyncScreen(FujieScreen):
    """Says in words and counts what is where."""

    _card: JourneyCard | None = None

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._listed: Any = None
        self._above: Any = None
        self.later(self._lay_above)
        self.bring("stages", "SyncStages")
        self.bring("body", "SyncList", "SyncSide", beside=340, below=0.8)
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        """Time passes on this screen, and most of what it lists stays as it is."""
        view: SyncView = self.view
        self._lay_above()
        listed = (*view.notes, *view.rows)
        if listed != self._listed:
            self._listed = listed
            self.ids.rows.clear_widgets()
            whole = range(0, len(listed), AT_ONCE)
            self.later(*(partial(self._list, listed, listed[at : at + AT_ONCE]) for at in whole))

    def _lay_above(self) -> None:
        """Before what stands below it."""
        alarm, journey = self.view.alarm, self._journey(self.view)
        if (alarm, journey) != self._above:
            self._above = alarm, journey
            notes: list[Any] = [NoteBox(note=alarm, actions=self.actions)] if alarm else []
            self.fill(self.ids.alarm, notes + journey)

    def _list(self, listed: Any, some: Any) -> None:
        """A few notes and lines, unless other ones are listed by now."""
        if self._listed is listed:
            for one in some:
                self.ids.rows.add_widget(self._line(one))

    def _journey(self, view: SyncView) -> list[JourneyCard]:
        """The same card as long as there is one: a bar moves, and does not blink."""
        if view.journey is None:
            self._card = None
            return []
        if self._card is None:
            self._card = JourneyCard(journey=view.journey, actions=self.actions)
        self._card.journey = view.journey
        return [self._card]

    def _line(self, row: RuleNote | VerdictRow) -> NoteBox | VerdictLine:
        if isinstance(row, RuleNote):
            return NoteBox(note=row, actions=self.actions)
        line = VerdictLine(name=f"item.{row.key}", row=row)
        line.bind(on_release=lambda _l: self.actions.open_item(row.key))
        return line


load_kv(__file__)
