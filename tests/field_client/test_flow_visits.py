"""On an inspection by touch, on a real vault: measures, recusal, cash, corrections, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from field_client.issuing import Issuing
from field_client.measures import signed_hash
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    Corrected,
    DocumentIssued,
    FineCollected,
    IdentityShown,
    InspectionClosed,
    MeasureEnded,
    MeasureTaken,
    MediaCaptured,
    RecusalAsked,
    RuleOverridden,
    SignAbsent,
    Signed,
    SignRefused,
)
from protocol.vocabulary import (
    ApprovalSubject,
    CashGround,
    DocumentKind,
    Measure,
    MeasureEnd,
    Outcome,
    Role,
    Step,
)
from tests.field_client.county import LU, PINS, SHEN, FieldTablet, hand
from tests.field_client.flowing import PARTY_HAND, Stage, count, last
from tests.field_client.office_says import say

HOUR = 3_600


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def record_of(stage: Stage, kind: type) -> str:
    found = [one for one in stage.desk.case.state.records if isinstance(one.statement, kind)]
    return found[-1].id


def approve(stage: Stage, subject: ApprovalSubject, *, granted: bool = True, why: str = "") -> str:
    """The head answers; the answer comes with the next contact."""
    case = stage.desk.case.case
    return say(
        stage.desk.open_tablet,
        ApprovalGiven,
        case,
        subject=subject,
        concerning=None,
        granted=granted,
        reason=why or "同意",
    )


def fill(stage: Stage, **fields: str) -> None:
    for key, value in fields.items():
        stage.do.edit_field(key, value)


def add_things(stage: Stage, *names: str) -> None:
    for at, name in enumerate(names):
        stage.do.add_row("items")
        stage.do.edit_cell("items", at, "name", name)
        stage.do.edit_cell("items", at, "quantity", "12.5")
        stage.do.edit_cell("items", at, "unit", "公斤")


def preserving(stage: Stage) -> Stage:
    """Approved, and the form is filled in."""
    stage.notified()
    approve(stage, ApprovalSubject.PRESERVATION)
    stage.do.act("measure.preservation")
    add_things(stage, "散装红枣", "散装枸杞")
    fill(stage, keeper="周明禾")
    return stage


def sealing(stage: Stage) -> Stage:
    """Urgent, and the form is filled in."""
    stage.notified()
    stage.do.act("measure.seal")
    add_things(stage, "电子秤")
    fill(
        stage,
        basis="《行政强制法》第二十二条",
        keeper="周明禾",
        approval="urgent",
        called="当面通知",
        told="已告知理由、依据、权利和救济途径。",
        defence="没有意见。",
        reply="予以采纳。",
    )
    return stage


# ── measures ─────────────────────────────────────────────────────────────────────────────────


def test_a_form_says_once_that_the_head_is_to_be_asked_and_says_what_stops_first(
    stage: Stage,
) -> None:
    """The form's own word on the approval stands in the place of the rule that stops for it."""
    stage.notified()
    stage.do.act("measure.seal")
    notes = stage.view.notes
    asking = [one for one in notes if {"ask.measure", "ask_approval"} & {x.key for x in one.fixes}]
    assert [one.level for one in asking] == ["block"]
    assert notes[0] is asking[0]
    assert "阻止" in stage.view.main_label
    stage.do.fix("ask.measure")
    stage.do.answer(stage.shell.asked.key, "食品安全风险")
    stage.work()
    assert [one.title for one in stage.view.notes if one.level == "block"] == ["已经请示，等待批准"]


