"""How long property is held: until which day, and whether that day may still be put off.

taken ─── 30 days ───▶ last day          coercive: once 30 days more, if the head allows it
taken ── 7 work days ▶ last day          preserved: no more (APL 56, 85)

last_day(desk, state, one)      "2026-12-18"; empty where nothing sets it
"""

from __future__ import annotations

from datetime import date

from field_client.flow.desk import Desk
from protocol.calendar import WorkCalendar
from protocol.case import CaseState
from protocol.document import Record
from protocol.errors import FujieError
from protocol.statements import ApprovalAsked, MeasureTaken
from protocol.vocabulary import ApprovalSubject, Measure

PRESERVED_DAYS = 7  # working days, APL 56, 85
HELD_DAYS = 30  # ACL 25
COERCIVE = frozenset({Measure.SEAL, Measure.SEIZE, Measure.FREEZE, Measure.OTHER})


def calendar_of(desk: Desk) -> WorkCalendar:
    """The working days that the office announced."""
    return WorkCalendar.of(desk.open_tablet.shelf.current.years)


def held(state: CaseState, one: Record[MeasureTaken]) -> bool:
    """Whether property is still under the measure. A sample is no property that goes back."""
    ended = (x.statement for x in state.endings if x.statement.measure == one.id)
    return one.statement.measure is not Measure.SAMPLING and all(x.items for x in ended)


def extended(state: CaseState, record: str) -> str:
    """The day to which a measure was extended, ISO; empty where it was not."""
    days = [x.statement.until_on for x in state.extensions if x.statement.measure == record]
    return max(days, default="")


def extendable(state: CaseState, one: Record[MeasureTaken]) -> bool:
    """Whether the law allows a longer term at all: once, for what is sealed or seized (ACL 25)."""
    coercive = one.statement.measure in COERCIVE and bool(one.statement.until_on)
    return coercive and held(state, one) and not extended(state, one.id)


def last_day(desk: Desk, state: CaseState, one: Record[MeasureTaken]) -> str:
    """The last day, ISO; empty where none is set and the calendar is not loaded."""
    taken, longer = one.statement, extended(state, one.id)
    if longer:
        return longer
    if taken.measure is Measure.PRESERVATION:
        try:
            begun = date.fromisoformat(taken.from_on)
            return calendar_of(desk).add_working_days(begun, PRESERVED_DAYS).isoformat()
        except FujieError:
            return taken.until_on or ""
    return taken.until_on or ""


def leave_to_extend(state: CaseState, record: str) -> str:
    """The head's word that allows a longer term of this measure, hex; empty while there is none.
    One word allows one extension."""
    asked = {
        one.id: one.statement.concerning
        for one in state.of_kind(ApprovalAsked)
        if one.statement.subject is ApprovalSubject.MEASURE_EXTENSION
    }
    used = {x.statement.approval for x in state.extensions}
    found = [
        one
        for one in state.approvals
        if one.statement.subject is ApprovalSubject.MEASURE_EXTENSION
        and _about(one.statement.concerning, asked, state.case) in (record, None)
    ]
    last = found[-1] if found else None
    return last.id if last is not None and last.statement.granted and last.id not in used else ""


def _about(named: str | None, asked: dict[str, str | None], case: str) -> str | None:
    """The measure that an approval is about; None where it is about the whole case."""
    meant = asked.get(named or "", named)
    return None if meant == case else meant
