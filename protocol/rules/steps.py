"""What the law still asks of an inspection, in its order, each step with its clause.

    亮证 → 权利义务 → 取证 → [措施] → 检查笔录 → 告知、陈述申辩 → 决定书 → 送达
         → [改正、结果] → 结束 → [补办、处理]

Telling, deciding and serving belong to a penalty: until one is begun they are offered (``required``
false), and an inspection that finds nothing ends without them. What stands in brackets is listed
only where it is begun (``begun.py``): property under a measure, an order to correct, a hand-over to
the ordinary procedure, an approval that follows. ``screen`` names where a step is done:

    identity  identity.<step>  rights  evidence  record  statement  decision  service  close
    measure   approval          paper.<kind of document>          serve.<kind of document>
"""

from dataclasses import replace

from protocol.case import CaseState
from protocol.reference import Reference
from protocol.rules import cards
from protocol.rules.begun import afterwards, correction, measures, noticed, preservation
from protocol.rules.step import NextStep
from protocol.vocabulary import DocumentKind

__all__ = ["NextStep", "missing", "steps"]


def steps(state: CaseState, reference: Reference, now: int) -> list[NextStep]:
    """All steps of the inspection in order, done or not. Empty before it is opened."""
    if state.opening is None:
        return []
    waiting = [
        officer.name if (officer := reference.officer(cert_no)) else cert_no
        for cert_no in state.officers
        if cert_no not in state.cards_shown
    ]
    stale = now - reference.issued_at > reference.parameters.stale_ms
    return [
        _cards(state, waiting, stale),
        _rights(state),
        _evidence(state),
        *preservation(state, reference),
        *measures(state, reference),
        _record(state),
        *_decided(state),
        *correction(state),
        NextStep(
            "close",
            "结束",
            "Close",
            "结束检查",
            "Close the inspection",
            "写明检查结果。",
            "Say how it ended.",
            "《行政处罚法》第四十七条",
            "APL 47",
            state.closed is not None,
            True,
        ),
        *afterwards(state, reference),
    ]


def missing(state: CaseState, reference: Reference, now: int) -> list[NextStep]:
    """What is still to do, in order; the first is the next step. On another day than the cards
    were shown on they come first. Once it is closed, what the law asks for afterwards: empty for
    most."""
    left = [step for step in steps(state, reference, now) if not step.done]
    if state.closed is not None:
        return [step for step in left if step.afterwards]
    return [*cards.anew(state, now, left), *left]


def _cards(state: CaseState, waiting: list[str], stale: bool) -> NextStep:
    zh, en = "主动向当事人出示，请对方扫码核验。", "Show them unasked; the party may scan the code."
    if stale:
        zh = "名册太久没更新，证件会显示“未知”。请先连网更新；连不上可以继续。"
        en = "The roster is too old, so the cards read unknown. Connect and update, or go on."
    elif waiting and state.shown:
        zh, en = f"还差{'、'.join(waiting)}出示证件。", f"{', '.join(waiting)} still has to."
    return NextStep(
        "identity",
        "亮证",
        "Card",
        "出示执法证件",
        "Show the cards",
        zh,
        en,
        "《行政处罚法》第五十五条第一款",
        "APL 55",
        bool(state.shown) and not waiting,
        True,
    )


def _rights(state: CaseState) -> NextStep:
    return NextStep(
        "rights",
        "权利义务",
        "Rights",
        "告知权利义务",
        "Tell rights and duties",
        "宣读告知书，请当事人签收；拒签的写明原因。",
        "Read the notice aloud and have it signed, or note the refusal.",
        "《行政处罚法》第七条、第四十四条、第四十五条、第五十五条",
        "APL 7, 44, 45, 55",
        bool(state.notified),
        True,
    )


def _evidence(state: CaseState) -> NextStep:
    return NextStep(
        "evidence",
        "取证",
        "Evidence",
        "现场取证",
        "Take evidence",
        "拍照或者录像，写明证明对象。",
        "Take photos or a recording and say what they prove.",
        "《行政处罚法》第四十六条、第四十七条",
        "APL 46, 47",
        bool(state.media),
        False,
    )


def _record(state: CaseState) -> NextStep:
    kinds = {one.issued.statement.document for one in state.documents}
    return NextStep(
        "record",
        "检查笔录",
        "Record",
        "制作现场检查笔录",
        "Make the inspection record",
        "只写看到的事实，当事人核对后签名。",
        "Write the facts only; the party reads and signs.",
        "《行政处罚法》第五十五条第二款",
        "APL 55",
        DocumentKind.SITE_INSPECTION_RECORD in kinds,
        True,
        at="paper.site_inspection_record",
    )


def _decided(state: CaseState) -> list[NextStep]:
    """The way to a decision. Where a prior notice was issued and it was decided on the spot all
    the same (APL 51), that decision and its service are the steps, and the notice is past."""
    ordinary = noticed(state)
    if not ordinary:
        return _penalty(state, bool(state.statements or state.decisions))
    kinds = [one.issued.statement.document for one in state.documents]
    since = kinds[::-1][: kinds[::-1].index(DocumentKind.PRIOR_NOTICE)]
    if DocumentKind.SPOT_DECISION not in since or DocumentKind.PENALTY_DECISION in since:
        return ordinary  # what was decided on the spot before a notice was another matter
    before = [replace(one, required=False) for one in ordinary if one.key.endswith(".served")]
    return [*before, *_penalty(state, penal=True)]


def _penalty(state: CaseState, penal: bool) -> list[NextStep]:
    return [
        NextStep(
            "statement",
            "告知和陈述申辩",
            "Hearing",
            "告知拟处罚内容和权利",
            "Tell the intended penalty and hear the party",
            "说明事实、理由、依据，听取陈述申辩并答复。",
            "Tell facts, reasons and basis; hear the defence and answer it.",
            "《行政处罚法》第四十四条、第四十五条",
            "APL 44, 45",
            bool(state.statements),
            penal,
        ),
        NextStep(
            "decision",
            "决定书",
            "Decision",
            "作出当场行政处罚决定",
            "Decide on the spot",
            "填写决定书，两名执法人员和当事人签名。",
            "Fill in the decision; both officers and the party sign.",
            "《行政处罚法》第五十一条、第五十二条",
            "APL 51, 52",
            bool(state.decisions),
            penal,
            at="paper.spot_decision",
        ),
        NextStep(
            "service",
            "送达",
            "Service",
            "当场交付决定书",
            "Hand the decision over",
            "交给当事人并签收；拒收的写明原因。",
            "Hand it to the party and have it signed for, or note the refusal.",
            "《行政处罚法》第五十二条、第六十一条",
            "APL 52, 61",
            bool(state.decisions) and all(one.served for one in state.decisions),
            penal,
            at="serve.spot_decision",
        ),
    ]