def test_evidence_is_preserved_item_by_item_and_the_party_signs_what_it_read(stage: Stage) -> None:
    preserving(stage)
    assert stage.view.ready, (stage.view.main_label, stage.view.notes)
    stage.do.finish_form()
    assert stage.screen == "answer"
    assert stage.view.lines[0].startswith("1. 散装红枣 · 12.5公斤")
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    taken = last(stage, MeasureTaken)
    assert stage.screen == "inspection"
    assert [one.name for one in taken.items] == ["散装红枣", "散装枸杞"]
    assert taken.until_on == "2026-07-16", "seven working days"
    assert taken.approval is not None
    assert isinstance(taken.party_act, Signed)
    fields = {
        name: getattr(taken, name)
        for name in (
            "measure approval urgent basis items from_on until_on issued place kept_at keeper "
            "called told defence reply"
        ).split()
    }
    assert taken.party_act.over == signed_hash(MeasureTaken, fields).hex()


def test_the_party_reads_the_term_as_dates_are_written(stage: Stage) -> None:
    preserving(stage)
    stage.do.finish_form()
    stage.work()
    term = dict(stage.view.facts)["期限"]
    assert re.fullmatch(r"(\d{4}年\d{1,2}月\d{1,2}日( – )?){2}", term)


def test_without_the_heads_approval_preservation_is_stopped_and_asked_for_in_place(
    stage: Stage,
) -> None:
    stage.notified()
    stage.do.act("measure.preservation")
    add_things(stage, "散装红枣")
    fill(stage, keeper="周明禾")
    assert not stage.view.ready
    assert "ask.measure" in [fix.key for note in stage.view.notes for fix in note.fixes]
    stage.do.fix("ask.measure")
    assert stage.shell.asked is not None
    stage.do.answer(stage.shell.asked.key, "证据可能灭失。")
    stage.work()
    asked = last(stage, ApprovalAsked)
    assert (asked.subject, asked.reason) == (ApprovalSubject.PRESERVATION, "证据可能灭失。")
    assert "已经请示，等待批准" in [note.title for note in stage.view.notes]
    assert not stage.view.ready


def test_a_refused_approval_is_told_with_its_reason(stage: Stage) -> None:
    stage.notified()
    stage.do.act("measure.seize")
    stage.do.fix("ask.measure")
    stage.do.answer(stage.shell.asked.key, "防止转移。")
    stage.work()
    say(
        stage.desk.open_tablet,
        ApprovalGiven,
        stage.desk.case.case,
        subject=ApprovalSubject.MEASURE,
        concerning=record_of(stage, ApprovalAsked),
        granted=False,
        reason="与案件没有关联",
    )
    stage.do.act("measure.seize")
    (told,) = [one for one in stage.view.notes if "没有批准" in one.title]
    assert told.text == "与案件没有关联"


def test_an_urgent_seal_leaves_an_open_matter_until_the_approval_comes(stage: Stage) -> None:
    sealing(stage)
    assert stage.view.ready, (stage.view.main_label, stage.view.notes)
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    taken = last(stage, MeasureTaken)
    assert (taken.measure, taken.urgent, taken.approval) == (Measure.SEAL, True, None)
    keys = [one.key for one in stage.view.matters]
    assert f"ask.{record_of(stage, MeasureTaken)}" in keys
    assert f"end.{record_of(stage, MeasureTaken)}" in keys
    stage.do.fix(f"ask.{record_of(stage, MeasureTaken)}")
    stage.do.answer(stage.shell.asked.key, "情况紧急，已先行查封。")
    stage.work()
    assert last(stage, ApprovalAsked).urgent
    approve(stage, ApprovalSubject.MEASURE)
    stage.do.tick()
    assert [one.key for one in stage.view.matters] == [f"end.{record_of(stage, MeasureTaken)}"]


