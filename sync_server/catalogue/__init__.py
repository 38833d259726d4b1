"""What an agency starts with: document templates, enforcement items, publication matrix.

All of it is data in this folder, and a county puts its own folder in place of it:

    <id>.json + <id>.typ    a document's form and words, and how it is printed
    common.typ              what all documents share; put before each template's source
    items.json  matrix.json

>>> templates, items = load_catalogue()
>>> len(templates), templates[0].id
(14, 'correction_order')
"""

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from protocol.errors import Malformed
from protocol.reference import Item, PublicationRow, Template

FOLDER = Path(__file__).parent
COMMON = "common.typ"
ITEMS = "items.json"
MATRIX = "matrix.json"

_Row = TypeVar("_Row")


def load_catalogue(folder: Path = FOLDER) -> tuple[list[Template], list[Item]]:
    """Templates by id, and items in their order. Raises Malformed, which names the file."""
    common = _text(folder / COMMON)
    names = sorted(path.stem for path in folder.glob("*.typ") if path.name != COMMON)
    return [_template(folder, name, common) for name in names], load_items(folder)


def load_items(folder: Path = FOLDER) -> list[Item]:
    """The enforcement items (C-2). Raises Malformed."""
    return _decode(folder / ITEMS, _json(folder / ITEMS), list[Item])


def load_matrix(folder: Path = FOLDER) -> list[PublicationRow]:
    """The publication matrix: the first row that fits a decision rules it. Raises Malformed."""
    return _decode(folder / MATRIX, _json(folder / MATRIX), list[PublicationRow])


def _template(folder: Path, name: str, common: str) -> Template:
    path = folder / f"{name}.json"
    form = _json(path)
    if not isinstance(form, dict):
        raise Malformed("expected a template's form in {file}, got no object", file=str(path))
    source = f"{common}\n{_text(folder / f'{name}.typ')}"
    return _decode(path, form | {"source": source}, Template)


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as fault:
        raise Malformed(
            "expected JSON in {file}: {fault}; correct the file", file=str(path), fault=str(fault)
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Malformed(
            "expected a readable file {file}: {fault}", file=str(path), fault=str(fault)
        ) from None


def _decode(path: Path, data: Any, kind: type[_Row]) -> _Row:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as fault:
        raise Malformed(
            "expected {kind} in {file}: {fault}; correct the file",
            kind=getattr(kind, "__name__", str(kind)),
            file=str(path),
            fault=str(fault),
        ) from None
