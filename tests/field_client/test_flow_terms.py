"""A longer term by touch: the head is asked, the party is told, and once is all there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from field_client.measures import signed_hash
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    MeasureExtended,
    MeasureTaken,
    SignAbsent,
    Signed,
)
from protocol.vocabulary import ApprovalSubject
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import PARTY_HAND, Stage, count, last
from tests.field_client.office_says import say

DAY = 86_400
ENDS, LONGER = "2026-08-05", "2026-09-04"


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def record_of(stage: Stage, kind: type) -> str:
    found = [one for one in stage.desk.case.state.records if isinstance(one.statement, kind)]
    return found[-1].id


def head(stage: Stage, concerning: str, *, granted: bool = True, why: str = "同意") -> None:
    """What the head says to a longer term; it comes with the next contact."""
    say(
        stage.desk.open_tablet,
        ApprovalGiven,
        stage.desk.case.case,
        subject=ApprovalSubject.MEASURE_EXTENSION,
        concerning=concerning,
        granted=granted,
        reason=why,
    )


def fill(stage: Stage, **fields: str) -> None:
    for key, value in fields.items():
        stage.do.edit_field(key, value)


def add_scale(stage: Stage) -> None:
    stage.do.add_row("items")
    stage.do.edit_cell("items", 0, "name", "电子秤")
    stage.do.edit_cell("items", 0, "quantity", "1")


def sealed(stage: Stage) -> str:
    """A scale is under seal until a day; the measure's record."""
    if stage.screen != "inspection":
        stage.notified()
    stage.do.act("measure.seal")
    add_scale(stage)
    fill(
        stage,
        basis="《行政强制法》第二十二条",
        until_on=ENDS,
        keeper="周明禾",
        approval="urgent",
        called="当面通知",
        told="已告知理由、依据、权利和救济途径。",
        defence="没有意见。",
        reply="予以采纳。",
    )
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    return record_of(stage, MeasureTaken)


def asked(stage: Stage, record: str) -> str:
    """The form is open and the head was asked; the request's record."""
    stage.do.fix(f"extend.{record}")
    stage.do.fix("ask.measure")
    stage.do.answer(stage.shell.asked.key, "检测结果尚未出具。")
    stage.work()
    return record_of(stage, ApprovalAsked)


def offered(stage: Stage) -> bool:
    return any(act.key == "extension" for group in stage.view.groups for act in group.acts)


def titles(stage: Stage) -> list[str]:
    return [one.title for one in stage.view.notes]


def test_a_term_is_extended_when_the_head_allows_it_and_the_party_reads_why(stage: Stage) -> None:
    record = sealed(stage)
    head(stage, asked(stage, record))
    stage.do.back()
    (told,) = [one for one in stage.view.matters if one.key == f"extend.{record}"]
    assert "2026年8月5日" in told.detail
    stage.do.fix(told.key)
    fields = {one.key: one for one in stage.view.fields}
    assert fields["until_on"].value == LONGER
    assert "电子秤" in fields["held"].value
    fill(stage, reason="检测结果尚未出具。")
    assert stage.view.ready, (stage.view.main_label, stage.view.notes)
    stage.do.finish_form()
    assert stage.screen == "answer"
    assert "检测结果尚未出具。" in dict(stage.view.facts).values()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    said = last(stage, MeasureExtended)
    assert (said.measure, said.until_on) == (record, LONGER)
    assert isinstance(said.party_act, Signed)
    names = ("measure", "approval", "reason", "until_on")
    signed = {name: getattr(said, name) for name in names}
    assert said.party_act.over == signed_hash(MeasureExtended, signed).hex()
    (held,) = [one for one in stage.view.matters if one.key == f"end.{record}"]
    assert "2026年9月4日" in held.detail


def test_before_the_head_allows_it_nothing_is_extended(stage: Stage) -> None:
    record = sealed(stage)
    stage.do.act("extension")
    assert titles(stage) == ["延长期限须先经机关负责人批准"]
    fill(stage, reason="检测结果尚未出具。", approval="granted")
    stage.do.finish_form()
    stage.work()
    assert (stage.screen, count(stage, MeasureExtended)) == ("form", 0)
    asked(stage, record)
    said = last(stage, ApprovalAsked)
    assert (said.subject, said.concerning) == (ApprovalSubject.MEASURE_EXTENSION, record)
    assert titles(stage) == ["已经请示，等待批准"]


