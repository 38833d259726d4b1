"""Answers that are lists of rows: property, evidence, questions with their answers.

In a draft a table is one string, so that answers stay texts and numbers:

    [{"name":"散装红枣","quantity":"12.5","unit":"公斤"},{"name":"枸杞"}]

In the document it is lines, which is what the statement commits to: a tab between cells, a line
end between rows, U+2028 where a cell itself has a line end. It is cut row by row, and within a
row around what is private, so that each can be shown or masked.

>>> rows(rows_text([{"name": "散装红枣", "quantity": "12.5"}, {"name": ""}]))
[{'name': '散装红枣', 'quantity': '12.5'}]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from field_client.documents.answers import Value, names, written
from protocol.cutting import Piece, cut
from protocol.printed import CELL_END, LINE_IN_CELL, ROW_END, cells
from protocol.reference import FieldSpec
from protocol.vocabulary import Ground

Row = dict[str, str]

_decode = msgspec.json.Decoder(list[Row]).decode


class Lack(NamedTuple):
    """A cell that is required and empty, or cannot be read; ``row`` counts from 0."""

    row: int
    column: FieldSpec


def rows(answer: Value) -> list[Row]:
    """The rows of a table as it stands in a draft; none where it holds something else."""
    if not isinstance(answer, str) or not answer.strip():
        return []
    try:
        return _decode(answer)
    except msgspec.MsgspecError:
        return []


def rows_text(table: Iterable[Mapping[str, str]]) -> str:
    """The draft's string for a table; rows without a word are left out, "" for none at all."""
    kept = [dict(row) for row in table if any(cell.strip() for cell in row.values())]
    return msgspec.json.encode(kept).decode() if kept else ""


def lacking(field: FieldSpec, answer: Value) -> list[Lack]:
    """The cells of a table that are still to be filled in or corrected, row by row."""
    return [
        Lack(place, column)
        for place, row in enumerate(rows(answer))
        for column in field.columns
        if _cell(column, row.get(column.name, "")) is None
    ]


def table_lines(field: FieldSpec, answer: Value, blank: str = "") -> list[list[str]]:
    """The cells as they are printed, row by row; ``blank`` stands for what ``lacking`` names."""
    return [
        [
            blank if (text := _cell(column, row.get(column.name, ""))) is None else text
            for column in field.columns
        ]
        for row in rows(rows_text(rows(answer)))
    ]


def cut_table(
    field: FieldSpec, lines: Sequence[Sequence[str]], people: Sequence[str]
) -> list[Piece]:
    """The pieces of a table, ``items#0`` …: one a row, and more where a cell holds what is
    private, by its column's ``ground`` or ``cut``. Joined they are its text."""
    parts: list[tuple[str, Ground | None]] = []
    for place, line in enumerate(lines):
        parts += _row(field, line, people, last=place == len(lines) - 1)
    return [Piece(f"{field.name}#{n}", text, mark) for n, (text, mark) in enumerate(parts)]


def answer_of(field: FieldSpec, text: str) -> str:
    """The draft's string for a table that an earlier document printed, column by column."""
    named = [column.name for column in field.columns]
    return rows_text(
        {name: cell.replace(LINE_IN_CELL, "\n") for name, cell in zip(named, line, strict=False)}
        for line in cells(text)
    )


def _row(
    field: FieldSpec, line: Sequence[str], people: Sequence[str], *, last: bool
) -> Iterator[tuple[str, Ground | None]]:
    """The parts of one row; what stands between two private parts is one part."""
    open_text = ""
    for place, (column, cell) in enumerate(zip(field.columns, line, strict=True)):
        open_text += CELL_END if place else ""
        for text, mark in _private(column, cell, people):
            if mark is None:
                open_text += text
                continue
            if open_text:
                yield open_text, None
            open_text = ""
            yield text, mark
    open_text += "" if last else ROW_END
    if open_text:
        yield open_text, None


def _private(
    column: FieldSpec, cell: str, people: Sequence[str]
) -> list[tuple[str, Ground | None]]:
    if column.ground is not None:
        return [(cell, column.ground)] if cell else []
    if column.type == "names":
        return [piece[1:] for piece in cut(column.name, cell, names(cell))]
    return [piece[1:] for piece in cut(column.name, cell, people, column.cut)]


def _cell(column: FieldSpec, typed: str) -> str | None:
    """A cell as it is printed; None when it is missing or cannot be read."""
    if not typed.strip():
        return None if column.required else ""
    text = written(column, typed)
    if text is None or len(text) > column.max_length:
        return None
    plain = text.replace("\r\n", "\n").replace(CELL_END, " ")
    return plain.replace("\n", LINE_IN_CELL)
