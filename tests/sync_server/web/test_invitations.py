"""An invitation that nobody took up: seen, sent anew, taken back; who is faster, counts."""

from __future__ import annotations

import re

import pytest

from protocol.statements import InvitationWithdrawn, StaffRegistered
from sync_server.devices.codes import BadCode
from sync_server.keys.accounts import Accounts
from sync_server.office.staff import NotRegistrable
from sync_server.people import staffing
from tests.sync_server.conftest import BOTH
from tests.sync_server.web.staging import PASSWORDS, Office
from tests.sync_server.web.test_staff import (
    AGENCY,
    NEW,
    REGISTRAR,
    change,
    code_in,
    register,
    welcome,
)

GUEST = "linwanqing"
STORES = BOTH


def stated(office: Office, *kinds: str) -> list[object]:
    assert office.services is not None
    return [one.statement for one in office.services.facts.of_kind(*kinds)]


def test_an_invitation_is_taken_back_and_its_code_opens_nothing(office: Office) -> None:
    """It is on record with its reason; the account may be invited again, and who came of that is a
    member, who has no invitation to take back."""
    client = office.signed_in(REGISTRAR)
    first = code_in(register(office, client))
    second = code_in(change(client, GUEST, do="invite"))
    assert "一次性代码不对" in welcome(office, first).text
    assert "理由是空的" in change(client, GUEST, do="withdraw", reason=" ").text
    assert "还没有设置密码" in change(client, GUEST, do="end").text
    answer = change(client, GUEST, do="withdraw", reason="岗位取消")
    assert answer.url.query == b"done=withdrawn", answer.text
    assert GUEST not in client.get("/office/staff").text
    assert client.get(f"/office/staff/{GUEST}").status_code == 404
    assert welcome(office, second).status_code == 422
    (said,) = stated(office, "invitation_withdrawn")
    assert isinstance(said, InvitationWithdrawn)
    assert (said.account, said.reason) == (GUEST, "岗位取消")
    third = code_in(register(office, client))
    assert welcome(office, third).url.path == "/office/login"
    assert office.services is not None
    with pytest.raises(NotRegistrable, match="nobody waits"):
        staffing.withdraw(office.services, office_registrar(office), GUEST, "晚了")
    assert change(client, GUEST, do="withdraw").status_code == 404
    assert stated(office, "invitation_withdrawn") == [said]


def office_registrar(office: Office) -> staffing.Signatory:
    """The registrar with the own key."""
    assert office.services is not None
    services = office.services
    return Accounts(services.db, services.clock).signer(REGISTRAR, PASSWORDS[REGISTRAR])


def test_an_invitation_withdrawn_while_a_password_is_chosen_makes_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what the person's request read and what the writer commits, the registrar's word
    comes: the writer sees it."""
    client = office.signed_in(REGISTRAR)
    code = code_in(register(office, client))
    services, signatory = office.services, office_registrar(office)
    assert services is not None
    judged = staffing.staff.registered
    calls: list[int] = []

    def late(*given: object) -> StaffRegistered:
        """The statement, and before it is sent the registrar is faster."""
        said = judged(*given)  # type: ignore[arg-type]
        calls.append(1)
        if len(calls) == 1:
            staffing.withdraw(services, signatory, GUEST, "岗位取消")
        return said

    monkeypatch.setattr(staffing.staff, "registered", late)
    with pytest.raises(BadCode):
        staffing.accept(services, GUEST, code, NEW)
    assert len(calls) == 1
    assert (AGENCY, GUEST) not in services.facts.registry.staff
    assert not any(
        isinstance(one, StaffRegistered) and one.account == GUEST
        for one in stated(office, "staff_registered")
    )
    assert re.search(GUEST, client.get("/office/staff").text) is None
