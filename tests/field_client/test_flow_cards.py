"""The card before an act that the law wants it shown for: whoever begins with the act is led to it,
and back to the act with what was filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from protocol.statements import DocumentServed, IdentityShown, MeasureTaken, RightsNotified
from protocol.vocabulary import ApprovalSubject, Role, Step
from tests.cast import HEARD
from tests.field_client.county import LU, PINS, SHEN, FieldTablet
from tests.field_client.flowing import PARTY_HAND, Stage, count, last
from tests.field_client.test_flow_visits import add_things, approve, sealing

DAY_S = 24 * 3600


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def card_notes(stage: Stage) -> list[Any]:
    return [
        one for one in stage.view.notes if "show_cards" in [fix.key for fix in one.fixes]
    ]  # fmt: skip


def on_record(stage: Stage) -> None:
    stage.do.record_card_shown()
    stage.work()


@pytest.fixture
def unserved(stage: Stage) -> Stage:
    """A decision that was signed and not handed over."""
    stage.signing()
    stage.party_signs()
    stage.officers_sign()
    return stage.decided()


def test_on_the_day_of_the_showing_service_asks_for_no_card(unserved: Stage) -> None:
    assert card_notes(unserved) == []


def test_a_service_on_another_day_leads_to_the_card_and_back_with_what_was_typed(
    unserved: Stage,
) -> None:
    unserved.pass_seconds(DAY_S)
    unserved.do.edit_serve("relation", "店长")
    (note,) = card_notes(unserved)
    assert (note.level, note.clause) == ("warn", "国办发〔2018〕118号")
    assert "出示证件" in note.title
    unserved.do.fix("show_cards")
    assert (unserved.screen, unserved.view.step) == ("card", "service")
    on_record(unserved)
    assert last(unserved, IdentityShown).step is Step.SERVICE
    assert unserved.screen == "serve", "back to the act that asked for it"
    assert card_notes(unserved) == []
    assert {one.key: one.value for one in unserved.view.asked}["relation"] == "店长"
    unserved.do.serve(PARTY_HAND)
    unserved.work()
    assert count(unserved, DocumentServed) == 1


def test_a_service_that_nobody_stands_before_asks_for_no_card(unserved: Stage) -> None:
    unserved.pass_seconds(DAY_S)
    unserved.do.edit_serve("method", "postal")
    assert card_notes(unserved) == []
    unserved.do.edit_serve("method", "leaving")
    assert len(card_notes(unserved)) == 1


def test_an_officer_who_serves_alone_is_asked_for_his_own_card(unserved: Stage) -> None:
    case = unserved.desk.case.case.hex()
    unserved.do.lock()
    unserved.pass_seconds(DAY_S)
    unserved.unlock()
    unserved.do.resume(case)
    assert unserved.view.next_step.key == "service", "it may go by post, where nobody is met"
    unserved.do.act("service")
    (note,) = card_notes(unserved)
    assert "沈知远" in note.title
    unserved.do.fix("show_cards")
    assert (unserved.screen, unserved.view.step) == ("card", "service")
    on_record(unserved)
    assert [one.cert_no for one in last(unserved, IdentityShown).cards] == [SHEN]
    assert unserved.screen == "serve"
    assert card_notes(unserved) == []


def test_the_card_is_left_for_the_act_that_asked_for_it(unserved: Stage) -> None:
    """The party gives the tablet back by an officer's PIN."""
    unserved.pass_seconds(DAY_S)
    unserved.do.fix("show_cards")
    unserved.do.back()
    unserved.do.leave_party(LU, PINS[LU])
    unserved.work()
    assert unserved.screen == "serve"


def test_an_interview_on_another_day_leads_to_the_card_and_back_to_who_is_asked(
    stage: Stage,
) -> None:
    """The note stands beside the first fields, though who is asked was filled in the day before."""
    stage.notified()
    stage.do.act("interview")
    assert card_notes(stage) == [], "the cards were shown today"
    stage.do.edit_interview("interviewee_id", "11010519491231002X")
    stage.do.back()
    stage.pass_seconds(DAY_S)
    stage.do.act("interview")
    (note,) = card_notes(stage)
    assert (note.level, note.clause) == ("warn", "《行政处罚法》第五十五条第一款")
    assert stage.view.tab == "who", "not to the questions before the card"
    stage.do.edit_interview("relation", "店长")
    stage.do.fix("show_cards")
    assert (stage.screen, stage.view.step) == ("card", "interview")
    on_record(stage)
    assert last(stage, IdentityShown).step is Step.INTERVIEW
    assert stage.screen == "interview"
    assert card_notes(stage) == []
    assert {one.key: one.value for one in stage.view.asked}["relation"] == "店长"


def test_an_interview_before_any_card_is_stopped_by_one_note(stage: Stage) -> None:
    stage.opened()
    stage.do.act("interview")
    (note,) = card_notes(stage)
    assert note.level == "block"
    stage.do.turn_interview("check")
    stage.work()
    assert len([one for one in stage.view.notes if "证" in one.title]) == 1
    stage.do.fix("show_cards")
    on_record(stage)
    assert (stage.screen, stage.view.tab) == ("interview", "check")
    assert not [one for one in stage.view.notes if "证" in one.title], "of before the card"


def test_a_form_that_asked_for_the_card_is_come_back_to_and_judged_anew(stage: Stage) -> None:
    """It went to the inspection, where the form had to be looked for again."""
    stage.opened()
    stage.do.act("record")
    stage.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    stage.work()
    (note,) = card_notes(stage)
    assert note.level == "block"
    stage.do.fix("show_cards")
    assert stage.screen == "card"
    on_record(stage)
    assert stage.screen == "form"
    stage.work()
    filled = {one.key: one.value for one in stage.view.fields}
    assert filled["findings"] == "货架上7种散装商品未标明价格。"
    assert (filled["attended"], filled["site_manager"]) == ("在场", "周明禾")
    assert card_notes(stage) == []
    stage.do.back()
    assert stage.screen == "inspection"


