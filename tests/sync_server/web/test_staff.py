"""People of the office by page: invited, with a key of their own, changed, ended; two at once."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlmodel import select

from protocol.statements import (
    StaffEnded,
    StaffInvited,
    StaffReasonGiven,
    StaffRegistered,
    StaffRoleChanged,
)
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.keys.accounts import Accounts, WrongSignIn
from sync_server.store.tables import AccountRow, EnrolCodeRow, StaffKeyRow
from tests.sync_server.web.staging import DAY_MS, PASSWORDS, Office, hidden

REGISTRAR = "tangyining"
NEW = "four quiet green herons"
AGENCY = demo.AGENCY.id


def register(office: Office, client: httpx.Client, **changes: str) -> httpx.Response:
    """The registrar's form for a new person."""
    page = client.get("/office/staff/new")
    form = {
        "form_token": hidden(page, "form_token"),
        "name": "林晚晴",
        "account": "linwanqing",
        "role": "archivist",
        "password": PASSWORDS[REGISTRAR],
    }
    return client.post("/office/staff/new", data=form | changes)


def code_in(page: httpx.Response) -> str:
    found = re.search(r'class="code">([0-9A-Z-]{19})<', page.text)
    assert found, page.text
    return found[1]


def welcome(office: Office, code: str, **changes: str) -> httpx.Response:
    """What the person does with the code, in a browser where nobody is signed in."""
    form = {"account": "linwanqing", "code": code, "new": NEW, "again": NEW}
    return office.client().post("/office/welcome", data=form | changes)


def sign_in(office: Office, account: str, password: str) -> httpx.Client:
    client = office.client()
    client.post("/office/login", data={"account": account, "password": password})
    return client


def change(client: httpx.Client, account: str, **fields: str) -> httpx.Response:
    """A form of a person's page, as a browser sends it."""
    path = f"/office/staff/{account}"
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "reason": "岗位调整",
        "password": PASSWORDS[REGISTRAR],
    }
    return client.post(path, data=form | fields)


def said(office: Office, *kinds: str) -> list[object]:
    assert office.services is not None
    return [one.statement for one in office.services.facts.of_kind(*kinds)]


def test_a_person_comes_with_a_code_and_signs_with_a_key_of_the_persons_own(office: Office) -> None:
    """The registrar never sees the password; the code is in no record and works once."""
    page = register(office, office.signed_in(REGISTRAR))
    code = code_in(page)
    (invited,) = said(office, "staff_invited")
    assert isinstance(invited, StaffInvited)
    assert (invited.account, invited.role) == ("linwanqing", StaffRole.ARCHIVIST)
    assert welcome(office, code.lower().replace("-", " ")).url.path == "/office/login"
    assert office.services is not None
    known = office.services.facts.registry.staff[AGENCY, "linwanqing"]
    person, signer = Accounts(office.services.db, office.clock).signer("linwanqing", NEW)
    assert signer.verifier == known.key
    assert person.role is known.role is StaffRole.ARCHIVIST
    again = welcome(office, code, new="another long password", again="another long password")
    assert again.status_code == 422
    assert "一次性代码不对" in again.text
    client = sign_in(office, "linwanqing", NEW)
    assert "林晚晴" in client.get("/office").text
    assert "林晚晴" in office.signed_in(REGISTRAR).get("/office/staff").text


