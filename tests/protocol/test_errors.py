"""What goes wrong can be said: every template has its facts, and each error its place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import errors
from protocol.errors import FujieError

PACKAGE = Path(errors.__file__).parent
NAMES = {name for name, value in vars(errors).items() if isinstance(value, type)}
OWN_WORDS = {"evidence", "conclusive"}


def raised(path: Path) -> Iterator[tuple[int, ast.Call]]:
    """Line and call of each error of ours that a module makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in NAMES:
            yield node.lineno, node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_every_template_is_literal_and_has_exactly_its_facts(path: Path) -> None:
    """``str(error)`` would fail for a place without a fact, in the middle of telling a fault."""
    wrong = []
    for line, call in raised(path):
        template = call.args[0] if call.args else None
        if not isinstance(template, ast.Constant) or not isinstance(template.value, str):
            wrong.append(f"line {line}: no literal template")
            continue
        places = set(re.findall(r"{(\w+)}", template.value))
        facts = {word.arg for word in call.keywords} - OWN_WORDS
        if places - facts:
            wrong.append(f"line {line}: {places ^ facts}")
    assert wrong == []


def test_the_tree_in_the_docstring_names_every_error() -> None:
    drawn = set(re.findall(r"[├└]─ ((?:\w+ ?)+)|^    (FujieError)", errors.__doc__ or "", re.M))
    words = {word for pair in drawn for word in " ".join(pair).split()}
    assert words >= NAMES


def test_an_error_is_told_in_any_language_from_its_parts() -> None:
    error = FujieError("expected {want}, got {got}", want="{got}", got="%s")
    assert str(error) == "expected {got}, got %s"
    assert "应为 {want}".format(**error.facts) == "应为 {got}"
