"""What a template finds as ``data`` when it prints a document, at the office as on a tablet.

    data(template, pieces)          title, parts by field, notice, places for hands and code

Typst gets it as JSON. A part is a field's label with its runs of text, answers that stand in a
fixed text among them; a table has its columns and rows besides, each cell a list of paragraphs.
What is ``required`` has to be printed: a template that leaves a piece out is refused by its last
line, ``CLOSING``.

>>> base("facts#3"), cells("红枣\\t12")
('facts', [['红枣', '12']])
"""

import re
from collections.abc import Mapping, Sequence

from protocol.cutting import Piece
from protocol.forms import FieldSpec, Template

CELL_END, ROW_END = "\t", "\n"
LINE_IN_CELL = "\u2028"
CLOSING = "\n#closing()\n"

LOADERS = (
    "import",
    "include",
    "eval",
    "plugin",
    "read",
    "std",
    "csv",
    "toml",
    "yaml",
    "xml",
    "cbor",
)
"""What can load text, code or packages from outside a template, by whatever name it is called."""

PLACE = re.compile(r"\{([a-z_.]+)\}")
_LOADER = re.compile(rf"(?<![\w-])({'|'.join(LOADERS)})(?![\w-])")


def loader_in(source: str) -> str:
    """The first word in a template's source that could load something from outside, or "@" of a
    package; "" where there is none."""
    if "@" in source:
        return "@"
    found = _LOADER.search(source)
    return found[0] if found else ""


def named_in(field: FieldSpec) -> list[str]:
    """The answers and facts that a fixed text names, in order."""
    return PLACE.findall(field.text) if field.type == "fixed" else []


def base(piece_name: str) -> str:
    """The field of a piece: ``facts`` of ``facts#3``."""
    return piece_name.partition("#")[0]


def cells(text: str) -> list[list[str]]:
    """The cells of a table's text, row by row."""
    return [line.split(CELL_END) for line in text.split(ROW_END)] if text else []


def data(
    template: Template,
    text: Sequence[Piece],
    signatures: Sequence[Mapping[str, object]] = (),
    mark: Mapping[str, object] | None = None,
    *,
    draft: bool = False,
    feet: Mapping[int, Mapping[str, object]] | None = None,
    initials: Mapping[int, Mapping[str, object]] | None = None,
) -> dict[str, object]:
    """The data of a document whose text is in these pieces. ``feet`` are the hands of pages (from
    1), ``initials`` those of corrections (from 0)."""
    parts, notice = _parts(template, text), _notice(text)
    return {
        "title": template.title,
        "author": _words(text, "agency"),
        "footer": f"{template.title}　{_words(text, 'number')}".strip(),
        "parts": parts,
        "notice": notice,
        "required": [*parts, *(["notice"] if notice else [])],
        "signatures": list(signatures),
        "mark": mark,
        "draft": draft,
        "feet": {str(page): hand for page, hand in (feet or {}).items()},
        "initials": {str(row): hand for row, hand in (initials or {}).items()},
    }


def _parts(template: Template, text: Sequence[Piece]) -> dict[str, dict[str, object]]:
    """The printed parts: a field's label and its runs of text, placed answers among them."""
    present = {base(piece.name) for piece in text}
    own = {field.name for field in template.fields if field.type == "fixed"}
    members = {
        field.name: {field.name, *(name for name in named_in(field) if name not in own)}
        for field in template.fields
        if field.name in present
    }
    placed = {name for field, names in members.items() for name in names if name != field}
    return {
        field.name: _part(
            field, [piece.text for piece in text if base(piece.name) in members[field.name]]
        )
        for field in template.fields
        if field.name in present - placed
    }


def _part(field: FieldSpec, runs: list[str]) -> dict[str, object]:
    if field.type != "table":
        return {"label": field.label_zh, "runs": runs}
    lines = cells("".join(runs))
    return {
        "label": field.label_zh,
        "runs": runs,
        "columns": [column.label_zh for column in field.columns],
        "rows": [[cell.split(LINE_IN_CELL) for cell in line] for line in lines],
    }


def _notice(text: Sequence[Piece]) -> list[dict[str, str]]:
    words = [piece.text for piece in text if base(piece.name) == "notice"]
    names = ("heading", "text", "clause", "plain")
    return [dict(zip(names, words[n : n + 4], strict=True)) for n in range(0, len(words), 4)]


def _words(text: Sequence[Piece], name: str) -> str:
    return "".join(piece.text for piece in text if base(piece.name) == name)
