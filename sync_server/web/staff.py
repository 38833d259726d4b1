"""The registrar's pages of the people of the office, and what each of them does alone.

GET  /office/staff?page=               everybody, with role, state and last sign-in
GET  /office/staff/new · POST          account, name, role, password: a one-time code, shown once
GET  /office/staff/<account> · POST    do=role (role, reason) · do=end (reason) · do=invite
GET  /office/welcome · POST            account, code, new, again: open to whoever has a code
GET  /office/account · POST            password, new, again: one's own password

Every form of the registrar's carries ``version``, the entry that changed the person last.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.errors import Refused
from protocol.registry.registry import Staff
from protocol.registry.standing import Subject, mark
from protocol.vocabulary import StaffRole
from sync_server.devices.codes import BadCode
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office import staff as rules
from sync_server.office.staff import NotRegistrable, WeakPassword
from sync_server.people import staffing
from sync_server.web import changes, forms
from sync_server.web.access import COOKIE, Right, expect_own_form, expect_own_origin, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, Site, explain, language_of, site_of

SHOWN = 100
FAULTS = (NotRegistrable, WrongSignIn, LockedOut, Changed)


class NotTheSame(Refused):
    """A new password that was typed differently the second time."""


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
    known = {one.account: one for (of, _), one in site.facts.registry.staff.items() if of == agency}
    lines = [
        Line(one.account, one.name, one.role, _state(one), seen.get(one.account, 0))
        for one in known.values()
    ]
    lines += [
        Line(one.account, one.name, one.role, "invited", 0)
        for one in staffing.invitations(site.services, agency).values()
        if one.account not in known
    ]
    lines.sort(key=lambda one: (one.state == "ended", one.account))
    asked = request.query_params.get("page", "")
    return site.page(request, "office/staff.html", listed=cut(lines, page_in(asked), SHOWN))


@get("/office/staff/new", sync_to_thread=True, opt={"right": Right.REGISTER})
def invite_form(request: Web) -> Page:
    """The form of a new person."""
    return _invite_page(request, {}, "")


@post("/office/staff/new", status_code=200, opt={"right": Right.REGISTER})
async def invite(request: Web) -> Response[str]:
    """Invite a person; the code is shown once."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    account = form.get("account", "").strip()
    try:
        code = await sync_to_thread(_invite, request, account, form)
    except FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_invite_page, request, form, words)
    return await sync_to_thread(_code_page, request, account, form.get("name", ""), code)


@get("/office/staff/{account:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def person(request: Web, account: FromPath[str]) -> Page:
    """One person."""
    return _person_page(request, account, {}, "")


@post("/office/staff/{account:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, account: FromPath[str]) -> Response[str] | Redirect:
    """Another role, another code, or the end."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        code = await sync_to_thread(_change, request, account, form)
    except FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_person_page, request, account, form, words)
    if code:
        return await sync_to_thread(_code_page, request, account, "", code)
    return Redirect(f"/office/staff/{account}?done={form.get('do', '')}", status_code=303)


@get("/office/welcome", sync_to_thread=True)
def welcome_form(request: Web) -> Page:
    """Where a person chooses a password."""
    account = request.query_params.get("account", "")[:100]
    return site_of(request).page(request, "office/welcome.html", account=account, fault="")


@post("/office/welcome", status_code=200)
async def welcome(request: Web) -> Response[str] | Redirect:
    """Choose it, with the code."""
    site, form = site_of(request), await forms.read_form(request)
    expect_own_origin(request)
    account = form.get("account", "").strip()
    try:
        _expect_same(form)
        await sync_to_thread(
            staffing.accept, site.services, account, form.get("code", ""), form.get("new", "")
        )
    except (BadCode, WeakPassword, NotTheSame, Changed) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(
            lambda: site.page(request, "office/welcome.html", 422, account=account, fault=words)
        )
    return Redirect("/office/login?welcome=1", status_code=303)


@get("/office/account", sync_to_thread=True, opt={"right": Right.OWN})
def account_form(request: Web) -> Page:
    """One's own account."""
    return _account_page(request, "")


@post("/office/account", status_code=200, opt={"right": Right.OWN})
async def change_password(request: Web) -> Response[str] | Redirect:
    """Another password; the key stays."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_change_password, request, form)
    except (WeakPassword, NotTheSame, WrongSignIn, LockedOut) as fault:
        return await sync_to_thread(_account_page, request, explain(fault, language_of(request)))
    return Redirect("/office/account?done=password", status_code=303)


def _invite(request: Web, account: str, form: Mapping[str, str]) -> str:
    site, registrar = site_of(request), person_of(request)
    if (registrar.agency, account) in site.facts.registry.staff:
        raise NotRegistrable(
            "{account} is registered already; open that person's page for another code",
            account=account,
        )
    signatory = site.accounts.signer(registrar.account, form.get("password", ""))
    role = _role(form)
    return staffing.invite(site.services, signatory, account, form.get("name", ""), role)


def _change(request: Web, account: str, form: Mapping[str, str]) -> str:
    """Do what the form says; the one-time code, if that is what it asked for."""
    site, registrar = site_of(request), person_of(request)
    known = _found(site, registrar.agency, account)
    signatory = site.accounts.signer(registrar.account, form.get("password", ""))
    reason, seen = form.get("reason", ""), forms.mark_of(form)
    what = form.get("do", "")
    if what == "role":
        staffing.change_role(site.services, signatory, account, _role(form), reason, seen)
    elif what == "end":
        staffing.end(site.services, signatory, account, reason, seen)
    elif what == "invite":
        return staffing.invite(site.services, signatory, account, known.name, known.role)
    else:
        raise NoSuchThing("there is nothing at this address; start from the list of people")
    return ""


def _change_password(request: Web, form: Mapping[str, str]) -> None:
    site, account = site_of(request), person_of(request).account
    _expect_same(form)
    rules.expect_password(form.get("new", ""), account)
    keep = request.cookies.get(COOKIE, "")
    site.accounts.change_password(account, form.get("password", ""), form.get("new", ""), keep)


def _expect_same(form: Mapping[str, str]) -> None:
    if form.get("new", "") != form.get("again", ""):
        raise NotTheSame("the new password was typed differently the second time; type it again")


def _role(form: Mapping[str, str]) -> StaffRole:
    found = next((one for one in StaffRole if one.value == form.get("role", "")), None)
    if found is None:
        raise NotRegistrable("choose a role from the list")
    return found


def _state(one: Staff) -> str:
    return "ended" if one.ended else "active"


def _found(site: Site, agency: str, account: str) -> Staff:
    found = site.facts.registry.staff.get((agency, account))
    if found is None:
        raise NoSuchThing("there is no such person in your agency; choose one from the list")
    return found


def _subject(agency: str, account: str) -> Subject:
    return ("staff", agency, account)


def _invite_page(request: Web, form: Mapping[str, str], fault: str) -> Page:
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


def _person_page(request: Web, account: str, form: Mapping[str, str], fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    found, subject = _found(site, agency, account), _subject(agency, account)
    return site.page(
        request,
        "office/staff_person.html",
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


def _account_page(request: Web, fault: str) -> Page:
    site, own = site_of(request), person_of(request)
    known = site.facts.registry.staff.get((own.agency, own.account))
    return site.page(
        request,
        "office/account.html",
        422 if fault else 200,
        key=known.key.key_id.hex() if known else "",
        fault=fault,
        done=request.query_params.get("done", ""),
    )


OPEN = [welcome_form, welcome]
HANDLERS = [people, invite_form, invite, person, change, account_form, change_password]
