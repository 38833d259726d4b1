"""Steps that an inspection asks for only once something of the kind is begun.

    measures        approval, cards, the act itself, recording, papers, handed over    ACL 18–24
    preservation    approval, the act, the notice, handed over                         APL 56
    noticed         notices served, heard, decided by the office, served               APL 44–64
    correction      the order served, the result told                                  APL 28
    afterwards      an urgent inspection's approval, a recusal, the outcome of property, a re-check

The words are those of ``wording.py``.
"""

from collections.abc import Sequence

from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.document import IssuedDocument, Record
from protocol.parts import LATEST
from protocol.reference import Reference
from protocol.rules.cards import shown_for_measure
from protocol.rules.measures import COERCIVE, URGENT_MS
from protocol.rules.recordings import recorded_throughout
from protocol.rules.rule import Level, Question
from protocol.rules.step import NextStep
from protocol.rules.terms import term_of
from protocol.rules.wording import AWAITED, URGENT, WORDS, due
from protocol.statements import InspectionClosed, MeasureTaken
from protocol.vocabulary import ApprovalSubject, DocumentKind, Measure, Outcome

Taken = Sequence[Record[MeasureTaken]]


def measures(state: CaseState, reference: Reference) -> list[NextStep]:
    """The steps of sealing, seizing and other coercive measures (ACL 18), once one is asked for,
    approved or taken."""
    q = _question(state, reference)
    taken = [one for one in state.measures if one.statement.measure in COERCIVE]
    paper = _paper(state, DocumentKind.SEAL_SEIZE_DECISION)
    if not taken and paper is None and not _raised(q, ApprovalSubject.MEASURE):
        return []
    answer = recorded_throughout(q) if taken else None
    recorded = answer is not None and answer.level is Level.PASS
    served = bool(paper and paper.served)
    return [
        _approval(q, ApprovalSubject.MEASURE, taken),
        _step("measure.cards", shown_for_measure(state), required=False, at="identity.measure"),
        _step("measure.taken", bool(taken), at="measure"),
        _step("measure.recorded", recorded, at="evidence"),
        _step("measure.paper", paper is not None, at="paper.seal_seize_decision"),
        _step("measure.served", served, at="serve.seal_seize_decision"),
    ]


def preservation(state: CaseState, reference: Reference) -> list[NextStep]:
    """The steps of preserving evidence (APL 56), once it is asked for, approved or done."""
    q = _question(state, reference)
    taken = [one for one in state.measures if one.statement.measure is Measure.PRESERVATION]
    paper = _paper(state, DocumentKind.PRESERVATION_NOTICE)
    if not taken and paper is None and not _raised(q, ApprovalSubject.PRESERVATION):
        return []
    served = bool(paper and paper.served)
    return [
        _approval(q, ApprovalSubject.PRESERVATION, taken),
        _step("preservation.taken", bool(taken), at="measure"),
        _step("preservation.paper", paper is not None, at="paper.preservation_notice"),
        _step("preservation.served", served, at="serve.preservation_notice"),
    ]


def noticed(state: CaseState) -> list[NextStep]:
    """The way of the ordinary procedure, once a prior notice is issued: what the field does, and
    that the office decides. Empty before."""
    notice = _paper(state, DocumentKind.PRIOR_NOTICE)
    if notice is None:
        return []
    found = [_step("notice.served", notice.served, at="serve.prior_notice")]
    right = _paper(state, DocumentKind.HEARING_RIGHT_NOTICE)
    if right is not None:
        found.append(_step("hearing.served", right.served, at="serve.hearing_right_notice"))
    decided = _paper(state, DocumentKind.PENALTY_DECISION)
    served, there = bool(decided and decided.served), decided is not None
    return [
        *found,
        _step("statement", bool(state.statements), required=False),
        _step("decision", there, required=False, at="paper.penalty_decision"),
        _step("service", served, required=there, at="serve.penalty_decision"),
    ]


def correction(state: CaseState) -> list[NextStep]:
    """The order to correct, once it is issued, and the result told to the party."""
    order = _paper(state, DocumentKind.CORRECTION_ORDER)
    result = _paper(state, DocumentKind.RESULT_NOTICE)
    found = []
    if order is not None:
        found.append(_step("correction.served", order.served, at="serve.correction_order"))
    if order is not None or result is not None:
        told = bool(result and result.served)
        place = "serve.result_notice" if result else "paper.result_notice"
        found.append(_step("result", told, required=result is not None, at=place))
    return found


