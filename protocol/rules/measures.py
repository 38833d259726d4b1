"""Property that is preserved, sealed or seized: approved, told, heard, listed, in time.

    preservation            APL 56: the head's approval, an outcome within 7 working days  DL-3
    sealing, seizure, …     ACL 18: its nine steps (CM-1), 30 days (DL-4), and where it was
                            urgent the approval within 24 hours (CM-2)

``terms.py`` says how long a measure lasts; who signs where the party does not, is SG-2.
"""

from protocol.document import Record
from protocol.redaction import Content
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    DocumentIssued,
    InspectionClosed,
    MeasureTaken,
    PartyAct,
    SignAbsent,
    Signed,
    SignRefused,
)
from protocol.vocabulary import ApprovalSubject, DocumentKind, Measure

CM_1 = Rule(
    "CM-1",
    "强制措施程序齐全",
    "the steps of a coercive measure",
    "《行政强制法》第十八条、第二十四条",
    "ACL 18, 24",
    Level.BLOCK,
)
CM_2 = Rule(
    "CM-2",
    "紧急措施二十四小时内补办批准",
    "approval of an urgent measure within 24 hours",
    "《行政强制法》第十九条",
    "ACL 19",
    Level.WARN,
)
SG_2 = Rule(
    "SG-2",
    "强制措施现场的签名、拒签和见证",
    "signed, refused or attested at a measure",
    "《行政强制法》第十八条",
    "ACL 18",
    Level.BLOCK,
)

COERCIVE = frozenset({Measure.SEAL, Measure.SEIZE, Measure.FREEZE, Measure.OTHER})
URGENT_MS = 24 * 3_600_000
_DECIDED = frozenset({Measure.SEAL, Measure.SEIZE})  # by a decision to seal or seize


def coercive(q: Question) -> tuple[Record[MeasureTaken], ...]:
    """The coercive measures of the case, in order."""
    found = q.state.measures if q.state else ()
    return tuple(one for one in found if one.statement.measure in COERCIVE)


def is_urgent(q: Question) -> bool:
    """Whether the head was told that a measure is urgent, before the paper is issued."""
    asked = q.state.asked if q.state else ()
    told = (one.request.statement for one in asked)
    said = any(one.urgent and one.subject is ApprovalSubject.MEASURE for one in told)
    return said or any(one.statement.urgent for one in coercive(q))


def measure_steps(q: Question) -> Judgement | None:
    """CM-1 when the measure is taken: approved or urgent, the party called, told, heard, the
    property listed. Of freezing the law asks for the approval alone (ACL 30)."""
    taken = q.proposed
    assert isinstance(taken, MeasureTaken)
    if taken.measure not in COERCIVE:
        return None
    unapproved = _unapproved(q, taken)
    if unapproved is not None or taken.measure is Measure.FREEZE:
        return unapproved or holds(CM_1, "已经批准。", "It was approved.")
    present = not isinstance(taken.party_act, SignAbsent)
    heard = taken.waived or (taken.defence.strip() and taken.reply.strip())
    steps = (
        (taken.basis.strip(), "法律依据", "the legal basis"),
        (taken.items, "财物清单", "the list of property"),
        (present or taken.called.strip(), "通知当事人到场", "how the party was called"),
        (taken.told.strip(), "告知的理由、依据和权利", "the reasons, basis and rights told"),
        (heard or not present, "陈述申辩和答复", "the defence and the reply"),
    )
    lacking = [(zh, en) for done, zh, en in steps if not done]
    if lacking:
        return fails(
            CM_1,
            f"采取{taken.measure.zh}还缺：{'、'.join(zh for zh, _ in lacking)}。请补填后继续。",
            f"The {taken.measure.en} still lacks {', '.join(en for _, en in lacking)}. "
            "Fill it in, then go on.",
            "complete_measure",
        )
    return holds(CM_1, "强制措施程序齐全。", "The steps of the measure are complete.")


def _unapproved(q: Question, taken: MeasureTaken) -> Judgement | None:
    if taken.urgent or q.allowed(taken.approval, ApprovalSubject.MEASURE):
        return None
    return fails(
        CM_1,
        f"没有机关负责人批准，不能{taken.measure.zh}。请先报批；情况紧急的，选“情况紧急”。",
        f"No approval by the agency's head for {taken.measure.en}. Ask for it first, or choose "
        "urgent where it is.",
        "ask_approval",
    )


