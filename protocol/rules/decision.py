"""What is decided on the spot, and what binds the hands that signed it."""

from collections.abc import Iterator

from protocol.redaction import segments_root
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import (
    Decision,
    DocumentIssued,
    DocumentServed,
    InspectionClosed,
    PartyAct,
    RightsNotified,
    Signed,
    SignRefused,
)
from protocol.timeline import yuan
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    Outcome,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Role,
)

OS_1 = Rule(
    "OS-1",
    "当场处罚的种类和上限",
    "kind and ceiling on the spot",
    "《行政处罚法》第五十一条",
    "APL 51",
    Level.BLOCK,
)
OS_2 = Rule(
    "OS-2",
    "当场处罚决定书要素齐全并当场交付",
    "all elements of an on-the-spot decision, handed over",
    "《行政处罚法》第五十二条",
    "APL 52",
    Level.BLOCK,
)
OS_3 = Rule(
    "OS-3",
    "写明复议前置",
    "reconsideration first, said in the decision",
    "《行政复议法》第二十三条",
    "ARL 23",
    Level.BLOCK,
)
SG_1 = Rule(
    "SG-1",
    "当场处罚拒签注明即可",
    "a noted refusal suffices on the spot",
    "《行政处罚法》第五十二条第二款",
    "APL 52",
    Level.RECORD,
)
SG_4 = Rule(
    "SG-4",
    "签名绑定文书内容",
    "signatures bound to the text",
    "《电子签名法》第十三条",
    "ESL 13",
    Level.BLOCK,
)

_ON_THE_SPOT = frozenset({PenaltyKind.WARNING, PenaltyKind.FINE})
_RECONSIDER = "行政复议"


def spot_ceiling(q: Question) -> Judgement | None:
    """OS-1: a warning, or a fine up to the ceiling of the party's class; 200.00 and 3,000.00
    yuan pass, one fen more does not."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued):
        return None
    decision, party = proposed.decision, q.party
    if not _is_spot(proposed):
        return _elsewhere(decision)
    if decision is None or decision.act is not ActKind.PENALTY or not decision.penalties:
        return fails(
            OS_1,
            "决定书没有处罚种类。请选择警告或者罚款。",
            "The decision names no penalty. Choose a warning or a fine.",
            "choose_penalty",
        )
    if party and party.party_class is not decision.party_class:
        return fails(
            OS_1,
            f"当事人是{party.party_class.zh}，决定书写成了{decision.party_class.zh}。请改正。",
            f"The party's class is {party.party_class.en}, the decision says "
            f"{decision.party_class.en}. Correct it.",
            "correct_class",
        )
    heavier = [kind for kind in decision.penalties if kind not in _ON_THE_SPOT]
    if heavier or decision.procedure is not Procedure.SUMMARY:
        what = heavier[0] if heavier else decision.procedure
        return fails(
            OS_1,
            f"{what.zh}不能当场决定。请改为警告或者罚款，或者转为普通程序。",
            f"Not to be decided on the spot: {what.en}. Choose a warning or a fine, or take the "
            "ordinary procedure.",
            "to_ordinary",
        )
    if bool(decision.fine) != (PenaltyKind.FINE in decision.penalties):
        return fails(
            OS_1,
            "处罚种类和罚款金额不一致。请核对罚款金额。",
            "The kinds of penalty and the amount of the fine differ. Check the amount.",
            "lower_fine",
        )
    ceiling = q.reference.parameters.spot_ceiling(decision.party_class)
    if decision.fine > ceiling:
        return fails(
            OS_1,
            f"罚款 {yuan(decision.fine)} 元超过当场罚款上限 {yuan(ceiling)} 元。"
            "请改小金额，或者转为普通程序。",
            f"A fine of {yuan(decision.fine)} yuan is above the on-the-spot ceiling of "
            f"{yuan(ceiling)} yuan. Lower it, or take the ordinary procedure.",
            "lower_fine",
        )
    return holds(
        OS_1,
        f"未超过当场罚款上限 {yuan(ceiling)} 元（{decision.party_class.zh}）。",
        f"Within the on-the-spot ceiling of {yuan(ceiling)} yuan ({decision.party_class.en}).",
    )


def _elsewhere(decision: Decision | None) -> Judgement | None:
    if decision is None or decision.act is not ActKind.PENALTY:
        return None
    if decision.procedure is not Procedure.SUMMARY:
        return None
    return fails(
        OS_1,
        "当场处罚要用当场行政处罚决定书。请改用该文书，或者转为普通程序。",
        "A penalty on the spot stands in its own form. Use that, or take the ordinary procedure.",
        "paper.spot_decision",
    )


def spot_elements(q: Question) -> Judgement | None:
    """OS-2: number from a granted block, and every field that the form requires (Art. 52)."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or not _is_spot(proposed):
        return None
    if not proposed.number.strip() or proposed.grant is None:
        return fails(
            OS_2,
            "决定书没有编号。请连网领取号段。",
            "The decision has no number. Connect and fetch a block of numbers.",
            "fetch_numbers",
        )
    lacking = list(_lacking(q, proposed))
    if lacking:
        zh, en = "、".join(zh for zh, _ in lacking), ", ".join(en for _, en in lacking)
        return fails(
            OS_2,
            f"决定书缺少：{zh}。请补填。",
            f"The decision lacks: {en}. Fill it in.",
            "complete_form",
        )
    return holds(OS_2, "决定书要素齐全。", "All elements are there.")


