"""Tasks of inspection: whom the office sends to whom, and what it takes back.

GET  /office/tasks?page=                all of them, those that are to be done first
GET  /office/tasks/new?case=<case>      the form; with a case, a re-check of its party
POST /office/tasks/new
     form_token, number, source, item, name, party_class, code, legal_rep, address, phone, place,
     officer.<certificate>=on, device.<name>=on, cap, over_cap, approval, due_on, note, case,
     password
GET  /office/tasks/<record>             one: its notice, for the eye and for the printer
POST /office/tasks/<record>             form_token, reason, password: it is taken back

The count of this year's inspections stands beside the cap before anything is signed: who goes
beyond it says so (IN-2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.calendar import read_day
from protocol.case import Record
from protocol.errors import Malformed, Refused
from protocol.registry.registry import OFFICE
from protocol.rules.officers import standing_on
from protocol.statements import Party, Place, TaskAssigned, TaskWithdrawn
from protocol.vocabulary import PartyClass, Standing, TaskSource, Term
from sync_server.cases import assigning, publishing
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.tasks import NotAssignable, TaskRequest
from sync_server.projections import queries
from sync_server.projections.tables import CaseRow
from sync_server.web import forms
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, explain, language_of, site_of

OFFICER, DEVICE = "officer.", "device."
SHOWN = 100
CAP = 999

_T = TypeVar("_T", bound=Term)


class OverCap(NotAssignable):
    """The party's yearly cap is reached, and nobody said to go on."""


class NotADay(Refused):
    """A field of a form that should hold a day or a number does not."""


@dataclass(frozen=True)
class Line:
    """A task, whether it was taken back, and the inspection that it led to."""

    task: Record[TaskAssigned]
    withdrawn: TaskWithdrawn | None
    begun: CaseRow | None

    @property
    def is_open(self) -> bool:
        """Whether it is to be done."""
        return self.withdrawn is None and self.begun is None


@get("/office/tasks", sync_to_thread=True, opt={"right": Right.TASKS})
def tasks(request: Web) -> Page:
    """The list."""
    lines = _lines(request)
    lines.sort(key=lambda one: not one.is_open)
    return site_of(request).page(
        request,
        "office/tasks.html",
        listed=cut(lines, page_in(request.query_params.get("page", "")), SHOWN),
        open_ones=sum(one.is_open for one in lines),
        done=request.query_params.get("done", ""),
    )


@get("/office/tasks/new", sync_to_thread=True, opt={"right": Right.TASKS})
def task_form(request: Web) -> Page:
    """The form of a new one."""
    return _form_page(request, _prefilled(request), "")


@post("/office/tasks/new", status_code=200, opt={"right": Right.TASKS})
async def assign(request: Web) -> Response[str] | Redirect:
    """Give a task."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        record = await sync_to_thread(_assign, request, form)
    except (NotAssignable, NotADay, WrongSignIn, LockedOut, Changed) as fault:
        words = explain(fault, language_of(request))
        over = isinstance(fault, OverCap)
        return await sync_to_thread(_form_page, request, form, words, over)
    return Redirect(f"/office/tasks/{record}?done=assigned", status_code=303)


@get("/office/tasks/{record:str}", sync_to_thread=True, opt={"right": Right.TASKS})
def task(request: Web, record: FromPath[str]) -> Page:
    """One task."""
    return _task_page(request, record, {}, "")


@post("/office/tasks/{record:str}", status_code=200, opt={"right": Right.TASKS})
async def withdraw(request: Web, record: FromPath[str]) -> Response[str] | Redirect:
    """Take it back."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_withdraw, request, record, form)
    except (NotAssignable, WrongSignIn, LockedOut, Changed) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_task_page, request, record, form, words)
    return Redirect(f"/office/tasks/{record}?done=withdrawn", status_code=303)


def _assign(request: Web, form: Mapping[str, str]) -> str:
    site, person = site_of(request), person_of(request)
    asked = _request_of(form)
    if form.get("over_cap") != "on" and asked.yearly_cap:
        count = assigning.yearly_count(site.services, person.agency, asked.party)
        if count >= asked.yearly_cap:
            raise OverCap(
                "this party was inspected {count} times this year, its cap is {cap} (IN-2); tick "
                "that it is to be inspected all the same, and say why in the note",
                count=count,
                cap=asked.yearly_cap,
            )
    signatory = site.accounts.signer(person.account, form.get("password", ""))
    return assigning.assign(site.services, signatory, asked).record_hash.hex()


