"""The registrar's pages of the people of the office.

GET  /office/staff?page=               everybody, with role, state and last sign-in
GET  /office/staff/new · POST          account, name, role, password: a one-time code, shown once
GET  /office/staff/<account> · POST    do=role (role, reason) · do=end (reason) · do=invite
                                       of who has no password yet: do=invite · do=withdraw (reason)

Every form carries ``version``, the entry that changed the person last.
"""

from dataclasses import dataclass

from litestar import get, post
from litestar.params import FromPath

from protocol.registry.registry import Staff
from protocol.registry.standing import Subject, mark
from protocol.statements import StaffInvited
from protocol.vocabulary import StaffRole
from sync_server.office.staff import NotRegistrable
from sync_server.people import staffing
from sync_server.web import changes, codes, forms
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import Page, Site, site_of

SHOWN = 100


@dataclass(frozen=True)
class Line:
    """A person of the list; ``signed_in_at`` is 0 where that never was."""

    account: str
    name: str
    role: StaffRole
    state: str
    signed_in_at: int


@get("/office/staff", sync_to_thread=True, opt={"right": Right.REGISTER})
def people(request: Web) -> Page:
    """Everybody."""
    site, agency = site_of(request), person_of(request).agency
    seen = staffing.last_sign_ins(site.services, agency)
    lines = [
        Line(one.account, one.name, one.role, _state(one), seen.get(one.account, 0))
        for (of, _), one in site.facts.registry.staff.items()
        if of == agency
    ]
    lines += [
        Line(one.account, one.name, one.role, "invited", 0)
        for one in staffing.waited_for(site.services, agency).values()
    ]
    lines.sort(key=lambda one: (one.state == "ended", one.account))
    return site.page(
        request,
        "office/staff.html",
        listed=cut(lines, page_in(request.query_params.get("page", "")), SHOWN),
        codes=codes.out(site, agency, "staff"),
        done=request.query_params.get("done", ""),
    )


@get("/office/staff/new", sync_to_thread=True, opt={"right": Right.REGISTER})
def invite_form(request: Web) -> Page:
    """The form of a new person."""
    return _invite_page(request, {}, "")


@post("/office/staff/new", status_code=200, opt={"right": Right.REGISTER})
async def invite(request: Web) -> Answer:
    """Invite a person; the code is shown once."""
    return await sent(
        request,
        lambda form, files: _invite(request, form, files),
        lambda form, fault: _invite_page(request, form, fault),
        lambda form, code: _code_page(request, _account(form), form.get("name", ""), code),
    )


@get("/office/staff/{account:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def person(request: Web, account: FromPath[str]) -> Page:
    """One person."""
    return _person_page(request, account, {}, "")


@post("/office/staff/{account:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, account: FromPath[str]) -> Answer:
    """Another role, another code, the end; or an invitation taken back."""
    return await sent(
        request,
        lambda form, files: _change(request, account, form, files),
        lambda form, fault: _person_page(request, account, form, fault),
        lambda form, code: _changed(request, account, form, code),
    )


def _account(form: Form) -> str:
    return form.get("account", "").strip()


def _invite(request: Web, form: Form, _: Files) -> str:
    site, account = site_of(request), _account(form)
    if (person_of(request).agency, account) in site.facts.registry.staff:
        raise NotRegistrable(
            "{account} is registered already; open that person's page for another code",
            account=account,
        )
    registrar = signatory(request, form)
    role = _role(form)
    return staffing.invite(site.services, registrar, account, form.get("name", ""), role)


def _change(request: Web, account: str, form: Form, _: Files) -> str:
    """Do what the form says; the one-time code, if that is what it asked for."""
    site = site_of(request)
    known = _found(site, person_of(request).agency, account)
    registrar, reason = signatory(request, form), form.get("reason", "")
    what = form.get("do", "")
    if what == "invite":
        return staffing.invite(site.services, registrar, account, known.name, known.role)
    if isinstance(known, StaffInvited) and what == "withdraw":
        staffing.withdraw(site.services, registrar, account, reason)
    elif isinstance(known, StaffInvited):
        raise NotRegistrable(
            "{account} has no password yet; take the invitation back, or make another code",
            account=account,
        )
    elif what == "role":
        seen = forms.mark_of(form)
        staffing.change_role(site.services, registrar, account, _role(form), reason, seen)
    elif what == "end":
        staffing.end(site.services, registrar, account, reason, forms.mark_of(form))
    else:
        raise NoSuchThing("there is nothing at this address; start from the list of people")
    return ""


def _changed(request: Web, account: str, form: Form, code: str) -> Answer:
    if code:
        return _code_page(request, account, "", code)
    if form.get("do") == "withdraw":
        return leads("/office/staff?done=withdrawn")
    return leads(f"/office/staff/{account}?done={form.get('do', '')}")


def _role(form: Form) -> StaffRole:
    found = next((one for one in StaffRole if one.value == form.get("role", "")), None)
    if found is None:
        raise NotRegistrable("choose a role from the list")
    return found


def _state(one: Staff) -> str:
    return "ended" if one.ended else "active"


def _found(site: Site, agency: str, account: str) -> Staff | StaffInvited:
    """A person, or who is asked to be one."""
    found = site.facts.registry.staff.get((agency, account))
    invited = staffing.waited_for(site.services, agency).get(account)
    one = found or invited
    if one is None:
        raise NoSuchThing("there is no such person in your agency; choose one from the list")
    return one


def _subject(agency: str, account: str) -> Subject:
    return ("staff", agency, account)


def _invite_page(request: Web, form: Form, fault: str) -> Page:
    return site_of(request).page(
        request,
        "office/staff_form.html",
        422 if fault else 200,
        form=form,
        fault=fault,
        roles=list(StaffRole),
    )


def _code_page(request: Web, account: str, name: str, code: str) -> Page:
    site = site_of(request)
    known = site.facts.registry.staff.get((person_of(request).agency, account))
    return site.page(
        request,
        "office/staff_code.html",
        account=account,
        holder=known.name if known else name,
        code=code,
        address=site.services.settings.address,
        until=site.now + site.services.settings.code_ms,
    )


def _person_page(request: Web, account: str, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    found, subject = _found(site, agency, account), _subject(agency, account)
    invited = isinstance(found, StaffInvited)
    return site.page(
        request,
        "office/staff_invited.html" if invited else "office/staff_person.html",
        422 if fault else 200,
        known=found,
        own=account == person_of(request).account,
        version=mark(site.facts.registry, subject),
        history=changes.history(site, subject),
        came=changes.since(site, subject, forms.mark_of(form)) if fault else (),
        form=form,
        fault=fault,
        roles=list(StaffRole),
        done=request.query_params.get("done", ""),
    )


HANDLERS = [people, invite_form, invite, person, change]
