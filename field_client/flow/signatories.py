"""Who signs what, and what stands in where nobody does: the handbook's table, as data.

asks(DocumentKind.SPOT_DECISION).party            Side.CONFIRMS
asks(DocumentKind.SEAL_SEIZE_DECISION).absent     Attest.MUST      (ACL 18)
asks(DocumentKind.PRIOR_NOTICE).party             Side.ELSEWHERE   the proof of service bears it

The officers of the inspection sign every document, each by hand and key. Flows ask here and
have no kinds of their own; what a rule says besides (SG-1 to SG-4) is the rules' to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from protocol.vocabulary import DocumentKind, Measure, Role


class Side(StrEnum):
    """What the hand of the party's side means."""

    CONFIRMS = "confirms"  # has read it, and it is as it was
    RECEIVES = "receives"  # was handed a copy, which is its service as well
    ELSEWHERE = "elsewhere"  # none here: the proof of service bears it


class Attest(StrEnum):
    """Whether somebody attests in place of who does not sign."""

    NEVER = "never"
    MAY = "may"  # who is there may sign instead (EVID 15)
    MUST = "must"


# Who may sign for the party's side; an agent needs an authority in writing.
SIGNERS = (Role.PARTY, Role.SITE_MANAGER, Role.AGENT)


class Pages(StrEnum):
    """Which pages bear a hand at their foot."""

    NONE = "none"
    BUT_LAST = "but_last"  # the last bears the hand under the text
    ALL = "all"


@dataclass(frozen=True)
class Asks:
    """The signatures of a kind of document. ``under`` is the sentence over the party's hand, in
    Chinese as the document has it; ``pages`` bear
    hands at their foot too; ``served``: it is
    handed over after it was signed; ``noted``: whoever will not take it is noted, and that
    suffices (APL 52)."""

    party: Side
    under: str = ""
    refused: Attest = Attest.NEVER
    absent: Attest = Attest.MAY
    pages: Pages = Pages.NONE
    served: bool = False
    noted: bool = False
    signers: tuple[Role, ...] = SIGNERS


READ = "以上内容我看过，与实际情况相符。"
TOLD = "以上笔录我看过，与我说的相符。"
HEARD = "以上笔录向我宣读过，与我说的相符。"
GIVEN = "本文书一份，我已收到。"

_RECORD = Asks(Side.CONFIRMS, READ, refused=Attest.MAY, pages=Pages.BUT_LAST)
_RECEIPT = Asks(Side.RECEIVES, GIVEN, served=True)
_PROVED = Asks(Side.ELSEWHERE, served=True)

ASKS: dict[DocumentKind, Asks] = {
    DocumentKind.INSPECTION_NOTICE: _RECEIPT,
    DocumentKind.SITE_INSPECTION_RECORD: _RECORD,
    DocumentKind.INTERVIEW_RECORD: Asks(
        Side.CONFIRMS,
        TOLD,
        refused=Attest.MAY,
        pages=Pages.ALL,
        signers=(Role.INTERVIEWEE,),
    ),
    DocumentKind.RIGHTS_NOTICE: Asks(Side.RECEIVES, GIVEN),
    DocumentKind.CORRECTION_ORDER: _RECEIPT,
    # A note suffices (APL 52): nobody needs to attest to it.
    DocumentKind.SPOT_DECISION: Asks(
        Side.CONFIRMS, "本决定书我看过。", absent=Attest.NEVER, served=True, noted=True
    ),
    DocumentKind.PRIOR_NOTICE: _PROVED,
    DocumentKind.HEARING_RIGHT_NOTICE: _PROVED,
    DocumentKind.STATEMENT_RECORD: Asks(
        Side.CONFIRMS, TOLD, refused=Attest.MAY, pages=Pages.BUT_LAST
    ),
    DocumentKind.PRESERVATION_NOTICE: Asks(
        Side.RECEIVES, GIVEN, refused=Attest.MAY, absent=Attest.MUST, served=True
    ),
    DocumentKind.SEAL_SEIZE_DECISION: Asks(
        Side.RECEIVES, GIVEN, refused=Attest.MAY, absent=Attest.MUST, served=True
    ),
    DocumentKind.PENALTY_DECISION: _PROVED,
    DocumentKind.SERVICE_PROOF: Asks(
        Side.RECEIVES, GIVEN, refused=Attest.MAY, signers=(Role.PARTY, Role.RECEIVER, Role.AGENT)
    ),
    DocumentKind.RESULT_NOTICE: _RECEIPT,
}

# Domain handbook §4, block A. Records of what happened on site bear hands and no seal.
SEALED = frozenset(
    {
        DocumentKind.INSPECTION_NOTICE,
        DocumentKind.CORRECTION_ORDER,
        DocumentKind.SPOT_DECISION,
        DocumentKind.PRIOR_NOTICE,
        DocumentKind.HEARING_RIGHT_NOTICE,
        DocumentKind.PRESERVATION_NOTICE,
        DocumentKind.SEAL_SEIZE_DECISION,
        DocumentKind.PENALTY_DECISION,
        DocumentKind.RESULT_NOTICE,
    }
)

COERCIVE = frozenset({Measure.SEAL, Measure.SEIZE, Measure.FREEZE, Measure.OTHER})
# The record of a case in which such a measure was taken is the on-site record of ACL 18.
ON_SITE = DocumentKind.SITE_INSPECTION_RECORD


def asks(kind: DocumentKind) -> Asks:
    """The signatures that a kind of document needs."""
    return ASKS[kind]


def asked_now(kind: DocumentKind, *, sealed: bool) -> Asks:
    """The same for one document as it is signed. What the office has still to seal is not handed
    over yet, and nobody receives it: the proof of service bears that hand later. Lists of property
    are signed there and then all the same (APL 56; ACL 24), as read."""
    wanted = ASKS[kind]
    if sealed or kind not in SEALED or wanted.party is not Side.RECEIVES:
        return wanted
    if wanted.absent is Attest.MUST:
        return replace(wanted, party=Side.CONFIRMS, under=READ)
    return replace(wanted, party=Side.ELSEWHERE)


def signs(kind: DocumentKind, sealed: bool) -> bool:
    """Whether the party's side signs a document of this kind, by whether it bears the seal."""
    return asked_now(kind, sealed=sealed).party is not Side.ELSEWHERE


def attest(kind: DocumentKind, *, absent: bool, coercion: bool) -> Attest:
    """Who stands in where the party's side does not sign; ``coercion``: the case has a coercive
    measure (ACL 18: absent, an attestor signs; present and refusing, a note)."""
    wanted = ASKS[kind]
    if absent and coercion and kind is ON_SITE:
        return Attest.MUST
    return wanted.absent if absent else wanted.refused


def coercive(measures: Iterable[Measure]) -> bool:
    """Whether one of these measures makes the record an on-site record of coercion."""
    return not COERCIVE.isdisjoint(measures)
