"""How it is done: a listed item, the party told and heard, acknowledgements, five facts."""

from protocol.reference import Item
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    InspectionOpened,
    MediaCaptured,
    PartyAct,
    RightsNotified,
    SignAbsent,
    Signed,
    SignRefused,
    StatementTaken,
    TaskAssigned,
)
from protocol.vocabulary import ActKind, Procedure

IN_1 = Rule(
    "IN-1",
    "检查事项已列入清单并经批准",
    "item listed and inspection approved",
    "国办发〔2024〕54号",
    "State Council Office 2024 No. 54",
    Level.BLOCK,
)
RT_1 = Rule(
    "RT-1",
    "决定前告知并听取陈述申辩",
    "told and heard before the decision",
    "《行政处罚法》第四十四条、第四十五条、第六十二条",
    "APL 44, 45, 62",
    Level.BLOCK,
)
RT_2 = Rule(
    "RT-2",
    "签收或者注明拒签",
    "acknowledged, or the refusal noted",
    "《行政处罚法》第五十二条第二款",
    "APL 52",
    Level.BLOCK,
)
AV_3 = Rule(
    "AV-3",
    "音像记录五项要素",
    "five facts of a recording",
    "《最高人民法院关于行政诉讼证据若干问题的规定》第十二条",
    "EVID 12",
    Level.BLOCK,
)


def listed_item(q: Question) -> Judgement | None:
    """IN-1: the item is on the list in its current version, and the head approved; an urgent
    inspection is approved afterwards."""
    assert isinstance(q.proposed, InspectionOpened)
    item = q.reference.item(q.proposed.item)
    if item is None or item.version != q.proposed.item_version:
        return fails(
            IN_1,
            "检查事项不在现行清单里，不能检查。请从清单选择。",
            "The item is not on the current list. Choose one from the list.",
            "choose_item",
        )
    if not q.proposed.number.strip() or not q.proposed.party.name.strip():
        return fails(
            IN_1,
            "没有检查编号或者检查对象。请补填后开始。",
            "The inspection has no number or no party. Fill it in, then start.",
            "complete_form",
        )
    if q.task is not None and not _same(q.task, q.proposed):
        return fails(
            IN_1,
            f"任务{q.task.number}的检查对象或者事项与填写的不同。请按任务填写，或者另行报批。",
            f"The task {q.task.number} is for another party or item. Fill in those of the task, or "
            "have this one approved.",
            "complete_form",
        )
    return _approval(q.proposed, item)


def _same(task: TaskAssigned, opened: InspectionOpened) -> bool:
    """Whether the inspection is the one that the task sends to. A name may be put right on site;
    a code that both have does not differ."""
    codes = {task.party.id_code.upper(), opened.party.id_code.upper()} - {""}
    return task.item == opened.item and len(codes) < 2


def _approval(proposed: InspectionOpened, item: Item) -> Judgement:
    approval = proposed.task or item.approval
    if approval:
        return holds(IN_1, f"{item.name}，批准：{approval}。", f"{item.name}, by {approval}.")
    if proposed.urgent:
        return Judgement(
            IN_1,
            Level.WARN,
            "紧急检查，还没有批准。请在检查后补办批准手续。",
            "An urgent inspection without approval. Complete the approval afterwards.",
        )
    return fails(
        IN_1,
        "没有机关负责人的批准，不能检查。请先报批；情况紧急的，选“情况紧急”。",
        "No approval by the agency's head. Ask for it first, or choose urgent where it is.",
        "mark_urgent",
    )


def told_and_heard(q: Question) -> Judgement | None:
    """RT-1: a penalty names the record in which the party was told and was heard or waived."""
    proposed = q.proposed
    if not isinstance(proposed, DocumentIssued) or proposed.decision is None:
        return None
    if proposed.decision.act is not ActKind.PENALTY:
        return None
    if proposed.decision.procedure is Procedure.ORDINARY:
        return None  # notices.py
    heard = {one.id: one.statement for one in q.state.statements} if q.state else {}
    found = heard.get(proposed.decision.heard or "")
    if found is None:
        return fails(
            RT_1,
            "还没有告知拟处罚内容、听取陈述申辩，不能作出决定。请先告知并记录。",
            "The party was not told and heard yet. Tell the intended penalty and record the "
            "defence first.",
            "hear_party",
        )
    return statement_whole(found) or heard_or_waived(found)


