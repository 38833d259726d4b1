"""The camera screen: one thing at a time, nothing lost when the screen is left or locked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from field_client.camera.media_source import MediaSource
from protocol.statements import MediaCaptured
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage

ENDLESS = MediaSource("testsrc=size=160x90:rate=25", "lavfi")


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


@pytest.fixture
def filming(stage: Stage) -> Stage:
    """At the camera, labels filled in."""
    stage.notified()
    stage.desk.tablet = replace(stage.desk.open_tablet, source=ENDLESS)
    stage.do.act("evidence")
    stage.do.edit_capture("purpose", "证明散装商品未标明价格")
    return stage


def until(stage: Stage, seen: Callable[[], bool]) -> None:
    for _ in range(3000):
        stage.settle()
        if seen():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def media(stage: Stage) -> list[MediaCaptured]:
    return [one for one in stage.records if isinstance(one, MediaCaptured)]


def test_the_five_facts_come_first(stage: Stage) -> None:
    stage.notified()
    stage.do.act("evidence")
    stage.do.take_photo()
    assert stage.worker.waiting == []
    assert "证明目的" in stage.view.message.title


def test_two_touches_take_one_photo(filming: Stage) -> None:
    filming.do.take_photo()
    filming.do.take_photo()
    filming.work()
    assert len(media(filming)) == 1
    assert len(filming.view.shots) == 1


def test_a_phrase_for_the_purpose_is_chinese_in_an_english_tablet_too(stage: Stage) -> None:
    stage.do.set_language("en")
    stage.notified()
    stage.do.act("evidence")
    assert stage.view.purposes == ("证明：未按规定明码标价",)


def test_a_photo_waits_until_the_recording_is_stopped(filming: Stage) -> None:
    filming.do.start_video()
    filming.do.take_photo()
    assert len(filming.worker.waiting) == 1
    assert filming.view.message.title == "请先停止录像"
    filming.do.stop_video()
    filming.work()
    assert filming.view.recording == ""


def test_a_recording_goes_on_when_the_tablet_is_locked_and_is_saved(filming: Stage) -> None:
    case = filming.desk.case
    filming.do.start_video()
    thread = filming.work_beside()
    until(filming, lambda: filming.desk.recording > "00:00:00")
    filming.do.lock()
    assert filming.screen == "unlock"
    before = filming.desk.recording
    until(filming, lambda: filming.desk.recording > before)
    filming.do.tick()
    assert filming.view.recording > before, "it stays in sight"
    assert filming.shell.marks[-1] > before
    filming.unlock()
    filming.do.resume(case.case.hex())
    assert filming.view.frame.recording != ""
    filming.do.act("evidence")
    assert filming.view.recording != ""
    filming.do.stop_video()
    thread.join(timeout=30)
    filming.settle()
    assert (filming.desk.recording, filming.view.recording) == ("", "")
    assert len(case.state.media) == 1
    assert len(filming.view.shots) == 1


def test_a_recording_is_saved_when_the_program_ends(filming: Stage) -> None:
    case = filming.desk.case
    filming.do.start_video()
    thread = filming.work_beside()
    until(filming, lambda: filming.shell.frames > 3)
    filming.routes.stop()
    thread.join(timeout=30)
    filming.settle()
    assert len(case.state.media) == 1


def test_an_inspection_does_not_end_while_it_is_being_recorded(filming: Stage) -> None:
    filming.do.start_video()
    thread = filming.work_beside()
    until(filming, lambda: filming.shell.frames > 3)
    filming.do.finish_capture()
    assert filming.screen == "inspection"
    assert filming.view.frame.recording != ""
    filming.do.act("close")
    assert [fix.key for fix in filming.told.fixes] == ["evidence"]
    filming.do.fix("evidence")
    filming.do.stop_video()
    thread.join(timeout=30)
    filming.settle()
    assert len(media(filming)) == 1


def test_labels_of_one_inspection_do_not_come_into_the_next(filming: Stage) -> None:
    filming.do.edit_capture("place", "后厨")
    filming.do.finish_capture()
    filming.do.go("today")
    filming.pass_seconds(60)
    filming.fill_in()
    filming.do.open_inspection()
    filming.work()
    filming.do.act("evidence")
    assert (filming.view.labels.place, filming.view.labels.purpose) == (
        "云溪县青石镇河西路28号",
        "",
    )


def test_a_camera_that_does_not_open_is_named_and_the_form_stays(filming: Stage) -> None:
    filming.desk.tablet = replace(filming.desk.open_tablet, source=MediaSource("/no/camera"))
    filming.do.finish_capture()
    filming.do.act("evidence")
    until(filming, lambda: filming.view.message is not None)
    assert "相机" in filming.view.message.title or "摄像" in filming.view.message.title
    filming.do.take_photo()
    filming.work()
    assert "关闭" in filming.told.text
    filming.desk.tablet = replace(filming.desk.open_tablet, source=ENDLESS)
    filming.do.take_photo()
    filming.work()
    assert len(media(filming)) == 1


def test_a_full_disk_is_told_and_nothing_is_recorded(
    filming: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("field_client.durable.free_bytes", lambda _folder: 0)
        filming.do.take_photo()
        filming.work()
    assert "空间" in filming.told.text
    assert media(filming) == []
    filming.do.take_photo()
    filming.work()
    assert len(media(filming)) == 1


def test_leaving_by_the_lock_lets_the_camera_go(filming: Stage) -> None:
    until(filming, lambda: filming.shell.frames > 0)
    filming.do.lock()
    assert filming.routes._capturing._finder._thread is None
