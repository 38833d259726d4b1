"""The publisher's desk: each decision with its day, those that press first.

    desk = laid_out(rows, drafts, reference, now)
    desk.late · desk.due · desk.leaving        lines that are to be done, each with its days
    desk.silent                                 what the matrix does not publish

Days are counted by the holiday calendar from the decision, not from its service; past the loaded
calendar a line says so and counts nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from protocol.calendar import WorkCalendar, local_day, read_day
from protocol.errors import Refused
from protocol.publication import due_day, matrix_row, withdrawal_day
from protocol.reference import PublicationRow, Reference
from protocol.vocabulary import ActKind, Procedure
from sync_server.cases.drafts import Draft
from sync_server.projections import due
from sync_server.projections.tables import DueRow


@dataclass(frozen=True)
class Line:
    """A decision on the desk. ``day`` is the last one, ``left`` the working days until then, below
    nought when it is over; both None past the loaded calendar. ``draft`` waits, or came back."""

    row: DueRow
    act: ActKind
    procedure: Procedure
    rule: PublicationRow | None
    day: date | None
    left: int | None
    draft: Draft | None

    @property
    def late(self) -> bool:
        """Whether its day is over."""
        return self.left is not None and self.left < 0


@dataclass(frozen=True)
class Desk:
    """What is to be published, what is to be withdrawn, and how many the matrix passes over."""

    due: tuple[Line, ...]
    leaving: tuple[Line, ...]
    silent: int

    @property
    def late(self) -> int:
        """How many are over their day."""
        return sum(one.late for one in (*self.due, *self.leaving))


def published_sorts(sorts: Sequence[str], reference: Reference) -> list[str]:
    """Those sorts of decisions that the agency's matrix publishes, or knows nothing of."""
    rules = {sort: matrix_row(reference.matrix, due.sample(sort)) for sort in sorts}
    return [sort for sort, rule in rules.items() if rule is None or rule.publish]


def laid_out(
    waiting: Sequence[DueRow],
    leaving: Sequence[DueRow],
    silent: int,
    drafts: Mapping[bytes, Draft],
    reference: Reference,
    now: int,
) -> Desk:
    """The desk of today. ``waiting`` are to be published, ``leaving`` to be withdrawn."""
    calendar, today = WorkCalendar.of(reference.years), local_day(now)
    to_publish = [_line(one, drafts, reference, calendar, today) for one in waiting]
    to_withdraw = [_leaving(one, drafts, calendar, today) for one in leaving]
    return Desk(tuple(sorted(to_publish, key=_pressing)), tuple(to_withdraw), silent)


def _line(
    row: DueRow,
    drafts: Mapping[bytes, Draft],
    reference: Reference,
    calendar: WorkCalendar,
    today: date,
) -> Line:
    decision = due.sample(row.sort)
    rule = matrix_row(reference.matrix, decision)
    day, left = None, None
    if rule is not None:
        try:
            day = due_day(rule, read_day(row.decided_on), calendar)
            left = calendar.working_days_between(today, day)
        except Refused:
            pass  # the page asks for the next year's calendar
    held = drafts.get(row.issued)
    return Line(row, decision.act, decision.procedure, rule, day, left, held)


def _leaving(
    row: DueRow, drafts: Mapping[bytes, Draft], calendar: WorkCalendar, today: date
) -> Line:
    decision = due.sample(row.sort)
    day, left = None, None
    try:
        day = withdrawal_day(read_day(row.revoked_on), calendar)
        left = calendar.working_days_between(today, day)
    except Refused:
        pass
    held = drafts.get(row.issued)
    return Line(row, decision.act, decision.procedure, None, day, left, held)


def _pressing(one: Line) -> tuple[int, str]:
    return (one.left if one.left is not None else 1 << 20, one.row.decided_on)
