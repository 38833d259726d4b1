"""The day by touch, on a real vault: tasks, urgency, search, parties, several inspections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs
from sqlmodel import select

from field_client.issuing import Issuing
from field_client.store.tables import LinkRow, ReceiptRow
from protocol.receipt import Receipt
from protocol.statements import ApprovalAsked, InspectionOpened, RuleOverridden
from protocol.vocabulary import ApprovalSubject, DocumentKind, TaskSource
from tests.field_client.county import SHOP, FieldTablet
from tests.field_client.flowing import Stage, last
from tests.field_client.office_says import task

BRIDGE = "云溪县青石桥农贸市场有限公司"


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def without_approval(stage: Stage) -> None:
    """The first item has no standing approval by the head."""
    stage.reference(
        lambda now: structs.replace(
            now, items=[structs.replace(now.items[0], approval=""), *now.items[1:]]
        )
    )


def assigned(stage: Stage, **changes: Any) -> str:
    """A task came from the office, and the list was looked at again."""
    made = task(stage.desk.open_tablet, **changes)
    stage.do.go("today")
    return made


# ── tasks ────────────────────────────────────────────────────────────────────────────────────


def test_a_task_is_listed_with_source_due_day_and_the_yearly_count_in_words(stage: Stage) -> None:
    stage.on_duty()
    assigned(stage, yearly_count=1)
    (tile,) = stage.view.tasks
    assert stage.view.part == "tasks"
    assert tile.title == "云溪县禾穗食品有限公司"
    assert "双随机抽查" in tile.detail
    assert tile.count == "今年已检查 1 次，上限 2 次"
    assert tile.due.word == "期限到2026年7月10日"
    assert not tile.full


def test_an_inspection_is_begun_from_a_task_without_typing_anything(stage: Stage) -> None:
    stage.on_duty()
    key = assigned(stage)
    stage.do.begin_task(key)
    form = stage.view.form
    assert (form.party_name, form.place, form.ground) == ("云溪县禾穗食品有限公司", SHOP, "task")
    assert form.missing == ()
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "inspection"
    opening = last(stage, InspectionOpened)
    assert (opening.task, opening.urgent) == (key, False)
    stage.do.go("today")
    stage.do.show_part("tasks")
    assert stage.view.tasks == (), "what was begun is no task any more"


def test_a_task_to_look_again_names_the_inspection_that_it_follows(stage: Stage) -> None:
    stage.opened()
    before = stage.desk.case
    key = assigned(stage, recheck_of=before.case.hex(), source=TaskSource.RECHECK)
    stage.do.begin_task(key)
    assert f"复查 {before.opening.number}" in stage.view.form.task_note.text


def test_above_the_yearly_cap_a_task_is_begun_only_with_a_signed_reason(stage: Stage) -> None:
    stage.on_duty()
    key = assigned(stage, yearly_count=2, source=TaskSource.COMPLAINT)
    assert stage.view.tasks[0].full
    stage.do.begin_task(key)
    assert stage.view.form.unanswered == 1
    assert [fix.key for note in stage.view.form.notes for fix in note.fixes] == ["override.IN-2"]
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "today", "not without a reason"
    stage.do.fix("override.IN-2")
    assert stage.shell.asked is not None
    stage.do.answer(stage.shell.asked.key, "举报涉及食品安全，必须核查。")
    assert stage.view.form.unanswered == 0
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "inspection"
    said = last(stage, RuleOverridden)
    assert (said.rule, said.reason) == ("IN-2", "举报涉及食品安全，必须核查。")


def test_what_this_tablet_inspected_since_counts_before_the_office_knows_of_it(
    stage: Stage,
) -> None:
    """Of two tasks with a cap of one, the first was just done: the second asks for a reason."""
    stage.on_duty()
    first, second = (assigned(stage, yearly_count=0, yearly_cap=1) for _ in range(2))
    assert stage.view.tasks[0].count == "今年还没有检查，上限 1 次"
    stage.pass_seconds(60)
    stage.do.begin_task(first)
    stage.do.open_inspection()
    stage.work()
    stage.do.go("today")
    stage.work()
    stage.do.show_part("tasks")
    (tile,) = stage.view.tasks
    assert (tile.count, tile.full) == ("今年已检查 1 次，上限 1 次", True)
    stage.do.begin_task(second)
    assert stage.view.form.unanswered == 1


def test_the_notice_says_which_inspection_of_the_year_it_is(stage: Stage) -> None:
    """As the tablet counted when it was opened; later ones, and itself, change nothing."""
    stage.on_duty()
    keys = [assigned(stage, yearly_count=0, yearly_cap=3) for _ in range(2)]
    told = []
    for key in keys:
        stage.do.go("today")
        stage.do.begin_task(key)
        stage.do.open_inspection()
        stage.work()
        told.append(stage.desk.case)
    for case, times in zip(told, ("1", "2"), strict=True):
        issuing = Issuing(case, stage.tablet.typesetter)
        assert issuing.answers(DocumentKind.INSPECTION_NOTICE)["yearly_count"] == times


def test_what_waited_here_when_a_task_was_given_counts_until_the_log_has_it_before(
    stage: Stage,
) -> None:
    """The office gave the task before it heard of the morning's inspection; by no clock."""
    stage.opened()
    opening = last(stage, InspectionOpened)
    stage.pass_seconds(60)
    assigned(stage, yearly_count=0, party=opening.party)
    stage.do.show_part("tasks")
    assert stage.view.tasks[0].count == "今年已检查 1 次，上限 2 次"
    vault, record = stage.desk.open_tablet.vault, stage.desk.case.case
    receipt = Receipt(b"entry", 3, (), b"head").encode()
    with vault.transaction() as session:
        link = session.exec(select(LinkRow).where(LinkRow.record_hash == record)).one()
        session.add(ReceiptRow(link_hash=link.link_hash, receipt=receipt, verdict=1))
    stage.do.go("settings")
    stage.do.go("today")
    stage.do.show_part("tasks")
    assert stage.view.tasks[0].count == "今年还没有检查，上限 2 次"


