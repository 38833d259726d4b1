"""A month to pick a day from: Chinese calendar words, days off and days worked as announced.

Which days are off comes from the agency's reference data (the State Council's yearly notice) and
is never predicted: a year without its notice shows plain days and says so.

>>> month(str, Almanac(date(2026, 11, 18)), 2026, 2, None).weeks[0][6].day
datetime.date(2026, 2, 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from field_client.ui.presenters.common import Tone, Translate, month_word, plural, written

WEEK, FRIDAY_PAST = 7, 5
FIRST_YEAR, LAST_YEAR = 1900, 2199
REACH = 60  # days over which working days are counted in words


@dataclass(frozen=True, slots=True)
class Almanac:
    """The day it is, the years whose notice is loaded, and what the notices moved: weekdays that
    are off, weekend days that are worked."""

    today: date
    years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()

    def working(self, day: date) -> bool | None:
        """Whether ``day`` is worked; None where its year's notice is not loaded."""
        if day.year not in self.years:
            return None
        return day in self.work or (day.weekday() < FRIDAY_PAST and day not in self.off)

    def mark(self, day: date) -> str:
        """``off`` or ``work`` for a day that the notice moved, else nothing."""
        return "work" if day in self.work else "off" if day in self.off else ""


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of the month shown; ``mark`` is 休 or 班 where the notice moved it."""

    day: date
    mark: str
    tone: Tone
    rest: bool
    chosen: bool
    today: bool
    inside: bool  # of the month that is shown


@dataclass(frozen=True, slots=True)
class MonthView:
    """``line`` says the chosen day in words; ``note`` what is not known of this year."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[DayCell, ...], ...]
    line: str
    note: str


def month(_: Translate, almanac: Almanac, year: int, number: int, chosen: date | None) -> MonthView:
    """The weeks of a month, Monday first, days of its neighbours around it."""
    first = date(year, number, 1)
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=n) for n in range(6 * WEEK)]
    cells = [_cell(_, almanac, day, number, chosen) for day in days]
    loaded = year in almanac.years
    return MonthView(
        title=_("{month} {year}").format(year=year, month=month_word(_, number)),
        weekdays=(_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")),
        weeks=tuple(tuple(cells[n : n + WEEK]) for n in range(0, len(cells), WEEK)),
        line=day_line(_, almanac, chosen) if chosen else "",
        note=""
        if loaded
        else _("The notice on days off in {year} is not loaded: they are not marked.").format(
            year=year
        ),
    )


def _cell(_: Translate, almanac: Almanac, day: date, shown: int, chosen: date | None) -> DayCell:
    moved = almanac.mark(day)
    words: dict[str, tuple[str, Tone]] = {
        "off": (_("off"), "success"),
        "work": (_("work"), "warning"),
        "": ("", "plain"),
    }
    mark, tone = words[moved]
    weekend = day.weekday() >= FRIDAY_PAST
    return DayCell(
        day,
        mark,
        tone,
        rest=moved == "off" or (weekend and moved != "work"),
        chosen=day == chosen,
        today=day == almanac.today,
        inside=day.month == shown,
    )


def day_line(_: Translate, almanac: Almanac, day: date) -> str:
    """A day in words: date, weekday, worked or not, and how far it is from today."""
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    words = [
        _("{weekday}, {date}").format(weekday=weekdays[day.weekday()], date=written(_, day)),
    ]
    working = almanac.working(day)
    if working is not None:
        words.append(_("working day") if working else _("day off"))
    away = _away(_, almanac, day)
    return " · ".join([*words, away] if away else words)


def _away(_: Translate, almanac: Almanac, day: date) -> str:
    days = (day - almanac.today).days
    if days == 0:
        return _("today")
    if not 0 < days <= REACH or {day.year, almanac.today.year} - almanac.years:
        return ""
    between = (almanac.today + timedelta(days=n) for n in range(1, days + 1))
    count = sum(bool(almanac.working(one)) for one in between)
    return plural(count, _("{n} working day after today"), _("{n} working days after today"))


def stepped(year: int, number: int, by: int) -> tuple[int, int]:
    """The month that is ``by`` months on, kept within what can be shown.

    >>> stepped(2026, 12, 1)
    (2027, 1)
    """
    at = max(FIRST_YEAR * 12, min(LAST_YEAR * 12 + 11, year * 12 + number - 1 + by))
    return at // 12, at % 12 + 1


def read_day(text: str) -> date | None:
    """The day in an answer (``2026-11-18``, with or without a time), None when there is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def read_clock(text: str) -> tuple[int, int] | None:
    """Hour and minute in an answer (``2026-11-18 09:12``), None when there is none.

    >>> read_clock("2026-11-18 09:12")
    (9, 12)
    """
    hour, colon, minute = text.strip()[10:].strip(" T").partition(":")
    if not colon or not (hour.isdecimal() and minute[:2].isdecimal()):
        return None
    read = int(hour), int(minute[:2])
    return read if read[0] < 24 and read[1] < 60 else None
