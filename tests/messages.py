"""Every English sentence that a program may show, gathered from its source.

    >>> "Saved" in spoken("field_client")
    True

Three kinds: ``_("…")`` in Python (read by babel), ``_('…')`` in .kv files, and the templates of
errors: the literal first argument wherever a subclass of FujieError is made, or a function is
called that makes one (``MAKERS``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file

ROOT = Path(__file__).resolve().parent.parent
KV_CALL = re.compile(r"""\b_\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\)""")
MAKERS = {"unclear", "_unclear"}
"""Functions that make an error of a cause: of another error, or of words, which are literal."""
PLACES = re.compile(r"\{(\w*)[^}]*\}")


def spoken(package: str) -> set[str]:
    """Sentences of one program's screens or pages."""
    found: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for _line, message, _comments, _context in extract_from_file(
            "python", path, keywords={"_": None}
        ):
            found.add(str(message))
    for path in (ROOT / package).rglob("*.kv"):
        for single, double in KV_CALL.findall(path.read_text(encoding="utf-8")):
            found.add(ast.literal_eval(f"'{single}'" if single else f'"{double}"'))
    return found


def error_classes(*packages: str) -> set[str]:
    """Names of FujieError and of every class below it, by source."""
    bases: dict[str, set[str]] = {}
    for tree in _trees(*packages):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(_name(base) for base in node.bases)
    known = {"FujieError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known


def raised(*packages: str) -> set[str]:
    """Templates of all errors that the packages make."""
    return {node.value for node in _first_arguments(*packages) if isinstance(node, ast.Constant)}


def unreadable(*packages: str) -> list[str]:
    """Errors whose template is not a literal, which no catalogue could know."""
    return [
        ast.unparse(node)
        for node in _first_arguments(*packages)
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]


def places(sentence: str) -> set[str]:
    """The {named} places of a sentence."""
    return set(PLACES.findall(sentence))


def _first_arguments(*packages: str) -> Iterator[ast.expr]:
    names = error_classes(*packages)
    worded: dict[str, ast.Constant] = {}  # classes that bring their own template
    for tree in _trees(*packages):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in names:
                for template in _own_template(node):
                    worded[node.name] = template
    yield from worded.values()
    for tree in _trees(*packages):
        made = {id(inner) for node in ast.walk(tree) if _is_maker(node) for inner in ast.walk(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, handed_on = _name(node.func), isinstance(node.args[0], ast.Name)
            makes = name in MAKERS and not handed_on
            if makes or (name in names - set(worded) and not (handed_on and id(node) in made)):
                yield node.args[0]


def _own_template(owner: ast.ClassDef) -> list[ast.Constant]:
    """What a class hands to ``super().__init__`` as its literal template."""
    return [
        call.args[0]
        for call in ast.walk(owner)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "super().__init__"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


def _is_maker(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name in MAKERS


def _trees(*packages: str) -> Iterator[ast.Module]:
    for package in packages:
        for path in (ROOT / package).rglob("*.py"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
