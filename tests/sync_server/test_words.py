"""What goes wrong is said in Chinese too: every sentence that these modules can raise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.errors import TooLarge
from sync_server import words
from sync_server.upstream.line import Unreachable
from sync_server.web.problems import TABLE

ROOT = Path(__file__).parents[2]
PROTOCOL = ("requests", "httpsig", "messages", "envelope", "keys", "sm2", "chain", "statements")
STICKS = ("export", "exported", "credential", "cose")
"""What a tablet's export may be refused for, on the page where it is handed in."""
FILES = [
    *(ROOT / "protocol" / f"{name}.py" for name in PROTOCOL + STICKS),
    *(
        path
        for path in sorted((ROOT / "sync_server").rglob("*.py"))
        if "migrations" not in path.parts
    ),
]
TRIED = "the upper level cannot be reached ({fault}); it is tried again by itself"
BUILT_IN = {"ValueError", "TypeError"}


def raised(path: Path) -> Iterator[str]:
    """The templates of the errors that a module raises."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            first, kind = node.exc.args[0], ast.unparse(node.exc.func)
            if (
                kind not in BUILT_IN
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield first.value


def test_a_kept_error_is_told_in_the_reader_s_language_with_its_cause() -> None:
    cause = TooLarge("more than {size} MiB", size=8)
    kept = words.kept(Unreachable(TRIED, fault=cause))
    assert "超过 8 MiB" in words.retold(kept, "zh_CN")
    assert words.retold(kept, "en") == TRIED.format(fault="more than 8 MiB")


@pytest.mark.parametrize("named", ["{0}" * 5000, "{0}{0}\ud800"], ids=["long", "half a character"])
def test_what_another_server_named_is_kept_in_bounds_and_as_it_is(named: str) -> None:
    """However long, broken as it may be, and with signs that our own sentences have places by."""
    kept = words.kept(Unreachable(TRIED, fault=TooLarge("got {got}", got=named)))
    assert len(kept) < 1000
    assert "{0}{0}" in words.retold(kept, "zh_CN")
    assert words.kept(OSError(named)).encode()


@pytest.mark.parametrize("text", ["no JSON", "17", '"words"', "{}", '{"template": 1, "facts": []}'])
def test_words_that_were_kept_as_they_are_stay_so(text: str) -> None:
    assert words.retold(text, "zh_CN") == text
    assert words.kept(OSError(text)) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_has_its_chinese(path: Path) -> None:
    """No bare English reaches a tablet in Chinese mode."""
    known = words.catalogue("zh_CN")
    missing = [text for text in raised(path) if text not in known]
    assert missing == []


def test_every_problem_has_a_chinese_title() -> None:
    """Titles of the table of problems."""
    assert [row.title for _, row in TABLE if row.title not in words.catalogue("zh_CN")] == []


def test_translations_keep_their_places() -> None:
    """A translation names the same facts as its original."""
    for english, chinese in words.catalogue("zh_CN").items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh_CN"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,zh;q=0.8,en;q=0.7", "zh_CN"),
        ("en;q=0.1,zh-CN", "zh_CN"),
        ("fr", "zh_CN"),
        ("en;q=x", "zh_CN"),
    ],
)
def test_the_language_is_the_clients_choice(accepted: str, language: str) -> None:
    """Chinese, unless English is liked better."""
    assert words.language_of(accepted) == language
