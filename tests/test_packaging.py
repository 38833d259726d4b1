"""The packages of the tablet name what they bring and need; what cannot be built here is told."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"


def needed() -> set[str]:
    """The packages that the tablet asks for, by their normalised names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["field"]
    return {re.split(r"[<>=~!\[; ]", one)[0].lower().replace("_", "-") for one in asked}


def test_the_android_spec_asks_for_all_that_the_tablet_needs() -> None:
    """A package that is added without a word here would be missing on a tablet."""
    spec = configparser.ConfigParser(interpolation=None)
    spec.read(PACKAGING / "android" / "buildozer.spec", encoding="utf-8")
    named = spec["app"]["requirements"].split(",")
    brought = {one.partition("==")[0].strip().lower().replace("_", "-") for one in named}
    assert needed() - brought == set()


def test_the_state_of_each_package_on_android_is_written_down() -> None:
    text = (PACKAGING / "README.md").read_text("utf-8").partition("## Android")[2]
    assert [name for name in sorted(needed()) if not re.search(rf"\b{name}\b", text)] == []


def test_the_debian_package_states_its_facts() -> None:
    control = (PACKAGING / "debian" / "control").read_text("utf-8")
    filled = control.format(version="1.2.3", architecture="amd64", installed=280_000)
    fields = dict(re.findall(r"^([A-Z][A-Za-z-]+): (.*)$", filled, re.MULTILINE))
    assert fields["Package"] == "fujie-field"
    assert (fields["Version"], fields["Installed-Size"]) == ("1.2.3", "280000")
    assert "python3.11" in fields["Depends"].split(", ")
    assert "http" not in filled


def test_the_desktop_entry_starts_the_program_and_speaks_both_languages() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(PACKAGING / "debian" / "fujie-field.desktop", encoding="utf-8")
    told = entry["Desktop Entry"]
    assert (told["Exec"], told["Icon"]) == ("fujie-field", "fujie-field")
    assert told["Name[zh_CN]"] == "符节"
    assert (PACKAGING / "debian" / "fujie-field.svg").exists()
