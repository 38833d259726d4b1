"""Whether a document wants the agency's seal, and who puts it (design, decision 8).

A seal is the office's. It may lend it to a tablet with a block of numbers, until a day; what is
not lent is sealed at the office, and a picture of a seal is none.
"""

from __future__ import annotations

from field_client.errors import NumberGone
from field_client.flow.desk import Desk
from field_client.flow.signatories import SEALED
from field_client.preparing import NUMBERED
from field_client.store.numbers import Number
from field_client.ui.presenters.common import Message, date_words
from protocol.calendar import local_day
from protocol.vocabulary import DocumentKind


def lent_until(desk: Desk, kind: DocumentKind) -> int | None:
    """Until when (ms) the seal is lent for the next document of this kind; None when it is not."""
    now = desk.clock.wall_ms()
    lender = _lender(desk, kind, local_day(now).year)
    until = lender.sealed_until if lender else None
    return until if until is not None and now < until else None


def _lender(desk: Desk, kind: DocumentKind, year: int) -> Number | None:
    journal = desk.open_tablet.journal
    if kind is DocumentKind.INSPECTION_NOTICE:  # it bears the inspection's number
        return journal.bearing(kind, desk.case.opening.number)
    if kind not in NUMBERED:
        return None
    try:
        return journal.next_number(kind, year)
    except NumberGone:
        return None


def seal_message(desk: Desk, kind: DocumentKind, *, issued: bool = False) -> Message | None:
    """What the officer must know of the seal before the document is signed, and of one that was
    ``issued`` without it."""
    if kind not in SEALED:
        return None
    until, _ = None if issued else lent_until(desk, kind), desk._
    if until is not None:
        return Message(
            "success",
            _("The agency's seal is lent to this tablet"),
            _("It is put on this document, until {day}.").format(day=date_words(_, until)),
        )
    return Message(
        "accent",
        _("The office must seal this document"),
        _("No seal is lent to this tablet for it. Print it, have it sealed, then serve it."),
    )
