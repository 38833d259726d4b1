"""A document that is fixed but for its signatures, and the statement that it becomes.

prepared.root        what people sign by hand: it commits to every piece of the text
prepared.decision    what rules and the publication matrix need to know of it
prepared.fields(…)   the fields of ``DocumentIssued``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET, UnsetType

from field_client.documents.values import read_money, read_time
from field_client.store.drafts import Answers
from field_client.store.evidence import PDF
from field_client.store.numbers import Number
from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.cutting import Piece
from protocol.redaction import Content, segments
from protocol.reference import Template
from protocol.statements import BlobRef, Decision, InspectionOpened, PartyAct, Signed, SignRefused
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Role,
)

# These have a number of their own. An inspection notice bears the inspection's, which comes from
# the blocks of its kind; records of what happened on site and proofs of service bear it too.
NUMBERED = frozenset(
    {
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
DECIDES = {
    DocumentKind.SPOT_DECISION: Procedure.SUMMARY,
    DocumentKind.PENALTY_DECISION: Procedure.ORDINARY,
}
TELLS = {
    DocumentKind.PRIOR_NOTICE: Procedure.ORDINARY,
    DocumentKind.HEARING_RIGHT_NOTICE: Procedure.ORDINARY,
}
"""Notices of a penalty that is still to be decided (APL 44, 63)."""
_REMEDY = {  # ARL 23; ARL 20, 24 and ALL 46
    Procedure.SUMMARY: RemedyRoute.RECONSIDER_FIRST,
    Procedure.ORDINARY: RemedyRoute.FREE_CHOICE,
}

_NOTHING = BlobRef(sha256="00" * 32, size=0, media_type=PDF)


@dataclass(frozen=True)
class Prepared:
    """A document that is fixed but for its signatures. ``root`` is what people sign."""

    kind: DocumentKind
    template: Template
    answers: Answers
    text: tuple[Piece, ...]
    content: Content
    root: bytes
    document_id: bytes
    number: str
    block: Number | None
    mark_url: str
    decision: Decision | None
    at: int
    intended: Decision | None = None  # what a notice tells of
    reasons: Mapping[str, str] = field(default_factory=dict)  # why warnings are gone against
    seal: str = ""  # the grant (hex) that lends the agency's seal to it; empty: it bears none

    def fields(
        self,
        party: PartyAct,
        officers: Sequence[Signed],
        content: BlobRef,
        pdf: BlobRef,
        pages: int,
    ) -> dict[str, Any]:
        """The fields of its ``DocumentIssued``."""
        block = self.block
        return {
            "document": self.kind,
            "document_id": self.document_id.hex(),
            "number": self.number,
            "grant": block.grant.hex() if block else None,
            "seal": self.seal or None,
            "template": self.template.id,
            "template_version": self.template.version,
            "segments": segments(self.content),
            "root": self.root.hex(),
            "content": content,
            "pdf": pdf,
            "pages": pages,
            "party_act": party,
            "officer_acts": list(officers),
            "decision": self.decision,
            "intended": self.intended,
        }

    def unsigned(self) -> dict[str, Any]:
        """The same before anybody signed, for rules that are asked of a draft."""
        nobody = SignRefused(role=Role.PARTY, reason="", over=self.root.hex(), at=self.at)
        return self.fields(nobody, [], _NOTHING, _NOTHING, 1)


def seal_of(block: Number | None, at: int) -> str:
    """The grant (hex) that lends the agency's seal while it lasts, or nothing (design: seals)."""
    lent = block is not None and block.sealed_until is not None and at < block.sealed_until
    return block.grant.hex() if lent and block else ""


def decision_of(
    template: Template, answers: Answers, opening: InspectionOpened, state: CaseState, at: int
) -> Decision | None:
    """What a document decides, read from its answers; None for one that decides nothing."""
    procedure = DECIDES.get(template.document)
    return _read(procedure, template, answers, opening, state, at) if procedure else None


def intended_of(
    template: Template, answers: Answers, opening: InspectionOpened, state: CaseState, at: int
) -> Decision | None:
    """The penalty that a notice tells of (RT-3 compares with it); None for other documents."""
    procedure = TELLS.get(template.document)
    return _read(procedure, template, answers, opening, state, at) if procedure else None


def _read(
    procedure: Procedure,
    template: Template,
    answers: Answers,
    opening: InspectionOpened,
    state: CaseState,
    at: int,
) -> Decision:
    day, fine = answers.get("decided_on", at), answers.get("fine", "")
    penalties = _penalties(str(answers.get("penalty", "")))
    decided_at = day if isinstance(day, int) else read_time(day)
    fen = fine if isinstance(fine, int) else read_money(fine)
    return Decision(
        act=ActKind.PENALTY,
        procedure=procedure,
        party_class=opening.party.party_class,
        penalties=penalties,
        # The form leaves the amount out for a warning alone, whatever was typed before.
        fine=(fen or 0) if PenaltyKind.FINE in penalties else 0,
        remedy=_REMEDY[procedure],
        decided_on=local_day(at if decided_at is None else decided_at).isoformat(),
        heard=state.statements[-1].id if state.statements else None,
        denies_hearing=_denies(template, answers),
    )


def _denies(template: Template, answers: Answers) -> bool | UnsetType:
    """Whether the paper says that there is no right to a hearing, where its form asks for that."""
    asked = [field for field in template.fields if field.denies_hearing]
    if not asked:
        return UNSET
    return any(answers.get(field.name) in field.denies_hearing for field in asked)


def _penalties(text: str) -> list[PenaltyKind]:
    return [kind for kind in PenaltyKind if kind.zh in text]
