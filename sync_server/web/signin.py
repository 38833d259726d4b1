"""Signing in and out.

GET  /office/login?next=&unsent=    the form: account, password, next; what was sent is not taken
POST /office/login                  303 to the page that was asked for, 403 with what is wrong
POST /office/logout                 form_token
"""

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.people import waiting
from sync_server.web.access import (
    COOKIE,
    Right,
    expect_own_form,
    expect_own_origin,
    home_of,
    session_cookie,
)
from sync_server.web.forms import read_form
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, in_other_language, language_of, site_of


@get("/office/login", sync_to_thread=True)
def login_form(request: Web) -> Page:
    """Sign in."""
    back = _own_path(request.query_params.get("next", ""))
    asked = request.query_params
    return site_of(request).page(
        request,
        "office/login.html",
        back=back,
        fault="",
        account="",
        welcome=asked.get("welcome", "") == "1",
        unsent=asked.get("unsent", "") == "1",
    )


@post("/office/login", status_code=200)
async def login(request: Web) -> Response[str] | Redirect:
    """Begin a session."""
    site, form = site_of(request), await read_form(request)
    expect_own_origin(request)
    back, account = _own_path(form.get("next", "")), form.get("account", "").strip()
    try:
        await sync_to_thread(waiting.settle, site.services)
        secret = await sync_to_thread(site.accounts.sign_in, account, form.get("password", ""))
    except (WrongSignIn, LockedOut) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(
            lambda: site.page(
                request,
                "office/login.html",
                403,
                back=back,
                fault=words,
                account=account,
                welcome=False,
                unsent=False,
                other_language=in_other_language(request, [("next", back)]),
            )
        )
    found = await sync_to_thread(site.accounts.session, secret)
    if back == "/office" and found is not None:
        back = home_of(found.person)
    return Redirect(back, status_code=303, cookies=[session_cookie(secret, secure=site.secure)])


@post("/office/logout", status_code=303, opt={"right": Right.OWN})
async def logout(request: Web) -> Redirect:
    """End the session."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    site = site_of(request)
    await sync_to_thread(site.accounts.sign_out, request.cookies.get(COOKIE, ""))
    return Redirect(
        "/office/login", status_code=303, cookies=[session_cookie("", secure=site.secure)]
    )


def _own_path(text: str) -> str:
    """A path on this site to go on to; never another site."""
    own = text.startswith(("/office", "/supervision")) and "//" not in text and "\\" not in text
    return text if own else "/office"


OPEN = [login_form, login]
HANDLERS = [logout]
