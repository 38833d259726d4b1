"""What an archive says of itself is not believed: no more is unpacked than may be."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest

from sync_server.people import packages, sheets
from sync_server.people.packages import FORM, PRINT, BadPackage
from sync_server.people.sheets import BadSheet, Column

TRUE_SIZE = 16 << 20


def lying(method: int, names: tuple[str, str]) -> bytes:
    """An archive whose first part says that it has 100 bytes, and has very many."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        with made.open(names[0], "w") as part:
            for _ in range(TRUE_SIZE >> 20):
                part.write(bytes(1 << 20))
        made.writestr(names[1], "x")
    data = out.getvalue()
    at = data.find(b"PK\x01\x02") + 24  # where the first part's size stands in the list at the end
    return data[:at] + (100).to_bytes(4, "little") + data[at + 4 :]


def test_a_part_that_is_longer_than_it_says_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither of a package nor of a spreadsheet, and by no method."""
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1 << 20)
    deflated, shrunk = zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2
    package = [lying(method, (FORM, PRINT)) for method in (deflated, shrunk)]
    table = [lying(method, ("[Content_Types].xml", "x")) for method in (deflated, shrunk)]
    with pytest.raises(BadSheet):  # what reads spreadsheets is loaded
        sheets.read_sheet(b"PK\x03\x04", [Column("no")])
    tracemalloc.start()
    try:
        for data in package:
            with pytest.raises(BadPackage):
                packages.read(data)
        for data in table:
            with pytest.raises(BadSheet):
                sheets.read_sheet(data, [Column("no")])
        assert tracemalloc.get_traced_memory()[1] < TRUE_SIZE // 2
    finally:
        tracemalloc.stop()
