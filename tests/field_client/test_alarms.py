"""Signed refusals stop a tablet, contradictions of the log are an alarm; records stay."""

from __future__ import annotations

import re

import msgspec
import pytest
from sqlmodel import select

from field_client.contact import history
from field_client.contact.standing import lift
from field_client.errors import DiskFull, ServerUnclear
from field_client.store.stages import HALTED
from field_client.store.tables import NoticeRow, Stage
from field_client.ui import i18n
from field_client.ui.presenters.common import error_words
from protocol import envelope
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.engine import Event
from protocol.errors import SplitView
from protocol.statements import (
    DeviceRevoked,
)
from sync_server import demo
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import (
    altered_push,
    as_office,
    grant_2027,
    only,
    receipts,
    respond,
    state_office,
    verified,
)


def test_a_revoked_tablet_stops_and_keeps_its_records(tablet: FieldTablet, online: County) -> None:
    """Over a restart as well; everything can still be read and exported."""
    case = tablet.opened_and_notified().case
    state_office(
        online,
        DeviceRevoked,
        device=demo.DEVICE,
        reason="遗失",
        effective_at=online.clock.now(),
    )
    tablet.contact()
    assert tablet.tablet.sync.status().halted == "revoked_device"
    tablet.restart()
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked[0] == "GET /v1/pull"
    assert not any(one.startswith("POST") for one in online.meddler.asked)
    assert tablet.tablet.sync.status().halted == "revoked_device"
    assert len(tablet.tablet.journal.records(case)) == 3
    with tablet.tablet.vault.session() as session:
        assert "refusal" in session.exec(select(NoticeRow.kind)).all()


def test_a_refusal_that_the_office_did_not_sign_stops_nothing(
    tablet: FieldTablet, online: County
) -> None:
    """Anybody in between could write one."""
    tablet.open()
    forged = envelope.encode(
        envelope.sign("application/vnd.fujie.refusal+json", b"{}", [tablet.shen.signer])
    )
    online.meddler.answer = as_office(
        online, altered_push(lambda answer: msgspec.structs.replace(answer, refusal=forged))
    )
    tablet.contact()
    assert tablet.tablet.sync.status().halted is None
    assert receipts(tablet) == 0


def test_two_histories_are_an_alarm_that_lasts(tablet: FieldTablet, online: County) -> None:
    """Both signed heads are kept as evidence; nothing is sent any more, also after a restart."""
    tablet.open()
    tablet.contact()
    log = tablet.tablet.sync._exchange.history.log
    assert online.services is not None
    other = sign_checkpoint(
        Checkpoint(log.origin, log.size, b"\x07" * 32), online.services.keyring.log
    )
    tablet.open()
    online.meddler.answer = as_office(
        online,
        altered_push(lambda answer: msgspec.structs.replace(answer, checkpoint=other, admitted=[])),
    )
    tablet.contact()
    online.meddler.answer = None
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, SplitView)
    assert status.alarm is not None
    assert other.decode() in msgspec.json.decode(status.alarm)["evidence"]
    tablet.restart()
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked == ["GET /log/succession"]
    assert tablet.tablet.sync.status().alarm == status.alarm
    assert tablet.stages()[1] is Stage.SENT


def test_a_proof_that_fails_is_asked_for_again_before_it_is_an_alarm(
    tablet: FieldTablet, online: County
) -> None:
    """An answer may be damaged on its way; a server that never proves its history is caught."""
    tablet.open()
    tablet.contact()
    online.meddler.answer = as_office(
        online,
        altered_push(lambda answer: msgspec.structs.replace(answer, consistency=[bytes(32)])),
    )
    for _ in range(2):
        tablet.open()
        tablet.contact()
        status = tablet.tablet.sync.status()
        assert isinstance(status.trouble, ServerUnclear)
        assert status.alarm is None
        words = error_words(i18n.catalogue("zh_CN").__getitem__, status.trouble)
        assert "仍然如此，就是警报" in words
        assert not re.search("[a-z]{3,} [a-z]{2,}", words)  # nor is its cause told in English
    tablet.contact()
    assert tablet.tablet.sync.status().alarm is not None
    assert tablet.tablet.vault.state(HALTED) == b"alarm"


def test_one_damaged_proof_is_forgotten(tablet: FieldTablet, online: County) -> None:
    """The next good one clears the doubt."""
    tablet.open()
    tablet.contact()
    for _ in range(5):
        tablet.open()
        online.meddler.answer = as_office(
            online,
            altered_push(lambda answer: msgspec.structs.replace(answer, consistency=[bytes(32)])),
        )
        tablet.contact()
        online.meddler.answer = None
        tablet.contact()
    assert tablet.tablet.sync.status().alarm is None
    assert verified(tablet) == 6


