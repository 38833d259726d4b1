"""A document's form, built from its schema, with the printed page beside it."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, level_chip
from field_client.ui.presenters.form import FieldView, FormView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.field import FieldBox
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.page import PageReader
from field_client.ui.widgets.surface import NoteBox


class FormScreen(FujieScreen):
    """Fields keep their cursor while the rules answer."""

    def on_kv_post(self, _base: Any) -> None:
        """Build the fields of the first view."""
        self._boxes: dict[str, FieldBox] = {}
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: FormView = self.view
        if list(self._boxes) != [field.key for field in view.fields]:
            self._boxes = {field.key: self._box(field) for field in view.fields}
            self.fill(self.ids.fields, list(self._boxes.values()))
        for field in view.fields:
            self._boxes[field.key].take(field)
        wanted = [note for note in view.notes if note.level != "pass"]
        self.fill(self.ids.notes, [NoteBox(note=n, actions=self.actions) for n in wanted])

    def _box(self, field: FieldView) -> FieldBox:
        box = FieldBox(actions=self.actions)
        box.bind(on_edit=lambda _b, value: self.actions.edit_field(field.key, value))
        return box

    def chips(self, view: FormView) -> list[Chip]:
        """How many rules pass, hint, stop."""
        counts = {
            level: sum(note.level == level for note in view.all_notes)
            for level in ("warn", "block")
        }
        passed = [level_chip(_, "pass", view.passed)] if view.passed else []
        return [
            *passed,
            *(level_chip(_, level, n) for level, n in counts.items() if n),  # type: ignore[arg-type]
        ]

    def read(self) -> None:
        """The pages, large."""
        view: FormView = self.view
        if view.preview is not None and view.preview.pages:
            self.add_widget(
                PageReader(name="reader", title=view.frame.title, pages=view.preview.pages)
            )


load_kv(__file__)
