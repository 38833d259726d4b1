"""What is public is kept right: corrected, withdrawn, or kept from the public until that is lifted.

    draft = revise(state, issued, content, reference)        what the form of a correction shows
    told = correct(request, draft, state, reference, …)      PB-6
    told = withhold(ground, clause, reason, state, …)        OGI 14, 15
    told = lift(clause, reason, state, …)                    OGI 18
    told = withdraw(request, state, …)                       PB-5; APL 48: one publisher signs
    confirm(told, state, …, signers, persons)                may both sign now? or Refused

Publication, correction, withholding and its lifting are signed by two persons: the first signs
when the draft is saved, the second the same bytes when the draft is confirmed. Their days count
from the day on which they were saved, so that a draft is confirmed on that day or saved again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from protocol.calendar import local_day
from protocol.case import CaseState, IssuedDocument
from protocol.errors import Refused
from protocol.publicity import NeverPublic
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.rules import judge
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DisclosureWithheld,
    Mask,
    RuleOverridden,
    Statement,
    WithholdingLifted,
)
from protocol.vocabulary import Ground
from sync_server.office.publish import (
    NotPublishable,
    ReasonMissing,
    expect_plain,
    expect_text,
    masks_by_rule,
    overriding,
    warnings_of,
)


class SecondPerson(Refused):
    """The second person is the first one again, or did not confirm."""


class DraftOld(Refused):
    """A draft of an earlier day: its days would be wrong."""


@dataclass(frozen=True)
class Revision:
    """A correction as it is proposed: what is shown now, and what must stay masked by rule."""

    document: IssuedDocument
    title: str
    content: Content
    masks: tuple[Mask, ...]
    now_masked: Mapping[str, Ground]

    @property
    def masked(self) -> dict[str, Ground]:
        """Ground by piece, of what must not be shown."""
        return {mask.name: mask.ground for mask in self.masks}


@dataclass(frozen=True)
class Correction:
    """What the publisher asks for: title, masks beyond the rules' (piece → ground), and why."""

    title: str
    masks: Mapping[str, Ground]
    reason: str


@dataclass(frozen=True)
class Withdrawal:
    """The reason and the clause that the public reads, and why it is late, if it is."""

    reason: str
    clause: str
    late_reason: str = ""


def revise(
    state: CaseState, issued: str, content: Content | None, reference: Reference
) -> Revision:
    """What a correction starts from. Raises NotPublishable."""
    document = _decision(state, issued)
    showing = document.showing
    if document.published is None or showing is None:
        raise NotPublishable("nothing of this decision is public; publish it first")
    read = expect_text(document, content)
    return Revision(
        document,
        showing.statement.title,
        read,
        masks_by_rule(document, read, reference),
        {mask.name: mask.ground for mask in showing.statement.masked},
    )


def correct(
    request: Correction,
    draft: Revision,
    state: CaseState,
    reference: Reference,
    *,
    now: int,
    salt: Callable[[], str],
) -> list[Statement]:
    """What both persons are to sign. Raises RuleSays, ReasonMissing."""
    assert draft.document.published is not None  # asked by ``revise``
    if not request.reason.strip():
        raise ReasonMissing("a correction says what was wrong; write the reason, then save")
    grounds = draft.masked | dict(request.masks)
    names = [piece.name for piece in draft.content.pieces]
    issued = draft.document.issued
    statement = DisclosureCorrected(
        agency=issued.statement.agency,
        at=now,
        salt=salt(),
        case=issued.statement.case,
        issued=issued.id,
        publication=draft.document.published.id,
        title=(request.title.strip() or draft.title)[:500],
        shown=[name for name in names if name not in grounds],
        masked=[Mask(name=name, ground=grounds[name]) for name in names if name in grounds],
        reason=request.reason.strip()[:500],
        facts=draft.document.listed,
    )
    for text in (statement.title, statement.reason):
        expect_plain(text, statement.masked, draft.content)
    warnings_of(judge(statement, state, reference, now, content=draft.content))
    return [statement]


