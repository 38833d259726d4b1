"""What is said of one answer while it is typed: beside its label, and what is wrong with it.

problem(desk._, spec, "2026-02-30")      'There is no such day. Write it as 2026-11-18, or pick it.'
aside(desk, spec, "2026-11-18", days)    the weekday, and whether it is worked
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from field_client.documents.answers import names, written
from field_client.flow.desk import Desk
from field_client.ui.presenters.almanac import Almanac, day_line, read_day
from field_client.ui.presenters.common import Choice, Translate, plural
from field_client.ui.presenters.form import FieldKind, counted
from protocol.calendar import WorkCalendar
from protocol.errors import FujieError
from protocol.forms import FieldSpec
from protocol.reference import CalendarYear

KINDS: dict[str, FieldKind] = {
    "multiline": "multiline",
    "choice": "choice",
    "money": "money",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "names": "names",
    "table": "table",
    "fixed": "fixed",
}
CROWDED = 0.8  # of a short field's room: from here on the letters are counted
CODE = 20  # letters: a field of no more is a code, which is as long as it is


def aside(desk: Desk, spec: FieldSpec, value: str, days: Almanac) -> str:
    """What stands at the right of the label: how much, how many, which day."""
    letters = len(value)
    if spec.type == "money":
        return desk.case.opening.party.party_class.heading(desk.language)
    if spec.type in ("date", "datetime"):
        day = read_day(value)
        return day_line(desk._, days, day) if day else ""
    if spec.type == "names":
        return (
            plural(len(names(value)), desk._("{n} name"), desk._("{n} names"))
            if value.strip()
            else ""
        )
    crowded = letters > CROWDED * spec.max_length and spec.max_length > CODE
    if spec.type == "multiline" or crowded:
        return counted(desk._, letters, spec.max_length)
    return ""


def choices(desk: Desk, spec: FieldSpec) -> tuple[Choice, ...]:
    """What can be chosen, in the officer's language; the document keeps the form's own words."""
    return tuple(Choice(kept, desk.words(kept, en)) for kept, en in spec.offered)


def problem(_: Translate, spec: FieldSpec, value: str | int) -> str:
    """What is wrong with what was typed, said at once."""
    if spec.type == "table" or not str(value).strip():
        return ""
    over = len(str(value)) - spec.max_length
    if over > 0:
        return plural(
            over, _("{n} letter too many. Shorten it."), _("{n} letters too many. Shorten it.")
        )
    if written(spec, value) is not None:
        return ""
    return {
        "money": _("This is no amount. Write figures, such as 500 or 1,200.50."),
        "number": _("This is no number. Write figures, such as 12 or 12.5."),
        "date": _("There is no such day. Write it as 2026-11-18, or pick it."),
        "datetime": _("There is no such time. Write it as 2026-11-18 09:12, or pick it."),
    }.get(spec.type, _("This cannot be read. Correct it."))


def almanac(notices: Sequence[CalendarYear], today: date) -> Almanac:
    """The notices on days off as the month shows them; one that cannot be read marks nothing."""
    try:
        years = WorkCalendar.of(notices).days
    except FujieError:
        return Almanac(today)
    return Almanac(
        today,
        frozenset(years),
        frozenset(day for year in years.values() for day in year.off),
        frozenset(day for year in years.values() for day in year.work),
    )
