"""From the day's list to the end of an inspection, as the officers' touches make it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec import structs

from protocol.reference import Reference
from protocol.rules import Level
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    IdentityShown,
    InspectionClosed,
    RightsNotified,
    SignAbsent,
    SignRefused,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind, Outcome, Role, Standing
from tests.cast import HEARD
from tests.field_client.county import LU, PINS, SHEN, FieldTablet
from tests.field_client.flowing import HANDS, PARTY_HAND, Stage, count, last

DAY = 86_400
EXPIRED_S = 3 * 366 * DAY


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


# ── opening ──────────────────────────────────────────────────────────────────────────────────


def test_without_the_second_officer_the_form_says_so_and_keeps_what_was_typed(
    stage: Stage,
) -> None:
    stage.unlock()
    stage.fill_in()
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "today"
    assert [fix.key for fix in stage.told.fixes] == ["sign_in_second"]
    stage.do.fix("sign_in_second")
    assert stage.screen == "signin"
    stage.do.sign_in(LU, PINS[LU])
    stage.work()
    assert stage.view.form.party_name == "云溪县禾穗食品有限公司"
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "inspection"


def test_two_touches_open_one_inspection(stage: Stage) -> None:
    stage.on_duty()
    stage.fill_in()
    stage.do.open_inspection()
    stage.do.open_inspection()
    stage.work()
    stage.do.go("today")
    assert len(stage.view.inspections) == 1


def test_alone_after_a_lock_acts_wait_for_the_second_officer(stage: Stage) -> None:
    stage.opened()
    case = stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.do.resume(case)
    assert [fix.key for note in stage.view.notes for fix in note.fixes] == ["sign_in_second"]
    stage.do.act("identity")
    assert stage.screen == "inspection"
    assert stage.told.title == "还差一名执法人员"
    stage.do.fix("sign_in_second")
    stage.do.sign_in(LU, PINS[LU])
    stage.work()
    assert stage.screen == "inspection", "back where the officers were"
    stage.do.act("identity")
    assert stage.screen == "card"


def test_a_clock_that_was_set_meanwhile_is_told_and_acts_go_on(stage: Stage) -> None:
    """Back by two hours between two acts; a minute more or less is what networks do."""
    stage.opened()
    stage.tablet.clock.wall -= 60_000
    stage.do.tick()
    stage.do.resume(stage.desk.case.case.hex())
    assert not [note for note in stage.view.notes if "时钟" in note.title]
    stage.tablet.clock.wall -= 2 * 3_600_000
    stage.do.resume(stage.desk.case.case.hex())
    (note,) = [note for note in stage.view.notes if "时钟" in note.title]
    assert (note.level, "121" in note.title) == ("warn", True)
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.work()
    assert count(stage, IdentityShown) == 1
    assert [note for note in stage.view.notes if "时钟" in note.title], "still, on record now"


# ── the card ─────────────────────────────────────────────────────────────────────────────────


def test_two_touches_put_the_cards_on_record_once(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.do.record_card_shown()
    stage.work()
    assert count(stage, IdentityShown) == 1


def test_an_old_roster_makes_the_card_unknown_and_acts_go_on(stage: Stage) -> None:
    stage.opened()
    stage.pass_seconds(2 * DAY)
    stage.do.act("identity")
    assert stage.view.face.standing.chip.word == "未知"
    stage.do.record_card_shown()
    stage.work()
    shown = last(stage, IdentityShown)
    assert {one.standing for one in shown.cards} == {Standing.UNKNOWN}


def test_an_expired_certificate_is_told_by_the_card_and_stops_acts_with_its_clause(
    stage: Stage,
) -> None:
    stage.opened()
    stage.pass_seconds(EXPIRED_S)
    stage.reference(lambda now: structs.replace(now, issued_at=stage.tablet.clock.wall))
    stage.do.act("identity")
    assert stage.view.face.standing.chip.tone == "danger"
    stage.do.record_card_shown()
    stage.work()
    assert stage.screen == "card"
    assert "执法证件" in stage.told.text
    assert "《" in stage.told.text, "the clause is named"
    assert count(stage, IdentityShown) == 0


def test_a_rule_that_stops_an_act_offers_the_way_out(stage: Stage) -> None:
    stage.opened()
    stage.do.act("rights")
    stage.do.tick_read_aloud(True)
    stage.do.acknowledge_notice(PARTY_HAND)
    stage.work()
    assert [fix.key for fix in stage.told.fixes] == ["show_cards"]
    assert count(stage, RightsNotified) == 0


# ── the notice ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def at_notice(stage: Stage) -> Stage:
    stage.opened()
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    stage.do.tick_read_aloud(True)
    return stage


def test_why_nobody_signs_is_written_in_chinese_on_an_english_tablet_too(
    at_notice: Stage,
) -> None:
    at_notice.do.set_language("en")
    assert at_notice.view.refusals[1].word == "Cannot write"
    assert at_notice.view.explained, "the switch of language keeps what was ticked"
    at_notice.do.refuse_notice("cannot_write", "右手受伤")
    at_notice.work()
    act = last(at_notice, RightsNotified).party_act
    assert isinstance(act, SignRefused)
    assert act.reason == "不会写字：右手受伤"


def test_every_clause_that_is_signed_for_is_shown_in_plain_words_too(at_notice: Stage) -> None:
    """The hash that the party signs is over both."""
    assert all(one.plain for one in at_notice.view.blocks)
    at_notice.do.set_language("en")
    first = at_notice.view.blocks[0]
    assert first.clause == "Administrative Penalty Law, Art. 55 (1)"
    assert first.plain.startswith("At least two officers")


def test_own_words_stand_alone_for_another_reason(at_notice: Stage) -> None:
    at_notice.do.refuse_notice("other", "要先问公司")
    at_notice.work()
    assert last(at_notice, RightsNotified).party_act.reason == "要先问公司"


def test_who_has_left_is_absent_and_does_not_refuse(at_notice: Stage) -> None:
    at_notice.do.refuse_notice("left", "")
    at_notice.work()
    assert isinstance(last(at_notice, RightsNotified).party_act, SignAbsent)


def test_who_was_shown_the_card_signs_by_that_name_and_as_what_he_is(stage: Stage) -> None:
    """A clerk's hand is not written down as the legal representative's."""
    stage.opened()
    stage.do.act("identity")
    stage.do.edit_showing("to_whom", "王芳（店员）")
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    assert stage.view.signer == "王芳"
    stage.do.tick_read_aloud(True)
    stage.do.acknowledge_notice(PARTY_HAND)
    stage.work()
    act = last(stage, RightsNotified).party_act
    assert act.role is Role.SITE_MANAGER
    blob = stage.desk.open_tablet.office.locker.read(act.handwriting)
    assert "王芳" in blob.decode()


def without(kind: DocumentKind) -> Callable[[Reference], Reference]:
    return lambda now: structs.replace(
        now, templates=[one for one in now.templates if one.document is not kind]
    )


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("rights", DocumentKind.RIGHTS_NOTICE),
        ("record", DocumentKind.SITE_INSPECTION_RECORD),
        ("decision", DocumentKind.SPOT_DECISION),
    ],
)
def test_a_form_that_never_came_is_named_and_the_inspection_stays(
    stage: Stage, act: str, kind: DocumentKind
) -> None:
    stage.opened()
    stage.reference(without(kind))
    stage.do.act(act)
    assert stage.screen == "inspection"
    assert kind.zh in stage.told.text


def test_who_was_shown_the_cards_is_written_down_in_the_brackets_of_the_text(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    stage.do.edit_showing("to_whom", "王芳(店员)")
    stage.do.record_card_shown()
    stage.work()
    assert last(stage, IdentityShown).to_whom == "王芳（店员）"
    stage.do.act("rights")
    assert stage.view.signer == "王芳"


# ── hearing ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_told_names_facts_basis_and_the_intended_fine(stage: Stage) -> None:
    stage.notified()
    stage.do.act("decision")
    stage.do.edit_field("fine", "500")
    stage.work()
    stage.do.save_draft()
    stage.do.act("statement")
    told = next(one.value for one in stage.view.fields if one.key == "told")
    assert "罚款500" in told.replace("人民币", "").replace(" ", "").replace("（大写）", "")
    assert "陈述和申辩" in told
    assert "你单位" in told


def test_a_party_that_waives_is_asked_for_no_words_and_the_record_says_so(stage: Stage) -> None:
    """APL 62; the decision says it by its own text."""
    stage.notified()
    stage.do.act("statement")
    stage.do.edit_field("fine", "500")
    stage.do.edit_field("defence", "马上改。")
    stage.do.edit_field("answer", "waives")
    assert [one.key for one in stage.view.fields] == ["penalty", "fine", "told", "answer"]
    stage.do.finish_form()
    stage.work()
    said = last(stage, StatementTaken)
    assert (said.waived, said.defence, said.reply) == (True, "", "")
    stage.do.act("decision")
    assert "defence" not in [one.key for one in stage.view.fields]


def test_the_hearing_is_recorded_once_and_its_draft_goes(stage: Stage) -> None:
    stage.notified()
    stage.do.act("statement")
    stage.do.edit_field("fine", "500")
    stage.do.edit_field("defence", "马上改。")
    stage.do.edit_field("reply", "予以采纳。")
    stage.do.finish_form()
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "inspection"
    assert count(stage, StatementTaken) == 1
    stage.do.act("statement")
    assert next(one.value for one in stage.view.fields if one.key == "defence") == ""


def test_a_form_left_by_the_lock_does_not_take_the_next_forms_typing(stage: Stage) -> None:
    stage.notified()
    case = stage.desk.case.case.hex()
    stage.do.act("statement")
    stage.do.lock()
    stage.unlock()
    stage.second()
    stage.do.resume(case)
    stage.do.act("record")
    stage.do.edit_field("findings", "无价签。")
    stage.work()
    assert next(one.value for one in stage.view.fields if one.key == "findings") == "无价签。"


# ── forms ────────────────────────────────────────────────────────────────────────────────────


def broken(source: str) -> Callable[[Reference], Reference]:
    return lambda now: structs.replace(
        now, templates=[structs.replace(one, source=source) for one in now.templates]
    )


def test_a_template_that_does_not_compile_is_noted_and_typing_goes_on(stage: Stage) -> None:
    stage.notified()
    stage.reference(broken("#let x = "))
    stage.do.act("record")
    stage.work()
    assert stage.view.notes[0].title == "页面暂时不能显示"
    assert stage.shell.told is None, "no sheet over every word"
    stage.do.edit_field("recusal", HEARD)
    stage.do.edit_field("findings", "无价签。")
    stage.work()
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "form"
    assert stage.told.tone == "danger"
    stage.do.save_draft()
    stage.do.act("record")
    assert next(one.value for one in stage.view.fields if one.key == "findings") == "无价签。"


@pytest.mark.parametrize(
    "source",
    ["#while true {}", '#import "@preview/cetz:0.3.0": *', "#let x = "],
    ids=["endless", "import", "unfinished"],
)
def test_a_bad_template_is_named_as_its_document_with_what_can_be_done(
    stage: Stage, source: str
) -> None:
    """No tablet has a former version to go back to: what was typed stays, the office mends it."""
    stage.notified()
    stage.reference(broken(source))
    stage.do.act("record")
    stage.work()
    text = stage.view.notes[0].text
    assert text.startswith("模板 现场检查笔录 ")
    assert text.endswith("已填内容都已保存；请告诉本局，由本局更换模板")


def test_a_template_that_takes_too_long_is_noted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from field_client.errors import TypesettingTooSlow

    def slow(*_: object, **__: object) -> None:
        raise TypesettingTooSlow(
            "The template takes too long to print and was stopped. Tell the office."
        )

    stage.notified()
    monkeypatch.setattr("field_client.drafting.render", slow)
    stage.do.act("record")
    stage.work()
    assert stage.view.notes[0].title == "页面暂时不能显示"
    assert stage.view.passed > 0, "the rules answer all the same"


def test_a_full_disk_while_typing_is_told_and_the_words_stay_on_the_screen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from field_client.errors import DiskFull
    from field_client.store.drafts import Drafts

    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    stage.notified()
    stage.do.act("record")
    with monkeypatch.context() as context:
        context.setattr(Drafts, "keep", full)
        stage.do.edit_field("findings", "无")
        stage.work()
    assert stage.told.tone == "danger"
    assert next(one.value for one in stage.view.fields if one.key == "findings") == "无"
    stage.do.save_draft()
    stage.do.act("record")
    found = next(one.value for one in stage.view.fields if one.key == "findings")
    assert found == "无", "leaving the form and coming back loses nothing"
    stage.do.edit_field("findings", "无价签。")
    stage.work()
    stage.do.save_draft()
    stage.do.act("record")
    assert next(one.value for one in stage.view.fields if one.key == "findings") == "无价签。"


def test_nobody_is_asked_to_sign_what_a_rule_stops(stage: Stage) -> None:
    """The main button is touched before the rules have answered."""
    stage.notified()
    stage.do.act("decision")
    stage.work()
    for key, value in (("facts", "7种散装商品未标明价格。"), ("fine", "90000")):
        stage.do.edit_field(key, value)
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "form"
    assert not stage.view.ready
    assert any(one.level is Level.BLOCK for one in stage.routes.writing._judgements)


def test_an_answer_of_the_rules_to_an_older_text_stops_nobody(stage: Stage) -> None:
    """Too much was typed, told, and corrected; the main button is touched at once."""
    stage.notified()
    stage.do.act("statement")
    stage.do.edit_field("fine", "500")
    stage.do.edit_field("defence", "马上改。")
    stage.do.edit_field("reply", "予以采纳。")
    stage.do.finish_form()
    stage.work()
    stage.do.act("decision")
    stage.do.edit_field("facts", "7种散装商品未标明价格。")
    stage.do.edit_field("fine", "90000")
    stage.do.finish_form()
    stage.work()
    assert not stage.view.ready
    stage.do.edit_field("fine", "500")
    stage.do.edit_field("evidence", "当事人的陈述")
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign"


# ── signing ──────────────────────────────────────────────────────────────────────────────────


def test_party_and_both_officers_sign_and_one_record_is_made(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    assert stage.view.stage == "officers"
    stage.officers_sign()
    assert stage.screen == "inspection"
    issued = last(stage, DocumentIssued)
    assert count(stage, DocumentIssued) == 1
    assert len(issued.officer_acts) == 2


def test_a_wrong_pin_at_signing_is_told_in_words_and_signs_nothing(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    stage.do.officer_signs(SHEN, "111112", HANDS[SHEN])
    stage.work()
    assert stage.view.message.title == "PIN 不对，还可以试 9 次"
    assert not any(one.signed for one in stage.view.officers)
    stage.officers_sign()
    assert count(stage, DocumentIssued) == 1


def test_too_many_wrong_pins_at_signing_lock_the_tablet(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    for _ in range(10):
        stage.pass_seconds(901)
        stage.do.officer_signs(SHEN, "111112", HANDS[SHEN])
        stage.work()
    assert stage.screen == "unlock"
    assert stage.view.wiped


def test_the_partys_refusal_is_printed_in_chinese(stage: Stage) -> None:
    stage.do.set_language("en")
    stage.signing()
    while stage.view.turn.whose == "page":
        stage.do.party_signs(PARTY_HAND)
    stage.do.party_refuses("disagrees", "")
    assert stage.view.party_refused == "不认可内容"
    stage.do.party_refuses("nobody", "")  # and nobody attests
    stage.officers_sign()
    act = last(stage, DocumentIssued).party_act
    assert isinstance(act, SignRefused)
    assert act.reason == "不认可内容"


def test_an_objection_is_printed_and_the_party_keeps_the_tablet(stage: Stage) -> None:
    stage.signing()
    stage.do.party_objects("价签在仓库里。")
    stage.work()
    assert (stage.screen, stage.view.stage) == ("sign", "party")
    assert stage.view.objection == "价签在仓库里。"
    assert any("价签在仓库里" in piece.text for piece in stage.routes._signing._now.prepared.text)


def test_the_party_cannot_leave_the_text_without_a_pin(stage: Stage) -> None:
    stage.signing()
    stage.do.back()
    assert stage.screen == "sign"
    stage.do.leave_party(SHEN, PINS[SHEN])
    stage.work()
    assert stage.screen == "form"


def test_a_full_disk_at_issuing_is_told_and_all_can_sign_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.signing()
    stage.party_signs()
    with monkeypatch.context() as context:
        context.setattr("field_client.durable.free_bytes", lambda _folder: 0)
        stage.officers_sign()
    assert "空间" in stage.told.text
    assert stage.screen == "sign"
    assert count(stage, DocumentIssued) == 0
    stage.officers_sign()
    assert count(stage, DocumentIssued) == 1


# ── service and end ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def at_service(stage: Stage) -> Stage:
    stage.written()
    stage.do.finish_form()
    stage.work()
    stage.party_signs()
    stage.officers_sign()
    return stage.decided()


def test_a_decision_is_served_once_and_the_inspection_ends_with_a_penalty(
    at_service: Stage,
) -> None:
    at_service.do.edit_serve("relation", "店长")
    at_service.do.serve(PARTY_HAND)
    at_service.do.serve(PARTY_HAND)
    at_service.work()
    assert count(at_service, DocumentServed) == 1
    at_service.do.act("close")
    for note in at_service.view.notes:
        for fix in note.fixes:
            at_service.do.fix(fix.key)
            at_service.do.answer(fix.key, "相机故障。")
    at_service.do.close_inspection()
    at_service.work()
    assert last(at_service, InspectionClosed).outcome is Outcome.PENALISED_ON_SPOT
    assert at_service.view.next_step is None


def test_a_decision_that_a_lock_kept_from_service_is_served_afterwards(
    at_service: Stage,
) -> None:
    case = at_service.desk.case.case.hex()
    at_service.do.lock()
    at_service.unlock()
    at_service.second()
    at_service.do.resume(case)
    assert at_service.view.next_step.key == "service"
    at_service.do.act("service")
    assert at_service.screen == "serve"
    at_service.do.refuse_service("other", "已收到，未签名")
    at_service.work()
    assert last(at_service, DocumentServed).received.reason == "已收到，未签名"


@pytest.mark.parametrize("outcome", ["no_problem", "corrected", "case_to_open"])
def test_without_a_penalty_the_officers_say_how_it_ended(stage: Stage, outcome: str) -> None:
    stage.notified()
    stage.do.act("close")
    assert stage.screen == "closing"
    stage.do.close_inspection()
    stage.work()
    assert count(stage, InspectionClosed) == 0, "an outcome first"
    stage.do.edit_closing("outcome", outcome)
    stage.do.close_inspection()
    stage.do.close_inspection()
    stage.work()
    assert count(stage, InspectionClosed) == 1
    assert last(stage, InspectionClosed).outcome == outcome


def test_an_error_while_a_screen_is_made_is_told_and_the_screen_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from field_client.errors import VaultBusy
    from field_client.store.vault import Vault

    def busy(_self: object) -> None:
        raise VaultBusy("Another program holds the records. Close it, then try again.")

    stage.opened()
    monkeypatch.setattr(Vault, "session", busy)
    stage.do.go("today")
    assert stage.screen == "inspection"
    told = stage.told
    stage.do.tick()
    stage.shell.told = None
    stage.do.tick()
    assert (told.tone, stage.shell.told) == ("danger", None), "told once, not with every tick"
    monkeypatch.undo()