def _withdraw(request: Web, record: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    found = _found(request, record)
    signatory = site.accounts.signer(person.account, form.get("password", ""))
    assigning.withdraw(site.services, signatory, found.task.id, form.get("reason", ""))


def _request_of(form: Mapping[str, str]) -> TaskRequest:
    """What the form asks for. Raises NotADay, NotAssignable, NoSuchThing."""
    case = form.get("case", "")
    return TaskRequest(
        number=form.get("number", ""),
        source=_one_of(TaskSource, form.get("source", ""), TaskSource.PLANNED),
        item=form.get("item", ""),
        party=Party(
            name=form.get("name", "").strip(),
            party_class=_one_of(PartyClass, form.get("party_class", ""), PartyClass.ORGANISATION),
            id_code=form.get("code", "").strip(),
            legal_rep=form.get("legal_rep", "").strip(),
            address=form.get("address", "").strip() or form.get("place", "").strip(),
            phone=form.get("phone", "").strip(),
        ),
        place=Place(text=form.get("place", "").strip()),
        officers=_ticked(form, OFFICER),
        approval=form.get("approval", ""),
        devices=_ticked(form, DEVICE),
        yearly_cap=_number(form.get("cap", "")),
        due_on=_day(form.get("due_on", "")),
        note=form.get("note", ""),
        recheck_of=forms.record_id(case).hex() if case else None,
    )


def _one_of(kind: type[_T], text: str, default: _T) -> _T:
    return next((one for one in kind if one.value == text), default)


def _ticked(form: Mapping[str, str], prefix: str) -> list[str]:
    """What was ticked, in one order: a form's fields come in none."""
    return sorted(name.removeprefix(prefix) for name in form if name.startswith(prefix))


def _number(text: str) -> int:
    text = text.strip().lstrip("0") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= CAP):
        raise NotADay("expected a number up to {most}, got {text}", most=CAP, text=text[:20])
    return int(text)


def _day(text: str) -> date | None:
    try:
        return read_day(text.strip()) if text.strip() else None
    except Malformed:
        raise NotADay(
            "expected a day such as 2026-11-30, got {text}; write it again", text=text[:20]
        ) from None


def _prefilled(request: Web) -> dict[str, str]:
    """What is known of the party when a case is to be looked after."""
    case = request.query_params.get("case", "")
    if not case:
        return {}
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, forms.record_id(case))
    begun = found.state.opened_by
    assert begun is not None  # ``standing`` found it
    party = begun.statement.party
    opening = found.state.opening
    filled = {
        "case": case,
        "source": TaskSource.RECHECK.value,
        "name": party.name,
        "party_class": party.party_class.value,
        "code": party.id_code,
        "legal_rep": party.legal_rep,
        "address": party.address,
        "phone": party.phone,
        "place": opening.statement.place.text if opening else party.address,
        "item": opening.statement.item if opening else "",
    }
    return filled | {f"{OFFICER}{cert_no}": "on" for cert_no in found.state.officers}


def _form_page(request: Web, form: Mapping[str, str], fault: str, over_cap: bool = False) -> Page:
    site = site_of(request)
    reference = site.reference(person_of(request).agency)
    officers = reference.officers if reference else []
    devices = reference.devices if reference else []
    return site.page(
        request,
        "office/task_form.html",
        422 if fault else 200,
        form=form,
        fault=fault,
        over_cap=over_cap,
        items={one.code: one for one in (reference.items if reference else [])}.values(),
        officers=[
            one
            for one in officers
            if not one.auxiliary and standing_on(one, site.now) is Standing.VALID
        ],
        devices=[one for one in devices if one.is_trusted(site.now) and one.name != OFFICE],
        sources=list(TaskSource),
        classes=list(PartyClass),
    )


def _task_page(request: Web, record: str, form: Mapping[str, str], fault: str) -> Page:
    site, found = site_of(request), _found(request, record)
    said = found.task.statement
    reference = site.reference(said.agency)
    officers = [reference.officer(one) if reference else None for one in said.officers]
    return site.page(
        request,
        "office/task.html",
        422 if fault else 200,
        line=found,
        said=said,
        item=reference.item(said.item) if reference else None,
        officers=[
            f"{one.name} {number}" if one else number
            for one, number in zip(officers, said.officers, strict=True)
        ],
        agency=site.facts.registry.agencies[said.agency].record,
        form=form,
        fault=fault,
        done=request.query_params.get("done", ""),
    )


def _lines(request: Web) -> list[Line]:
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    given = assigning.given(site.services, agency)
    gone = assigning.withdrawals(site.services)
    begun = queries.begun_by(site.services.db, [one.id for one in given])
    return [Line(one, gone.get(one.id), begun.get(one.id)) for one in given]


def _found(request: Web, record: str) -> Line:
    forms.record_id(record)
    found = next((one for one in _lines(request) if one.task.id == record), None)
    if found is None:
        raise NoSuchThing("there is no such task of your agency; choose one from the list")
    return found


HANDLERS = [tasks, task_form, assign, task, withdraw]
