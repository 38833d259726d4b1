"""Today and an inspection under way, by finger: long lists, ends, answers, sheets that ask."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from field_client.ui.gallery.ink import written
from field_client.ui.presenters.common import Ask
from field_client.ui.widgets.steps import TimelineItem

LIMIT_S = 0.05  # no callback of the screen may take longer


def items(tablet: Any) -> list[Any]:
    return [w for w in tablet.shell.walk() if isinstance(w, TimelineItem)]


# ── today ────────────────────────────────────────────────────────────────────────────────────


def test_a_task_is_begun_by_one_press_and_says_how_often_the_party_was_inspected(
    tablet: Any,
) -> None:
    tablet.show("today.tasks")
    assert "今年已检查 2 次，上限 2 次" in tablet.words()
    assert "今年还没有检查，上限 2 次" in tablet.words()
    tablet.hands.tap("task." + "a1" * 32)
    assert tablet.did == [("begin_task", "a1" * 32)]


def test_lists_are_chosen_and_searched(tablet: Any) -> None:
    tablet.show("today")
    tablet.hands.tap("part.finished")
    tablet.hands.type("search", "石桥")
    assert tablet.did == [("show_part", "finished"), ("search", "石"), ("search", "石桥")]
    tablet.show("today.search")
    tablet.hands.tap("party.seen")
    assert tablet.did[-1] == ("take_party", "seen")


def test_a_recent_party_fills_in_the_form(tablet: Any) -> None:
    tablet.show("today")
    tablet.hands.tap("party." + "b" * 64)
    assert tablet.did == [("take_party", "b" * 64)]


def test_urgency_is_the_officers_to_choose_and_wants_a_reason(tablet: Any) -> None:
    tablet.show("today.form")
    tablet.hands.tap("ground.urgent")
    assert tablet.did == [("edit_new", "ground", "urgent")]
    tablet.show("today.urgent")
    tablet.hands.tap("ground.item")
    assert tablet.did == [("edit_new", "ground", "urgent")], "what is closed says why, and stays"
    tablet.hands.type("urgent_reason", "急")
    assert tablet.did[-1] == ("edit_new", "urgent_reason", "急")


def test_above_the_cap_the_main_button_waits_for_a_reason(tablet: Any) -> None:
    tablet.show("today.task")
    assert "请先说明继续的理由" in tablet.words() or any(
        getattr(w, "word", "") == "请先说明继续的理由" for w in tablet.shell.walk()
    )
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.hands.tap("fix.override.IN-2")
    assert tablet.did == [("fix", "override.IN-2")]


# ── a sheet that asks ────────────────────────────────────────────────────────────────────────


def test_a_sheet_asks_for_a_few_words_and_offers_phrases(tablet: Any) -> None:
    tablet.show("today")
    ask = Ask("k", "有提示，仍要继续", "今年已检查 2 次。", "以此理由继续", phrases=("举报核查。",))
    tablet.shell.ask(ask)
    tablet.hands.pump()
    tablet.hands.tap("ask.confirm")
    assert tablet.did == [], "words first"
    tablet.hands.tap("ask.phrase0")
    tablet.hands.tap("ask.confirm")
    assert tablet.did == [("answer", "k", "举报核查。")]
    tablet.shell.ask(ask)
    tablet.hands.pump()
    tablet.hands.type("ask.words", "复查")
    tablet.hands.tap("ask.confirm")
    assert tablet.did[-1] == ("answer", "k", "复查")


# ── the timeline ─────────────────────────────────────────────────────────────────────────────


def test_of_three_hundred_records_only_what_can_be_seen_is_made(tablet: Any) -> None:
    tablet.show("inspection.long")
    tablet.hands.pump(30)
    assert 4 <= len(items(tablet)) <= 14


def test_a_long_timeline_scrolls_to_its_end_and_a_record_there_is_looked_at(tablet: Any) -> None:
    tablet.show("inspection.long")
    tablet.shell.screen.ids.rows.scroll_y = 0
    tablet.hands.pump(30)
    tablet.hands.tap("row." + f"{299:04x}" * 16)
    assert tablet.did == [("look_at", f"{299:04x}" * 16)]


def test_no_step_of_laying_out_three_hundred_records_takes_long(tablet: Any) -> None:
    view = tablet.show("inspection.long")
    tablet.hands.pump(30)
    newer = replace(view, rows=(replace(view.rows[0], key="ee" * 32), *view.rows))
    rows = tablet.shell.screen.ids.rows
    took = []
    for change in (newer, view):
        began = time.process_time()
        tablet.shell.update(change)
        rows._fill()
        took.append(time.process_time() - began)
        tablet.hands.pump(10)
    for place in (0.8, 0.5, 0.2):
        rows.scroll_y = place
        began = time.process_time()
        rows._fill()
        took.append(time.process_time() - began)
        tablet.hands.pump(10)
    assert min(took) < LIMIT_S
    assert sorted(took)[len(took) // 2] < LIMIT_S


def test_what_did_not_change_keeps_its_widget(tablet: Any) -> None:
    view = tablet.show("inspection")
    tablet.hands.pump(20)
    before = {item.row.key: item for item in items(tablet)}
    button = tablet.hands.find("act.record")
    sent = replace(view.rows[0], stage="sent")
    tablet.shell.update(replace(view, rows=(sent, *view.rows[1:])))
    tablet.hands.pump(20)
    after = {item.row.key: item for item in items(tablet)}
    changed = [key for key in after if after[key] is not before.get(key)]
    assert changed == [sent.key]
    assert tablet.hands.find("act.record") is button


def test_open_matters_stand_above_the_timeline_the_late_ones_first(tablet: Any) -> None:
    tablet.show("inspection.urgent")
    words = tablet.words()
    assert "紧急检查，需补办批准" in words
    assert "与案件没有关联" in words
    assert "先行登记保存，2 项财物" not in words, "it waits under the others"
    tablet.hands.tap("fix.ask.inspection")
    tablet.hands.tap("act.matters")
    assert tablet.did == [("fix", "ask.inspection"), ("act", "close")]


def test_every_act_is_one_press(tablet: Any) -> None:
    tablet.show("inspection")
    acts = ("identity", "recusal", "measure.seal", "measure.sampling", "collect", "close")
    for act in acts:
        tablet.hands.tap(f"act.{act}")
    assert tablet.did == [("act", act) for act in acts]


def test_a_finished_inspection_offers_no_acts(tablet: Any) -> None:
    tablet.show("inspection.closed")
    assert "本次检查已结束" in tablet.words()
    assert [w for w in tablet.hands.names() if w.startswith("act.")] == []


# ── the end, a record, the answer ────────────────────────────────────────────────────────────


def test_the_end_is_reached_only_when_nothing_stops_it(tablet: Any) -> None:
    tablet.show("closing")
    tablet.hands.tap("main")
    tablet.hands.tap("outcome.no_problem")
    assert tablet.did == [], "a stop, and an outcome that is closed"
    tablet.hands.tap("fix.serve_decision")
    tablet.hands.tap("act.service")
    assert tablet.did == [("fix", "serve_decision"), ("act", "service")]
    tablet.show("closing.ready")
    tablet.hands.tap("main")
    assert tablet.did[-1] == ("close_inspection",)


def test_where_nothing_is_missing_the_end_has_the_whole_room(tablet: Any) -> None:
    tablet.show("closing.ready")
    end = tablet.shell.screen.ids.end
    assert end.height > tablet.shell.height * 0.6
    assert end.width > tablet.shell.width * 0.9
    tablet.show("settings")
    tablet.show("closing")
    assert tablet.shell.screen.ids.end.width < tablet.shell.width * 0.5


def test_typing_a_note_keeps_the_cursor(tablet: Any) -> None:
    view = tablet.show("closing.ready")
    tablet.hands.type("closing.note", "价")
    entry = tablet.hands.entry("closing.note")
    tablet.shell.update(replace(view, note="价"))
    tablet.hands.pump()
    assert tablet.hands.entry("closing.note") is entry
    assert tablet.did == [("edit_closing", "note", "价")]


def test_a_record_shows_what_was_corrected_and_can_be_corrected(tablet: Any) -> None:
    tablet.show("record")
    words = tablet.words()
    assert "更正：数量写错" in words
    assert "枸杞应为2.5公斤。" in words
    tablet.hands.tap("correct")
    assert tablet.did == [("correct_record",)]


def test_the_party_signs_the_list_or_says_why_not(tablet: Any) -> None:
    tablet.show("answer")
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.hands.draw("pad", written("周明禾", aspect=0.4))
    tablet.hands.tap("main")
    name, hand = tablet.did[-1]
    assert name == "answer_signs"
    assert hand.enough
    tablet.hands.tap("refuse")
    tablet.hands.tap("reason.left")
    tablet.hands.tap("reason.confirm")
    assert tablet.did[-1] == ("answer_refuses", "left", "")


def test_refusing_is_as_large_as_signing(tablet: Any) -> None:
    tablet.show("answer")
    refuse, main = tablet.hands.find("refuse"), tablet.hands.find("main")
    assert refuse.height >= main.height


def test_an_attestor_writes_his_name_first(tablet: Any) -> None:
    view = tablet.show("answer.attestor")
    tablet.shell.update(replace(view, attestor=""))
    tablet.hands.draw("pad", written("周明禾", aspect=0.4))
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.hands.tap("skip")
    assert tablet.did == [("answer_unattested",)]
    tablet.hands.type("attestor", "何")
    assert tablet.did[-1] == ("edit_answer", "attestor", "何")
