"""What is stated in the field: by officers together, and by the device about itself.

One Struct per kind, in the order in which an inspection meets them; ``statements.py`` is the
door to all. The clause that asks for a statement stands beside it:

    IdentityShown(agency=…, at=…, salt=…, case=…, step=Step.IDENTITY, cards=[…], …)   APL 55
"""

from typing import Annotated

import msgspec

from protocol.parts import (
    BlobRef,
    Count,
    Day,
    Decision,
    Hex16,
    Hex32,
    Imported,
    Long,
    Millis,
    Party,
    PartyAct,
    Place,
    PropertyItem,
    Segment,
    Short,
    ShownCard,
    Signed,
    Statement,
    expect_days,
)
from protocol.vocabulary import DocumentKind, Measure, MediaKind, Outcome, ServiceMethod, Step


class InspectionOpened(Statement, frozen=True, kw_only=True, tag="inspection_opened"):
    """An inspection begins; this record's id is the case's id. ``urgent`` ones are approved
    afterwards (国办发〔2024〕54号)."""

    number: Short
    item: Short
    item_version: Count
    cause: Short
    party: Party
    place: Place
    officers: list[Short]
    urgent: bool = False
    task: Short = ""


class IdentityShown(Statement, frozen=True, kw_only=True, tag="identity_shown"):
    """The officers showed their cards unasked (APL 52, 55)."""

    step: Step
    cards: list[ShownCard]
    to_whom: Short
    place: Place
    uniform: bool = True
    worn: bool = False


class RightsNotified(Statement, frozen=True, kw_only=True, tag="rights_notified"):
    """The party was told rights and duties (APL 7, 43–45, 50, 55)."""

    template: Short
    template_version: Count
    text: Hex32
    read_aloud: bool
    party_act: PartyAct


class MediaCaptured(Statement, frozen=True, kw_only=True, tag="media_captured"):
    """A photo, video or sound recording with the five facts asked for (EVID 12; X-3.2d).
    ``continuous``: it runs from the beginning of the step to its end (X-3.2b)."""

    media: MediaKind
    blob: BlobRef
    case_no: Short
    began_at: Millis
    ended_at: Millis
    place: Place
    recorder: Short
    purpose: Short
    step: Step
    device: Short
    codec: Short = ""
    parent: Hex32 | None = None
    continuous: bool = False
    imported: Imported | None = None


class StatementTaken(Statement, frozen=True, kw_only=True, tag="statement_taken"):
    """Before deciding, the party was told facts, reasons, basis, intended content and rights,
    and was heard (APL 44, 45, 62). ``intended`` is the penalty that it was told of, kinds and
    amount; left out where the officers wrote it in words alone, and by programs before 0.3."""

    told: Long
    defence: Long
    reply: Long
    waived: bool = False
    intended: Decision | msgspec.UnsetType = msgspec.UNSET


class MeasureTaken(Statement, frozen=True, kw_only=True, tag="measure_taken"):
    """Property was preserved, sampled, sealed, seized or frozen (APL 56; ACL 18–24), item by
    item. ``approval`` is the record that allowed it, null where urgency let it wait (ACL 19);
    ``issued`` is the notice or decision handed over. ``called``: how the party was told to come;
    ``told``: the reasons, the basis and the rights that it was told; ``defence`` and ``reply``:
    how it was heard (ACL 18, steps 4–6). ``keeper`` keeps the property, at ``kept_at``."""

    measure: Measure
    approval: Hex32 | None = None
    urgent: bool = False
    basis: Short
    items: list[PropertyItem]
    from_on: Day
    until_on: Day | None = None
    issued: Hex32 | None = None
    party_act: PartyAct
    called: Short = ""
    told: Long = ""
    defence: Long = ""
    reply: Long = ""
    waived: bool = False
    place: Place | None = None
    kept_at: Short = ""
    keeper: Short = ""

    def __post_init__(self) -> None:
        expect_days(self.from_on, self.until_on)


class SignatureTaken(Statement, frozen=True, kw_only=True, tag="signature_taken"):
    """A hand, a refusal or an absence gathered by itself: under a page of an interview, or
    under what an earlier record, ``concerning``, holds."""

    concerning: Hex32 | None = None
    page: Count | None = None
    act: PartyAct


class DocumentIssued(Statement, frozen=True, kw_only=True, tag="document_issued"):
    """A document was made, signed and fixed. Its text is committed to piece by piece, so that
    a public version can be proved; ``content`` is the blob that opens the commitments, and
    signatures by hand are ``over`` the ``root`` of all pieces. ``explained``: it was read aloud
    and explained in plain words. ``intended`` is the penalty that a notice tells of (APL 44)."""

    document: DocumentKind
    document_id: Hex16
    number: Short
    grant: Hex32 | None
    seal: Hex32 | None
    template: Short
    template_version: Count
    segments: list[Segment]
    root: Hex32
    content: BlobRef
    pdf: BlobRef
    pages: Count
    party_act: PartyAct
    officer_acts: list[Signed]
    decision: Decision | None = None
    explained: bool = False
    intended: Decision | None = None


class DocumentServed(Statement, frozen=True, kw_only=True, tag="document_served"):
    """A document reached the party, or was left (CPL 87–95; APL 61). ``media`` are the records of
    the photos or videos that show how it was left (CPL 89)."""

    issued: Hex32
    method: ServiceMethod
    addressee: Short
    place: Place
    received: PartyAct
    media: list[Hex32] = msgspec.field(default_factory=list)


class InspectionClosed(Statement, frozen=True, kw_only=True, tag="inspection_closed"):
    """An inspection ended."""

    outcome: Outcome
    note: Short = ""


class RuleOverridden(Statement, frozen=True, kw_only=True, tag="rule_overridden"):
    """The officers went on against a warning and say why."""

    rule: Short
    reason: Short
    concerning: Short = ""


class Corrected(Statement, frozen=True, kw_only=True, tag="corrected"):
    """An earlier record of the same case is corrected; the earlier one stays."""

    record: Hex32
    reason: Short
    text: Long


class NumberVoided(Statement, frozen=True, kw_only=True, tag="number_voided"):
    """A document number will not be used, and why."""

    document: DocumentKind
    number: Short
    grant: Hex32
    reason: Short


class DeviceInventory(Statement, frozen=True, kw_only=True, tag="device_inventory"):
    """What a device says it holds, signed by the device with every push. ``length`` and
    ``head`` are its journal's; counts are of links and blobs not yet sent whole. ``checkpoint`` is
    the signed head of the log that it verified last, ``halted`` why it sends nothing, if it does
    not; ``disk_bytes`` is what ``free_bytes`` are free of, 0 if it did not say."""

    journal: Hex16
    length: Count
    head: Hex32
    unsent: Count
    oldest_unsent_at: Millis | None
    blobs_outstanding: Count
    bytes_outstanding: Count
    free_bytes: Count
    boot: Hex16
    monotonic: Count
    checkpoint_size: Count
    reference_version: Count
    program: Short
    checkpoint: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    halted: Short = ""
    disk_bytes: Count = 0
