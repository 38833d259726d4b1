"""Before a penalty by the ordinary procedure: reviewed, discussed, decided by the head."""

from protocol.case import Review
from protocol.rules.notices import is_grave, ordinary_penalty
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import Decision
from protocol.timeline import yuan
from protocol.vocabulary import ApprovalSubject, ReviewOutcome

LR_1 = Rule(
    "LR-1",
    "重大处罚决定经法制审核同意",
    "grave penalties approved by legal review",
    "《行政处罚法》第五十八条",
    "APL 58",
    Level.BLOCK,
)
LR_2 = Rule(
    "LR-2",
    "普通程序处罚决定经法制审核",
    "ordinary penalties reviewed",
    "《行政处罚法》第五十八条；全面推行三项制度的要求",
    "APL 58; X-4.2b",
    Level.BLOCK,
)
LR_4 = Rule(
    "LR-4",
    "审核意见已处理并重新提请",
    "problems answered and handed in again",
    "《行政处罚法》第五十八条；法制审核工作程序",
    "APL 58; X-4.3c",
    Level.BLOCK,
)
LR_6 = Rule(
    "LR-6",
    "负责人审查决定；情节复杂或者重大的集体讨论",
    "decided by the head; grave ones discussed",
    "《行政处罚法》第五十七条",
    "APL 57",
    Level.BLOCK,
)


def reviewed(q: Question) -> Judgement | None:
    """LR-2: where the agency says so, every ordinary penalty has an opinion of the review."""
    if ordinary_penalty(q) is None or not q.reference.parameters.review_always:
        return None
    if any(one.opinion for one in _reviews(q)):
        return holds(LR_2, "已经法制审核。", "It was reviewed.")
    return fails(
        LR_2,
        "还没有法制审核意见，不能作出决定。请先提请法制审核。",
        "There is no opinion of the legal review yet. Hand the draft in first.",
        "ask_review",
    )


def review_agrees(q: Question) -> Judgement | None:
    """LR-1: a penalty with a right to a hearing, or after one, has an opinion that agrees."""
    decision = ordinary_penalty(q)
    heard = bool(q.state and q.state.hearings)
    if decision is None or not (heard or is_grave(q, decision)):
        return None
    reviews = _reviews(q)
    last = reviews[-1].opinion if reviews else None
    if last is not None and last.statement.outcome is ReviewOutcome.AGREE:
        return holds(LR_1, "法制审核同意。", "The legal review agrees.")
    return fails(
        LR_1,
        "重大处罚决定没有法制审核同意的意见，不能作出。请先提请法制审核。",
        "A grave penalty has no approving opinion of the legal review. Hand the draft in first.",
        "ask_review",
    )


def problems_answered(q: Question) -> Judgement | None:
    """LR-4: problems that the review found were answered, and the draft handed in again."""
    reviews = _reviews(q)
    if ordinary_penalty(q) is None or not any(one.opinion for one in reviews):
        return None
    last = reviews[-1]
    if last.opinion is None:
        return fails(
            LR_4,
            "已重新提请法制审核，还没有意见。请等审核意见。",
            "The draft was handed in again and is not reviewed yet. Wait for the opinion.",
            None,
        )
    if last.opinion.statement.outcome is ReviewOutcome.PROBLEMS:
        return fails(
            LR_4,
            "法制审核认为存在问题，还没有处理并重新提请。请先处理。",
            "The legal review found problems. Answer them and hand the draft in again.",
            "ask_review",
        )
    return holds(LR_4, "审核意见没有未处理的问题。", "The review left no open problem.")


def head_decided(q: Question) -> Judgement | None:
    """LR-6: the head decided, and a grave penalty was discussed by the leaders, with minutes; the
    paper says what was decided."""
    decision = ordinary_penalty(q)
    if decision is None or q.state is None:
        return None
    made = q.state.made
    said = made[-1].statement if made else None
    minuted = said is not None and said.discussed and said.minutes is not None
    if is_grave(q, decision) and not minuted:
        return fails(
            LR_6,
            "情节复杂或者重大，没有集体讨论记录，不能作出决定。请先由机关负责人集体讨论。",
            "A grave penalty was not discussed by the leaders. They discuss it first.",
            None,
        )
    if said is not None and not _same(said.decision, decision):
        return fails(
            LR_6,
            f"处罚的种类或者数额与负责人的决定（罚款 {yuan(said.decision.fine)} 元）不一致。"
            "请按决定填写，或者重新报批。",
            "The kinds or the amount are not those that the head decided (a fine of "
            f"{yuan(said.decision.fine)} yuan). Fill in those, or ask again.",
            "complete_form",
        )
    if said is None and q.granted(ApprovalSubject.DECISION) is None:
        return fails(
            LR_6,
            "机关负责人还没有审查决定。请先报批。",
            "The head of the agency has not decided yet. Ask for the decision first.",
            "ask_approval",
        )
    return holds(LR_6, "机关负责人已审查决定。", "The head of the agency decided.")


def _same(made: Decision, issued: Decision) -> bool:
    """Whether the paper says what was decided."""
    return (made.fine, set(made.penalties)) == (issued.fine, set(issued.penalties))


def _reviews(q: Question) -> tuple[Review, ...]:
    return q.state.reviews if q.state else ()
