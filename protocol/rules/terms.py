"""How long property may be held: seven working days, or thirty days and once thirty more."""

from datetime import date

from protocol.calendar import day_en, day_zh, local_day
from protocol.document import Record
from protocol.rules.days import add_days, days_after
from protocol.rules.measures import COERCIVE
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import DocumentIssued, MeasureEnded, MeasureExtended, MeasureTaken
from protocol.vocabulary import ApprovalSubject, DocumentKind, Measure

DL_3 = Rule(
    "DL-3",
    "先行登记保存经批准并在七个工作日内处理",
    "preservation approved, settled in 7 working days",
    "《行政处罚法》第五十六条",
    "APL 56",
    Level.BLOCK,
)
DL_4 = Rule(
    "DL-4",
    "查封、扣押期限不超过三十日",
    "sealing and seizure 30 days at most",
    "《行政强制法》第二十五条、第二十八条",
    "ACL 25, 28",
    Level.BLOCK,
)

PRESERVED_DAYS = 7
"""Working days (APL 56, 85)."""
HELD_DAYS = 30
"""Calendar days (ACL 25, 69)."""


def preserved_in_time(q: Question) -> Judgement | None:
    """DL-3 when evidence is preserved: approved, listed, and to be settled on the seventh working
    day at the latest."""
    taken = q.proposed
    assert isinstance(taken, MeasureTaken)
    if taken.measure is not Measure.PRESERVATION:
        return None
    if not _approved(q, taken):
        return _unapproved()
    if not taken.items:
        return fails(
            DL_3,
            "没有证据物品清单。请逐项登记后保存。",
            "There is no list of what is preserved. List it item by item.",
            "complete_measure",
        )
    last = add_days(q.reference, _begun(taken), PRESERVED_DAYS)
    if last is None:
        return _no_calendar(DL_3)
    if taken.until_on is None or date.fromisoformat(taken.until_on) > last:
        return fails(
            DL_3,
            f"先行登记保存最迟在{day_zh(last)}（含当日）作出处理决定。请把期限改到这一天或者更早。",
            f"Preserved evidence is settled on {day_en(last)} at the latest. Set the term to that "
            "day or an earlier one.",
            "shorten_term",
        )
    return holds(
        DL_3,
        f"已经批准，最迟在{day_zh(last)}（含当日）作出处理决定。",
        f"Approved, to be settled on {day_en(last)} at the latest.",
    )


