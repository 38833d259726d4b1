"""A document's form, generated from its schema: fields, what the rules say, the printed page.

>>> main_label(str, blocks=1, missing=())
'Resolve 1 stop, then sign'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.almanac import Almanac
from field_client.ui.presenters.common import Choice, Frame, Message, RuleNote, Translate, plural

FieldKind = Literal[
    "text",
    "multiline",
    "choice",
    "money",
    "number",
    "date",
    "datetime",
    "names",
    "table",
    "fixed",
]
NAMED = 2  # this many missing fields are named on the main button, the others counted


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a table: asked for like a field of its kind."""

    key: str
    kind: FieldKind
    label: str
    required: bool = False
    help: str = ""
    choices: tuple[Choice, ...] = ()
    phrases: tuple[str, ...] = ()
    limit: int = 0

    def told(self, cell: str) -> str:
        """A cell in the officer's language: of a choice its name, else what stands there."""
        return next((one.word for one in self.choices if one.key == cell), cell)


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. ``fixed`` is shown, not typed; ``aside`` stands at the right of the label,
    ``help`` under it; ``problem`` says at once what is wrong with what was typed. ``rows`` are a
    table's cells in the order of ``columns``. A date needs the ``almanac`` to pick from."""

    key: str
    kind: FieldKind
    label: str
    value: str = ""
    aside: str = ""
    unit: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    phrases: tuple[str, ...] = ()
    notes: tuple[RuleNote, ...] = ()
    required: bool = False
    help: str = ""
    problem: str = ""
    columns: tuple[ColumnView, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    almanac: Almanac | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of a long form; ``first`` is its first field, ``left`` how many are still empty."""

    first: str
    word: str
    left: int = 0


@dataclass(frozen=True, slots=True)
class LegalBlock:
    """What a clause says, and the same in plain words, side by side."""

    heading: str
    text: str
    clause: str
    plain: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Page images as PNG bytes; ``caption`` says whether they are a draft."""

    pages: tuple[bytes, ...] = ()
    caption: str = ""
    busy: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """``notes`` belong to the whole document; ``ready`` opens the main action. ``missing`` are
    the keys of required fields without an answer: the main button leads to the first."""

    frame: Frame
    fields: tuple[FieldView, ...]
    notes: tuple[RuleNote, ...]
    passed: int
    preview: PreviewView | None  # None: nothing is printed of this form
    main_label: str
    ready: bool
    message: Message | None = None
    sections: tuple[SectionView, ...] = ()
    legal: tuple[LegalBlock, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def all_notes(self) -> tuple[RuleNote, ...]:
        """Every rule's answer on this form, the document's own first."""
        return self.notes + tuple(note for field in self.fields for note in field.notes)


def main_label(_: Translate, *, blocks: int, missing: tuple[str, ...]) -> str:
    """The main button says what is missing instead of going grey."""
    if blocks:
        return plural(blocks, _("Resolve {n} stop, then sign"), _("Resolve {n} stops, then sign"))
    if len(missing) > NAMED:
        words = _(", ").join(missing[:NAMED])
        return _("Still to fill in: {words} and {n} more").format(
            words=words, n=len(missing) - NAMED
        )
    if missing:
        return _("Still to fill in: {words}").format(words=_(", ").join(missing))
    return _("Go to signing")


def counted(_: Translate, letters: int, most: int) -> str:
    """How much of the room of a field is used: shown from the first letter on."""
    return _("{n} of {most}").format(n=letters, most=most) if letters else ""


def names_in(text: str) -> tuple[str, ...]:
    """The names in an answer, however they were kept apart.

    >>> names_in("沈知远、陆清和，")
    ('沈知远', '陆清和')
    """
    for mark in "，,；;\n":
        text = text.replace(mark, "、")
    return tuple(name for name in (part.strip() for part in text.split("、")) if name)
