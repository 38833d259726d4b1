"""Signing: one hand after the other. Who writes now, under which words, and what it stands for.

>>> advice(str)[3].title
'You may decline to sign'
>>> Turn.of("page.3").page
3
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, Frame, Message, PartyLock, Translate

Whose = Literal["party", "page", "initials", "attestor", "officer"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is; ``key`` comes back with the hand. ``page`` counts from 1, 0: the whole."""

    key: str
    whose: Whose
    page: int = 0

    @classmethod
    def of(cls, key: str) -> Turn:
        """``party``, ``attestor``, ``page.2``, ``initials.0`` (of page 1), ``officer.0099…``."""
        whose, _, rest = key.partition(".")
        return cls(key, whose, int(rest) if whose == "page" else 0)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Signing:
    """Who of the party's side signs what is no document: ``role`` of ``roles``; an agent's
    ``name`` and ``authority``, ``whole`` once both are there."""

    roles: tuple[Choice, ...] = ()
    role: str = ""
    name: str = ""
    authority: str = ""
    whole: bool = True

    @property
    def agent(self) -> bool:
        """Whether somebody acts for the party."""
        return self.role == "agent"


NOBODY_ELSE = Signing()


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
class Correction:
    """What an interview corrects on a page: it read so, and reads so now."""

    page: int
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class AttestorView:
    """Who attests: ``must`` where the law asks for one, ``why`` says why nobody else signs."""

    name: str
    unit: str
    must: bool
    why: str


@dataclass(frozen=True, slots=True)
class SignView:
    """``stage`` party: the party holds the tablet; officers: one after the other signs. ``under``
    is the sentence over the hand; ``signer`` signs as ``role``, an agent by ``authority``."""

    frame: Frame
    stage: Literal["party", "attestor", "officers"]
    party: str
    day: str
    advice: tuple[Advice, ...]
    pages: tuple[bytes, ...]
    refusals: tuple[Choice, ...]
    officers: tuple[OfficerSign, ...]
    lock: PartyLock
    turn: Turn = Turn("party", "party")
    progress: str = ""
    under: str = ""
    roles: tuple[Choice, ...] = ()
    role: str = ""
    signer: str = ""
    authority: str = ""
    papers: tuple[str, ...] = ()  # authorities at hand: photos of the case
    attestor: AttestorView | None = None
    correction: Correction | None = None
    plain: tuple[Advice, ...] = ()
    explained: bool = False
    may_object: bool = True
    objection: str = ""
    party_handwriting: Handwriting | None = None
    party_refused: str = ""
    current: str = ""
    message: Message | None = None
    pin_length: int = 6
    busy: str = ""

    @property
    def missing(self) -> str:
        """The first fact that must be written beside the hand: its key, or nothing."""
        if self.stage == "party" and self.roles:
            if not self.signer.strip():
                return "signer"
            if self.role == "agent" and not self.authority.strip():
                return "authority"
        if self.stage == "attestor" and self.attestor is not None:
            wanted = (("name", self.attestor.name), ("unit", self.attestor.unit))
            return next((key for key, words in wanted if not words.strip()), "")
        return ""


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


def page_refusals(_: Translate) -> tuple[Choice, ...]:
    """Reasons offered at one page of several; whoever cannot write or is gone signs no other."""
    return (
        Choice("disagrees", _("Disagrees with this page")),
        Choice("none", _("Signs no page of it")),
        *refusal_reasons(_)[1:],
    )


def hand_word(_: Translate, view: SignView, *, begun: bool, written: bool) -> str:
    """The main button: what is missing, or what it does.

    >>> from types import SimpleNamespace as N
    >>> hand_word(str, N(busy="", missing="authority", stage="party"), begun=True, written=True)
    'Write down the written authority first'
    """
    if view.busy:
        return view.busy
    lacks = {
        "signer": _("Write down who signs first"),
        "authority": _("Write down the written authority first"),
        "name": _("Write down who attests first"),
        "unit": _("Write down the unit or address first"),
    }
    if view.missing:
        return lacks[view.missing]
    if begun and not written:
        return _("Too little for a signature: please write your name")
    if not written:
        return _("Please sign on the line above")
    return _done_word(_, view)


def _done_word(_: Translate, view: SignView) -> str:
    whose = view.turn.whose
    if whose == "officer":
        name = next((one.name for one in view.officers if one.officer_id == view.current), "")
        return _("Confirm with PIN, {name}").format(name=name)
    if whose == "page":
        return _("Sign page {n}").format(n=view.turn.page)
    if whose == "initials":
        return _("Yes, corrected like this")
    if whose == "attestor":
        return _("I attest to it: sign")
    return _("I have read it: sign")


def who_word(_: Translate, view: SignView) -> str:
    """Above the pad: whose hand is asked for."""
    whose = view.turn.whose
    if whose == "officer":
        name = next((one.name for one in view.officers if one.officer_id == view.current), "")
        return _("Signature of officer {name}").format(name=name)
    if whose == "attestor":
        return _("Signature of the attesting witness")
    if whose == "page":
        return _("Page {n}: signature of {name}").format(n=view.turn.page, name=view.party)
    if whose == "initials":
        return _("Beside the correction: signature of {name}").format(name=view.party)
    return _("Signature of {name}").format(name=view.signer or view.party)