def measure_paper(q: Question) -> Judgement | None:
    """CM-1 of the decision to seal or seize: approved, or urgent and told to the head."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued):
        return None
    if proposed.document is not DocumentKind.SEAL_SEIZE_DECISION:
        return None
    if q.granted(ApprovalSubject.MEASURE) is not None:
        return holds(CM_1, "机关负责人已批准。", "The head of the agency approved.")
    if is_urgent(q):
        return Judgement(
            CM_1,
            Level.RECORD,
            "情况紧急，先行采取措施。请在二十四小时内补办批准手续。",
            "Urgent, taken before approval. Complete the approval within 24 hours.",
            "ask_approval",
        )
    return fails(
        CM_1,
        "没有机关负责人批准，不能作出查封、扣押决定。请先报批；情况紧急的，先登记措施并选“情况紧急”。",
        "No approval by the agency's head to seal or seize. Ask for it first; where it is urgent, "
        "record the measure first, as urgent.",
        "ask_approval",
    )


def said_by(content: Content) -> Measure | None:
    """Which measure the text of a decision to seal or seize names, None where it names none."""
    text = "".join(one.text for one in content.pieces if one.name.partition("#")[0] == "measure")
    found = [one for one in (Measure.SEAL, Measure.SEIZE) if one.zh == text.strip()]
    return found[0] if found else None


def as_decided(q: Question) -> Judgement | None:
    """CM-1: what is taken is what the decision says, sealing or seizure (ACL 24). Asked where its
    text is at hand: as it is issued after the act, and of an act that names it."""
    said = said_by(q.content) if q.content else None
    taken = _under(q)
    if said is None or not taken or said in taken:
        return None
    return fails(
        CM_1,
        f"决定书写的是{said.zh}，采取的措施是{taken[0].zh}。两者应当一致，请改正，或者选另一份决定书。",
        f"The decision says {said.en} and the measure is {taken[0].en}. They have to agree: "
        "correct it, or choose another decision.",
        "complete_measure",
    )


def _under(q: Question) -> list[Measure]:
    """What was taken, or is being taken, under the decision that is judged."""
    proposed, documents = q.proposed, q.state.documents if q.state else ()
    kind = DocumentKind.SEAL_SEIZE_DECISION
    decisions = [one.issued.id for one in documents if one.issued.statement.document is kind]
    if isinstance(proposed, MeasureTaken):
        return [proposed.measure] if proposed.issued in decisions else []
    if not isinstance(proposed, DocumentIssued) or proposed.document is not kind:
        return []
    taken = [one.statement for one in coercive(q) if one.statement.measure in _DECIDED]
    named = {one.issued for one in taken}
    # Decisions that no act names were made for the earliest acts that name none.
    loose = sum(one not in named for one in decisions)
    return [one.measure for one in taken if one.issued is None][loose:]


def measures_complete(q: Question) -> Judgement | None:
    """CM-1 at the end: an on-site record was made, and decision and list were handed over."""
    assert isinstance(q.proposed, InspectionClosed)
    taken = [one for one in coercive(q) if one.statement.measure is not Measure.FREEZE]
    if not taken or q.state is None:
        return None
    papers = {one.issued.statement.document for one in q.state.documents}
    if DocumentKind.SITE_INSPECTION_RECORD not in papers:
        return fails(
            CM_1,
            "采取了强制措施，还没有制作现场笔录。请先制作。",
            "A coercive measure was taken and there is no on-site record. Make it first.",
            "paper.site_inspection_record",
        )
    decisions = [
        one
        for one in q.state.documents
        if one.issued.statement.document is DocumentKind.SEAL_SEIZE_DECISION
    ]
    if not decisions or any(not one.services for one in decisions):
        return fails(
            CM_1,
            "查封（扣押）决定书和清单还没有当场交付当事人。请先制作并送达。",
            "Decision and list were not handed over on the spot. Issue and serve them first.",
            "serve.seal_seize_decision" if decisions else "paper.seal_seize_decision",
        )
    return holds(CM_1, "强制措施文书已交付。", "The papers of the measure were handed over.")


def urgent_approval(q: Question) -> Judgement | None:
    """CM-2: an urgent measure's approval is asked for within 24 hours; the last second counts."""
    if isinstance(q.proposed, MeasureTaken):
        if not q.proposed.urgent or q.proposed.measure not in COERCIVE:
            return None
        return Judgement(
            CM_2,
            Level.RECORD,
            "情况紧急，先行采取措施。请在二十四小时内报告机关负责人并补办批准。",
            "Urgent, taken before approval. Report to the head and complete it within 24 hours.",
            "ask_approval",
        )
    urgent = [one for one in coercive(q) if one.statement.urgent]
    if not urgent:
        return None
    since, open_ones = 0, False
    for one in urgent:
        told = _reported(q, one, since)
        if (q.proposed.at if told is None else told) - one.statement.at > URGENT_MS:
            return fails(
                CM_2,
                "紧急措施超过二十四小时没有报告补办。请立即报告机关负责人，并说明原因。",
                "An urgent measure was not reported within 24 hours. Report it now and say why.",
                "ask_approval",
            )
        since, open_ones = told or since, open_ones or told is None
    if open_ones:
        return Judgement(
            CM_2,
            Level.RECORD,
            "紧急措施还没有报告。请在二十四小时内报告机关负责人并补办批准。",
            "An urgent measure is not reported yet. Report to the head within 24 hours.",
            "ask_approval",
        )
    return holds(CM_2, "在二十四小时内报告补办。", "Reported within 24 hours.")