def test_a_seal_is_not_taken_under_a_decision_to_seize(stage: Stage) -> None:
    """ACL 24; the other way round the form of the decision says so before anybody signs."""
    stage.notified()
    approve(stage, ApprovalSubject.MEASURE)
    stage.do.act("papers")
    stage.work()
    stage.do.paper("form.seal_seize_decision")
    add_things(stage, "电子秤")
    fill(
        stage,
        measure="扣押",
        reason="经查，涉嫌计量作弊。",
        basis="《计量法》第二十六条",
        keeper="周明禾",
    )
    stage.work()
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign", (stage.view.main_label, stage.view.notes)
    stage.party_signs()
    stage.officers_sign()
    stage.do.go("inspection")
    stage.do.act("measure.seal")
    add_things(stage, "电子秤")
    fill(
        stage,
        basis="《行政强制法》第二十二条",
        keeper="周明禾",
        called="当面通知",
        told="已告知理由、依据、权利和救济途径。",
        defence="没有意见。",
        reply="予以采纳。",
    )
    (chosen,) = next(one for one in stage.view.fields if one.key == "issued").choices
    assert chosen.word.endswith("（扣押）")
    assert not stage.view.ready
    assert "决定书写的是扣押，采取的措施是查封" in str(stage.view.notes)
    stage.do.edit_field("issued", "")
    assert not stage.view.ready
    assert "还没有制作查封（扣押）决定书（查封）" in [one.title for one in stage.view.notes]


def test_an_urgent_seal_is_late_after_a_day(stage: Stage) -> None:
    sealing(stage)
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert not any("超时" in one.detail for one in stage.view.matters)
    stage.pass_seconds(25 * HOUR)
    stage.do.tick()
    (late,) = [one for one in stage.view.matters if one.key.startswith("ask.")]
    assert late.late
    assert "超时" in late.detail


def test_what_a_measure_still_wants_is_said_in_sentences(stage: Stage) -> None:
    stage.notified()
    stage.do.set_language("en")
    stage.do.act("measure.seal")
    stage.work()
    titles = [one.title for one in stage.view.notes]
    assert any("not issued yet" in one for one in titles)
    assert [one for one in titles if one[:1].islower()] == []


def test_with_the_party_away_a_seal_needs_an_attestor(stage: Stage) -> None:
    sealing(stage)
    stage.do.finish_form()
    stage.do.answer_refuses("left", "")
    assert stage.view.stage == "attestor"
    assert "代为" not in stage.view.message.text, "an attestor signs for himself, not for a party"
    assert stage.view.skip == "", "nobody may skip it"
    stage.do.answer_unattested()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert count(stage, MeasureTaken) == 0, "a name first"
    stage.do.edit_answer("attestor", "何青（青石村村委会）")
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    act = last(stage, MeasureTaken).party_act
    assert isinstance(act, SignAbsent)
    assert act.attestor is not None


def test_a_refusal_to_sign_is_noted_as_said(stage: Stage) -> None:
    preserving(stage)
    stage.do.finish_form()
    stage.do.answer_refuses("other", "要先问公司")
    stage.work()
    act = last(stage, MeasureTaken).party_act
    assert isinstance(act, SignRefused)
    assert act.reason == "要先问公司"


def test_the_cards_are_shown_for_a_measure_too_and_that_is_on_record(stage: Stage) -> None:
    """ACL 18: the officers identify themselves at the measure; that it is missing stops nobody."""
    sealing(stage)
    assert any("show_cards" in [fix.key for fix in one.fixes] for one in stage.view.notes)
    stage.do.fix("show_cards")
    assert (stage.screen, stage.view.step) == ("card", "measure")
    stage.do.record_card_shown()
    stage.work()
    assert last(stage, IdentityShown).step is Step.MEASURE
    stage.do.act("measure.seal")
    assert not any("show_cards" in [fix.key for fix in one.fixes] for one in stage.view.notes)


def test_an_agent_signs_for_a_measure_by_name_and_authority(stage: Stage) -> None:
    preserving(stage)
    stage.do.finish_form()
    stage.do.sign_as("agent")
    stage.do.edit_signer("signer", "李律")
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert count(stage, MeasureTaken) == 0, "an authority first"
    stage.do.edit_signer("authority", "2026年7月6日授权委托书")
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    act = last(stage, MeasureTaken).party_act
    assert isinstance(act, Signed)
    assert act.role is Role.AGENT


