"""No bare English in Chinese mode: every word of the pages, and every error they can show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from sync_server import words
from sync_server.cases import proofs
from sync_server.web import site
from sync_server.web.problems import OURS, TABLE

ROOT = Path(__file__).parents[3] / "sync_server"
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
MODULES = [
    ROOT / "keys" / "accounts.py",
    *sorted((ROOT / "cases").glob("[!_]*.py")),
    *sorted((ROOT / "office").glob("*.py")),
    *sorted((ROOT / "web").glob("*.py")),
]


def in_template(path: Path) -> Iterator[str]:
    """The msgids of a template."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"])
    for _, _, message in environment.extract_translations(path.read_text()):
        # What is None is a variable: its texts are asked for where they are written.
        yield from (one for one in (message if isinstance(message, tuple) else (message,)) if one)


def in_module(path: Path) -> Iterator[str]:
    """The templates of the errors that a module raises, and the texts of its tiles."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            first = node.exc.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Tile":
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from (text for text in (texts[0], *texts[2:4]) if text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_word_of_a_page_has_its_chinese(path: Path) -> None:
    """``_("…")`` in the templates."""
    assert [one for one in in_template(path) if one not in words.catalogue("zh_CN")] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_sentence_of_a_module_has_its_chinese(path: Path) -> None:
    """Errors that a page can show, and what its tiles say."""
    assert [one for one in in_module(path) if one not in words.catalogue("zh_CN")] == []


def test_every_title_of_a_problem_has_its_chinese() -> None:
    """Titles and explanations of what did not work."""
    rows = [*(row for _, row in TABLE), OURS, *site._ROWS.values()]
    told = [row.title for row in rows] + [text for pair in site._HTTP.values() for text in pair]
    missing = [one for one in (*told, *proofs.STEPS) if one not in words.catalogue("zh_CN")]
    assert missing == []


def test_a_page_in_chinese_shows_no_english_template_word() -> None:
    """The catalogue has no entry that is the same in both languages, or empty."""
    same = [one for one, zh in words.catalogue("zh_CN").items() if one == zh or not zh.strip()]
    assert [one for one in same if re.search(r"[A-Za-z]{3}", one)] == []
