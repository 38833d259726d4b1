"""What lock, party and practice must not let through: nobody signs who is not there, and
nothing of one tablet stands on another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from field_client import training
from field_client.errors import DiskFull
from field_client.issuing import Issuing
from field_client.store.tables import NoticeRow
from field_client.ui.presenters.common import Fix, Problem
from protocol.statements import DocumentIssued, DocumentServed, MeasureTaken
from protocol.vocabulary import DocumentKind
from tests.field_client.county import PINS, SHEN, FieldTablet
from tests.field_client.flowing import PARTY_HAND, Stage
from tests.field_client.test_flow_acts import without
from tests.field_client.test_flow_hands import all_of, fill
from tests.field_client.test_flow_visits import count, sealing
from tests.field_client.test_lost import LOST_WORD
from tests.field_client.test_training import practise


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def signing_an_order(stage: Stage) -> Stage:
    """An order to correct, up to its last hand: the party's is its receipt."""
    stage.notified()
    stage.do.act("correction")
    stage.work()
    fill(stage)
    stage.do.finish_form()
    stage.work()
    stage.party_signs()
    return stage


def at_service(stage: Stage) -> Stage:
    """A document that is issued and not handed over."""
    signing_an_order(stage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Issuing, "serve", full)
        stage.officers_sign()
    assert stage.screen == "serve"
    return stage


def full(*_args: Any, **_kwargs: Any) -> None:
    raise DiskFull("The disk is full.")


def all_issued(stage: Stage) -> str:
    """The record of the one document."""
    (one,) = stage.desk.case.state.documents
    return one.issued.id


# ── two officers are two ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("door", ["list", "timeline"])
def test_who_unlocks_alone_serves_nothing_with_the_key_of_the_colleague(
    stage: Stage, door: str
) -> None:
    """Alone it may be served by either door: no clause asks for two at a service (CPL 87)."""
    at_service(stage)
    case = stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.do.resume(case)
    if door == "list":
        stage.do.paper(f"serve.{all_issued(stage)}")
    else:
        stage.do.act("service")
    assert stage.screen == "serve"
    stage.do.serve(PARTY_HAND)
    stage.work()
    served = stage.desk.case.state.records[-1]
    assert isinstance(served.statement, DocumentServed)
    assert served.signers == tuple(one.signer.verifier.key_id for one in stage.desk.officers)
    assert len(served.signers) == 1


def test_a_service_that_waited_for_the_camera_does_not_come_back_after_a_lock(
    stage: Stage,
) -> None:
    at_service(stage)
    stage.do.record_service()
    assert stage.screen == "capture"
    stage.do.lock()
    stage.unlock()
    stage.second()
    stage.fill_in()
    stage.do.open_inspection()
    stage.work()
    stage.do.fix("evidence")
    assert stage.screen == "capture"
    stage.do.finish_capture()
    assert stage.screen == "inspection", "not the service of the other case's document"


def test_a_receipt_that_cannot_be_saved_does_not_issue_the_document_twice(stage: Stage) -> None:
    at_service(stage)
    assert "full" in stage.told.text
    assert len(all_of(stage, DocumentIssued)) == 1
    assert all_of(stage, DocumentServed) == []
    stage.do.serve(PARTY_HAND)
    stage.work()
    assert len(all_of(stage, DocumentServed)) == 1


# ── the lock ────────────────────────────────────────────────────────────────────────────────


def test_a_sheet_goes_with_the_lock(stage: Stage) -> None:
    stage.opened()
    stage.desk.shell.tell(Problem("…", "…", "danger", (Fix("show_cards", "…"),)))
    stage.do.lock()
    assert stage.shell.told is None