def test_evidence_that_is_begun_before_the_cards_says_so_at_the_camera(stage: Stage) -> None:
    stage.opened()
    stage.do.act("evidence")
    assert stage.screen == "capture"
    (note,) = card_notes(stage)
    assert (note.level, note.clause) == ("block", "《行政处罚法》第五十五条第一款")
    stage.do.edit_capture("step", "arrival")
    assert card_notes(stage) == [], "a picture of the arrival comes before the card"
    stage.do.edit_capture("step", "evidence")
    stage.do.edit_capture("purpose", "未标价")
    stage.do.fix("show_cards")
    assert (stage.screen, stage.view.step) == ("card", "evidence")
    on_record(stage)
    assert (stage.screen, stage.view.labels.purpose) == ("capture", "未标价")
    assert card_notes(stage) == []


@pytest.mark.parametrize("way", ["take_photo", "start_video", "start_sound", "start_continuous"])
def test_what_the_rules_would_refuse_before_the_card_is_not_recorded_first(
    stage: Stage, way: str
) -> None:
    stage.opened()
    stage.do.act("evidence")
    stage.do.edit_capture("step", "evidence")
    stage.do.edit_capture("purpose", "未标价")
    getattr(stage.do, way)()
    assert stage.view.running == "", "nothing runs that could not be kept"
    assert [one.key for one in stage.told.fixes] == ["show_cards"]
    assert "第五十五条" in stage.told.text
    stage.do.fix("show_cards")
    on_record(stage)
    assert stage.screen == "capture"


def test_an_inspection_that_goes_on_another_day_begins_with_the_card(stage: Stage) -> None:
    stage.notified()
    assert stage.view.next_step.key == "evidence" or stage.view.next_step.key == "record"
    stage.pass_seconds(DAY_S)
    stage.do.go("inspection")
    step = stage.view.next_step
    assert (step.key, step.clause) == ("identity.evidence", "国办发〔2018〕118号")
    stage.do.act(step.key)
    assert stage.view.step == "evidence"
    on_record(stage)
    assert stage.screen == "inspection"
    assert not stage.view.next_step.key.startswith("identity")


def test_a_second_measure_of_the_inspection_asks_for_the_card_again(stage: Stage) -> None:
    sealing(stage)
    stage.do.fix("show_cards")
    on_record(stage)
    assert stage.screen == "form"
    assert card_notes(stage) == []
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert count(stage, MeasureTaken) == 1
    stage.do.act("measure.seize")
    (note,) = card_notes(stage)
    assert note.clause == "《行政强制法》第十八条"
    stage.do.fix("show_cards")
    assert (stage.screen, stage.view.step) == ("card", "measure")
    on_record(stage)
    assert stage.screen == "form"
    assert card_notes(stage) == []


# ── the agent who signed before ─────────────────────────────────────────────────────────────────

AGENT = ("李律（律师）", "2026年7月6日授权委托书")


@pytest.fixture
def represented(stage: Stage) -> Stage:
    """An agent acknowledged the rights."""
    stage.opened()
    stage.do.act("identity")
    on_record(stage)
    stage.do.act("rights")
    stage.do.tick_read_aloud(True)
    stage.do.sign_as("agent")
    stage.do.edit_signer("signer", AGENT[0])
    stage.do.edit_signer("authority", AGENT[1])
    stage.do.acknowledge_notice(PARTY_HAND)
    stage.work()
    assert last(stage, RightsNotified).party_act.role is Role.AGENT
    return stage


def at_answer(stage: Stage) -> None:
    approve(stage, ApprovalSubject.PRESERVATION)
    stage.do.act("measure.preservation")
    add_things(stage, "散装红枣")
    stage.do.edit_field("keeper", "周明禾")
    stage.do.finish_form()
    assert stage.screen == "answer"


def test_the_agent_who_was_told_the_rights_is_proposed_at_a_measure(represented: Stage) -> None:
    at_answer(represented)
    signing = represented.view.signing
    assert (signing.role, signing.name, signing.authority) == ("agent", *AGENT)
    represented.do.answer_signs(PARTY_HAND)
    represented.work()
    act = last(represented, MeasureTaken).party_act
    assert act.role is Role.AGENT
    data = represented.desk.open_tablet.office.locker.read(act.handwriting) or b""
    assert "李律（律师，2026年7月6日授权委托书）" in data.decode()


def test_the_agent_is_proposed_under_a_document_though_the_card_is_shown_again(
    represented: Stage,
) -> None:
    represented.do.act("identity")
    assert represented.view.to_whom == "周明禾", "whoever was shown it before"
    on_record(represented)
    represented.do.act("record")
    represented.do.edit_field("recusal", HEARD)
    represented.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    represented.work()
    represented.do.finish_form()
    represented.work()
    view = represented.view
    assert (view.role, view.signer, view.authority) == ("agent", *AGENT)


def test_whoever_is_shown_the_card_after_the_agent_is_asked_and_the_agent_is_kept(
    represented: Stage,
) -> None:
    represented.do.act("identity")
    represented.do.edit_showing("to_whom", "王芳（店员）")
    on_record(represented)
    at_answer(represented)
    assert (represented.view.signing.role, represented.view.signer) == ("site_manager", "王芳")
    represented.do.sign_as("agent")
    assert represented.view.signing.name == AGENT[0]
    assert represented.view.signing.whole
