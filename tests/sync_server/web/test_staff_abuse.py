"""People of the office who try what they may not: old invitations, others' accounts, odd forms."""

from __future__ import annotations

import pytest
from sqlmodel import select

from protocol.keys import Ed25519Signer
from protocol.registry.standing import mark
from protocol.statements import StaffInvited
from protocol.vocabulary import StaffRole
from sync_server.devices.codes import BadCode
from sync_server.keys.accounts import Accounts, Person, WrongSignIn
from sync_server.keys.keyring import make_agency_keys
from sync_server.office.staff import NotRegistrable
from sync_server.people import staffing
from sync_server.services import writing
from sync_server.store.tables import AccountRow
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan, StaffPlan
from tests.sync_server.web.staging import PASSWORDS, Office
from tests.sync_server.web.test_rights import NEIGHBOUR, join
from tests.sync_server.web.test_staff import (
    AGENCY,
    NEW,
    REGISTRAR,
    change,
    code_in,
    register,
    said,
    sign_in,
    welcome,
)


def test_an_older_invitation_gives_no_role_back(office: Office) -> None:
    """A code of before a change of role brings another key, and the role of today."""
    registrar = office.signed_in(REGISTRAR)
    code = code_in(change(registrar, "hejingting", do="invite"))
    change(registrar, "hejingting", do="role", role="handler")
    assert welcome(office, code, account="hejingting").url.path == "/office/login"
    assert office.services is not None
    known = office.services.facts.registry.staff[AGENCY, "hejingting"]
    assert known.role is StaffRole.HANDLER
    client = sign_in(office, "hejingting", NEW)
    assert client.get("/office").status_code == 200


@pytest.mark.parametrize("name", ["林" * 501, "林\n晚晴", "林\x00"])
def test_a_name_is_one_short_line(office: Office, name: str) -> None:
    """Whatever a browser sends; the form comes back."""
    answer = register(office, office.signed_in(REGISTRAR), name=name)
    assert answer.status_code == 422
    assert "姓名应为一行" in answer.text
    assert said(office, "staff_invited") == []


@pytest.mark.parametrize("what", ["role", "end"])
def test_a_reason_that_is_too_long_comes_back_in_its_form(office: Office, what: str) -> None:
    """And nothing is said."""
    registrar = office.signed_in(REGISTRAR)
    answer = change(registrar, "xuwen", do=what, role="publisher", reason="长" * 501)
    assert answer.status_code == 422
    assert "理由最多500个字符" in answer.text


def test_an_account_that_the_log_does_not_know_opens_nothing(office: Office) -> None:
    """Whoever writes another agency into the database sees nothing of that one."""
    client = office.signed_in("xuwen")
    assert office.services is not None
    with office.services.db.private() as session:
        row = session.get(AccountRow, "xuwen")
        assert row is not None
        row.agency = NEIGHBOUR.id
    assert client.get("/office").url.path == "/office/login"


def test_a_password_with_more_behind_it_is_another_one(office: Office) -> None:
    """Nothing of it is cut off."""
    assert office.services is not None
    accounts, longest = Accounts(office.services.db, office.clock), "a long one " * 18 + "ab"
    accounts.change_password("xuwen", PASSWORDS["xuwen"], longest)
    assert accounts.sign_in("xuwen", longest)
    with pytest.raises(WrongSignIn):
        accounts.sign_in("xuwen", longest + "c")


@pytest.fixture
def registrar(office: Office) -> tuple[Person, Ed25519Signer]:
    assert office.services is not None
    return Accounts(office.services.db, office.clock).signer(REGISTRAR, PASSWORDS[REGISTRAR])


def test_who_is_no_registrar_any_more_ends_nobody(
    office: Office, registrar: tuple[Person, Ed25519Signer]
) -> None:
    """Two registrars who end each other at once: the first one's word counts, and the other's
    takes no account away and is in no record."""
    assert office.services is not None
    services = office.services
    code = staffing.invite(services, registrar, "linwanqing", "林晚晴", StaffRole.REGISTRAR)
    staffing.accept(services, "linwanqing", code, NEW)
    other = Accounts(services.db, office.clock).signer("linwanqing", NEW)
    seen = mark(services.facts.registry, ("staff", AGENCY, REGISTRAR))
    of_other = mark(services.facts.registry, ("staff", AGENCY, "linwanqing"))
    staffing.end(services, registrar, "linwanqing", "调离", of_other)
    size = services.facts.head.size
    with pytest.raises(NotRegistrable):
        staffing.end(services, other, REGISTRAR, "调离", seen)
    with pytest.raises(NotRegistrable):
        staffing.invite(services, other, "newhand", "新来", StaffRole.HANDLER)
    assert services.facts.head.size == size
    assert office.signed_in(REGISTRAR).get("/office/staff").status_code == 200


def test_a_registrars_former_key_invites_nobody(
    office: Office, registrar: tuple[Person, Ed25519Signer]
) -> None:
    """What it signs counts for nobody, and no code comes of it."""
    assert office.services is not None
    code = staffing.invite(
        office.services, registrar, REGISTRAR, registrar[0].name, StaffRole.REGISTRAR
    )
    staffing.accept(office.services, REGISTRAR, code, NEW)
    with pytest.raises(NotRegistrable):
        staffing.invite(office.services, registrar, "newhand", "新来", StaffRole.HANDLER)


def test_an_account_is_invited_by_one_agency_and_taken_by_it(
    office: Office, registrar: tuple[Person, Ed25519Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A neighbour invites nobody of a name that is asked already, in the same moment neither; and
    whose name became somebody's meanwhile comes with no code: no row and no key takes another's
    place."""
    office.stop()
    root, recovery = make_agency_keys(office.settings, NEIGHBOUR.id)
    plan = Plan(NEIGHBOUR, [StaffPlan("hk-registrar", "某人", StaffRole.REGISTRAR, NEW)], [], {})
    with writing(office.settings, office.clock) as services:
        founding.register(services, plan, root, bytes(recovery.public_key))
    office.start()
    assert office.services is not None
    services = office.services
    accounts = Accounts(services.db, office.clock)
    neighbour = accounts.signer("hk-registrar", NEW)
    code = staffing.invite(services, neighbour, "linwanqing", "某人", StaffRole.HANDLER)
    with pytest.raises(NotRegistrable):
        staffing.invite(services, registrar, "linwanqing", "林晚晴", StaffRole.ARCHIVIST)
    join(office, "linwanqing", StaffRole.ARCHIVIST)
    with pytest.raises(BadCode):
        staffing.accept(services, "linwanqing", code, "another long password")
    with services.db.reading() as session:
        (row,) = session.exec(select(AccountRow).where(AccountRow.account == "linwanqing")).all()
    assert row.agency == AGENCY

    judged = staffing.staff.invited

    def late(*given: object) -> StaffInvited:
        """The statement, and before it is sent the neighbour is faster."""
        made = judged(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(staffing.staff, "invited", judged)
        staffing.invite(services, neighbour, "newhand", "某人", StaffRole.HANDLER)
        return made

    monkeypatch.setattr(staffing.staff, "invited", late)
    with pytest.raises(NotRegistrable):
        staffing.invite(services, registrar, "newhand", "新来", StaffRole.HANDLER)
    invited = [one for one in said(office, "staff_invited") if isinstance(one, StaffInvited)]
    assert [one.agency for one in invited if one.account == "newhand"] == [NEIGHBOUR.id]
