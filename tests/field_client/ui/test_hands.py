"""Hands on the glass: what is a signature, whose it is, and an interview at speed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from kivy.clock import Clock

from field_client.ui.gallery import interviews
from field_client.ui.gallery.ink import written
from field_client.ui.handwriting import Handwriting, inked
from field_client.ui.i18n import _
from field_client.ui.presenters.common import Fix, RuleNote
from field_client.ui.presenters.interview import Exchange
from field_client.ui.widgets.signature import Sheet, draw_strokes
from tests.hands import Finger


def scribble(pad: Any, *places: tuple[float, float]) -> Finger:
    """A finger that went over the pad by these shares of its size, and still lies there."""
    points = [pad.to_window(pad.x + x * pad.width, pad.y + y * pad.height) for x, y in places]
    finger = Finger(*points[0])
    finger.down()
    for place in points[1:]:
        finger.slide(*place)
    return finger


# ── the pad ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_has_soft_edges(tablet: Any) -> None:
    """The window takes one sample a pixel."""
    tablet.show("sign")
    pad = tablet.shell.screen.pad
    scribble(pad, (0.3, 0.3), (0.6, 0.8)).up()
    x, y = pad.to_window(*pad.center)
    across = tablet.colours(*((x + n, y) for n in range(-60, 60)))
    plain, ink = max(across), min(across)
    assert any(ink < colour < plain for colour in across)


def test_a_hand_is_drawn_once_in_a_frame_that_moves_it(
    tablet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the layout pushes it about; and it is drawn in that very frame."""
    drawn: Counter[tuple[int, int]] = Counter()

    def drawing(canvas: Any, strokes: Any, box: Any, *look: Any) -> None:
        if isinstance(box, Sheet):  # else it is the pad
            drawn[Clock.frames, id(canvas)] += 1
        draw_strokes(canvas, strokes, box, *look)

    tablet.show("sign")
    monkeypatch.setattr("field_client.ui.widgets.signature.draw_strokes", drawing)
    tablet.show("sign.officers")
    assert len({canvas for _frame, canvas in drawn}) == 2  # the party's and an officer's
    assert set(drawn.values()) == {1}
    hand = next(one for one in tablet.shell.walk() if getattr(one, "hand", None))
    frame = Clock.frames
    hand.x += 7
    hand.y += 7
    tablet.hands.pump(1)
    assert drawn[frame + 1, id(hand.canvas)] == 1


def test_an_officers_place_says_what_is_new_and_stays(tablet: Any) -> None:
    view = tablet.show("sign.officers")
    box = tablet.shell.screen.ids.slots
    places = box.children[:]
    done = [replace(one, signed=True, handwriting=None) for one in view.officers]
    tablet.shell.update(replace(view, officers=tuple(done), current=""))
    tablet.hands.pump()
    assert box.children == places
    assert [place.state for place in places] == ["signed", "signed"]
    assert [place.hand for place in places] == [None, None]
    tablet.shell.update(replace(view, officers=view.officers[:1]))
    tablet.hands.pump()
    (left,) = box.children
    assert left.hand == view.officers[0].handwriting


def test_a_dot_is_no_signature_and_the_button_says_so(tablet: Any) -> None:
    tablet.show("sign")
    pad = tablet.shell.screen.pad
    scribble(pad, (0.5, 0.5), (0.501, 0.5)).up()
    tablet.hands.pump()
    assert "笔画太少" in tablet.hands.find("main").word
    tablet.hands.tap("main")
    assert tablet.did == []


def test_a_finger_that_rests_and_trembles_is_no_signature() -> None:
    trembling = tuple((0.5 + n % 2 / 1000, 0.2, 10 * n) for n in range(60))
    assert not Handwriting((trembling,), 0.4).enough


def test_one_long_stroke_is_a_signature() -> None:
    assert Handwriting((tuple((n / 20, 0.2, 12 * n) for n in range(12)),), 0.4).enough


