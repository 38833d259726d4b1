"""A public decision as its page shows it: rows, the whole text with its masks, the remedies.

    rows = summary(shown, fields)           当事人 · 信用代码 · 违法事实 …  each with runs
    text = paragraphs(shown, fields)        every piece in the document's order

A run is either words that were opened or a mask with its ground; nothing is left out in silence.
The remedies follow the decision's own route (ARL 20, 23; ALL 45, 46).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from protocol.calendar import WorkCalendar
from protocol.errors import Refused
from protocol.redaction import Shown
from protocol.reference import FieldSpec
from protocol.vocabulary import RemedyRoute

RECONSIDER_DAYS = 60
FIRST = (
    "party_name",
    "party_id_code",
    "party_id_number",
    "party_legal_rep",
    "party_operator",
    "party_address",
    "party_premises",
    "party_home",
    "party_phone",
    "facts",
    "violated",
    "penalty_basis",
)
"""The fields of the table on top, where a template has them."""

_PLACE = re.compile(r"\{([a-z_.]+)\}")


@dataclass(frozen=True)
class Line:
    """A label and its runs. ``field`` is the field's name; sentences of the form have no label,
    answers and single facts have."""

    field: str
    zh: str
    en: str
    runs: tuple[Shown, ...]


@dataclass(frozen=True)
class Remedies:
    """What the party may do, until when. ``last`` is the sixtieth day after service, ``rolled``
    the next working day if that is later; None where the calendar does not reach."""

    route: RemedyRoute
    last: date | None
    rolled: date | None


def summary(shown: Sequence[Shown], fields: Sequence[FieldSpec]) -> list[Line]:
    """The lines of the table, in the table's order."""
    by_name = {field.name: field for field in fields}
    runs = {name: tuple(one for one in shown if one.field == name) for name in FIRST}
    return [_line(by_name.get(name), name, found) for name, found in runs.items() if found]


def paragraphs(shown: Sequence[Shown], fields: Sequence[FieldSpec]) -> list[Line]:
    """The whole text: answers that stand inside a fixed sentence stay there."""
    by_name = {field.name: field for field in fields}
    present = {one.field for one in shown}
    owner = _owners(fields, present)
    lines: list[Line] = []
    for one in shown:
        name = owner.get(one.field, one.field)
        if lines and lines[-1].field == name:
            lines[-1] = _line(by_name.get(name), name, (*lines[-1].runs, one))
        else:
            lines.append(_line(by_name.get(name), name, (one,)))
    return lines


def remedies(route: RemedyRoute, served: date | None, calendar: WorkCalendar) -> Remedies:
    """The sixtieth day after service, which itself is not counted (ARL 20; CPL 85)."""
    if served is None:
        return Remedies(route, None, None)
    last = served + timedelta(days=RECONSIDER_DAYS)
    try:
        return Remedies(route, last, calendar.rolled(last))
    except Refused:
        return Remedies(route, last, None)


def _owners(fields: Sequence[FieldSpec], present: set[str]) -> Mapping[str, str]:
    """Which fixed sentence an answer stands in."""
    return dict(_pairs(fields, present))


def _pairs(fields: Sequence[FieldSpec], present: set[str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        if field.type == "fixed" and field.name in present:
            yield from ((name, field.name) for name in _PLACE.findall(field.text))


def _line(field: FieldSpec | None, name: str, runs: tuple[Shown, ...]) -> Line:
    if field is None:
        return Line(name, name, name, runs)
    if field.type == "fixed" and not _PLACE.fullmatch(field.text):
        return Line(name, "", "", runs)
    return Line(name, field.label_zh, field.label_en, runs)
