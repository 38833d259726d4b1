"""Where everything is: stages, the centre's answers, space, contact, checkpoint."""

from __future__ import annotations

from typing import Any

from field_client.ui.presenters.sync import SyncView, VerdictRow
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.surface import NoteBox
from field_client.ui.widgets.sync import JourneyCard, VerdictLine


class SyncScreen(FujieScreen):
    """Says in words and counts what is where."""

    _card: JourneyCard | None = None

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: SyncView = self.view
        above: list[Any] = [NoteBox(note=view.alarm, actions=self.actions)] if view.alarm else []
        self.fill(self.ids.alarm, above + self._journey(view))
        notes = [NoteBox(note=note, actions=self.actions) for note in view.notes]
        self.fill(self.ids.rows, notes + [self._line(row) for row in view.rows])

    def _journey(self, view: SyncView) -> list[JourneyCard]:
        """The same card as long as there is one: a bar moves, and does not blink."""
        if view.journey is None:
            self._card = None
            return []
        if self._card is None:
            self._card = JourneyCard(journey=view.journey, actions=self.actions)
        self._card.journey = view.journey
        return [self._card]

    def _line(self, row: VerdictRow) -> VerdictLine:
        line = VerdictLine(name=f"item.{row.key}", row=row)
        line.bind(on_release=lambda _l: self.actions.open_item(row.key))
        return line


load_kv(__file__)
