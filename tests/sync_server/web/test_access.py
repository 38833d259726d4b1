"""Who may do what: sign-in, lock-out, and every route of the office tried by every role."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlmodel import select

from protocol.vocabulary import StaffRole
from sync_server.app import make_app
from sync_server.keys import staffkeys
from sync_server.keys.accounts import LOCK_MS, MAX_FAILURES, SESSION_MS
from sync_server.store.tables import AccountRow, SignInRow
from sync_server.web.access import COOKIE, RIGHTS, Right
from tests.cast import AGENCY
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office

TABLETS = ("/v1/", "/log/", "/static")
OTHER = "11990123MB0000002B"


def sign_in(office: Office, account: str, password: str) -> httpx.Response:
    form = {"account": account, "password": password}
    return office.client().post("/office/login", data=form)


def test_after_five_wrong_passwords_an_account_is_locked(office: Office) -> None:
    """Also for the right one, until the time is over; every attempt is written down."""
    answers = [sign_in(office, "xuwen", "wrong").text for _ in range(MAX_FAILURES)]
    assert "密码不对" in answers[0]
    assert "账号已锁定" in answers[-1]
    assert "账号已锁定" in sign_in(office, "xuwen", PASSWORDS["xuwen"]).text
    office.clock.set(office.clock.now() + LOCK_MS + 1)
    assert sign_in(office, "xuwen", PASSWORDS["xuwen"]).url.path == "/office"
    assert office.services is not None
    with office.services.db.reading() as session:
        rows = session.exec(select(SignInRow.outcome).where(SignInRow.account == "xuwen")).all()
    assert rows == ["wrong"] * MAX_FAILURES + ["locked", "ok"]


def test_an_unknown_account_is_answered_like_a_wrong_password(office: Office) -> None:
    """Nobody learns which accounts exist."""
    unknown, wrong = sign_in(office, "nobody", "x").text, sign_in(office, "luojing", "x").text
    assert unknown.replace("nobody", "") == wrong.replace("luojing", "")


def test_a_session_ends(office: Office) -> None:
    """By its time, and by signing out."""
    client = office.signed_in("xuwen")
    assert client.get("/office").url.path == "/office"
    office.clock.set(office.clock.now() + SESSION_MS)
    assert client.get("/office").url.path == "/office/login"


def test_the_cookie_is_the_browsers_alone(office: Office) -> None:
    """HttpOnly, SameSite=Strict, and not the value that is kept."""
    answer = httpx.post(
        f"{office.url}/office/login",
        data={"account": "xuwen", "password": PASSWORDS["xuwen"]},
        trust_env=False,
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    secret = answer.cookies[COOKIE]
    database = (office.folder / "fujie.db").read_bytes()
    assert secret.encode() not in database


@pytest.mark.parametrize(
    ("token", "headers"),
    [("", {}), ("x" * 32, {}), ("own", {"sec-fetch-site": "cross-site"})],
)
def test_a_form_of_another_site_changes_nothing(
    office: Office, token: str, headers: dict[str, str]
) -> None:
    """Without the session's token, or sent from elsewhere, a form is refused."""
    client = office.signed_in("xuwen")
    if token == "own":
        page = client.get("/office").text
        token = page.split('name="form_token" value="')[1].split('"')[0]
    answer = client.post("/office/logout", data={"form_token": token}, headers=headers)
    assert answer.status_code == 403
    assert client.get("/office").url.path == "/office"


def test_after_signing_in_one_goes_on_here_only(office: Office) -> None:
    """``next`` never leads to another site."""
    for evil in ("https://evil.example/", "//evil.example", "/office//evil", "/\\evil"):
        form = {"account": "xuwen", "password": PASSWORDS["xuwen"], "next": evil}
        assert office.client().post("/office/login", data=form).url.path == "/office"


# ── every route × role ───────────────────────────────────────────────────────────────────


def routes(office: Office) -> list[tuple[str, str, Right | None, bool]]:
    """(method, path, right, whether the guard is asked) of every page."""
    assert office.services is not None
    app: Litestar = make_app(office.services)
    return [
        (method, route.path, handler.opt.get("right"), _is_guarded(handler))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
        if not route.path.startswith(TABLETS)
    ]


def _is_guarded(handler: HTTPRouteHandler) -> bool:
    return any(getattr(one, "__name__", "") == "guard" for one in handler.resolve_guards())


def test_every_route_of_the_office_is_guarded_and_names_its_right(office: Office) -> None:
    """Only signing in and out is open to everybody there."""
    for method, path, right, guarded in routes(office):
        inside = f"{path}/".startswith(("/office/", "/supervision/")) and path != "/office/login"
        assert guarded == inside, (method, path)
        assert (right is not None) == (inside and path != "/office/logout"), (method, path)


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_route_lets_in_the_roles_of_the_table(
    office: Office, inspected: County, role: StaffRole
) -> None:
    """A role without the right is refused at every route, one with it never for want of it."""
    account, password = f"a-{role.value}", "a long password"
    assert office.services is not None
    with office.services.db.private() as session:
        staffkeys.add_account(session, AGENCY, account, "某人", role.value, password)
    client = office.client()
    client.post("/office/login", data={"account": account, "password": password})
    asked = 0
    for method, path, right, _ in routes(office):
        if right is None:
            continue
        answer = client.request(method, _filled(path, inspected))
        refused = answer.status_code == 403 and "没有权限" in answer.text
        assert refused == (right not in RIGHTS[role]), (role, method, path, answer.status_code)
        asked += 1
    assert asked > 10


def test_nobody_gets_in_without_signing_in(office: Office, inspected: County) -> None:
    """Every guarded route leads to the sign-in."""
    client = httpx.Client(base_url=office.url, trust_env=False)
    for method, path, _, guarded in routes(office):
        if guarded:
            answer = client.request(method, _filled(path, inspected))
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/office/login")


def test_another_agency_sees_nothing_of_this_one(office: Office, inspected: County) -> None:
    """Cases, files and devices of another agency are answered as not existing."""
    assert office.services is not None
    with office.services.db.private() as session:
        staffkeys.add_account(session, OTHER, "other", "某人", "agency_head", "a long password")
        session.add(session.get(AccountRow, "other"))
    client = office.client()
    client.post("/office/login", data={"account": "other", "password": "a long password"})
    case, pdf = inspected.case.opened.hex, inspected.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    assert "禾穗" not in client.get("/office").text
    for path in (
        f"/office/cases/{case}",
        f"/office/cases/{case}/export",
        f"/office/files/{pdf}",
        "/supervision/devices/YX-T07",
    ):
        answer = client.get(path)
        assert answer.status_code in (404, 409), path
        assert "禾穗" not in answer.text


def _filled(path: str, county: County) -> str:
    case, record = county.case.opened.hex, county.case.decision.hex
    for name, value in (("case", case), ("record", record), ("sha256", record), ("name", "YX-T07")):
        path = path.replace(f"{{{name}:str}}", value)
    return path
