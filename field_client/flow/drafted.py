"""What is typed into a form: answers by field, and tables row by row.

    draft = Draft(kind, template, answers)
    draft.edit("fine", "500")
    draft.add_row("items"); draft.edit_cell("items", 0, "name", "散装红枣")
    draft.answers                       as the document and the vault take them

A row without words stands on the screen only: the draft that is kept has the others.
"""

from __future__ import annotations

from datetime import datetime

from field_client.documents import Row, rows, rows_text
from field_client.store.drafts import Answers
from field_client.ui.presenters.common import LEGAL_ZONE
from protocol.forms import FieldSpec, Template
from protocol.vocabulary import DocumentKind

MOST_ROWS = 500


class Draft:
    """One form while it is filled in."""

    def __init__(self, kind: DocumentKind, template: Template, answers: Answers) -> None:
        self.kind, self.template = kind, template
        self.fields = {one.name: one for one in template.fields}
        self.answers: Answers = {
            name: shown(value, self.fields.get(name)) for name, value in answers.items()
        }
        self._tables: dict[str, list[Row]] = {
            one.name: rows(self.answers.get(one.name, ""))
            for one in template.fields
            if one.type == "table"
        }

    def rows(self, key: str) -> list[Row]:
        """The rows of a table, those without words too."""
        return self._tables.get(key, [])

    def edit(self, key: str, value: str) -> None:
        """Another answer; a table may come whole, too."""
        self.answers[key] = value
        if key in self._tables:
            self._tables[key] = rows(value)

    def edit_cell(self, key: str, row: int, column: str, value: str) -> bool:
        """Another cell. False, and nothing done, where there is none."""
        if not self._has(key, row) or column not in {one.name for one in self.fields[key].columns}:
            return False
        self._tables[key][row][column] = value
        return self._written(key)

    def add_row(self, key: str) -> bool:
        """A row at the end, with what its columns propose."""
        if key not in self._tables or len(self._tables[key]) >= MOST_ROWS:
            return False
        self._tables[key].append({one.name: one.text for one in self.fields[key].columns})
        return self._written(key)

    def double_row(self, key: str, row: int) -> bool:
        """The same row again, behind itself."""
        if not self._has(key, row) or len(self._tables[key]) >= MOST_ROWS:
            return False
        self._tables[key].insert(row + 1, dict(self._tables[key][row]))
        return self._written(key)

    def move_row(self, key: str, row: int, step: int) -> bool:
        """Up or down by one or more places."""
        if not (self._has(key, row) and self._has(key, row + step)):
            return False
        table = self._tables[key]
        table.insert(row + step, table.pop(row))
        return self._written(key)

    def remove_row(self, key: str, row: int) -> bool:
        """Take a row out."""
        if not self._has(key, row):
            return False
        del self._tables[key][row]
        return self._written(key)

    def _has(self, key: str, row: int) -> bool:
        return 0 <= row < len(self._tables.get(key, ()))

    def _written(self, key: str) -> bool:
        self.answers[key] = rows_text(self._tables[key])
        return True


def shown(value: str | int, spec: FieldSpec | None) -> str | int:
    """An answer as the form shows it: times and amounts in people's writing.

    >>> shown(350050, FieldSpec(name="fine", label_zh="", label_en="", type="money"))
    '3500.50'
    """
    if not isinstance(value, int) or spec is None:
        return value
    if spec.type == "money":
        return f"{value / 100:.2f}".removesuffix(".00")
    if spec.type in ("date", "datetime"):
        local = datetime.fromtimestamp(value / 1000, LEGAL_ZONE)
        return local.strftime("%Y-%m-%d" if spec.type == "date" else "%Y-%m-%d %H:%M")
    return value
