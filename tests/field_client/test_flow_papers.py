"""The documents of a case, as officers touch them: the list, the form, the reader."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from field_client.documents import rows
from field_client.store.tables import LinkRow
from field_client.store.tables import Stage as LinkStage
from field_client.ui.presenters.common import clock_words
from field_client.ui.presenters.papers import WAY, PaperRow
from protocol import rules
from protocol.rules.rule import Judgement, Level, Question, Rule, fails
from protocol.statements import (
    Decision,
    DocumentIssued,
    NumberVoided,
    RuleOverridden,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind
from tests.cast import HEARD
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import PARTY_HAND, Stage, count, last

PATIENCE_S = 30.0
PRESERVED, DECISION = "preservation_notice", "spot_decision"


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


@pytest.fixture
def noted(stage: Stage) -> Stage:
    """In an inspection whose cards were shown and rights told."""
    return stage.notified()


@pytest.fixture
def listed(noted: Stage) -> Stage:
    """At the list of documents, the rules heard."""
    noted.do.act("papers")
    noted.work()
    assert noted.screen == "papers"
    return noted


@pytest.fixture
def table(listed: Stage) -> Stage:
    """At a form with a table."""
    listed.do.paper(f"form.{PRESERVED}")
    assert listed.screen == "form"
    return listed


def row(stage: Stage, key: str) -> PaperRow:
    return next(one for group in stage.view.groups for one in group.rows if one.key == key)


def field(stage: Stage, key: str) -> Any:
    return next(one for one in stage.view.fields if one.key == key)


def issue(stage: Stage) -> str:
    """Fill in, sign and issue the inspection record; its record id."""
    stage.do.act("record")
    stage.do.edit_field("recusal", HEARD)
    stage.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    stage.work()
    stage.do.finish_form()
    stage.work()
    stage.do.party_signs(PARTY_HAND)
    stage.work()
    while stage.shell.current == "sign" and stage.view.stage == "party":
        stage.do.party_signs(PARTY_HAND)
        stage.work()
    stage.officers_sign()
    return stage.desk.case.state.documents[-1].issued.id


def hear_on_paper(stage: Stage) -> None:
    """The record of statement and defence, filled in and signed by all."""
    stage.do.act("papers")
    stage.work()
    stage.do.paper("form.statement_record")
    told = {"told": "拟罚款500元。", "statement": "马上改。", "review": "予以采纳。"}
    told |= {"evidence": "未提交证据。"}
    told |= {"speaker": "周明禾", "relation": "店长，受单位委托"}
    for key, text in told.items():
        stage.do.edit_field(key, text)
    stage.work()
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign"
    stage.party_signs()
    stage.officers_sign()


# ── the list ─────────────────────────────────────────────────────────────────────────────────


def test_all_fourteen_documents_stand_in_the_way_of_a_case(listed: Stage) -> None:
    assert [len(group.rows) for group in listed.view.groups] == [len(kinds) for _, kinds in WAY]
    assert {kind for _, kinds in WAY for kind in kinds} == set(DocumentKind)
    assert [group.title for group in listed.view.groups] == ["检查", "告知", "措施", "处罚", "送达"]


def test_what_may_only_be_drafted_says_which_rule_stands_against_it_and_where(
    listed: Stage,
) -> None:
    penalty = row(listed, "penalty_decision")
    assert penalty.state.word == "可起草，暂不能出具"
    assert penalty.why
    assert all("《" in one.clause for one in penalty.why)
    assert [door.key for door in penalty.doors] == ["form.penalty_decision"]
    assert row(listed, "correction_order").state.word == "可以起草"


def test_what_is_still_empty_in_the_form_is_no_reason_against_a_document(listed: Stage) -> None:
    lacking = [one.title for group in listed.view.groups for r in group.rows for one in r.why]
    assert not [words for words in lacking if "缺少" in words or "处罚种类" in words]


def test_the_list_is_there_before_the_rules_were_asked(noted: Stage) -> None:
    noted.do.act("papers")
    assert noted.view.busy
    assert row(noted, "penalty_decision").why == ()
    noted.work()
    assert not noted.view.busy


def test_a_form_opened_from_the_list_leads_back_to_it_as_a_draft(table: Stage) -> None:
    table.do.edit_field("reason", "防止灭失")
    table.work()
    table.do.back()
    assert table.screen == "papers"
    draft = row(table, PRESERVED)
    assert draft.state.word == "草稿"
    assert "最后修改" in draft.detail
    assert [door.key for door in draft.doors] == [f"form.{PRESERVED}", f"draft.{PRESERVED}"]
    assert table.view.main is not None
    assert table.view.main.key == f"form.{PRESERVED}"


def test_a_form_opened_from_the_timeline_leads_back_there(noted: Stage) -> None:
    noted.do.act("record")
    noted.do.back()
    assert noted.screen == "inspection"


def test_drafts_of_another_inspection_are_not_listed(table: Stage) -> None:
    table.do.edit_field("reason", "防止灭失")
    table.work()
    table.do.save_draft()
    table.do.go("today")
    table.fill_in()
    table.do.open_inspection()
    table.work()
    table.do.act("papers")
    table.work()
    assert row(table, PRESERVED).state.word != "草稿"
    table.do.paper(f"form.{PRESERVED}")
    assert field(table, "reason").value == ""


def test_rights_that_were_told_are_given_on_paper_too(listed: Stage) -> None:
    told = row(listed, "rights_notice")
    assert [one.key for one in told.doors] == ["sheet.rights_notice", "form.rights_notice"]
    listed.do.paper("sheet.rights_notice")
    listed.work()
    assert listed.screen == "form"
    told_at = clock_words(listed.desk.case.state.notified[-1].statement.at)
    acknowledged = next(one for one in listed.view.fields if one.key == "acknowledged_at")
    assert acknowledged.value.endswith(told_at)
    assert listed.view.ready
    listed.do.finish_form()
    listed.work()
    listed.party_signs()
    listed.officers_sign()
    assert last(listed, DocumentIssued).document is DocumentKind.RIGHTS_NOTICE


def test_who_was_heard_on_paper_is_not_heard_again_for_a_decision(noted: Stage) -> None:
    hear_on_paper(noted)
    heard = last(noted, StatementTaken)
    assert (heard.told, heard.defence, heard.reply) == ("拟罚款500元。", "马上改。", "予以采纳。")
    noted.do.act("decision")
    noted.work()
    assert not [one for one in noted.view.notes if "RT-1" in str(one) or "第四十四条" in one.clause]
    assert field(noted, "defence").value == "马上改。"


def test_what_was_heard_before_its_record_was_written_is_stated_once(noted: Stage) -> None:
    noted.do.act("statement")
    for key, text in {
        "fine": "500",
        "told": "拟罚款500元。",
        "defence": "马上改。",
        "reply": "予以采纳。",
    }.items():
        noted.do.edit_field(key, text)
    noted.do.finish_form()
    noted.work()
    hear_on_paper(noted)
    assert count(noted, StatementTaken) == 1


def test_the_penalty_that_was_told_stands_when_the_record_has_more_of_the_defence(
    noted: Stage,
) -> None:
    """The same words were told: a decision is held to the amount as before (RT-3)."""
    noted.do.act("statement")
    for key, text in {"fine": "500", "told": "拟罚款500元。", "defence": "改。"}.items():
        noted.do.edit_field(key, text)
    noted.do.edit_field("reply", "予以采纳。")
    noted.do.finish_form()
    noted.work()
    hear_on_paper(noted)
    heard = last(noted, StatementTaken)
    assert (count(noted, StatementTaken), heard.defence) == (2, "马上改。")
    assert isinstance(heard.intended, Decision)
    assert heard.intended.fine == 50_000


def test_an_issued_document_is_listed_with_number_time_and_stage(noted: Stage) -> None:
    record = issue(noted)
    noted.do.act("papers")
    noted.work()
    issued = row(noted, record[:12])
    assert issued.title == "现场检查笔录"
    assert "出具" in issued.detail
    assert noted.desk.case.opening.number in issued.detail
    assert issued.stage in ("saved", "sent"), "nobody has answered yet"


def test_what_was_typed_while_hearing_the_party_is_no_draft_of_a_document(noted: Stage) -> None:
    noted.do.act("statement")
    noted.do.edit_field("defence", "标签当天早上刚撤下")
    noted.work()
    noted.do.back()
    noted.do.act("papers")
    noted.work()
    assert row(noted, "statement_record").state.word != "草稿"
    noted.do.go("inspection")
    noted.do.act("statement")
    assert field(noted, "defence").value == "标签当天早上刚撤下"


# ── forms with tables ────────────────────────────────────────────────────────────────────────


def fill(stage: Stage, *names: str) -> None:
    for name in names:
        stage.do.add_row("items")
        last = len(field(stage, "items").rows) - 1
        for column, words in (("name", name), ("unit", "公斤"), ("quantity", "12.5")):
            stage.do.edit_cell("items", last, column, words)


def named(stage: Stage) -> list[str]:
    return [cells[0] for cells in field(stage, "items").rows]


def test_rows_are_added_doubled_moved_and_removed(table: Stage) -> None:
    fill(table, "红枣", "枸杞", "桂圆")
    table.do.move_row("items", 2, -1)
    assert named(table) == ["红枣", "桂圆", "枸杞"]
    table.do.double_row("items", 0)
    assert named(table) == ["红枣", "红枣", "桂圆", "枸杞"]
    table.do.remove_row("items", 1)
    table.do.edit_cell("items", 2, "name", "宁夏枸杞")
    table.work()
    assert named(table) == ["红枣", "桂圆", "宁夏枸杞"]


def test_touches_for_rows_that_are_gone_change_nothing(table: Stage) -> None:
    fill(table, "红枣")
    for touch in (
        lambda: table.do.remove_row("items", 7),
        lambda: table.do.move_row("items", 0, -1),
        lambda: table.do.edit_cell("items", 3, "name", "x"),
        lambda: table.do.edit_cell("items", 0, "no such column", "x"),
        lambda: table.do.add_row("reason"),
    ):
        touch()
    table.work()
    assert named(table) == ["红枣"]
    assert field(table, "reason").value == ""


def test_a_table_survives_the_programs_death_row_by_row(table: Stage) -> None:
    fill(table, "红枣", "枸杞")
    table.do.add_row("items")
    table.work()
    case = table.desk.case.case.hex()
    table.desk.open_tablet.close()  # the program is gone; nothing was put in order
    again = Stage.of(table.tablet)
    again.on_duty()
    again.do.resume(case)
    again.work()
    again.do.act("papers")
    again.do.paper(f"form.{PRESERVED}")
    assert named(again) == ["红枣", "枸杞"], "a row without words is not kept"
    again.close()


def test_a_row_that_lacks_a_cell_is_named_as_missing(table: Stage) -> None:
    table.do.add_row("items")
    table.do.edit_cell("items", 0, "name", "红枣")
    table.work()
    assert "items" in table.view.missing
    table.do.edit_cell("items", 0, "unit", "公斤")
    table.do.edit_cell("items", 0, "quantity", "3")
    assert "items" not in table.view.missing


def test_thirty_rows_reach_the_vault_as_one_answer(table: Stage) -> None:
    fill(table, *(f"货品{n}" for n in range(30)))
    table.work()
    typed = table.routes._issuing().answers(DocumentKind.PRESERVATION_NOTICE)
    assert [one["name"] for one in rows(typed["items"])] == [f"货品{n}" for n in range(30)]


def test_what_was_typed_last_into_one_form_is_kept_though_the_next_is_typed_at_once(
    listed: Stage,
) -> None:
    """A slow disk: the first write is still under way while two forms are typed into."""
    listed.do.paper("form.correction_order")
    listed.do.edit_field("facts", "一")
    listed.do.edit_field("facts", "一二三")
    listed.do.back()
    listed.do.paper(f"form.{PRESERVED}")
    listed.do.edit_field("reason", "防止灭失")
    listed.work()
    issuing = listed.routes._issuing()
    assert issuing.answers(DocumentKind.CORRECTION_ORDER)["facts"] == "一二三"
    assert issuing.answers(DocumentKind.PRESERVATION_NOTICE)["reason"] == "防止灭失"


# ── what a form says at once ─────────────────────────────────────────────────────────────────


def test_an_answer_that_cannot_be_read_is_told_at_its_field_and_keeps_it_from_signing(
    noted: Stage,
) -> None:
    noted.do.act("decision")
    noted.do.edit_field("facts", "7种散装商品未标明价格。")
    noted.do.edit_field("fine", "五百")
    noted.work()
    assert "不是金额" in field(noted, "fine").problem
    assert "fine" in noted.view.missing
    noted.do.edit_field("fine", "500")
    assert field(noted, "fine").problem == ""
    noted.do.edit_field("decided_on", "2026-02-30")
    assert "没有这一天" in field(noted, "decided_on").problem


def test_letters_are_counted_and_too_many_are_told(noted: Stage) -> None:
    noted.do.act("decision")
    noted.do.edit_field("facts", "字" * 6001)
    facts = field(noted, "facts")
    assert facts.aside == "6001/6000 字"
    assert "多了 1 个字" in facts.problem
    code = field(noted, "party_id_code")
    assert (len(code.value), code.aside) == (18, ""), "a code is as long as it is"


def test_a_day_says_whether_it_is_worked(noted: Stage) -> None:
    noted.do.act("decision")
    noted.do.edit_field("decided_on", "2026-10-01")
    assert "休息日" in field(noted, "decided_on").aside
    noted.do.edit_field("decided_on", "2026-10-10")
    assert "工作日" in field(noted, "decided_on").aside, "a Saturday that is worked"


def test_the_forms_own_sentences_are_shown_and_its_clauses_explained(noted: Stage) -> None:
    noted.do.act("decision")
    fixed = [one.value for one in noted.view.fields if one.kind == "fixed"]
    assert any("行政复议" in words for words in fixed)
    assert noted.view.legal
    assert all(block.clause and block.plain for block in noted.view.legal)


def test_a_long_form_has_parts_that_say_how_much_is_left(listed: Stage) -> None:
    listed.do.paper("form.penalty_decision")
    parts = listed.view.sections
    assert len(parts) >= 4
    assert parts[0].word == "当事人"
    firsts = {one.key for one in listed.view.fields}
    assert {part.first for part in parts} <= firsts
    assert sum(part.left for part in parts) == len(listed.view.missing)
    listed.do.back()
    listed.do.act("record")
    words = [part.word for part in listed.view.sections]
    assert len(set(words)) == len(words), "what the party said is no part of who it is"


def test_choices_are_shown_in_the_officers_language_and_kept_as_they_are_printed(
    listed: Stage,
) -> None:
    listed.do.set_language("en")
    listed.do.paper("form.penalty_decision")
    listed.work()
    words = {one.key: one.word for one in field(listed, "penalty").choices}
    assert words["吊销许可证件"] == "Revocation of a permit"
    listed.do.edit_field("penalty", "吊销许可证件")
    listed.work()
    listed.do.back()
    listed.do.set_language("zh_CN")
    listed.do.paper("form.penalty_decision")
    listed.work()
    penalty = field(listed, "penalty")
    assert penalty.value == "吊销许可证件"
    assert all(one.key == one.word for one in penalty.choices)


def test_a_form_says_whether_the_seal_is_lent_or_the_offices_to_put(listed: Stage) -> None:
    listed.do.paper("form.penalty_decision")
    assert listed.view.message is not None
    assert "由本局盖章" in listed.view.message.title
    listed.do.back()
    listed.do.paper(f"form.{DECISION}")
    assert listed.view.message is not None
    assert "授权" in listed.view.message.title
    listed.do.back()
    listed.do.act("record")
    assert listed.view.message is None, "a record of what happened bears hands, no seal"


# ── going against a warning ──────────────────────────────────────────────────────────────────

CAREFUL = Rule(
    "T-9", "逐一写明商品", "name every item", "《某规定》第九条", "Rule 9", Level.WARN, True
)


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning on every record of an inspection that may be gone against with a reason."""

    def asked(q: Question) -> Judgement | None:
        return fails(
            CAREFUL, "没有逐一写明商品。请写明，或者说明理由。", "Items are not named. Why?"
        )

    table = {**rules.ASKED, DocumentIssued: (*rules.ASKED[DocumentIssued], asked)}
    monkeypatch.setattr(rules, "ASKED", table)


