"""Days as the rules count them, in words where a calendar is not loaded.

add_days(reference, date(2026, 11, 18), 5)      the fifth working day after it
told_on(served)                                 the day from which a period runs
"""

from datetime import date, timedelta

from protocol.calendar import WorkCalendar, local_day
from protocol.errors import FujieError
from protocol.reference import Reference
from protocol.statements import DocumentServed
from protocol.vocabulary import ServiceMethod

ANNOUNCED_DAYS = 30
"""A document that was announced counts as served after so many days (CPL 95)."""


def add_days(reference: Reference, day: date, count: int) -> date | None:
    """The ``count``-th working day after ``day``; None where the calendar of a year is missing,
    since days off are never guessed."""
    try:
        return WorkCalendar.of(reference.years).add_working_days(day, count)
    except (FujieError, OverflowError):
        return None


def days_after(day: date, count: int) -> date:
    """The ``count``-th calendar day after ``day``; the last day that there is, for one beyond."""
    return day + min(timedelta(days=count), date.max - day)


def told_on(served: DocumentServed) -> date:
    """The day on which a document reached the party, from which its periods run."""
    day = local_day(served.at)
    if served.method is ServiceMethod.ANNOUNCEMENT:
        return days_after(day, ANNOUNCED_DAYS)
    return day
