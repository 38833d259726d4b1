"""One-time codes that are out stand in the registrar's lists, and can be withdrawn there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from sync_server import demo
from sync_server.devices import codes
from sync_server.devices.codes import Purpose
from tests.sync_server.web.staging import DAY_MS, PASSWORDS, Office, fill, hidden, sign_in
from tests.sync_server.web.test_handin import shown

pytestmark = pytest.mark.xdist_group("browser")

REGISTRAR = "tangyining"
PASSWORD = PASSWORDS[REGISTRAR]
HOMES: dict[Purpose, str] = {
    "device": "/office/devices",
    "officer": "/office/officers",
    "staff": "/office/staff",
}
SUBJECTS: dict[Purpose, str] = {
    "device": "YX-T09",
    "officer": demo.OFFICERS[0],
    "staff": "xuwen",
}


def works(office: Office, purpose: Purpose) -> bool:
    """Whether a code for this one would let somebody in."""
    assert office.services is not None
    return bool(
        codes.open_codes(office.services.db, purpose, SUBJECTS[purpose], office.clock.now())
    )


def test_a_registrar_sees_a_code_that_is_out_and_withdraws_it(
    browser: Browser, office: Office
) -> None:
    """For a tablet, without a script; the code itself is shown nowhere again."""
    code = office.code("device", "YX-T09")
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, office, REGISTRAR)
    page.goto(f"{office.url}/office/devices")
    out = page.locator("#codes")
    expect(out).to_contain_text("YX-T09")
    expect(out).to_contain_text("有效到2026年11月21日 09:00")
    assert code not in page.content()
    out.get_by_role("button", name="撤回 YX-T09").click()
    expect(page.get_by_text("一次性代码已撤回")).to_be_visible()
    expect(page.locator("#codes")).to_have_count(0)
    assert not works(office, "device")
    page.context.close()


@pytest.mark.parametrize("purpose", HOMES)
def test_each_list_shows_its_own(office: Office, purpose: Purpose) -> None:
    for one, subject in SUBJECTS.items():
        office.code(one, subject)
    client = office.signed_in(REGISTRAR)
    page = client.get(HOMES[purpose])
    assert page.text.count('action="/office/codes"') == 1
    names = ("form_token", "purpose", "subject")
    form = {name: hidden(page, name) for name in names}
    assert (form["purpose"], form["subject"]) == (purpose, SUBJECTS[purpose])
    assert client.post("/office/codes", data=form).status_code == 200
    assert {one: works(office, one) for one in HOMES} == {one: one != purpose for one in HOMES}


def test_a_code_whose_time_is_over_is_not_out(office: Office) -> None:
    office.code("device", "YX-T09")
    office.clock.set(office.clock.now() + DAY_MS + 1)
    assert "YX-T09" not in office.signed_in(REGISTRAR).get("/office/devices").text


def test_a_code_that_was_used_meanwhile_is_told_so(office: Office) -> None:
    """Whoever used it is in by now: nothing says that it was withdrawn."""
    code = office.code("device", "YX-T09")
    client = office.signed_in(REGISTRAR)
    page = client.get("/office/devices")
    assert office.services is not None
    with codes.used(office.services.db, code, b"key"):
        form = {"form_token": hidden(page, "form_token"), "subject": "YX-T09"}
        answer = client.post("/office/codes", data=form | {"purpose": "device"})
    assert "这个代码已经不在了" in shown(answer)
    assert "已撤回" not in shown(answer)


def test_who_has_no_password_yet_is_withdrawn_by_a_signed_word_alone(office: Office) -> None:
    """Such a person stands in the list of people as invited, not among the codes."""
    client = office.signed_in(REGISTRAR)
    invited = {"account": "linxiao", "name": "林晓", "role": "handler", "password": PASSWORD}
    assert fill(client, "/office/staff/new", **invited).status_code == 200
    page = client.get("/office/staff")
    assert "林晓" in page.text
    assert "/office/codes" not in page.text


def test_a_form_of_nobody_withdraws_nothing(office: Office) -> None:
    office.code("device", "YX-T09")
    client = office.signed_in(REGISTRAR)
    form = {"form_token": "another", "subject": "YX-T09"}
    assert client.post("/office/codes", data=form | {"purpose": "device"}).status_code == 403
    token = hidden(client.get("/office/devices"), "form_token")
    known = {"form_token": token, "subject": "YX-T09"}
    assert client.post("/office/codes", data=known | {"purpose": "nothing"}).status_code == 404
    assert works(office, "device")
