"""Records → the state of a case: the one fold under rules, timeline, case page and case file.

    state = fold([opening, shown, notified])        or     state = advance(state, record)
    state.opening.statement.party.name
    state.decision.served

The state is a function of the *set* of records: they may come twice, in any order, with gaps,
or be of kinds that this reader does not know, and every reader arrives at the same state. A record
whose words are not known yet stands in the timeline as it came (``Unknown``).
Within a journal the order is the chain's; across journals it is that of the claimed times,
held back so that no journal runs backwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from protocol.casefacts import CaseFacts
from protocol.document import AnyRecord, IssuedDocument, Record
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    BlobRef,
    CaseOpened,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DisclosureWithheld,
    DocumentIssued,
    DocumentServed,
    InspectionOpened,
    OpinionGiven,
    ReviewRequested,
    WithholdingLifted,
    blobs_of,
    kind_of,
    opens_case,
)
from protocol.timeline import Told, tell
from protocol.vocabulary import ApprovalSubject

__all__ = [
    "AnyRecord",
    "Asked",
    "CaseFacts",
    "CaseState",
    "IssuedDocument",
    "Record",
    "Review",
    "TimelineEntry",
    "advance",
    "case_of",
    "fold",
]


@dataclass(frozen=True)
class TimelineEntry(Told):
    """One line of a case's timeline: when (ms, claimed), what kind, which record."""

    at: int = 0
    kind: str = ""
    record: bytes = b""
    index: int | None = None


@dataclass(frozen=True)
class Review:
    """A request for legal review and the opinions given on it, the last one counting."""

    request: Record[ReviewRequested]
    opinions: tuple[Record[OpinionGiven], ...]

    @property
    def opinion(self) -> Record[OpinionGiven] | None:
        """The opinion that counts; None while it is awaited."""
        return self.opinions[-1] if self.opinions else None


@dataclass(frozen=True)
class Asked:
    """What the head was asked to allow, and the answers."""

    request: Record[ApprovalAsked]
    answers: tuple[Record[ApprovalGiven], ...]

    @property
    def answer(self) -> Record[ApprovalGiven] | None:
        """The answer that counts; None while it is awaited."""
        return self.answers[-1] if self.answers else None


@dataclass(frozen=True)
class CaseState(CaseFacts):
    """What the records of one case amount to. ``case`` is the case's id in hex."""

    @cached_property
    def opened_by(self) -> Record[InspectionOpened | CaseOpened] | None:
        """The record whose id is the case's; None while it has not arrived."""
        opened: tuple[Record[InspectionOpened | CaseOpened], ...] = self.of_kind(CaseOpened)
        return self.opening or next((one for one in opened if one.id == self.case), None)

    @cached_property
    def opening(self) -> Record[InspectionOpened] | None:
        """The opening of the inspection; None where there is none, or not yet."""
        return next((one for one in self.of_kind(InspectionOpened) if one.id == self.case), None)

    @cached_property
    def case_opening(self) -> Record[CaseOpened] | None:
        """立案: by itself, or after the inspection."""
        found = self.of_kind(CaseOpened)
        return found[-1] if found else None

    @property
    def officers(self) -> tuple[str, ...]:
        """Certificate numbers of the officers of the inspection, or where there was none of
        those who handle the case, each once. After a hand-over those whom it names."""
        if self.opened_by is None:
            return ()
        begun = self.opened_by.statement
        named = begun.officers if isinstance(begun, InspectionOpened) else begun.handlers
        if self.handed_over and self.handed_over[-1].statement.officers:
            named = self.handed_over[-1].statement.officers
        return tuple(dict.fromkeys(named))

    @property
    def cards_shown(self) -> frozenset[str]:
        """Certificate numbers of the cards shown so far."""
        return frozenset(card.cert_no for one in self.shown for card in one.statement.cards)

    @property
    def task(self) -> str:
        """The record (hex) of the task that the inspection was opened with; empty without one."""
        return self.opening.statement.task if self.opening else ""

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """What the head was asked to allow, each with the answers to it, the last one counting.
        An answer names the asking record, or what that asks for, or just the case."""
        return tuple(_asked(one, self.approvals) for one in self.of_kind(ApprovalAsked))

    def decided(self, subject: ApprovalSubject) -> dict[str, bool]:
        """What the head said on a subject, granted or not, by the record (hex) that it is about:
        the one that the answer names, and where that is a request, what the request names."""
        asked = {one.request.id: one.request.statement.concerning for one in self.asked}
        said: dict[str, bool] = {}
        for one in self.approvals:
            named = one.statement.concerning
            if one.statement.subject is subject and named is not None:
                said[named] = one.statement.granted
                said[asked.get(named) or named] = one.statement.granted
        return said

    @cached_property
    def reviews(self) -> tuple[Review, ...]:
        """The requests for legal review, each with its opinions."""
        opinions = self.of_kind(OpinionGiven)
        return tuple(
            Review(one, tuple(x for x in opinions if x.statement.request == one.id))
            for one in self.of_kind(ReviewRequested)
        )

    @cached_property
    def documents(self) -> tuple[IssuedDocument, ...]:
        """The documents, with their services, publications and revocations."""
        return tuple(self._document(one) for one in self.of_kind(DocumentIssued))

    def _document(self, one: Record[DocumentIssued]) -> IssuedDocument:
        # A decision of the office and the paper that bears it commit to one text: whoever
        # revokes either revokes both.
        ids = {one.id, *(x.id for x in self.made if x.statement.root == one.statement.root)}
        return IssuedDocument(
            one,
            tuple(x for x in self.of_kind(DocumentServed) if x.statement.issued == one.id),
            tuple(x for x in self.of_kind(DisclosurePublished) if x.statement.issued == one.id),
            tuple(x for x in self.of_kind(DisclosureWithdrawn) if x.statement.issued == one.id),
            tuple(x for x in self.of_kind(DisclosureCorrected) if x.statement.issued == one.id),
            tuple(x for x in self.revocations if x.statement.issued in ids),
            tuple(x for x in self.of_kind(DisclosureWithheld) if x.statement.issued in ids),
            tuple(x for x in self.of_kind(WithholdingLifted) if x.statement.issued in ids),
        )

    @property
    def decisions(self) -> tuple[IssuedDocument, ...]:
        """The documents that decide something."""
        return tuple(one for one in self.documents if one.issued.statement.decision)

    @property
    def decision(self) -> IssuedDocument | None:
        """The latest decision."""
        return self.decisions[-1] if self.decisions else None

    @cached_property
    def blobs(self) -> tuple[BlobRef, ...]:
        """Every blob that the case's records name, each once."""
        found = [blob for one in self.records for blob in blobs_of(one.statement)]
        return tuple({blob.sha256: blob for blob in found}.values())

    @cached_property
    def timeline(self) -> tuple[TimelineEntry, ...]:
        """All records in order, told to people."""
        issued = {one.issued.id: one.issued.statement for one in self.documents}
        return tuple(_entry(one, tell(one.statement, issued)) for one in self.records)