def test_the_last_wrong_pin_at_the_partys_lock_locks_every_flow(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    stage.desk.asked = ("void", lambda words: stage.desk.mark(words))
    stage.routes._after_camera = stage.routes._serving.again
    for _ in range(10):
        stage.pass_seconds(901)
        stage.do.leave_party(SHEN, "111112")
        stage.work()
    assert stage.screen == "unlock"
    assert stage.desk.asked is None
    assert stage.routes._after_camera == stage.routes._to_inspection
    assert stage.shell.told is None


@pytest.mark.parametrize(
    "key", ["show_cards", "evidence", "today.x", "keep_rescued", "sign_in_second", "look.00"]
)
def test_a_way_out_that_is_told_over_the_locked_screen_opens_nothing(
    stage: Stage, key: str
) -> None:
    stage.opened()
    stage.do.lock()
    stage.do.fix(key)
    stage.work()
    assert stage.screen == "unlock"


def test_a_tablet_that_was_reported_lost_lets_nobody_in_between_two_ticks(stage: Stage) -> None:
    stage.on_duty()
    with stage.desk.open_tablet.vault.transaction() as session:
        session.add(NoticeRow(id=bytes(32), kind="device_revoked", body=LOST_WORD, at=1))
    stage.do.lock()
    stage.unlock()
    assert stage.screen == "unlock"
    assert not stage.desk.duty


# ── the party ───────────────────────────────────────────────────────────────────────────────


def test_saying_that_it_is_away_does_not_open_the_tablet_to_the_party(stage: Stage) -> None:
    sealing(stage)
    stage.do.finish_form()
    assert stage.screen == "answer"
    stage.do.answer_refuses("left", "")
    assert stage.view.stage == "attestor"
    stage.do.back()
    stage.do.go("today")
    assert stage.screen == "answer"
    stage.do.leave_party(SHEN, PINS[SHEN])
    stage.work()
    assert stage.screen == "form"
    assert count(stage, MeasureTaken) == 0


# ── one form at a time ──────────────────────────────────────────────────────────────────────


def test_a_form_that_does_not_open_leaves_the_keys_with_the_one_that_is_shown(
    stage: Stage,
) -> None:
    sealing(stage)
    stage.work()
    stage.reference(without(DocumentKind.SEAL_SEIZE_DECISION))
    stage.do.fix("paper.seal_seize_decision")
    assert stage.screen == "form"
    stage.do.edit_field("keeper", "何青")
    assert {one.key: one.value for one in stage.view.fields}["keeper"] == "何青"


def test_a_document_opened_from_an_act_has_its_own_reasons_and_keeps_its_screen(
    stage: Stage,
) -> None:
    sealing(stage)
    stage.do.edit_field("keeper", "何青")  # is being written while the next form opens
    stage.do.fix("paper.seal_seize_decision")
    shown = [one.key for one in stage.view.fields]
    stage.work()
    assert [one.key for one in stage.view.fields] == shown
    asked: list[str] = []
    stage.routes.writing.fix = asked.append  # type: ignore[method-assign,assignment]
    stage.do.fix("override.AV-2")
    assert asked == ["override.AV-2"]


# ── practice ────────────────────────────────────────────────────────────────────────────────


def test_no_list_and_no_form_of_the_real_tablet_is_shown_in_practice_nor_back(
    stage: Stage,
) -> None:
    stage.opened()
    real = stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.do.new_inspection()
    stage.do.edit_new("party_name", "真实商行")
    stage.work()
    stage.do.go("settings")
    stage.do.enter_training()
    stage.work()
    stage.do.unlock(next(iter(training.OFFICERS)), training.PIN, "")
    stage.work()
    assert stage.screen == "today"
    assert stage.view.form is None
    assert (stage.view.rows, stage.view.parties) == ((), ())
    stage.do.leave_training()
    stage.unlock()
    assert [one.inspection_id for one in stage.view.rows] == [real]


def test_practice_is_not_left_while_it_records(stage: Stage) -> None:
    practise(stage)
    stage.desk.recording = "00:00:03"
    for leave in (stage.do.leave_training, stage.do.discard_training):
        leave()
        assert stage.desk.training
        assert "录音录像" in stage.told.title
    stage.desk.recording = ""
    stage.do.leave_training()
    assert not stage.desk.training