def test_the_party_leaves_the_list_only_by_an_officers_pin(stage: Stage) -> None:
    preserving(stage)
    stage.do.finish_form()
    stage.do.back()
    stage.do.go("today")
    assert stage.screen == "answer"
    stage.do.leave_party(SHEN, PINS[SHEN])
    stage.work()
    assert stage.screen == "form"
    assert count(stage, MeasureTaken) == 0


def test_what_was_preserved_is_settled_and_the_matter_is_closed(stage: Stage) -> None:
    preserving(stage)
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    record = record_of(stage, MeasureTaken)
    assert [one.key for one in stage.view.matters] == [f"end.{record}"]
    assert "2026年7月16日" in stage.view.matters[0].detail
    stage.do.fix(f"end.{record}")
    held = {one.key: one.value for one in stage.view.fields}["held"]
    assert "1. 散装红枣" in held
    assert "2. 散装枸杞" in held
    fill(stage, end="evidence_kept", reason="证据已经提取。")
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    ended = last(stage, MeasureEnded)
    assert (ended.measure, ended.end) == (record, MeasureEnd.EVIDENCE_KEPT)
    assert stage.view.matters == ()


def test_a_day_that_an_officer_chose_stays_where_it_is_todays(stage: Stage) -> None:
    """The paper of a preservation proposes the days of the measure, so that today is typed."""
    preserving(stage)
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    stage.tablet.clock.pass_seconds(24 * 3600)
    stage.do.paper("form.preservation_notice")
    stage.work()
    fill(stage, from_on="2026-07-08", reason="涉案物品可能灭失。")
    stage.work()
    stage.do.back()
    stage.do.paper("form.preservation_notice")
    stage.work()
    shown = {one.key: one.value for one in stage.view.fields}
    assert (shown["reason"], shown["from_on"]) == ("涉案物品可能灭失。", "2026-07-08")


def test_a_half_filled_measure_survives_a_lock(stage: Stage) -> None:
    preserving(stage)
    stage.work()
    case = stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.second()
    stage.do.resume(case)
    stage.do.act("measure.preservation")
    (items,) = [one for one in stage.view.fields if one.key == "items"]
    assert [row[0] for row in items.rows] == ["散装红枣", "散装枸杞"]


# ── recusal, cash, corrections ───────────────────────────────────────────────────────────────


def test_a_recusal_is_put_on_record_and_the_work_goes_on(stage: Stage) -> None:
    stage.notified()
    stage.do.act("recusal")
    fill(stage, officers=LU, reason="与店主是亲戚。")
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    asked = last(stage, RecusalAsked)
    assert (asked.officers, asked.reason) == ([LU], "与店主是亲戚。")
    (matter,) = stage.view.matters
    assert matter.title == "申请陆清和回避"
    stage.do.act("record")
    assert stage.screen == "form"


def test_without_a_fine_there_is_nothing_to_collect(stage: Stage) -> None:
    stage.notified()
    stage.do.act("collect")
    assert stage.told.title == "没有可以收缴的罚款"
    assert stage.screen == "inspection"


def decided(stage: Stage, fine: str) -> Stage:
    """A decision on the spot with a fine, not handed over yet."""
    stage.notified()
    case = stage.desk.case
    case.hear("拟罚款；事实、理由和依据已说明。", "马上改。", "予以采纳。")
    papers, kind = Issuing(case, stage.tablet.typesetter), DocumentKind.SPOT_DECISION
    facts = {"facts": "7种散装商品未标明价格。", "evidence": "当事人的陈述", "fine": fine}
    prepared = papers.prepare(kind, papers.answers(kind) | facts)
    hands = [hand("沈知远", Role.OFFICER), hand("陆清和", Role.OFFICER)]
    papers.issue(prepared, hand("周明禾", Role.PARTY), hands)
    return stage


