"""The records of a case told to people, one line each, in Chinese and English.

The same words stand on the tablet, on the office's case page and in the printed list.

>>> from protocol.vocabulary import Outcome
>>> tell(InspectionClosed(agency="a", at=0, salt="0" * 32, outcome=Outcome.NO_PROBLEM)).zh
'检查结束'
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from protocol.statements import (
    Corrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DocumentIssued,
    DocumentServed,
    FileArchived,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MediaCaptured,
    NumberVoided,
    PartyAct,
    RightsNotified,
    RuleOverridden,
    SignAbsent,
    SignRefused,
    Statement,
    StatementTaken,
    Unknown,
)
from protocol.vocabulary import Step


@dataclass(frozen=True)
class Told:
    """What happened, a detail to it, and the step of the inspection that it belongs to."""

    zh: str
    en: str
    detail_zh: str = ""
    detail_en: str = ""
    step: Step | None = None


def yuan(fen: int) -> str:
    """An amount in fen as people write yuan: 50000 is ``500``, 350001 is ``3,500.01``."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"


def tell_party_act(act: PartyAct) -> tuple[str, str]:
    """How somebody signed, refused or was absent, in Chinese and English."""
    zh, en = act.role.zh, act.role.en
    if isinstance(act, SignRefused):
        return f"{zh}拒绝签名：{act.reason}", f"{en} refused to sign: {act.reason}"
    if isinstance(act, SignAbsent):
        return f"{zh}不在场：{act.reason}", f"{en} absent: {act.reason}"
    return f"{zh}已签名", f"signed by the {en}"


def tell(
    statement: Statement | Unknown, issued: Mapping[str, DocumentIssued] | None = None
) -> Told:
    """The words for one record. ``issued`` names documents by their record hash (hex), so that
    a service can say which document it served."""
    if isinstance(statement, Unknown):
        return Told(
            "有一条记录暂不能识读",
            "a record that this program cannot read yet",
            f"类型 {statement.kind}，原样保存。请更新程序。",
            f"kind {statement.kind}, kept as it came; update the program",
        )
    teller = _TELLERS.get(type(statement))
    if teller is None:
        tag = str(type(statement).__struct_config__.tag)
        return Told("其他记录", "another record", tag, tag)
    return teller(statement, issued or {})


_Issued = Mapping[str, DocumentIssued]


def _opened(one: InspectionOpened, _: _Issued) -> Told:
    return Told(
        "检查开始",
        "inspection opened",
        f"{one.party.name}，{one.number}，{one.cause}",
        f"{one.party.name}, {one.number}, {one.cause}",
        Step.ARRIVAL,
    )


def _shown(one: IdentityShown, _: _Issued) -> Told:
    count = len({card.cert_no for card in one.cards})
    return Told(
        f"{count}名执法人员已出示证件",
        f"{count} officers showed their cards",
        f"向{one.to_whom}出示，{one.place.text}",
        f"to {one.to_whom}, {one.place.text}",
        Step.IDENTITY,
    )


def _notified(one: RightsNotified, _: _Issued) -> Told:
    zh, en = tell_party_act(one.party_act)
    aloud_zh, aloud_en = ("已宣读，", "read aloud, ") if one.read_aloud else ("", "")
    return Told(
        "权利义务已告知",
        "rights and duties told",
        aloud_zh + zh,
        aloud_en + en,
        Step.RIGHTS,
    )


def _captured(one: MediaCaptured, _: _Issued) -> Told:
    return Told(
        f"已取证：{one.media.zh}",
        f"evidence taken: {one.media.en}",
        f"{one.purpose}，{one.place.text}",
        f"{one.purpose}, {one.place.text}",
        one.step,
    )


def _heard(one: StatementTaken, _: _Issued) -> Told:
    if one.waived:
        zh, en = "当事人明确放弃陈述申辩", "the party waived its defence"
    else:
        zh, en = f"陈述申辩：{one.defence}", f"defence: {one.defence}"
    return Told("已告知并听取陈述申辩", "party told and heard", zh, en, Step.STATEMENT)


def _issued(one: DocumentIssued, _: _Issued) -> Told:
    zh, en = tell_party_act(one.party_act)
    decision = one.decision
    if decision and decision.fine:
        zh = f"罚款{yuan(decision.fine)}元，{zh}"
        en = f"fine of {yuan(decision.fine)} yuan, {en}"
    number = f"{one.number}，" if one.number else ""
    return Told(
        f"{one.document.zh}已制作",
        f"{one.document.en} issued",
        number + zh,
        number.replace("，", ", ") + en,
        Step.DECISION if decision else Step.RECORD,
    )


def _served(one: DocumentServed, issued: _Issued) -> Told:
    document = issued.get(one.issued)
    title_zh = document.document.zh if document else "文书"
    title_en = document.document.en if document else "document"
    zh, en = tell_party_act(one.received)
    return Told(
        f"{title_zh}已送达",
        f"{title_en} served",
        f"{one.method.zh}，{one.addressee}，{zh}",
        f"{one.method.en}, {one.addressee}, {en}",
        Step.SERVICE,
    )


def _closed(one: InspectionClosed, _: _Issued) -> Told:
    note = f"：{one.note}" if one.note else ""
    return Told(
        "检查结束",
        "inspection closed",
        one.outcome.zh + note,
        one.outcome.en + note.replace("：", ": "),
    )


def _overridden(one: RuleOverridden, _: _Issued) -> Told:
    return Told(
        f"对提示 {one.rule} 说明理由后继续",
        f"went on against warning {one.rule}",
        one.reason,
        one.reason,
    )


def _corrected(one: Corrected, _: _Issued) -> Told:
    return Told(
        "记录已更正，原记录保留", "a record corrected, the first kept", one.reason, one.reason
    )


def _voided(one: NumberVoided, _: _Issued) -> Told:
    return Told(f"文号作废：{one.number}", f"number voided: {one.number}", one.reason, one.reason)


def _published(one: DisclosurePublished, _: _Issued) -> Told:
    return Told(
        "决定已公示",
        "decision published",
        f"{one.title}，应于{one.due_on}前公示，隐去{len(one.masked)}处",
        f"{one.title}, due by {one.due_on}, {len(one.masked)} pieces masked",
    )


def _withdrawn(one: DisclosureWithdrawn, _: _Issued) -> Told:
    return Told("公示已撤回", "publication withdrawn", one.reason, one.reason)


def _archived(one: FileArchived, _: _Issued) -> Told:
    return Told(
        "案卷已归档",
        "case file archived",
        f"{one.archive_no}，保管期限{one.retention.zh}",
        f"{one.archive_no}, kept {one.retention.en}",
    )


_TELLERS: dict[type[Statement], Callable[[Any, _Issued], Told]] = {
    InspectionOpened: _opened,
    IdentityShown: _shown,
    RightsNotified: _notified,
    MediaCaptured: _captured,
    StatementTaken: _heard,
    DocumentIssued: _issued,
    DocumentServed: _served,
    InspectionClosed: _closed,
    RuleOverridden: _overridden,
    Corrected: _corrected,
    NumberVoided: _voided,
    DisclosurePublished: _published,
    DisclosureWithdrawn: _withdrawn,
    FileArchived: _archived,
}
