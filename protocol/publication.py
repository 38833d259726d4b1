"""The publication matrix: which decisions are published, within how many working days, for how
long, and by what clause.

Default rows follow the county's plan and the law; an agency may sign others in its reference
data. The first row that matches a decision rules it. Days count from the day of the decision,
not of service (X-2.3); display ends on the day SAMR45 13 gives, and the archive keeps the case.

>>> [row.limit_days for row in DEFAULT_MATRIX if row.act is ActKind.INSPECTION]
[20]
"""

from collections.abc import Iterable
from datetime import date

from protocol.calendar import WorkCalendar
from protocol.reference import PublicationRow
from protocol.statements import Decision
from protocol.vocabulary import ActKind, PenaltyKind, Procedure

PENALTY_DAYS = 7
OTHER_DAYS = 20

_PLAN_7 = "本县行政执法公示制度实施方案：行政许可、行政处罚自决定之日起7个工作日内公开（X-2.3c）"
_PLAN_20 = "本县行政执法公示制度实施方案：其他执法决定自作出之日起20个工作日内公开（X-2.3b、T-11）"
_APL_48 = "《行政处罚法》第四十八条"
_SAMR_2 = "《市场监督管理行政处罚信息公示规定》第二条"
_SAMR_13 = "《市场监督管理行政处罚信息公示规定》第十三条"

DEFAULT_MATRIX: tuple[PublicationRow, ...] = (
    PublicationRow(
        id="penalty-warning-only",
        act=ActKind.PENALTY,
        procedure=None,
        party_class=None,
        warning_only=True,
        publish=False,
        why="仅受到警告，不予公示",
        limit_days=PENALTY_DAYS,
        clause=_SAMR_2,
    ),
    PublicationRow(
        id="penalty-summary",
        act=ActKind.PENALTY,
        procedure=Procedure.SUMMARY,
        party_class=None,
        publish=True,
        why="当场作出的行政处罚决定，7个工作日内公示，显示3个月",
        limit_days=PENALTY_DAYS,
        clause=f"{_PLAN_7}；{_APL_48}；显示期限参照{_SAMR_13}",
        display_months=3,
    ),
    PublicationRow(
        id="penalty-ordinary",
        act=ActKind.PENALTY,
        procedure=Procedure.ORDINARY,
        party_class=None,
        publish=True,
        why="普通程序的行政处罚决定，7个工作日内公示全文，显示3年",
        limit_days=PENALTY_DAYS,
        clause=f"{_PLAN_7}；{_APL_48}；{_SAMR_13}",
        display_months=36,
    ),
    PublicationRow(
        id="permit",
        act=ActKind.PERMIT,
        procedure=None,
        party_class=None,
        publish=True,
        why="行政许可决定，7个工作日内公示",
        limit_days=PENALTY_DAYS,
        clause=f"{_PLAN_7}；《行政许可法》第四十条",
    ),
    *(
        PublicationRow(
            id=act.value,
            act=act,
            procedure=None,
            party_class=None,
            publish=True,
            why=f"{act.zh}决定或者结果，20个工作日内公示",
            limit_days=OTHER_DAYS,
            clause=_PLAN_20,
        )
        for act in (ActKind.COERCION, ActKind.INSPECTION, ActKind.LEVY, ActKind.CONFIRMATION)
    ),
)


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
