"""Every promise of sync names the tests that would fail (``docs/sync.md``), and these exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
TOLD = (TESTS.parent / "docs/sync.md").read_text(encoding="utf-8")
PAINS = re.findall(r"^\| (.+?) \| `", TOLD.split("## What it delivers")[0], re.MULTILINE)
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", TOLD)
LISTED = (
    "uploads that restart from zero",
    'a push lost between "accepted" and "applied"',
    "a failed pull that empties local files",
    "success shown for a deleted target",
    "a restored server",
    "refused records still counted as sent",
    "one bad queued item that only a wipe removes",
    "a failed upload retried only at the next write",
    "a crash that wedges the queue",
    "duplicate race",
    "a missing attachment shown as present",
    "a saved item too large to send",
    "nobody knows which device is behind",
    "wrong clocks",
    "metadata stripped from photos",
    "a draft recovered into another case",
    "a crash that loses all",
    "version drift",
    "an acknowledgement that hides a rejection",
    "items with failed signatures discarded",
)
"""The list that the work on sync began with."""


def test_every_pain_of_the_list_has_its_line() -> None:
    assert list(LISTED) == PAINS


def says_something(node: ast.AST) -> bool:
    """More than a docstring: it looks at what came of it."""
    return any(isinstance(one, ast.Assert | ast.With) for one in ast.walk(node))


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_the_tests_that_are_named_exist_and_look_at_something(path: str) -> None:
    """Functions; a machine of hypothesis is a class made of one."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    found = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and says_something(node)
    }
    found |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("Test")
    }
    assert {name for named, name in NAMED if named == path} - found == set()


def test_a_test_that_only_says_so_counts_for_nothing() -> None:
    assert not says_something(ast.parse('def test_a():\n    """It holds."""\n'))
    assert says_something(ast.parse("def test_a():\n    assert True\n"))
