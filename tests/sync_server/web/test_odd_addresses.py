"""Addresses that nobody means: whatever stands in them, the server answers and is not at fault."""

from __future__ import annotations

import socket

import pytest

from tests.sync_server.web.staging import Office

ODD = ("%00", "%FF", "%ED%A0%80", "x" * 300, "-1", "9" * 30, "%C2%B2", "0001-01-01", "9999-12-31")
PUBLIC = (
    *("/decisions?q=", "/decisions?year=", "/decisions?page=", "/officers?q=", "/items?page="),
    *("/verify?code=", "/ask?about=", "/ask/2026-00001?key=", "/office/login?next="),
    *("/decisions/", "/officers/", "/V/", "/D/", "/log/receipt/", "/static/", "/"),
)
STAFF = {
    "xuwen": ("/office?q=", "/office/archive?since=", "/office/archive?until=", "/office/files/"),
    "tangyining": ("/office/officers?q=", "/office/lists/", "/office/devices/", "/office/staff/"),
    "fangqiuyan": (
        *("/supervision?as_of=", "/supervision/cases?unit=", "/supervision/findings?officer="),
        *("/supervision/report.json?as_of=", "/supervision/report.csv?since="),
        *("/supervision/devices/", "/supervision/findings/", "/supervision/records/"),
    ),
}


def status(office: Office, target: str, cookie: str = "") -> int:
    """The answer to a request line that no client of ours would write."""
    sent = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{cookie}\r\n"
    with socket.create_connection(("127.0.0.1", office.port), timeout=60) as line:
        line.sendall(sent.encode())
        return int(line.makefile("rb").readline().split()[1])


def faults(office: Office, starts: tuple[str, ...], cookie: str = "") -> list[str]:
    targets = [start + odd for start in starts for odd in ODD]
    return [one for one in targets if status(office, one, cookie) >= 500]


def test_an_odd_address_of_the_public_is_no_fault_of_the_server(public: Office) -> None:
    assert faults(public, PUBLIC) == []


@pytest.mark.parametrize("account", STAFF)
def test_an_odd_address_of_the_staff_is_no_fault_of_the_server(
    office: Office, account: str
) -> None:
    """Days before the log and after all calendars, names that no disk holds, bytes of no text."""
    jar = office.signed_in(account).cookies.jar
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    assert faults(office, STAFF[account], f"Cookie: {cookie}\r\n") == []


@pytest.mark.parametrize(
    "path",
    [
        *("/office/nowhere", "/office/cases/abc/nowhere", "/office/archive/a/b", "/supervision/x"),
        *("/supervision/devices/a/b/c", "/office/case%00s"),
    ],
)
def test_whoever_is_signed_in_stays_inside_at_an_address_that_is_none(
    office: Office, path: str
) -> None:
    """The staff's bar with name and way home; a stranger gets the public's page, or the sign-in."""
    client = office.signed_in("xuwen")
    client.headers["accept"] = "text/html"  # as a browser asks
    for answer in (client.get(path), client.post(path, data={})):
        assert answer.status_code in (404, 405)
        assert "许文" in answer.text
        assert 'action="/office/logout"' in answer.text
    assert "许文" not in client.get("/nowhere").text
    client.cookies.clear()
    client.cookies.set("fujie_session", "of nobody")
    stranger = client.get(path)
    assert "许文" not in stranger.text
    assert "/office/logout" not in stranger.text


def test_style_and_icons_are_kept_for_an_hour_and_pages_not_at_all(office: Office) -> None:
    client = office.client()
    assert client.get("/static/style.css").headers["cache-control"] == "max-age=3600, public"
    assert client.get("/decisions").headers["cache-control"] == "no-store"
    assert client.get("/static/none.css").status_code == 404


def test_who_asks_for_a_page_that_is_none_gets_a_page(office: Office) -> None:
    """Also below addresses that are some; a program that asks there gets its own kind of answer."""
    client = office.client()
    for path in ("/office/nowhere", "/decisions/a/b/c", "/supervision/x/y", "/nowhere", "/static/"):
        page = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
        assert page.status_code == 404, path
        assert page.headers["content-type"].startswith("text/html"), path
        assert "首页" in page.text
        assert page.headers["cache-control"] == "no-store"
    told = client.get("/v1/nowhere")
    assert told.headers["content-type"].startswith("application/problem+json")
