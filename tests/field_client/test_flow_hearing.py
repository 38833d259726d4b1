"""Before a decision: the party is told kind and amount, and the record states what it was told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import UNSET

from field_client.flow.hearing import AMOUNT
from protocol.statements import Decision, HearingAnswered, RightsNotified, StatementTaken
from protocol.vocabulary import DocumentKind, HearingAnswer, PenaltyKind
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage, last
from tests.field_client.office_says import say


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


@pytest.fixture
def hearing(stage: Stage) -> Stage:
    """At the form, with nothing of a decision typed yet."""
    stage.notified()
    stage.do.act("statement")
    return stage


def value(stage: Stage, key: str) -> str:
    return str(next(one.value for one in stage.view.fields if one.key == key))


def heard(stage: Stage) -> StatementTaken:
    stage.do.edit_field("defence", "马上改。")
    stage.do.edit_field("reply", "予以采纳。")
    stage.do.finish_form()
    stage.work()
    said: StatementTaken = last(stage, StatementTaken)
    return said


def test_a_party_is_not_told_of_a_fine_without_its_amount(hearing: Stage) -> None:
    """APL 44: the content of the penalty is told; "a fine" alone leaves out what is to be paid."""
    assert AMOUNT in value(hearing, "told")
    hearing.do.edit_field("defence", "马上改。")
    hearing.do.edit_field("reply", "予以采纳。")
    for nothing in ("", "0", "若干"):
        hearing.do.edit_field("fine", nothing)
        assert not hearing.view.ready
        assert "罚款金额" in hearing.view.main_label
        hearing.do.finish_form()
        hearing.work()
        assert hearing.screen == "form"
    hearing.do.edit_field("fine", "500")
    assert hearing.view.ready


def test_a_warning_alone_is_told_without_an_amount(hearing: Stage) -> None:
    hearing.do.edit_field("fine", "500")
    hearing.do.edit_field("penalty", "警告")
    assert "fine" not in [one.key for one in hearing.view.fields]
    assert "拟当场作出警告的行政处罚" in value(hearing, "told")
    said = heard(hearing)
    assert isinstance(said.intended, Decision)
    assert (said.intended.penalties, said.intended.fine) == ([PenaltyKind.WARNING], 0)


def test_what_is_told_follows_the_amount_in_the_officers_own_words_too(hearing: Stage) -> None:
    hearing.do.edit_field("fine", "500")
    assert "罚款500元（大写：伍佰元整）" in value(hearing, "told")
    hearing.do.edit_field("told", "拟罚款五百元，你单位可以申辩。")
    hearing.do.edit_field("fine", "600")
    assert value(hearing, "told") == "拟罚款600元（大写：陆佰元整），你单位可以申辩。"


def test_the_amount_is_put_into_words_that_were_added_to(hearing: Stage) -> None:
    """Whoever completes the facts first tells the amount all the same, and never two of them."""
    told = value(hearing, "told")
    hearing.do.edit_field("told", "红枣等7种商品没有价签，不是警告标志。" + told)
    hearing.do.edit_field("fine", "500")
    assert value(hearing, "told").startswith("红枣等7种商品没有价签，不是警告标志。经查")
    assert "罚款500元（大写：伍佰元整）" in value(hearing, "told")
    hearing.do.edit_field("penalty", "警告")
    hearing.do.edit_field("penalty", "警告，并处罚款")
    hearing.do.edit_field("fine", "600")
    assert "警告标志" in value(hearing, "told")
    assert "拟当场作出警告，并处罚款600元（大写：陆佰元整）的" in value(hearing, "told")
    assert "500元" not in value(hearing, "told")


def test_a_gap_where_the_amount_was_to_stand_is_put_on_no_record(hearing: Stage) -> None:
    hearing.do.edit_field("fine", "500")
    hearing.do.edit_field("defence", "马上改。")
    hearing.do.edit_field("reply", "予以采纳。")
    hearing.do.edit_field("told", f"拟对你单位罚款{AMOUNT}，你单位可以申辩。")
    assert not hearing.view.ready
    assert "告知" in hearing.view.main_label
    hearing.do.edit_field("told", "拟对你单位罚款500元，你单位可以申辩。")
    assert hearing.view.ready


def test_what_was_typed_of_it_survives_a_lock(hearing: Stage) -> None:
    case = hearing.desk.case.case.hex()
    hearing.do.edit_field("penalty", "警告，并处罚款")
    hearing.do.edit_field("fine", "300")
    hearing.work()
    hearing.do.lock()
    hearing.unlock()
    hearing.second()
    hearing.do.resume(case)
    hearing.do.act("statement")
    assert "警告，并处罚款300元" in value(hearing, "told")


def test_the_decision_begins_with_what_the_party_was_told(hearing: Stage) -> None:
    """Nobody types it twice; a heavier fine than the one told of is warned of (RT-3)."""
    hearing.do.edit_field("penalty", "警告，并处罚款")
    hearing.do.edit_field("fine", "500")
    said = heard(hearing)
    assert isinstance(said.intended, Decision)
    assert said.intended.fine == 50_000
    hearing.do.act("decision")
    assert (value(hearing, "penalty"), value(hearing, "fine")) == ("警告，并处罚款", "500")
    hearing.do.edit_field("facts", "7种散装商品未标明价格。")
    hearing.do.edit_field("evidence", "照片6张")
    hearing.do.edit_field("fine", "501")
    assert not hearing.view.missing
    hearing.do.finish_form()  # which asks the rules again, whatever the page beside it waits for
    hearing.work()
    notes = [note for one in hearing.view.fields for note in one.notes]
    assert any("500 元" in note.title and note.level == "warn" for note in notes)


def test_after_a_prior_notice_the_party_is_told_what_that_says(hearing: Stage) -> None:
    hearing.do.act("paper.prior_notice")
    hearing.do.edit_field("facts", "7种散装商品未标明价格。")
    hearing.do.edit_field("reasons", "首次违法。")
    hearing.do.edit_field("penalty", "罚款、没收违法所得、没收非法财物")
    hearing.do.edit_field("penalty_text", "没收红枣12袋。")
    hearing.do.edit_field("hearing", "可以要求听证")
    hearing.do.edit_field("fine", "5000")
    hearing.do.add_row("evidence")
    hearing.do.edit_cell("evidence", 0, "name", "照片")
    hearing.do.edit_cell("evidence", 0, "proves", "没有价签")
    hearing.work()
    hearing.do.finish_form()
    hearing.work()
    hearing.officers_sign()
    issued = [one.issued.statement for one in hearing.desk.case.state.documents]
    assert [one.document for one in issued] == [DocumentKind.PRIOR_NOTICE]
    hearing.do.act("statement")
    assert not {"penalty", "fine"} & {one.key for one in hearing.view.fields}
    assert f"（{issued[0].number}）" in value(hearing, "told")
    assert "没收5000元" not in value(hearing, "told")
    assert "（罚款、没收）及事实、理由、依据；其中罚款5000元（大写：伍仟元整）。" in value(
        hearing, "told"
    )
    assert "当场" not in value(hearing, "told")
    said = heard(hearing)
    assert said.intended is not UNSET
    assert isinstance(said.intended, Decision)
    assert said.intended.fine == 500_000


def told_otherwise(stage: Stage, key: str) -> list[str]:
    """The titles of what is warned of at a field."""
    return [note.title for one in stage.view.fields if one.key == key for note in one.notes]


def test_a_reworded_clause_follows_the_amount_and_one_that_tells_another_is_warned_of(
    hearing: Stage,
) -> None:
    hearing.do.act("statement")
    hearing.do.edit_field("fine", "500")
    assert told_otherwise(hearing, "told") == []
    hearing.do.edit_field("told", "你单位未明码标价，本局准备对你单位罚款500元。你单位可以申辩。")
    for typed in ("50", "5", "", "8", "80", "800"):  # as a hand corrects it
        hearing.do.edit_field("fine", typed)
    assert "罚款800元（大写：捌佰元整）。你单位可以申辩。" in value(hearing, "told")
    assert told_otherwise(hearing, "told") == []
    hearing.do.edit_field("told", "本局准备罚款600元。")
    assert told_otherwise(hearing, "told") == ["这里写的是罚款 600 元，“罚款金额”是 800 元"]
    hearing.do.edit_field("penalty", "警告")
    assert told_otherwise(hearing, "told") == ["这里写了罚款 600 元，“处罚种类”里没有罚款"]


def test_a_paper_whose_clause_tells_another_fine_than_its_field_is_warned_of(
    hearing: Stage,
) -> None:
    hearing.do.act("paper.prior_notice")
    hearing.do.edit_field("penalty", "罚款、没收违法所得、没收非法财物")
    hearing.do.edit_field("penalty_text", "没收红枣12袋，价值900元；罚款3000元。")
    assert told_otherwise(hearing, "penalty_text") == [], "the field is still empty"
    hearing.do.edit_field("fine", "5000")
    (title,) = told_otherwise(hearing, "penalty_text")
    assert title == "这里写的是罚款 3,000 元，“拟罚款金额”是 5,000 元"
    hearing.do.edit_field("penalty_text", "标价一项罚款3000元，进货一项罚款2000元，合并执行。")
    assert told_otherwise(hearing, "penalty_text") == [], "two acts, and the sum of their fines"
    hearing.do.edit_field("penalty_text", "没收红枣12袋，价值900元；罚款3000元。")
    hearing.do.edit_field("fine", "3000")
    assert told_otherwise(hearing, "penalty_text") == []
    hearing.do.edit_field("penalty", "没收违法所得、没收非法财物")
    assert told_otherwise(hearing, "penalty_text") == [
        "这里写了罚款 3,000 元，“拟处罚种类”里没有罚款"
    ]


def test_whether_there_is_a_right_to_a_hearing_is_the_officers_to_say(hearing: Stage) -> None:
    """Nothing is proposed; a grave penalty whose paper denies it is stopped at that very field."""
    hearing.do.act("paper.prior_notice")
    assert value(hearing, "hearing") == ""
    assert "hearing" in hearing.view.missing
    hearing.do.edit_field("penalty", "吊销许可证件")
    hearing.do.edit_field("hearing", "本案不属于听证范围")
    hearing.work()
    hearing.do.act("paper.prior_notice")  # the rules are asked as it opens
    hearing.work()
    notes = [note for one in hearing.view.fields if one.key == "hearing" for note in one.notes]
    assert [(one.level, one.clause) for one in notes] == [("block", "《行政处罚法》第六十三条")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HearingAnswer.REQUESTED, ""),
        (HearingAnswer.WITHDRAWN, ""),
        (HearingAnswer.WAIVED, "当事人未要求听证"),
    ],
)
def test_the_decision_begins_with_what_became_of_the_right_where_that_is_on_record(
    hearing: Stage, answer: HearingAnswer, said: str
) -> None:
    say(
        hearing.desk.open_tablet,
        HearingAnswered,
        hearing.desk.case.case,
        notice="ab" * 32,
        answer=answer,
        act=last(hearing, RightsNotified).party_act,
    )
    hearing.do.act("paper.penalty_decision")
    assert value(hearing, "hearing") == said
