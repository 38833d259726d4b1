"""Deadlines in working days, from loaded years only."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.calendar import CALENDAR_2026, WorkCalendar, day_start, local_day, read_day
from protocol.errors import Malformed, Refused
from protocol.reference import CalendarYear

calendar = WorkCalendar.of([CALENDAR_2026])
days_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-02-12", 3, "2026-02-24"),
        ("2026-02-12", 7, "2026-02-28"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-18", 20, "2026-10-22"),
        ("2026-11-18", 7, "2026-11-27"),
    ],
)
def test_a_deadline_skips_holidays_and_counts_shifted_weekends(start, count, due):
    """A period counts working days after the day of the event, shifted weekends included."""
    assert calendar.add_working_days(read_day(start), count) == read_day(due)


def test_the_year_has_the_announced_days():
    """2026 has 33 announced days off and six worked weekend days, and 248 working days."""
    assert len(CALENDAR_2026.off) == 33
    assert all(read_day(day).weekday() >= 5 for day in CALENDAR_2026.work)
    every = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(calendar.is_working, every)) == 248


@pytest.mark.parametrize(
    "text", ["20261118", "2026-W47-3", "2026W473", "2026-11-31", "2026-1-8", " 2026-11-18", ""]
)
def test_a_day_is_written_in_one_way(text):
    """The one that the message names, and not the others that ISO 8601 has."""
    assert read_day("2026-11-18") == date(2026, 11, 18)
    with pytest.raises(Malformed, match="YYYY-MM-DD"):
        read_day(text)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_year_that_is_not_loaded_is_refused(day):
    """No day outside the loaded years is guessed."""
    with pytest.raises(Refused, match=str(day.year)):
        calendar.is_working(day)


def test_a_deadline_past_the_loaded_years_is_refused():
    """A period that runs into a year without a notice is refused, not cut off."""
    with pytest.raises(Refused, match="2027"):
        calendar.add_working_days(date(2026, 12, 25), 7)


@pytest.mark.parametrize("count", [-1, 1001])
def test_an_absurd_period_is_refused(count):
    """Neither a negative nor an endless period is computed."""
    with pytest.raises(Refused):
        calendar.add_working_days(date(2026, 3, 2), count)


@given(st.dates(date(2026, 1, 1), date(2026, 10, 1)), st.integers(0, 40))
def test_adding_and_counting_agree(start, count):
    """The days between a start and its deadline are the days that were added."""
    due = calendar.add_working_days(start, count)
    assert calendar.working_days_between(start, due) == count
    assert calendar.working_days_between(due, start) == -count
    assert count == 0 or calendar.is_working(due)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 30)))
def test_a_rolled_day_is_the_next_working_day(day):
    """A deadline on a day off moves to the first working day, and no further."""
    rolled = calendar.rolled(day)
    assert calendar.is_working(rolled)
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range((rolled - day).days))


@given(days_2026)
def test_a_legal_day_begins_at_midnight_in_china(day):
    """One ms before a legal day begins it is still the day before."""
    assert local_day(day_start(day)) == day
    assert local_day(day_start(day) - 1) == day - timedelta(days=1)


@pytest.mark.parametrize(
    "year",
    [
        CalendarYear(year=2026, off=["2025-01-01"], work=[]),
        CalendarYear(year=2026, off=["2026-01-01"], work=["2026-01-01"]),
        CalendarYear(year=2026, off=["2026-02-30"], work=[]),
    ],
)
def test_a_wrong_notice_is_refused(year):
    """Days of another year, days both off and worked, and days that do not exist."""
    with pytest.raises(Malformed):
        WorkCalendar.of([year])
