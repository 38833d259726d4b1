"""The right to a hearing: told with the notice, and its five working days left to the party."""

from msgspec import UNSET

from protocol.calendar import day_en, day_zh, local_day
from protocol.rules.days import add_days, told_on
from protocol.rules.notices import documents, is_grave, ordinary_penalty
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import Decision, DocumentIssued, DocumentServed
from protocol.vocabulary import DocumentKind, HearingAnswer

HR_1 = Rule(
    "HR-1",
    "告知听证权利",
    "told of the right to a hearing",
    "《行政处罚法》第六十三条",
    "APL 63",
    Level.BLOCK,
)
HR_2 = Rule(
    "HR-2",
    "听证期限届满、放弃或者听证已举行",
    "hearing held, waived, or its period over",
    "《行政处罚法》第六十四条、第六十五条",
    "APL 64, 65",
    Level.BLOCK,
)

_NONE = "不属于听证范围"
REQUEST_DAYS = 5
"""Working days to ask for a hearing (APL 64, 85)."""


def hearing_offered(q: Question) -> Judgement | None:
    """HR-1: before a penalty of Art. 63's kinds or amounts the party was told of its right to a
    hearing; a notice of such a penalty leads to that."""
    proposed = q.proposed
    if isinstance(proposed, DocumentIssued) and proposed.document is DocumentKind.PRIOR_NOTICE:
        return _with_the_notice(q, proposed)
    decision = ordinary_penalty(q)
    if decision is None or not is_grave(q, decision):
        return None
    if _denied(q, decision):
        return _says_none()
    told = documents(q, DocumentKind.HEARING_RIGHT_NOTICE)
    if not told:
        return fails(
            HR_1,
            "拟处罚的种类或者数额应当告知听证权利，还没有听证告知书。请先制作并送达。",
            "A penalty of this kind or amount gives a right to a hearing. Issue and serve the "
            "hearing right notice first.",
            "paper.hearing_right_notice",
        )
    if not told[-1].services:
        return fails(
            HR_1,
            "听证告知书还没有送达，不能作出决定。请先送达。",
            "The hearing right notice was not served yet. Serve it first.",
            "serve.hearing_right_notice",
        )
    return holds(HR_1, "已告知听证权利。", "The party was told of its right to a hearing.")


def _with_the_notice(q: Question, proposed: DocumentIssued) -> Judgement | None:
    if proposed.intended is None or not is_grave(q, proposed.intended):
        return None
    if _denied(q, proposed.intended):
        return _says_none()
    if documents(q, DocumentKind.HEARING_RIGHT_NOTICE):
        return holds(HR_1, "已有听证告知书。", "There is a hearing right notice.")
    return Judgement(
        HR_1,
        Level.RECORD,
        "拟处罚的种类或者数额应当告知听证权利。请一并制作听证告知书。",
        "A penalty of this kind or amount gives a right to a hearing. Issue that notice too.",
        "paper.hearing_right_notice",
    )


def _denied(q: Question, decision: Decision) -> bool:
    """Whether the paper itself says that there is no such right. What an older program issued does
    not state it: there the words are looked at, where the text is at hand; that the party said
    so, as its defence quotes it, denies nothing."""
    if decision.denies_hearing is not UNSET:
        return bool(decision.denies_hearing)
    said = [] if q.content is None else [one.text for one in q.content.pieces]
    return any(one.removeprefix("本案").startswith(_NONE) for one in said)


def _says_none() -> Judgement:
    return fails(
        HR_1,
        "拟处罚的种类或者数额应当告知听证权利，文书却写明“不属于听证范围”。请改正文书。",
        "A penalty of this kind or amount gives a right to a hearing, and the paper says that "
        "there is none. Correct it.",
        "complete_form",
    )


def hearing_over(q: Question) -> Judgement | None:
    """HR-2: the hearing took place, or was waived, or nobody asked for it within five working
    days; the fifth day is still the party's. Who asked for one is heard, though the penalty is
    made lighter."""
    decision = ordinary_penalty(q)
    told = documents(q, DocumentKind.HEARING_RIGHT_NOTICE)
    if decision is None or q.state is None:
        return None
    notices = {one.issued.id for one in told}
    said = [x.statement for x in q.state.hearing_answers if x.statement.notice in notices]
    answer = said[-1] if said else None
    asked_for = answer is not None and answer.answer is HearingAnswer.REQUESTED
    if not asked_for and not is_grave(q, decision):
        return None
    if not told or not told[-1].services:
        return None  # HR-1 says so
    if any(one.statement.notice in notices for one in q.state.hearings):
        return holds(HR_2, "听证已举行，并有笔录。", "The hearing was held and minuted.")
    if asked_for:
        return fails(
            HR_2,
            "当事人要求听证，还没有举行。请先举行听证，并制作笔录。",
            "The party asked for a hearing that was not held yet. Hold it and keep its minutes.",
            None,
        )
    if answer is not None and answer.notice == told[-1].issued.id:
        said_zh, said_en = answer.answer.zh, answer.answer.en
        return holds(HR_2, f"当事人{said_zh}。", f"The party: {said_en}.")
    return _period(q, told[-1].services[0].statement)


def _period(q: Question, served: DocumentServed) -> Judgement:
    last = add_days(q.reference, told_on(served), REQUEST_DAYS)
    if last is None:
        return fails(
            HR_2,
            "没有该年度的节假日安排，算不出听证期限。请更新基础数据。",
            "The calendar of the year is not loaded, so the period cannot be counted. Update.",
            "update_roster",
        )
    if local_day(q.proposed.at) > last:
        return holds(
            HR_2,
            f"听证期限到{day_zh(last)}，当事人没有要求听证。",
            f"The period for a hearing ended on {day_en(last)}; none was asked for.",
        )
    return fails(
        HR_2,
        f"当事人到{day_zh(last)}（含当日）都可以要求听证，期限还没有过。请等期限届满，"
        "或者由当事人书面放弃。",
        f"The party may ask for a hearing up to and on {day_en(last)}. Wait, or have it waived in "
        "writing.",
        "waive_hearing",
    )
