"""Working days and the deadlines that count in them.

"2, 3, 5, 7 days" in the Administrative Penalty Law are working days (APL 85); the day of the
event is not counted; a period that ends on a day off runs on to the next working day (CPL 85).
Shifted weekends come from the State Council's yearly notice and are never predicted: a day
outside the loaded years is refused, not guessed.

>>> WorkCalendar.of([CALENDAR_2026]).add_working_days(date(2026, 2, 12), 7)
datetime.date(2026, 2, 28)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from protocol.errors import Malformed, Refused
from protocol.reference import CalendarYear

CHINA = timezone(timedelta(hours=8), "UTC+8")
MAX_WORKING_DAYS = 1000
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_ONE_DAY = timedelta(days=1)

CALENDAR_2026 = CalendarYear(
    year=2026,
    off=[
        *("2026-01-01", "2026-01-02", "2026-01-03"),
        *(f"2026-02-{day}" for day in range(15, 24)),
        *("2026-04-04", "2026-04-05", "2026-04-06"),
        *(f"2026-05-0{day}" for day in range(1, 6)),
        *("2026-06-19", "2026-06-20", "2026-06-21"),
        *("2026-09-25", "2026-09-26", "2026-09-27"),
        *(f"2026-10-0{day}" for day in range(1, 8)),
    ],
    work=["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
    source="国务院办公厅关于2026年部分节假日安排的通知（2025年11月4日）",
)


@dataclass(frozen=True)
class YearDays:
    """One year's exceptions: days off, and weekend days that are worked."""

    off: frozenset[date]
    work: frozenset[date]


@dataclass(frozen=True)
class WorkCalendar:
    """The loaded years. Every question about another year raises Refused."""

    days: Mapping[int, YearDays]

    @classmethod
    def of(cls, years: Iterable[CalendarYear]) -> "WorkCalendar":
        """The calendar of these yearly notices; a later notice for a year replaces an earlier
        one. Raises Malformed on a day that does not exist or is not in its year."""
        return cls({one.year: _read(one) for one in years})

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked. Raises Refused outside the loaded years."""
        year = self.days.get(day.year)
        if year is None:
            raise Refused(
                "expected the calendar of {year}, which is not loaded; load the State Council's "
                "holiday notice for {year} first",
                year=day.year,
            )
        return day in year.work or (day.weekday() < 5 and day not in year.off)

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself is not counted (CPL 85).
        Raises Refused past the loaded years, or for a count outside 0 to 1000."""
        if not 0 <= count <= MAX_WORKING_DAYS:
            raise Refused(
                "expected 0 to {bound} working days, got {count}; use a shorter period",
                bound=MAX_WORKING_DAYS,
                count=count,
            )
        while count:
            day += _ONE_DAY
            count -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative when ``end`` is past.
        Raises Refused outside the loaded years."""
        if end < start:
            return -self.working_days_between(end, start)
        span = (end - start).days
        return sum(self.is_working(start + n * _ONE_DAY) for n in range(1, span + 1))

    def rolled(self, day: date) -> date:
        """``day``, or the next working day when it is a day off (CPL 85)."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day


def day_zh(day: date | str) -> str:
    """A day as documents write it; ``day`` may be ISO. What is no day is shown as it is."""
    read = _day(day)
    return f"{read.year}年{read.month}月{read.day}日" if read else str(day)


def day_en(day: date | str) -> str:
    """The same in English: ``7 July 2026``."""
    read = _day(day)
    return f"{read.day} {MONTHS[read.month - 1]} {read.year}" if read else str(day)


def _day(day: date | str) -> date | None:
    try:
        return date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return None


def local_day(at: int) -> date:
    """The legal day, in China, of a time in ms since the Unix epoch (UTC+8 all year)."""
    return datetime.fromtimestamp(at // 1000, CHINA).date()


def day_start(day: date) -> int:
    """The first moment of a legal day in China, in ms since the Unix epoch."""
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()) * 1000


def read_day(text: str) -> date:
    """A day written YYYY-MM-DD, in no other way that ISO 8601 has. Raises Malformed."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed("expected a day as YYYY-MM-DD, got {text}", text=text)
    return day


def _read(year: CalendarYear) -> YearDays:
    off, work = frozenset(map(read_day, year.off)), frozenset(map(read_day, year.work))
    strange = [day for day in off | work if day.year != year.year] or sorted(off & work)
    if strange:
        raise Malformed(
            "expected days of {year}, each either off or worked, got {day}; check the notice",
            year=year.year,
            day=strange[0].isoformat(),
        )
    return YearDays(off, work)
