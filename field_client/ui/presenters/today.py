"""Today: items from the office, inspections under way, and the form that opens a new one.

>>> uscc_note(str, "91990123MA0FJ0K21X", valid=True).level
'pass'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import (
    Chip,
    Choice,
    Frame,
    Message,
    RuleNote,
    Stage,
    Translate,
)

USCC_LENGTH = 18


@dataclass(frozen=True, slots=True)
class ItemTile:
    """An enforcement item that an inspection may be opened from."""

    item_id: str
    title: str
    basis: str


@dataclass(frozen=True, slots=True)
class InspectionTile:
    """An inspection on this tablet."""

    inspection_id: str
    title: str
    detail: str
    state: Chip
    stage: Stage


@dataclass(frozen=True, slots=True)
class NewInspection:
    """The form; ``missing`` names in words what still has to be filled in."""

    party_name: str = ""
    uscc: str = ""
    uscc_note: RuleNote | None = None
    party_class: str = ""
    party_classes: tuple[Choice, ...] = ()
    place: str = ""
    legal_rep: str = ""
    address: str = ""
    phone: str = ""
    item_id: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TodayView:
    """``form`` None shows the lists, else the form that opens an inspection."""

    frame: Frame
    duty: tuple[str, ...]
    needs_second: bool
    items: tuple[ItemTile, ...]
    inspections: tuple[InspectionTile, ...]
    form: NewInspection | None = None
    message: Message | None = None


def uscc_note(_: Translate, uscc: str, *, valid: bool) -> RuleNote | None:
    """The check digit warns and never blocks: early pilot codes fail it and are real."""
    if not uscc:
        return None
    if len(uscc) != USCC_LENGTH:
        return RuleNote("warn", _("A code has 18 characters, this has {n}").format(n=len(uscc)))
    if not valid:
        return RuleNote(
            "warn", _("Check digit does not fit. Compare with the licence; you may go on.")
        )
    return RuleNote("pass", _("Check digit fits"))


def missing_words(_: Translate, form: NewInspection) -> tuple[str, ...]:
    """What an inspection cannot be opened without."""
    wanted = (
        (form.party_name, _("party name")),
        (form.party_class, _("kind of party")),
        (form.place, _("place")),
        (form.item_id, _("item")),
    )
    return tuple(word for value, word in wanted if not value.strip())