def statement_complete(q: Question) -> Judgement | None:
    """RT-1, when the statement is taken: what was told, and the defence with its reply."""
    assert isinstance(q.proposed, StatementTaken)
    if q.proposed.waived:
        return statement_whole(q.proposed) or heard_or_waived(q.proposed)
    return statement_whole(q.proposed) or holds(
        RT_1, "告知、陈述申辩和答复齐全。", "Telling, defence and reply are complete."
    )


def heard_or_waived(taken: StatementTaken) -> Judgement:
    """RT-1 of a whole record: whoever waived was told, and not heard (APL 62)."""
    if taken.waived:
        return holds(
            RT_1,
            "已告知，当事人明确放弃陈述、申辩。",
            "The party was told and clearly waived its defence.",
        )
    return holds(RT_1, "已告知并听取陈述申辩。", "The party was told and heard.")


def statement_whole(taken: StatementTaken) -> Judgement | None:
    """What a record of telling and hearing lacks, or None."""
    if not taken.told.strip():
        return fails(
            RT_1,
            "没有写明告知的内容。请写明拟处罚内容及事实、理由、依据。",
            "What the party was told is empty. Write the intended penalty, facts, reasons, basis.",
            "hear_party",
        )
    if not taken.waived and not (taken.defence.strip() and taken.reply.strip()):
        return fails(
            RT_1,
            "没有写明陈述申辩或者答复。请如实记录；当事人明确放弃的，选“明确放弃”。",
            "The defence or the reply to it is empty. Record both, or that the party waived.",
            "hear_party",
        )
    return None


def acknowledged(q: Question) -> Judgement | None:
    """RT-2: a notice or document is signed for, or the reason for not signing is written."""
    act = _party_act(q)
    if act is None or q.draft:
        return None
    if isinstance(act, SignRefused | SignAbsent) and not act.reason.strip():
        return fails(
            RT_2,
            "没有写明不签名的原因。请选择原因，会写入文书。",
            "The reason for not signing is empty. Choose one; it is written into the document.",
            "note_refusal",
        )
    if isinstance(act, Signed):
        return holds(RT_2, f"{act.role.zh}已签名。", f"Signed by the {act.role.en}.")
    return Judgement(
        RT_2,
        Level.RECORD,
        f"{act.role.zh}没有签名，原因已写明：{act.reason}",
        f"Not signed by the {act.role.en}; the reason is noted: {act.reason}",
    )


def rights_acknowledged(q: Question) -> Judgement | None:
    """RT-2 at the end: rights and duties were told, and that is acknowledged."""
    if q.state and q.state.notified:
        return holds(RT_2, "权利义务已告知并签收。", "Rights and duties told and acknowledged.")
    return fails(
        RT_2,
        "还没有告知权利义务，不能结束检查。请先告知，由当事人签收或者注明拒签。",
        "Rights and duties were not told. Tell them, then have it signed or the refusal noted.",
        "notify_rights",
    )


def five_facts(q: Question) -> Judgement | None:
    """AV-3: case number, time, place, recorder and purpose, besides device and hash."""
    proposed = q.proposed
    assert isinstance(proposed, MediaCaptured)
    facts = {
        "案号": ("case number", proposed.case_no),
        "地点": ("place", proposed.place.text),
        "采集人": ("recorder", proposed.recorder),
        "证明对象": ("purpose of proof", proposed.purpose),
        "设备": ("device", proposed.device),
    }
    lacking = [(zh, en) for zh, (en, value) in facts.items() if not value.strip()]
    if not 0 < proposed.began_at <= proposed.ended_at or not proposed.blob.size:
        lacking.append(("时间", "time"))
    if lacking:
        return fails(
            AV_3,
            f"音像记录缺{'、'.join(zh for zh, _ in lacking)}。请补填后保存。",
            f"The recording lacks {', '.join(en for _, en in lacking)}. Fill it in, then save.",
            "complete_media",
        )
    return holds(AV_3, "五项要素齐全。", "The five facts are there.")


def _party_act(q: Question) -> PartyAct | None:
    if isinstance(q.proposed, DocumentServed):
        return q.proposed.received
    if isinstance(q.proposed, RightsNotified | DocumentIssued):
        return q.proposed.party_act
    return None
