"""The gallery and one recording large: facts, stage and hash, playing, copies that name their
parent; what was let go says where it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from field_client.camera.media_source import MediaSource
from field_client.store.tables import BlobRow
from field_client.ui.presenters.recordings import PAGE
from protocol.statements import MediaCaptured
from protocol.vocabulary import Outcome
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage
from tests.field_client.test_flow_capturing import media

LAVFI = MediaSource(
    "testsrc=size=160x90:rate=25", "lavfi", sound="sine=frequency=440", sound_format="lavfi"
)


@pytest.fixture
def stage(tablet: FieldTablet, tmp_path: Path) -> Iterator[Stage]:
    made = Stage.of(tablet, speaker=str(tmp_path / "heard.wav"), speaker_format="wav")
    yield made
    made.close()


@pytest.fixture
def recorded(stage: Stage, shop: Path) -> Stage:
    """A photo, two seconds of video and a second of sound are on record."""
    stage.notified()
    case, shen = stage.desk.case, stage.desk.officers[0]
    about = stage.tablet.about()
    case.capture_photo(MediaSource(str(shop)), about, shen)
    stage.pass_seconds(60)
    case.record_video(MediaSource(str(shop)), about, shen, stop=lambda: False)
    stage.pass_seconds(60)
    case.record_sound(
        LAVFI, replace(about, purpose="店长陈述"), shen, stop=lambda: False, seconds=1
    )
    stage.do.act("gallery")
    stage.work()
    return stage


def until(stage: Stage, seen: Callable[[], object]) -> None:
    for _ in range(2000):
        stage.work()
        if seen():
            return
        time.sleep(0.005)
    raise AssertionError("it never came")


def opened(stage: Stage, kind: str) -> Stage:
    """One recording of a kind, large."""
    tile = next(tile for tile in stage.view.tiles if tile.kind == kind)
    stage.do.open_recording(tile.key)
    if kind != "sound":
        until(stage, lambda: stage.shell.frames)
    return stage


def test_the_newest_comes_first_with_its_facts_and_a_small_picture(recorded: Stage) -> None:
    assert recorded.screen == "recordings"
    tiles = recorded.view.tiles
    assert [tile.kind for tile in tiles] == ["sound", "video", "photo"]
    assert tiles[0].title == "店长陈述"
    assert tiles[0].thumb is None
    assert all(tile.thumb.startswith(b"\xff\xd8") for tile in tiles[1:])
    assert {tile.stage for tile in tiles} == {"saved"}
    assert recorded.view.place == "第 1 至 3 个，共 3 个"


def test_one_kind_or_one_step_alone(recorded: Stage) -> None:
    recorded.do.filter_gallery("kind", "video")
    assert [tile.kind for tile in recorded.view.tiles] == ["video"]
    recorded.do.filter_gallery("kind", "all")
    assert [choice.key for choice in recorded.view.steps] == ["all", "evidence"]
    recorded.do.filter_gallery("step", "evidence")
    assert len(recorded.view.tiles) == 3


def test_more_than_a_page_is_turned(recorded: Stage, shop: Path) -> None:
    case, shen, about = recorded.desk.case, recorded.desk.officers[0], recorded.tablet.about()
    for _ in range(PAGE - 2):
        case.capture_photo(MediaSource(str(shop)), about, shen)
    recorded.do.tick()
    assert (len(recorded.view.tiles), recorded.view.earlier) == (PAGE, True)
    recorded.do.turn_gallery(1)
    assert (len(recorded.view.tiles), recorded.view.later) == (1, True)
    recorded.do.turn_gallery(1)
    assert len(recorded.view.tiles) == 1


def test_of_a_closed_inspection_nothing_more_is_recorded(recorded: Stage) -> None:
    assert not recorded.view.over
    recorded.desk.case.close(Outcome.NO_PROBLEM)
    recorded.do.tick()
    assert recorded.view.over


def test_a_photo_is_seen_with_all_that_labels_it(recorded: Stage) -> None:
    opened(recorded, "photo")
    view, (one, *_) = recorded.view, media(recorded)
    facts = dict(view.facts)
    assert recorded.screen == "viewer"
    assert facts["案号"] == one.case_no
    assert facts["记录人"] == "沈知远"
    assert view.code.startswith(one.blob.sha256[:8])
    assert (view.stage, view.waiting) == ("saved", "")


def test_a_clip_plays_pauses_and_goes_where_one_asks(recorded: Stage) -> None:
    opened(recorded, "video")
    until(recorded, lambda: recorded.view.playing and recorded.view.length)
    recorded.do.play()
    until(recorded, lambda: not recorded.view.playing)
    recorded.do.seek(1500)
    until(recorded, lambda: recorded.shell.played[0] >= 1400)
    recorded.do.jump(-5)
    until(recorded, lambda: recorded.shell.played[0] < 200)


def test_what_was_touched_at_the_camera_leads_back_to_it(recorded: Stage) -> None:
    """A shot looked at, and all of them; from the timeline they lead back to the timeline."""
    shot = recorded.view.tiles[0].key
    recorded.do.back()
    assert recorded.screen == "inspection"
    recorded.do.act("evidence")
    recorded.do.open_recording(shot)
    recorded.do.back()
    assert recorded.screen == "capture"
    recorded.do.open_gallery()
    recorded.do.open_recording(shot)
    screens = []
    for _ in range(3):
        recorded.do.back()
        screens.append(recorded.screen)
    assert screens == ["recordings", "capture", "inspection"]


def test_leaving_lets_the_player_go(recorded: Stage) -> None:
    opened(recorded, "video")
    recorded.do.back()
    assert recorded.screen == "recordings"
    assert recorded.routes._viewing._player is None
    recorded.do.back()
    assert recorded.screen == "inspection"


def test_locking_lets_the_player_go(recorded: Stage) -> None:
    opened(recorded, "video")
    recorded.do.lock()
    recorded.work()
    assert (recorded.screen, recorded.routes._viewing._player) == ("unlock", None)


def test_without_a_sound_device_the_screen_says_so(recorded: Stage) -> None:
    recorded.desk.settings = replace(recorded.desk.settings, speaker="none", speaker_format="none")
    opened(recorded, "sound")
    until(recorded, lambda: recorded.view.message)
    assert "听不到声音" in recorded.view.message.title


# ── copies ───────────────────────────────────────────────────────────────────────────────────


def parent_and_copy(stage: Stage, kind: str) -> tuple[MediaCaptured, MediaCaptured]:
    """The original and what was made of it; the original is as it was."""
    state = stage.desk.case.state
    copy = state.media[-1].statement
    original = next(one for one in state.media if one.hash.hex() == copy.parent)
    assert original.statement.media.value == kind
    assert copy.blob.sha256 != original.statement.blob.sha256
    return original.statement, copy


def test_a_still_of_a_clip_names_the_clip(recorded: Stage) -> None:
    opened(recorded, "video")
    recorded.do.keep_still()
    recorded.work()
    clip, still = parent_and_copy(recorded, "video")
    assert (still.media.value, still.blob.media_type) == ("photo", "image/jpeg")
    assert still.purpose == f"{clip.purpose}（截图）"
    assert (still.place, still.step) == (clip.place, clip.step)
    assert "原件没有动" in recorded.view.message.title


def test_a_marked_copy_needs_a_mark(recorded: Stage) -> None:
    opened(recorded, "photo")
    recorded.do.begin_marks()
    recorded.do.keep_marks()
    recorded.work()
    assert len(media(recorded)) == 3
    recorded.do.mark_box(0.2, 0.2, 0.3, 0.3)
    assert recorded.view.boxes == ((0.2, 0.2, 0.3, 0.3),)
    recorded.do.keep_marks()
    recorded.work()
    parent_and_copy(recorded, "photo")
    assert (recorded.view.mode, recorded.view.boxes) == ("look", ())


def test_marks_may_be_dropped(recorded: Stage) -> None:
    opened(recorded, "photo")
    recorded.do.begin_marks()
    recorded.do.mark_box(0.2, 0.2, 0.3, 0.3)
    recorded.do.back()
    assert (recorded.screen, recorded.view.mode, recorded.view.boxes) == ("viewer", "look", ())
    assert len(media(recorded)) == 3


def test_a_turned_copy_names_its_original_in_the_gallery(recorded: Stage) -> None:
    opened(recorded, "photo")
    recorded.do.keep_turned()
    recorded.work()
    parent_and_copy(recorded, "photo")
    recorded.do.back()
    assert recorded.view.tiles[0].copy == "副本"
    opened(recorded, "photo")
    assert "来自原件" in dict(recorded.view.facts)


# ── copies let go ────────────────────────────────────────────────────────────────────────────


def test_what_was_let_go_says_that_the_office_keeps_it(recorded: Stage) -> None:
    tablet = recorded.desk.open_tablet
    with tablet.vault.transaction() as session:
        for one in media(recorded):
            blob = session.get_one(BlobRow, bytes.fromhex(one.blob.sha256))
            blob.stage = "archived"
            session.add(blob)
    recorded.do.back()
    recorded.pass_seconds(600)
    recorded.do.tick()
    recorded.work()
    recorded.do.act("gallery")
    assert {tile.gone for tile in recorded.view.tiles} == {"本机已释放，由本局保存"}
    recorded.do.open_recording(recorded.view.tiles[-1].key)
    until(recorded, lambda: recorded.view.message)
    assert "由本局保存" in recorded.view.message.title


def test_nothing_goes_before_the_office_has_archived_it(recorded: Stage) -> None:
    recorded.pass_seconds(600)
    recorded.do.tick()
    recorded.work()
    recorded.do.tick()
    assert {tile.gone for tile in recorded.view.tiles} == {""}
