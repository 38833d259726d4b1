"""Who is on the team: no auxiliaries as officers, and what a wish for recusal does."""

from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import RecusalAsked
from protocol.vocabulary import ApprovalSubject

ID_5 = Rule(
    "ID-5",
    "辅助人员不得作为执法人员",
    "auxiliaries are no officers",
    "《行政处罚法》第四十二条",
    "APL 42",
    Level.BLOCK,
)
ID_6 = Rule(
    "ID-6",
    "回避由机关负责人决定",
    "the head decides on recusal",
    "《行政处罚法》第四十三条",
    "APL 43",
    Level.RECORD,
)


def no_auxiliaries(q: Question) -> Judgement | None:
    """ID-5: an auxiliary is never one of the officers and never signs as one."""
    if not q.officers:
        return None
    helping = {one.cert_no for one in q.reference.officers if one.auxiliary}
    signed = {
        found.cert_no
        for key in q.signers or ()
        if (found := q.reference.officer_of_key(key.hex(), q.proposed.at)) is not None
    }
    for cert_no in (*q.officers, *sorted(signed)):
        if cert_no in helping:
            return fails(
                ID_5,
                f"{q.name(cert_no)}是执法辅助人员，不能作为执法人员签名。请换一名执法人员。",
                f"{q.name(cert_no)} is an auxiliary and cannot sign as an officer. "
                "Let an officer act.",
                "change_officer",
            )
    return holds(ID_5, "没有辅助人员作为执法人员。", "No auxiliary acts as an officer.")


def recusal_noted(q: Question) -> Judgement | None:
    """ID-6: the wish names officers of the inspection and is handed to the head; the work goes
    on until the head decides."""
    proposed = q.proposed
    assert isinstance(proposed, RecusalAsked)
    names = "、".join(q.name(one) for one in proposed.officers)
    return Judgement(
        ID_6,
        Level.RECORD,
        f"当事人申请{names or '执法人员'}回避。请报机关负责人决定；决定作出前不停止调查。",
        f"The party asks {names or 'the officers'} to step back. The head decides; until then the "
        "work goes on.",
        "ask_approval",
    )


def recusal_pending(q: Question) -> Judgement | None:
    """ID-6 at the end: a wish that the head has not decided yet is noted."""
    decided = q.state.decided(ApprovalSubject.RECUSAL) if q.state else {}
    waiting = [one for one in (q.state.recusals if q.state else ()) if one.id not in decided]
    if not waiting:
        return None
    return Judgement(
        ID_6,
        Level.RECORD,
        "回避申请还没有决定。请报机关负责人决定，并告知当事人。",
        "The wish for recusal is not decided yet. Ask the head, and tell the party.",
        "ask_approval",
    )