def test_a_task_that_is_overdue_says_since_when(stage: Stage) -> None:
    stage.on_duty()
    assigned(stage, due_on="2026-07-03")
    assert stage.view.tasks[0].due.word == "2026年7月3日已到期"
    assert stage.view.tasks[0].due.tone == "danger"


# ── urgency ──────────────────────────────────────────────────────────────────────────────────


def test_urgency_is_never_chosen_by_the_program(stage: Stage) -> None:
    stage.on_duty()
    without_approval(stage)
    stage.fill_in()
    assert stage.view.form.ground == ""
    assert "检查依据" in stage.view.form.missing
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "today"


def test_an_urgent_inspection_asks_for_its_approval_with_the_officers_reason(stage: Stage) -> None:
    stage.on_duty()
    without_approval(stage)
    stage.fill_in()
    stage.do.edit_new("ground", "urgent")
    assert stage.view.form.missing == ("紧急理由",)
    stage.do.edit_new("urgent_reason", "正在销售变质食品。")
    stage.do.open_inspection()
    stage.work()
    assert last(stage, InspectionOpened).urgent
    asked = last(stage, ApprovalAsked)
    assert (asked.subject, asked.urgent) == (ApprovalSubject.INSPECTION, True)
    assert asked.reason == "正在销售变质食品。"
    (matter,) = stage.view.matters
    assert matter.title == "紧急检查，需补办批准"
    assert matter.state.word == "待批复"


# ── parties and search ───────────────────────────────────────────────────────────────────────


def test_a_known_party_fills_in_the_form(stage: Stage) -> None:
    stage.opened()
    stage.do.go("today")
    (tile,) = stage.view.parties
    stage.do.take_party(tile.key)
    form = stage.view.form
    assert (form.party_name, form.uscc) == ("云溪县禾穗食品有限公司", "91990123MA0FJ0K21X")
    assert "检查事项" in form.missing, "what it is for is chosen anew"


def test_typing_a_name_offers_the_parties_that_go_on_like_it(stage: Stage) -> None:
    stage.opened()
    stage.do.go("today")
    stage.do.new_inspection()
    stage.do.edit_new("party_name", "禾穗")
    assert [one.title for one in stage.view.form.suggestions] == ["云溪县禾穗食品有限公司"]
    stage.do.edit_new("party_name", "石桥")
    assert stage.view.form.suggestions == ()


@pytest.mark.parametrize("text", ["禾穗", "fj0k2", " 91990123 MA0F "])
def test_a_search_finds_tasks_inspections_and_parties_by_name_and_code(
    stage: Stage, text: str
) -> None:
    stage.opened()
    assigned(stage)
    stage.do.search(text)
    assert len(stage.view.tasks) == 1
    assert len(stage.view.inspections) == 1
    assert [row.words for row in stage.view.rows if hasattr(row, "words")] == [
        "任务",
        "进行中",
        "新建对其检查",
    ]


def test_a_search_that_finds_nothing_says_what_to_do(stage: Stage) -> None:
    stage.opened()
    stage.do.go("today")
    stage.do.search("石桥")
    assert stage.view.rows == ()
    assert stage.view.empty == "本机没有这个名称或者代码。请新建检查。"
    stage.do.show_part("open")
    assert (stage.view.search, len(stage.view.inspections)) == ("", 1)


def test_several_inspections_are_open_at_once_and_finished_ones_are_found(stage: Stage) -> None:
    stage.notified()
    stage.do.go("today")
    stage.pass_seconds(600)
    stage.fill_in()
    stage.do.edit_new("party_name", BRIDGE)
    stage.do.open_inspection()
    stage.work()
    stage.do.go("today")
    assert [one.title for one in stage.view.inspections] == [BRIDGE, "云溪县禾穗食品有限公司"]
    first = stage.view.inspections[1].inspection_id
    stage.do.resume(first)
    stage.do.act("close")
    stage.do.edit_closing("outcome", "no_problem")
    stage.do.close_inspection()
    stage.work()
    stage.do.go("today")
    assert [one.title for one in stage.view.inspections] == [BRIDGE]
    stage.do.show_part("finished")
    assert [one.inspection_id for one in stage.view.inspections] == [first]
    stage.do.resume(first)
    acts = [act.key for group in stage.view.groups for act in group.acts]
    assert acts == ["gallery", "papers"], "what was made is looked at, nothing is added"


def test_what_was_typed_into_the_form_survives_a_lock(stage: Stage) -> None:
    stage.on_duty()
    stage.do.new_inspection()
    stage.do.edit_new("party_name", BRIDGE)
    stage.work()
    stage.do.lock()
    stage.unlock()
    stage.do.back()
    stage.do.new_inspection()
    assert stage.view.form.party_name == BRIDGE


def test_a_code_whose_check_digit_fails_opens_the_inspection_all_the_same(stage: Stage) -> None:
    stage.on_duty()
    stage.fill_in()
    stage.do.edit_new("uscc", "91350100M0001TGQXM")
    assert stage.view.form.uscc_note.level == "warn"
    stage.do.open_inspection()
    stage.work()
    assert last(stage, InspectionOpened).party.id_code == "91350100M0001TGQXM"
