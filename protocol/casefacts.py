"""The records of one case by their kinds, in order: what ``case.py`` makes a state of.

state.media            every recording         state.closed       the inspection's end
state.asked            is composed of several kinds, and stands in ``case.py``
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from protocol.document import AnyRecord, Record
from protocol.statements import (
    ApprovalGiven,
    Corrected,
    DecisionMade,
    DecisionRevoked,
    FileArchived,
    FileBound,
    FileRetrieved,
    FileSampled,
    FileTransferred,
    FineCollected,
    HandedOver,
    HearingAnswered,
    HearingMinuted,
    IdentityShown,
    InspectionClosed,
    MeasureEnded,
    MeasureExtended,
    MeasureTaken,
    MediaCaptured,
    RecordDestroyed,
    RecordingBroken,
    RecusalAsked,
    RightsNotified,
    RuleOverridden,
    SignatureTaken,
    Statement,
    StatementTaken,
    TaskAssigned,
)

K = TypeVar("K", bound=Statement)


@dataclass(frozen=True)
class CaseFacts:
    """The records of one case. ``case`` is the case's id in hex."""

    case: str
    records: tuple[AnyRecord, ...] = ()

    def of_kind(self, kind: type[K]) -> tuple[Record[K], ...]:
        """The records of one kind, in order."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> dict[type, tuple[Record[Any], ...]]:
        """Sorted once: a rule asks for a dozen kinds, and a case may have hundreds of records."""
        found: dict[type, list[Record[Any]]] = {}
        for one in self.records:
            found.setdefault(type(one.statement), []).append(one)
        return {kind: tuple(records) for kind, records in found.items()}

    @cached_property
    def shown(self) -> tuple[Record[IdentityShown], ...]:
        """When cards were shown."""
        return self.of_kind(IdentityShown)

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

    @property
    def measures(self) -> tuple[Record[MeasureTaken], ...]:
        """What was done to property, item by item."""
        return self.of_kind(MeasureTaken)

    @property
    def signatures(self) -> tuple[Record[SignatureTaken], ...]:
        """Hands, refusals and absences gathered by themselves."""
        return self.of_kind(SignatureTaken)

    @property
    def approvals(self) -> tuple[Record[ApprovalGiven], ...]:
        """What the head of the agency granted or refused."""
        return self.of_kind(ApprovalGiven)

    @property
    def tasks(self) -> tuple[Record[TaskAssigned], ...]:
        """Tasks that name this case. The one that the inspection was opened with stands outside
        cases: ``task`` names it."""
        return self.of_kind(TaskAssigned)

    @property
    def broken(self) -> tuple[Record[RecordingBroken], ...]:
        """Where a continuous recording broke off, with the reason."""
        return self.of_kind(RecordingBroken)

    @cached_property
    def handed_over(self) -> tuple[Record[HandedOver], ...]:
        """When the inspection went on with other officers."""
        return self.of_kind(HandedOver)

    @property
    def recusals(self) -> tuple[Record[RecusalAsked], ...]:
        """When the party asked officers to step back."""
        return self.of_kind(RecusalAsked)

    @property
    def collected(self) -> tuple[Record[FineCollected], ...]:
        """Fines that the officers took in cash."""
        return self.of_kind(FineCollected)

    @property
    def hearing_answers(self) -> tuple[Record[HearingAnswered], ...]:
        """What the party said to its right to a hearing."""
        return self.of_kind(HearingAnswered)

    @property
    def hearings(self) -> tuple[Record[HearingMinuted], ...]:
        """The hearings that were held."""
        return self.of_kind(HearingMinuted)

    @property
    def extensions(self) -> tuple[Record[MeasureExtended], ...]:
        """Measures that last longer."""
        return self.of_kind(MeasureExtended)

    @property
    def endings(self) -> tuple[Record[MeasureEnded], ...]:
        """What became of property under a measure."""
        return self.of_kind(MeasureEnded)

    @property
    def made(self) -> tuple[Record[DecisionMade], ...]:
        """The decisions taken in the office."""
        return self.of_kind(DecisionMade)

    @property
    def revocations(self) -> tuple[Record[DecisionRevoked], ...]:
        """Every word that a decision no longer stands as it was."""
        return self.of_kind(DecisionRevoked)

    @property
    def retrievals(self) -> tuple[Record[FileRetrieved], ...]:
        """Who looked into the file, and for what."""
        return self.of_kind(FileRetrieved)

    @property
    def samplings(self) -> tuple[Record[FileSampled], ...]:
        """When the file was drawn and reviewed."""
        return self.of_kind(FileSampled)

    @property
    def destructions(self) -> tuple[Record[RecordDestroyed], ...]:
        """What of the case was destroyed after appraisal."""
        return self.of_kind(RecordDestroyed)

    @property
    def closed(self) -> Record[InspectionClosed] | None:
        """The inspection's end."""
        found = self.of_kind(InspectionClosed)
        return found[-1] if found else None

    @property
    def transfers(self) -> tuple[Record[FileTransferred], ...]:
        """When the sealed file was handed to an archive."""
        return self.of_kind(FileTransferred)

    @property
    def bound(self) -> Record[FileBound] | None:
        """The last time that the file was put in order and page-numbered."""
        found = self.of_kind(FileBound)
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
