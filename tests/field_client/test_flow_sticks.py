"""The sync screen with a stick: an export with its bar, the office's answer, stopping, and what is
let wait; every sheet says what to do next."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from field_client.contact import exporting
from field_client.contact.exporting import Scope
from field_client.store.stages import PAUSED
from field_client.ui.presenters.journey import (
    SPACE,
    Load,
    amount,
    carried,
    left_words,
    load_words,
    sending,
    span_words,
)
from protocol.statements import DeviceRevoked
from sync_server import demo
from sync_server.devices import answering, exports, importing
from sync_server.services import writing
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import Stage


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def stage(tablet: FieldTablet, stick: Path) -> Iterator[Stage]:
    """Three records and a photo that no network takes."""
    tablet.photo(tablet.opened_and_notified())
    running = Stage.of(tablet, sticks=(stick,))
    running.unlock()
    running.look_at_sync()
    yield running
    running.close()
    tablet.restart()


def answered(county: County, path: Path) -> Path:
    """The office takes the export in and writes its answer."""
    with (
        writing(county.settings, county.clock) as services,
        exports.opened(services, path) as export,
    ):
        brought = importing.bring_in(services, export)
        made = answering.answer_to(services, export, brought)
    assert made is not None
    return answering.write(made, path)


def exported(stage: Stage, stick: Path) -> Path:
    stage.do.fix("export_unsent")
    stage.work()
    return max(stick.glob("*.export"))


def counts(stage: Stage) -> list[str]:
    return [tile.count for tile in stage.view.tiles]


# ── the way to the office and back ───────────────────────────────────────────────────────


def test_export_and_answer_on_screen_bring_the_records_to_stored(
    stage: Stage, county: County, stick: Path
) -> None:
    assert counts(stage) == ["4", "0", "0", "0", "0"]
    path = exported(stage, stick)
    assert stage.told.title == "已导出到U盘"
    assert [fix.key for fix in stage.told.fixes] == ["export_all"]
    assert not any("回执" in note.title for note in stage.view.notes)
    answered(county, path)
    stage.look_at_sync()
    (note,) = [note for note in stage.view.notes if "回执" in note.title]
    stage.do.fix(note.fixes[0].key)
    assert stage.view.journey.words == "正在导入回执"
    stage.work()
    assert (stage.told.tone, stage.told.title) == ("success", "回执已导入")
    assert "4 条记录已有回执" in stage.told.text
    assert "4 条记录已在中心存妥" in stage.told.text
    assert counts(stage) == ["0", "0", "0", "4", "0"]
    assert stage.view.journey is None
    stage.look_at_sync()
    assert not any("回执" in note.title for note in stage.view.notes), "it was taken in"
    os.utime(answered(county, path), ns=(2**60, 2**60))
    stage.look_at_sync()
    assert any("回执" in note.title for note in stage.view.notes), "it is another one"


def test_without_an_answer_the_screen_says_which_stick_to_plug_in(stage: Stage) -> None:
    stage.do.fix("from_answer")
    assert "从机关拿回来的U盘" in stage.told.text


def test_a_damaged_answer_is_refused_in_words_and_changes_nothing(
    stage: Stage, county: County, stick: Path
) -> None:
    path = answered(county, exported(stage, stick))
    data = path.read_bytes()
    path.write_bytes(data[:900] + bytes([data[900] ^ 1]) + data[901:])
    stage.do.fix("from_answer")
    stage.work()
    assert stage.told.tone == "danger"
    assert "损坏" in stage.told.text
    assert counts(stage) == ["4", "0", "0", "0", "0"]


def test_an_older_answer_is_refused_in_words(stage: Stage, county: County, stick: Path) -> None:
    old = answered(county, exported(stage, stick)).read_bytes()
    path = answered(county, exported(stage, stick))
    stage.do.fix("from_answer")
    stage.work()
    assert stage.told.tone == "success"
    path.write_bytes(old)
    stage.do.fix("from_answer")
    stage.work()
    assert "比本平板已知的旧" in stage.told.text


def test_a_refusal_that_comes_by_stick_offers_the_export(
    stage: Stage, county: County, stick: Path, tablet: FieldTablet
) -> None:
    path = exported(stage, stick)
    with writing(county.settings, county.clock) as services:
        said = DeviceRevoked(
            agency=demo.AGENCY.id,
            at=county.clock.now(),
            salt="0" * 32,
            device=demo.DEVICE,
            reason="遗失",
            effective_at=county.clock.now(),
        )
        services.office.state(said, [services.keyring.issuer(demo.AGENCY.id)])
    answered(county, path)
    stage.do.fix("from_answer")
    stage.work()
    assert stage.told.tone == "danger"
    assert [fix.key for fix in stage.told.fixes] == ["export_unsent"]
    assert counts(stage) == ["4", "0", "0", "0", "0"]


def test_an_export_can_be_stopped_and_begun_again(stage: Stage, stick: Path) -> None:
    """While it waits for its turn it shows a bar; stopped, nothing is left on the stick."""
    stage.do.fix("export_unsent")
    assert stage.view.journey.fix.key == "stick_stop"
    stage.do.fix("export_unsent")  # one at a time
    assert len(stage.worker.waiting) == 1
    stage.do.fix("stick_stop")
    stage.work()
    assert "已停止" in stage.told.text
    assert list(stick.iterdir()) == []
    assert stage.view.journey.fix.key == "media_pause"  # what waits for the network, as before
    assert exported(stage, stick).exists()


def test_an_export_that_was_cut_off_is_offered_to_be_gone_on_with(
    stage: Stage, stick: Path, tablet: FieldTablet
) -> None:
    """The stick is pulled out while the photo is written; what is saved since is told at the end,
    because it is not in the file."""
    move, calls = exporting._Watched.move, itertools.count(1)

    def pulled_out(self: exporting._Watched, size: int) -> None:
        if next(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        move(self, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting._Watched, "move", pulled_out)
        stage.do.fix("export_unsent")
        stage.work()
    assert stage.told.tone == "danger"
    assert "接着写" in stage.told.text
    assert [one.suffix for one in stick.iterdir()] == [".part"]
    tablet.open()
    stage.look_at_sync()
    (note,) = [note for note in stage.view.notes if "没有写完" in note.title]
    stage.do.fix(note.fixes[0].key)
    stage.work()
    assert (stage.told.tone, stage.told.title) == ("success", "已导出到U盘")
    assert "1 条记录是开始导出之后保存的" in stage.told.text
    assert [one.suffix for one in stick.iterdir()] == [".export"]
    assert not any("没有写完" in note.title for note in stage.view.notes)


def test_an_export_from_elsewhere_is_waited_for_with_a_sentence(stage: Stage, stick: Path) -> None:
    stage.do.list_stage("saved")
    stage.work()
    stage.do.open_item(stage.view.rows[0].key)
    stage.do.fix("export_all")
    assert stage.shell.waiting == "正在写U盘：0%"
    stage.work()
    assert stage.shell.waiting == ""
    assert list(stick.glob("*-all.export"))


def test_who_locks_meanwhile_finds_it_done_and_no_sheet(stage: Stage, stick: Path) -> None:
    stage.do.fix("export_unsent")
    stage.do.lock()
    stage.work()
    assert len(list(stick.glob("*.export"))) == 1
    assert stage.shell.told is None


# ── progress, and media that wait ────────────────────────────────────────────────────────


def test_the_screen_says_what_is_left_and_photos_can_wait(
    stage: Stage, tablet: FieldTablet
) -> None:
    journey = stage.view.journey
    assert journey.words.startswith("还有 4 条记录、")
    assert "1 张照片" in journey.words
    assert journey.fix.key == "media_pause"
    stage.do.fix("media_pause")
    vault = stage.desk.open_tablet.vault
    assert vault.state(PAUSED) == b"1"
    stage.do.fix("media_resume")
    assert not vault.state(PAUSED)


def test_what_is_left_in_words() -> None:
    load = Load(records=3, films=2, size=480_000_000)
    words = left_words(str, load, 350_000)
    assert words == "3 records, 2 videos (480\N{NO-BREAK SPACE}MB) left, about 6 minutes"
    assert (load.items, load.files) == (5, 2)


@pytest.mark.parametrize(
    ("span", "words"),
    [(0, "1 second"), (9_200, "10 seconds"), (61_000, "2 minutes"), (9_000_000, "2 hours")],
)
def test_a_time_in_words(span: int, words: str) -> None:
    assert span_words(str, span) == words


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 KB"), (1_499_999, "1 MB"), (2_000_000_000, "2.0 GB")]
)
def test_an_amount_in_words(size: int, words: str) -> None:
    assert amount(size).replace("\N{NO-BREAK SPACE}", " ") == words


def test_the_bar_and_its_button() -> None:
    """Nothing while all is there; stopped, going, and without a network."""

    def shown(load: Load, **changes: object) -> object:
        usual = {
            "done": (9, 14),
            "sent": (310, 1000),
            "remaining_ms": 60_000,
            "online": True,
            "paused": False,
        }
        return sending(str, load, **(usual | changes))  # type: ignore[arg-type]

    films = Load(films=2, size=690)
    assert shown(Load()) is None
    going, waits, offline = (
        shown(films),
        shown(films, paused=True),
        shown(films, online=False),
    )
    assert going.share == pytest.approx(0.31)  # type: ignore[attr-defined]
    assert [one.fix.key for one in (going, waits, offline)] == [  # type: ignore[attr-defined]
        "media_pause",
        "media_resume",
        "media_pause",
    ]
    assert "about" not in offline.words  # type: ignore[attr-defined]
    assert shown(Load(records=2, size=2)).fix is None  # type: ignore[attr-defined]
    assert shown(Load(hands=2, size=2)).fix is None, "no photo waits for anything"  # type: ignore[attr-defined]


def test_what_goes_is_called_by_what_it_is() -> None:
    """Signatures, sound and documents are no “other files”."""
    load = Load(records=4, films=1, sounds=2, hands=3, papers=2, size=5_000_000)
    assert load_words(str, load).partition(" (")[0] == (
        "4 records, 1 video, 2 sound recordings, 3 signatures by hand, 2 document files"
    )
    assert load.files == 8


def test_the_bar_of_a_stick() -> None:
    """Items where they are counted, bytes where they are known, and how long where it can be
    told."""

    def shown(**changes: object) -> object:
        usual = {"done": (3, 12), "moved": (5_000, 10_000), "remaining_ms": 60_000}
        return carried(str, "Writing", **(usual | changes))  # type: ignore[arg-type]

    assert shown().share == pytest.approx(0.5)  # type: ignore[attr-defined]
    assert shown().detail.split(" · ") == [  # type: ignore[attr-defined]
        "3 of 12 records and files".replace(" ", SPACE),
        "5 KB of 10 KB".replace(" ", SPACE),
        "about 1 minute left".replace(" ", SPACE),
    ]
    none = shown(done=(0, 0), moved=(0, 0), remaining_ms=None)
    assert none.detail == ""  # type: ignore[attr-defined]


def test_all_and_unsent_are_different_files(tablet: FieldTablet, stick: Path) -> None:
    names = {tablet.tablet.exporter.write(stick, scope).stem.rpartition("-")[2] for scope in Scope}
    assert names == {"all", "unsent"}