@pytest.mark.usefixtures("careful")
def test_a_warning_is_gone_against_with_a_reason_that_goes_on_record(stage: Stage) -> None:
    stage.written()
    assert [fix.key for note in stage.view.notes for fix in note.fixes] == ["override.T-9"]
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "form", "nobody signs before the reason is given"
    assert stage.shell.asked is not None
    stage.do.answer(stage.shell.asked.key, "当事人拒绝逐一清点")
    assert any("当事人拒绝逐一清点" in note.text for note in stage.view.notes)
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign"
    while stage.view.stage == "party":
        stage.do.party_signs(PARTY_HAND)
        stage.work()
    stage.officers_sign()
    kinds = [type(one) for one in stage.records]
    assert RuleOverridden in kinds
    assert DocumentIssued in kinds
    why = next(one for one in stage.records if isinstance(one, RuleOverridden))
    assert (why.rule, why.reason) == ("T-9", "当事人拒绝逐一清点")


# ── one document to read ─────────────────────────────────────────────────────────────────────


def test_an_issued_document_is_read_from_its_own_file(noted: Stage) -> None:
    record = issue(noted)
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    assert noted.screen == "paper"
    assert noted.view.busy
    noted.work()
    issued = noted.desk.case.state.documents[-1].issued.statement
    assert len(noted.view.pages) == issued.pages
    assert all(page.startswith(b"\x89PNG") for page in noted.view.pages)
    noted.do.read_closer(0)
    noted.work()
    assert noted.view.closer[0] == 0
    assert len(noted.view.closer[1]) > len(noted.view.pages[0])
    noted.do.back()
    assert noted.screen == "papers"


