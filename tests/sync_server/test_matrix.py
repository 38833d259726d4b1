"""What a publication matrix may say, and what each row of its table lacks."""

from __future__ import annotations

import msgspec
import pytest

from protocol.reference import PublicationRow
from protocol.vocabulary import ActKind, PartyClass, Procedure
from sync_server.catalogue import load_matrix
from sync_server.office import matrix
from sync_server.office.matrix import NotAMatrix
from sync_server.people.matrixrows import MATRIX_COLUMNS, read, typed
from sync_server.people.sheets import BadSheet, read_sheet, write_csv, write_xlsx

ROWS = load_matrix()
BY_ID = {one.id: one for one in ROWS}


def changed(row: str, **fields: object) -> list[PublicationRow]:
    """The matrix with one row otherwise."""
    return [msgspec.structs.replace(one, **fields) if one.id == row else one for one in ROWS]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_matrix_goes_out_as_a_table_and_comes_in_the_same(write: object) -> None:
    table = write(MATRIX_COLUMNS, [typed(one) for one in ROWS])  # type: ignore[operator]
    assert read(read_sheet(table, MATRIX_COLUMNS)) == ROWS


@pytest.mark.parametrize(
    ("rows", "row", "field"),
    [
        (changed("penalty-ordinary", limit_days=8), 4, "limit_days"),
        (changed("permit", limit_days=0), 5, "limit_days"),
        (changed("coercion", limit_days=21), 6, "limit_days"),
        (changed("penalty-ordinary", publish=False), 4, "publish"),
        (changed("permit", clause=" "), 5, "clause"),
        (changed("permit", display_months=121), 5, "display_months"),
        (changed("permit", warning_only=True), 5, "warning_only"),
        (changed("permit", id="A"), 5, "id"),
        (changed("permit", id="new"), 5, "id"),
        (changed("permit", id="coercion"), 6, "id"),
        (changed("penalty-summary-warning", warning_only=None), 2, "act"),
        (ROWS[:-1], 0, ""),
        (changed("permit", party_class=PartyClass.CITIZEN), 0, ""),
        ([], 0, ""),
    ],
)
def test_a_matrix_that_cannot_rule_is_refused_by_row_and_field(
    rows: list[PublicationRow], row: int, field: str
) -> None:
    with pytest.raises(NotAMatrix) as refused:
        matrix.expect_sound(rows)
    assert (refused.value.row, refused.value.field) == (row, field)


def test_a_row_is_put_where_it_is_wanted_and_taken_out() -> None:
    strict = msgspec.structs.replace(
        BY_ID["penalty-summary-fine"], id="citizens", party_class=PartyClass.CITIZEN, limit_days=5
    )
    first = matrix.placed(ROWS, strict, 1)
    matrix.expect_sound(first)
    assert [one.id for one in first[:2]] == ["citizens", ROWS[0].id]
    assert matrix.placed(first, strict, 99)[-1] == strict
    assert matrix.without(first, "citizens") == ROWS
    with pytest.raises(NotAMatrix):
        matrix.without(ROWS, "citizens")


def test_a_row_of_a_kind_begins_with_the_most_days_that_there_are() -> None:
    assert matrix.row_of(ActKind.PERMIT).limit_days == 7
    assert matrix.row_of(ActKind.LEVY).limit_days == 20
    assert matrix.fits(BY_ID["levy"], ActKind.LEVY, Procedure.ORDINARY, PartyClass.CITIZEN, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("act", "打人"),
        ("procedure", "快速程序"),
        ("publish", "也许"),
        ("limit_days", "七"),
        ("limit_days", "30"),
        ("why", ""),
        ("clause", "甲" * 501),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(field: str, value: str) -> None:
    lines = [typed(one) for one in ROWS]
    lines[3][field] = value
    with pytest.raises(BadSheet) as refused:
        read(read_sheet(write_csv(MATRIX_COLUMNS, lines), MATRIX_COLUMNS))
    assert [(one.row, one.field) for one in refused.value.faults] == [(5, field)]
