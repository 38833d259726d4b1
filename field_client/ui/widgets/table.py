"""A table of answers: one line a row, one row open at a time.

    TableField(field=FieldView("items", "table", "物品", columns=…, rows=…), actions=actions)

Closed rows are a number and their words in one line, so that thirty of them cost little; they
are made a few a frame. An open row asks for its cells like fields of a form, and can be moved,
doubled and removed. Touches go to ``edit_cell``, ``add_row``, ``move_row`` and ``remove_row``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from field_client.ui.i18n import _
from field_client.ui.presenters.form import ColumnView, FieldView
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.field import FieldBox
from field_client.ui.widgets.focus import bring_into_view, once_laid
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.text import text_width

A_FRAME_S = 0.006
CLOSED = -1
A_DAY = "2026-12-30"
BESIDE_A_DAY = 232  # dp in a date's frame: three buttons, the gaps between them, the edges
WIDE = ("multiline", "table", "datetime")  # a line of their own in an open row


class RowLine(Pressable):
    """A closed row."""

    at = NumericProperty(0)
    words = StringProperty("")
    lacking = BooleanProperty(False)
    opened = BooleanProperty(False)


class RowEditor(Box):
    """The open row: its cells, and what may be done with it."""

    key = StringProperty("")
    at = NumericProperty(0)
    count = NumericProperty(0)
    asking = BooleanProperty(False)  # a second press removes
    owner = ObjectProperty(None, allownone=True)


class TableField(Box):
    """All rows of one table field."""

    field = ObjectProperty(FieldView("", "table", ""), rebind=True)
    actions = ObjectProperty(None, allownone=True)
    opened = NumericProperty(CLOSED)
    room = NumericProperty(0)
    """The height of rows that are still to be made: what is below stands where it stays."""

    def __init__(self, **kwargs: Any) -> None:
        self._lines: list[RowLine] = []
        self._cells: list[FieldBox] = []
        self._editor: RowEditor | None = None
        self._columns: list[list[ColumnView]] = []  # of the open row, side by side, to be made
        self._more = Clock.create_trigger(self._fill, 0)
        self._cells_more = Clock.create_trigger(self._make_cells, 0)
        super().__init__(**kwargs)

    def take(self, field: FieldView) -> None:
        """Show other rows; lines and cells that are there are kept, and with them the cursor."""
        self.field = field
        while len(self._lines) > len(field.rows):
            self.ids.rows.remove_widget(self._lines.pop())
        if self.opened >= len(field.rows):
            self.opened = CLOSED
        for line in self._lines:
            self._write(line)
        self._fill()
        self._show_editor()

    # ── closed rows ──────────────────────────────────────────────────────────────────────

    def _fill(self, *_args: Any) -> None:
        until = time.perf_counter() + A_FRAME_S
        while len(self._lines) < len(self.field.rows):
            line = RowLine(at=len(self._lines), name=f"{self.field.key}.row{len(self._lines)}")
            line.bind(on_release=lambda pressed: self.open(int(pressed.at)))
            self._lines.append(line)
            self._write(line)
            self.ids.rows.add_widget(line)
            if time.perf_counter() > until:
                self._more()
                break
        self._keep_room()
        if len(self._lines) == len(self.field.rows):
            self._show_editor()

    def _keep_room(self) -> None:
        """As if each row that is still to come had one line."""
        left = len(self.field.rows) - len(self._lines)
        a_row = max(dp(56), theme.body * 1.5 + dp(20)) + self.ids.rows.spacing
        self.room = left * a_row - (self.spacing if self._lines else 0) if left else 0

    def _write(self, line: RowLine) -> None:
        cells, columns = self.field.rows[int(line.at)], self.field.columns
        told = [
            column.told(cell).replace("\n", " ")
            for column, cell in zip(columns, cells, strict=False)
        ]
        words = [one for one in told if one.strip()]
        line.words = " · ".join(words) or _("empty row")
        line.lacking = any(
            column.required and not cell.strip()
            for column, cell in zip(columns, cells, strict=False)
        )
        line.opened = line.at == self.opened

    # ── the open row ─────────────────────────────────────────────────────────────────────

    def open(self, at: int) -> None:
        """Open a row, or close it when it is the open one."""
        self.opened = CLOSED if self.opened == at else at
        for line in self._lines:
            line.opened = line.at == self.opened
        self._show_editor(moved=True)

    def _show_editor(self, moved: bool = False) -> None:
        if self.opened == CLOSED or self.opened >= len(self._lines):
            self._drop_editor()
            return
        if self._editor is None or self._editor.at != self.opened:
            self._drop_editor()
            self._make_editor()
            moved = True
        editor = self._editor
        assert editor is not None
        editor.count = len(self.field.rows)
        cells = self.field.rows[int(self.opened)]
        for box, column, cell in zip(self._cells, self.field.columns, cells, strict=False):
            box.take(self._cell(column, cell))
        if moved:
            once_laid(editor, lambda: bring_into_view(editor))

    def _make_editor(self) -> None:
        at = int(self.opened)
        editor = RowEditor(key=self.field.key, at=at, owner=self)
        rows = self.ids.rows
        rows.add_widget(editor, index=rows.children.index(self._lines[at]))
        self._editor, self._columns = editor, _pairs(self.field.columns)
        self._cells_more()

    def _make_cells(self, *_args: Any) -> None:
        """One line of cells a frame."""
        editor = self._editor
        if editor is None or not self._columns:
            return
        line = self._columns.pop(0)
        boxes = [self._cell_box(column) for column in line]
        words = self.field.rows[int(self.opened)][len(self._cells) :]
        for box, column, cell in zip(boxes, line, words, strict=False):
            box.take(self._cell(column, cell))
        self._cells += boxes
        self._lay(editor, boxes, max(map(_least, line)))
        if self._columns:
            self._cells_more()
        else:
            once_laid(editor, lambda: bring_into_view(editor))

    def _lay(self, editor: RowEditor, boxes: list[FieldBox], least: float) -> None:
        row = CellRow(least=least)
        for box in boxes:
            box.pos_hint = {"top": 1}
            row.add_widget(box)
        editor.ids.cells.add_widget(row)

    def _drop_editor(self) -> None:
        if self._editor is not None:
            self.ids.rows.remove_widget(self._editor)
            self._editor, self._cells, self._columns = None, [], []

    def _cell_box(self, column: ColumnView) -> FieldBox:
        box = FieldBox(actions=self.actions)
        box.bind(
            on_edit=lambda _b, value: self.actions.edit_cell(
                self.field.key, int(self.opened), column.key, value
            )
        )
        return box

    def _cell(self, column: ColumnView, value: str) -> FieldView:
        return FieldView(
            key=f"{self.field.key}.{column.key}",
            kind=column.kind,
            label=column.label,
            value=value,
            help=column.help,
            choices=column.choices,
            phrases=column.phrases,
            required=column.required,
            almanac=self.field.almanac,
        )

    # ── rows come, go and move ───────────────────────────────────────────────────────────

    def add(self) -> None:
        """A new row at the end, opened."""
        self.opened = len(self.field.rows)
        self.actions.add_row(self.field.key)

    def double(self) -> None:
        """A new row behind this one, with the same words: the next item is often alike."""
        at, self.opened = int(self.opened), self.opened + 1
        self._drop_editor()
        self.actions.double_row(self.field.key, at)

    def move(self, step: int) -> None:
        """Up or down; the row stays open."""
        at = int(self.opened)
        if 0 <= at + step < len(self.field.rows):
            self._drop_editor()
            self.opened = at + step
            self.actions.move_row(self.field.key, at, step)

    def remove(self, editor: RowEditor) -> None:
        """The second press removes a row that has words."""
        at = int(self.opened)
        if not editor.asking and any(cell.strip() for cell in self.field.rows[at]):
            editor.asking = True
            return
        self._drop_editor()
        self.opened = CLOSED
        self.actions.remove_row(self.field.key, at)


class CellRow(Box):
    """One or two cells side by side, or one under the other where a day would be cut off."""

    least = NumericProperty(0)  # room that its widest cell needs


def _least(column: ColumnView) -> float:
    """The width that shows a whole day beside its buttons, in pixels; other cells wrap."""
    return text_width(A_DAY, theme.body, False) + dp(BESIDE_A_DAY) if column.kind == "date" else 0


def _pairs(columns: Sequence[ColumnView]) -> list[list[ColumnView]]:
    """Which cells stand side by side: two of a kind that needs little room."""
    lines: list[list[ColumnView]] = []
    for column in columns:
        beside = lines and len(lines[-1]) == 1 and lines[-1][0].kind not in WIDE
        if beside and column.kind not in WIDE:
            lines[-1].append(column)
        else:
            lines.append([column])
    return lines


load_kv(__file__)
