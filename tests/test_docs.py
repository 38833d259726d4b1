"""What the documents say is true: commands, help texts, links, paths, words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sync_server.commands.serving import PlanFile

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("protocol", "field_client", "sync_server")
TREES = (*PACKAGES, "tests", "docs", "packaging", "requirements", "benchmarks")


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def test_the_readme_shows_the_help_that_the_programs_print() -> None:
    script = ROOT / "packaging" / "readme_help.py"
    checked = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_both_languages_of_the_readme_lead_with_the_two_commands() -> None:
    english, chinese = (ROOT / "README.md").read_text(encoding="utf-8").split("## 中文说明")
    for half in (english, chinese):
        first_block = half.split("```")[1]
        assert [line.split()[:2] for line in first_block.strip().splitlines()] == [
            ["make", "demo"],
            ["make", "test"],
        ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_paths_in_the_text_exist(document: Path) -> None:
    pattern = rf"`((?:{'|'.join(TREES)})/[\w./{{}}*<>-]*)`"
    paths = re.findall(pattern, document.read_text("utf-8"))
    plain = [path for path in paths if not set(path) & set("{}*<>")]
    assert [path for path in plain if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_make_commands_in_the_text_are_targets(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"(?:`|^)make ([a-z]+)", document.read_text("utf-8"), re.MULTILINE))
    assert used <= targets


def test_every_word_that_the_glossary_gives_for_the_code_is_in_the_code() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"\| `(\w+)` \|$", glossary, re.MULTILINE)
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    )
    assert words
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []


def test_the_founding_plan_in_the_operating_manual_is_one() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    plan = re.search(r"```json\n(.*?)```", manual, re.DOTALL)
    assert plan
    read = msgspec.json.decode(plan[1].encode(), type=PlanFile)
    assert read.officers[0].photo == "shen.png"


def test_every_command_in_the_operating_manual_is_one() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"fujie-server ([a-z-]+)", manual))
    listed = subprocess.run(
        [sys.executable, "-m", "sync_server", "--help"], capture_output=True, text=True, check=True
    ).stdout
    known = set(re.findall(r"^    ([a-z-]+)", listed, re.MULTILINE))
    assert commands <= known


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "adr"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
