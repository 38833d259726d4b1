"""The publication matrix: which decisions are published, within how many working days, for how
long, and by what clause.

An agency's rows are part of its signed reference data; the first row that matches a decision
rules it. Days count from the day of the decision, not of service (X-2.3); display ends on the day
that the row's clause gives, and the archive keeps the case. What was published of a decision
that is revoked goes within three working days, with the reason in public (APL 48).

    row = matrix_row(reference.matrix, decision)        row.publish, row.why, row.clause
    due_day(row, date(2026, 11, 18), calendar)          2026-11-27, seven working days later
"""

from collections.abc import Iterable
from datetime import date

from protocol.calendar import WorkCalendar
from protocol.reference import PublicationRow
from protocol.statements import Decision
from protocol.vocabulary import PenaltyKind

WITHDRAWAL_DAYS = 3


def matrix_row(rows: Iterable[PublicationRow], decision: Decision) -> PublicationRow | None:
    """The first row that matches, or None where the matrix says nothing."""
    warning_only = bool(decision.penalties) and set(decision.penalties) == {PenaltyKind.WARNING}
    for row in rows:
        if (
            row.act == decision.act
            and row.procedure in (None, decision.procedure)
            and row.party_class in (None, decision.party_class)
            and row.warning_only in (None, warning_only)
        ):
            return row
    return None


def due_day(row: PublicationRow, decided: date, calendar: WorkCalendar) -> date:
    """The last day to publish (PB-1). Raises Refused past the calendar's loaded years."""
    return calendar.add_working_days(decided, row.limit_days)


def withdrawal_day(revoked: date, calendar: WorkCalendar) -> date:
    """The last day to withdraw what was published of a decision that stands no longer from
    ``revoked`` on (APL 48). Raises Refused past the calendar's loaded years."""
    return calendar.add_working_days(revoked, WITHDRAWAL_DAYS)


def display_end(row: PublicationRow, published: date) -> date | None:
    """The day that display ends: so many months after publication (SAMR45 13), the month's
    last day where the day does not exist; None where the row sets no end."""
    if row.display_months is None:
        return None
    years, month = divmod(published.month - 1 + row.display_months, 12)
    for day in range(published.day, published.day - 4, -1):
        try:
            return date(published.year + years, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
