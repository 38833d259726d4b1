"""The ID card as the party sees it: who, what for, whether valid and how old that word is.

>>> standing(str, "valid", 26 * 3_600_000, "", stale_after=24 * 3_600_000).chip.tone
'unknown'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import (
    HOUR,
    Chip,
    Choice,
    Frame,
    PartyLock,
    Translate,
    age_words,
)

Standing = Literal["valid", "suspended", "cancelled", "expired", "unknown"]
Matrix = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class StandingView:
    """The state chip and the line under it that says since when it is known."""

    chip: Chip
    detail: str


@dataclass(frozen=True, slots=True)
class CardFace:
    """All that is printed on a certificate (C-5, C-34), and its state. ``photo_note`` says why
    there is no photo."""

    officer_id: str
    name: str
    unit: str
    position: str
    number: str
    category: str
    field: str
    region: str
    validity: str
    photo: bytes | None
    standing: StandingView
    photo_note: str = ""


@dataclass(frozen=True, slots=True)
class OfficerSwitch:
    """The two officers under the card."""

    officer_id: str
    name: str
    photo: bytes | None
    shown: bool


@dataclass(frozen=True, slots=True)
class CardView:
    """``qr`` is the square of modules without quiet zone; None while it is being made. ``worn``:
    as a badge on patrol, large enough to be read in passing, the code on request."""

    frame: Frame
    face: CardFace
    qr: Matrix | None
    seconds_left: float
    period: float
    officers: tuple[OfficerSwitch, ...]
    recorded: bool
    lock: PartyLock
    step: str = ""
    steps: tuple[Choice, ...] = ()
    to_whom: str = ""
    place: str = ""
    uniform: bool = False
    worn: bool = False
    inspecting: bool = True


def shown_words(_: Translate, view: CardView) -> str:
    """At which step, to whom, where and, where it was ticked, how dressed, as it will be
    recorded."""
    if not view.inspecting:
        return _("On patrol, no inspection is open")
    step = next((one.word for one in view.steps if one.key == view.step), "")
    parts = [step, _("to {whom}").format(whom=view.to_whom or "…"), view.place]
    parts.append(_("in uniform") if view.uniform else "")
    return _(" · ").join(part for part in parts if part)


def photo_note(_: Translate, *, here: bool, to_come: bool) -> str:
    """What stands where the photo would: a card without one proves nobody's face."""
    if here:
        return ""
    if to_come:
        return _("The photo has not come to this tablet yet. Show the paper card too.")
    return _("The roster has no photo. Show the paper card too.")


def standing(
    _: Translate,
    state: Standing,
    age: int | None,
    checked: str,
    *,
    stale_after: int,
    line: str = "",
) -> StandingView:
    """A state with its age; too old a roster means unknown, never valid (look.md). ``line`` is
    the telephone that says more of a certificate that is not valid."""
    if age is None:
        return StandingView(
            Chip("help-circle", _("Unknown"), "unknown"),
            _("No roster on this tablet. Connect to update it."),
        )
    if state == "suspended" or state == "cancelled":
        word = _("Suspended") if state == "suspended" else _("Cancelled")
        return StandingView(
            Chip("x", word, "danger"),
            _("Call {line} to verify. Roster updated {age}").format(
                line=line or _("the supervision line"), age=age_words(_, age)
            ),
        )
    if state == "expired":
        return StandingView(
            Chip("x", _("Expired"), "danger"), _("The certificate is past its validity.")
        )
    if state == "unknown" or age > stale_after:
        return StandingView(
            Chip("help-circle", _("Unknown"), "unknown"),
            _("Roster {n} h old, validity cannot be confirmed. Connect to update it.").format(
                n=age // HOUR
            ),
        )
    return StandingView(
        Chip("check", _("Valid · roster updated {age}").format(age=age_words(_, age)), "success"),
        checked,
    )
