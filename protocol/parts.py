"""What statements are made of: bounded texts, hashes, times; parties, places, hands; the base.

    Party(name="云溪县禾穗食品有限公司", party_class=PartyClass.ORGANISATION)
    Place(text="云溪县青石镇河西路28号", source="typed")

Every value has a bound here, so that whatever passes ``statements.decode`` fits a database's
column and a calendar, and no reader behind it has to ask again. Ids and hashes are lowercase
hex, times are ms since the Unix epoch in UTC, money is in fen (0.01 yuan).
"""

from datetime import date
from typing import Annotated

import msgspec

from protocol.errors import Malformed
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    Ground,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Role,
    ServiceMethod,
    Standing,
)

EDITION = 3
"""The edition of the lists of words that this program reads. 1: the first. 2: the step of
taking a measure, the staff's role of legal reviewer. 3: the step of an interview, the roles of
interviewee, guardian and receiver, the release of a measure (``Term.since`` says it of each)."""

LATEST = 253_402_271_999_999
"""The last millisecond of the year 9999 in China: a later time has no day on any calendar."""

# ``$`` would let a newline through at the end, ``\d`` digits of other scripts.
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Hex16 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Millis = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Short = Annotated[str, msgspec.Meta(max_length=500)]
Long = Annotated[str, msgspec.Meta(max_length=100_000)]
Version = Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]


def expect_days(*days: str | None) -> None:
    """Raises Malformed for a day that no calendar has, such as 2026-02-30."""
    for day in days:
        if day is None:
            continue
        try:
            date.fromisoformat(day)
        except ValueError:
            raise Malformed(
                "expected a day of the calendar as YYYY-MM-DD, got {day}; write the date again",
                day=day[:20],
            ) from None


class BlobRef(msgspec.Struct, frozen=True, kw_only=True):
    """A blob named by the SHA-256 of its plaintext bytes."""

    sha256: Hex32
    size: Annotated[int, msgspec.Meta(ge=0, le=1 << 48)]
    media_type: Short


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """当事人. ``id_code`` is a unified social credit code or an identity number."""

    name: Short
    party_class: PartyClass
    id_code: Short = ""
    legal_rep: Short = ""
    address: Short = ""
    phone: Short = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where: typed, chosen or measured. Coordinates only when measured, in degrees (WGS 84)."""

    text: Short
    source: Annotated[str, msgspec.Meta(pattern=r"^(typed|chosen|gps)\Z")] = "typed"
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None


class Signed(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="signed"):
    """Somebody wrote by hand. The blob holds the name and the strokes; ``over`` is the hash
    of what was signed, so that a later change voids it (ESL 13)."""

    role: Role
    handwriting: BlobRef
    over: Hex32
    at: Millis


class SignRefused(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="refused"):
    """Somebody present would not sign; the reason is noted (APL 52; EVID 15), and where the law
    asks for one an attestor's hand stands beside it (CPL 89)."""

    role: Role
    reason: Short
    over: Hex32
    at: Millis
    attestor: Signed | None = None


class SignAbsent(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="absent"):
    """Nobody was there to sign; an attestor's hand stands in where the law asks (ACL 18)."""

    role: Role
    reason: Short
    over: Hex32
    at: Millis
    attestor: Signed | None = None


PartyAct = Signed | SignRefused | SignAbsent


class ShownCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card as it was shown: standing, and how old the roster was that said so."""

    cert_no: Short
    standing: Standing
    roster_issued_at: Millis
    presentation: Hex32


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How a recording of another device came in: by whom (certificate number), when, from which
    recorder, and under which name it lay there."""

    by: Short
    at: Millis
    source: Short
    name: Short


class PropertyItem(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a property list (handbook, section 4): what it is, how much, in what state.
    ``quantity`` is a decimal number as written, of ``unit``."""

    name: Short
    spec: Short = ""
    batch: Short = ""
    unit: Short = ""
    quantity: Short = ""
    condition: Short = ""
    remark: Short = ""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The commitment to one piece of a document's text (``redaction.py``)."""

    name: Short
    commitment: Hex32


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What rules and the publication matrix need to know of a decision, without its text.
    ``denies_hearing``: whether its paper says that the party has no right to a hearing (APL 63);
    left out where the form asks nothing of the kind, and by programs before 0.3."""

    act: ActKind
    procedure: Procedure
    party_class: PartyClass
    penalties: list[PenaltyKind]
    fine: Fen = 0
    remedy: RemedyRoute
    decided_on: Day
    heard: Hex32 | None = None
    denies_hearing: bool | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        expect_days(self.decided_on)


class Mask(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of text that is not published, and on what ground."""

    name: Short
    ground: Ground


class ListedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What public lists say of a decision beside its title: ``root`` is that of its commitments,
    ``served_at`` and ``served_how`` None where it was not served by then."""

    number: Short
    document: DocumentKind
    act: ActKind
    penalties: Annotated[list[PenaltyKind], msgspec.Meta(max_length=50)]
    fine: Fen
    remedy: RemedyRoute
    decided_on: Day
    root: Hex32
    served_at: Millis | None
    served_how: ServiceMethod | None

    def __post_init__(self) -> None:
        expect_days(self.decided_on)


class Statement(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every statement says. ``salt`` is random, so that hashes give nothing away; ``v`` is
    the least edition of the lists of words that has every word of the statement."""

    agency: Short
    at: Millis
    salt: Hex16
    case: Hex32 | None = None
    v: Version = 1
