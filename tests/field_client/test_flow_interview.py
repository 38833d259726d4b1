"""An interview from its first question to its last hand, through the real vault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from field_client.errors import DiskFull
from field_client.flow.questions import Talk
from field_client.store.evidence import EvidenceLocker
from protocol.statements import DocumentIssued, SignatureTaken, Signed, SignRefused
from protocol.vocabulary import DocumentKind, Role
from tests.cast import HEARD
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import HAND, OTHER_HAND, PARTY_HAND, Stage

TALK = (
    ("你负责什么工作？", "负责门店经营和价签管理。"),
    ("这7种散装商品为什么没有标明价格？", "昨晚换货架，价签没有放回去。"),
)


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


@pytest.fixture
def held(stage: Stage) -> Stage:
    """The interview screen, with who is asked filled in."""
    stage.notified()
    stage.do.act("interview")
    assert stage.screen == "interview", stage.shell.told
    for key, words in (
        ("interviewee", "王芳"),
        ("interviewee_id", "11010519491231002X"),
        ("relation", "店长，受单位委托"),
        ("recusal", HEARD),
        ("read_by", "被询问人自己阅读"),
    ):
        stage.do.edit_interview(key, words)
    stage.do.turn_interview("talk")
    stage.work()
    return stage


def talked(stage: Stage) -> Stage:
    for question, answer in TALK:
        stage.do.write_words(question)
        stage.do.write_words(answer)
    stage.work()
    return stage


def signing(stage: Stage) -> Stage:
    """Read over, and with the interviewee."""
    talked(stage)
    stage.do.turn_interview("check")
    stage.work()
    stage.do.finish_interview()
    stage.work()
    assert stage.screen == "sign", (stage.view.main_label, stage.view.notes)
    return stage


def all_of(stage: Stage, kind: type) -> list[Any]:
    return [one for one in stage.records if isinstance(one, kind)]


def again(stage: Stage) -> Stage:
    """The program was killed, and is started once more."""
    case = stage.desk.case.case.hex()
    stage.routes.stop()
    stage.worker.waiting.clear()
    stage.posted.clear()
    assert stage.desk.tablet is not None
    stage.desk.tablet.close()
    stage.desk.tablet = None
    fresh = Stage.of(stage.tablet)
    fresh.unlock()
    fresh.second()
    fresh.do.resume(case)
    fresh.do.act("interview")
    return fresh


# ── questions and answers ────────────────────────────────────────────────────────────────────


def test_enter_puts_the_question_and_then_notes_the_answer(held: Stage) -> None:
    assert held.view.part == "q"
    held.do.write_words("你负责什么工作？")
    assert held.view.part == "a"
    held.do.write_words("负责门店经营。")
    assert held.view.part == "q"
    assert [(one.question, one.answer) for one in held.view.rows] == [
        ("你负责什么工作？", "负责门店经营。")
    ]


def test_the_guide_opens_with_identity_rights_recusal_and_truth(held: Stage) -> None:
    opening = " ".join(words for words, _ in held.view.guides[0].questions)
    for part in ("执法证件", "陈述和申辩", "回避", "如实回答"):
        assert part in opening
    assert "云溪县市场监督管理局" in opening
    assert "沈知远" in opening


def test_a_ready_question_is_put_by_one_touch_and_marked(held: Stage) -> None:
    question = held.view.guides[0].questions[0][0]
    held.do.propose_words(question)
    assert held.view.rows[0].question == question
    assert dict(held.view.guides[0].questions)[question]
    held.do.propose_words(held.view.answers[0])
    assert held.view.rows[0].answer == "看清楚了。"


def test_a_ready_phrase_goes_behind_what_stands_on_the_line(held: Stage) -> None:
    held.do.type_words("请问，")
    held.do.propose_words("以上所说是否属实？")
    assert held.view.typed == "请问，以上所说是否属实？"
    assert held.view.rows == ()


def test_a_row_is_written_anew_and_a_wrong_one_goes(held: Stage) -> None:
    talked(held)
    held.do.open_words(0, "a")
    assert held.view.typed == TALK[0][1]
    held.do.write_words("只管价签。")
    assert held.view.rows[0].answer == "只管价签。"
    assert held.view.part == "q", "and the next question is asked"
    held.do.open_words(1, "q")
    held.do.drop_words(1)
    assert len(held.view.rows) == 1


def test_without_an_answer_nobody_is_asked_to_sign(held: Stage) -> None:
    held.do.write_words("你负责什么工作？")
    held.do.finish_interview()
    held.work()
    assert held.screen == "interview"
    assert "每个问题的回答" in held.view.main_label


def test_a_time_that_is_none_is_told_at_its_field_and_keeps_it_from_signing(held: Stage) -> None:
    talked(held)
    held.do.edit_interview("began_at", "2026-02-30 09:00")
    began = next(one for one in held.view.asked if one.key == "began_at")
    assert "2026-11-18 09:12" in began.problem, "it says how a time is written"
    held.do.finish_interview()
    held.work()
    assert (held.screen, held.view.tab) == ("interview", "who")
    assert began.label in held.view.main_label
    held.do.edit_interview("began_at", "2026-11-18 09:00")
    began = next(one for one in held.view.asked if one.key == "began_at")
    assert (began.problem, began.aside) == ("", "2026年11月18日 周三 · 工作日")
    assert held.view.ready


def test_who_is_not_named_yet_is_asked_for_before_the_questions(stage: Stage) -> None:
    stage.notified()
    stage.do.act("interview")
    stage.do.turn_interview("talk")
    assert "interviewee_id" in stage.view.missing
    stage.do.finish_interview()
    assert stage.view.tab == "who"


def test_a_kill_loses_no_word_not_even_on_the_line(held: Stage) -> None:
    talked(held)
    held.do.type_words("还有什么要补")
    held.worker.run_one()
    fresh = again(held)
    try:
        assert [one.answer for one in fresh.view.rows] == [answer for _, answer in TALK]
        assert fresh.view.typed == "还有什么要补"
        assert next(one.value for one in fresh.view.asked if one.key == "interviewee") == "王芳"
    finally:
        fresh.close()


def test_several_interviews_of_a_case_keep_apart(held: Stage) -> None:
    talked(held)
    held.do.choose_interview("new")
    assert held.view.rows == ()
    held.do.edit_interview("interviewee", "陈晓")
    held.do.write_words("你在店里做什么？")
    held.work()
    held.do.choose_interview("first")
    assert [one.question for one in held.view.rows] == [question for question, _ in TALK]
    assert [one.word for one in held.view.interviews][:2] == ["第1份询问笔录", "第2份询问笔录"]


def test_talk_takes_up_an_open_question() -> None:
    talk = Talk.of([{"q": "姓名？", "a": ""}], "")
    assert talk.part == "a"
    talk.write("王芳。")
    assert talk.answered


# ── signing page by page ─────────────────────────────────────────────────────────────────────


def test_each_page_then_the_whole_then_both_officers(held: Stage) -> None:
    signing(held)
    pages = len(held.view.pages)
    for page in range(1, pages + 1):
        assert held.view.turn.key == f"page.{page}"
        held.do.party_signs(PARTY_HAND)
    assert held.view.under == "以上笔录我看过，与我说的相符。"
    held.do.party_signs(PARTY_HAND)
    held.work()
    held.officers_sign()
    (issued,) = all_of(held, DocumentIssued)
    taken = all_of(held, SignatureTaken)
    assert issued.document is DocumentKind.INTERVIEW_RECORD
    assert issued.pages == pages
    assert [one.page for one in taken] == list(range(1, pages + 1))
    assert {one.act.over for one in taken} == {issued.root}
    assert issued.party_act.role is Role.INTERVIEWEE


def test_the_pdf_has_a_hand_on_every_page(held: Stage) -> None:
    """Every page of the printed file differs from the same page before anybody signed."""
    signing(held)
    before = held.view.pages
    held.party_signs()
    made: list[Any] = []
    finish = held.routes._signing._issued
    held.routes._signing._issued = lambda saved, prepared, printed, received: made.append(printed)
    held.officers_sign()
    held.routes._signing._issued = finish
    assert len(made[0].images) == len(before), "no page moved"
    assert all(a != b for a, b in zip(before, made[0].images, strict=True))


def test_where_nothing_was_asked_no_answer_is_missed(held: Stage) -> None:
    assert "问答" in held.view.main_label
    held.do.write_words("你负责什么工作？")
    assert "每个问题的回答" in held.view.main_label


def test_corrections_are_listed_and_initialled(held: Stage) -> None:
    talked(held)
    held.do.turn_interview("check")
    held.work()
    held.do.correct_page("1", "昨晚换货架", "前天晚上换货架")
    held.work()
    assert held.view.corrections[0].now == "前天晚上换货架"
    held.do.finish_interview()
    held.work()
    printed = "".join(piece.text for piece in held.routes._signing._gathering.prepared.text)
    assert "前天晚上换货架" in printed
    keys = []
    while held.view.stage == "party":
        keys.append(held.view.turn.key)
        if held.view.turn.whose == "initials":
            assert held.view.correction.was == "昨晚换货架"
        held.do.party_signs(PARTY_HAND)
    assert keys[:3] == ["page.1", "page.2", "initials.0"], "beside the page that they are on"
    held.work()
    held.officers_sign()
    taken = all_of(held, SignatureTaken)
    assert [one.page for one in taken][:3] == [1, 2, 2]


def test_a_correction_stands_with_the_page_on_which_its_words_stand(held: Stage) -> None:
    """Whichever page was looked at; what was left out stands nowhere, and goes where it is put."""
    talked(held)
    held.do.turn_interview("check")
    held.work()
    for page, was in (("1", "昨晚换货架"), ("2", "询问次数"), ("2", "这里漏写了一句")):
        held.do.correct_page(page, was, "……")
        held.work()
    assert [one.page for one in held.view.corrections] == [2, 1, 2]


def test_who_cannot_read_is_read_to_and_that_is_recorded(held: Stage) -> None:
    held.do.edit_interview("read_by", "执法人员向被询问人宣读")
    signing(held)
    assert held.view.explained
    while held.view.turn.whose == "page":
        held.do.party_signs(PARTY_HAND)
    assert held.view.under == "以上笔录向我宣读过，与我说的相符。"
    held.party_signs()
    held.officers_sign()
    assert all_of(held, DocumentIssued)[0].explained


def test_who_signs_no_page_is_noted_on_each(held: Stage) -> None:
    signing(held)
    held.do.party_refuses("none", "")
    assert held.view.stage == "attestor"
    held.do.party_refuses("nobody", "")
    held.work()
    held.officers_sign()
    taken = all_of(held, SignatureTaken)
    assert taken
    assert all(isinstance(one.act, SignRefused) for one in taken)


def test_a_kill_while_pages_are_signed_keeps_the_hands_for_this_text(held: Stage) -> None:
    signing(held)
    held.do.party_signs(PARTY_HAND)
    held.work()
    root = held.routes._signing._gathering.prepared.root
    fresh = again(held)
    try:
        assert all_of(fresh, DocumentIssued) == []
        assert fresh.view.notes[0].title == "签名中断了"
        fresh.do.fix("interview.resume")
        fresh.work()
        assert fresh.screen == "sign"
        assert fresh.routes._signing._gathering.prepared.root == root
        assert fresh.view.turn.key != "page.1", "the first page is signed already"
        fresh.party_signs()
        fresh.officers_sign()
        (issued,) = all_of(fresh, DocumentIssued)
        assert issued.root == root.hex()
        assert {one.act.over for one in all_of(fresh, SignatureTaken)} == {issued.root}
        fresh.do.act("interview")
        assert fresh.view.notes == ()
        assert fresh.view.rows == (), "the next interview begins anew"
    finally:
        fresh.close()


def test_hands_that_wait_go_when_the_text_changes(held: Stage) -> None:
    signing(held)
    held.do.party_signs(PARTY_HAND)
    held.work()
    fresh = again(held)
    try:
        fresh.do.write_words("还有补充吗？")
        fresh.work()
        assert fresh.view.notes == ()
        fresh.do.choose_interview("first")
        assert fresh.view.notes == (), "they are gone from the vault too"
    finally:
        fresh.close()


def test_a_full_disk_at_the_last_hand_issues_nothing_and_keeps_the_pages(
    held: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing(held)
    held.party_signs()

    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    with monkeypatch.context() as context:
        context.setattr(EvidenceLocker, "begin", full)
        held.officers_sign()
    assert held.told.tone == "danger"
    assert all_of(held, DocumentIssued) == []
    assert all_of(held, SignatureTaken) == []
    assert held.view.stage == "officers", "the interviewee's hands are still there"
    held.officers_sign()
    assert len(all_of(held, DocumentIssued)) == 1


def test_the_hands_say_when_they_were_written(held: Stage) -> None:
    signing(held)
    first = held.tablet.clock.wall
    held.do.party_signs(HAND)
    held.pass_seconds(90)
    held.do.party_signs(OTHER_HAND)
    held.party_signs()
    held.officers_sign()
    taken = all_of(held, SignatureTaken)
    assert isinstance(taken[0].act, Signed)
    assert taken[0].act.at == first
    assert all_of(held, DocumentIssued)[0].party_act.at == first + 90_000


def test_the_questions_stand_in_the_draft_as_a_table(held: Stage) -> None:
    talked(held)
    typed = held.routes._interviewing._open.answers(DocumentKind.INTERVIEW_RECORD)
    assert json.loads(str(typed["questions"]))[0] == {"q": TALK[0][0], "a": TALK[0][1]}


def ends(stage: Stage) -> str:
    """The end that the text before the interviewee says."""
    prepared = stage.routes._signing._now.prepared
    return "".join(one.text for one in prepared.text if one.name == "ended_at")


def test_an_interview_ends_when_it_goes_to_be_signed(held: Stage) -> None:
    """Reading over belongs to it."""
    talked(held)
    held.pass_seconds(1800)
    held.do.turn_interview("check")
    held.do.finish_interview()
    held.work()
    assert ends(held).endswith("9时43分")


def test_an_end_of_an_interview_that_was_typed_is_overwritten_by_no_answer(held: Stage) -> None:
    held.do.edit_interview("ended_at", "2026-07-07 09:30")
    talked(held)
    held.do.finish_interview()
    held.work()
    assert ends(held).endswith("9时30分")
