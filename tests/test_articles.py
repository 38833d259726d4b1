"""The English of errors, rules and pages has its articles right: the next word says whether it is
«a» or «an», and of a place that is filled in later nobody knows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for part in ("protocol", "sync_server", "field_client")
    for kind in ("*.py", "*.html", "*.po", "*.kv")
    for path in sorted((ROOT / part).rglob(kind))
    if "migrations" not in path.parts
]
BEFORE_PLACE = re.compile(r"(?<![\w'/-])(?:[Aa]n?) \{")
WRONG = re.compile(
    r"(?<![\w'/-])(?:[Aa] (?!(?i:one|once|u[rtns][aeiou]|uk|eu|usab|use)\w*)(?i:[aeiou])[a-z]"
    r"|[Aa]n (?!hour|honest|heir)(?i:[bcdfgjklmnpqrstvwxyz]|h)[a-z])"
)
"""«a agency», «an record»; not «a one-time code», «a unit», «an hour», nor spelt letters."""


def said(path: Path) -> Iterator[str]:
    """The texts of a file; in one of an f-string a place stands for each value."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from text.splitlines()
        return
    nodes = list(ast.walk(ast.parse(text)))
    docstrings = {id(one.value) for one in nodes if isinstance(one, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                one.value if isinstance(one, ast.Constant) else "{}" for one in node.values
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_articles_fit_the_word_that_follows(path: Path) -> None:
    found = [
        text[max(0, match.start() - 20) : match.end() + 20]
        for text in said(path)
        for pattern in (BEFORE_PLACE, WRONG)
        for match in pattern.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("expected a approval, got none", True),
        ("expected an record", True),
        ("expected a {kind}", True),
        ("An hour, a one-time code, a unit, a used code, an office, a record", False),
        ("an SQLite file, an Ed25519 key, an X", False),
    ],
)
def test_what_is_wrong_is_found(text: str, wrong: bool) -> None:
    assert bool(BEFORE_PLACE.search(text) or WRONG.search(text)) == wrong
