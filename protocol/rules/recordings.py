"""What is to be recorded in sound and picture: the whole of a measure, and each listed step."""

from collections.abc import Iterator

from protocol.document import Record
from protocol.rules.measures import coercive
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import InspectionClosed, MeasureTaken
from protocol.vocabulary import DocumentKind, Measure, MediaKind, ServiceMethod, Step

AV_1 = Rule(
    "AV-1",
    "强制措施全程音像记录",
    "coercive measures recorded from start to end",
    "国办发〔2018〕118号",
    "State Council Office 2018 No. 118; X-3.2b",
    Level.BLOCK,
)
AV_2 = Rule(
    "AV-2",
    "应当记录的环节有音像记录",
    "a recording of each listed step",
    "国办发〔2018〕118号",
    "State Council Office 2018 No. 118; X-3.2c",
    Level.WARN,
    overridable=True,
)

_PICTURES = frozenset({MediaKind.PHOTO, MediaKind.VIDEO})


def recorded_throughout(q: Question) -> Judgement | None:
    """AV-1: each coercive measure has a continuous recording over it, or a fault on record that
    says why there is none. Freezing is done by a bank's paper and needs none."""
    assert isinstance(q.proposed, InspectionClosed)
    taken = [one for one in coercive(q) if one.statement.measure is not Measure.FREEZE]
    if not taken or q.state is None:
        return None
    since = 0
    for one in taken:
        since = _begun(q, one, since)
        if _whole(q, one, since):
            since = one.statement.at
            continue
        if not _fault(q, one, since):
            return fails(
                AV_1,
                f"采取{one.statement.measure.zh}没有全程录像，也没有说明故障。"
                "请导入执法记录仪的录像，或者写明中断的原因。",
                f"The {one.statement.measure.en} was not recorded throughout, and no fault is on "
                "record. Import the recorder's video, or say why it broke off.",
                "record_fault",
            )
        since = one.statement.at
    return holds(AV_1, "强制措施有全程音像记录。", "The measures were recorded throughout.")


def _begun(q: Question, taken: Record[MeasureTaken], since: int) -> int:
    """The earliest that this measure can have begun: the card shown for it, after the one before.
    A film that was over by then shows nothing of it."""
    cards = (one.statement for one in (q.state.shown if q.state else ()))
    asked = [
        one.at for one in cards
        if one.step is Step.MEASURE and since < one.at <= taken.statement.at
    ]  # fmt: skip
    return min(asked, default=since)


def _whole(q: Question, taken: Record[MeasureTaken], since: int) -> bool:
    media = (one.statement for one in (q.state.media if q.state else ()))
    return any(
        one.continuous
        and one.step is Step.MEASURE
        and one.media is MediaKind.VIDEO
        and one.began_at <= taken.statement.at
        and one.ended_at > since
        for one in media
    )


def _fault(q: Question, taken: Record[MeasureTaken], since: int) -> bool:
    broken = (one.statement for one in (q.state.broken if q.state else ()))
    return any(
        one.step is Step.MEASURE and one.reason.strip() and one.until_at > since for one in broken
    )


def recorded_steps(q: Question) -> Judgement | None:
    """AV-2: evidence that something rests on, and papers that were left, were recorded."""
    assert isinstance(q.proposed, InspectionClosed)
    lacking = list(_unrecorded(q))
    if not lacking:
        return None
    return fails(
        AV_2,
        f"{'、'.join(step.zh for step in lacking)}没有音像记录。"
        "请补充；确实没有的，写明理由后继续。",
        f"No recording of: {', '.join(step.en for step in lacking)}. Add one, or say why there is "
        "none and go on.",
        "override.AV-2",
    )


def _unrecorded(q: Question) -> Iterator[Step]:
    state, listed = q.state, q.reference.parameters.recorded_steps
    if state is None:
        return
    resting = bool(state.decisions or state.measures) or any(
        one.issued.statement.document is DocumentKind.CORRECTION_ORDER for one in state.documents
    )
    if Step.EVIDENCE in listed and resting and not state.media:
        yield Step.EVIDENCE
    left = [
        served.statement
        for one in state.documents
        for served in one.services
        if served.statement.method is ServiceMethod.LEAVING
    ]
    shown = any(x.statement.step is Step.SERVICE and x.statement.media in _PICTURES
                for x in state.media)  # fmt: skip
    if Step.SERVICE in listed and any(not one.media for one in left) and not shown:
        yield Step.SERVICE
