"""What is stated in the office: what arrived, what was decided, published, archived, looked at.

One Struct per kind; ``statements.py`` is the door to all. Staff sign what persons decide; the
server's own key signs what happened by itself (``device_contacted``, ``blob_stored``):

    DisclosurePublished(agency=…, at=…, salt=…, issued=…, shown=[…], masked=[…], …)   APL 48
"""

import msgspec

from protocol.parts import (
    BlobRef,
    Count,
    Day,
    Decision,
    Hex32,
    ListedFacts,
    Long,
    Mask,
    Party,
    Place,
    Segment,
    Short,
    Statement,
    expect_days,
)
from protocol.vocabulary import (
    ApprovalSubject,
    CaseSource,
    Retention,
    ReviewOutcome,
    RevocationGround,
    SampleResult,
    TaskSource,
)


class DeviceContacted(Statement, frozen=True, kw_only=True, tag="device_contacted"):
    """A device made contact; ``inventory`` is its signed envelope (msgpack form)."""

    device: Short
    inventory: bytes


class BlobStored(Statement, frozen=True, kw_only=True, tag="blob_stored"):
    """The server verified a blob's whole hash and its bytes are durable."""

    sha256: Hex32
    size: Count


class TaskAssigned(Statement, frozen=True, kw_only=True, tag="task_assigned"):
    """Officers are to inspect a party (国办发〔2024〕54号): which item, who, by which ``approval``
    of the head, until when, and how often the party was inspected this year against its cap. It
    stands outside cases; the opening of the inspection names this record. No ``devices``: any of
    the agency's. ``recheck_of`` is the case whose order to correct is to be looked after."""

    number: Short
    source: TaskSource
    item: Short
    item_version: Count
    party: Party
    place: Place
    officers: list[Short]
    devices: list[Short]
    yearly_count: Count
    yearly_cap: Count
    approval: Short
    due_on: Day | None
    note: Long = ""
    recheck_of: Hex32 | None = None

    def __post_init__(self) -> None:
        expect_days(self.due_on)


class TaskWithdrawn(Statement, frozen=True, kw_only=True, tag="task_withdrawn"):
    """A task is not to be done any more, and why. ``task`` is the record that assigned it."""

    task: Hex32
    reason: Short


class CaseOpened(Statement, frozen=True, kw_only=True, tag="case_opened"):
    """立案: a case is opened (APL 54). After an inspection it is a step of the inspection's case
    and names it; without one, ``case`` is null and this record's id is the case's id.
    ``handlers`` are certificate numbers; ``acted_on`` is the day of the act, where it is known."""

    number: Short
    cause: Short
    party: Party
    source: CaseSource
    inspection: Hex32 | None = None
    handlers: list[Short]
    handling_unit: Short
    acted_on: Day | None = None

    def __post_init__(self) -> None:
        expect_days(self.acted_on)


class ApprovalGiven(Statement, frozen=True, kw_only=True, tag="approval_given"):
    """The agency's head, or whom the head entrusted, granted or refused what the law wants
    approved (APL 43, 56; ACL 18, 25); ``afterwards`` where it was urgent (ACL 19)."""

    subject: ApprovalSubject
    concerning: Hex32 | None = None
    granted: bool
    reason: Long
    afterwards: bool = False


class HearingMinuted(Statement, frozen=True, kw_only=True, tag="hearing_minuted"):
    """A hearing took place, and its record was closed (APL 64, 65): ``notice`` is the record of
    the notice of the right to it."""

    notice: Hex32
    presider: Short
    held_on: Day
    minutes: BlobRef
    opinion: Long

    def __post_init__(self) -> None:
        expect_days(self.held_on)


class ReviewRequested(Statement, frozen=True, kw_only=True, tag="review_requested"):
    """A draft decision was handed in for legal review (APL 58), under which item of the
    catalogue and why."""

    draft: BlobRef
    catalogue_item: Short
    review_unit: Short
    why: Long


