"""The head grants or refuses what the field asked for, or what the law wants approved.

    waiting(state, subject)                        the requests that no answer names yet
    answer(request, state, agency, …)              → ApprovalGiven, or NotApprovable

An answer names the request; where nobody asked, the case. What was begun before is approved
``afterwards`` (ACL 19; 国办发〔2024〕54号), and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.case import Asked, CaseState
from protocol.errors import Refused
from protocol.statements import ApprovalGiven
from protocol.vocabulary import ApprovalSubject


class NotApprovable(Refused):
    """There is nothing to approve like this."""


@dataclass(frozen=True)
class ApprovalRequest:
    """What the head says. ``concerning`` is a record (hex) of the case; None: what is waiting."""

    subject: ApprovalSubject
    granted: bool
    reason: str
    concerning: str | None = None


def waiting(state: CaseState, subject: ApprovalSubject) -> list[Asked]:
    """The requests of a subject without an answer, the oldest first."""
    return [
        one
        for one in state.asked
        if one.request.statement.subject is subject and one.answer is None
    ]


def answer(
    request: ApprovalRequest, state: CaseState, agency: str, *, now: int, salt: str
) -> ApprovalGiven:
    """The statement. Raises NotApprovable."""
    begun = state.opened_by
    if begun is None or begun.statement.agency != agency:
        raise NotApprovable("there is no such case in your agency; look up its number")
    if not request.reason.strip():
        raise NotApprovable("the reason is empty; say why it is granted or refused")
    concerning = request.concerning or _meant(state, request.subject)
    known = {one.id for one in state.records}
    if concerning not in known:
        raise NotApprovable(
            "the case has no record {record}; name one of it, or none",
            record=concerning[:16],
        )
    late = _is_afterwards(state, request.subject, concerning)
    return ApprovalGiven(
        agency=agency,
        at=now,
        salt=salt,
        case=state.case,
        subject=request.subject,
        concerning=concerning,
        granted=request.granted,
        reason=request.reason.strip(),
        afterwards=late,
    )


def _is_afterwards(state: CaseState, subject: ApprovalSubject, concerning: str) -> bool:
    """Whether what is approved was begun before, because it was urgent."""
    asked = [one.request.statement for one in state.asked if one.request.id == concerning]
    if any(one.urgent for one in asked):
        return True
    if subject is ApprovalSubject.INSPECTION:
        return state.opening is not None and state.opening.statement.urgent
    about = {concerning, *(one.concerning for one in asked)}
    taken = [one for one in state.measures if one.id in about and one.statement.approval is None]
    return subject in (ApprovalSubject.MEASURE, ApprovalSubject.PRESERVATION) and bool(taken)


def _meant(state: CaseState, subject: ApprovalSubject) -> str:
    """The one request that waits, or the one wish for recusal; the case where nobody asked."""
    open_ones = [one.request.id for one in waiting(state, subject)]
    if subject is ApprovalSubject.RECUSAL and not open_ones:  # the party's wish is the request
        decided = state.decided(subject)
        open_ones = [one.id for one in state.recusals if one.id not in decided]
    if len(open_ones) > 1:
        raise NotApprovable(
            "{count} requests of this subject wait for an answer; name the record that is meant: "
            "{records}",
            count=len(open_ones),
            records=", ".join(one[:16] for one in open_ones),
        )
    return open_ones[0] if open_ones else state.case
