"""A document's form, generated from its schema: fields, what the rules say, the printed page.

>>> main_label(str, blocks=1, missing=())
'Resolve 1 stop, then sign'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, Message, RuleNote, Translate

FieldKind = Literal["text", "multiline", "choice", "money", "number", "date", "fixed"]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. ``fixed`` is shown, not typed; ``aside`` stands at the right of the label."""

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


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Page images as PNG bytes; ``caption`` says whether they are a draft."""

    pages: tuple[bytes, ...] = ()
    caption: str = ""
    busy: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """``notes`` belong to the whole document; ``ready`` opens the main action."""

    frame: Frame
    fields: tuple[FieldView, ...]
    notes: tuple[RuleNote, ...]
    passed: int
    preview: PreviewView | None  # None: nothing is printed of this form
    main_label: str
    ready: bool
    message: Message | None = None

    @property
    def all_notes(self) -> tuple[RuleNote, ...]:
        """Every rule's answer on this form, the document's own first."""
        return self.notes + tuple(note for field in self.fields for note in field.notes)


def main_label(_: Translate, *, blocks: int, missing: tuple[str, ...]) -> str:
    """The main button says what is missing instead of going grey."""
    if blocks:
        return _("Resolve {n} stop, then sign").format(n=blocks)
    if missing:
        return _("Still to fill in: {words}").format(words=_(", ").join(missing))
    return _("Go to signing")
