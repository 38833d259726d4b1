"""What of a case waits for the head of the agency, and until when.

    asked         what the officers asked for, and no answer names yet
    inspection    begun because it was urgent, approved afterwards      IN-1   国办发〔2024〕54号
    measure       taken because it was urgent: within 24 hours          CM-2   ACL 19
    preservation  done without an approval that it names                DL-3   APL 56
    recusal       the party asked officers to step back                 ID-6   APL 43

What was asked for stands once, under the request, whatever it is about. Where the head has spoken
on the subject since, nothing waits.

>>> from protocol.case import CaseState
>>> awaited(CaseState("00" * 32))
[]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocol.case import Asked, CaseState, Record
from protocol.rules.measures import CM_1, CM_2, COERCIVE, URGENT_MS
from protocol.rules.procedure import IN_1
from protocol.rules.rule import Rule
from protocol.rules.terms import DL_3
from protocol.statements import MeasureTaken
from protocol.vocabulary import ApprovalSubject, Measure


@dataclass(frozen=True)
class Awaited:
    """One thing that waits. ``record`` (hex) is what an answer names: the request, the measure,
    the party's wish, or the case. ``due_at`` is when the term ends (ms), None where the law gives
    none; ``until_on`` the day by which preserved property is settled."""

    subject: ApprovalSubject
    record: str
    since: int
    afterwards: bool
    reason: str = ""
    due_at: int | None = None
    until_on: str = ""
    measure: Record[MeasureTaken] | None = None
    rule: Rule | None = None

    def is_late(self, now: int) -> bool:
        """Whether its term is over at ``now``."""
        return self.due_at is not None and now > self.due_at


def awaited(state: CaseState) -> list[Awaited]:
    """Everything that waits, what has a term first, then the oldest."""
    if state.opened_by is None:
        return []
    found = [
        *_asked(state),
        *_inspection(state),
        *_measures(state),
        *_recusals(state),
    ]
    return sorted(found, key=lambda one: (one.due_at or 1 << 53, one.since, one.record))


def _asked(state: CaseState) -> Iterator[Awaited]:
    for one in state.asked:
        if one.answer is None:
            yield _request(state, one)


def _request(state: CaseState, asked: Asked) -> Awaited:
    said = asked.request.statement
    taken = next((one for one in state.measures if one.id == said.concerning), None)
    urgent = said.urgent or (taken is not None and taken.statement.urgent)
    due = None
    if said.subject is ApprovalSubject.MEASURE and urgent:
        due = (taken.statement.at if taken else said.at) + URGENT_MS
    return Awaited(
        subject=said.subject,
        record=asked.request.id,
        since=said.at,
        afterwards=urgent,
        reason=said.reason,
        due_at=due,
        until_on=_until(taken),
        measure=taken,
        rule=_rule(said.subject, urgent=urgent),
    )


def _inspection(state: CaseState) -> Iterator[Awaited]:
    opening = state.opening
    if opening is None or not opening.statement.urgent or opening.statement.task:
        return
    if not _spoken(state, ApprovalSubject.INSPECTION):
        yield Awaited(ApprovalSubject.INSPECTION, state.case, opening.statement.at, True, rule=IN_1)


def _measures(state: CaseState) -> Iterator[Awaited]:
    for one in state.measures:
        taken = one.statement
        coercive = taken.measure in COERCIVE
        if taken.approval is not None or not (coercive or taken.measure is Measure.PRESERVATION):
            continue
        subject = ApprovalSubject.MEASURE if coercive else ApprovalSubject.PRESERVATION
        if _spoken(state, subject, one):
            continue
        urgent = coercive and taken.urgent
        yield Awaited(
            subject=subject,
            record=one.id,
            since=taken.at,
            afterwards=True,
            due_at=taken.at + URGENT_MS if urgent else None,
            until_on=_until(one),
            measure=one,
            rule=_rule(subject, urgent=urgent),
        )


def _recusals(state: CaseState) -> Iterator[Awaited]:
    decided = state.decided(ApprovalSubject.RECUSAL)
    asked = {one.request.statement.concerning for one in state.asked if one.answer is None}
    for one in state.recusals:
        if one.id not in decided and one.id not in asked:
            said = one.statement
            yield Awaited(ApprovalSubject.RECUSAL, one.id, said.at, False, reason=said.reason)


def _spoken(
    state: CaseState, subject: ApprovalSubject, taken: Record[MeasureTaken] | None = None
) -> bool:
    """Whether the head was asked for it or has answered: about this measure, or about none in
    particular."""
    others = {one.id for one in state.measures if taken is None or one.id != taken.id}
    asked = {one.request.id: one.request.statement.concerning for one in state.asked}
    named = [
        *(one.request.statement.concerning for one in state.asked if _is(one, subject)),
        *(
            asked.get(one.statement.concerning or "", one.statement.concerning)
            for one in state.approvals
            if one.statement.subject is subject
        ),
    ]
    return any(one not in others for one in named)


def _is(asked: Asked, subject: ApprovalSubject) -> bool:
    return asked.request.statement.subject is subject


def _until(taken: Record[MeasureTaken] | None) -> str:
    return (taken.statement.until_on or "") if taken else ""


def _rule(subject: ApprovalSubject, *, urgent: bool) -> Rule | None:
    if subject is ApprovalSubject.MEASURE:
        return CM_2 if urgent else CM_1
    return {ApprovalSubject.PRESERVATION: DL_3, ApprovalSubject.INSPECTION: IN_1}.get(subject)
