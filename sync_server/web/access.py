"""Who may do what on the pages: one table, one guard.

    RIGHTS[StaffRole.PUBLISHER]        what a publisher may do
    @get("/office", opt={"right": Right.CASES})
    router = Router(..., guards=[guard])      asks the table for every route of the office

A session is a cookie (HttpOnly, SameSite=Strict, Secure behind https) whose value is not kept.
Every form carries the session's token; a form without it, or one that another site sends,
changes nothing. Whose agency a record is, is asked by the pages, which see their own only.
"""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from protocol.errors import Refused
from protocol.vocabulary import StaffRole
from sync_server.keys.accounts import SESSION_MS, Person, SignedIn
from sync_server.web.messages import Web

COOKIE = "fujie_session"


class Right(Enum):
    """Something that a page lets people do. ``OWN`` is what everybody of the office may."""

    OWN = "own"
    CASES = "cases"
    APPROVE = "approve"
    TASKS = "tasks"
    REGISTER = "register"
    PUBLISH = "publish"
    REVIEW = "review"
    ARCHIVE = "archive"
    EXPORT = "export"
    RETRIEVE = "retrieve"
    SUPERVISE = "supervise"


_RIGHTS: Mapping[StaffRole, frozenset[Right]] = {
    StaffRole.HANDLER: frozenset({Right.CASES, Right.TASKS, Right.REVIEW}),
    StaffRole.AGENCY_HEAD: frozenset(
        {Right.CASES, Right.APPROVE, Right.TASKS, Right.REVIEW, Right.EXPORT, Right.SUPERVISE}
    ),
    StaffRole.PUBLISHER: frozenset({Right.CASES, Right.PUBLISH, Right.REVIEW}),
    StaffRole.ARCHIVIST: frozenset({Right.CASES, Right.ARCHIVE, Right.EXPORT, Right.RETRIEVE}),
    StaffRole.SUPERVISOR: frozenset({Right.CASES, Right.EXPORT, Right.RETRIEVE, Right.SUPERVISE}),
    StaffRole.REGISTRAR: frozenset({Right.REGISTER, Right.SUPERVISE}),
    StaffRole.REVIEWER: frozenset({Right.CASES, Right.REVIEW}),
}
RIGHTS: Mapping[StaffRole, frozenset[Right]] = {
    role: rights | {Right.OWN} for role, rights in _RIGHTS.items()
}


INSIDE = ("/office", "/supervision")
"""Where the staff's addresses begin."""


class NotSignedIn(Refused):
    """A page of the office, and nobody is signed in."""


class NoRight(Refused):
    """A page that this person's role does not open."""


class ForeignForm(Refused):
    """A form that was not sent from this site's own page."""


def may(person: Person, right: Right) -> bool:
    """Whether a person may do something."""
    return right in RIGHTS[person.role]


def home_of(person: Person) -> str:
    """The page of the office that a person begins at: one that the role opens."""
    homes = {
        Right.CASES: "/office",
        Right.REGISTER: "/office/staff",
        Right.SUPERVISE: "/supervision",
    }
    return next((path for right, path in homes.items() if may(person, right)), "/office/account")


def expect_right(person: Person, right: Right) -> None:
    """Raises NoRight."""
    if not may(person, right):
        raise NoRight(
            "your role does not open this; sign in as somebody who may, or ask the registrar"
        )


async def guard(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Lets through who is signed in with the right that the route names. Raises NotSignedIn,
    NoRight. A route that names no right is open to nobody."""
    found = await sync_to_thread(session_of, connection)
    if found is None:
        raise NotSignedIn("sign in first")
    connection.scope["state"]["signed_in"] = found
    right = handler.opt.get("right")
    if not isinstance(right, Right):
        raise NoRight("this page opens to nobody; tell the operator")
    expect_right(found.person, right)


def session_of(connection: ASGIConnection) -> SignedIn | None:  # type: ignore[type-arg]
    """Who is signed in by the request's cookie, with the role that the log has now: it is the log
    that says who may. None for nobody, and for somebody whom it no longer knows."""
    site, secret = connection.app.state.site, connection.cookies.get(COOKIE, "")
    found: SignedIn | None = site.accounts.session(secret) if secret else None
    if found is None:
        return None
    known = site.facts.registry.staff.get((found.person.agency, found.person.account))
    if known is None or known.ended:
        return None
    return replace(found, person=replace(found.person, role=known.role))


def signed_in(request: Web) -> SignedIn:
    """The session that the guard found."""
    found = request.scope["state"]["signed_in"]
    assert isinstance(found, SignedIn)
    return found


def person_of(request: Web) -> Person:
    """Who is signed in."""
    return signed_in(request).person


def expect_own_origin(request: Web) -> None:
    """Raises ForeignForm if a browser says that another site sent this form."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none"):
        raise ForeignForm("this form came from another site; open the page here and send it again")


def expect_own_form(request: Web, token: str) -> None:
    """Raises ForeignForm unless the form carries its session's token."""
    expect_own_origin(request)
    if not hmac.compare_digest(token.encode(), signed_in(request).form_token.encode()):
        raise ForeignForm("this form is out of date; open the page again and send it again")


def session_cookie(secret: str, *, secure: bool) -> Cookie:
    """The cookie of a new session; an empty secret takes it away."""
    return Cookie(
        key=COOKIE,
        value=secret,
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure,
        max_age=SESSION_MS // 1000 if secret else 0,
    )
