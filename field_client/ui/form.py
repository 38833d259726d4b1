"""A document's form, built from its schema, with the printed page beside it.

A long form is made a few fields a frame, from the top; a section that is asked for before it is
made is scrolled to as soon as it stands.
"""

from __future__ import annotations

import time
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty

from field_client.ui.i18n import _
from field_client.ui.leaving import hold_back
from field_client.ui.presenters.common import Chip, RuleNote, level_chip, plural
from field_client.ui.presenters.form import FieldView, FormView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Held
from field_client.ui.widgets.field import EntryBox, FieldBox
from field_client.ui.widgets.focus import bring_into_view, once_laid
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.legal import LegalSheet
from field_client.ui.widgets.page import PageReader
from field_client.ui.widgets.surface import ChipBox, NoteBox

A_FRAME_S = 0.006  # of a frame may go into making fields; laying them out takes as long again
SECTIONS = 3  # a form with fewer parts is seen whole
NOTES = 2  # stand over the fields; of more the first alone, so that a field is in sight


class FormScreen(FujieScreen):
    """Fields keep their cursor while the rules answer."""

    told = BooleanProperty(False)
    """What stands above the message is there: that comes where it stays."""

    def on_kv_post(self, _base: Any) -> None:
        """Build the fields of the first view."""
        self._boxes: dict[str, FieldBox] = {}
        self._noted: list[RuleNote] = []
        self._unfolded = False
        self._sections: tuple[Any, ...] = ()
        self._marks: list[Chip] = []
        self._wanted = ""
        self._older: set[str] = set()  # show what the view before this one said
        self._more = Clock.create_trigger(self._make, 0)
        self.bring("body", "FormPage")
        self.bind(view=self._lay, narrow=self._show_marks)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: FormView = self.view
        fields = {field.key: field for field in view.fields}
        column = self.ids.fields
        for key in [key for key in self._boxes if key not in fields]:
            column.remove_widget(self._boxes.pop(key).parent)
        self._older = {*self._boxes}
        self._more()

    def _show_marks(self, *_args: Any) -> bool:
        """Upright the top bar has no room for what the rules count."""
        marks = self.chips(self.view) if self.narrow else []
        newer, self._marks = marks != self._marks, marks
        if newer:
            self.fill(self.ids.marks, [self._mark(one) for one in marks])
        return newer

    def _mark(self, chip: Chip) -> ChipBox:
        box = ChipBox()
        box.take(chip)
        return box

    def _show_notes(self) -> bool:
        wanted = [note for note in self.view.notes if note.level != "pass"]
        newer, self._noted = wanted != self._noted, wanted
        if newer:
            self._fill_notes()
        return newer

    def _fill_notes(self) -> None:
        shown = self._noted
        if len(shown) > NOTES and not self._unfolded:
            shown = shown[:1]
        boxes = [NoteBox(note=one, actions=self.actions) for one in shown]
        rest = len(self._noted) - len(shown)
        if rest:
            word = plural(rest, _("{n} more note"), _("{n} more notes"))
            more = made("QuietButton", name="notes.more", icon="chevron-down", word=word)
            more.bind(on_release=lambda _b: self._unfold())
            boxes.append(more)
        self.fill(self.ids.notes, boxes)

    def _unfold(self) -> None:
        """All of them; they stay so while the form is shown."""
        self._unfolded = True
        self._fill_notes()

    def _show_sections(self) -> bool:
        sections = self.parts(self.view)
        newer, self._sections = sections != self._sections, sections
        if newer:
            self.fill(self.ids.sections, [self._section(one) for one in sections])
        return newer

    def parts(self, view: FormView) -> tuple[Any, ...]:
        """Of a longer form, to go to one of them."""
        return view.sections if len(view.sections) >= SECTIONS else ()

    def _section(self, section: Any) -> Any:
        words = _("{word} · {n} left").format(word=section.word, n=section.left)
        button = made(
            "SectionButton",
            name=f"section.{section.first}",
            word=words if section.left else section.word,
            icon="" if section.left else "check",
        )
        button.bind(on_release=lambda _b: self.to_field(section.first))
        return button

    # ── fields, a few a frame ────────────────────────────────────────────────────────────

    def _make(self, *_args: Any) -> None:
        if self.coming:  # the page comes first, in a frame of its own
            self._more()
            return
        if self._show_notes() or self._show_sections() or self._show_marks():  # one a frame
            hold_back()
            self._more()
            return
        self.told = True
        until = time.perf_counter() + A_FRAME_S
        column = self.ids.fields
        for at, field in enumerate(self.view.fields):
            box = self._boxes.get(field.key)
            if box is not None and field.key not in self._older:
                continue
            if time.perf_counter() > until:
                self._more()
                return
            self._older.discard(field.key)
            if box is not None:
                box.take(field)
                continue
            hold_back()
            self._boxes[field.key] = box = self._box(field)
            box.take(field)
            held = Held(box, size_hint_y=None)
            column.add_widget(held, index=max(0, len(column.children) - at))
        if self._wanted:
            self.to_field(self._wanted)

    def _box(self, field: FieldView) -> FieldBox:
        box = FieldBox(actions=self.actions)
        box.bind(on_edit=lambda _b, value: self.actions.edit_field(field.key, value))
        return box

    def to_field(self, key: str, *, focus: bool = False) -> None:
        """Scroll to a field, at once or as soon as it is made."""
        self._wanted = "" if key in self._boxes else key
        box = self._boxes.get(key)
        if box is None:
            return

        def reach() -> None:
            self.ids.scroll.scroll_y = 1 if box is self._first() else self.ids.scroll.scroll_y
            bring_into_view(box)
            control = box.ids.control.children[0]
            if focus and isinstance(control, EntryBox):
                control.ids.entry.focus = True

        once_laid(box, reach)

    def _first(self) -> FieldBox | None:
        view: FormView = self.view
        return self._boxes.get(view.fields[0].key) if view.fields else None

    # ── what a touch asks for ────────────────────────────────────────────────────────────

    def finish(self) -> None:
        """The main button: onwards, or to the first thing that is missing."""
        view: FormView = self.view
        if view.missing:
            self.to_field(view.missing[0], focus=True)
        self.actions.finish_form()

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

    def explain(self) -> None:
        """What the law says, and the same in plain words."""
        self.add_widget(
            LegalSheet(name="legal", title=self.view.frame.title, blocks=self.view.legal)
        )


load_kv(__file__)
