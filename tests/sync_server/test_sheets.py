"""Tables of strangers: what is read, what is refused and where, what an export writes."""

from __future__ import annotations

import ast
import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from openpyxl import Workbook, load_workbook

from sync_server import words
from sync_server.people import itemrows, sheets
from sync_server.people.sheets import BadSheet, Column, read_sheet, write_csv, write_xlsx

COLUMNS = (
    Column("no", ("编号", "Number"), digits=True),
    Column("name", ("名称", "Name")),
    Column("note", ("备注", "Note"), optional=True),
)
ROWS = [
    {"no": "0099", "name": "甲", "note": "一，\n二"},
    {"no": "0100", "name": "=1+1", "note": "-5 度"},
]


def xlsx(*rows: list[object], then: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        assert book.active is not None
        book.active.append(row)
    if then:
        then(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults(data: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(BadSheet) as caught:
        read_sheet(data, COLUMNS)
    return [(one.row, one.field, str(one.error)) for one in caught.value.faults]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("label", [0, 1])
def test_what_an_export_writes_is_read_as_it_was(write: Callable[..., bytes], label: int) -> None:
    """In either language, with leading zeros, line breaks and signs of formulas."""
    read = read_sheet(write(COLUMNS, ROWS, label), COLUMNS)
    assert [dict(one.values) for one in read] == ROWS
    assert [one.number for one in read] == [2, 3]


def test_no_spreadsheet_computes_what_an_export_writes() -> None:
    """A cell that begins like a formula is text, in both forms."""
    written = write_csv(COLUMNS, ROWS).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written)))[2][1] == "'=1+1"
    sheet = load_workbook(io.BytesIO(write_xlsx(COLUMNS, ROWS))).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


def test_csv_of_an_old_spreadsheet_is_read() -> None:
    """GB 18030, columns in another order, an empty row in between."""
    data = "名称,编号\r\n甲,0099\r\n,\r\n乙,0100\r\n".encode("gb18030")
    read = read_sheet(data, COLUMNS)
    assert [(one.number, one.values["no"]) for one in read] == [(2, "0099"), (4, "0100")]


def test_every_wrong_place_is_named_at_once() -> None:
    """With its row and its column."""
    rows: list[list[object]] = [[99, "甲"], ["0100", "=A1"], ["0101", True], ["0102", "丁", "x"]]
    told = faults(xlsx(["编号", "名称"], *rows))
    places = [(row, field) for row, field, _ in told]
    assert places == [(2, "no"), (3, "name"), (4, "name"), (5, "")]
    assert "loses its zeros" in told[0][2]
    assert "formula" in told[1][2]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "empty"),
        (b"\xe7\xbc\x96\xe5\x8f\xb7\n1\n", "missing"),
        ("编号,名称,编号\n1,甲,2\n".encode(), "twice"),
        ("编号,名称,密码\n1,甲,2\n".encode(), "no column is called 密码"),
        (b"\x00\x01\x02", "expected CSV"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "expected CSV"),
        ('编号,名称\n1,"甲\n'.encode(), "no CSV"),
        (b"PK\x03\x04 and no archive", "no readable XLSX"),
    ],
)
def test_what_is_no_table_of_these_columns_is_refused(head: bytes, said: str) -> None:
    """A file is what its bytes are."""
    assert said in faults(head)[0][2]


def test_what_would_unpack_to_too_much_is_not_unpacked() -> None:
    """A small file of many zeros, and one of very many rows."""
    good = xlsx(["编号", "名称"], ["1", "甲"])
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            new.writestr(one, old.read(one))
        new.writestr("xl/media/1.bin", bytes(sheets.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < sheets.MAX_BYTES
    assert "unpacks" in faults(out.getvalue())[0][2]
    parts = _again(good, {}, {f"{at}.bin": b"" for at in range(sheets.MAX_PARTS)})
    assert "parts" in faults(parts)[0][2]
    many = "编号,名称\n" + "1,甲\n" * (sheets.MAX_ROWS + 2)
    assert "rows" in faults(many.encode())[0][2]
    assert "bytes" in faults(b"x" * (sheets.MAX_BYTES + 1))[0][2]
    assert "columns" in faults(b"," * sheets.MAX_COLUMNS)[0][2]


def _again(data: bytes, replaced: dict[str, bytes], more: dict[str, bytes] | None = None) -> bytes:
    """The same archive with other bytes in some of its parts, and with more of them."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            new.writestr(one, replaced.get(one, old.read(one)))
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]
)
def test_a_part_that_is_broken_is_no_fault_of_ours(part: str) -> None:
    """XML that ends in the middle, whichever parser reads it, and deflated bytes that were hit."""
    good = xlsx(["编号", "名称"], ["1", "甲"])
    with zipfile.ZipFile(io.BytesIO(good)) as packed:
        whole, info = packed.read(part), packed.getinfo(part)
    assert "no readable XLSX" in faults(_again(good, {part: whole[: len(whole) // 2]}))[0][2]
    hit = bytearray(good)
    at = info.header_offset + 30 + len(part)
    hit[at : at + 8] = b"\xff" * 8
    assert "no readable XLSX" in faults(bytes(hit))[0][2]


def test_what_a_spreadsheet_could_not_compute_is_no_value() -> None:
    """Its error is shown in the cell like a text."""
    assert [one[:2] for one in faults(xlsx(["编号", "名称"], ["1", "#N/A"]))] == [(2, "name")]


def test_entities_that_multiply_are_not_expanded() -> None:
    """XML that declares entities is no sheet."""
    good = xlsx(["编号", "名称"], ["1", "甲"])
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            body = lol if one.endswith("sheet1.xml") else old.read(one)
            new.writestr(one, body)
    assert "no readable XLSX" in faults(out.getvalue())[0][2]


@pytest.mark.parametrize("module", [sheets, itemrows])
def test_whatever_is_wrong_with_a_cell_has_its_chinese(module: ModuleType) -> None:
    """Nothing of a table is refused in bare English."""
    tree = ast.parse(Path(str(module.__file__)).read_text())
    said = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("BadCell", "_bad")
        and isinstance(node.args[0], ast.Constant)
    }
    assert said
    assert said <= set(words.catalogue("zh_CN"))
