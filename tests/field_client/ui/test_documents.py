"""Documents by finger: form, signing, service, sync, problems."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from field_client.ui.gallery.ink import written
from field_client.ui.presenters.common import Fix, Message, Problem, RuleNote
from field_client.ui.presenters.sign import Turn

SHEN, LU = "00992304117", "00992304132"


def test_a_rule_that_stops_cites_its_clause_and_offers_a_way_out(tablet: Any) -> None:
    tablet.show("form")
    assert "《行政处罚法》第五十一条" in tablet.words()
    tablet.hands.tap("fix.cap")
    assert tablet.did == [("fix", "cap")]


def test_every_change_of_a_field_is_told_at_once(tablet: Any) -> None:
    tablet.show("form")
    tablet.hands.type("fine", "500")
    assert tablet.did[-3:] == [
        ("edit_field", "fine", "5"),
        ("edit_field", "fine", "50"),
        ("edit_field", "fine", "500"),
    ]


def test_an_answer_of_the_rules_keeps_the_cursor_in_the_field(tablet: Any) -> None:
    """What is being typed is never overwritten; what is not, follows the view."""
    view = tablet.show("form")
    tablet.hands.type("fine", "500")
    facts, fine, *others = view.fields
    fields = (replace(facts, value="改过的事实"), replace(fine, value="5", notes=()), *others)
    tablet.shell.update(replace(view, fields=fields))
    tablet.hands.pump()
    assert tablet.hands.entry("fine").text == "500"
    assert tablet.hands.entry("fine").focus
    assert tablet.hands.entry("facts").text == "改过的事实"


def test_a_closed_choice_says_why_and_is_not_taken(tablet: Any) -> None:
    tablet.show("form")
    assert "当场收缴：仅限 100 元以下" in tablet.words()
    tablet.hands.tap("pay.cash")
    assert tablet.did == []


def test_a_date_moves_by_days(tablet: Any) -> None:
    tablet.show("form")
    tablet.hands.tap("day.plus")
    tablet.hands.tap("day.minus")
    assert tablet.did == [("edit_field", "day", "2026-11-19"), ("edit_field", "day", "2026-11-17")]


def test_the_form_counts_what_passes_hints_and_stops(tablet: Any) -> None:
    tablet.show("form")
    words = tablet.words()
    assert "通过 10" in words
    assert "提示 1" in words
    assert "阻止 1" in words
    tablet.hands.tap("main")
    tablet.hands.tap("draft")
    assert tablet.did == [("finish_form",), ("save_draft",)]


def test_the_page_is_read_large_and_closed_again(tablet: Any) -> None:
    tablet.show("form")
    tablet.hands.tap("page.zoom")
    reader = tablet.hands.find("reader")
    assert [page.width > 800 for page in reader.ids.sheets.children] == [True]
    tablet.hands.tap("reader.close")
    assert tablet.hands.seek("reader") is None


def test_the_party_signs_with_strokes_in_order_of_time(tablet: Any) -> None:
    tablet.show("sign")
    pad = tablet.shell.screen.pad
    hand = written("周明禾", aspect=pad.height / pad.width)
    tablet.hands.draw("pad", hand)
    tablet.hands.tap("main")
    name, got = tablet.did[-1]
    assert name == "party_signs"
    assert [len(stroke) for stroke in got.strokes] == [len(stroke) for stroke in hand.strokes]
    times = [t for stroke in got.strokes for _x, _y, t in stroke]
    assert times == sorted(times)
    assert times[0] == 0
    for (x, y, _t), (gx, gy, _gt) in zip(hand.strokes[0], got.strokes[0], strict=True):
        assert abs(x - gx) < 0.005
        assert abs(y - gy) < 0.005
    assert len(got.strokes) == len(hand.strokes)


def test_nothing_is_signed_without_ink_and_rewriting_clears_the_pad(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("main")
    tablet.hands.draw("pad", written("周明禾", aspect=0.45))
    tablet.hands.tap("pad.clear")
    tablet.hands.tap("main")
    assert tablet.did == []


def test_the_party_refuses_with_a_reason(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("refuse")
    tablet.hands.tap("reason.disagrees")
    tablet.hands.tap("reason.confirm")
    assert tablet.did == [("party_refuses", "disagrees", "")]


def test_the_party_objects_in_own_words(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("object")
    tablet.hands.type("words", "标签当天早上刚撤下")
    tablet.hands.tap("words.confirm")
    assert tablet.did == [("party_objects", "标签当天早上刚撤下")]


def test_an_officer_signs_by_hand_and_pin(tablet: Any) -> None:
    tablet.show("sign.officers")
    tablet.hands.draw("pad", written("陆清和", aspect=0.4))
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.hands.pin("118822")
    name, officer, pin, hand = tablet.did[-1]
    assert (name, officer, pin) == ("officer_signs", LU, "118822")
    assert hand.enough


def test_a_wrong_pin_at_signing_keeps_the_handwriting(tablet: Any) -> None:
    view = tablet.show("sign.officers")
    tablet.hands.draw("pad", written("陆清和", aspect=0.4))
    tablet.hands.tap("main")
    tablet.hands.pin("000000")
    message = Message("warning", "PIN 不对，还可以试 4 次")
    tablet.shell.update(replace(view, message=message))
    tablet.hands.pump()
    assert tablet.shell.screen.pad.written
    tablet.hands.pin("118822")
    assert [call[2] for call in tablet.did] == ["000000", "118822"]


def test_the_next_signer_gets_an_empty_pad(tablet: Any) -> None:
    view = tablet.show("sign")
    tablet.hands.draw("pad", written("周明禾", aspect=0.45))
    turn = Turn(f"officer.{SHEN}", "officer")
    tablet.shell.update(replace(view, stage="officers", current=SHEN, turn=turn, roles=()))
    tablet.hands.pump()
    assert not tablet.shell.screen.pad.written


def test_service_is_recorded_with_the_receivers_hand(tablet: Any) -> None:
    tablet.show("serve")
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.hands.draw("pad", written("周明禾", aspect=0.8))
    tablet.hands.tap("main")
    name, hand = tablet.did[-1]
    assert name == "serve"
    assert hand.enough


def test_service_without_a_signature_needs_none(tablet: Any) -> None:
    tablet.show("serve.media")
    tablet.hands.tap("main")
    assert tablet.did == [("serve", None)]


def test_the_facts_of_service_can_be_changed(tablet: Any) -> None:
    tablet.show("serve")
    tablet.hands.tap("method")
    tablet.hands.tap("method.leaving")
    tablet.hands.rest(0.2)  # the list folds up
    tablet.hands.type("relation", "会计")
    assert tablet.did[0] == ("edit_serve", "method", "leaving")
    assert tablet.did[-1] == ("edit_serve", "relation", "会计")


def test_the_sync_screen_counts_each_stage_and_syncs_now(tablet: Any) -> None:
    tablet.show("sync")
    words = tablet.words()
    for stage in ("已保存", "已发送", "已回执", "已存妥", "已归档", "1,286"):
        assert stage in words
    tablet.hands.tap("main")
    tablet.hands.tap("fix.explain")
    assert tablet.did == [("sync_now",), ("fix", "explain")]


def test_an_alarm_stands_above_all_counts(tablet: Any) -> None:
    tablet.show("sync.alarm")
    assert "中心的日志前后不一致" in tablet.words()


def test_a_problem_says_what_to_do_and_offers_it(tablet: Any) -> None:
    tablet.show("today")
    tablet.shell.tell(Problem("存不下", "请先同步。", fixes=(Fix("sync", "立即同步"),)))
    tablet.hands.pump()
    tablet.hands.tap("fix.sync")
    assert tablet.did == [("fix", "sync")]
    assert tablet.hands.seek("problem") is None


def test_the_ways_out_of_a_problem_are_of_one_height(tablet: Any) -> None:
    tablet.show("today")
    fixes = (Fix("sync", "立即同步"), Fix("export", "导出"))
    tablet.shell.tell(Problem("存不下", "请先同步。", fixes=fixes))
    tablet.hands.pump()
    ways = [tablet.hands.find(name) for name in ("problem.close", "fix.sync", "fix.export")]
    assert {(way.y, way.height) for way in ways} == {(ways[0].y, ways[0].height)}


def test_a_problem_is_closed_and_that_is_told(tablet: Any) -> None:
    tablet.show("today")
    tablet.shell.tell(Problem("存不下", "请先同步。"))
    tablet.hands.pump()
    tablet.hands.tap("problem.close")
    assert tablet.did == [("dismiss",)]


def test_while_waiting_a_sentence_stands_and_nothing_can_be_pressed(tablet: Any) -> None:
    tablet.show("today")
    tablet.shell.wait("正在生成密钥……")
    tablet.hands.pump()
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.shell.wait("")
    tablet.hands.tap("main")
    assert tablet.did == [("new_inspection",)]


def test_a_late_answer_for_another_screen_is_dropped(tablet: Any) -> None:
    late = tablet.show("sync")
    tablet.show("today")
    tablet.shell.update(late)
    tablet.hands.pump()
    assert tablet.shell.current == "today"


def test_notes_without_words_leave_no_gap(tablet: Any) -> None:
    """A note that goes away gives its room back."""
    view = tablet.show("form")
    before = tablet.hands.find("fine").to_window(0, tablet.hands.find("fine").top)[1]
    facts, *others = view.fields
    quiet = replace(facts, notes=(RuleNote("pass", "ok"),))
    tablet.shell.update(replace(view, fields=(quiet, *others)))
    tablet.hands.pump()
    after = tablet.hands.find("fine").to_window(0, tablet.hands.find("fine").top)[1]
    assert after > before + 50
