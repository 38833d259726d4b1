"""The words for what happens beside the acts: asked, handed on, broken off, ended."""

from collections.abc import Callable
from typing import Any

from protocol.calendar import day_en, day_zh
from protocol.statements import (
    ApprovalAsked,
    FineCollected,
    HandedOver,
    HearingAnswered,
    MeasureEnded,
    MeasureExtended,
    RecordingBroken,
    RecusalAsked,
    Statement,
)
from protocol.timeline.told import Issued, Told, reason_after, tell_party_act, things, yuan
from protocol.vocabulary import Step


def _asked(one: ApprovalAsked, _: Issued) -> Told:
    zh, en = ("（情况紧急，先行办理）", " (urgent, begun before)") if one.urgent else ("", "")
    return Told(
        f"已报请批准：{one.subject.zh}{zh}",
        f"approval asked: {one.subject.en}{en}",
        one.reason,
        one.reason,
    )


def _handed_over(one: HandedOver, _: Issued) -> Told:
    return Told(
        "执法人员已交接",
        "handed over to other officers",
        *reason_after("、".join(one.officers), ", ".join(one.officers), one.reason),
    )


def _recusal(one: RecusalAsked, _: Issued) -> Told:
    return Told(
        "当事人申请回避",
        "the party asked for recusal",
        *reason_after("、".join(one.officers), ", ".join(one.officers), one.reason),
    )


def _broken(one: RecordingBroken, _: Issued) -> Told:
    seconds = max(0, one.until_at - one.from_at) // 1000
    return Told(
        "全程录像中断，已说明原因",
        "continuous recording broke off, the reason given",
        f"中断{seconds}秒：{one.reason}",
        f"{seconds} s: {one.reason}",
        one.step,
    )


def _collected(one: FineCollected, _: Issued) -> Told:
    return Told(
        f"已当场收缴罚款{yuan(one.amount)}元",
        f"fine of {yuan(one.amount)} yuan collected on the spot",
        f"{one.ground.zh}，票据{one.receipt_no}，{day_zh(one.hand_in_by)}前缴交",
        f"{one.ground.en}, receipt {one.receipt_no}, to be handed in by {day_en(one.hand_in_by)}",
    )


def _answered(one: HearingAnswered, _: Issued) -> Told:
    zh, en = tell_party_act(one.act)
    return Told(f"当事人{one.answer.zh}", one.answer.en, zh, en, Step.STATEMENT)


def _extended(one: MeasureExtended, _: Issued) -> Told:
    return Told(
        f"强制措施期限延长至{day_zh(one.until_on)}",
        f"measure extended until {day_en(one.until_on)}",
        one.reason,
        one.reason,
        Step.MEASURE,
    )


def _ended(one: MeasureEnded, _: Issued) -> Told:
    zh, en = (f"，财物{len(one.items)}项", f", {things(len(one.items))}") if one.items else ("", "")
    return Told(
        f"财物已处理：{one.end.zh}",
        f"property dealt with: {one.end.en}",
        *reason_after(f"{day_zh(one.on)}{zh}", f"{day_en(one.on)}{en}", one.reason),
        Step.MEASURE,
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    ApprovalAsked: _asked,
    HandedOver: _handed_over,
    RecusalAsked: _recusal,
    RecordingBroken: _broken,
    FineCollected: _collected,
    HearingAnswered: _answered,
    MeasureExtended: _extended,
    MeasureEnded: _ended,
}