def test_a_proof_that_somebody_altered_on_its_way_is_never_an_alarm(
    tablet: FieldTablet, online: County
) -> None:
    """The log's own addresses are not signed, and a tablet that only asks sees no proof but theirs:
    who stands between could bar it from the word that it waits for."""
    tablet.open()
    tablet.contact()
    tablet.tablet.vault.set_state(HALTED, b"fork")
    tablet.restart()
    online.meddler.answer = only("/log/consistency", respond(200, b"\n\n", "text/plain"))
    for _ in range(5):
        grant_2027(online)
        tablet.contact()
        assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)
    assert "GET /log/consistency" in online.meddler.asked
    assert tablet.tablet.sync.status().alarm is None
    online.meddler.answer = None
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None
    assert tablet.tablet.sync.status().halted == "fork"


def test_an_alarm_and_that_nothing_is_sent_are_saved_at_once(
    tablet: FieldTablet, online: County
) -> None:
    """The plug is pulled right after the evidence was kept."""
    tablet.open()
    tablet.contact()
    alarm = SplitView("two histories", evidence=(b"a", b"b"), conclusive=True)
    tablet.tablet.sync._exchange.history.keep_alarm(alarm)
    tablet.restart()
    tablet.open()
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked == ["GET /log/succession"]
    assert tablet.tablet.sync.status().halted == "alarm"


def test_an_alarm_that_was_lifted_in_the_next_turn_is_not_set_again(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer on a stick is taken in by another thread, as soon as the push is over."""
    tablet.open()
    tablet.contact()
    exchange = tablet.tablet.sync._exchange
    push, alarm = exchange.push, SplitView("two histories", evidence=(b"a", b"b"), conclusive=True)

    def alarmed(*_: object) -> Event:
        exchange.history.keep_alarm(alarm)
        with tablet.tablet.vault.transaction() as session:
            lift(session)
        raise alarm

    monkeypatch.setattr(exchange, "push", alarmed)
    tablet.open()
    tablet.contact()
    assert isinstance(tablet.tablet.sync.status().trouble, SplitView)
    assert tablet.tablet.vault.state(HALTED) is None
    monkeypatch.setattr(exchange, "push", push)
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert (status.halted, status.trouble, status.unsent) == (None, None, 0)


def test_a_disk_that_is_too_full_for_the_evidence_takes_no_alarm_back(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent any more all the same."""
    tablet.open()
    tablet.contact()
    log = tablet.tablet.sync._exchange.history.log
    assert online.services is not None
    other = sign_checkpoint(
        Checkpoint(log.origin, log.size, b"\x07" * 32), online.services.keyring.log
    )
    tablet.open()
    online.meddler.answer = as_office(
        online,
        altered_push(lambda answer: msgspec.structs.replace(answer, checkpoint=other, admitted=[])),
    )

    def full(*_: object) -> bytes:
        raise DiskFull("no room")

    with monkeypatch.context() as disk:
        disk.setattr(history, "_evidence", full)
        disk.setattr(tablet.tablet.vault, "set_state", full)
        tablet.contact()
        status = tablet.tablet.sync.status()
        assert isinstance(status.trouble, SplitView)
        assert status.halted == "alarm"
        for _ in range(2):
            online.meddler.asked.clear()
            tablet.contact()
            assert tablet.tablet.sync.status().halted == "alarm"
            assert online.meddler.asked == ["GET /v1/pull"]
            tablet.tablet.sync.anew()  # as after an answer on a stick that says nothing of it
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked == ["GET /log/succession"]
    assert tablet.tablet.vault.state(HALTED) == b"alarm"
    assert tablet.tablet.sync.status().alarm is not None
    with tablet.tablet.vault.transaction() as session:
        lift(session)
    tablet.tablet.sync.anew()
    online.meddler.answer = None
    tablet.contact()
    assert (tablet.tablet.sync.status().halted, tablet.tablet.sync.status().unsent) == (None, 0)


def test_an_alarm_that_a_successor_answered_is_not_kept_once_there_is_room(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full when it came, and another log is followed since."""
    tablet.open()
    tablet.contact()
    exchange, vault = tablet.tablet.sync._exchange, tablet.tablet.vault
    alarm = SplitView("two histories", evidence=(b"a", b"b"), conclusive=True)

    def full(*_: object) -> bytes:
        raise DiskFull("no room")

    def alarmed(*_: object) -> Event:
        raise alarm

    with monkeypatch.context() as disk:
        disk.setattr(vault, "set_state", full)
        disk.setattr(exchange, "push", alarmed)
        tablet.contact()
        assert tablet.tablet.sync.status().halted == "alarm"
    known = exchange.history.log.origin
    exchange.history.log.origin = "log.before.example/fujie"
    tablet.tablet.sync._note_again()
    exchange.history.log.origin = known
    tablet.tablet.sync.anew()
    tablet.contact()
    assert tablet.tablet.sync.status().halted is None
    assert vault.state(HALTED) is None
