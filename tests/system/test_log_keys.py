"""The log's key changes, and witnesses come to be asked for: tablets and case files go on.

A real server, a real tablet over TCP, a real witness: one inspection before the change and one
after it, and ``fujie-verify`` judges the file of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from field_client.inspection import Inspection
from field_client.store.stages import ALARM
from field_client.store.tables import Stage
from protocol.checkpoint import VerifierKey
from protocol.errors import Unwitnessed
from sync_server.commands import exporting
from sync_server.devices import exchange
from sync_server.settings import ORIGIN
from sync_server.upkeep import logkeys
from tests.demo import proof
from tests.field_client.county import County, FieldTablet
from tests.sync_server.witnesses import RunningWitness, settings_file

SENT = [Stage.RECEIPTED, Stage.STORED]


def log_of(tablet: FieldTablet) -> list[VerifierKey]:
    return list(tablet.tablet.sync._exchange.history.log.verifiers)


def checks(county: County, case: bytes, folder: Path) -> tuple[int, dict[str, dict[str, object]]]:
    """``fujie-verify`` of an exported case, with the trust that the office hands out."""
    out, trust = folder / f"{case.hex()[:8]}.zip", folder / "trust.json"
    assert exporting.export(county.settings, case.hex(), out, lambda _: None) == 0
    assert exporting.trust(county.settings, trust, lambda _: None) == 0
    code, told = proof.verify(out, trust)
    return code, {str(one["name"]): one for one in told}


def inspected(tablet: FieldTablet) -> Inspection:
    """An inspection, sent whole."""
    inspection = tablet.whole_inspection()
    tablet.contact()
    tablet.contact()
    assert set(tablet.stages()) <= set(SENT)
    return inspection


def restarted(county: County, change: object) -> None:
    """The server stops, its log's keys change, and it starts again."""
    county.stop()
    change(county.settings, county.clock, "定期更换")  # type: ignore[operator]
    county.start()


@pytest.fixture
def witness(county: County, tmp_path: Path) -> Iterator[RunningWitness]:
    """A witness that the county's server is told of; it does not run yet."""
    county.start()
    assert county.services is not None
    keys = county.services.log_keys
    county.stop()
    made = RunningWitness(tmp_path / "w1", "w1.example", ORIGIN, keys)
    county.witnesses = settings_file(tmp_path / "witnesses.json", [made], 1)
    yield made
    made.stop()


def test_a_tablet_follows_the_logs_new_key_and_old_and_new_cases_verify(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    first = inspected(tablet)
    (old,) = log_of(tablet)
    restarted(online, logkeys.rotate)
    second = inspected(tablet)
    assert log_of(tablet) == [old, log_of(tablet)[1]]
    restarted(online, logkeys.finish)
    third = inspected(tablet)
    assert old not in log_of(tablet)
    assert len(log_of(tablet)) == 1
    assert tablet.tablet.vault.state(ALARM) is None
    for case in (first, second, third):
        code, told = checks(online, case.case, tmp_path)
        assert code == 0, [one for one in told.values() if not proof.held(one)]
    tablet.restart()
    tablet.open()
    tablet.contact()
    assert set(tablet.stages()) <= set(SENT)


def test_a_tablet_that_was_away_during_the_overlap_learns_the_new_key_by_itself(
    tablet: FieldTablet, online: County
) -> None:
    inspected(tablet)
    online.stop()
    logkeys.rotate(online.settings, online.clock, "")
    logkeys.finish(online.settings, online.clock, "")
    online.start()
    tablet.open()
    tablet.contact()
    assert set(tablet.stages()) <= set(SENT)
    assert tablet.tablet.vault.state(ALARM) is None


def test_a_lost_key_is_followed_without_alarm_and_signs_nothing_new(
    tablet: FieldTablet, online: County
) -> None:
    inspected(tablet)
    (old,) = log_of(tablet)
    online.stop()
    logkeys.replace(online.settings, online.clock, online.clock.now(), "私钥可能泄露")
    online.start()
    tablet.open()
    tablet.contact()
    assert set(tablet.stages()) <= set(SENT)
    history = tablet.tablet.sync._exchange.history
    assert old in history.log.lost
    tablet.restart()
    assert old in tablet.tablet.sync._exchange.history.log.lost
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None


def test_a_tablet_waits_for_witnesses_without_alarm_and_goes_on_when_they_come(
    tablet: FieldTablet,
    county: County,
    witness: RunningWitness,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "WITNESSES_MS", 20)
    county.start()
    tablet.contact()
    inspection = tablet.whole_inspection()
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, Unwitnessed)
    assert (status.halted, status.alarm) == (None, None)
    assert set(tablet.stages()) == {Stage.SENT}
    monkeypatch.setattr(exchange, "WITNESSES_MS", 8000)
    witness.start()
    for _ in range(4):
        tablet.clock.pass_seconds(600)
        tablet.contact()
    assert set(tablet.stages()) <= set(SENT)
    assert tablet.tablet.sync.status().trouble is None
    code, told = checks(county, inspection.case, tmp_path)
    assert code == 0, [one for one in told.values() if not proof.held(one)]
    assert "w1.example" in str(told["witnesses"]["zh"])


def test_keys_that_came_without_a_contact_are_no_reason_not_to_open(
    tablet: FieldTablet, online: County
) -> None:
    """The newest reference data, from a stick, skip a change of keys; the program ends before it
    asks the office. What the key in between signed is still the beginning of this view."""
    inspected(tablet)
    online.stop()
    logkeys.rotate(online.settings, online.clock, "")
    logkeys.finish(online.settings, online.clock, "")
    online.start()
    inspected(tablet)
    (between,) = log_of(tablet)
    online.stop()
    logkeys.rotate(online.settings, online.clock, "")
    logkeys.finish(online.settings, online.clock, "")
    online.start()
    tablet.tablet.shelf.fetch(tablet.tablet.wire)
    tablet.restart()
    assert between not in log_of(tablet)
    tablet.open()
    tablet.contact()
    assert set(tablet.stages()) <= set(SENT)
    assert tablet.tablet.vault.state(ALARM) is None
