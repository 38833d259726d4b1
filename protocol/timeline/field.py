"""The words for what officers and devices state."""

from collections.abc import Callable
from typing import Any

from protocol.calendar import day_en, day_zh
from protocol.statements import (
    Corrected,
    DeviceInventory,
    DocumentIssued,
    DocumentServed,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MeasureTaken,
    MediaCaptured,
    NumberVoided,
    RightsNotified,
    RuleOverridden,
    SignatureTaken,
    Statement,
    StatementTaken,
)
from protocol.timeline.told import Issued, Told, document_of, tell_party_act, things, yuan
from protocol.vocabulary import Step


def _opened(one: InspectionOpened, _: Issued) -> Told:
    return Told(
        "检查开始",
        "inspection opened",
        f"{one.party.name}，{one.number}，{one.cause}",
        f"{one.party.name}, {one.number}, {one.cause}",
        Step.ARRIVAL,
    )


def _shown(one: IdentityShown, _: Issued) -> Told:
    count = len({card.cert_no for card in one.cards})
    return Told(
        f"{count}名执法人员已出示证件",
        "1 officer showed the card" if count == 1 else f"{count} officers showed their cards",
        f"向{one.to_whom}出示，{one.place.text}" + ("，着制服、佩标志" if one.uniform else ""),
        f"to {one.to_whom}, {one.place.text}" + (", in uniform" if one.uniform else ""),
        Step.IDENTITY,
    )


def _notified(one: RightsNotified, _: Issued) -> Told:
    zh, en = tell_party_act(one.party_act)
    aloud_zh, aloud_en = ("已宣读，", "read aloud, ") if one.read_aloud else ("", "")
    return Told(
        "权利义务已告知",
        "rights and duties told",
        aloud_zh + zh,
        aloud_en + en,
        Step.RIGHTS,
    )


def _captured(one: MediaCaptured, _: Issued) -> Told:
    whole_zh, whole_en = ("（全程）", " (continuous)") if one.continuous else ("", "")
    from_zh = f"，由{one.imported.source}导入" if one.imported else ""
    from_en = f", imported from {one.imported.source}" if one.imported else ""
    return Told(
        f"已取证：{one.media.zh}{whole_zh}",
        f"evidence taken: {one.media.en}{whole_en}",
        f"{one.purpose}，{one.place.text}{from_zh}",
        f"{one.purpose}, {one.place.text}{from_en}",
        one.step,
    )


def _heard(one: StatementTaken, _: Issued) -> Told:
    if one.waived:  # nobody was heard
        zh, en = "当事人明确放弃陈述申辩", "the party waived its defence"
        return Told("已告知陈述申辩权利", "party told of its defence", zh, en, Step.STATEMENT)
    zh, en = f"陈述申辩：{one.defence}", f"defence: {one.defence}"
    return Told("已告知并听取陈述申辩", "party told and heard", zh, en, Step.STATEMENT)


def _issued(one: DocumentIssued, _: Issued) -> Told:
    zh, en = tell_party_act(one.party_act)
    decision = one.decision
    if decision and decision.fine:
        zh = f"罚款{yuan(decision.fine)}元，{zh}"
        en = f"fine of {yuan(decision.fine)} yuan, {en}"
    number = f"{one.number}，" if one.number else ""
    told_zh, told_en = ("，已讲解", ", explained") if one.explained else ("", "")
    return Told(
        f"{one.document.zh}已制作",
        f"{one.document.en} issued",
        number + zh + told_zh,
        number.replace("，", ", ") + en + told_en,
        Step.DECISION if decision else Step.RECORD,
    )


def _served(one: DocumentServed, issued: Issued) -> Told:
    title_zh, title_en = document_of(issued, one.issued)
    zh, en = tell_party_act(one.received)
    return Told(
        f"{title_zh}已送达",
        f"{title_en} served",
        f"{one.method.zh}，{one.addressee}，{zh}",
        f"{one.method.en}, {one.addressee}, {en}",
        Step.SERVICE,
    )


def _closed(one: InspectionClosed, _: Issued) -> Told:
    note = f"：{one.note}" if one.note else ""
    return Told(
        "检查结束",
        "inspection closed",
        one.outcome.zh + note,
        one.outcome.en + note.replace("：", ": "),
    )


WARNINGS = {
    "AV-2": ("应当记录的环节没有音像记录", "a listed step has no recording"),
    "IN-2": ("检查次数达到年度上限", "the yearly cap of inspections is reached"),
    "LM-1": ("违法行为可能超过追责时效", "the act may be past its limit of time"),
    "NB-1": ("同一文号再出一件通知书", "one more notice under the same number"),
    "RT-3": ("处罚重于告知的内容", "heavier than notified"),
}
"""What the rules warn of that may be gone against, in words; the rules know this module."""


def _overridden(one: RuleOverridden, _: Issued) -> Told:
    zh, en = WARNINGS.get(one.rule, (one.rule, one.rule))
    return Told(
        f"有提示仍继续，已说明理由：{zh}",
        f"went on against a warning, with a reason: {en}",
        one.reason,
        one.reason,
    )


def _corrected(one: Corrected, _: Issued) -> Told:
    return Told(
        "记录已更正，原记录保留", "a record corrected, the first kept", one.reason, one.reason
    )


def _voided(one: NumberVoided, _: Issued) -> Told:
    return Told(f"文号作废：{one.number}", f"number voided: {one.number}", one.reason, one.reason)


def _measured(one: MeasureTaken, _: Issued) -> Told:
    zh, en = tell_party_act(one.party_act)
    urgent_zh, urgent_en = ("（情况紧急）", " (urgent)") if one.urgent else ("", "")
    until = f"至{day_zh(one.until_on)}" if one.until_on else "起"
    until_en = f" until {day_en(one.until_on)}" if one.until_on else ""
    return Told(
        f"已采取{one.measure.zh}{urgent_zh}",
        f"measure taken: {one.measure.en}{urgent_en}",
        f"财物{len(one.items)}项，{day_zh(one.from_on)}{until}，{zh}",
        f"{things(len(one.items))}, from {day_en(one.from_on)}{until_en}, {en}",
        Step.MEASURE,
    )


def _signed(one: SignatureTaken, issued: Issued) -> Told:
    zh, en = tell_party_act(one.act)
    what_zh, what_en = "", ""
    if one.concerning is not None and one.concerning in issued:
        what_zh, what_en = document_of(issued, one.concerning)
    page_zh = f"第{one.page}页" if one.page is not None else ""
    page_en = f" page {one.page}" if one.page is not None else ""
    about_zh, about_en = what_zh + page_zh, (what_en + page_en).strip()
    return Told(zh, en, about_zh, about_en, Step.RECORD)


def _inventoried(one: DeviceInventory, _: Issued) -> Told:
    return Told(
        "设备清点",
        "device inventory",
        f"记录{one.length}条，未发{one.unsent}条",
        f"{one.length} records, {one.unsent} unsent",
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    InspectionOpened: _opened,
    IdentityShown: _shown,
    RightsNotified: _notified,
    MediaCaptured: _captured,
    StatementTaken: _heard,
    MeasureTaken: _measured,
    SignatureTaken: _signed,
    DocumentIssued: _issued,
    DocumentServed: _served,
    InspectionClosed: _closed,
    RuleOverridden: _overridden,
    Corrected: _corrected,
    NumberVoided: _voided,
    DeviceInventory: _inventoried,
}
