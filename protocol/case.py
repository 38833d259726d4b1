"""Records → the state of a case: the one fold under rules, timeline, case page and case file.

    state = fold([opening, shown, notified])        or     state = advance(state, record)
    state.opening.statement.party.name
    state.decision.served

The state is a function of the *set* of records: they may come twice, in any order, with gaps,
or be of kinds that this reader does not know, and every reader arrives at the same state.
Within a journal the order is the chain's; across journals it is that of the claimed times,
held back so that no journal runs backwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from protocol.chain import Link
from protocol.statements import (
    BlobRef,
    Corrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DocumentIssued,
    DocumentServed,
    FileArchived,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MediaCaptured,
    RightsNotified,
    RuleOverridden,
    Statement,
    StatementTaken,
    Unknown,
    blobs_of,
    kind_of,
)
from protocol.timeline import Told, tell

S = TypeVar("S", bound=Statement | Unknown, covariant=True)
K = TypeVar("K", bound=Statement)


@dataclass(frozen=True)
class Record(Generic[S]):
    """A statement as it stands in a journal and perhaps in the log.

    ``hash`` is the record hash, ``signers`` the key ids of the verified signatures, ``index``
    the place in the log, None before a receipt.
    """

    hash: bytes
    statement: S
    signers: tuple[bytes, ...]
    link: Link
    index: int | None = None

    @property
    def id(self) -> str:
        """The record hash in hex, as statements name it."""
        return self.hash.hex()


AnyRecord = Record[Statement | Unknown]


@dataclass(frozen=True)
class TimelineEntry(Told):
    """One line of a case's timeline: when (ms, claimed), what kind, which record."""

    at: int = 0
    kind: str = ""
    record: bytes = b""
    index: int | None = None


@dataclass(frozen=True)
class IssuedDocument:
    """A document of the case and all that happened to it since."""

    issued: Record[DocumentIssued]
    services: tuple[Record[DocumentServed], ...]
    publications: tuple[Record[DisclosurePublished], ...]
    withdrawals: tuple[Record[DisclosureWithdrawn], ...]

    @property
    def served(self) -> bool:
        """Whether it was served at least once."""
        return bool(self.services)

    @property
    def published(self) -> Record[DisclosurePublished] | None:
        """The publication that stands: the last one, unless withdrawn after it."""
        if not self.publications:
            return None
        last = self.publications[-1]
        later = [one for one in self.withdrawals if one.statement.at >= last.statement.at]
        return None if later else last


@dataclass(frozen=True)
class CaseState:
    """What the records of one case amount to. ``case`` is the case's id in hex."""

    case: str
    records: tuple[AnyRecord, ...] = ()

    def of_kind(self, kind: type[K]) -> tuple[Record[K], ...]:
        """The records of one kind, in order."""
        return tuple(
            one  # type: ignore[misc]  # the filter narrows the statement, not the record
            for one in self.records
            if isinstance(one.statement, kind)
        )

    @cached_property
    def opening(self) -> Record[InspectionOpened] | None:
        """The record whose id is the case's; None while it has not arrived."""
        return next((one for one in self.of_kind(InspectionOpened) if one.id == self.case), None)

    @property
    def officers(self) -> tuple[str, ...]:
        """Certificate numbers of the officers of the inspection, each once."""
        named = self.opening.statement.officers if self.opening else []
        return tuple(dict.fromkeys(named))

    @cached_property
    def shown(self) -> tuple[Record[IdentityShown], ...]:
        """When cards were shown."""
        return self.of_kind(IdentityShown)

    @property
    def cards_shown(self) -> frozenset[str]:
        """Certificate numbers of the cards shown so far."""
        return frozenset(card.cert_no for one in self.shown for card in one.statement.cards)

    @cached_property
    def notified(self) -> tuple[Record[RightsNotified], ...]:
        """When rights and duties were told."""
        return self.of_kind(RightsNotified)

    @cached_property
    def media(self) -> tuple[Record[MediaCaptured], ...]:
        """The recordings."""
        return self.of_kind(MediaCaptured)

    @cached_property
    def statements(self) -> tuple[Record[StatementTaken], ...]:
        """When the party was told and heard before a decision."""
        return self.of_kind(StatementTaken)

    @cached_property
    def documents(self) -> tuple[IssuedDocument, ...]:
        """The documents, with their services and publications."""
        return tuple(
            IssuedDocument(
                one,
                tuple(x for x in self.of_kind(DocumentServed) if x.statement.issued == one.id),
                tuple(x for x in self.of_kind(DisclosurePublished) if x.statement.issued == one.id),
                tuple(x for x in self.of_kind(DisclosureWithdrawn) if x.statement.issued == one.id),
            )
            for one in self.of_kind(DocumentIssued)
        )

    @property
    def decisions(self) -> tuple[IssuedDocument, ...]:
        """The documents that decide something."""
        return tuple(one for one in self.documents if one.issued.statement.decision)

    @property
    def decision(self) -> IssuedDocument | None:
        """The latest decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def closed(self) -> Record[InspectionClosed] | None:
        """The inspection's end."""
        found = self.of_kind(InspectionClosed)
        return found[-1] if found else None

    @property
    def archived(self) -> Record[FileArchived] | None:
        """The file's sealing."""
        found = self.of_kind(FileArchived)
        return found[-1] if found else None

    @property
    def overrides(self) -> tuple[Record[RuleOverridden], ...]:
        """Warnings that the officers went on against, with their reasons."""
        return self.of_kind(RuleOverridden)

    @property
    def corrections(self) -> tuple[Record[Corrected], ...]:
        """Corrections; the corrected records stay."""
        return self.of_kind(Corrected)

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
    return CaseState(state.case, _ordered((*state.records, record)))


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
    if isinstance(record.statement, InspectionOpened):
        return record.id
    return record.statement.case


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