def withhold(
    ground: NeverPublic,
    clause: str,
    reason: str,
    state: CaseState,
    issued: str,
    reference: Reference,
    *,
    now: int,
    salt: Callable[[], str],
) -> list[Statement]:
    """What both persons are to sign. Raises NotPublishable, RuleSays."""
    document = _decision(state, issued)
    if document.withheld:
        raise NotPublishable(
            "it is on record that this decision is never public; have that lifted first"
        )
    statement = DisclosureWithheld(
        agency=document.issued.statement.agency,
        at=now,
        salt=salt(),
        case=document.issued.statement.case,
        issued=document.issued.id,
        ground=ground,
        clause=clause.strip()[:500],
        reason=reason.strip()[:2000],
    )
    warnings_of(judge(statement, state, reference, now))
    return [statement]


def lift(
    clause: str,
    reason: str,
    state: CaseState,
    issued: str,
    reference: Reference,
    *,
    now: int,
    salt: Callable[[], str],
) -> list[Statement]:
    """What both persons are to sign so that a decision may be published after all. Raises
    NotPublishable, RuleSays."""
    document = _decision(state, issued)
    if document.withheld is None:
        raise NotPublishable("nothing keeps this decision from the public; publish it")
    statement = WithholdingLifted(
        agency=document.issued.statement.agency,
        at=now,
        salt=salt(),
        case=document.issued.statement.case,
        issued=document.issued.id,
        withholding=document.withheld.id,
        clause=clause.strip()[:500],
        reason=reason.strip()[:2000],
    )
    warnings_of(judge(statement, state, reference, now))
    return [statement]


def withdraw(
    request: Withdrawal,
    state: CaseState,
    issued: str,
    content: Content | None,
    reference: Reference,
    *,
    now: int,
    salt: Callable[[], str],
) -> list[Statement]:
    """What the publisher signs. Raises NotPublishable, RuleSays, ReasonMissing."""
    document = _decision(state, issued)
    statement = DisclosureWithdrawn(
        agency=document.issued.statement.agency,
        at=now,
        salt=salt(),
        case=document.issued.statement.case,
        issued=document.issued.id,
        reason=request.reason.strip()[:500],
        clause=request.clause.strip()[:500],
    )
    if content is not None and document.showing is not None:
        expect_plain(statement.reason, document.showing.statement.masked, content)
    told: list[Statement] = [statement]
    for warning in warnings_of(judge(statement, state, reference, now)):
        if not request.late_reason.strip():
            raise ReasonMissing("the withdrawal is late; write down why, then withdraw")
        told.append(overriding(statement, warning, request.late_reason, now, salt()))
    return told


def confirm(
    told: Sequence[Statement],
    state: CaseState,
    reference: Reference,
    content: Content | None,
    *,
    now: int,
    signers: tuple[bytes, ...],
    persons: Mapping[bytes, str],
) -> None:
    """Whether the second person may sign what the first one saved. ``signers`` are the keys of
    both, ``persons`` whose they are. Raises SecondPerson, DraftOld, NotPublishable, RuleSays."""
    if len(set(persons.values())) < len(signers) or len(signers) < 2:
        raise SecondPerson(
            "a second person has to review this: another member of staff than the one who saved "
            "the draft (PB-3)"
        )
    saved = local_day(told[0].at)
    if saved != local_day(now):
        raise DraftOld(
            "this draft was saved on {day}, and its days count from then; have it saved again, "
            "then confirm it",
            day=saved.isoformat(),
        )
    _expect_its_turn(told[0], state)
    for statement in told:
        if not isinstance(statement, RuleOverridden):
            warnings_of(
                judge(
                    statement,
                    state,
                    reference,
                    now,
                    signers=signers,
                    persons=persons,
                    content=content,
                )
            )


def _expect_its_turn(act: Statement, state: CaseState) -> None:
    """Raises NotPublishable where what is public became so, or went, since the draft was saved."""
    if isinstance(act, DisclosurePublished | DisclosureCorrected):
        public = _decision(state, act.issued).published
        if isinstance(act, DisclosurePublished) and public is not None:
            raise NotPublishable("this decision is public already; open its public page")
        if isinstance(act, DisclosureCorrected) and (
            public is None or public.id != act.publication
        ):
            raise NotPublishable("nothing of this decision is public; publish it first")


def _decision(state: CaseState, issued: str) -> IssuedDocument:
    document = next((one for one in state.documents if one.issued.id == issued), None)
    if document is None or document.issued.statement.decision is None:
        raise NotPublishable(
            "expected a decision of this case to publish; choose one on the case's page"
        )
    return document
