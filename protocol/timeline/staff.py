"""The words for the people of the office, and for tablets that rest for a time."""

from collections.abc import Callable
from typing import Any

from protocol.statements import (
    DeviceReinstated,
    DeviceSuspended,
    InvitationWithdrawn,
    StaffEnded,
    StaffInvited,
    StaffReasonGiven,
    StaffRoleChanged,
    Statement,
)
from protocol.timeline.told import Issued, Told, reason_after


def _invited(one: StaffInvited, _: Issued) -> Told:
    return Told(
        "已邀请工作人员设置密码",
        "member of staff asked to choose a password",
        f"{one.name}（{one.account}），{one.role.zh}",
        f"{one.name} ({one.account}), {one.role.en}",
    )


def _withdrawn(one: InvitationWithdrawn, _: Issued) -> Told:
    return Told(
        "工作人员邀请已撤回",
        "invitation of a member of staff withdrawn",
        *reason_after(one.account, one.account, one.reason),
    )


def _role(one: StaffRoleChanged, _: Issued) -> Told:
    return Told(
        "工作人员角色已变更",
        "role of a member of staff changed",
        *reason_after(f"{one.account}，{one.role.zh}", f"{one.account}, {one.role.en}", one.reason),
    )


def _ended(one: StaffEnded, _: Issued) -> Told:
    return Told(
        "工作人员账号已终止",
        "account of a member of staff ended",
        *reason_after(one.account, one.account, one.reason),
    )


def _reason(one: StaffReasonGiven, _: Issued) -> Told:
    return Told(
        "已说明工作人员变更的原因",
        "why a member of staff was changed",
        f"{one.account}：{one.reason}",
        f"{one.account}: {one.reason}",
    )


def _suspended(one: DeviceSuspended, _: Issued) -> Told:
    return Told(
        "设备已暂停使用", "device suspended", *reason_after(one.device, one.device, one.reason)
    )


def _reinstated(one: DeviceReinstated, _: Issued) -> Told:
    return Told(
        "设备已恢复使用", "device reinstated", *reason_after(one.device, one.device, one.reason)
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    StaffInvited: _invited,
    InvitationWithdrawn: _withdrawn,
    StaffRoleChanged: _role,
    StaffEnded: _ended,
    StaffReasonGiven: _reason,
    DeviceSuspended: _suspended,
    DeviceReinstated: _reinstated,
}