def test_a_code_expires_and_is_no_code_for_somebody_else(office: Office) -> None:
    """And every wrong try is written down."""
    code = code_in(register(office, office.signed_in(REGISTRAR)))
    assert welcome(office, code, account="hejingting").status_code == 422
    office.clock.set(office.clock.now() + DAY_MS + 1)
    assert "一次性代码不对" in welcome(office, code).text
    assert len(said(office, "staff_registered")) == len(demo.STAFF)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"new": "short", "again": "short"}, "10到200个字符"),
        ({"new": "linwanqing-2026", "again": "linwanqing-2026"}, "容易被猜到"),
        ({"new": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"}, "容易被猜到"),
        ({"again": "something else"}, "两次"),
    ],
)
def test_a_weak_password_uses_no_code_up(
    office: Office, changes: dict[str, str], words: str
) -> None:
    """The person learns why, and the code still works."""
    code = code_in(register(office, office.signed_in(REGISTRAR)))
    refused = welcome(office, code, **changes)
    assert refused.status_code == 422
    assert words in refused.text
    assert welcome(office, code).url.path == "/office/login"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account": "Lin Wan"}, "小写字母"),
        ({"account": "hejingting"}, "已经登记"),
        ({"name": " "}, "姓名是空的"),
        ({"role": "king"}, "请从列表里选择角色"),
        ({"password": "wrong"}, "密码不对"),
    ],
)
def test_who_cannot_be_registered_is_not(
    office: Office, changes: dict[str, str], words: str
) -> None:
    """The form comes back with what is wrong; nothing is said and no code is made."""
    answer = register(office, office.signed_in(REGISTRAR), **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert said(office, "staff_invited") == []
    assert office.services is not None
    with office.services.db.reading() as session:
        assert [one for one in session.exec(select(EnrolCodeRow)) if one.purpose == "staff"] == []


def test_another_role_opens_other_pages_at_once(office: Office) -> None:
    """In a session that has begun, too: the log says who may."""
    client = office.signed_in("xuwen")
    assert client.get("/office/publishing").status_code == 403
    answer = change(office.signed_in(REGISTRAR), "xuwen", do="role", role="publisher")
    assert answer.url.query == b"done=role", answer.text
    (told,) = said(office, "staff_role_changed")
    assert isinstance(told, StaffRoleChanged)
    assert (told.account, told.role, told.reason) == ("xuwen", StaffRole.PUBLISHER, "")
    assert "岗位调整" in office.signed_in(REGISTRAR).get("/office/staff/xuwen").text
    assert client.get("/office/publishing").status_code == 200


def test_the_log_and_not_the_table_of_accounts_says_who_may(office: Office) -> None:
    """Whoever writes another role into the database gets no right by it."""
    client = office.signed_in("xuwen")
    assert office.services is not None
    with office.services.db.private() as session:
        row = session.get(AccountRow, "xuwen")
        assert row is not None
        row.role = "registrar"
    assert client.get("/office/staff").status_code == 403


def test_an_account_that_is_ended_signs_nothing_any_more(office: Office) -> None:
    """Its session ends, its wrapped key is gone, its name is never used again."""
    client = office.signed_in("xuwen")
    registrar = office.signed_in(REGISTRAR)
    assert change(registrar, "xuwen", do="end", reason="调离").url.query == b"done=end"
    (told,) = said(office, "staff_ended")
    assert isinstance(told, StaffEnded)
    (why,) = said(office, "staff_reason_given")
    assert isinstance(why, StaffReasonGiven)
    assert (told.reason, why.reason) == ("", "调离")
    assert "调离" in registrar.get("/office/staff/xuwen").text
    assert client.get("/office").url.path == "/office/login"
    assert office.services is not None
    with pytest.raises(WrongSignIn):
        Accounts(office.services.db, office.clock).signer("xuwen", PASSWORDS["xuwen"])
    with office.services.db.reading() as session:
        assert session.get(StaffKeyRow, "xuwen") is None
    again = register(office, registrar, account="xuwen")
    assert again.status_code == 422
    assert "已经登记" in again.text


def test_nobody_ends_or_changes_the_own_account(office: Office) -> None:
    """An office does not lose its last registrar by one word."""
    client = office.signed_in(REGISTRAR)
    other = client.get("/office/staff/xuwen")
    form = {
        "form_token": hidden(other, "form_token"),
        "version": hidden(other, "version"),
        "do": "end",
        "reason": "走了",
        "password": PASSWORDS[REGISTRAR],
    }
    answer = client.post(f"/office/staff/{REGISTRAR}", data=form)
    assert answer.status_code == 422
    assert "不能变更或者终止自己的账号" in answer.text


def test_who_forgot_the_password_gets_another_and_another_key(office: Office) -> None:
    """The old password opens nothing; what the old key signed is still that person's."""
    assert office.services is not None
    before = office.services.facts.registry.staff[AGENCY, "xuwen"]
    code = code_in(change(office.signed_in(REGISTRAR), "xuwen", do="invite"))
    assert welcome(office, code, account="xuwen").url.path == "/office/login"
    after = office.services.facts.registry.staff[AGENCY, "xuwen"]
    assert after.key != before.key
    assert after.before == before
    accounts = Accounts(office.services.db, office.clock)
    with pytest.raises(WrongSignIn):
        accounts.signer("xuwen", PASSWORDS["xuwen"])
    assert accounts.signer("xuwen", NEW)[1].verifier == after.key
    assert [type(one) for one in said(office, "staff_registered")][-1] is StaffRegistered


def test_of_two_registrars_the_second_sees_what_the_first_changed(office: Office) -> None:
    """Both had the page open; the second form changes nothing and shows the first one's word."""
    client = office.signed_in(REGISTRAR)
    page = client.get("/office/staff/xuwen")
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "do": "role",
        "role": "handler",
        "reason": "第二个人",
        "password": PASSWORDS[REGISTRAR],
    }
    change(client, "xuwen", do="role", role="publisher", reason="第一个人")
    answer = client.post("/office/staff/xuwen", data=form)
    assert answer.status_code == 422
    assert "在您查看期间已被修改" in answer.text
    assert "这期间新到" in answer.text
    assert "第一个人" in answer.text
    assert len(said(office, "staff_role_changed")) == 1
    assert change(client, "xuwen", do="role", role="handler").status_code == 200
    assert len(said(office, "staff_role_changed")) == 2


def test_a_password_is_changed_and_the_key_stays(office: Office) -> None:
    """Other sessions end; this one goes on."""
    client, other = office.signed_in("xuwen"), office.signed_in("xuwen")
    assert office.services is not None
    accounts = Accounts(office.services.db, office.clock)
    before = accounts.signer("xuwen", PASSWORDS["xuwen"])[1].verifier
    page = client.get("/office/account")
    form = {"form_token": hidden(page, "form_token"), "new": NEW, "again": NEW}
    wrong = client.post("/office/account", data=form | {"password": "wrong"})
    assert wrong.status_code == 422
    done = client.post("/office/account", data=form | {"password": PASSWORDS["xuwen"]})
    assert done.url.query == b"done=password", done.text
    assert accounts.signer("xuwen", NEW)[1].verifier == before
    assert client.get("/office").url.path == "/office"
    assert other.get("/office").url.path == "/office/login"
