"""What a scanned code is worth, in words: somebody else's card, or a document's mark.

>>> card_result(str, "stale", "unknown", facts=(), issued_words="").chip.tone
'warning'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.card import Standing
from field_client.ui.presenters.common import Chip, Frame, Translate

Code = Literal["fresh", "stale", "unknown", "false"]


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict: its mark and word, what it means, what is known, who is shown."""

    chip: Chip
    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """The picture runs while ``result`` is None; ``trouble`` says why it does not."""

    frame: Frame
    result: Result | None = None
    trouble: str = ""


def card_result(
    _: Translate,
    code: Code,
    standing: Standing,
    *,
    facts: tuple[tuple[str, str], ...],
    issued_words: str,
    photo: bytes | None = None,
    to_come: bool = False,
) -> Result:
    """A card that was scanned. ``issued_words`` say how old this tablet's roster is; ``to_come``
    that the roster names a photo which is not on this tablet yet."""
    if code != "fresh":
        return _not_fresh(_, code)
    if standing == "valid" and photo is None:
        return _faceless(_, facts, issued_words, to_come=to_come)
    chips = {
        "valid": Chip("check", _("Valid"), "success"),
        "suspended": Chip("x", _("Suspended"), "danger"),
        "cancelled": Chip("x", _("Cancelled"), "danger"),
        "expired": Chip("x", _("Expired"), "danger"),
        "unknown": Chip("help-circle", _("Unknown"), "unknown"),
    }
    titles = {
        "valid": _("This card is in force"),
        "unknown": _("Nobody can say here whether this card is in force"),
    }
    return Result(
        chips[standing],
        titles.get(standing, _("This card is not in force")),
        _("The code is genuine and fresh. {roster} Compare the photo with the person.").format(
            roster=issued_words
        ),
        facts,
        photo,
    )


def _faceless(
    _: Translate, facts: tuple[tuple[str, str], ...], issued_words: str, *, to_come: bool
) -> Result:
    """A card in force whose bearer cannot be compared with a photo here."""
    why = (
        _("The photo of this officer has not come to this tablet yet.")
        if to_come
        else _("The roster has no photo of this officer.")
    )
    text = _("The code is genuine and fresh. {roster} {why} Compare with the paper card.")
    return Result(
        Chip("alert-triangle", _("Valid, but no photo"), "warning"),
        _("This card is in force; whose face it bears is not known here"),
        text.format(roster=issued_words, why=why),
        facts,
    )


def mark_result(
    _: Translate, code: Code, *, facts: tuple[tuple[str, str], ...], doubtful: bool
) -> Result:
    """A document's code that was scanned."""
    if code != "fresh":
        return _not_fresh(_, code)
    if doubtful:
        return Result(
            Chip("alert-triangle", _("In doubt"), "warning"),
            _("The tablet that marked this had been revoked"),
            _("Ask the agency's verification page before you rely on it."),
            facts,
        )
    return Result(
        Chip("circle-check", _("Genuine mark"), "success"),
        _("A tablet of the agency made this code"),
        _(
            "Compare number and kind with the paper. Whether it was signed, served or withdrawn "
            "is on the agency's verification page."
        ),
        facts,
    )


def no_code(_: Translate) -> Result:
    """A QR code of somebody else's."""
    return Result(
        Chip("help-circle", _("Unknown"), "unknown"),
        _("This is no code of a card or a document"),
        _("Scan the code on the officer's card, or at the foot of the document."),
    )


def _not_fresh(_: Translate, code: Code) -> Result:
    if code == "stale":
        return Result(
            Chip("clock", _("Too old"), "warning"),
            _("This code has run out"),
            _("A card's code lives for seconds. Ask for the running card, not a photo of it."),
        )
    if code == "false":
        return Result(
            Chip("x", _("False"), "danger"),
            _("The signature in this code is not genuine"),
            _("Do not rely on it. Note who showed it, and tell the agency."),
        )
    return Result(
        Chip("help-circle", _("Unknown"), "unknown"),
        _("Nobody on this tablet's roster made this code"),
        _("Another agency, a newer tablet, or a revoked one. Connect to update, then try again."),
    )
