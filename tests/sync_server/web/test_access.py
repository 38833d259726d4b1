"""Who is signed in: sign-in, lock-out, sessions, forms of other sites. Rights: test_rights.py."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from sqlmodel import select

from sync_server import demo
from sync_server.keys.accounts import LOCK_MS, MAX_FAILURES, SESSION_MS
from sync_server.store.tables import SignInRow
from sync_server.web.access import COOKIE
from tests.sync_server.web.staging import PASSWORDS, Office


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


def test_who_signs_in_goes_on_where_he_wanted_to(office: Office) -> None:
    """With all that the address asked for; a page of signing out there is none."""
    client = office.client()
    wanted = "/supervision/findings?state=open&unit=%E4%B8%80"
    page = client.get(wanted)
    assert page.url.path == "/office/login"
    form = {
        "account": "fangqiuyan",
        "password": PASSWORDS["fangqiuyan"],
        "next": unescape(page.text.split('name="next" value="')[1].split('"')[0]),
    }
    assert str(client.post("/office/login", data=form).url) == office.url + wanted
    left = office.client().post("/office/logout", data={"form_token": ""})
    assert left.url.path == "/office/login"
    assert 'name="next" value="/office"' in left.text


def test_who_was_refused_reads_on_in_the_other_language_and_goes_on_where_he_wanted_to(
    office: Office,
) -> None:
    """The way on is kept by the link beside a wrong password."""
    client, wanted = office.client(), "/supervision/findings?state=open&unit=%E4%B8%80"
    form = {"account": "fangqiuyan", "password": "wrong", "next": wanted}
    refused = client.post("/office/login", data=form)
    assert refused.status_code == 403
    (led,) = re.findall(r'href="([^"]+)" lang="en"', refused.text)
    page = client.get(f"/office/login{unescape(led)}")
    assert "Sign in" in page.text
    assert unescape(page.text.split('name="next" value="')[1].split('"')[0]) == wanted


def test_who_sends_a_form_too_late_learns_that_nobody_took_it(office: Office) -> None:
    """And signs in on the way to that form."""
    client = office.signed_in("xuwen")
    office.clock.set(office.clock.now() + SESSION_MS)
    answer = client.post("/office/account", data={"password": "x", "new": "y", "again": "y"})
    assert answer.url.path == "/office/login"
    assert "刚才提交的内容没有收下" in answer.text
    assert 'name="next" value="/office/account"' in answer.text
    assert "没有收下" not in client.get("/office/account").text


@pytest.mark.parametrize("account", [person.account for person in demo.STAFF])
def test_everybody_is_led_from_a_refusal_to_a_page_that_opens(office: Office, account: str) -> None:
    """The bar's name and the page of what did not work lead home; home opens to this role."""
    client = office.signed_in(account)
    refused = next(
        page
        for path in ("/office/staff", "/office/cases/00/destroy", "/office/archive/transfer")
        if (page := client.get(path)).status_code == 403
    )
    for led in re.findall(r'class="(?:brand|button primary)" href="([^"]+)"', refused.text):
        assert client.get(led).status_code == 200, led