def test_a_palm_beside_the_pen_leaves_no_ink(tablet: Any) -> None:
    tablet.show("sign")
    pad = tablet.shell.screen.pad
    pen = scribble(pad, (0.2, 0.5), (0.3, 0.6), (0.4, 0.5))
    palm = scribble(pad, (0.7, 0.2), (0.8, 0.2), (0.9, 0.2))
    palm.up()
    pen.up()
    tablet.hands.pump()
    (stroke,) = pad.handwriting().strokes
    assert max(x for x, _y, _t in stroke) < 0.5


def test_the_pen_may_leave_the_pad_and_come_back(tablet: Any) -> None:
    tablet.show("sign")
    pad = tablet.shell.screen.pad
    pen = scribble(pad, (0.2, 0.5), (0.5, 1.4), (0.6, 0.5))
    pen.up()
    tablet.hands.pump()
    (stroke,) = pad.handwriting().strokes
    assert min(y for _x, y, _t in stroke) == 0, "ink stays on the pad"
    assert tablet.did == []


def test_ink_has_no_corners_where_the_hand_had_none() -> None:
    bend = tuple((0.1 + 0.02 * n, 0.3 - 0.0002 * (n - 10) ** 2, 20 * n) for n in range(20))
    points = [place for run, _ in inked(bend) for place in run]
    steps = [abs(b - a) for a, b in zip(points[::2], points[2::2], strict=False)]
    assert max(steps) < 0.011, "curves are cut into pieces too small to see"


def test_a_quick_hand_is_thinner_than_a_slow_one() -> None:
    quick = tuple((0.05 * n, 0.2, 8 * n) for n in range(12))
    slow = tuple((0.05 * n, 0.2, 200 * n) for n in range(12))
    assert list(inked(quick))[-1][1] < list(inked(slow))[-1][1]


# ── whose hand ───────────────────────────────────────────────────────────────────────────────


def test_an_agent_names_the_written_authority_first(tablet: Any) -> None:
    view = tablet.show("sign.agent")
    tablet.hands.draw("pad", written("周明禾", aspect=0.4))
    tablet.hands.tap("main")
    assert tablet.did == []
    assert "授权委托书" in tablet.hands.find("main").word
    tablet.hands.tap("authority.photo")
    assert tablet.did == [("edit_signer", "authority", view.papers[0])]
    tablet.shell.update(replace(view, authority=view.papers[0]))
    tablet.hands.pump()
    tablet.hands.tap("main")
    assert tablet.did[-1][0] == "party_signs", "the hand is still there"


