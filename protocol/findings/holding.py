"""What the device says it holds, against what is here: receipts for more than the log has, a head
of the log that the log does not have, a full disk, an old program, old reference data."""

import re
from collections.abc import Iterator

from protocol import envelope, statements
from protocol.errors import FujieError
from protocol.findings.finding import RECORDED, Evidence, Finding, Reading, Severity, day_time, some
from protocol.statements import DeviceInventory

LEAST_FREE = 2 << 30
"""Below so many bytes a tablet has no room for a long recording."""
_STEP = re.compile(r"fujie-field[ /](\d{1,6})\.(\d{1,6})")


def receipts_lost(reading: Reading) -> Iterator[Finding]:
    """``receipts_lost``: the device has receipts for more links than the log holds."""
    told = reading.facts.inventory
    if told is None or told.length - told.unsent <= reading.length:
        return
    count = told.length - told.unsent - reading.length
    yield Finding(
        "receipts_lost",
        Severity.ACT,
        f"设备有{count}条记录的回执，中心的数据库里没有这些记录。中心可能被恢复到旧状态。",
        f"The device has receipts for {some(count)} that the centre does not hold. The centre "
        "may have been set back.",
        reading.facts.contacted_at,
        (
            Evidence("设备签名清单的条数", "length in the signed inventory", str(told.length)),
            Evidence("其中未收到回执", "of them without receipt", str(told.unsent)),
            Evidence("中心已收条数", "links received", str(reading.length)),
        ),
        RECORDED,
        "请用 fujie-server restore 恢复最新的备份；设备会把缺的重新上传。",
        "Restore the newest backup with fujie-server restore; the device sends again what lacks.",
    )


def set_back(reading: Reading) -> Iterator[Finding]:
    """``log_set_back``: the device brought a signed head of this log that this log does not
    have: it was put back to an older state. Kept from the contact on, whatever comes after."""
    for at, data in reading.facts.doubted:
        seen = _inventory(data)
        if seen is None:
            continue
        (zh, en), head = day_time(at), seen.checkpoint.partition("\n\n")[0].split("\n")
        yield Finding(
            "log_set_back",
            Severity.ACT,
            f"{zh}设备出示了日志签署的{seen.checkpoint_size}条的检查点，中心的日志里没有。"
            "中心的数据库被换成了旧的或另一份。",
            f"On {en} the device showed a head of {seen.checkpoint_size} entries, signed by the "
            "log, that the log does not have. The database was put back or replaced.",
            at,
            (
                Evidence("签署的条数", "entries signed for", str(seen.checkpoint_size)),
                Evidence("签署的根", "root signed", head[2] if len(head) > 2 else "—"),
                Evidence("检查点全文", "the whole checkpoint", seen.checkpoint),
            ),
            RECORDED,
            "请查明谁换了数据库，保存证据；用 fujie-server restore 恢复最新的备份。",
            "Find out who replaced it and keep the evidence; then restore the newest backup with "
            "fujie-server restore.",
            subject=str(at),
        )


def space(reading: Reading) -> Iterator[Finding]:
    """``low_space``: no room for a long recording."""
    told = reading.facts.inventory
    if told is None or told.disk_bytes == 0 or told.free_bytes >= LEAST_FREE:
        return
    free = f"{told.free_bytes / (1 << 30):.1f} GB"
    yield Finding(
        "low_space",
        Severity.WATCH,
        f"设备只剩 {free} 空间，长时间的音像记录存不下。",
        f"The device has {free} left, too little for a long recording.",
        reading.facts.contacted_at,
        (Evidence("总容量（字节）", "of so many bytes", str(told.disk_bytes)),),
        RECORDED,
        "请使用人连网；案件归档后（本机关另有设定的，附件存妥后）本机副本会释放。",
        "Have the user connect: copies go once the case is archived, or the files stored where the "
        "agency says so.",
        subject="space",
    )


def program(reading: Reading) -> Iterator[Finding]:
    """``old_program``: an older program than the centre's."""
    told = reading.facts.inventory
    if told is None or not is_older(told.program, reading.facts.program):
        return
    yield Finding(
        "old_program",
        Severity.WATCH,
        f"设备的程序是 {told.program}，比中心的旧。",
        f"The device runs {told.program}, older than the centre's program.",
        reading.facts.contacted_at,
        (Evidence("中心的程序", "the centre's program", reading.facts.program),),
        RECORDED,
        "请更新设备的程序；在此之前照常上传。",
        "Update its program; until then it goes on sending.",
        subject=told.program,
    )


def reference(reading: Reading) -> Iterator[Finding]:
    """``old_reference``: it makes contact, and its reference data stay old."""
    told, at = reading.facts.inventory, reading.facts.contacted_at
    version, since = reading.facts.reference
    if told is None or at is None or told.reference_version >= version:
        return
    if at - since <= reading.facts.parameters.stale_ms:
        return
    zh, en = day_time(since)
    yield Finding(
        "old_reference",
        Severity.WATCH,
        f"设备的名册和模板是第{told.reference_version}版，{zh}起已有第{version}版。",
        f"The device has version {told.reference_version} of the reference data; version "
        f"{version} has been out since {en}.",
        since,
        (Evidence("最近一次联系", "last contact", day_time(at)[0]),),
        RECORDED,
        "请使用人在设备上立即同步；仍不更新的，用U盘更新。",
        "Have the user synchronise now; if that does not help, update it from a stick.",
    )


def is_older(program: str, newest: str) -> bool:
    """Whether a tablet's program is older than another; False where one of them does not say."""
    own, other = _version(program), _version(newest)
    return own is not None and other is not None and own < other


def _inventory(data: bytes) -> DeviceInventory | None:
    try:
        read = statements.decode(envelope.decode(data).body)
    except FujieError:
        return None
    return read if isinstance(read, DeviceInventory) else None


def _version(said: str) -> tuple[int, int] | None:
    found = _STEP.match(said)
    return (int(found[1]), int(found[2])) if found else None