def test_a_small_fine_is_collected_against_its_receipt_and_is_to_be_handed_in(
    stage: Stage,
) -> None:
    decided(stage, "100")
    stage.do.act("collect")
    fields = {one.key: one for one in stage.view.fields}
    assert (fields["amount"].value, fields["hand_in_by"].value) == ("100", "2026-07-09")
    fill(stage, ground="small")
    stage.do.finish_form()
    stage.work()
    assert count(stage, FineCollected) == 0, "the number of the receipt first"
    fill(stage, receipt_no="湘财〔2026〕0012345")
    stage.do.finish_form()
    stage.work()
    taken = last(stage, FineCollected)
    assert (taken.amount, taken.ground) == (10_000, CashGround.SMALL)
    assert [one.state.word for one in stage.view.matters] == ["待上交"]


def test_a_large_fine_is_not_collected_as_a_small_one(stage: Stage) -> None:
    decided(stage, "500")
    stage.do.act("collect")
    fill(stage, ground="small", receipt_no="湘财〔2026〕0012345")
    assert not stage.view.ready
    assert any("超过 100 元" in note.title for note in stage.view.notes)
    stage.do.finish_form()
    stage.work()
    assert count(stage, FineCollected) == 0


def test_a_record_is_corrected_with_a_reason_and_stays(stage: Stage) -> None:
    stage.notified()
    row = stage.view.rows[-1]
    stage.do.look_at(row.key)
    assert stage.screen == "record"
    assert "沈知远" in dict(stage.view.facts)["签名"]
    stage.do.correct_record()
    before = {one.key: one.value for one in stage.view.fields}["before"]
    assert before.startswith("检查开始"), before
    fill(stage, reason="听错了")
    stage.do.finish_form()
    stage.work()
    assert count(stage, Corrected) == 0, "what is right is still missing"
    fill(stage, text="检查地点应为河西路26号。")
    stage.do.finish_form()
    stage.work()
    said = last(stage, Corrected)
    assert (said.record, said.reason) == (row.key, "听错了")
    assert stage.screen == "inspection"
    assert [one.corrected for one in stage.view.rows][-1]
    stage.do.look_at(row.key)
    assert [one.text for one in stage.view.corrections] == ["检查地点应为河西路26号。"]


# ── the end ──────────────────────────────────────────────────────────────────────────────────


def test_the_end_names_what_is_missing_and_leads_to_it(stage: Stage) -> None:
    stage.opened()
    stage.do.act("close")
    keys = [one.key for one in stage.view.steps]
    assert keys[:2] == ["identity", "rights"]
    stage.do.edit_closing("outcome", "no_problem")
    assert not stage.view.ready
    assert "notify_rights" in [fix.key for note in stage.view.notes for fix in note.fixes]
    stage.do.close_inspection()
    stage.work()
    assert count(stage, InspectionClosed) == 0
    stage.do.act("identity")
    assert stage.screen == "card"


def test_a_penalty_cannot_be_chosen_without_a_decision(stage: Stage) -> None:
    stage.notified()
    stage.do.act("close")
    closed = {one.key: one.closed for one in stage.view.outcomes}
    assert closed["penalised_on_spot"] == "没有作出处罚决定"
    assert closed["no_problem"] == ""


def test_after_the_end_only_corrections_are_added(stage: Stage) -> None:
    stage.notified()
    stage.do.act("close")
    stage.do.edit_closing("outcome", "no_problem")
    stage.do.edit_closing("note", "货架价签齐全。")
    stage.do.close_inspection()
    stage.work()
    assert last(stage, InspectionClosed).outcome is Outcome.NO_PROBLEM
    assert last(stage, InspectionClosed).note == "货架价签齐全。"
    assert stage.view.next_step is None
    assert [one.title for one in stage.view.notes] == ["本次检查已结束"]
    before = len(stage.records)
    for act in ("identity", "measure.seal", "recusal", "close"):
        stage.do.act(act)
        assert stage.screen == "inspection"
    assert len(stage.records) == before
    stage.do.look_at(stage.view.rows[0].key)
    stage.do.correct_record()
    fill(stage, reason="漏写", text="另有一处价签模糊，已提醒。")
    stage.do.finish_form()
    stage.work()
    assert count(stage, Corrected) == 1


