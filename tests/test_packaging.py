"""The packages of the tablet name what they bring and need; what cannot be built here is told."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import babel
import pytest

from field_client.documents import Typesetter

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


# ── Windows: what PyInstaller is told, read from the specification without running it ────────


WINDOWS = PACKAGING / "windows"
PAGE = '#set document(title: "t")\n#set text(font: "Noto Serif CJK SC", lang: "zh")\n好'


def calls(source: Path) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """Each call by a plain name: the name, and those of its arguments that are literals."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            named = {one.arg: literal(one.value) for one in node.keywords if one.arg}
            yield name, [literal(one) for one in node.args], named


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def test_the_windows_specification_names_data_that_are_there() -> None:
    """Every pattern finds files, and together they find all of ours that is no code."""
    roots = {"field_client": ROOT / "field_client", "babel": Path(babel.__file__).parent}
    told = [(args[0], named) for name, args, named in calls(WINDOWS / "fujie-field.spec")
            if name == "collect_data_files"]  # fmt: skip
    assert {package for package, _ in told} == set(roots)
    brought: dict[str, set[Path]] = {}
    for package, named in told:
        for pattern in named["includes"]:
            found = {one for one in roots[package].glob(pattern) if one.is_file()}
            assert found, f"{package}: {pattern}"
            brought.setdefault(package, set()).update(found)
    ours = roots["field_client"]
    read = {one for one in ours.rglob("*") if one.is_file() and "__pycache__" not in one.parts}
    left = {one.relative_to(ours).as_posix() for one in read - brought["field_client"]}
    assert [one for one in sorted(left) if not one.endswith((".py", "py.typed"))] == []
    words = {one.stem for one in brought["babel"]}
    assert {"root", "zh", "zh_Hans_CN", "en", "global"} <= words


def test_the_windows_specification_names_programs_and_packages_that_are_there() -> None:
    """The starter, what it runs, what is collected whole, and what is left out."""
    told = list(calls(WINDOWS / "fujie-field.spec"))
    said = (WINDOWS / "fujie-field.spec").read_text("utf-8")
    assert [one for one in re.findall(r'str\((ROOT / .+?)\)', said)
            if not ROOT.joinpath(*re.findall(r'"([^"]+)"', one)).is_file()] == []  # fmt: skip
    assert "start.py" in said
    collected = {args[0] for name, args, _ in told if name == "collect_submodules"}
    assert collected == {"field_client", "protocol"}
    assert [one for one in collected if not (ROOT / one / "__init__.py").exists()] == []
    (copied,) = [args[0] for name, args, _ in told if name == "copy_metadata"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert copied == project["name"]
    (excluded,) = [named["excludes"] for name, _, named in told if name == "Analysis"]
    assert not {one.split(".")[0].replace("_", "-") for one in excluded} & (needed() - {"kivy"})


def test_a_packaged_program_is_its_own_typesetter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no python beside it: the typesetter calls the program, and the starter gives it the
    worker. Called without the worker's sign, it is the tablet."""
    start = PACKAGING / "windows" / "start.py"
    program = tmp_path / "fujie-field"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {start} "$@"\n')
    program.chmod(0o755)
    shown = subprocess.run([str(program), "--help"], capture_output=True, text=True)
    assert (shown.returncode, shown.stdout.split()[:2]) == (0, ["usage:", "fujie-field"])
    monkeypatch.setattr(sys, "executable", str(program))
    with Typesetter() as typesetter:
        made = typesetter.typeset("page", PAGE, "{}")
    assert made.pdf.startswith(b"%PDF-")
