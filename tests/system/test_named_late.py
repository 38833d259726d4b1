"""A history that a tablet saw is named by the agency when the log has had two successors since."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from field_client.contact.following import evidence
from field_client.store.stages import ALARM
from field_client.store.tables import PassedLogRow
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.errors import Refused, SplitView
from protocol.misbehaviour import misbehaviour, read_evidence
from protocol.succession import read_chain
from sync_server.__main__ import main
from sync_server.log.lineage import read_unverified
from sync_server.services import reading
from sync_server.settings import ORIGIN
from tests.field_client.county import County, FieldTablet
from tests.system.test_succession import (
    SECOND,
    THIRD,
    alarmed,
    backed_up,
    both_halves_match,
    lose_the_disk,
    succeed,
    until_calm,
)


def predecessors(county: County) -> list[str]:
    """Of the chain as it is served."""
    chain = read_chain(httpx.get(f"{county.url}/log/succession").content)
    return [read_unverified(one).predecessor for one in chain]


@pytest.fixture
def stranded(tablet: FieldTablet, online: County, tmp_path: Path) -> bytes:
    """The office went back to a backup under the old name, came to the size that the tablet saw,
    and then opened a second and a third log without a word of that; the tablet's alarm."""
    tablet.open()
    copy = backed_up(online, tmp_path / "copy")
    until_calm(tablet, 2)
    lose_the_disk(online, copy)
    online.start()
    alarm = alarmed(tablet)
    keys = tablet.tablet.sync._exchange.history.log.verifiers
    assert misbehaviour(read_evidence(alarm), keys).conclusive
    for number, name in enumerate((SECOND, THIRD)):
        online.stop()
        lose_the_disk(online, backed_up(online, tmp_path / f"copy {number}"))
        succeed(online, name)
    until_calm(tablet, 2)
    assert isinstance(tablet.tablet.sync.status().trouble, SplitView)
    assert tablet.tablet.sync._exchange.history.log.origin == ORIGIN
    return alarm


def test_a_history_of_the_first_log_is_named_when_the_third_is_open(
    tablet: FieldTablet,
    online: County,
    stranded: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the command of the manual. The succession of that log is signed again, and served where it
    stood in the chain: the tablet goes the whole way, and keeps what it saw."""
    online.stop()
    (tmp_path / "alarm.json").write_bytes(stranded)
    monkeypatch.setenv("FUJIE_DATA", str(online.folder))
    monkeypatch.setenv("FUJIE_ORIGIN", THIRD)
    asked = f"succeed --origin {THIRD} --why 磁盘损坏 --root {tmp_path}/safe".split()
    assert main([*asked, "--checkpoint", str(tmp_path / "alarm.json")]) == 0
    assert f"start it with FUJIE_ORIGIN={THIRD};" in capsys.readouterr().out
    online.start()
    assert predecessors(online) == [ORIGIN, ORIGIN, SECOND]
    both_halves_match(online, tablet)
    assert tablet.tablet.sync._exchange.history.log.origin == THIRD
    assert tablet.tablet.vault.state(ALARM) is None
    assert evidence(tablet.tablet.vault) == [stranded]
    with tablet.tablet.vault.session() as session:
        passed = session.exec(select(PassedLogRow)).one()
    assert (passed.origin, passed.successor, passed.alarm) == (ORIGIN, THIRD, stranded)


def test_only_heads_of_a_log_before_are_named(online: County, stranded: bytes) -> None:
    """Of another log the root says nothing, and what was served stays."""
    online.stop()
    heads = read_evidence(stranded)
    foreign = heads[0].replace(ORIGIN.encode(), b"log.other.example/fujie")
    with pytest.raises(Refused, match=r"no log of the name log\.other"):
        succeed(online, THIRD, checkpoints=[heads[0], foreign])
    online.start()
    assert predecessors(online) == [ORIGIN, SECOND]


def test_a_head_is_named_also_where_as_many_are_as_a_succession_holds(
    online: County, tmp_path: Path
) -> None:
    """It takes the place of one that was named before, and never that of the one gone on from."""
    with reading(online.settings, online.clock) as services:
        signer = services.keyring.log
    notes = [
        sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), signer) for size in range(90, 106)
    ]
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND, checkpoints=notes[:15])
    online.stop()
    succeed(online, SECOND, checkpoints=notes[15:])
    chain = read_chain(httpx.get(f"{online.url}/log/succession").content)
    first, again = (read_unverified(one).checkpoints for one in chain)
    assert again[:2] == [first[0], notes[15].decode()]
    assert len(again) == len(first) == 16
