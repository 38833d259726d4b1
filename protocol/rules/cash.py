"""Fines in cash: only where the law lets officers take them, against a receipt, handed in soon."""

from datetime import date

from protocol.calendar import day_en, day_zh, local_day
from protocol.rules.days import add_days
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import Decision, FineCollected
from protocol.timeline import yuan
from protocol.vocabulary import CashGround, Procedure

OS_4 = Rule(
    "OS-4",
    "当场收缴罚款",
    "fines collected on the spot",
    "《行政处罚法》第六十八条至第七十一条",
    "APL 68–71",
    Level.BLOCK,
)


def collected_lawfully(q: Question) -> Judgement | None:
    """OS-4: a fine of 100.00 yuan or less or one hard to collect later, both only when decided on
    the spot; or any fine in a remote place at the party's request. With an official receipt,
    the whole amount, handed in within two working days."""
    taken = q.proposed
    assert isinstance(taken, FineCollected)
    found = [
        x.issued for x in (q.state.decisions if q.state else ()) if x.issued.id == taken.issued
    ]
    decision = found[0].statement.decision if found else None
    if decision is None or not decision.fine:
        return fails(
            OS_4,
            "没有对应的罚款决定，不能收款。请先作出决定。",
            "There is no decision with a fine to collect. Decide first.",
            "issue_decision",
        )
    if any(x.statement.issued == taken.issued for x in (q.state.collected if q.state else ())):
        return fails(
            OS_4,
            "这笔罚款已经收缴，不能再收。请核对票据。",
            "This fine was collected already. Check the receipts.",
            None,
        )
    return _ground(q, taken, decision) or _money(q, taken, decision)


def _ground(q: Question, taken: FineCollected, decision: Decision) -> Judgement | None:
    if taken.ground is CashGround.REMOTE:
        return None
    if decision.procedure is not Procedure.SUMMARY:
        return fails(
            OS_4,
            "不是当场处罚，不能当场收缴。请当事人到指定银行缴款；边远地区当事人提出的除外。",
            "The fine was not decided on the spot and is paid to the bank, unless the party of a "
            "remote place asks.",
            "pay_bank",
        )
    small = q.reference.parameters.cash_small
    if taken.ground is CashGround.SMALL and decision.fine > small:
        return fails(
            OS_4,
            f"罚款 {yuan(decision.fine)} 元超过 {yuan(small)} 元，不能以此当场收缴。"
            "请改选事由，或者到指定银行缴款。",
            f"The fine of {yuan(decision.fine)} yuan is above {yuan(small)} yuan. Choose another "
            "ground, or let it be paid to the bank.",
            "pay_bank",
        )
    return None


def _money(q: Question, taken: FineCollected, decision: Decision) -> Judgement:
    if not taken.receipt_no.strip():
        return fails(
            OS_4,
            "没有专用票据号码，当事人有权拒绝缴款。请开具财政部门统一制发的专用票据。",
            "There is no number of an official receipt; the party may refuse to pay. Issue one.",
            "enter_receipt",
        )
    if taken.amount != decision.fine:
        return fails(
            OS_4,
            f"收款 {yuan(taken.amount)} 元与罚款 {yuan(decision.fine)} 元不一致。请核对。",
            f"{yuan(taken.amount)} yuan were taken of a fine of {yuan(decision.fine)} yuan. "
            "Check the amount.",
            "correct_amount",
        )
    last = add_days(q.reference, local_day(taken.at), q.reference.parameters.hand_in_days)
    if last is None or date.fromisoformat(taken.hand_in_by) > last:
        until = f"最晚{day_zh(last)}" if last else "两日内"
        until_en = f"by {day_en(last)} at the latest" if last else "within two working days"
        return fails(
            OS_4,
            f"罚款应当{until}交至行政机关。请改日期。",
            f"The fine is handed in {until_en}. Change the day.",
            "correct_day",
        )
    return holds(OS_4, "可以当场收缴。", "It may be collected on the spot.")