def afterwards(state: CaseState, reference: Reference) -> list[NextStep]:
    """What may follow the end of the inspection, and is then still asked for."""
    q = _question(state, reference)
    return [*_late_approval(state, q), *_recusal(state), *_held(state, q), *_recheck(state)]


def _late_approval(state: CaseState, q: Question) -> list[NextStep]:
    opening = state.opening.statement if state.opening else None
    if opening is None or not opening.urgent or opening.task:
        return []
    detail = AWAITED if _asked(state, ApprovalSubject.INSPECTION) else None
    done = q.granted(ApprovalSubject.INSPECTION) is not None
    return [_step("approval", done, detail=detail, afterwards=True)]


def _recusal(state: CaseState) -> list[NextStep]:
    if not state.recusals:
        return []
    decided = state.decided(ApprovalSubject.RECUSAL)
    done = all(one.id in decided for one in state.recusals)
    return [_step("recusal", done, required=False, at="approval", afterwards=True)]


def _held(state: CaseState, q: Question) -> list[NextStep]:
    """One step for each measure whose property is held."""
    found = []
    for one in state.measures:
        if one.statement.measure is Measure.SAMPLING:
            continue
        preserved = one.statement.measure is Measure.PRESERVATION
        last = term_of(q, one)
        day = last.isoformat() if last else ""
        found.append(
            _step(
                "outcome.preservation" if preserved else "outcome.measure",
                _settled(state, one),
                detail=due(day, preserved=preserved) if day else None,
                at="measure",
                day=day,
                afterwards=True,
            )
        )
    return found


def _settled(state: CaseState, one: Record[MeasureTaken]) -> bool:
    """Everything was settled at once, or as many things as were listed."""
    ended = [x.statement for x in state.endings if x.statement.measure == one.id]
    return any(not x.items for x in ended) or (
        bool(ended) and sum(len(x.items) for x in ended) >= len(one.statement.items)
    )


def _recheck(state: CaseState) -> list[NextStep]:
    if _paper(state, DocumentKind.CORRECTION_ORDER) is None:
        return []
    return [_step("recheck", bool(state.tasks), required=False, at="today", afterwards=True)]


def _approval(q: Question, subject: ApprovalSubject, taken: Taken) -> NextStep:
    """The head's approval: before, or within 24 hours where it was urgent (ACL 18, 19; APL 56)."""
    assert q.state is not None
    urgent = any(one.statement.urgent for one in taken)
    named = any(one.statement.approval for one in taken)
    asked = _asked(q.state, subject)
    return _step(
        f"{subject}.approval",
        q.granted(subject) is not None or named,
        detail=AWAITED if asked else URGENT if urgent else None,
        at="approval",
        day=local_day(min(taken[0].statement.at + URGENT_MS, LATEST)).isoformat() if urgent else "",
        afterwards=urgent,
    )


def _step(
    key: str,
    done: bool,
    *,
    required: bool = True,
    detail: tuple[str, str] | None = None,
    at: str = "",
    day: str = "",
    afterwards: bool = False,
) -> NextStep:
    words = WORDS[key]
    if detail is not None:
        words = words._replace(detail_zh=detail[0], detail_en=detail[1])
    return NextStep(key, *words, done, required, at=at, due=day, afterwards=afterwards)


def _question(state: CaseState, reference: Reference) -> Question:
    """The question of the end, which looks at the whole case."""
    last = max((one.statement.at for one in state.records), default=0)
    closing = InspectionClosed(
        agency=reference.agency.id, at=last, salt="00" * 16, outcome=Outcome.NO_PROBLEM
    )
    return Question(closing, state, reference, last)


def _paper(state: CaseState, kind: DocumentKind) -> IssuedDocument | None:
    found = [one for one in state.documents if one.issued.statement.document is kind]
    return found[-1] if found else None


def _asked(state: CaseState, subject: ApprovalSubject) -> bool:
    return any(one.request.statement.subject is subject for one in state.asked)


def _raised(q: Question, subject: ApprovalSubject) -> bool:
    """Whether the head was asked for it, or approved it unasked."""
    assert q.state is not None
    return _asked(q.state, subject) or q.granted(subject) is not None
