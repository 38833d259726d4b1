"""A working calendar as a table: a year is loaded by its rows, and a wrong row is named."""

from __future__ import annotations

from datetime import date

import pytest

from protocol.calendar import CALENDAR_2026, WorkCalendar
from sync_server.people.dayrows import CALENDAR_COLUMNS, read, typed
from sync_server.people.sheets import BadSheet, Row, read_sheet, write_csv

NEXT = [
    {"day": "2027-01-01", "kind": "休息", "source": "2027年放假安排"},
    {"day": "2027-01-03", "kind": "上班", "source": "2027年放假安排"},
    {"day": "2027-10-01", "kind": "休息", "source": "2027年放假安排"},
]


def test_the_next_year_is_loaded_beside_the_one_that_counts() -> None:
    table = write_csv(CALENDAR_COLUMNS, [*typed([CALENDAR_2026]), *NEXT])
    years = read(read_sheet(table, CALENDAR_COLUMNS), [2026])
    assert years[0] == CALENDAR_2026
    calendar = WorkCalendar.of(years)
    assert calendar.is_working(date(2027, 1, 3))
    assert not calendar.is_working(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "row", "field"),
    [
        ({"day": "2027-02-30"}, 3, "day"),
        ({"day": "1999-01-01"}, 3, "day"),
        ({"day": "2027-01-01"}, 3, "day"),
        ({"day": "2027-01-04"}, 3, "day"),
        ({"kind": "半天"}, 3, "kind"),
        ({"source": " "}, 3, "source"),
        ({"source": "2027年补充通知"}, 3, "source"),
    ],
)
def test_a_wrong_row_is_named(changes: dict[str, str], row: int, field: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read([Row(2, NEXT[0]), Row(3, NEXT[1] | changes), Row(4, NEXT[2])], [2027])
    assert [(one.row, one.field) for one in refused.value.faults] == [(row, field)]


def test_a_year_by_which_terms_were_counted_stays() -> None:
    with pytest.raises(BadSheet) as refused:
        read([Row(2, NEXT[0])], [2026])
    assert "2026" in str(refused.value.faults[0].error)


def test_half_a_notice_is_not_a_year() -> None:
    """A holiday that the law gives each year and no row names; at a weekend nobody need name it."""
    with pytest.raises(BadSheet) as refused:
        read([Row(2, NEXT[0]), Row(3, NEXT[1])], [])
    assert "2027-10-01" in str(refused.value.faults[0].error)
