"""The words of the steps that are asked for once something is begun, by their keys.

``words(key)`` gives short word, title and detail in both languages, and the clause in both.
"""

from typing import NamedTuple

from protocol.calendar import day_en, day_zh


class Words(NamedTuple):
    """What a step is called, what is to be done, and the clause that asks for it."""

    word_zh: str
    word_en: str
    zh: str
    en: str
    detail_zh: str
    detail_en: str
    clause: str
    clause_en: str


_APL_56 = ("《行政处罚法》第五十六条", "APL 56")
_ACL_18 = ("《行政强制法》第十八条", "ACL 18")
_ACL_24 = ("《行政强制法》第二十四条", "ACL 24")
_NO_54 = ("国办发〔2024〕54号", "State Council Office 2024 No. 54")
_NO_118 = ("国办发〔2018〕118号", "State Council Office 2018 No. 118")

_ASK = ("向机关负责人报批。", "Ask the head of the agency.")
_SIGNED = ("请当事人签收；拒收的写明原因。", "Have it signed for, or note the refusal.")


def _words(
    word: tuple[str, str],
    title: tuple[str, str],
    detail: tuple[str, str],
    clause: tuple[str, str],
) -> Words:
    return Words(*word, *title, *detail, *clause)


WORDS: dict[str, Words] = {
    "identity.again": _words(
        ("再次亮证", "Cards"),
        ("今天再次出示执法证件", "Show the cards again today"),
        (
            "上次出示不在今天。取证前重新出示，请对方扫码核验。",
            "They were shown on another day. Show them before taking evidence.",
        ),
        _NO_118,
    ),
    "measure.approval": _words(
        ("批准", "Approval"),
        ("行政强制措施经机关负责人批准", "The head approves the measure"),
        _ASK,
        ("《行政强制法》第十八条、第十九条", "ACL 18, 19"),
    ),
    "measure.cards": _words(
        ("表明身份", "Cards"),
        ("采取措施前出示证件", "Show the cards for the measure"),
        ("再次出示，注明“采取措施”。", "Show them again, for this act."),
        _ACL_18,
    ),
    "measure.taken": _words(
        ("采取措施", "Measure"),
        ("采取强制措施", "Take the measure"),
        (
            "通知当事人到场，告知理由、依据、权利和救济，听取陈述申辩，逐项登记财物。",
            "Call the party, tell reasons, basis and rights, hear it, list the property.",
        ),
        _ACL_18,
    ),
    "measure.recorded": _words(
        ("全程录像", "Recording"),
        ("措施全程音像记录", "Record the measure throughout"),
        (
            "从开始录到结束；中断的，写明故障原因。",
            "From start to end; where it broke off, say why.",
        ),
        _NO_118,
    ),
    "measure.paper": _words(
        ("决定书和清单", "Decision"),
        ("制作查封（扣押）决定书和清单", "Make decision and list"),
        ("写明理由、依据、期限、财物和救济。", "Reasons, basis, term, property, remedies."),
        _ACL_24,
    ),
    "measure.served": _words(
        ("当场交付", "Hand over"),
        ("当场交付决定书和清单", "Hand decision and list over on the spot"),
        (
            "清单一式二份，当事人签收；不在场的由见证人签名。",
            "Two copies of the list, signed for; an attestor signs for an absent party.",
        ),
        _ACL_24,
    ),
    "preservation.approval": _words(
        ("批准", "Approval"),
        ("先行登记保存经机关负责人批准", "The head approves the preservation"),
        _ASK,
        _APL_56,
    ),
    "preservation.taken": _words(
        ("登记保存", "Preserve"),
        ("登记保存证据物品", "Preserve the evidence"),
        (
            "逐项登记，加封或者交保管人，当事人签名。",
            "List it item by item, seal it or hand it to a keeper, have it signed.",
        ),
        _APL_56,
    ),
    "preservation.paper": _words(
        ("通知书", "Notice"),
        ("制作先行登记保存证据通知书", "Make the notice of preservation"),
        ("写明期限、地点、保管人和清单。", "Term, place, keeper and list."),
        _APL_56,
    ),
    "preservation.served": _words(
        ("送达", "Hand over"),
        ("交付通知书和清单", "Hand notice and list over"),
        _SIGNED,
        _APL_56,
    ),
    "notice.served": _words(
        ("送达告知书", "Notice"),
        ("送达行政处罚事先告知书", "Serve the prior notice"),
        _SIGNED,
        ("《行政处罚法》第四十四条", "APL 44"),
    ),
    "hearing.served": _words(
        ("送达听证告知书", "Hearing right"),
        ("送达听证告知书", "Serve the hearing right notice"),
        (
            "告知五个工作日内可以要求听证。",
            "The party has five working days to ask for a hearing.",
        ),
        ("《行政处罚法》第六十三条、第六十四条", "APL 63, 64"),
    ),
    "statement": _words(
        ("陈述申辩", "Hearing"),
        ("听取陈述申辩", "Hear the party"),
        (
            "记录陈述申辩并答复；放弃的写明。",
            "Record the defence and the reply, or that it waived.",
        ),
        ("《行政处罚法》第四十五条", "APL 45"),
    ),
    "decision": _words(
        ("决定书", "Decision"),
        ("作出行政处罚决定", "Decide"),
        ("经法制审核，由机关负责人决定后制作。", "After the review and the head's decision."),
        ("《行政处罚法》第五十七条至第五十九条", "APL 57–59"),
    ),
    "service": _words(
        ("送达", "Service"),
        ("送达行政处罚决定书", "Serve the decision"),
        (
            "当场交付；不在场的七个工作日内送达。",
            "Hand it over, or serve it within seven working days.",
        ),
        ("《行政处罚法》第六十一条", "APL 61"),
    ),
    "correction.served": _words(
        ("责令改正", "Correct"),
        ("送达责令改正通知书", "Serve the order to correct"),
        ("写明改正期限，请当事人签收。", "It says by when; have it signed for."),
        ("《行政处罚法》第二十八条", "APL 28"),
    ),
    "result": _words(
        ("结果告知", "Result"),
        ("告知检查结果", "Tell the result"),
        ("制作检查结果告知书并送达。", "Make the result notice and serve it."),
        _NO_54,
    ),
    "approval": _words(
        ("补办批准", "Approval"),
        ("补办检查批准手续", "Complete the inspection's approval"),
        ("向机关负责人报批，写明紧急的理由。", "Ask the head and say why it was urgent."),
        _NO_54,
    ),
    "recusal": _words(
        ("回避", "Recusal"),
        ("回避申请由机关负责人决定", "The head decides on the recusal"),
        ("决定作出前继续调查；决定后告知当事人。", "Work goes on until then; tell the party."),
        ("《行政处罚法》第四十三条", "APL 43"),
    ),
    "outcome.preservation": _words(
        ("处理证据", "Settle"),
        ("处理先行登记保存的证据", "Settle what was preserved"),
        ("七个工作日内作出处理决定。", "Decide within seven working days."),
        _APL_56,
    ),
    "outcome.measure": _words(
        ("处理财物", "Settle"),
        ("处理查封、扣押的财物", "Settle what was sealed or seized"),
        ("期限届满立即解除。", "At the end of its term, release at once."),
        ("《行政强制法》第二十五条、第二十八条", "ACL 25, 28"),
    ),
    "recheck": _words(
        ("复查", "Re-check"),
        ("到期复查改正情况", "Look after the correction"),
        ("由机关下达复查任务。", "The office assigns a re-check."),
        ("《行政处罚法》第二十八条", "APL 28"),
    ),
}

AWAITED = ("已报批，等机关负责人批准。", "Asked for; the head has still to approve.")
URGENT = ("情况紧急，二十四小时内报告并补办。", "Urgent: report and complete it in 24 hours.")


def due(day: str, *, preserved: bool) -> tuple[str, str]:
    """Until when, that day with it: evidence is settled (APL 56), or a term ends (ACL 25, 28)."""
    if preserved:
        return (
            f"最迟在{day_zh(day)}（含当日）作出处理决定。",
            f"Decide on {day_en(day)} at the latest.",
        )
    return (
        f"期限到{day_zh(day)}（含当日），届满立即解除。",
        f"The term ends with {day_en(day)}; then release at once.",
    )
