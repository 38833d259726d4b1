"""Pure modules take the time, randomness and bytes as arguments and touch nothing else.

import-linter forbids the imports; this reads the source for what an import cannot show, such as
``datetime.now`` or ``open``.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = (
    "protocol",
    "field_client/ui/presenters",
    "field_client/uscc.py",
    "sync_server/log/intake.py",
    "sync_server/office",
    "sync_server/projections/archive.py",
    "sync_server/projections/cases.py",
    "sync_server/projections/disclosure.py",
    "sync_server/projections/search.py",
    "sync_server/log/tree.py",
)
IMPURE_FILES = {"protocol/__main__.py"}

IMPURE_NAMES = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
IMPURE_ATTRIBUTES = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("SigningKey", "generate"),
    ("PrivateKey", "generate"),
    ("utils", "random"),
    ("Path", "cwd"),
    ("Path", "home"),
}
IMPURE_OWNERS = {"time", "os", "random", "secrets", "socket", "subprocess", "uuid", "sys"}


def pure_modules() -> list[Path]:
    found: list[Path] = []
    for place in PURE:
        path = ROOT / place
        found += [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    return [path for path in found if str(path.relative_to(ROOT)) not in IMPURE_FILES]


def impurities(source: str) -> list[str]:
    """What a module's source says that reaches outside, with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_NAMES:
                found.append(f"line {node.lineno}: {name}()")
            case (
                ast.Attribute(value=ast.Name(id=owner), attr=name)
                | ast.Attribute(value=ast.Attribute(attr=owner), attr=name)
            ) if (owner, name) in IMPURE_ATTRIBUTES:
                found.append(f"line {node.lineno}: {owner}.{name}")
            case ast.Import(names=names):
                found += [
                    f"line {node.lineno}: import {alias.name}"
                    for alias in names
                    if alias.name.split(".")[0] in IMPURE_OWNERS
                ]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in IMPURE_OWNERS:
                found.append(f"line {node.lineno}: from {module} import")
            case ast.ImportFrom(module="nacl.utils", names=names):
                if any(alias.name == "random" for alias in names):
                    found.append(f"line {node.lineno}: from nacl.utils import random")
    return found


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_module_reaches_for_nothing_outside(path: Path) -> None:
    assert impurities(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import datetime\nx = datetime.now",
        "x = open('f')",
        "import os",
        "from time import monotonic",
        "import nacl.utils\nx = nacl.utils.random(16)",
        "from nacl.utils import random",
        "from nacl.signing import SigningKey\nk = SigningKey.generate()",
    ],
)
def test_the_reader_finds_each_way_out(source: str) -> None:
    assert impurities(source)
