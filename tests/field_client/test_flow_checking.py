"""A colleague's card and a document's code before this tablet's camera, with no network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import segno

from field_client.camera.media_source import MediaSource
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def looking_at(stage: Stage, text: str, tmp_path: Path) -> None:
    """A printed code is held before the camera."""
    picture = tmp_path / "code.png"
    segno.make(text, error="m").save(str(picture), scale=6, border=4)
    stage.desk.tablet = replace(stage.desk.open_tablet, source=MediaSource(str(picture)))


def until(stage: Stage, seen: Callable[[], bool]) -> None:
    for _ in range(3000):
        stage.work()
        if seen():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def answered(stage: Stage) -> bool:
    return stage.screen == "check" and stage.view.result is not None


def card_text(stage: Stage) -> str:
    office = stage.desk.open_tablet.office
    return stage.desk.case.card_code(office.face(stage.desk.officers[0]))


def test_a_colleagues_card_is_checked_on_this_tablet(stage: Stage, tmp_path: Path) -> None:
    stage.notified()
    looking_at(stage, card_text(stage), tmp_path)
    stage.do.check_code()
    assert stage.view.result is None
    until(stage, lambda: answered(stage))
    assert (stage.view.result.chip.word, stage.view.result.chip.tone) == ("有效", "success")
    assert ("姓名", "沈知远") in stage.view.result.facts
    assert stage.shell.frames


def test_a_photographed_card_has_run_out(stage: Stage, tmp_path: Path) -> None:
    stage.notified()
    looking_at(stage, card_text(stage), tmp_path)
    stage.tablet.clock.pass_seconds(60)
    stage.do.check_code()
    until(stage, lambda: answered(stage))
    assert stage.view.result.chip.word == "已过时"
    assert stage.view.result.facts == ()


def test_an_answer_that_comes_late_is_not_told_of_the_next_card(stage: Stage) -> None:
    """Whoever went back and holds the tablet to another card sees nothing of the former one."""
    stage.notified()
    stage.do.check_code()
    stage.routes._checking.read(card_text(stage))
    stage.do.check_code()
    stage.work()
    assert stage.screen == "check"
    assert stage.view.result is None


def test_what_is_no_code_of_ours_is_told(stage: Stage, tmp_path: Path) -> None:
    stage.notified()
    looking_at(stage, "https://shop.example/menu", tmp_path)
    stage.do.check_code()
    until(stage, lambda: answered(stage))
    assert stage.view.result.chip.tone == "unknown"


def test_the_next_code_is_looked_for_and_the_arrow_leads_back(stage: Stage, tmp_path: Path) -> None:
    stage.notified()
    looking_at(stage, card_text(stage), tmp_path)
    stage.do.check_code()
    until(stage, lambda: answered(stage))
    stage.do.scan_again()
    assert stage.view.result is None
    until(stage, lambda: answered(stage))
    stage.do.back()
    assert stage.screen == "inspection"


def test_a_camera_that_does_not_open_is_told_on_the_screen(stage: Stage, tmp_path: Path) -> None:
    stage.notified()
    missing = MediaSource(str(tmp_path / "nothing.mp4"))
    stage.desk.tablet = replace(stage.desk.open_tablet, source=missing)
    stage.do.check_code()
    until(stage, lambda: bool(stage.view.trouble))
    assert "摄像头" in stage.view.trouble or "相机" in stage.view.trouble
