"""From a recorder's stick to the record: chosen, taken in, labelled, and who brought it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from field_client.store import imports
from protocol.statements import MediaCaptured
from tests.field_client.county import SHEN, FieldTablet
from tests.field_client.flowing import Stage


@pytest.fixture
def stick(tmp_path: Path, shop: Path) -> Path:
    """A recorder with two clips and its own log."""
    folder = tmp_path / "BWC-07"
    folder.mkdir()
    (folder / "MOV_0001.MP4").write_bytes(shop.read_bytes())
    (folder / "MOV_0002.MP4").write_bytes(shop.read_bytes()[:-1500])
    (folder / "SETUP.LOG").write_text("firmware 1.2\n" * 99)
    return folder


@pytest.fixture
def stage(tablet: FieldTablet, stick: Path) -> Iterator[Stage]:
    made = Stage.of(tablet, sticks=(stick,))
    yield made
    made.close()


@pytest.fixture
def looking(stage: Stage, stick: Path) -> Stage:
    """At the files of the stick."""
    stage.notified()
    stage.do.act("importing")
    assert [choice.word for choice in stage.view.sticks] == ["BWC-07"]
    stage.do.choose_stick(str(stick))
    stage.work()
    return stage


def media(stage: Stage) -> list[MediaCaptured]:
    return [one.statement for one in stage.desk.case.state.media]


def taken(stage: Stage) -> Stage:
    """Both clips are in."""
    stage.do.tick_file("all")
    stage.do.take_in()
    stage.work()
    assert stage.view.phase == "labels"
    return stage


def test_files_show_what_they_say_and_others_why_not(looking: Stage) -> None:
    rows = {row.name: row for row in looking.view.files}
    assert (looking.view.phase, looking.view.looking) == ("files", False)
    assert "MB" in rows["MOV_0001.MP4"].detail or "KB" in rows["MOV_0001.MP4"].detail
    assert "00:02" in rows["MOV_0001.MP4"].detail
    assert rows["SETUP.LOG"].refused == "不是照片、录像或录音"
    looking.do.tick_file(rows["SETUP.LOG"].key)
    assert not looking.view.ready
    looking.do.take_in()
    assert looking.worker.waiting == []


def test_from_the_stick_to_the_record(looking: Stage, shop: Path) -> None:
    taken(looking)
    form = looking.view.form
    assert (form.name, form.recorder, form.left) == ("MOV_0001.MP4", SHEN, "后面还有 1 个")
    assert looking.view.missing == ("证明目的",)
    looking.do.keep_import()
    looking.work()
    assert media(looking) == [], "a purpose is missing"
    for key, value in (("purpose", "记录到达现场"), ("step", "arrival"), ("place", "店门口")):
        looking.do.edit_import(key, value)
    looking.do.keep_import()
    looking.work()
    (one,) = media(looking)
    assert one.imported is not None
    assert (one.imported.by, one.imported.source, one.imported.name) == (
        SHEN,
        "BWC-07",
        "MOV_0001.MP4",
    )
    assert (one.recorder, one.purpose, one.step.value, one.place.text) == (
        SHEN,
        "记录到达现场",
        "arrival",
        "店门口",
    )
    assert one.blob.size == shop.stat().st_size
    assert looking.view.form.name == "MOV_0002.MP4"
    assert looking.view.form.purpose == "记录到达现场", "the next is likely of the same kind"
    looking.do.keep_import()
    looking.work()
    assert len(media(looking)) == 2
    assert looking.view.phase == "stick"


def test_what_is_in_waits_for_its_labels_over_lock_and_restart(looking: Stage) -> None:
    taken(looking)
    case = looking.desk.case.case
    looking.do.lock()
    looking.unlock()
    looking.second()
    looking.do.resume(case.hex())
    looking.do.act("importing")
    assert looking.view.form.name == "MOV_0001.MP4"


def test_the_same_file_again_is_recognised(looking: Stage, stick: Path) -> None:
    taken(looking)
    looking.do.edit_import("purpose", "记录到达现场")
    for _ in range(2):
        looking.do.keep_import()
        looking.work()
    looking.do.choose_stick(str(stick))
    looking.work()
    looking.do.tick_file("all")
    looking.do.take_in()
    looking.work()
    assert looking.view.phase == "files"
    assert looking.view.message.title == "本机已有，没有重复导入：MOV_0001.MP4、MOV_0002.MP4"
    assert len(media(looking)) == 2


def test_a_stick_pulled_out_is_told_and_nothing_half_is_kept(looking: Stage, stick: Path) -> None:
    looking.do.tick_file("all")
    (stick / "MOV_0002.MP4").unlink()
    looking.do.take_in()
    looking.work()
    assert "MOV_0002.MP4 没有读完" in looking.view.message.title
    waiting = imports.waiting(looking.desk.open_tablet.vault, looking.desk.case.case)
    assert [one.name for one in waiting] == ["MOV_0001.MP4"]
    assert len(list(looking.desk.settings.blobs_dir.glob("*.blob"))) >= 1


def test_an_import_can_be_called_off(looking: Stage) -> None:
    looking.do.tick_file("all")
    looking.do.take_in()
    assert looking.view.phase == "copying"
    looking.do.cancel_import()
    looking.work()
    assert (looking.view.phase, media(looking)) == ("files", [])
    assert imports.waiting(looking.desk.open_tablet.vault, looking.desk.case.case) == []


def test_what_is_not_wanted_is_put_back(looking: Stage) -> None:
    taken(looking)
    looking.do.put_back_import()
    assert looking.view.form.name == "MOV_0002.MP4"
    looking.do.put_back_import()
    assert looking.view.phase == "stick"


def test_back_goes_one_step_at_a_time(looking: Stage) -> None:
    looking.do.back()
    assert looking.view.phase == "stick"
    looking.do.back()
    assert looking.screen == "inspection"


def test_an_import_under_way_goes_on_when_the_tablet_is_locked(looking: Stage) -> None:
    """What is whole by then waits for its labels."""
    case = looking.desk.case.case
    looking.do.tick_file("all")
    looking.do.take_in()
    looking.do.lock()
    looking.work()
    assert looking.screen == "unlock"
    waiting = imports.waiting(looking.desk.open_tablet.vault, case)
    assert [one.name for one in waiting] == ["MOV_0001.MP4", "MOV_0002.MP4"]
    looking.unlock()
    looking.do.resume(case.hex())
    assert looking.screen == "inspection"


def test_an_import_under_way_ends_with_the_program(looking: Stage) -> None:
    case = looking.desk.case.case
    looking.do.tick_file("all")
    looking.do.take_in()
    looking.routes.stop()
    looking.settle()
    assert imports.waiting(looking.desk.open_tablet.vault, case) == []
