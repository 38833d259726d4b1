"""What each person of the office does with the own account.

GET  /office/welcome · POST            account, code, new, again: open to whoever has a code
GET  /office/account · POST            password, new, again: one's own password
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from protocol.errors import Refused
from sync_server.devices.codes import BadCode
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office import staff as rules
from sync_server.office.staff import WeakPassword
from sync_server.people import staffing
from sync_server.web import forms
from sync_server.web.access import COOKIE, Right, expect_own_form, expect_own_origin, person_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, language_of, site_of


class NotTheSame(Refused):
    """A new password that was typed differently the second time."""


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


def _change_password(request: Web, form: Mapping[str, str]) -> None:
    site, account = site_of(request), person_of(request).account
    _expect_same(form)
    rules.expect_password(form.get("new", ""), account)
    keep = request.cookies.get(COOKIE, "")
    site.accounts.change_password(account, form.get("password", ""), form.get("new", ""), keep)


def _expect_same(form: Mapping[str, str]) -> None:
    if form.get("new", "") != form.get("again", ""):
        raise NotTheSame("the new password was typed differently the second time; type it again")


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
HANDLERS = [account_form, change_password]
