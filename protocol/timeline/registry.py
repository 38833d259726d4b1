"""The words for who may do what: agency, staff, officers, devices, keys, journals, the log."""

from collections.abc import Callable
from typing import Any

from protocol.statements import (
    AgencyDescribed,
    AgencyRegistered,
    AgencyRerooted,
    CatalogueChanged,
    DeviceEnrolled,
    DeviceKeyAsked,
    DeviceRekeyed,
    DeviceRevoked,
    EvidenceAdopted,
    JournalClosed,
    LogKeysChanged,
    NumbersGranted,
    OfficerCredentialed,
    OfficerKeyRetired,
    OfficerRegistered,
    ReferencePublished,
    StaffRegistered,
    Statement,
    SuccessionOpened,
)
from protocol.timeline.told import Issued, Told, reason_after


def _same(zh: str, en: str, detail: str = "") -> Told:
    """Names and numbers read the same in both languages."""
    return Told(zh, en, detail, detail)


def _agency(one: AgencyRegistered, _: Issued) -> Told:
    return _same("机关已登记", "agency registered", one.name)


def _described(one: AgencyDescribed, _: Issued) -> Told:
    return Told(
        "机关信息已变更",
        "the agency's particulars changed",
        *reason_after(one.name, one.name, one.reason),
    )


def _staff(one: StaffRegistered, _: Issued) -> Told:
    return Told(
        "工作人员已登记",
        "member of staff registered",
        f"{one.name}，{one.role.zh}",
        f"{one.name}, {one.role.en}",
    )


def _officer(one: OfficerRegistered, _: Issued) -> Told:
    return Told(
        f"执法人员已登记：{one.standing.zh}",
        f"officer registered: {one.standing.en}",
        *reason_after(f"{one.name}，{one.cert_no}", f"{one.name}, {one.cert_no}", one.reason),
    )


def _credentialed(one: OfficerCredentialed, _: Issued) -> Told:
    return Told(
        "执法人员的密钥已签发证书",
        "an officer's key certified",
        f"{one.cert_no}，平板{one.device}",
        f"{one.cert_no}, tablet {one.device}",
    )


def _retired(one: OfficerKeyRetired, _: Issued) -> Told:
    return Told(
        "执法人员的密钥已停用",
        "an officer's key retired",
        *reason_after(one.cert_no, one.cert_no, one.reason),
    )


def _enrolled(one: DeviceEnrolled, _: Issued) -> Told:
    return _same("设备已登记", "device enrolled", one.device)


def _key_asked(one: DeviceKeyAsked, _: Issued) -> Told:
    return _same("已要求设备更换密钥", "a device asked for a new key", one.device)


def _rekeyed(one: DeviceRekeyed, _: Issued) -> Told:
    return _same("设备密钥已更换", "a device's key replaced", one.device)


def _revoked(one: DeviceRevoked, _: Issued) -> Told:
    return Told("设备已停用", "device revoked", *reason_after(one.device, one.device, one.reason))


def _closed(one: JournalClosed, _: Issued) -> Told:
    return Told(
        "设备流水已终止",
        "a device's journal closed",
        *reason_after(
            f"{one.device}，共{one.length}条", f"{one.device}, {one.length} links", one.reason
        ),
    )


def _adopted(one: EvidenceAdopted, _: Issued) -> Told:
    return Told(
        "导出的记录已采纳为证据",
        "exported records adopted as evidence",
        *reason_after(
            f"{one.device}，{one.first:04}至{one.last:04}号",
            f"{one.device}, no. {one.first:04} to {one.last:04}",
            one.reason,
        ),
    )


def _granted(one: NumbersGranted, _: Issued) -> Told:
    return Told(
        "文号段已发放",
        "numbers granted",
        f"{one.device}，{one.document.zh}，{one.first}至{one.last}",
        f"{one.device}, {one.document.en}, {one.first} to {one.last}",
    )


def _reference(one: ReferencePublished, _: Issued) -> Told:
    return Told(
        "基础数据已发布", "reference data published", f"第{one.version}版", f"version {one.version}"
    )


def _catalogue(one: CatalogueChanged, _: Issued) -> Told:
    return Told(
        f"{one.catalogue.zh}已更新",
        f"{one.catalogue.en} changed",
        *reason_after(f"第{one.version}版", f"version {one.version}", one.reason),
    )


def _log_keys(one: LogKeysChanged, _: Issued) -> Told:
    lost_zh = f"，可能泄露{len(one.compromised)}把" if one.compromised else ""
    lost_en = f", {len(one.compromised)} may be in other hands" if one.compromised else ""
    return Told(
        "日志密钥已更换",
        "the log's keys changed",
        *reason_after(
            f"现用{len(one.keys)}把{lost_zh}", f"{len(one.keys)} in force{lost_en}", one.reason
        ),
    )


def _rerooted(one: AgencyRerooted, _: Issued) -> Told:
    return _same("机关根密钥已更换", "the agency's root key replaced", one.root_key[:16])


def _succeeded(_one: SuccessionOpened, _: Issued) -> Told:
    return _same("接续日志已启用", "a successor log opened")


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    AgencyRegistered: _agency,
    AgencyDescribed: _described,
    StaffRegistered: _staff,
    OfficerRegistered: _officer,
    OfficerCredentialed: _credentialed,
    OfficerKeyRetired: _retired,
    DeviceEnrolled: _enrolled,
    DeviceKeyAsked: _key_asked,
    DeviceRekeyed: _rekeyed,
    DeviceRevoked: _revoked,
    JournalClosed: _closed,
    EvidenceAdopted: _adopted,
    NumbersGranted: _granted,
    ReferencePublished: _reference,
    CatalogueChanged: _catalogue,
    LogKeysChanged: _log_keys,
    AgencyRerooted: _rerooted,
    SuccessionOpened: _succeeded,
}
