"""Camera, gallery, viewer and imports under fingers and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.presenters.common import Choice
from field_client.ui.presenters.item import grouped
from field_client.ui.presenters.recordings import length_words, size_words

GREY = bytes(160 * 90 * 3)


def test_each_way_of_recording_has_its_button_and_running_one_alone_stops(tablet: Any) -> None:
    tablet.show("capture")
    for name in ("video", "sound", "continuous", "gallery"):
        tablet.hands.tap(name)
    assert [call[0] for call in tablet.did] == [
        "start_video",
        "start_sound",
        "start_continuous",
        "open_gallery",
    ]
    tablet.show("capture.continuous")
    tablet.did.clear()
    tablet.hands.tap("continuous")
    assert tablet.did == [("stop_video",)]
    assert tablet.hands.seek("sound") is None


def test_the_gallery_of_a_closed_inspection_has_no_way_to_the_camera(tablet: Any) -> None:
    view = VIEWS["recordings"](_)
    tablet.show("recordings", view)
    tablet.hands.tap("camera")
    tablet.hands.tap("importing")
    assert [call[0] for call in tablet.did] == ["fix", "open_importing"]
    tablet.did.clear()
    tablet.show("recordings", replace(view, over=True))
    assert tablet.hands.seek("camera") is None
    assert tablet.hands.seek("importing") is None


def test_without_the_five_facts_nothing_is_begun(tablet: Any) -> None:
    view = replace(VIEWS["capture"](_), missing=("证明目的",))
    tablet.show("capture", view)
    for name in ("main", "video", "sound", "continuous"):
        tablet.hands.tap(name)
    assert tablet.did == []


def test_a_break_asks_for_its_reason_on_the_camera_screen(tablet: Any) -> None:
    tablet.show("capture.continuous")
    assert "录像中断 12 秒，已恢复。请说明原因。" in tablet.words()
    tablet.hands.tap("fix.explain_break")
    assert tablet.did == [("fix", "explain_break")]


def test_the_running_mark_moves_on_every_screen_without_laying_it_out_anew(tablet: Any) -> None:
    for key in ("recordings", "card", "inspection", "unlock"):
        tablet.show(key)
        before = tablet.shell.screen.view
        tablet.shell.mark("00:42:07")
        tablet.hands.pump()
        assert tablet.shell.screen.view is before
        if key != "unlock":
            assert "00:42:07" in tablet.words(), key
    tablet.shell.mark("")


def test_the_meter_follows_the_microphone(tablet: Any) -> None:
    tablet.show("capture.sound")
    tablet.shell.show_level(0.75)
    assert tablet.shell.screen.ids.meter.level == 0.75
    tablet.show("card")
    tablet.shell.show_level(0.5)  # a late one meets another screen


def test_a_tile_opens_its_recording_and_pages_turn(tablet: Any) -> None:
    view = tablet.show("recordings")
    tablet.hands.tap(f"recording.{view.tiles[3].key[:16]}")
    tablet.hands.tap("page.older")
    tablet.hands.tap("kind.video")
    assert tablet.did == [
        ("open_recording", view.tiles[3].key),
        ("turn_gallery", 1),
        ("filter_gallery", "kind", "video"),
    ]


def test_a_newer_picture_leaves_the_tiles_where_they_are(tablet: Any) -> None:
    view = tablet.show("recordings")
    first = tablet.hands.find(f"recording.{view.tiles[0].key[:16]}")
    tiles = (replace(view.tiles[0], thumb=view.tiles[1].thumb), *view.tiles[1:])
    tablet.shell.update(replace(view, tiles=tiles))
    assert tablet.hands.find(f"recording.{view.tiles[0].key[:16]}") is first
    tablet.shell.update(replace(view, tiles=tiles[2:]))
    assert tablet.hands.seek(f"recording.{view.tiles[0].key[:16]}") is None


def test_a_clip_is_played_and_sought_by_fingers(tablet: Any) -> None:
    tablet.show("viewer")
    for name in ("play", "back5", "on5"):
        tablet.hands.tap(name)
    bar = tablet.hands.find("seek")
    x, y = bar.to_window(*bar.center)
    tablet.hands.touch(x, y)
    assert tablet.did[:3] == [("play",), ("jump", -5), ("jump", 5)]
    assert tablet.did[3][0] == "seek"
    assert abs(tablet.did[3][1] - 12_000) < 300
    before = tablet.shell.screen.view
    tablet.shell.show_time(18_000, 24_000)
    assert (bar.share, tablet.shell.screen.view is before) == (0.75, True)


def test_keys_reach_play_and_the_copies(tablet: Any) -> None:
    tablet.show("viewer")
    names = set(tablet.hands.names())
    assert {"play", "back5", "on5", "still", "mark", "turn", "zoom.in", "zoom.out"} <= names
    play = tablet.hands.find("play")
    play.focus = True
    play.keyboard_on_key_down(None, (13, "enter"), "", [])
    tablet.hands.rest(0.2)
    assert tablet.did == [("play",)]


def test_a_picture_is_enlarged_moved_and_never_leaves_a_gap(tablet: Any) -> None:
    tablet.show("viewer")
    tablet.shell.show_frame(GREY, 160, 90)
    picture = tablet.hands.find("picture")
    for _times in range(9):
        tablet.hands.tap("zoom.in")
    assert picture.zoom == 8
    from tests.hands import Finger

    finger = Finger(*picture.to_window(*picture.center))
    finger.down()
    finger.slide(picture.x + 4, picture.y + 4)
    finger.up()
    tablet.hands.pump()
    x, y, width, height = picture.place()
    assert x <= picture.x + 1
    assert y <= picture.y + 1
    assert x + width >= picture.right - 1
    assert y + height >= picture.top - 1
    assert picture.shift != [0, 0]
    for _times in range(9):
        tablet.hands.tap("zoom.out")
    assert (picture.zoom, picture.shift) == (1, [0, 0])


def test_a_finger_draws_a_frame_in_shares_of_the_picture(tablet: Any) -> None:
    from tests.hands import Finger

    tablet.show("viewer.mark", replace(VIEWS["viewer.mark"](_), boxes=()))
    tablet.shell.show_frame(GREY, 160, 90)
    tablet.hands.pump()
    picture = tablet.hands.find("picture")
    x, y, width, height = picture.place()
    finger = Finger(*picture.to_window(x + width / 4, y + height * 3 / 4))
    finger.down()
    finger.slide(*picture.to_window(x + width / 2, y + height / 2))
    finger.up()
    tablet.hands.pump()
    name, *box = tablet.did[-1]
    assert name == "mark_box"
    assert box == pytest.approx([0.25, 0.25, 0.25, 0.25], abs=0.02)
    tablet.hands.tap("keep.marks")
    assert tablet.did[-1][0] == "mark_box", "without a kept frame there is nothing to keep"


def test_what_is_on_record_and_closed_is_not_copied(tablet: Any) -> None:
    tablet.show("viewer", replace(VIEWS["viewer"](_), changeable=False))
    assert tablet.hands.seek("still") is None


def test_a_recorders_files_are_chosen_and_taken_in(tablet: Any) -> None:
    view = tablet.show("importing.stick")
    tablet.hands.tap(f"stick.{view.sticks[0].word}")
    view = tablet.show("importing")
    tablet.hands.tap(f"file.{view.files[2].name}")
    tablet.hands.tap("files.all")
    tablet.hands.tap("main")
    tablet.show("importing.copying")
    tablet.hands.tap("import.cancel")
    assert tablet.did == [
        ("choose_stick", "/a"),
        ("tick_file", "c"),
        ("tick_file", "all"),
        ("take_in",),
        ("cancel_import",),
    ]


def test_labels_of_an_import_are_typed_and_kept(tablet: Any) -> None:
    tablet.show("importing.labels")
    assert "证明目的" in tablet.words()
    tablet.hands.type("purpose", "到达")
    tablet.hands.tap("recorder.00992304132")
    tablet.hands.tap("import.putback")
    tablet.hands.tap("main")
    assert ("edit_import", "purpose", "到达") in tablet.did
    assert tablet.did[-3:] == [
        ("edit_import", "recorder", "00992304132"),
        ("put_back_import",),
        ("keep_import",),
    ]


def test_no_stick_is_said_with_what_to_do(tablet: Any) -> None:
    tablet.show("importing.stick", replace(VIEWS["importing.stick"](_), sticks=()))
    assert "请接好记录仪" in tablet.words()
    tablet.shell.update(
        replace(VIEWS["importing.stick"](_), sticks=(Choice("/c", "执法记录仪 09"),))
    )
    tablet.hands.pump()
    assert tablet.hands.seek("stick.执法记录仪 09") is not None


def test_times_sizes_and_hashes_are_for_human_eyes() -> None:
    assert [length_words(ms) for ms in (0, 83_400, 3_723_000)] == ["00:00", "01:23", "1:02:03"]
    assert [size_words(n) for n in (12, 4_200, 4_200_000_000)] == ["12 B", "4.2 KB", "4.2 GB"]
    assert grouped("ab" * 32) == " ".join(["abababab"] * 8)