def advance(state: CaseState, record: AnyRecord) -> CaseState:
    """The state with one more record. A record of another case, and one that is there already,
    change nothing, except that a place in the log is learnt."""
    if case_of(record) != state.case:
        return state
    for place, held in enumerate(state.records):
        if held.hash == record.hash:
            if held.index is not None or record.index is None:
                return state
            learnt = (*state.records[:place], record, *state.records[place + 1 :])
            return CaseState(state.case, learnt)
    grown = (*state.records, record)
    return CaseState(state.case, grown if _follows(state.records, record) else _ordered(grown))


def fold(records: Iterable[AnyRecord], case: str = "") -> CaseState:
    """The state of the case ``case``, or of the first record's case when none is named."""
    unique: dict[bytes, AnyRecord] = {}
    for record in records:
        case = case or case_of(record) or ""
        held = unique.get(record.hash)
        if case_of(record) == case and (held is None or held.index is None):
            unique[record.hash] = record
    return CaseState(case, _ordered(tuple(unique.values())))


def case_of(record: AnyRecord) -> str | None:
    """The case's id in hex: an opening record's own, else the one it names; None outside."""
    return record.id if opens_case(record.statement) else record.statement.case


def _asked(one: Record[ApprovalAsked], approvals: tuple[Record[ApprovalGiven], ...]) -> Asked:
    asked = one.statement
    meant = {one.id, asked.concerning, asked.case}
    return Asked(
        one,
        tuple(
            x
            for x in approvals
            if x.statement.subject is asked.subject and x.statement.concerning in meant
        ),
    )


def _follows(records: tuple[AnyRecord, ...], record: AnyRecord) -> bool:
    """Whether the record comes last of all without sorting: the last one so far is the one
    before it in its own journal, and claimed times never run backwards there."""
    if not records:
        return True
    last = records[-1].link
    return last.journal == record.link.journal and last.sequence < record.link.sequence


def _ordered(
    records: tuple[AnyRecord, ...],
) -> tuple[AnyRecord, ...]:
    """Chain order within a journal; claimed time, never running backwards, across journals."""
    reached: dict[bytes, int] = {}
    keyed = []
    for one in sorted(records, key=lambda r: (r.link.journal, r.link.sequence, r.hash)):
        at = max(one.statement.at, reached.get(one.link.journal, 0))
        reached[one.link.journal] = at
        keyed.append(((at, one.link.journal, one.link.sequence, one.hash), one))
    return tuple(one for _, one in sorted(keyed, key=lambda pair: pair[0]))


def _entry(record: AnyRecord, told: Told) -> TimelineEntry:
    return TimelineEntry(
        **vars(told),
        at=record.statement.at,
        kind=kind_of(record.statement),
        record=record.hash,
        index=record.index,
    )
