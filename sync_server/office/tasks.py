"""Tasks of inspection: whom the office sends to whom, by whose approval, and that it takes back.

    assign(request, reference, registry facts …)   → TaskAssigned, or NotAssignable
    withdraw(task, reason, …)                      → TaskWithdrawn, or NotAssignable
    inspected(openings, party, year)               how often the party was inspected this year

What the tablet will judge when the inspection is opened is judged here first, so that nobody
drives out for nothing: a listed item, two officers with valid cards, a known tablet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from protocol.calendar import local_day
from protocol.case import AnyRecord
from protocol.errors import Refused
from protocol.reference import Item, Reference
from protocol.rules.officers import standing_on
from protocol.statements import (
    InspectionOpened,
    Party,
    Place,
    TaskAssigned,
    TaskWithdrawn,
)
from protocol.vocabulary import Standing, TaskSource

OFFICERS = 2
"""Two or more (APL 42), unless the item names its law."""


class NotAssignable(Refused):
    """The task cannot be given like this, or not be taken back."""


@dataclass(frozen=True)
class TaskRequest:
    """What the office asks for. ``approval`` is the head's, in words; ``due_on`` the last day;
    ``recheck_of`` the case (hex) whose order to correct is to be looked after."""

    number: str
    source: TaskSource
    item: str
    party: Party
    place: Place
    officers: Sequence[str]
    approval: str
    devices: Sequence[str] = ()
    yearly_cap: int = 0
    due_on: date | None = None
    note: str = ""
    recheck_of: str | None = None


def assign(
    request: TaskRequest,
    reference: Reference,
    *,
    count: int,
    now: int,
    salt: str,
    numbers: Collection[str] = (),
) -> TaskAssigned:
    """The statement that gives the task; ``count`` is how often the party was inspected this
    year, ``numbers`` are those of the tasks that stand. Raises NotAssignable."""
    item = _item(request, reference)
    _expect_words(request)
    if request.number.strip() in numbers:
        raise NotAssignable(
            "a task of the number {number} is given already; look at the list, or take the next "
            "number",
            number=request.number.strip(),
        )
    _expect_officers(request, reference, item, now)
    _expect_devices(request, reference)
    if request.due_on is not None and request.due_on < local_day(now):
        raise NotAssignable("the day {day} is over; give a later one", day=request.due_on)
    return TaskAssigned(
        agency=reference.agency.id,
        at=now,
        salt=salt,
        case=request.recheck_of,
        number=request.number.strip(),
        source=request.source,
        item=item.code,
        item_version=item.version,
        party=request.party,
        place=request.place,
        officers=list(dict.fromkeys(request.officers)),
        devices=list(dict.fromkeys(request.devices)),
        yearly_count=count,
        yearly_cap=request.yearly_cap,
        approval=request.approval.strip(),
        due_on=request.due_on.isoformat() if request.due_on else None,
        note=request.note.strip(),
        recheck_of=request.recheck_of,
    )


def withdraw(
    task: AnyRecord | None,
    withdrawn: Iterable[str],
    agency: str,
    reason: str,
    *,
    now: int,
    salt: str,
    begun: Iterable[AnyRecord] = (),
) -> TaskWithdrawn:
    """The statement that takes a task back; ``withdrawn`` are the tasks (hex) taken back before,
    ``begun`` the openings of inspections. Raises NotAssignable."""
    if (
        task is None
        or not isinstance(task.statement, TaskAssigned)
        or task.statement.agency != agency
    ):
        raise NotAssignable("there is no such task of your agency; look up its number")
    if task.id in set(withdrawn):
        raise NotAssignable(
            "the task {number} was withdrawn before; nothing is left to do",
            number=task.statement.number,
        )
    if any(getattr(one.statement, "task", "") == task.id for one in begun):
        raise NotAssignable(
            "the inspection of task {number} has begun; a task that is being done is not taken "
            "back",
            number=task.statement.number,
        )
    if not reason.strip():
        raise NotAssignable("the reason is empty; say why the task is withdrawn")
    return TaskWithdrawn(
        agency=task.statement.agency,
        at=now,
        salt=salt,
        case=task.statement.case,
        task=task.id,
        reason=reason.strip(),
    )


def inspected(openings: Iterable[AnyRecord], agency: str, party: Party, year: int) -> int:
    """How often the agency began an inspection of the party in a year: by its code, or by its
    name where it has none. Re-checks count: the cap knows no exception of them."""
    begun = (one.statement for one in openings)
    return sum(
        isinstance(one, InspectionOpened)
        and one.agency == agency
        and local_day(one.at).year == year
        and _same(one.party, party)
        for one in begun
    )


def _same(one: Party, other: Party) -> bool:
    if one.id_code or other.id_code:
        return one.id_code.upper() == other.id_code.upper()
    return one.name == other.name


def _item(request: TaskRequest, reference: Reference) -> Item:
    item = reference.item(request.item)
    if item is None:
        raise NotAssignable(
            "the item {item} is not on the agency's list; choose one of {known}",
            item=request.item,
            known=", ".join(sorted({one.code for one in reference.items})[:10]),
        )
    return item


def _expect_words(request: TaskRequest) -> None:
    if not request.number.strip():
        raise NotAssignable("the task has no number; give it one")
    if not request.party.name.strip():
        raise NotAssignable("the task names no party; say whom to inspect")
    if not request.place.text.strip():
        raise NotAssignable("the task names no place; say where to inspect")
    if not request.approval.strip():
        raise NotAssignable("the head's approval is empty; say who approved, and when")


def _expect_officers(request: TaskRequest, reference: Reference, item: Item, now: int) -> None:
    named = list(dict.fromkeys(request.officers))
    for cert_no in named:
        found = reference.officer(cert_no)
        if found is None or found.auxiliary or standing_on(found, now) is not Standing.VALID:
            raise NotAssignable(
                "{officer} is no officer with a valid certificate; name another",
                officer=found.name if found else cert_no,
            )
    if len(named) < OFFICERS and not (named and item.solo_clause):
        raise NotAssignable(
            "expected two officers or more, got {count}; name a second one", count=len(named)
        )


def _expect_devices(request: TaskRequest, reference: Reference) -> None:
    known = {one.name for one in reference.devices if one.is_trusted(reference.issued_at)}
    strange = [name for name in request.devices if name not in known]
    if strange:
        raise NotAssignable("no tablet {device} is enrolled here; name another", device=strange[0])
