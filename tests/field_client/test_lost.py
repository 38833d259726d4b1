"""A tablet that was reported lost: nobody opens it any more but the office."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlmodel import select

from field_client.flow import losing
from field_client.flow.losing import GRACE_MS, Losing, is_lost, is_over
from field_client.store.stages import HALTED
from field_client.store.tables import LinkRow, NoticeRow
from protocol.errors import Refused
from protocol.statements import DeviceRevoked
from sync_server import demo
from sync_server.commands.enrolling import recover_vault, revoke
from sync_server.commands.evidence import adopt
from sync_server.devices import exports
from sync_server.services import writing
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet, key_store
from tests.field_client.flowing import Stage
from tests.sync_server.test_adoption import PASSWORDS, REGISTRAR
from tests.sync_server.test_tuf import state

LOST_WORD = msgspec.json.encode(
    DeviceRevoked(
        agency=demo.AGENCY.id,
        at=1,
        salt="00" * 16,
        device=demo.DEVICE,
        reason="遗失",
        effective_at=1,
    )
).decode()


@pytest.fixture
def stage(tablet: FieldTablet, online: County) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def test_the_office_reports_a_tablet_lost_by_one_command(county: County) -> None:
    """For a reason that begins as the tablet expects it, and stands on record."""
    said: list[str] = []
    revoke(county.settings, demo.DEVICE, "在青石镇", True, said.append)
    assert said == ["YX-T07: revoked, reported lost"]
    with writing(county.settings, county.clock) as services:
        device = services.sequencer.registry.device_named(demo.DEVICE)
        assert device is not None
        assert device.revoked_at is not None
        (row,) = services.facts.of_kind("device_revoked")
    assert isinstance(row.statement, DeviceRevoked)
    assert row.statement.reason == "遗失：在青石镇"
    with pytest.raises(Refused, match="no device YX-T99"):
        revoke(county.settings, "YX-T99", "…", False, said.append)


def report(county: County, reason: str = "遗失：2026年7月7日在青石镇", *, wait_ms: int = 0) -> None:
    """The office revokes YX-T07."""
    assert county.services is not None
    state(
        county.services,
        DeviceRevoked,
        device=demo.DEVICE,
        reason=reason,
        effective_at=county.services.clock.now() + wait_ms,
    )


def contact(stage: Stage, until: Callable[[], bool]) -> None:
    """The sync thread talks to the office until that is so; then the tick that follows."""
    patience = time.monotonic() + 20
    while not until():
        assert time.monotonic() < patience, "waited in vain for the office"
        stage.pass_seconds(60)
        stage.desk.open_tablet.sync.wake()
        time.sleep(0.2)
    stage.do.tick()
    stage.work()


def sent(stage: Stage) -> Callable[[], bool]:
    """Nothing waits."""
    return lambda: stage.desk.open_tablet.sync.status().unsent == 0


def learned(stage: Stage) -> Callable[[], bool]:
    """The tablet knows that it is trusted no longer."""

    def known() -> bool:
        with stage.desk.open_tablet.vault.session() as session:
            found = session.exec(select(NoticeRow.kind)).all()
        return "device_revoked" in found

    return known


def wiped(stage: Stage) -> bool:
    """Whether no wrap is left."""
    keys = stage.desk.keys
    assert keys is not None
    return all(one.wiped for one in keys.officers())


def test_it_locks_at_once_in_the_middle_of_an_inspection(stage: Stage, online: County) -> None:
    stage.opened()
    contact(stage, sent(stage))
    assert stage.screen == "inspection"
    report(online)
    contact(stage, learned(stage))
    assert stage.screen == "unlock"
    assert "报失" in stage.view.message.title
    assert not stage.desk.duty


def test_a_tablet_that_is_refused_asks_at_once_whether_it_is_lost(
    stage: Stage, online: County
) -> None:
    """With records to send it hears that it is revoked first; nobody goes on with it for the five
    minutes after which it would ask by itself."""
    stage.opened()
    contact(stage, sent(stage))
    sync = stage.desk.open_tablet.sync
    while sync.status().busy:  # its pull would bring the word as well
        time.sleep(0.05)
    report(online)
    stage.desk.case.show_cards("周明禾")
    for _ in range(200):  # seconds: fewer than the five minutes
        if stage.screen == "unlock":
            break
        time.sleep(0.05)
        stage.pass_seconds(1)
        stage.do.tick()
        stage.work()
    assert stage.screen == "unlock", "it is still open"
    assert "报失" in stage.view.message.title


def test_what_can_be_sent_is_sent_before_the_wraps_are_removed(
    stage: Stage, online: County
) -> None:
    """Reported, effective in an hour: its records still reach the office."""
    stage.opened()
    report(online, wait_ms=24 * 3_600_000)
    contact(stage, learned(stage))
    contact(stage, sent(stage))
    assert wiped(stage)


def test_after_the_grace_the_wraps_go_although_records_wait(stage: Stage, online: County) -> None:
    stage.opened()
    contact(stage, sent(stage))
    online.stop()
    stage.desk.case.show_cards("周明禾")  # waits here from now on
    with stage.desk.open_tablet.vault.transaction() as session:
        session.add(NoticeRow(id=bytes(32), kind="device_revoked", body=LOST_WORD, at=1))
    stage.do.tick()
    stage.work()
    assert stage.screen == "unlock"
    assert not wiped(stage)
    stage.pass_seconds(GRACE_MS // 1000 + 1)
    stage.do.tick()
    stage.work()
    assert wiped(stage)


def test_no_pin_opens_it_not_even_after_a_restart_and_it_says_why(
    stage: Stage, online: County
) -> None:
    stage.on_duty()
    report(online)
    contact(stage, learned(stage))
    for who in (SHEN, LU):
        stage.do.unlock(who, PINS[who], "")
        stage.work()
        assert stage.screen == "unlock"
        assert "报失" in stage.view.message.title
        assert not stage.desk.duty
    fresh = key_store(stage.tablet.folder, stage.tablet.clock)
    assert [one.wiped for one in fresh.officers()] == [True, True]
    assert is_lost(stage.desk.settings)
    assert stage.view.lost
    stage.desk.open_tablet.close()
    stage.desk.tablet, stage.desk.keys = None, None
    stage.do.start()
    assert (stage.view.lost, stage.view.officers) == (True, ()), "after a restart too"
    (stage.desk.settings.data_dir / "lost").write_bytes(b"lost")  # as programs before 0.3 left it
    stage.do.start()
    assert (stage.view.lost, stage.view.officers) == (True, ()), "no PIN that opens nothing"


def test_practice_is_no_place_to_hide(stage: Stage, online: County) -> None:
    """Reported lost while somebody practises on it: the real tablet comes back, and is lost."""
    stage.on_duty()
    real = stage.desk.open_tablet
    stage.do.enter_training()
    stage.work()
    assert stage.desk.training
    with real.vault.transaction() as session:
        session.add(NoticeRow(id=bytes(32), kind="device_revoked", body=LOST_WORD, at=1))
    stage.do.tick()
    stage.work()
    assert not stage.desk.training
    assert "报失" in stage.view.message.title
    contact(stage, sent(stage))
    assert wiped(stage)


def test_a_tablet_revoked_for_another_reason_keeps_its_wraps_for_the_export(
    stage: Stage, online: County
) -> None:
    stage.on_duty()
    report(online, "更换新机")
    contact(stage, learned(stage))
    assert stage.screen == "today"
    assert not is_lost(stage.desk.settings)
    assert not wiped(stage)


def no_write(path: Path, data: bytes) -> None:
    raise AssertionError(f"{path.name} was over, and is written again: {data!r}")


def test_the_office_opens_the_journal_with_its_recovery_key_and_takes_it_in(
    stage: Stage, online: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole: lost with records unsent, wiped, found, its records taken out by the locked screen,
    adopted."""
    stage.on_duty()
    contact(stage, sent(stage))
    report(online)
    stage.fill_in()
    stage.do.open_inspection()
    stage.work()
    contact(stage, learned(stage))
    tablet = stage.desk.open_tablet
    contact(stage, lambda: tablet.vault.state(HALTED) is not None)  # what waits is refused
    assert wiped(stage)
    with tablet.vault.session() as session:
        held = sorted(session.exec(select(LinkRow.link_hash)).all())
    assert tablet.sync.status().unsent == 1
    tablet.close()
    stage.desk.tablet, stage.desk.keys = None, None
    stage.do.start()
    assert (stage.screen, stage.view.lost) == ("unlock", True)

    said: list[str] = []
    (recovery,) = online.settings.root.glob("*.recovery.key")
    recover_vault(online.settings, demo.DEVICE, recovery, said.append)
    code = said[0]
    stick = tmp_path / "stick"
    stick.mkdir()
    stage.desk.settings = replace(stage.desk.settings, sticks=(stick,))
    for typed in (code[:-1], code[:-1] + ("0" if code[-1] != "0" else "1"), code):
        assert not list(stick.iterdir()), "written for a wrong code"
        stage.do.forgot_pin(PASSPHRASE)
        assert stage.shell.asked is not None
        assert stage.shell.asked.key == "take_out"
        stage.do.answer("take_out", typed)
        stage.work()
    (path,) = stick.glob("*-all.export")
    assert stage.told.tone == "success"
    assert (stage.screen, stage.desk.duty) == ("unlock", {}), "nobody came on duty"
    with monkeypatch.context() as disk:
        disk.setattr(losing, "write_durably", no_write)
        after_a_restart = Losing(stage.desk, stage.do.lock, lambda: None, lambda scope: None)
        after_a_restart.attend()
        stage.work()
    assert is_over(stage.desk.settings)
    online.stop()
    lines: list[str] = []
    adopt(
        online.settings,
        path,
        REGISTRAR,
        "平板找回",
        False,
        PASSWORDS.__getitem__,
        lines.append,
    )
    assert "1 links in place" in lines[0]
    with (
        writing(online.settings, online.clock) as services,
        exports.opened(services, path) as read,
    ):
        links = services.facts.journal(read.branches[0].journal)
        assert sorted(one.link_hash for one in links) == held
