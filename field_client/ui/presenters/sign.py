"""Signing: the party reads and signs or refuses, then each officer by PIN and handwriting.

>>> advice(str)[3].title
'You may decline to sign'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, Frame, Message, PartyLock, Translate


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to know before signing."""

    icon: str
    title: str
    text: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class OfficerSign:
    """One officer's place under the document."""

    officer_id: str
    name: str
    number: str
    signed: bool
    handwriting: Handwriting | None = None


@dataclass(frozen=True, slots=True)
class SignView:
    """``stage`` party: the party holds the tablet; officers: one after the other signs."""

    frame: Frame
    stage: Literal["party", "officers"]
    party: str
    day: str
    advice: tuple[Advice, ...]
    pages: tuple[bytes, ...]
    refusals: tuple[Choice, ...]
    officers: tuple[OfficerSign, ...]
    lock: PartyLock
    objection: str = ""
    party_handwriting: Handwriting | None = None
    party_refused: str = ""
    current: str = ""
    message: Message | None = None
    pin_length: int = 6
    busy: str = ""


def advice(_: Translate) -> tuple[Advice, ...]:
    """What the party should know before signing."""
    return (
        Advice(
            "file-search",
            _("Read first, then sign"),
            _("Signing means you have read it and it matches what happened, not that you agree."),
        ),
        Advice(
            "pencil",
            _("Wrong? Ask for a change"),
            _("What is missing or wrong is corrected on the spot."),
        ),
        Advice(
            "message-2",
            _("You may state and defend"),
            _("A penalty is never made heavier because you defend yourself."),
            _("Administrative Penalty Law, Art. 45"),
        ),
        Advice(
            "user-off",
            _("You may decline to sign"),
            _("Tell us why; the officers will write it down as it is."),
        ),
        Advice(
            "ear",
            _("Cannot hear or read it? Say so"),
            _("It can be enlarged or read aloud, or someone may join you."),
        ),
    )


def refusal_reasons(_: Translate) -> tuple[Choice, ...]:
    """Reasons offered when a party does not sign; own words may follow."""
    return (
        Choice("disagrees", _("Disagrees with the content")),
        Choice("cannot_write", _("Cannot write")),
        Choice("left", _("Has left the place")),
        Choice("other", _("Another reason")),
    )
