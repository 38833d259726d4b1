"""The camera screen: one thing at a time, nothing lost when the screen is left or locked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from field_client.camera import viewfinder
from field_client.camera.media_source import MediaSource
from field_client.durable import disk_full
from field_client.store import breaks, rescue
from field_client.store.blobs import BlobWriter
from field_client.store.tables import LinkRow
from protocol.statements import MediaCaptured, RecordingBroken
from protocol.vocabulary import Step
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage

PULLED_OUT = MediaSource("testsrc=size=160x90:rate=25:duration=1", "lavfi")
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


def test_a_clip_whose_camera_is_unplugged_is_saved_and_told_wherever_the_officer_is(
    filming: Stage,
) -> None:
    filming.desk.tablet = replace(filming.desk.open_tablet, source=PULLED_OUT)
    filming.do.start_video()
    filming.do.finish_capture()
    filming.work()
    filming.settle()
    assert filming.screen == "inspection"
    assert filming.told.title.startswith("录音录像在")
    assert [one.key for one in filming.told.fixes] == ["evidence"]
    assert filming.desk.recording == ""
    assert len(filming.desk.case.state.media) == 1, "what was recorded until then is on record"


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


def test_a_clip_that_a_full_disk_cut_is_offered_once_there_is_room(
    filming: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut at once, with no room left to end it in order; no restart is needed for it."""
    put, written = BlobWriter._put, []

    def full(writer: BlobWriter, data: bytes) -> None:
        written.append(len(data))
        if len(written) > 3:  # what opens the file, and two pieces of film
            raise disk_full(writer.path.parent)
        put(writer, data)

    with monkeypatch.context() as disk:
        disk.setattr(BlobWriter, "_put", full)
        filming.do.start_video()
        filming.work()
        assert "此前录下的部分已保留" in filming.told.text
        assert [one.key for one in filming.told.fixes] == ["sync_now", "export_unsent"]
        disk.setattr("field_client.durable.free_bytes", lambda _folder: 0)
        filming.do.tick()
        filming.work()
        assert filming.desk.case.rescued() == [], "no room for it yet"
    filming.do.tick()
    filming.work()
    filming.do.finish_capture()
    (note,) = [one for one in filming.view.notes if one.fixes]
    assert note.fixes[0].key == "keep_rescued"
    filming.do.fix("keep_rescued")
    filming.work()
    (saved,) = media(filming)
    assert "录制中断" in saved.purpose


def test_what_was_cut_before_is_no_part_of_a_continuous_recording_that_runs(
    filming: Stage,
) -> None:
    """Offered once that one is over: while it runs, nobody knows whether a break has ended."""
    locker, case = filming.desk.open_tablet.office.locker, filming.desk.case
    writer = locker.begin("video/mp4", "货架", case.case)
    writer.write(bytes(100))
    writer.finish()
    assert rescue.again(locker.vault, locker.folder, {writer.path.name}) == set()
    thread = running(filming, filming.do.start_continuous, lambda: filming.shell.frames > 2)
    filming.do.go("inspection")
    assert not any(fix.key == "keep_rescued" for note in filming.view.notes for fix in note.fixes)
    filming.do.fix("keep_rescued")
    filming.work()
    assert breaks.pending(locker.vault, case.case) == []
    ended(filming, thread)
    filming.do.tick()
    filming.do.fix("keep_rescued")
    filming.work()
    assert {one.purpose: one.continuous for one in media(filming)} == {
        "货架（录制中断，已保存中断前部分）": False,
        "证明散装商品未标明价格": True,
    }


def test_leaving_by_the_lock_lets_the_camera_go(filming: Stage) -> None:
    until(filming, lambda: filming.shell.frames > 0)
    assert not viewfinder.let_go(0.05)
    filming.do.lock()
    assert viewfinder.let_go()


# ── sound, and recording without a break ─────────────────────────────────────────────────────


@pytest.fixture
def hearing(filming: Stage) -> Stage:
    """At the camera, with a microphone."""
    source = MediaSource(ENDLESS.spec, "lavfi", sound="sine=frequency=440", sound_format="lavfi")
    filming.desk.tablet = replace(filming.desk.open_tablet, source=source)
    return filming


def running(stage: Stage, begin: Callable[[], None], seen: Callable[[], bool]) -> threading.Thread:
    """Begun, and under way."""
    begin()
    thread = stage.work_beside()
    until(stage, seen)
    return thread


def ended(stage: Stage, thread: threading.Thread) -> None:
    stage.do.stop_video()
    thread.join(timeout=30)
    stage.work()


def test_sound_alone_shows_its_level_and_goes_on_record(hearing: Stage) -> None:
    thread = running(hearing, hearing.do.start_sound, lambda: len(hearing.shell.levels) > 1)
    assert hearing.view.running == "sound"
    assert "录音" in hearing.view.space
    ended(hearing, thread)
    assert "录像" in hearing.view.space
    (one,) = media(hearing)
    assert (one.media.value, one.blob.media_type, one.codec) == ("sound", "audio/mp4", "aac")
    assert max(hearing.shell.levels) > 0.3
    assert hearing.view.running == ""