def test_after_the_end_documents_and_recordings_are_still_looked_at(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    stage.officers_sign()
    tablet = stage.tablet
    stage.desk.case.capture_photo(tablet.source, tablet.about(), stage.desk.officers[0])
    stage.do.act("close")
    stage.do.edit_closing("outcome", "no_problem")
    stage.do.close_inspection()
    stage.work()
    assert last(stage, InspectionClosed)
    assert [act.key for one in stage.view.groups for act in one.acts] == ["gallery", "papers"]
    for act, screen in (("papers", "papers"), ("gallery", "recordings")):
        stage.do.act(act)
        assert stage.screen == screen
    stage.do.fix("evidence")
    stage.do.open_importing()
    assert stage.screen == "recordings"
    assert stage.told.title == "本次检查已结束"
    ways = {}
    for one in stage.desk.case.state.records:
        stage.do.look_at(one.id)
        ways[type(one.statement)] = stage.view.way
    stage.do.fix(ways[MediaCaptured])
    assert stage.screen == "viewer"
    stage.do.fix(ways[DocumentIssued])
    stage.work()
    assert (stage.screen, len(stage.view.pages) > 0) == ("paper", True)


def test_a_decision_is_ended_by_a_reason_where_a_recording_is_missing(stage: Stage) -> None:
    stage.notified()
    stage.do.act("close")
    stage.do.edit_closing("outcome", "corrected")
    for note in stage.view.notes:
        for fix in note.fixes:
            if fix.key.startswith("override."):
                stage.do.fix(fix.key)
                stage.do.answer(stage.shell.asked.key, "相机故障。")
    stage.do.close_inspection()
    stage.work()
    assert all(
        one.reason == "相机故障。" for one in stage.records if isinstance(one, RuleOverridden)
    )
    assert stage.screen == "inspection"


def test_a_correction_that_no_paper_orders_is_told_and_stands_in_nobodys_way(stage: Stage) -> None:
    """At a re-check of what another inspection ordered: what was corrected is no problem found."""
    stage.notified()
    stage.do.act("close")
    word = "没有出具责令改正通知书"
    stage.do.edit_closing("outcome", "no_problem")
    assert word not in [note.title for note in stage.view.notes]
    stage.do.edit_closing("outcome", "corrected")
    note = next(note for note in stage.view.notes if note.title == word)
    assert "未发现问题" in note.text
    stage.do.fix(note.fixes[0].key)
    stage.work()
    assert stage.screen == "form"
    papers, kind = Issuing(stage.desk.case, stage.tablet.typesetter), DocumentKind.CORRECTION_ORDER
    answers = papers.answers(kind) | {
        "mode": "立即改正",
        "facts": "没有标价。",
        "measure": "标价。",
    }
    hands = [hand("沈知远", Role.OFFICER), hand("陆清和", Role.OFFICER)]
    papers.issue(papers.prepare(kind, answers), hand("周明禾", Role.PARTY), hands)
    stage.do.back()
    stage.do.act("close")
    stage.do.edit_closing("outcome", "corrected")
    assert word not in [note.title for note in stage.view.notes]


def test_an_order_to_correct_stays_open_until_its_day(stage: Stage) -> None:
    stage.notified()
    papers, kind = Issuing(stage.desk.case, stage.tablet.typesetter), DocumentKind.CORRECTION_ORDER
    answers = papers.answers(kind) | {
        "mode": "限期改正",
        "facts": "7种散装商品未标明价格。",
        "measure": "逐一标明价格。",
        "deadline": "2026-07-14",
    }
    prepared = papers.prepare(kind, answers)
    hands = [hand("沈知远", Role.OFFICER), hand("陆清和", Role.OFFICER)]
    papers.issue(prepared, hand("周明禾", Role.PARTY), hands)
    stage.do.tick()
    (matter,) = stage.view.matters
    assert (matter.title, matter.late) == ("责令改正", False)
    assert "2026年7月14日" in matter.detail
    stage.pass_seconds(8 * 24 * HOUR)
    stage.do.tick()
    assert stage.view.matters[0].late
