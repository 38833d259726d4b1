"""Tables as people hand them on: CSV and XLSX, read with suspicion, written without formulas.

    rows = read_sheet(data, columns)         [Row(2, {"cert_no": "00992304117", …}), …]
    write_csv(columns, rows) · write_xlsx(columns, rows)          bytes; the first row names columns

A column may be called by its field's name or by its label in either language. What is wrong is
told with row and column, all of it at once (``BadSheet.faults``). A formula is no value, whoever
computed it; a number that should be text has lost its zeros; an archive that would unpack to more
than ``MAX_UNPACKED`` is not unpacked.

>>> read_sheet("编号,名称\\n7,甲\\n".encode(), [Column("no", ("编号",)), Column("name", ("名称",))])
[Row(number=2, values={'no': '7', 'name': '甲'})]
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import defusedxml
from defusedxml.common import DefusedXmlException

from protocol.errors import Refused
from sync_server.people.unpacking import TooBig, unpacked

MAX_BYTES = 2 << 20
MAX_UNPACKED = 32 << 20
MAX_PARTS = 200
MAX_ROWS = 5000
MAX_COLUMNS = 60
MAX_CELL = 2000
MAX_FAULTS = 50
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

defusedxml.defuse_stdlib()  # openpyxl reads by the standard library's parser


@dataclass(frozen=True)
class Column:
    """A column: the field, and what people call it. ``digits`` are kept as text."""

    field: str
    labels: Sequence[str] = ()
    optional: bool = False
    digits: bool = False


@dataclass(frozen=True)
class Row:
    """One row with its number in the sheet, the first row being 1."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """What is wrong, where: row 0 is the whole sheet. ``error`` says it."""

    row: int
    field: str
    error: Refused


class BadSheet(Refused):
    """A table that is not taken; ``faults`` says what is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "{count} places in the table are wrong; nothing was taken over, mend them and send it "
            "again",
            count=len(faults),
        )
        self.faults = list(faults)[:MAX_FAULTS]


class BadCell(Refused):
    """A cell, or a sheet, that is not taken."""


def read_sheet(data: bytes, columns: Sequence[Column]) -> list[Row]:
    """The rows of a CSV or XLSX file, whatever its name. Raises BadSheet."""
    if len(data) > MAX_BYTES:
        raise _bad("expected a table of at most {most} bytes, got {size}", len(data), MAX_BYTES)
    zipped = data.startswith(b"PK\x03\x04")
    cells = _xlsx_rows(data) if zipped else _csv_rows(data)
    numbered = list(enumerate(cells, start=1))
    head = next(iter(numbered), None)
    if head is None or not any(_text(one) for one in head[1]):
        raise BadSheet([Fault(0, "", BadCell("the table is empty; its first row names columns"))])
    places, faults = _places(head[1], columns)
    rows = []
    for number, line in numbered[1:]:
        if any(one not in (None, "") for one in line):
            values, wrong = _values(number, line, places)
            rows.append(Row(number, values))
            faults += wrong
    if faults:
        raise BadSheet(faults)
    return rows


