"""What an agency starts with: document templates, enforcement items, publication matrix.

All of it is data in this folder. A county has a folder of its own, whose files stand in place of
those of the same name here, or beside them:

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


def load_catalogue(own: Path | None = None) -> tuple[list[Template], list[Item]]:
    """Templates by id, and items in their order. Raises Malformed, which names the file."""
    folders = [FOLDER, own] if own else [FOLDER]
    _expect_folder(own)
    names = {path.stem for folder in folders for path in folder.glob("*.typ")} - {Path(COMMON).stem}
    common = _text(_file(own, COMMON))
    templates = [_template(own, name, common) for name in sorted(names)]
    return templates, load_items(own)


def load_items(own: Path | None = None) -> list[Item]:
    """The enforcement items (C-2). Raises Malformed."""
    path = _file(own, ITEMS)
    return _decode(path, _json(path), list[Item])


def load_matrix(own: Path | None = None) -> list[PublicationRow]:
    """The publication matrix: the first row that fits a decision rules it. Raises Malformed."""
    path = _file(own, MATRIX)
    return _decode(path, _json(path), list[PublicationRow])


def _file(own: Path | None, name: str) -> Path:
    """The county's file of this name, else the program's."""
    mine = own / name if own else None
    return mine if mine is not None and mine.exists() else FOLDER / name


def _expect_folder(own: Path | None) -> None:
    if own is not None and not own.is_dir():
        raise Malformed(
            "expected a folder of forms at {folder}, found none; correct FUJIE_CATALOGUE",
            folder=str(own),
        )


def _template(own: Path | None, name: str, common: str) -> Template:
    path = _file(own, f"{name}.json")
    form = _json(path)
    if not isinstance(form, dict):
        raise Malformed("expected a template's form in {file}, got no object", file=str(path))
    source = f"{common}\n{_text(_file(own, f'{name}.typ'))}"
    template: Template = _decode(path, form | {"source": source}, Template)
    if not template.readable:
        raise Malformed(
            "expected field types that tablets know in {file}; correct the file, or update the "
            "program",
            file=str(path),
        )
    return template


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