def test_a_document_whose_file_was_let_go_says_so_and_the_screen_stays(noted: Stage) -> None:
    record = issue(noted)
    for path in noted.desk.open_tablet.settings.blobs_dir.iterdir():
        path.unlink()
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    noted.work()
    assert noted.screen == "paper"
    assert noted.view.message.tone == "danger"


def test_a_draft_is_read_as_it_would_be_printed(table: Stage) -> None:
    fill(table, "红枣")
    table.work()
    table.do.back()
    table.do.paper(f"draft.{PRESERVED}")
    table.work()
    assert table.view.pages
    assert table.view.state.word == "草稿"
    assert table.view.doors[0].key == f"form.{PRESERVED}"
    table.do.paper(table.view.doors[0].key)
    assert table.screen == "form"


def test_the_code_promises_nothing_before_the_office_has_the_document(noted: Stage) -> None:
    record = issue(noted)
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    noted.work()
    noted.do.paper("panel.code")
    assert noted.view.code.matrix
    assert "还没有收到" in noted.view.code.message.title
    noted.do.back()
    assert noted.screen == "paper"
    assert noted.view.panel == "facts"


def wait_for_receipt(stage: Stage, record: str) -> None:
    """Until the tablet's own contact with the office brought the receipt."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with stage.desk.open_tablet.vault.session() as session:
            wanted = LinkRow.record_hash == bytes.fromhex(record)
            found = session.exec(select(LinkRow.stage).where(wanted)).all()
        if any(LinkStage(one).rank >= LinkStage.RECEIPTED.rank for one in found):
            return
        stage.pass_seconds(60)
        stage.desk.open_tablet.sync.wake()
        time.sleep(0.05)
    raise AssertionError("expected a receipt from the office, got none")


def test_after_the_contact_the_code_says_that_the_office_has_it(
    noted: Stage, online: County
) -> None:
    record = issue(noted)
    wait_for_receipt(noted, record)
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    noted.do.paper("panel.code")
    assert "已收到" in noted.view.code.message.title


# ── printing ─────────────────────────────────────────────────────────────────────────────────


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, lp: str) -> None:
    """A printing system of one printer, as its two programs answer."""
    for name, said in (("lpstat", "echo 车载-02"), ("lp", lp)):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{said}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_document_is_printed_in_as_many_copies_as_asked_and_the_result_is_told(
    noted: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "printed.pdf"
    programs(
        tmp_path, monkeypatch, f'echo "args: $@" > {out}.args; cat > {out}; echo request id is x-1'
    )
    record = issue(noted)
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    noted.work()
    noted.do.paper("panel.print")
    noted.work()
    assert noted.view.printing.printers == ("车载-02",)
    noted.do.set_copies(3)
    noted.do.set_copies(0)
    assert noted.view.printing.copies == 1
    noted.do.set_copies(3)
    noted.do.print_paper()
    assert noted.view.printing.busy
    noted.work()
    assert "3 份" in noted.view.printing.message.text
    assert out.read_bytes().startswith(b"%PDF")
    assert "-n 3" in Path(f"{out}.args").read_text(encoding="utf-8")


def test_a_printer_that_refuses_is_told_in_words(
    noted: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(tmp_path, monkeypatch, "cat > /dev/null; echo 'lp: out of paper' >&2; exit 1")
    record = issue(noted)
    noted.do.act("papers")
    noted.do.paper(f"view.{record}")
    noted.work()
    noted.do.paper("panel.print")
    noted.work()
    noted.do.print_paper()
    noted.work()
    assert noted.view.printing.message.tone == "danger"
    assert "out of paper" in noted.view.printing.message.text


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def test_a_number_is_voided_with_its_reason_and_the_next_one_is_next(table: Stage) -> None:
    table.do.edit_field("reason", "防止灭失")
    table.work()
    table.do.back()
    table.do.paper(f"draft.{PRESERVED}")
    table.work()
    before = table.view.facts[0][1]
    table.do.paper(f"void.{PRESERVED}")
    assert table.shell.asked is not None
    assert before in table.shell.asked.title
    table.do.answer(table.shell.asked.key, "纸质文书写坏")
    table.work()
    voided = next(one for one in table.records if isinstance(one, NumberVoided))
    assert (voided.number, voided.reason) == (before, "纸质文书写坏")
    assert table.view.facts[0][1] != before
    assert table.view.message.tone == "success"
