"""What happens in the field beside the acts themselves: asked, broken off, handed on, taken back.

One Struct per kind; ``statements.py`` is the door to all. Officers sign together, as for acts:

    ApprovalAsked(agency=…, at=…, salt=…, case=…, subject=ApprovalSubject.MEASURE, …)   ACL 19
"""

import msgspec

from protocol.parts import (
    Day,
    Fen,
    Hex32,
    Long,
    Millis,
    PartyAct,
    Place,
    PropertyItem,
    Short,
    Statement,
    expect_days,
)
from protocol.vocabulary import ApprovalSubject, CashGround, HearingAnswer, MeasureEnd, Step


class ApprovalAsked(Statement, frozen=True, kw_only=True, tag="approval_asked"):
    """The head of the agency is asked to allow something; an *approval given* answers, whose
    ``concerning`` is this record or the case. ``concerning`` is what is to be approved, null for
    the inspection itself; ``urgent``: it was begun before (ACL 19)."""

    subject: ApprovalSubject
    concerning: Hex32 | None = None
    reason: Long
    urgent: bool = False


class HandedOver(Statement, frozen=True, kw_only=True, tag="handed_over"):
    """The inspection goes on with these officers (certificate numbers), who show their cards
    too (APL 55). Those who leave and those who come sign together."""

    officers: list[Short]
    reason: Short


class RecusalAsked(Statement, frozen=True, kw_only=True, tag="recusal_asked"):
    """The party asks that these officers step back. The head decides; until then the work goes
    on (APL 43)."""

    officers: list[Short]
    reason: Long
    act: PartyAct


class RecordingBroken(Statement, frozen=True, kw_only=True, tag="recording_broken"):
    """A recording that should have been continuous was not: from when until when, and why
    (X-3.2b). ``media`` is the record of what there is of it, null where there is nothing."""

    step: Step
    from_at: Millis
    until_at: Millis
    reason: Short
    media: Hex32 | None = None


class FineCollected(Statement, frozen=True, kw_only=True, tag="fine_collected"):
    """Officers took a fine in cash, against an official receipt, to hand it in within two
    working days (APL 68–71). ``issued`` is the decision's record."""

    issued: Hex32
    ground: CashGround
    receipt_no: Short
    amount: Fen
    hand_in_by: Day

    def __post_init__(self) -> None:
        expect_days(self.hand_in_by)


class HearingAnswered(Statement, frozen=True, kw_only=True, tag="hearing_answered"):
    """The party asks for the hearing that it was told of, or waives it (APL 64). ``notice`` is
    the record of the notice."""

    notice: Hex32
    answer: HearingAnswer
    act: PartyAct


class MeasureExtended(Statement, frozen=True, kw_only=True, tag="measure_extended"):
    """A measure lasts longer, once and by 30 days at most, with the head's approval and reasons
    in writing, of which the party is told (ACL 25)."""

    measure: Hex32
    approval: Hex32
    reason: Long
    until_on: Day
    party_act: PartyAct

    def __post_init__(self) -> None:
        expect_days(self.until_on)


class MeasureEnded(Statement, frozen=True, kw_only=True, tag="measure_ended"):
    """What became of property under a measure (APL 56; ACL 27, 28). No ``items`` means all of
    them; ``approval`` is the head's, where one was given."""

    measure: Hex32
    end: MeasureEnd
    items: list[PropertyItem] = msgspec.field(default_factory=list)
    on: Day
    place: Place | None = None
    approval: Hex32 | None = None
    reason: Long
    party_act: PartyAct

    def __post_init__(self) -> None:
        expect_days(self.on)
