"""Before a penalty by the ordinary procedure: noticed, heard, and not made worse.

A decision of the ordinary procedure may be drafted freely. It is issued once the case's records
show that the notice reached the party and that it was heard, waived, or let its days pass.
"""

from msgspec import UNSET, UnsetType

from protocol.calendar import day_en, day_zh, local_day
from protocol.document import IssuedDocument, Record
from protocol.rules.days import add_days, told_on
from protocol.rules.procedure import RT_1, heard_or_waived, statement_whole
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import Decision, DocumentIssued, DocumentServed, StatementTaken
from protocol.timeline import yuan
from protocol.vocabulary import ActKind, DocumentKind, PenaltyKind, Procedure

RT_3 = Rule(
    "RT-3",
    "处罚不得重于告知的内容",
    "no heavier than notified",
    "《行政处罚法》第四十五条第二款",
    "APL 45",
    Level.WARN,
    overridable=True,
)

HEAVIER = frozenset(
    {
        PenaltyKind.CONFISCATION,
        PenaltyKind.DOWNGRADE,
        PenaltyKind.RESTRICTION,
        PenaltyKind.SUSPENSION,
        PenaltyKind.CLOSURE,
        PenaltyKind.REVOCATION,
    }
)
"""Kinds that APL 63 lists. Of a confiscation the amount is not stated, so that each counts."""


def ordinary_penalty(q: Question) -> Decision | None:
    """The decision of a document that penalises by the ordinary procedure."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or proposed.decision is None:
        return None
    decision = proposed.decision
    if decision.act is not ActKind.PENALTY or decision.procedure is not Procedure.ORDINARY:
        return None
    return decision


def is_grave(q: Question, decision: Decision) -> bool:
    """Whether the party has a right to a hearing: by the kind or by the amount (APL 63)."""
    if HEAVIER & set(decision.penalties):
        return True
    return decision.fine >= q.reference.parameters.hearing_from(decision.party_class)


def documents(q: Question, kind: DocumentKind) -> list[IssuedDocument]:
    """The case's documents of one kind, in order."""
    found = q.state.documents if q.state else ()
    return [one for one in found if one.issued.statement.document is kind]


def noticed_and_heard(q: Question) -> Judgement | None:
    """RT-1 by the ordinary procedure: the notice was served; the party was heard and answered,
    clearly waived, or its days for a defence have passed (the last one is still its own)."""
    decision = ordinary_penalty(q)
    if decision is None:
        return _decides_nothing(q)
    notices = documents(q, DocumentKind.PRIOR_NOTICE)
    if not notices or not notices[-1].services:
        return _not_noticed(bool(notices))
    found = _heard_since(q, notices[-1].services[0]).get(decision.heard or "")
    if found is not None:
        return statement_whole(found) or heard_or_waived(found)
    last = add_days(
        q.reference, told_on(notices[-1].services[0].statement), q.reference.parameters.defence_days
    )
    if last is not None and local_day(q.proposed.at) > last:
        return holds(
            RT_1,
            f"当事人到{day_zh(last)}没有陈述申辩，期限已过。",
            f"The party said nothing until {day_en(last)}; the period has passed.",
        )
    until = f"（到{day_zh(last)}）" if last else ""
    until_en = f" (until {day_en(last)})" if last else ""
    return fails(
        RT_1,
        f"还没有听取陈述申辩，期限{until}也没有过。请先听取并记录；当事人明确放弃的，选“明确放弃”。",
        f"The party was not heard and its days{until_en} have not passed. Hear it and record it, "
        "or that it waived.",
        "hear_party",
    )


def _heard_since(q: Question, served: Record[DocumentServed]) -> dict[str, StatementTaken]:
    """By record, what the party said after the notice was served: before, it answered
    something else."""
    records = q.state.records if q.state else ()
    behind = records[records.index(served) + 1 :]
    return {one.id: one.statement for one in behind if isinstance(one.statement, StatementTaken)}


def _decides_nothing(q: Question) -> Judgement | None:
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or proposed.decision is not None:
        return None
    if proposed.document is not DocumentKind.PENALTY_DECISION:
        return None
    return fails(
        RT_1,
        "决定书没有写明处罚。请补填处罚种类和内容。",
        "The decision says no penalty. Fill in its kind and content.",
        "complete_form",
    )


def _not_noticed(issued: bool) -> Judgement:
    if issued:
        return fails(
            RT_1,
            "行政处罚事先告知书还没有送达，不能作出决定。请先送达。",
            "The prior notice was not served yet. Serve it first.",
            "serve.prior_notice",
        )
    return fails(
        RT_1,
        "还没有行政处罚事先告知书，不能作出决定。请先告知拟处罚内容和权利。",
        "There is no prior notice of the penalty. Tell the intended penalty and rights first.",
        "paper.prior_notice",
    )


def no_heavier_than_notified(q: Question) -> Judgement | None:
    """RT-3: the fine is not above the one notified last, and no kind is added; to the fen. On the
    spot the party was told by word of mouth, in the record that the decision names."""
    decision = ordinary_penalty(q)
    notified = _told_last(q) if decision is not None else None
    if decision is None:
        decision, notified = _on_the_spot(q)
    if decision is None or notified is None:
        return None
    more = [kind for kind in decision.penalties if kind not in notified.penalties]
    if decision.fine > notified.fine:
        return fails(
            RT_3,
            f"罚款 {yuan(decision.fine)} 元高于告知的 {yuan(notified.fine)} 元。"
            "请写明理由，或者重新告知。",
            f"The fine of {yuan(decision.fine)} yuan is above the {yuan(notified.fine)} yuan "
            "notified. Give the reason, or notify again.",
            "override.RT-3",
        )
    if more:
        return fails(
            RT_3,
            f"{more[0].zh}没有告知过。请写明理由，或者重新告知。",
            f"Not notified: {more[0].en}. Give the reason, or notify again.",
            "override.RT-3",
        )
    return holds(RT_3, "没有重于告知的内容。", "No heavier than notified.")


def _told_last(q: Question) -> Decision | None:
    """What the last prior notice tells of."""
    told = [one.issued.statement.intended for one in documents(q, DocumentKind.PRIOR_NOTICE)]
    return next((one for one in reversed(told) if one is not None), None)


def _on_the_spot(q: Question) -> tuple[Decision | None, Decision | None]:
    """A decision made on the spot, and what the party was told that it would be (APL 44, 51)."""
    proposed = q.proposed
    decision = proposed.decision if isinstance(proposed, DocumentIssued) else None
    if decision is None or decision.procedure is not Procedure.SUMMARY:
        return None, None
    heard = {one.id: one.statement.intended for one in q.state.statements} if q.state else {}
    told = heard.get(decision.heard or "", UNSET)
    return decision, None if isinstance(told, UnsetType) else told
