"""An inspection by finger: today, card, notice, timeline, camera."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from field_client.ui.gallery import VIEWS
from field_client.ui.gallery.ink import written
from field_client.ui.i18n import _
from field_client.ui.presenters.capture import Shot

SHEN, LU = "00992304117", "00992304132"


def test_a_new_inspection_is_one_press_away(tablet: Any) -> None:
    tablet.show("today")
    tablet.hands.tap("main")
    assert tablet.did == [("new_inspection",)]


def test_an_open_inspection_is_resumed_from_the_list(tablet: Any) -> None:
    tablet.show("today")
    tablet.hands.tap("resume." + "a" * 64)
    tablet.hands.tap("second")
    assert tablet.did == [("resume", "a" * 64), ("bring_second",)]


def test_the_form_tells_what_is_missing_instead_of_going_dead(tablet: Any) -> None:
    tablet.show("today.form")
    assert "还需填写：地点" in tablet.words()
    tablet.hands.tap("main")
    assert tablet.did == []


def test_a_failing_check_digit_warns_and_does_not_block(tablet: Any) -> None:
    view = tablet.show("today.form")
    assert "校验位不符。请与营业执照核对；可以继续。" in tablet.words()
    tablet.shell.update(replace(view, form=replace(view.form, place="河西路28号", missing=())))
    tablet.hands.tap("main")
    assert tablet.did == [("open_inspection",)]


def test_answers_side_by_side_are_of_one_height(tablet: Any) -> None:
    """Where the words of one take two lines, the others are as high."""
    tablet.show("today.form")
    names = ("citizen", "sole_trader", "organisation")
    tiles = [tablet.hands.find(f"party_class.{one}") for one in names]
    assert len({(round(one.y), round(one.height)) for one in tiles}) == 1


def test_what_is_typed_into_the_form_arrives_letter_by_letter(tablet: Any) -> None:
    tablet.show("today.form")
    tablet.hands.type("place", "河西")
    assert tablet.did[-2:] == [("edit_new", "place", "河"), ("edit_new", "place", "河西")]
    tablet.hands.tap("party_class.sole_trader")
    tablet.hands.tap("item.scales")
    assert tablet.did[-2:] == [
        ("edit_new", "party_class", "sole_trader"),
        ("edit_new", "item_id", "scales"),
    ]


def test_the_card_shows_all_that_a_certificate_must(tablet: Any) -> None:
    """Name, unit, position, number, category, field, region, validity, standing with its age."""
    tablet.show("card")
    words = tablet.words()
    for fact in ("沈知远", "综合行政执法大队 · 一级行政执法员", "0099 2304 117", "行政执法"):
        assert fact in words
    for fact in ("市场监督管理", "云溪县", "2024年5月1日 至 2029年4月30日"):
        assert fact in words
    assert "有效 · 名册 2 小时前更新" in words


def test_a_suspended_card_says_so_and_an_old_roster_means_unknown(tablet: Any) -> None:
    tablet.show("card.suspended")
    assert "证件已停用" in tablet.words()
    tablet.show("card.unknown")
    assert "未知" in tablet.words()
    assert "有效 ·" not in tablet.words()


def test_the_code_of_a_card_has_a_frame_of_its_own_after_the_face(tablet: Any) -> None:
    tablet.show("unlock")
    tablet.shell.show("card", VIEWS["card"](_))
    while "0099 2304 117" not in tablet.words():
        tablet.hands.pump(1)
    assert tablet.hands.seek("qr") is None
    tablet.hands.pump(1)
    assert tablet.hands.seek("qr") is not None


def test_showing_the_card_is_put_on_record(tablet: Any) -> None:
    tablet.show("card")
    tablet.hands.tap(f"officer.{LU}")
    tablet.hands.tap("main")
    assert tablet.did == [("show_officer", LU), ("record_card_shown",)]


def test_a_code_that_runs_out_asks_for_the_next_once(tablet: Any) -> None:
    view = tablet.show("card")
    tablet.shell.update(replace(view, seconds_left=0.05))
    tablet.hands.wait_for(lambda: tablet.did)
    tablet.hands.rest(0.6)
    assert tablet.did == [("renew_qr", SHEN)]


def test_the_code_on_the_screen_can_be_read_back(tablet: Any) -> None:
    """A phone in front of the tablet: the picture of the screen holds the same text."""
    import zxingcpp

    tablet.show("card")
    width, height, pixels = tablet.hands.pixels()
    picture = memoryview(pixels).cast("B", shape=[height, width, 3])
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text.startswith("https://log.yunxi.example/v#")


def test_leaving_the_party_asks_for_a_pin_and_tells_when_it_is_wrong(tablet: Any) -> None:
    from field_client.ui.presenters.common import Message

    view = tablet.show("card")
    tablet.hands.tap("leave")
    tablet.hands.pin("240781")
    assert tablet.did == [("leave_party", SHEN, "240781")]
    wrong = Message("warning", "PIN 不对，还可以试 4 次")
    tablet.shell.update(replace(view, lock=replace(view.lock, message=wrong)))
    tablet.hands.pump()
    assert "PIN 不对，还可以试 4 次" in tablet.words()
    for later in (replace(view, seconds_left=15.0), replace(view, seconds_left=14.0)):
        tablet.shell.update(later)  # the code is renewed; nobody has tried again
        tablet.hands.pump()
        assert "PIN 不对，还可以试 4 次" in tablet.words()
    tablet.did.clear()
    tablet.hands.tap(f"taker.{LU}")
    assert "PIN 不对，还可以试 4 次" not in tablet.words(), "that was the other officer's"
    tablet.hands.pin("471108")
    assert tablet.did == [("leave_party", LU, "471108")]


def test_while_a_pin_is_asked_for_nothing_below_can_be_pressed(tablet: Any) -> None:
    tablet.show("card.leave")
    main = tablet.hands.find("main")
    tablet.hands.touch(*main.to_window(*main.center))
    assert tablet.did == []


def test_the_notice_is_acknowledged_by_hand_after_it_was_read_aloud(tablet: Any) -> None:
    view = tablet.show("notice")
    tablet.shell.update(replace(view, explained=False))
    tablet.hands.draw("pad", written("周明禾", aspect=0.5))
    tablet.hands.tap("main")
    assert tablet.did == []
    assert "请先宣读，再打勾" in tablet.shell.screen.ids.box.parent.children[0].word
    tablet.hands.tap("read_aloud")
    assert tablet.did == [("tick_read_aloud", True)]
    tablet.shell.update(view)
    tablet.hands.tap("main")
    name, hand = tablet.did[-1]
    assert name == "acknowledge_notice"
    assert hand.enough


def test_the_notice_can_be_refused_with_a_reason(tablet: Any) -> None:
    tablet.show("notice")
    tablet.hands.tap("refuse")
    tablet.hands.tap("reason.confirm")
    assert tablet.did == []  # a reason first
    tablet.hands.tap("reason.other")
    tablet.hands.type("reason.note", "要等经理来")
    tablet.hands.tap("reason.confirm")
    assert tablet.did == [("refuse_notice", "other", "要等经理来")]


def test_refusing_is_as_large_as_the_other_choices(tablet: Any) -> None:
    for screen in ("notice", "sign"):
        tablet.show(screen)
        refuse, main = tablet.hands.find("refuse"), tablet.hands.find("main")
        assert refuse.height >= main.height
        assert refuse.font_size >= 20


def test_the_next_step_and_further_acts_are_named(tablet: Any) -> None:
    tablet.show("inspection")
    for control in ("main", "act.evidence", "to.sync", "tab.card", "lock"):
        tablet.hands.tap(control)
    assert tablet.did == [
        ("act", "decision"),
        ("act", "evidence"),
        ("go", "sync"),
        ("go", "card"),
        ("lock",),
    ]


def test_the_camera_takes_a_photo_and_starts_and_stops_a_clip(tablet: Any) -> None:
    tablet.show("capture")
    tablet.hands.tap("main")
    tablet.hands.tap("video")
    tablet.show("capture.video")
    assert "录音录像中 00:00:24" in tablet.words()
    tablet.hands.tap("video")
    tablet.hands.tap("done")
    assert tablet.did == [("take_photo",), ("start_video",), ("stop_video",), ("finish_capture",)]


def test_no_photo_without_the_five_facts(tablet: Any) -> None:
    view = tablet.show("capture")
    tablet.shell.update(replace(view, missing=("证明目的",)))
    tablet.hands.tap("main")
    tablet.hands.tap("video")
    assert tablet.did == []
    assert "还需填写：证明目的" in tablet.words()


def test_a_frame_of_the_camera_reaches_the_viewfinder(tablet: Any) -> None:
    tablet.show("capture")
    tablet.shell.show_frame(bytes((10, 200, 30)) * 320 * 180, 320, 180)
    finder = tablet.hands.find("finder")
    assert tablet.pixel(*finder.to_window(*finder.center)) == (10, 200, 30)


def test_labels_can_be_corrected_before_taking(tablet: Any) -> None:
    tablet.show("capture")
    tablet.hands.tap("purpose.0")
    tablet.hands.tap("step")
    tablet.hands.tap("step.signing")
    assert tablet.did == [
        ("edit_capture", "purpose", "货架未标价"),
        ("edit_capture", "step", "signing"),
    ]


def test_another_photo_comes_before_the_tiles_that_stand_there_and_the_last_one_goes(
    tablet: Any,
) -> None:
    view = tablet.show("capture")
    taken = [Shot(f"第{n}张", "photo", "saved", key=f"{n:016x}") for n in range(4)]
    tablet.shell.update(replace(view, shots=(taken[2], taken[1], taken[0])))
    tablet.hands.settle()
    before = {one.shot.key: one for one in tablet.shell.screen.ids.shots.children}
    sent = replace(taken[2], stage="sent")
    tablet.shell.update(replace(view, shots=(taken[3], sent, taken[1])))
    tablet.hands.settle()
    tiles = tablet.shell.screen.ids.shots.children[::-1]
    assert [one.shot for one in tiles] == [taken[3], sent, taken[1]]
    assert [one.x for one in tiles] == sorted(one.x for one in tiles)
    assert tiles[1:] == [before[taken[2].key], before[taken[1].key]]
