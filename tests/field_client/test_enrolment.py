"""How a tablet and its officers come to be known, and what is left when that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from field_client.contact import enrolment
from field_client.contact.wire import Wire
from field_client.errors import AlreadyEnrolled, NoNetwork, NoSuchOfficer, ServerRefuses
from field_client.keys.recovery import recover_vault_key
from field_client.settings import Settings
from field_client.store.vault import Vault
from field_client.tablet import Tablet
from protocol import messages
from protocol.errors import BadSignature
from protocol.messages import DeviceAdmitted
from protocol.vocabulary import DocumentKind
from sync_server import demo
from sync_server.keys.keyring import read_seed
from sync_server.store.tables import RecoveryRow
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import (
    LU,
    PINS,
    SHEN,
    County,
    FieldTablet,
    ServerClock,
    copied,
    found,
    key_store,
)
from tests.ports import free_port

DEVICE = "YX-T08"
PIN = PINS[SHEN]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded") / "office"
    found(folder, TurnedClock())
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path, clock: TurnedClock) -> Iterator[County]:
    """云溪县 with its server running and no tablet yet."""
    made = County(copied(founded, tmp_path / "office"), ServerClock(clock), free_port())
    made.start()
    yield made
    made.stop()


class Newcomer:
    """A tablet fresh from its box."""

    def __init__(self, office: County, folder: Path, clock: TurnedClock) -> None:
        self.office, self.folder, self.clock = office, folder, clock
        self.settings = Settings(folder, server_url=office.url)
        self.keys = key_store(folder, clock)
        self.wire = Wire(office.url, None, clock, office.meddler)

    def enrol(self, code: str, name: str = DEVICE) -> tuple[Vault, bytes, DeviceAdmitted]:
        return enrolment.enrol_device(self.settings, self.keys, self.clock, self.wire, code, name)

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*.*"))


@pytest.fixture
def newcomer(office: County, tmp_path: Path, clock: TurnedClock) -> Newcomer:
    (tmp_path / "new").mkdir()
    return Newcomer(office, tmp_path / "new", clock)


def test_a_tablet_gets_certificate_roster_and_numbers(newcomer: Newcomer, office: County) -> None:
    """All of it proved by the agency's root, which the code vouches for."""
    vault, _, admitted = newcomer.enrol(office.code("device", DEVICE))
    tablet = Tablet.over(newcomer.settings, newcomer.keys, newcomer.clock, vault)
    assert admitted.agency == demo.AGENCY.id
    assert tablet.shelf.current.agency.name == "云溪县市场监督管理局"
    assert tablet.office.device_name == DEVICE
    label = tablet.journal.next_number(DocumentKind.SPOT_DECISION, 2026).label
    assert label == "云市监当罚〔2026〕126号"
    tablet.close()


def test_an_officers_key_is_certified_for_this_tablet(tablet: FieldTablet) -> None:
    """The roster names both keys after the enrolment."""
    roster = tablet.tablet.shelf.current
    for officer in tablet.officers:
        entry = roster.officer_of_key(officer.signer.verifier.key_id.hex())
        assert entry is not None
        assert entry.cert_no == officer.cert_no


def test_the_office_can_recover_the_vault(newcomer: Newcomer, office: County) -> None:
    """Its key was sealed to the agency's recovery key, here and at the office."""
    vault, key, admitted = newcomer.enrol(office.code("device", DEVICE))
    signed = Wire(office.url, newcomer.keys.device.signer(), newcomer.clock)
    enrolment.entrust_recovery(newcomer.keys, signed, admitted, key)
    vault.close()
    assert office.services is not None
    with office.services.db.reading() as session:
        kept = session.get_one(RecoveryRow, DEVICE).sealed
    assert kept == newcomer.keys.device.recovery()
    private = read_seed(office.settings.root / f"{demo.AGENCY.id}.recovery.key")
    assert recover_vault_key(kept, private) == key


def test_a_wrong_code_leaves_the_tablet_as_it_was(newcomer: Newcomer, office: County) -> None:
    """And the right one works afterwards."""
    code = office.code("device", DEVICE)
    with pytest.raises(ServerRefuses) as refused:
        newcomer.enrol("0000-0000-0000-0000")
    assert refused.value.facts["status"] == 403
    assert newcomer.files() == []
    vault, _, _ = newcomer.enrol(code.lower().replace("-", " "))
    vault.close()


def test_no_network_leaves_the_tablet_as_it_was(newcomer: Newcomer, office: County) -> None:
    """The code is still good when there is one."""
    code = office.code("device", DEVICE)
    office.meddler.unplugged = True
    with pytest.raises(NoNetwork):
        newcomer.enrol(code)
    assert newcomer.files() == []
    office.meddler.unplugged = False
    newcomer.enrol(code)[0].close()


@pytest.mark.parametrize("field", ["root_key", "log_key", "origin", "reference", "grants"])
def test_nobody_in_between_can_put_in_his_own_trust(
    newcomer: Newcomer, office: County, field: str
) -> None:
    """Whatever is changed in the answer, the code's seal shows it; nothing is kept."""

    def change(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        admitted = messages.decode(response.content, DeviceAdmitted)
        value = {
            "root_key": bytes(32),
            "log_key": admitted.log_key + "x",
            "origin": "log.thief.example",
            "reference": admitted.reference[:-1] + b"x",
            "grants": [],
        }[field]
        changed = msgspec.structs.replace(admitted, **{field: value})
        headers = {"content-type": "application/vnd.msgpack"}
        return httpx.Response(200, content=messages.encode(changed), headers=headers)

    office.meddler.answer = change
    with pytest.raises(BadSignature):
        newcomer.enrol(office.code("device", DEVICE))
    assert newcomer.files() == []


def test_a_crash_before_the_first_pin_starts_over(newcomer: Newcomer, office: County) -> None:
    """Nothing is worth keeping yet; the office names the tablet anew."""
    newcomer.enrol(office.code("device", DEVICE))[0].close()
    vault, _, _ = newcomer.enrol(office.code("device", "YX-T09"), "YX-T09")
    assert enrolment.enrolled(vault).agency == demo.AGENCY.id
    vault.close()


def test_an_enrolled_tablet_is_never_overwritten(tablet: FieldTablet, county: County) -> None:
    """Its records are worth more than a second enrolment."""
    tablet.open()
    settings, keys = tablet.tablet.settings, key_store(tablet.folder, tablet.clock)
    wire = Wire(county.url, None, tablet.clock, county.meddler)
    with pytest.raises(AlreadyEnrolled):
        enrolment.enrol_device(settings, keys, tablet.clock, wire, "0000", DEVICE)
    assert len(tablet.stages()) == 1
    assert county.meddler.asked == []


def test_an_officer_with_a_wrong_code_can_try_another(newcomer: Newcomer, office: County) -> None:
    """The keys that nobody certified are gone again."""
    vault, key, admitted = newcomer.enrol(office.code("device", DEVICE))
    signed = Wire(office.url, newcomer.keys.device.signer(), newcomer.clock)

    def enrol(code: str) -> None:
        enrolment.enrol_officer(newcomer.keys, signed, admitted, key, SHEN, PIN, code)

    other = office.code("officer", LU)
    for wrong in ("0000-0000-0000-0000", other):
        with pytest.raises(ServerRefuses):
            enrol(wrong)
        with pytest.raises(NoSuchOfficer):
            newcomer.keys.state(SHEN)
    enrol(office.code("officer", SHEN))
    assert newcomer.keys.unlock(SHEN, PIN).vault_key == key
    vault.close()