def _reported(q: Question, taken: Record[MeasureTaken], since: int) -> int | None:
    """When the head first heard of an urgent measure: by what names it, or what names no measure
    and comes after it, or before it and after the report of the one before (``since``). What is
    being asked just now counts."""
    state, ids = q.state, {one.id for one in coercive(q)}
    said: list[ApprovalAsked | ApprovalGiven] = [
        *(one.request.statement for one in (state.asked if state else ())),
        *(one.statement for one in (state.approvals if state else ())),
    ]
    if isinstance(q.proposed, ApprovalAsked):
        said.append(q.proposed)
    times = (
        one.at
        for one in said
        if one.subject is ApprovalSubject.MEASURE
        and (one.concerning == taken.id or one.concerning not in ids)
        and (one.at > since or one.at >= taken.statement.at)
        and not (isinstance(one, ApprovalGiven) and not one.granted)
    )
    return min(times, default=None)


def signed_at_measure(q: Question) -> Judgement | None:
    """SG-2: present and refusing is noted; where the party is absent an attestor signs."""
    act = _act_at_measure(q)
    if act is None or q.draft or isinstance(act, Signed):
        return None
    if isinstance(act, SignAbsent) and act.attestor is None:
        return fails(
            SG_2,
            "当事人不在场，没有见证人签名。请邀请见证人到场并签名。",
            "The party is absent and no attestor signed. Ask an attestor to come and sign.",
            "attestor_signs",
        )
    if not act.reason.strip():
        return fails(
            SG_2,
            "没有写明不签名的原因。请选择原因，会写入文书。",
            "The reason for not signing is empty. Choose one; it is written into the document.",
            "note_refusal",
        )
    refused = isinstance(act, SignRefused)
    return Judgement(
        SG_2,
        Level.RECORD,
        f"当事人{'拒签，已注明' if refused else '不在场，见证人已签名'}：{act.reason}",
        f"The party {'refused, noted' if refused else 'was absent, an attestor signed'}: "
        f"{act.reason}",
    )


def _act_at_measure(q: Question) -> PartyAct | None:
    proposed = q.proposed
    if isinstance(proposed, MeasureTaken):
        return proposed.party_act if proposed.measure in COERCIVE else None
    if not isinstance(proposed, DocumentIssued):
        return None
    if proposed.document is DocumentKind.SEAL_SEIZE_DECISION:
        return proposed.party_act
    if proposed.document is DocumentKind.SITE_INSPECTION_RECORD and coercive(q):
        return proposed.party_act
    return None
