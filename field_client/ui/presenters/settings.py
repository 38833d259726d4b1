"""The settings screen: who is on duty, how it looks, what prints, practice, what this tablet is.

>>> Practice().inside
False
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import Choice, Frame, RuleNote, Translate
from field_client.ui.presenters.unlock import OfficerTile


@dataclass(frozen=True, slots=True)
class HandOver:
    """An open inspection on its way to other officers. ``going_on``: who goes on with it;
    ``missing`` says what is still wanted, empty when it may be signed."""

    case: str
    reason: str
    going_on: frozenset[str] = frozenset()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Training mode: whether the tablet is in it, whether training data are here."""

    inside: bool = False
    there: bool = False
    closed: str = ""


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The whole screen; ``about`` are label and value pairs. ``handing``: it was opened to hand
    the inspection over."""

    frame: Frame
    duty: tuple[OfficerTile, ...]
    handover: HandOver | None
    language: str
    theme: str
    text: str
    printers: tuple[Choice, ...] | None
    printer: str
    practice: Practice
    about: tuple[tuple[str, str], ...]
    can_bring: bool = True
    no_printers: str = ""
    """Why printers cannot be asked for."""
    handing: bool = False


def languages() -> tuple[Choice, ...]:
    """Each by its own name in every language."""
    return (Choice("zh_CN", "中文"), Choice("en", "English"))


def themes(_: Translate) -> tuple[Choice, ...]:
    """Day and night."""
    return (Choice("day", _("Day")), Choice("night", _("Night")))


def texts(_: Translate) -> tuple[Choice, ...]:
    """Three sizes of letters."""
    return (
        Choice("normal", _("Normal")),
        Choice("large", _("Large")),
        Choice("largest", _("Largest")),
    )


def printer_note(_: Translate, view: SettingsView) -> str:
    """What stands in place of a list that cannot be shown."""
    if view.no_printers:
        return view.no_printers
    if view.printers is None:
        return _("Looking for printers…")
    return "" if view.printers else _("No printer is set up on this tablet.")


def missing_for_handover(
    _: Translate, going_on: frozenset[str], before: frozenset[str], reason: str
) -> str:
    """What is still wanted before an inspection is handed over; empty when nothing is."""
    if going_on == before:
        return _("Let the officers who take over sign in, then choose who goes on.")
    if len(going_on) < 2:
        return _("Two officers have to go on with it.")
    if not reason.strip():
        return _("Say why it is handed over.")
    return ""


def handover_note(_: Translate, view: HandOver) -> RuleNote:
    """What the screen says above the ticks."""
    return RuleNote(
        "warn" if view.missing else "pass",
        view.missing or _("All who are on duty sign; then the new officers show their cards."),
    )
