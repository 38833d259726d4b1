"""The tablet stands in its window before its libraries are loaded, and loses no touch."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from field_client import ui
from field_client.flow import front
from field_client.flow.lockscreen import Face, Faces
from field_client.settings import Settings
from field_client.ui import i18n, pictures
from tests.field_client.conftest import PASSPHRASE, TurnedClock
from tests.field_client.county import PINS, SHEN, FieldTablet
from tests.field_client.flowing import Stage

# What none of the first screen's work needs, and what takes longer to load than that screen.
LATER = {
    "av",
    "cbor2",
    "cryptography",
    "httpx",
    "nacl",
    "PIL",
    "protocol.statements",
    "segno",
    "sqlalchemy",
    "sqlcipher3",
    "sqlmodel",
    "tuf",
    "typst",
    "zxingcpp",
    "field_client.contact.sync",
    "field_client.store.vault",
    "field_client.tablet",
    "field_client.ui.today",
}


def started(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """What a fresh program told, line by line."""
    command = [sys.executable, "-m", "tests.field_client.starter", str(folder), *arguments]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    return [json.loads(line) for line in made.stdout.splitlines() if line.startswith("{")]


def test_the_locked_screen_stands_before_anything_else_is_loaded(tablet: FieldTablet) -> None:
    (first,) = started(with_faces(tablet))
    assert first["screen"] == "unlock"
    assert not first["program"]
    assert {one for one in first["modules"] if one in LATER} == set()


def test_only_rules_that_the_first_screen_uses_are_compiled_for_it(tmp_path: Path) -> None:
    (first,) = started(tmp_path)
    assert {"<Words>", "<MainButton>", "<EntryBox>"} - set(first["compiled"]) == set()
    assert {"<ColorPicker>", "<Popup>", "<Segmented>"} & set(first["compiled"]) == set()


def test_kivy_finds_its_own_files_where_a_package_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frozen program for Windows has them beside Kivy, not in it, and says so like this."""
    kivy = find_spec("kivy")
    assert kivy is not None
    assert kivy.origin is not None
    beside = tmp_path / "kivy_install" / "data"
    beside.parent.mkdir()
    beside.symlink_to(Path(kivy.origin).parent / "data")
    monkeypatch.setenv("KIVY_DATA_DIR", str(beside))
    (first,) = started(tmp_path / "data")
    assert str(beside.parent) in first["places"]


def test_a_pin_typed_at_once_unlocks_as_soon_as_the_program_is_there(tablet: FieldTablet) -> None:
    folder = with_faces(tablet)
    tablet.tablet.close()
    first, typed, then = started(folder, PASSPHRASE, PINS[SHEN])
    assert not first["program"]
    assert typed == {"screen": "unlock", "told": "正在启动……"}
    assert then == {"screen": "today", "waiting": False}


def test_a_new_tablet_starts_with_its_enrolment(tmp_path: Path) -> None:
    (first,) = started(tmp_path)
    assert first["screen"] == "enrol"


def test_the_first_screen_is_the_one_that_the_program_shows(
    tablet: FieldTablet, clock: TurnedClock
) -> None:
    """Nothing changes under the finger when the program takes over."""
    folder = with_faces(tablet)
    stage = Stage.of(tablet)
    try:
        at_first = front.first_screen(i18n._, Settings(folder), clock.wall_ms())
        assert at_first == (stage.screen, stage.view)
    finally:
        stage.close()


def test_pictures_wait_while_they_are_held_and_come_one_by_one() -> None:
    came: list[int] = []
    pictures.take(lambda: came.append(0))
    pictures.hold()
    pictures.take(lambda: came.append(1))
    pictures.take(lambda: came.append(2))
    assert came == [0]
    steps = pictures.coming()
    next(steps)
    assert came == [0, 1]
    assert list(steps) == ["picture"]
    pictures.take(lambda: came.append(3))
    assert came == [0, 1, 2, 3]


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_a_font_is_opened_without_reading_a_list_of_all_its_glyphs(weight: str) -> None:
    """Each size of each weight opens it anew: a list of 13,000 gaps was read number by number."""
    place = Path(ui.__file__).parent / "assets" / "fonts" / f"NotoSansSC-{weight}.otf"
    with TTFont(place, lazy=True) as font:
        listed = font["CFF "].cff.topDictIndex[0].charset
    numbers = [int(name.removeprefix("cid")) for name in listed[1:]]
    assert len(numbers) > 40_000
    assert numbers == list(range(1, len(numbers) + 1)), "fonts of an older set-up; run `make setup`"


def with_faces(tablet: FieldTablet) -> Path:
    """The tablet's folder with what its locked screen shows."""
    from field_client.flow import lockscreen

    shelf = tablet.tablet.shelf
    lockscreen.keep(tablet.tablet.settings, shelf.current, shelf.portraits, "YX-T07")
    faces = lockscreen.read(tablet.tablet.settings)
    assert isinstance(faces, Faces)
    assert all(isinstance(one, Face) for one in faces.officers)
    return tablet.folder