def preservation_paper(q: Question) -> Judgement | None:
    """DL-3 of the notice: the head approved; where a rule of the ministry allows it, an urgent
    one is approved afterwards."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued):
        return None
    if proposed.document is not DocumentKind.PRESERVATION_NOTICE:
        return None
    return (
        holds(DL_3, "机关负责人已批准。", "The head of the agency approved.")
        if _approved(q, None)
        else _unapproved()
    )


def _approved(q: Question, taken: MeasureTaken | None) -> bool:
    named = taken.approval if taken is not None else None
    if q.allowed(named, ApprovalSubject.PRESERVATION):
        return True
    if named is not None or not q.reference.parameters.urgent_preservation:
        return False
    asked = (one.request.statement for one in (q.state.asked if q.state else ()))
    return bool(taken and taken.urgent) or any(
        one.urgent and one.subject is ApprovalSubject.PRESERVATION for one in asked
    )


def _unapproved() -> Judgement:
    return fails(
        DL_3,
        "没有机关负责人批准，不能先行登记保存。请先报批。",
        "No approval by the agency's head to preserve evidence. Ask for it first.",
        "ask_approval",
    )


def held_in_time(q: Question) -> Judgement | None:
    """DL-4 when something is sealed or seized: a term is set, thirty days at most."""
    taken = q.proposed
    assert isinstance(taken, MeasureTaken)
    if taken.measure not in COERCIVE:
        return None
    last = days_after(_begun(taken), HELD_DAYS)
    if taken.until_on is None or date.fromisoformat(taken.until_on) > last:
        return fails(
            DL_4,
            f"{taken.measure.zh}期限不得超过三十日，最晚到{day_zh(last)}（含当日）。请改期限。",
            f"{taken.measure.en.capitalize()} lasts 30 days at most, until {day_en(last)}. "
            "Change the term.",
            "shorten_term",
        )
    return holds(
        DL_4, f"期限到{day_zh(taken.until_on)}。", f"The term ends on {day_en(taken.until_on)}."
    )


def extended_once(q: Question) -> Judgement | None:
    """DL-4 of an extension: once, by thirty days at most, approved, before the term ends."""
    longer = q.proposed
    assert isinstance(longer, MeasureExtended)
    measure = _measure(q, longer.measure)
    if measure is None or measure.statement.until_on is None:
        return _strange()
    earlier = [x for x in (q.state.extensions if q.state else ()) if _same(x, longer.measure)]
    if measure.statement.measure is Measure.PRESERVATION:
        return fails(
            DL_3,
            "先行登记保存不能延长，应当在七个工作日内作出处理决定。请及时处理。",
            "Preservation is not extended; it is settled within 7 working days. Settle it.",
            "measure",
        )
    if any(x.statement.measure == longer.measure and not x.statement.items for x in _ended(q)):
        return fails(
            DL_4,
            "这项措施已经处理完毕，没有期限可以延长。请从检查时间线选择措施。",
            "This measure has ended; there is no term left to extend. Choose it on the timeline.",
            "measure",
        )
    allowed = q.allowed(longer.approval, ApprovalSubject.MEASURE_EXTENSION)
    if not allowed or _of_another(q, longer) or not longer.reason.strip():
        return fails(
            DL_4,
            "延长期限没有机关负责人批准，或者没有写明理由。请先报批并写明理由。",
            "The extension has no approval by the head, or no reason. Ask for it and say why.",
            "ask_approval",
        )
    ends = date.fromisoformat(measure.statement.until_on)
    if local_day(longer.at) > ends:
        return fails(
            DL_4,
            f"期限已于{ends}届满，不能再延长。请立即解除。",
            f"The term ended on {ends} and is not extended any more. Release at once.",
            "measure",
        )
    last = days_after(ends, HELD_DAYS)
    if earlier or date.fromisoformat(longer.until_on) > last:
        return fails(
            DL_4,
            f"期限只能延长一次，最晚到{day_zh(last)}（含当日）。期满应当立即解除。",
            f"A term is extended once, until {day_en(last)} at most. At its end, release at once.",
            "shorten_term",
        )
    return holds(
        DL_4, f"期限延长到{day_zh(longer.until_on)}。", f"Extended until {day_en(longer.until_on)}."
    )


def ended_in_time(q: Question) -> Judgement | None:
    """DL-3, DL-4 when property is settled: whether that was in time. A late release is lawful
    and due, so it is noted, never stopped."""
    ended = q.proposed
    assert isinstance(ended, MeasureEnded)
    measure = _measure(q, ended.measure)
    if measure is None:
        return _strange()
    rule = DL_3 if measure.statement.measure is Measure.PRESERVATION else DL_4
    last = term_of(q, measure)
    if last is None:
        return None
    if date.fromisoformat(ended.on) > last:
        return Judgement(
            rule,
            Level.RECORD,
            *_late(rule, last),
        )
    return holds(rule, "在期限内处理。", "Settled in time.")


def _late(rule: Rule, last: date) -> tuple[str, str]:
    """The last day was the agency's still: evidence is settled within it (APL 56), property is
    released as it ends (ACL 25, 28)."""
    if rule is DL_3:
        return (
            f"最迟应当在{day_zh(last)}（含当日）作出处理决定，已经超期。请写明原因。",
            f"It was to be settled on {day_en(last)} at the latest and is late. Say why.",
        )
    return (
        f"期限到{day_zh(last)}（含当日）届满，应当立即解除，已经超期。请写明原因。",
        f"The term ended with {day_en(last)}, when it was to be released. It is late; say why.",
    )


def term_of(q: Question, measure: Record[MeasureTaken]) -> date | None:
    """The last day of a measure, with its extension; None where none is known."""
    longer = [x for x in (q.state.extensions if q.state else ()) if _same(x, measure.id)]
    if longer:
        return date.fromisoformat(longer[-1].statement.until_on)
    taken = measure.statement
    if taken.until_on is not None:
        return date.fromisoformat(taken.until_on)
    if taken.measure is Measure.PRESERVATION:
        return add_days(q.reference, _begun(taken), PRESERVED_DAYS)
    return None


def _begun(taken: MeasureTaken) -> date:
    """The day from which a term runs: that of the act, or an earlier one that the paper names."""
    return min(date.fromisoformat(taken.from_on), local_day(taken.at))


def _measure(q: Question, record: str) -> Record[MeasureTaken] | None:
    return next((x for x in (q.state.measures if q.state else ()) if x.id == record), None)


def _same(one: Record[MeasureExtended], measure: str) -> bool:
    return one.statement.measure == measure


def _ended(q: Question) -> tuple[Record[MeasureEnded], ...]:
    return q.state.endings if q.state else ()


def _of_another(q: Question, longer: MeasureExtended) -> bool:
    """Whether the approval was given to another measure of the case, or used for one already."""
    if q.state is None:
        return False
    asked = {one.request.id: one.request.statement.concerning for one in q.state.asked}
    given = next((x for x in q.state.approvals if x.id == longer.approval), None)
    named = given.statement.concerning if given is not None else None
    meant = asked.get(named or "", named)
    others = {x.id for x in q.state.measures} - {longer.measure}
    used = {
        x.statement.measure for x in q.state.extensions if x.statement.approval == longer.approval
    }
    return meant in others or not used <= {longer.measure}


def _strange() -> Judgement:
    return fails(
        DL_4,
        "找不到这项措施的记录。请从检查时间线选择措施。",
        "There is no record of this measure. Choose it on the timeline of the inspection.",
        "measure",
    )


def _no_calendar(rule: Rule) -> Judgement:
    return fails(
        rule,
        "没有该年度的节假日安排，算不出期限。请更新基础数据。",
        "The calendar of the year is not loaded, so the term cannot be counted. Update.",
        "update_roster",
    )
