"""What the office changes takes effect on a tablet: at its next contact, or by a stick."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from field_client.faces import Face
from protocol.errors import FujieError
from protocol.statements import DeviceRevoked, OfficerRegistered
from protocol.vocabulary import Standing
from sync_server import demo
from sync_server.commands import catalogue
from sync_server.services import Services, writing
from sync_server.upkeep import rotation
from tests.field_client.county import SHEN, County, FieldTablet
from tests.field_client.flowing import Stage
from tests.sync_server.test_tuf import state

AGENCY = demo.AGENCY.id


def suspend(services: Services) -> None:
    """沈知远 is suspended as of now."""
    line = services.facts.registry.officers[AGENCY, SHEN][-1].record
    fields = {
        name: getattr(line, name)
        for name in line.__struct_fields__
        if name not in ("agency", "at", "salt", "case", "v")
    }
    fields |= {"standing": Standing.SUSPENDED, "effective_at": services.clock.now()}
    state(services, OfficerRegistered, **fields)


def revoke(services: Services) -> None:
    """YX-T07 is revoked as of now."""
    now = services.clock.now()
    state(services, DeviceRevoked, device=demo.DEVICE, reason="遗失", effective_at=now)


Change = Callable[[Services], None]
CHANGES: dict[str, tuple[Change, Standing]] = {
    "a suspended officer": (suspend, Standing.SUSPENDED),
    "a revoked device": (revoke, Standing.UNKNOWN),
}


@contextmanager
def at_the_office(county: County) -> Iterator[Services]:
    """The office at work, with its server running or not."""
    if county.services is not None:
        yield county.services
    else:
        with writing(county.settings, county.clock) as services:
            yield services


def face(tablet: FieldTablet) -> Face:
    return tablet.tablet.office.face(tablet.shen)


def test_a_card_that_is_shown_again_is_not_proved_again(
    tablet: FieldTablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for with every view, by the window itself."""
    shown = face(tablet)

    def checked(*_args: object) -> bytes:
        raise AssertionError("a signature was checked")

    monkeypatch.setattr("nacl.bindings.crypto_sign_open", checked)
    assert face(tablet) == shown


# ── by a contact ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", CHANGES)
def test_it_takes_effect_at_the_next_contact(
    tablet: FieldTablet, online: County, name: str
) -> None:
    """Nobody at the office has to publish anything: the tablet's own contact brings it about."""
    change, standing = CHANGES[name]
    tablet.contact()
    assert face(tablet).standing is Standing.VALID
    with at_the_office(online) as services:
        change(services)
    assert face(tablet).standing is Standing.VALID
    tablet.contact()
    assert face(tablet).standing is standing