def write_csv(
    columns: Sequence[Column], rows: Iterable[Mapping[str, str]], label: int = 0
) -> bytes:
    """The table as CSV that spreadsheets open as UTF-8; ``label`` chooses the columns' names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_heads(columns, label))
    for row in rows:
        writer.writerow([_harmless(row[one.field]) for one in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def write_xlsx(
    columns: Sequence[Column], rows: Iterable[Mapping[str, str]], label: int = 0
) -> bytes:
    """The table as XLSX; every cell is text, so that no number loses its zeros."""
    from openpyxl import Workbook  # takes a second: loaded when somebody brings or takes a table

    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append(_heads(columns, label))
    for row in rows:
        sheet.append([_harmless(row[one.field]) for one in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ── inside ───────────────────────────────────────────────────────────────────────────────


def _csv_rows(data: bytes) -> Iterator[Sequence[Any]]:
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise BadSheet([Fault(0, "", BadCell("expected CSV in UTF-8 or an XLSX file"))])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Sequence[Any]] = []
    try:
        for line in reader:
            if len(found) > MAX_ROWS:
                raise _bad("expected at most {most} rows, got more", len(found), MAX_ROWS)
            if len(line) > MAX_COLUMNS:
                wide = "expected at most {most} columns, got {size}; remove the others"
                raise _bad(wide, len(line), MAX_COLUMNS)
            found.append(line)
    except csv.Error:
        told = BadCell("this row is no CSV; save the table anew as CSV in UTF-8, or as XLSX")
        raise BadSheet([Fault(reader.line_num, "", told)]) from None
    return iter(found)


def _xlsx_rows(data: bytes) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    found: list[Sequence[Any]] = []
    try:
        book = load_workbook(_unpacked(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line in sheet.iter_rows(max_col=MAX_COLUMNS):
            if len(found) > MAX_ROWS:
                raise _bad("expected at most {most} rows, got more", len(found), MAX_ROWS)
            found.append([_cell(one) for one in line])
    except BadSheet:
        raise
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        DefusedXmlException,
        zlib.error,
        SyntaxError,  # of either parser of XML
        ArithmeticError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        RuntimeError,
    ):
        told = BadCell("this file is no readable XLSX; save it anew from the spreadsheet")
        raise BadSheet([Fault(0, "", told)]) from None
    return iter(found)


def _unpacked(data: bytes) -> io.BytesIO:
    """The same archive with its parts as they are: whoever reads it finds no more than this."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w") as plain:
        if len(packed.infolist()) > MAX_PARTS:
            many = "expected a file of at most {most} parts, got {size}; leave one sheet in it"
            raise _bad(many, len(packed.infolist()), MAX_PARTS)
        try:
            parts = unpacked(packed, MAX_UNPACKED)
        except TooBig:
            wide = "expected a table that unpacks to {most} bytes, got more; leave one sheet in it"
            raise _bad(wide, 0, MAX_UNPACKED) from None
        for name, part in parts.items():
            plain.writestr(name, part)
    return out


def _cell(one: Any) -> Any:
    """A cell's value; a formula stays a formula, whatever was computed of it, and what could not be
    computed is none either."""
    value = one.value
    if getattr(one, "data_type", "") in ("f", "e"):
        return "=" + str(value).removeprefix("=")
    return value


def _places(
    head: Sequence[Any], columns: Sequence[Column]
) -> tuple[dict[int, Column], list[Fault]]:
    named = {label.strip().casefold(): one for one in columns for label in (one.field, *one.labels)}
    places: dict[int, Column] = {}
    faults = []
    for at, cell in enumerate(head):
        called = _text(cell)
        column = named.get(called.casefold())
        if not called:
            continue
        if column is None:
            told = BadCell("no column is called {name}; correct or remove it", name=called[:40])
            faults.append(Fault(1, "", told))
        elif column in places.values():
            told = BadCell("the column {name} comes twice; remove one", name=called[:40])
            faults.append(Fault(1, column.field, told))
        else:
            places[at] = column
    missing = [one for one in columns if one not in places.values() and not one.optional]
    faults += [
        Fault(1, one.field, BadCell("this column is missing; add it, it may not be left out"))
        for one in missing
    ]
    return places, faults


def _values(
    number: int, line: Sequence[Any], places: Mapping[int, Column]
) -> tuple[dict[str, str], list[Fault]]:
    values, faults = {}, []
    for at, column in places.items():
        cell = line[at] if at < len(line) else ""
        fault = _wrong(cell, column)
        if fault is not None:
            faults.append(Fault(number, column.field, fault))
        values[column.field] = _text(cell)
    extra = [cell for at, cell in enumerate(line) if at not in places and _text(cell)]
    if extra:
        told = BadCell("this row has more cells than the first row has columns")
        faults.append(Fault(number, "", told))
    return values, faults


def _wrong(cell: Any, column: Column) -> BadCell | None:
    text = _text(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | date | None):
        return BadCell("expected a text, got {got}", got=type(cell).__name__)
    if isinstance(cell, int | float) and column.digits:
        return BadCell(
            "expected digits as text, got a number, which loses its zeros; format the "
            "column as text"
        )
    if isinstance(cell, str) and cell.strip()[:1] in ("=", "+", "@"):
        return BadCell("expected a value, got a formula; paste it as a value")
    if len(text) > MAX_CELL:
        return BadCell(
            "expected at most {most} characters, got {got}", most=MAX_CELL, got=len(text)
        )
    return None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    # What the export put before a sign that spreadsheets take for a formula.
    return text[1:] if text[:1] == "'" and text[1:2] in _SIGNS else text


_SIGNS = ("=", "+", "-", "@")


def _harmless(text: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{text}" if text[:1] in _SIGNS else text


def _heads(columns: Sequence[Column], label: int) -> list[str]:
    return [one.labels[label] if one.labels else one.field for one in columns]


def _bad(template: str, size: int, most: int) -> BadSheet:
    return BadSheet([Fault(0, "", BadCell(template, size=size, most=most))])
