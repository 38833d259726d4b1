"""The words for what the office states of cases."""

from collections.abc import Callable
from typing import Any

from protocol.calendar import day_en, day_zh
from protocol.statements import (
    ApprovalGiven,
    BlobStored,
    CaseOpened,
    DecisionMade,
    DecisionRevoked,
    DeviceContacted,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    FileArchived,
    FileRetrieved,
    FileSampled,
    HearingMinuted,
    OpinionGiven,
    RecordDestroyed,
    ReviewRequested,
    Statement,
    TaskAssigned,
    TaskWithdrawn,
)
from protocol.timeline.told import Issued, Told, document_of, reason_after, yuan
from protocol.vocabulary import Step


def _contacted(one: DeviceContacted, _: Issued) -> Told:
    return Told("设备已联系中心", "a device made contact", one.device, one.device)


def _stored(one: BlobStored, _: Issued) -> Told:
    return Told("文件已入库", "a file stored", one.sha256[:16], one.sha256[:16])


def _opened(one: CaseOpened, _: Issued) -> Told:
    return Told(
        "已立案",
        "case opened",
        f"{one.number}，{one.source.zh}，{one.party.name}{one.cause}，承办{'、'.join(one.handlers)}",
        f"{one.number}, {one.source.en}, {one.party.name} {one.cause}, "
        f"handled by {', '.join(one.handlers)}",
    )


def _approved(one: ApprovalGiven, _: Issued) -> Told:
    late_zh, late_en = ("（事后补办）", " afterwards") if one.afterwards else ("", "")
    zh = f"{one.subject.zh}{'已批准' if one.granted else '未批准'}{late_zh}"
    en = f"{one.subject.en}: {'approved' if one.granted else 'refused'}{late_en}"
    return Told(zh, en, one.reason, one.reason)


def _requested(one: ReviewRequested, _: Issued) -> Told:
    return Told(
        "已提请法制审核",
        "legal review requested",
        *reason_after(
            f"{one.review_unit}，{one.catalogue_item}",
            f"{one.review_unit}, {one.catalogue_item}",
            one.why,
        ),
    )


def _reviewed(one: OpinionGiven, _: Issued) -> Told:
    return Told(
        f"法制审核意见：{one.outcome.zh}",
        f"review opinion: {one.outcome.en}",
        one.opinion,
        one.opinion,
    )


def _decided(one: DecisionMade, _: Issued) -> Told:
    penalties_zh = "、".join(kind.zh for kind in one.decision.penalties)
    penalties_en = ", ".join(kind.en for kind in one.decision.penalties)
    if one.decision.fine:
        penalties_zh += f"，罚款{yuan(one.decision.fine)}元"
        penalties_en += f", fine of {yuan(one.decision.fine)} yuan"
    if one.discussed:
        penalties_zh, penalties_en = f"{penalties_zh}，经集体讨论", f"{penalties_en}, discussed"
    return Told(
        f"已作出{one.decision.act.zh}决定",
        f"decision made: {one.decision.act.en}",
        penalties_zh.lstrip("，"),
        penalties_en.removeprefix(", "),
        Step.DECISION,
    )


def _revoked(one: DecisionRevoked, issued: Issued) -> Told:
    zh, en = document_of(issued, one.issued)
    return Told(
        f"{zh}{one.ground.zh}",
        f"{en}: {one.ground.en}",
        *reason_after(
            f"{one.authority}，{day_zh(one.effective_on)}起",
            f"{one.authority}, from {day_en(one.effective_on)}",
            one.reason,
        ),
    )


def _published(one: DisclosurePublished, _: Issued) -> Told:
    return Told(
        "决定已公示",
        "decision published",
        f"{one.title}，公示期限到{day_zh(one.due_on)}（含当日），隐去{len(one.masked)}处",
        f"{one.title}, due on {day_en(one.due_on)} at the latest, {len(one.masked)} pieces masked",
    )


def _withdrawn(one: DisclosureWithdrawn, _: Issued) -> Told:
    return Told("公示已撤回", "publication withdrawn", one.reason, one.reason)


def _archived(one: FileArchived, _: Issued) -> Told:
    return Told(
        "案卷已归档",
        "case file archived",
        f"{one.archive_no}，保管期限{one.retention.zh}",
        f"{one.archive_no}, kept {one.retention.en}",
    )


def _recorrected(one: DisclosureCorrected, _: Issued) -> Told:
    return Told(
        "公示已更正",
        "publication corrected",
        *reason_after(one.title, one.title, one.reason),
    )


def _retrieved(one: FileRetrieved, _: Issued) -> Told:
    until_zh = f"，至{day_zh(one.until_on)}" if one.until_on else ""
    until_en = f", until {day_en(one.until_on)}" if one.until_on else ""
    unit_zh, unit_en = (f"（{one.unit}）", f" ({one.unit})") if one.unit else ("", "")
    seen_zh, seen_en = "", ""
    if one.opened:
        seen_zh, seen_en = f"，{len(one.opened)}件", f", {len(one.opened)} files"
    return Told(
        "案卷已调阅",
        "case file retrieved",
        f"{one.by}{unit_zh}，{one.purpose}{seen_zh}{until_zh}",
        f"{one.by}{unit_en}, {one.purpose}{seen_en}{until_en}",
    )


def _sampled(one: FileSampled, _: Issued) -> Told:
    return Told(
        f"案卷抽查：{one.result.zh}",
        f"case file sampled: {one.result.en}",
        *reason_after(one.plan, one.plan, one.remarks),
    )


def _destroyed(one: RecordDestroyed, _: Issued) -> Told:
    return Told(
        "记录已依法销毁",
        "records destroyed after appraisal",
        f"记录{len(one.records)}条，文件{len(one.blobs)}个，{one.ground}",
        f"{len(one.records)} records, {len(one.blobs)} files, {one.ground}",
    )


def _assigned(one: TaskAssigned, _: Issued) -> Told:
    until_zh = f"，最迟{day_zh(one.due_on)}（含当日）完成" if one.due_on else ""
    until_en = f", on {day_en(one.due_on)} at the latest" if one.due_on else ""
    return Told(
        f"检查任务已下达：{one.source.zh}",
        f"task assigned: {one.source.en}",
        f"{one.number}，{one.party.name}{until_zh}",
        f"{one.number}, {one.party.name}{until_en}",
    )


def _unassigned(one: TaskWithdrawn, _: Issued) -> Told:
    return Told("检查任务已撤销", "task withdrawn", one.reason, one.reason)


def _minuted(one: HearingMinuted, _: Issued) -> Told:
    return Told(
        "听证已举行",
        "hearing held",
        f"{day_zh(one.held_on)}，主持人{one.presider}：{one.opinion}",
        f"{day_en(one.held_on)}, presided by {one.presider}: {one.opinion}",
        Step.STATEMENT,
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    DeviceContacted: _contacted,
    BlobStored: _stored,
    CaseOpened: _opened,
    ApprovalGiven: _approved,
    ReviewRequested: _requested,
    OpinionGiven: _reviewed,
    DecisionMade: _decided,
    DecisionRevoked: _revoked,
    DisclosurePublished: _published,
    DisclosureCorrected: _recorrected,
    DisclosureWithdrawn: _withdrawn,
    FileArchived: _archived,
    FileRetrieved: _retrieved,
    FileSampled: _sampled,
    RecordDestroyed: _destroyed,
    TaskAssigned: _assigned,
    TaskWithdrawn: _unassigned,
    HearingMinuted: _minuted,
}