def test_a_frozen_repository_makes_cards_unknown_and_stops_no_work(
    tablet: FieldTablet, online: County
) -> None:
    """Whoever shows a tablet yesterday's data for ever hides nothing but tomorrow's."""
    kept: dict[str, httpx.Response] = {}

    def frozen(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if not request.url.path.startswith("/tuf/"):
            return None
        first = kept.setdefault(request.url.path, response)
        return httpx.Response(first.status_code, content=first.content)

    online.meddler.answer = frozen
    tablet.contact()
    version = tablet.tablet.shelf.version
    with at_the_office(online) as services:
        suspend(services)
    tablet.clock.pass_seconds(25 * 3600)
    tablet.contact()
    assert tablet.tablet.shelf.version == version
    assert tablet.tablet.sync.status().trouble is None
    assert face(tablet).standing is Standing.UNKNOWN
    assert tablet.open().case


# ── by a stick ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


@pytest.fixture
def stage(tablet: FieldTablet, stick: Path) -> Iterator[Stage]:
    """Both officers on duty on a tablet that no network reaches."""
    made = Stage.of(tablet, sticks=(stick,))
    yield made.on_duty()
    made.close()


def exported(county: County, stick: Path) -> None:
    catalogue.export_reference(county.settings, stick, "", lambda _: None)


def offered(stage: Stage) -> bool:
    """Whether the sync screen offers to update from a stick."""
    stage.look_at_sync()
    return any(fix.key == "from_stick" for note in stage.view.notes for fix in note.fixes)


def updated(stage: Stage) -> str:
    stage.do.fix("from_stick")
    stage.work()
    return stage.told.title


@pytest.mark.parametrize("name", CHANGES)
def test_it_takes_effect_by_a_stick_with_no_network_at_all(
    stage: Stage, county: County, stick: Path, name: str
) -> None:
    change, standing = CHANGES[name]
    with writing(county.settings, county.clock) as services:
        change(services)
        services.editions.renew(AGENCY)
    assert not offered(stage)
    exported(county, stick)
    assert offered(stage)
    office = stage.desk.open_tablet.office
    assert office.face(stage.tablet.shen).standing is Standing.VALID
    assert updated(stage) == "已从U盘更新"
    assert office.face(stage.tablet.shen).standing is standing


def test_a_revoked_tablet_says_so(stage: Stage, county: County, stick: Path) -> None:
    """On the sync screen, in words, for as long as it is true."""
    with writing(county.settings, county.clock) as services:
        revoke(services)
        services.publish_reference(AGENCY)
    exported(county, stick)
    updated(stage)
    stage.look_at_sync()
    assert stage.view.alarm is not None
    assert stage.view.alarm.title == "本平板已不再受信任"


def test_a_stick_with_nothing_newer_says_so(stage: Stage, county: County, stick: Path) -> None:
    exported(county, stick)
    assert offered(stage)
    updated(stage)
    assert updated(stage) == "U盘上没有更新的数据"


def test_a_damaged_stick_is_told_and_changes_nothing(
    stage: Stage, county: County, stick: Path
) -> None:
    with writing(county.settings, county.clock) as services:
        services.publish_reference(AGENCY)
    exported(county, stick)
    (bundle,) = (stick / "tuf" / AGENCY / "targets").iterdir()
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"?")
    before = stage.desk.open_tablet.shelf.version
    offered(stage)
    updated(stage)
    assert "损坏" in stage.told.text
    assert stage.desk.open_tablet.shelf.version == before


def test_a_stick_that_is_pulled_out_while_the_screen_offers_it(
    stage: Stage, county: County, stick: Path
) -> None:
    exported(county, stick)
    assert offered(stage)
    shutil.rmtree(stick / "tuf")
    stage.do.fix("from_stick")
    assert "U盘" in stage.told.text
    assert not offered(stage)


def test_a_stick_of_another_agency_is_not_offered(stage: Stage, stick: Path) -> None:
    (stick / "tuf" / "11990124MB0000002B").mkdir(parents=True)
    (stick / "tuf" / "11990124MB0000002B" / "timestamp.json").write_text("{}")
    assert not offered(stage)


# ── by a stick, after a rotation ────────────────────────────────────────────────────────────


def test_rotations_reach_a_tablet_by_stick_and_the_network_after_it(
    tablet: FieldTablet, county: County, stick: Path
) -> None:
    """Issuer and root are new; the stick alone brings them, and then the server is believed."""
    with writing(county.settings, county.clock) as services:
        rotation.rotate_issuer(services, AGENCY, county.settings.root)
        rotation.rotate_root(services, AGENCY, county.settings.root)
        known = services.facts.registry.agencies[AGENCY]
    exported(county, stick)
    shelf = tablet.tablet.shelf
    shelf.fetch_from(stick / "tuf" / AGENCY)
    assert shelf.roots == (known.root,)
    assert [one.key_id for one in shelf.issuers] == [one.key_id for one in known.issuer_claims]
    assert face(tablet).standing is Standing.VALID
    county.start()
    tablet.open()
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None
    assert tablet.tablet.sync.status().unsent == 0


def test_nothing_of_a_refused_stick_is_left_lying_about(tablet: FieldTablet, stick: Path) -> None:
    with pytest.raises(FujieError):
        tablet.tablet.shelf.fetch_from(stick)
    assert list(tablet.tablet.settings.repository_dir.iterdir()) == []