def test_a_clip_stopped_at_once_gives_the_right_advice(filming: Stage) -> None:
    filming.do.start_video()
    filming.do.stop_video()
    filming.work()
    assert "还没有出现画面就停了" in filming.told.text
    assert "重启" not in filming.told.text
    assert media(filming) == []


def test_a_photo_is_taken_out_of_a_continuous_recording(filming: Stage) -> None:
    thread = running(filming, filming.do.start_continuous, lambda: filming.shell.frames > 2)
    filming.do.take_photo()
    until(filming, lambda: bool(filming.worker.waiting))
    filming.worker.run_one()
    filming.settle()
    ended(filming, thread)
    kinds = {one.media.value: one.continuous for one in media(filming)}
    assert kinds == {"photo": False, "video": True}


def test_a_break_is_in_sight_and_its_reason_asked_for(
    filming: Stage, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.continuous.TRY_AGAIN_S", 0.2)
    filming.desk.tablet = replace(filming.desk.open_tablet, source=MediaSource(str(shop)))
    thread = running(
        filming,
        filming.do.start_continuous,
        lambda: any("已中断" in words for words in filming.shell.marks),
    )
    filming.pass_seconds(9)
    filming.do.tick()
    assert "已中断 9 秒" in filming.desk.recording
    ended(filming, thread)
    note = filming.view.notes[0]
    assert "说明原因" in note.fixes[0].word
    filming.do.fix(note.fixes[0].key)
    filming.do.answer("explain_break", "相机连接断开")
    filming.work()
    said = [one for one in filming.records if isinstance(one, RecordingBroken)]
    assert [one.reason for one in said][:1] == ["相机连接断开"]
    assert said[0].media is not None


def test_one_reason_stands_for_all_breaks_that_are_over_each_on_record_for_itself(
    filming: Stage,
) -> None:
    vault, case = filming.desk.open_tablet.vault, filming.desk.case.case
    now = filming.desk.clock.wall_ms()
    begun = [now - at * 1000 for at in (50, 40, 30)]
    still = breaks.broken(case, Step.EVIDENCE, now - 2000)
    with vault.transaction() as session:
        for at in begun:
            breaks.keeping(breaks.broken(case, Step.EVIDENCE, at, at + 4000))(session)
        breaks.keeping(still)(session)
    filming.do.tick()
    filming.do.finish_capture()
    filming.do.act("evidence")
    fixes = {one.key: one.word for one in filming.view.notes[0].fixes}
    assert fixes["explain_breaks"] == "一并说明 3 次"
    filming.do.fix("explain_breaks")
    assert filming.shell.asked is not None
    assert filming.shell.asked.text.count("4 秒") == 3
    told = filming.shell.asked.text.splitlines()[1:]
    assert len({*told}) == 3, "what broke off within a minute is told apart"
    filming.do.answer("explain_breaks", "相机松动")
    filming.work()
    said = [one for one in filming.records if isinstance(one, RecordingBroken)]
    assert [one.reason for one in said] == ["相机松动"] * 3
    assert len({one.from_at for one in said}) == 3
    assert breaks.pending(vault, case) == [still], "what is not over is not explained yet"


def test_a_continuous_recording_is_in_sight_in_the_partys_hands(filming: Stage) -> None:
    thread = running(filming, filming.do.start_continuous, lambda: filming.shell.frames > 2)
    filming.do.finish_capture()
    filming.do.act("identity")
    assert filming.screen == "card"
    assert filming.view.frame.recording != ""
    before = len(filming.shell.marks)
    filming.pass_seconds(3)
    until(filming, lambda: len(filming.shell.marks) > before)
    assert filming.shell.marks[-1] >= "00:00:03"
    ended(filming, thread)


def test_what_cannot_fit_is_refused_with_the_ways_out(
    filming: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: (64 + 20 * 20) << 20)
    filming.do.start_continuous()
    filming.work()
    assert filming.told.text.startswith("空间只够录 20 分钟。请先同步")
    assert [fix.key for fix in filming.told.fixes] == ["sync_now", "export_unsent"]
    assert (filming.desk.recording, media(filming)) == ("", [])
    filming.do.take_photo()
    filming.work()
    assert len(media(filming)) == 1, "a photo still fits"


def test_the_gauge_says_how_much_room_there_is(
    filming: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: (64 + 20 * 20) << 20)
    filming.pass_seconds(10)
    filming.do.edit_capture("place", "后厨")
    assert "20 分钟" in filming.view.space
    assert filming.view.tight


def test_a_shot_says_how_far_it_has_come(filming: Stage) -> None:
    filming.do.take_photo()
    filming.work()
    assert [shot.stage for shot in filming.view.shots] == ["saved"]
    tablet = filming.desk.open_tablet
    with tablet.vault.transaction() as session:
        for link in session.exec(select(LinkRow)).all():
            link.stage = "receipted"
            session.add(link)
    filming.do.edit_capture("place", "后厨")
    assert [shot.stage for shot in filming.view.shots] == ["receipted"]


def test_small_pictures_are_made_by_a_worker(filming: Stage) -> None:
    filming.do.take_photo()
    filming.work()
    (shot,) = filming.view.shots
    assert shot.thumb is not None
    assert shot.thumb.startswith(b"\xff\xd8")
