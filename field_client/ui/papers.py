"""All documents of a case, by the way of a case, with what stands against those not issued."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, Fix, RuleNote, stage_word
from field_client.ui.presenters.papers import GroupHead, PaperRow
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.text import text_width

LINE = 1.45  # of the size of its letters is a line high
DOOR = 56  # dp
EMPTY = PaperRow("", "", Chip("", ""), "", ())


class GroupTitle(Box):
    """The head of a part of the way."""

    words = StringProperty("")
    wanted = NumericProperty(0)  # its height


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
    letters = 34  # narrower than so many of them it does
    wanted = NumericProperty(0)  # its height, so that all of it is seen

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
    """Rows are made where they are seen, and kept while their document is there."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        rows = self.ids.rows
        rows.make, rows.reached = self._row, lambda row: bool(getattr(row, "doors", ()))
        rows.bind(width=self._measured)
        self.bind(view=self._lay)
        self._measured()
        self._lay()

    def _lay(self, *_args: Any) -> None:
        self.ids.rows.rows = list(self.view.rows)

    def _measured(self, *_args: Any) -> None:
        rows = self.ids.rows
        rows.height_of = partial(row_height, width=rows.width - dp(rows.side))

    def _row(self, row: GroupHead | PaperRow) -> Any:
        if isinstance(row, GroupHead):
            return GroupTitle(words=row.words)
        line = PaperLine(actions=self.actions)
        line.take(row)
        return line


def row_height(row: GroupHead | PaperRow, *, width: float) -> float:
    """As tall as its words, where a title has one line; the list makes room for a longer one."""
    if isinstance(row, GroupHead):
        return float(LINE * theme.strong + dp(16))
    words = LINE * theme.strong + (LINE * theme.label + dp(4) if row.detail else 0)
    head = words + dp(8 + DOOR) if width < PaperLine.letters * theme.body else max(dp(DOOR), words)
    why = sum(_why_height(one, width - dp(72)) + dp(6) for one in row.why)
    return float(round(head + dp(12) + (why + dp(2) if row.why else 0)))


def _why_height(one: RuleNote, room: float) -> float:
    lines = ceil(text_width(_say(one.title, one.text), theme.label, False) / max(1.0, room))
    return float(max(dp(22), LINE * theme.label * (lines + bool(one.clause))))


load_kv(__file__)