class OpinionGiven(Statement, frozen=True, kw_only=True, tag="opinion_given"):
    """The written opinion of the legal review (X-4.3b)."""

    request: Hex32
    outcome: ReviewOutcome
    opinion: Long


class DecisionMade(Statement, frozen=True, kw_only=True, tag="decision_made"):
    """A decision was taken in the office (APL 57–59). ``text`` opens the commitments of
    ``segments``, whose root is ``root``; ``opinion`` is the review's, where one was asked;
    ``minutes`` are those of the leaders' discussion, where the law asks for one (APL 57)."""

    decision: Decision
    text: BlobRef
    root: Hex32
    segments: list[Segment]
    opinion: Hex32 | None = None
    discussed: bool = False
    minutes: BlobRef | None = None


class DecisionRevoked(Statement, frozen=True, kw_only=True, tag="decision_revoked"):
    """A decision no longer stands as it was: who said so and on what ground. ``issued`` is the
    record that made it. What was published of it is withdrawn within 3 working days (APL 48)."""

    issued: Hex32
    ground: RevocationGround
    authority: Short
    reason: Long
    effective_on: Day

    def __post_init__(self) -> None:
        expect_days(self.effective_on)


class DisclosurePublished(Statement, frozen=True, kw_only=True, tag="disclosure_published"):
    """A decision was published, signed by the publisher and a second person (PB-3): which
    pieces are shown and which masked, the row of the publication matrix, its clause, the day
    it was due and the day display ends. ``facts`` are what lists say of the decision, so that the
    two vouch for it where its document is not (``reported.py``); older ones have none."""

    issued: Hex32
    title: Short
    shown: list[Short]
    masked: list[Mask]
    matrix_row: Short
    clause: Short
    due_on: Day
    display_until: Day | None
    facts: ListedFacts | None = None

    def __post_init__(self) -> None:
        expect_days(self.due_on, self.display_until)


class DisclosureCorrected(Statement, frozen=True, kw_only=True, tag="disclosure_corrected"):
    """A publication that stands shows something else from here on, and why (PB-6; OGI 41):
    ``publication`` is the record that published; its due day and end of display stay."""

    issued: Hex32
    publication: Hex32
    title: Short
    shown: list[Short]
    masked: list[Mask]
    reason: Short
    facts: ListedFacts | None = None


class DisclosureWithdrawn(Statement, frozen=True, kw_only=True, tag="disclosure_withdrawn"):
    """A publication was withdrawn, with the reason that is shown to the public (APL 48)."""

    issued: Hex32
    reason: Short
    clause: Short


class FileArchived(Statement, frozen=True, kw_only=True, tag="file_archived"):
    """A case file was closed and sealed: its package, retention and extent (AR-1, AR-2)."""

    package: BlobRef
    retention: Retention
    archive_no: Short
    documents: Count
    pages: Count
    media: Count


class FileRetrieved(Statement, frozen=True, kw_only=True, tag="file_retrieved"):
    """调阅: somebody looked into a case file, for what, and until when (SV-2; N-9.2).
    ``package`` is the hash of the archived package. ``by`` asked for it, of ``unit``, and
    ``opened`` names the files that are shown to him, the package itself among them if he gets it
    whole. It is stated before anything is shown."""

    package: Hex32
    by: Short
    purpose: Short
    until_on: Day | None = None
    unit: Short = ""
    opened: list[Hex32] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        expect_days(self.until_on)


class FileSampled(Statement, frozen=True, kw_only=True, tag="file_sampled"):
    """案卷抽查: a case file was drawn and reviewed under a plan, with what result (X-6.4c)."""

    package: Hex32
    plan: Short
    result: SampleResult
    remarks: Long


class RecordDestroyed(Statement, frozen=True, kw_only=True, tag="record_destroyed"):
    """Statements and blobs were destroyed after appraisal (ARC 21; ARC-R 24). Their links,
    entries and receipts stay."""

    records: list[Hex32]
    blobs: list[Hex32]
    appraisal: BlobRef
    ground: Short
