"""All documents of a case, by the way of a case, with what stands against those not issued."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, Fix, stage_word
from field_client.ui.presenters.papers import PaperRow, PapersView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made

A_FRAME_S = 0.006  # of a frame may go into making rows
EMPTY = PaperRow("", "", Chip("", ""), "", ())


class GroupTitle(Box):
    """The head of a part of the way."""

    words = StringProperty("")


class WhyLine(Box):
    """A rule that stands against issuing, in a line or two."""

    words = StringProperty("")
    clause = StringProperty("")


class PaperLine(Box):
    """One document: what it is, where it stands, its doors."""

    row = ObjectProperty(EMPTY, rebind=True)
    actions = ObjectProperty(None, allownone=True)
    stage_word = StringProperty("")
    stacked = BooleanProperty(False)  # large letters upright: its doors stand under its words

    def take(self, row: PaperRow) -> None:
        """Show the row; what is the same stays."""
        before: PaperRow = self.row
        if row == before:
            return
        self.row = row
        self.stage_word = stage_word(_, row.stage) if row.stage else ""
        self.ids.chip.take(row.state)
        if row.doors != before.doors:
            self._fill("doors", [self._door(door) for door in row.doors])
        if row.why != before.why:
            lines = [WhyLine(words=_say(one.title, one.text), clause=one.clause) for one in row.why]
            self._fill("why", lines)

    def _fill(self, name: str, widgets: list[Any]) -> None:
        box = self.ids[name]
        box.clear_widgets()
        for widget in widgets:
            box.add_widget(widget)

    def _door(self, door: Fix) -> Any:
        button = made("FixButton", name=f"paper.{door.key}", word=door.word)
        button.bind(on_release=lambda _b: self.actions.paper(door.key))
        return button


def _say(title: str, text: str) -> str:
    return f"{title}{'。' if text and not title.isascii() else '. ' if text else ''}{text}"


class PapersScreen(FujieScreen):
    """Rows are made a few a frame and kept while their document is there."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._made: dict[str, Any] = {}
        self._more = Clock.create_trigger(self._make, 0)
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        wanted = {key for key, _ in self._wanted()}
        for key in [key for key in self._made if key not in wanted]:
            self.ids.rows.remove_widget(self._made.pop(key))
        for key, what in self._wanted():
            if key in self._made and isinstance(what, PaperRow):
                self._made[key].take(what)
        self._more()

    def _wanted(self) -> Iterator[tuple[str, PaperRow | str]]:
        view: PapersView = self.view
        for group in view.groups:
            yield f"# {group.title}", group.title
            yield from ((row.key, row) for row in group.rows)

    def _make(self, *_args: Any) -> None:
        until = time.perf_counter() + A_FRAME_S
        rows = self.ids.rows
        for at, (key, what) in enumerate(self._wanted()):
            if key in self._made:
                continue
            if time.perf_counter() > until:
                self._more()
                return
            if isinstance(what, str):
                widget: Any = GroupTitle(words=what)
            else:
                widget = PaperLine(actions=self.actions)
                widget.take(what)
            self._made[key] = widget
            rows.add_widget(widget, index=max(0, len(rows.children) - at))


load_kv(__file__)