def spot_handed_over(q: Question) -> Judgement | None:
    """OS-2 at the end: a decision on the spot was handed over, and the outcome says so."""
    proposed = q.proposed
    assert isinstance(proposed, InspectionClosed)
    decisions = [
        one for one in (q.state.decisions if q.state else ()) if _is_spot(one.issued.statement)
    ]
    penalised = proposed.outcome is Outcome.PENALISED_ON_SPOT
    if penalised and not decisions:
        return fails(
            OS_2,
            "还没有当场处罚决定书，不能以“当场处罚”结束。请先作出决定，或者改选结果。",
            "There is no decision, so the outcome cannot be a penalty. Decide first, or choose "
            "another outcome.",
            "issue_decision",
        )
    if decisions and not penalised:
        return fails(
            OS_2,
            "已经作出当场处罚决定，结果应当选“当场处罚”。请改选结果。",
            "A decision was made on the spot, so that is the outcome. Choose it.",
            "choose_outcome",
        )
    if any(not one.served for one in decisions):
        return fails(
            OS_2,
            "决定书还没有交付当事人，不能结束。请先送达。",
            "The decision was not handed over yet. Serve it first.",
            "serve_decision",
        )
    return holds(OS_2, "决定书已交付。", "The decision was handed over.") if decisions else None


def reconsider_first(q: Question) -> Judgement | None:
    """OS-3: a decision on the spot says that reconsideration comes before a suit."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or not _is_spot(proposed):
        return None
    said = q.content is None or any(_RECONSIDER in one.text for one in q.content.pieces)
    route = proposed.decision.remedy if proposed.decision else None
    if route is not RemedyRoute.RECONSIDER_FIRST or not said:
        return fails(
            OS_3,
            "决定书没有写明先申请行政复议。请用“复议前置”的救济告知。",
            "The decision does not say that reconsideration comes first. Use that text.",
            "use_reconsider_first",
        )
    return holds(OS_3, "已写明复议前置。", "Reconsideration first is said.")


def refusal_on_spot(q: Question) -> Judgement | None:
    """SG-1: the party's refusal to sign a decision on the spot is noted, and that suffices."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or not _is_spot(proposed) or q.draft:
        return None
    if not isinstance(proposed.party_act, SignRefused):
        return None
    return Judgement(
        SG_1,
        Level.RECORD,
        f"当事人拒签，已在决定书上注明：{proposed.party_act.reason}",
        f"The party refused to sign; noted on the decision: {proposed.party_act.reason}",
    )


def signatures_bound(q: Question) -> Judgement | None:
    """SG-4: every hand is over the text of this document, and each officer's is one's own."""
    if q.draft:
        return None
    expected, acts = _signed_acts(q)
    if not acts:
        return None
    proposed = q.proposed
    if isinstance(proposed, DocumentIssued) and (
        segments_root(proposed.segments).hex() != proposed.root
    ):
        return _unbound()
    if expected is None or any(act.over != expected for act in acts):
        return _unbound()
    if isinstance(proposed, DocumentIssued) and not _officers_signed(q, proposed):
        return fails(
            SG_4,
            "还差执法人员签名。请两名执法人员各自签名。",
            "An officer's signature is missing. Each of the two officers signs.",
            "officers_sign",
        )
    return holds(SG_4, "签名与文书内容一致。", "The signatures are over this text.")


def _unbound() -> Judgement:
    return fails(
        SG_4,
        "签名之后文书有改动，签名作废。请重新签名。",
        "The document changed after it was signed, so the signatures are void. Sign again.",
        "sign_again",
    )


def _signed_acts(q: Question) -> tuple[str | None, list[PartyAct]]:
    """What the hands should be over, and the acts of all hands in the statement."""
    proposed = q.proposed
    if isinstance(proposed, DocumentIssued):
        acts: list[PartyAct] = [proposed.party_act, *proposed.officer_acts]
        return proposed.root, acts + _attested(proposed.party_act)
    if isinstance(proposed, RightsNotified):
        return proposed.text, [proposed.party_act, *_attested(proposed.party_act)]
    if isinstance(proposed, DocumentServed):
        documents = q.state.documents if q.state else ()
        found = [one.issued.statement for one in documents if one.issued.id == proposed.issued]
        root = found[0].root if found else None
        return root, [proposed.received, *_attested(proposed.received)]
    return None, []


def _attested(act: PartyAct) -> list[PartyAct]:
    return [] if isinstance(act, Signed) or act.attestor is None else [act.attestor]


def _officers_signed(q: Question, proposed: DocumentIssued) -> bool:
    hands: set[str] = {
        act.handwriting.sha256 for act in proposed.officer_acts if act.role is Role.OFFICER
    }
    if isinstance(proposed.party_act, Signed) and proposed.party_act.handwriting.sha256 in hands:
        return False
    return len(hands) >= len(q.officers or ("", ""))


def _is_spot(proposed: DocumentIssued) -> bool:
    return proposed.document is DocumentKind.SPOT_DECISION


def _lacking(q: Question, proposed: DocumentIssued) -> Iterator[tuple[str, str]]:
    """Required fields of the form, in both languages, that the document has no words for."""
    template = q.reference.template(proposed.document)
    if template is None or template.id != proposed.template:
        yield "现行格式的文书", "the current form"
        return
    if template.version != proposed.template_version:
        return
    filled = {segment.name.partition("#")[0] for segment in proposed.segments}
    if q.content is not None:
        filled = {one.name.partition("#")[0] for one in q.content.pieces if one.text.strip()}
    for field in template.fields:
        if field.required and not field.when and field.name not in filled:
            yield field.label_zh, field.label_en