def test_a_refusal_is_told_with_its_reason(stage: Stage) -> None:
    record = sealed(stage)
    head(stage, asked(stage, record), granted=False, why="三十日足够")
    stage.do.fix(f"extend.{record}")
    (told,) = stage.view.notes
    assert told.text == "三十日足够"
    assert not stage.view.ready


def test_a_term_is_extended_once(stage: Stage) -> None:
    record = sealed(stage)
    assert offered(stage)
    head(stage, asked(stage, record))
    stage.do.fix(f"extend.{record}")
    fill(stage, reason="检测结果尚未出具。")
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert not offered(stage)
    stage.do.fix(f"end.{record}")
    assert titles(stage) == []


def test_by_thirty_days_at_most(stage: Stage) -> None:
    record = sealed(stage)
    head(stage, asked(stage, record))
    stage.do.fix(f"extend.{record}")
    fill(stage, reason="检测结果尚未出具。", until_on="2026-09-05")
    stage.do.finish_form()
    assert stage.screen == "form"
    assert any("只能延长一次" in one for one in titles(stage))


def test_after_its_last_day_property_goes_back(stage: Stage) -> None:
    record = sealed(stage)
    head(stage, asked(stage, record))
    stage.pass_seconds(31 * DAY)
    stage.do.fix(f"extend.{record}")
    fill(stage, reason="检测结果尚未出具。")
    stage.do.finish_form()
    assert stage.screen == "form"
    assert any("期限已于2026-08-05届满" in one for one in titles(stage))


def test_of_two_measures_each_wants_its_own_approval(stage: Stage) -> None:
    first, second = sealed(stage), sealed(stage)
    head(stage, asked(stage, first))
    stage.do.fix(f"extend.{second}")
    assert titles(stage) == ["延长期限须先经机关负责人批准"]
    stage.do.fix(f"extend.{first}")
    assert titles(stage) == []


def test_what_is_preserved_is_not_offered_a_longer_term(stage: Stage) -> None:
    stage.notified()
    say(
        stage.desk.open_tablet,
        ApprovalGiven,
        stage.desk.case.case,
        subject=ApprovalSubject.PRESERVATION,
        concerning=None,
        granted=True,
        reason="同意",
    )
    stage.do.act("measure.preservation")
    add_scale(stage)
    fill(stage, keeper="周明禾")
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert count(stage, MeasureTaken) == 1
    assert not offered(stage)
    stage.do.fix(f"end.{record_of(stage, MeasureTaken)}")
    assert titles(stage) == []


def test_the_end_of_a_measure_leads_to_a_longer_term(stage: Stage) -> None:
    record = sealed(stage)
    stage.do.fix(f"end.{record}")
    assert [fix.key for note in stage.view.notes for fix in note.fixes] == [f"extend.{record}"]
    stage.do.fix(f"extend.{record}")
    assert stage.view.frame.title == "延长期限：查封"


def test_with_the_party_away_the_reason_is_on_record(stage: Stage) -> None:
    record = sealed(stage)
    head(stage, asked(stage, record))
    stage.do.fix(f"extend.{record}")
    fill(stage, reason="检测结果尚未出具。")
    stage.do.finish_form()
    stage.do.answer_refuses("left", "")
    stage.do.answer_unattested()
    stage.work()
    assert isinstance(last(stage, MeasureExtended).party_act, SignAbsent)


def test_a_request_is_no_matter_any_more_once_the_property_went_back(stage: Stage) -> None:
    record = sealed(stage)
    request = asked(stage, record)
    stage.do.back()
    assert f"look.{request}" in [one.key for one in stage.view.matters]
    stage.do.fix(f"end.{record}")
    fill(stage, end="released", reason="没有违法。")
    stage.do.finish_form()
    stage.do.answer_signs(PARTY_HAND)
    stage.work()
    assert f"look.{request}" not in [one.key for one in stage.view.matters]
