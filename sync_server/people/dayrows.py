"""The working calendar as rows of a table, one a day that is not what its weekday says. Pure.

    日期        安排   依据
    2027-01-01  休息   国务院办公厅关于2027年部分节假日安排的通知
    2027-01-03  上班   …

    read(rows, loaded)       [CalendarYear(…)]; raises BadSheet, which names row and column
    typed(years)             the rows of an export

A year is loaded whole by the State Council's notice for it, which is named once; one that counts
already stays, because terms were counted by it. A weekday is worked and a weekend is free where no
row says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from protocol.calendar import read_day
from protocol.errors import FujieError
from protocol.reference import CalendarYear
from sync_server.people.itemrows import Wrong, twice
from sync_server.people.sheets import BadCell, BadSheet, Column, Fault, Row

OFF, WORK = ("休息", "off"), ("上班", "work")
FIRST, LAST = 2000, 2100
SATURDAY = 5
HOLIDAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""Off in each year since 2025 (全国年节及纪念日放假办法 Art. 2); the others move with the moon."""

CALENDAR_COLUMNS = (
    Column("day", ("日期", "Day")),
    Column("kind", ("安排", "Off or work")),
    Column("source", ("依据", "By which notice")),
)


def read(rows: Sequence[Row], loaded: Collection[int]) -> list[CalendarYear]:
    """The years of a table; ``loaded`` are those that may not be missing. Raises BadSheet."""
    faults: list[Fault] = []
    days: dict[date, tuple[bool, str]] = {}
    for row in rows:
        try:
            day = _day(row, days)
            _expect_one_notice(day, row, days)
        except Wrong as fault:
            faults.append(Fault(row.number, fault.field, fault.error))
            continue
        days[day] = row.values["kind"].strip() in OFF, row.values["source"].strip()
    gone = sorted(set(loaded) - {day.year for day in days})
    if gone and not faults:
        told = BadCell(
            "the year {year} is loaded and not in this table; terms were counted by it, put its "
            "rows back",
            year=gone[0],
        )
        faults.append(Fault(0, "", told))
    faults += _left_out(days) if not faults else []
    if faults:
        raise BadSheet(faults)
    return [_year(year, days) for year in sorted({day.year for day in days})]


def typed(years: Iterable[CalendarYear]) -> list[dict[str, str]]:
    """The rows of these years, day by day."""
    rows = [
        {"day": day, "kind": kind, "source": one.source}
        for one in years
        for kind, days in ((OFF[0], one.off), (WORK[0], one.work))
        for day in days
    ]
    return sorted(rows, key=lambda row: row["day"])


def _year(year: int, days: dict[date, tuple[bool, str]]) -> CalendarYear:
    own = {day: said for day, said in sorted(days.items()) if day.year == year}
    return CalendarYear(
        year=year,
        off=[day.isoformat() for day, (off, _) in own.items() if off],
        work=[day.isoformat() for day, (off, _) in own.items() if not off],
        source=next(iter(own.values()))[1],
    )


def _left_out(days: dict[date, tuple[bool, str]]) -> list[Fault]:
    """The first holiday of each year that the law gives and no row does: half a notice was typed,
    and terms would be counted by it."""
    faults = []
    for year in sorted({day.year for day in days if day.year >= 2025}):
        holidays = [date(year, month, day) for month, day in HOLIDAYS]
        gone = [day for day in holidays if day.weekday() < SATURDAY and not days.get(day, ("",))[0]]
        if gone:
            told = BadCell(
                "{day} is a holiday by law and in no row; type the whole notice of its year",
                day=gone[0].isoformat(),
            )
            faults.append(Fault(0, "day", told))
    return faults


def _expect_one_notice(day: date, row: Row, before: dict[date, tuple[bool, str]]) -> None:
    """A year is by one notice, or by the same two: no day loses its own. Raises Wrong."""
    first = next((source for known, (_, source) in before.items() if known.year == day.year), None)
    if first not in (None, row.values["source"].strip()):
        told = BadCell(
            "an earlier row of {year} names another notice; write the same in each row of a year, "
            "both notices where there are two",
            year=day.year,
        )
        raise Wrong(told, "source")


def _day(row: Row, before: Collection[date]) -> date:
    """The day of a row. Raises Wrong."""
    text, kind, source = (row.values.get(one.field, "").strip() for one in CALENDAR_COLUMNS)
    got = text[:40]
    try:
        day = read_day(text)
    except FujieError:
        raise Wrong(
            BadCell("expected a day such as 2027-01-01, got {got}", got=got), "day"
        ) from None
    if not FIRST <= day.year <= LAST:
        raise Wrong(BadCell("expected a day of this century, got {got}", got=got), "day")
    if day in before:
        raise Wrong(twice(got), "day")
    if kind not in OFF and kind not in WORK:
        raise Wrong(BadCell("expected off or work (休息, 上班), got {got}", got=kind[:40]), "kind")
    if kind in WORK and day.weekday() < SATURDAY:
        told = BadCell(
            "{got} is a weekday, which is worked anyway; remove the row, or correct it", got=got
        )
        raise Wrong(told, "day")
    if not 0 < len(source) <= 200:
        raise Wrong(
            BadCell("expected the notice that says so, of at most 200 characters"), "source"
        )
    return day