def test_who_signs_is_chosen_and_named(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("role.site_manager")
    tablet.hands.type("signer", "陈晓")
    assert tablet.did[0] == ("sign_as", "site_manager")
    assert tablet.did[-1] == ("edit_signer", "signer", "陈晓")


def test_a_page_is_shown_beside_its_hand(tablet: Any) -> None:
    tablet.show("sign.page")
    assert "第 1 页，共 1 页" in tablet.words()
    assert tablet.hands.find("main").word == "请在横线上方签名"
    tablet.hands.draw("pad", written("周明禾", aspect=0.6))
    assert tablet.hands.find("main").word == "签第1页"
    tablet.hands.tap("main")
    assert tablet.did[-1][0] == "party_signs"


def test_initials_show_what_they_are_for(tablet: Any) -> None:
    tablet.show("sign.initials")
    assert "原为“上个月中旬”，现改为“上个月初”。" in tablet.words()


def test_where_the_law_asks_for_an_attestor_there_is_no_way_round(tablet: Any) -> None:
    view = tablet.show("sign.attestor")
    assert tablet.hands.seek("refuse") is None
    tablet.shell.update(replace(view, attestor=replace(view.attestor, must=False)))
    tablet.hands.pump()
    tablet.hands.tap("refuse")
    assert tablet.did == [("party_refuses", "nobody", "")]


def test_who_attests_is_told_of_reading_aloud_only_where_that_is_recorded(tablet: Any) -> None:
    view = tablet.show("sign.attestor")
    tablet.shell.update(replace(view, explained=False))
    tablet.hands.settle()
    assert "宣读过" not in tablet.words()
    tablet.shell.update(replace(view, explained=True))
    tablet.hands.settle()
    assert "宣读过" in tablet.words()


def test_while_somebody_attests_all_else_is_locked(tablet: Any) -> None:
    tablet.show("sign.attestor")
    assert "其他内容已锁定" in tablet.words()
    tablet.hands.tap("leave")
    assert tablet.hands.seek("pin.1") is not None


def test_reading_aloud_is_ticked_on_the_party_s_screen(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("explained")
    assert tablet.did == [("tick_explained", True)]


# ── service ──────────────────────────────────────────────────────────────────────────────────


def test_refusing_to_take_it_asks_why(tablet: Any) -> None:
    tablet.show("serve")
    tablet.hands.tap("refuse")
    tablet.hands.tap("reason.disagrees")
    tablet.hands.tap("reason.confirm")
    assert tablet.did == [("refuse_service", "disagrees", "")]


def test_another_writer_gets_an_empty_pad(tablet: Any) -> None:
    tablet.show("serve")
    tablet.hands.draw("pad", written("周明禾", aspect=0.8))
    tablet.show("serve.leaving")
    assert not tablet.shell.screen.pad.begun


def test_a_recording_of_how_it_was_left_is_chosen(tablet: Any) -> None:
    view = tablet.show("serve.media")
    tablet.hands.tap(f"media.{view.media[1].key[:8]}")
    tablet.hands.tap("record")
    assert tablet.did == [("edit_serve", f"media.{view.media[1].key}", ""), ("record_service",)]


def test_by_post_no_hand_is_asked_for(tablet: Any) -> None:
    tablet.show("serve.postal")
    assert tablet.hands.seek("pad") is None
    tablet.hands.tap("main")
    assert tablet.did == [], "the number is missing"


# ── interviews ───────────────────────────────────────────────────────────────────────────────


def test_enter_writes_the_line_down(tablet: Any) -> None:
    view = tablet.show("interview")
    tablet.hands.type("line", "没有受到过处理。\n")
    assert tablet.did[0] == ("type_words", "没")
    assert [call for call in tablet.did if call[0] == "write_words"] == [
        ("write_words", "没有受到过处理。")
    ], "once"
    rows = (*view.rows[:3], replace(view.rows[3], answer="没有受到过处理。"))
    tablet.shell.update(replace(view, rows=rows, part="q", typed="", draft=1))
    tablet.hands.pump()
    assert tablet.hands.entry("line").text == "", "an empty line for the next question"
    assert tablet.hands.entry("line").focus, "without another touch"


def test_an_empty_line_writes_nothing(tablet: Any) -> None:
    tablet.show("interview")
    tablet.hands.type("line", "\n")
    assert tablet.did == []


def test_a_ready_question_is_one_touch(tablet: Any) -> None:
    view = tablet.show("interview")
    tablet.hands.tap("guide.0.2")
    assert tablet.did == [("propose_words", view.guides[0].questions[2][0])]


def test_a_finger_on_a_row_writes_it_anew(tablet: Any) -> None:
    view = tablet.show("interview")
    tablet.hands.tap("row.1.a")
    assert tablet.did == [("open_words", 1, "a")]
    rows = (view.rows[0], replace(view.rows[1], live="a"), *view.rows[2:])
    tablet.shell.update(replace(view, rows=rows, place=1, typed=view.rows[1].answer, draft=1))
    tablet.hands.pump()
    assert tablet.hands.entry("line").text == view.rows[1].answer
    tablet.hands.tap("row.1.drop")
    assert tablet.did[-1] == ("drop_words", 1)


@pytest.mark.parametrize("count", [3, 120])
def test_an_interview_of_any_length_is_shown_whole(tablet: Any, count: int) -> None:
    view = tablet.show("interview")
    rows = tuple(Exchange(str(n), n + 1, f"第{n + 1}个问题？", "答。") for n in range(count))
    tablet.shell.update(replace(view, rows=rows))
    tablet.hands.wait_for(f"row.{count - 1}.q")
    tablet.shell.screen._side.ids.rows.scroll_y = 1
    tablet.hands.wait_for("row.0.q")
    shown = sum(name.startswith("row.") for name in tablet.hands.names())
    assert shown < 60, "rows out of sight cost nothing"


def test_who_is_asked_is_filled_in_on_its_own_side(tablet: Any) -> None:
    tablet.show("interview.who")
    tablet.hands.type("interviewee_id", "1101")
    tablet.hands.tap("interviewee_sex.男")
    assert tablet.did[0] == ("edit_interview", "interviewee_id", "1")
    assert tablet.did[-1] == ("edit_interview", "interviewee_sex", "男")


def test_what_is_done_before_an_interview_stands_above_who_is_asked(tablet: Any) -> None:
    fix = Fix("show_cards", "出示证件")
    card = RuleNote("warn", "还没有出示证件", fixes=(fix,))
    tablet.show("interview.who", replace(interviews.interview_who(_), notes=(card,)))
    note = tablet.hands.find("fix.show_cards")
    assert note.to_window(*note.pos)[1] > tablet.hands.find("interviewee").to_window(0, 0)[1]
    tablet.hands.tap("fix.show_cards")
    assert tablet.did == [("fix", "show_cards")]
    tablet.shell.update(interviews.interview_who(_))
    tablet.hands.settle()
    assert tablet.hands.seek("fix.show_cards") is None


def test_the_main_button_of_an_interview_leads_to_who_is_not_named_yet(tablet: Any) -> None:
    missing = replace(interviews.interview(_), missing=("relation",))
    tablet.show("interview", missing)
    tablet.hands.tap("main")
    assert tablet.did == [("finish_interview",)]
    tablet.shell.update(replace(missing, tab="who"))
    tablet.hands.wait_for(lambda: tablet.hands.seek("relation") is not None)
    tablet.hands.rest(0.2)
    assert tablet.hands.entry("relation").focus, "what lacks is in sight, with the cursor in it"


def test_a_correction_is_added_while_the_pages_are_read(tablet: Any) -> None:
    tablet.show("interview.check")
    tablet.hands.type("page", "2")
    tablet.hands.type("was", "7种")
    tablet.hands.type("now", "8种")
    tablet.hands.tap("correct")
    tablet.hands.tap("correction.0.drop")
    tablet.hands.tap("fix.interview.resume")
    assert tablet.did == [
        ("correct_page", "2", "7种", "8种"),
        ("uncorrect", 0),
        ("fix", "interview.resume"),
    ]


def test_a_correction_is_of_the_page_that_is_looked_at(tablet: Any) -> None:
    view = interviews.interview_check(_)
    two = replace(view.preview, pages=view.preview.pages[:1] * 2)
    tablet.show("interview", replace(view, preview=two))
    tablet.hands.tap("page.next")
    tablet.hands.type("was", "7种")
    tablet.hands.type("now", "8种")
    tablet.hands.tap("correct")
    assert tablet.did == [("correct_page", "2", "7种", "8种")]


# ── the hands of these tests ─────────────────────────────────────────────────────────────────


def test_who_rests_sees_what_was_due_by_then_however_long_a_frame_takes(tablet: Any) -> None:
    came: list[str] = []
    tablet.hands.pump(1)
    Clock.schedule_once(lambda _dt: time.sleep(0.25), 0)
    Clock.schedule_once(lambda _dt: came.append("due"), 0.1)
    tablet.hands.rest(0.2)
    assert came == ["due"]
