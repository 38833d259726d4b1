"""The log changes its key: both sign for a while, the log says so, and old heads stay good."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from protocol.checkpoint import VerifierKey, open_checkpoint, open_note
from protocol.errors import Refused, UnknownSigner
from protocol.reference import Reference, open_reference
from protocol.statements import LogKeysChanged
from sync_server.__main__ import main
from sync_server.clock import system_clock
from sync_server.keys import keyring
from sync_server.services import Busy, reading, writing
from sync_server.settings import ORIGIN, Settings
from sync_server.upkeep import logkeys
from tests.cast import AGENCY
from tests.sync_server.conftest import Server

CLOCK = system_clock()


@pytest.fixture
def settings(enrolled_county: Path, tmp_path: Path) -> Settings:
    """A stopped server of a county with its tablet."""
    folder = tmp_path / "data"
    shutil.copytree(enrolled_county, folder)
    return Settings(folder)


def stands(settings: Settings) -> tuple[bytes, list[str], Reference, list[LogKeysChanged]]:
    """The newest head, the keys in force, the newest reference data, what the log says of keys."""
    with reading(settings, CLOCK) as services:
        issuer = services.facts.registry.agencies[AGENCY].issuer.verifier
        found = services.facts.reference(AGENCY)
        assert found is not None
        said = [one.statement for one in services.facts.of_kind("log_keys_changed")]
        told = [one for one in said if isinstance(one, LogKeysChanged)]
        reference = open_reference(found[1], issuer, 0)
        return services.facts.head.note, services.log_keys, reference, told


def opens(note: bytes, key: str) -> bool:
    try:
        open_checkpoint(note, [VerifierKey.parse(key)], ORIGIN)
    except UnknownSigner:
        return False
    return True


def test_two_keys_sign_during_the_overlap_and_one_after_it(settings: Settings) -> None:
    before, (old,), _, _ = stands(settings)
    assert logkeys.rotate(settings, CLOCK, "定期更换") == stands(settings)[1]
    note, keys, reference, told = stands(settings)
    assert keys[0] == old
    assert len(keys) == 2
    assert opens(note, keys[0])
    assert opens(note, keys[1])
    assert reference.log_keys == keys
    assert [one.keys for one in told] == [keys]
    assert logkeys.finish(settings, CLOCK, "定期更换") == [keys[1]]
    note, after, reference, told = stands(settings)
    assert after == [keys[1]] == reference.log_keys
    assert not opens(note, old)
    assert opens(note, keys[1])
    assert opens(before, old)
    assert [one.keys for one in told] == [keys, [keys[1]]]
    assert reference.log_keys_lost == []


def test_fsck_knows_the_keys_of_former_times(settings: Settings) -> None:
    logkeys.rotate(settings, CLOCK, "")
    logkeys.finish(settings, CLOCK, "")
    logkeys.replace(settings, CLOCK, 1, "")
    (summary,) = Server(settings.data).fsck()
    assert summary.endswith("hold")


def test_a_lost_key_signs_nothing_more_and_is_named(settings: Settings) -> None:
    _, (old,), _, _ = stands(settings)
    since = CLOCK.now() - 1000
    logkeys.replace(settings, CLOCK, since, "私钥可能泄露")
    note, (new,), reference, (told,) = stands(settings)
    assert not opens(note, old)
    assert opens(note, new)
    assert (told.keys, told.compromised, told.since) == ([new], [old], since)
    assert (reference.log_keys, reference.log_keys_lost) == ([new], [old])


def test_a_key_that_is_lost_during_the_overlap_ends_it(settings: Settings) -> None:
    old, new = logkeys.rotate(settings, CLOCK, "")
    assert logkeys.replace(settings, CLOCK, 1, "") == [new]
    assert stands(settings)[2].log_keys_lost == [old]


def test_what_a_crash_left_unsaid_is_said_by_the_same_command(settings: Settings) -> None:
    keyring.new_log_key(settings)
    keys = logkeys.rotate(settings, CLOCK, "")
    assert stands(settings)[3][-1].keys == keys
    keyring.retire_log_key(settings)
    assert logkeys.finish(settings, CLOCK, "") == [keys[1]]
    keyring.new_log_key(settings)
    keyring.retire_log_key(settings, 5)
    (new,) = logkeys.replace(settings, CLOCK, 5, "")
    assert stands(settings)[3][-1].keys == [new]
    assert stands(settings)[3][-1].compromised == [keys[1]]


def test_a_rotation_in_the_wrong_order_is_refused(settings: Settings) -> None:
    with pytest.raises(Refused):
        logkeys.finish(settings, CLOCK, "")
    logkeys.rotate(settings, CLOCK, "")
    with pytest.raises(Refused):
        logkeys.rotate(settings, CLOCK, "")


def test_beside_a_running_server_no_key_is_made(settings: Settings) -> None:
    with writing(settings, CLOCK), pytest.raises(Busy):
        logkeys.rotate(settings, CLOCK, "")
    assert len(stands(settings)[1]) == 1


def test_the_command_tells_the_keys(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUJIE_DATA", str(settings.data))
    assert main(["rotate-log-key"]) == 0
    assert main(["rotate-log-key", "--finish"]) == 0
    assert main(["rotate-log-key", "--compromised", "--since", "2026-11-18T09:00"]) == 0
    keys = stands(settings)[1]
    assert capsys.readouterr().out.count("in force: ") == 4
    assert len(keys) == 1
    assert stands(settings)[3][-1].since == 1794963600000
    assert main(["rotate-log-key", "--compromised", "--since", "gestern"]) == 2


def test_a_served_log_tells_all_its_keys(settings: Settings) -> None:
    logkeys.rotate(settings, CLOCK, "")
    server = Server(settings.data)
    server.start()
    try:
        told = httpx.get(f"{server.url}/log/key", trust_env=False).text.splitlines()
        note = httpx.get(f"{server.url}/log/checkpoint", trust_env=False).content
    finally:
        server.stop()
    assert len(open_note(note, [VerifierKey.parse(one) for one in told]).verified) == 2
