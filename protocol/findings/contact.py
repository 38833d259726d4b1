"""The device itself: what it has not sent, when it was last heard of, its clock; and acts of
officers whose standing changed in between."""

from collections.abc import Iterator

from protocol.findings.facts import StandingChange
from protocol.findings.finding import (
    RECORDED,
    Evidence,
    Finding,
    Reading,
    Severity,
    day_time,
    numbered,
    runs,
    some,
)

_MINUTE = 60_000
_DAY = 24 * 3_600_000


def unsent(reading: Reading) -> Iterator[Finding]:
    """``unsent``: what the device says it holds and has not sent: links, and files."""
    told = reading.facts.inventory
    if told is None:
        return
    links = max(0, told.length - reading.length)
    held = {*reading.facts.blobs_held, *reading.facts.blobs_stated}
    files = sum(blob.sha256 not in held for blob in reading.wanted)
    files = files if told.blobs_outstanding else 0
    if not links and not files:
        return
    parts_zh = [f"{links}条记录"] * bool(links) + [f"{files}个文件"] * bool(files)
    parts_en = [some(links)] * bool(links) + [some(files, "file")] * bool(files)
    oldest = told.oldest_unsent_at
    since_zh, since_en = day_time(oldest) if oldest else ("", "")
    yield Finding(
        "unsent",
        Severity.WATCH,
        f"{'和'.join(parts_zh)}还在设备上没有上传" + (f"，最早{since_zh}。" if oldest else "。"),
        f"{' and '.join(parts_en)} on the device not sent yet"
        + (f", the oldest of {since_en}." if oldest else "."),
        oldest,
        (
            Evidence("设备签名清单的条数", "length in the signed inventory", str(told.length)),
            Evidence("中心已收条数", "links received", str(reading.length)),
            Evidence("清单称未传文件", "files outstanding", str(told.blobs_outstanding)),
        ),
        RECORDED,
        "请使用人连网上传；没有信号的，回到有网络的地方再传。",
        "Have the user connect and send; where there is no signal, go where there is.",
    )


def silence(reading: Reading) -> Iterator[Finding]:
    """``silent_device``: not heard of for longer than the agency allows, or never."""
    at = reading.facts.contacted_at
    if at is None or reading.facts.inventory is None:
        yield _silent(
            "没有收到过设备签名的清单，不能说它的记录是完整的。",
            "The device never sent a signed inventory; its records cannot be called complete.",
            None,
        )
    elif reading.facts.now - at > reading.facts.parameters.silent_ms:
        (zh, en), days = day_time(at), (reading.facts.now - at) // _DAY
        yield _silent(
            f"{days}天没有联系，最后一次是{zh}。",
            f"Not heard of for {days} days, last on {en}.",
            at,
        )


def clock(reading: Reading) -> Iterator[Finding]:
    """``clock_skew``: a link dated after it was received, or before the server time that the
    device had verified; or a reading at contact that is off."""
    bound = reading.facts.parameters.clock_skew_ms
    off: dict[int, int] = {}
    for sequence, link in reading.links.items():
        found = reading.entries.get(reading.hashes[sequence])
        ahead = link.wall_at - found[1].received_at if found else 0
        behind = link.server_at - link.wall_at
        if max(ahead, behind) > bound:
            off[sequence] = ahead if ahead > behind else -behind
    told, at = reading.facts.inventory, reading.facts.contacted_at
    at_contact = told.at - at if told and at is not None else 0
    if not off and abs(at_contact) <= bound:
        return
    worst = max([*off.values(), at_contact], key=abs)
    fast, minutes = worst > 0, abs(worst) // _MINUTE
    yield Finding(
        "clock_skew",
        Severity.WATCH,
        f"设备时钟{'快' if fast else '慢'} {minutes} 分钟，影响{len(off)}条记录。偏差已记下。",
        f"The device's clock is {some(minutes, 'minute')} {'fast' if fast else 'slow'}; "
        f"{some(len(off))} affected. The difference is noted.",
        reading.links[min(off)].wall_at if off else at,
        (
            Evidence("序号", "numbers", numbered(list(off)) or "—"),
            Evidence("最大偏差（毫秒）", "largest difference (ms)", str(worst)),
        ),
        "《最高人民法院关于行政诉讼证据若干问题的规定》第十二条",
        "请连网校时；受影响的音像记录由采集人说明实际时间。",
        "Connect so that the clock is set; recorders explain the true time of what they took.",
        spans=tuple(runs(off)),
    )


def standing(reading: Reading) -> Iterator[Finding]:
    """``uncertain_standing``: an officer's standing changed between the last verified server
    time of an act and its reception, so that nobody can say which held."""
    for change in reading.facts.changes:
        found = [n for n in reading.links if _straddles(reading, n, change)]
        if not found:
            continue
        zh, en = day_time(change.effective_at)
        yield Finding(
            "uncertain_standing",
            Severity.WATCH,
            f"{change.name}的证件{zh}变为{change.standing.zh}，"
            f"{len(found)}条记录可能在此前也可能在此后。",
            f"The certificate of {change.name} became {change.standing.en} on {en}; "
            f"{some(len(found))} may be of before or after.",
            change.effective_at,
            (
                Evidence("证件编号", "certificate number", change.cert_no),
                Evidence("序号", "numbers", numbered(found)),
            ),
            "《行政处罚法》第四十二条",
            "请该局用其他证据说明行为时间。",
            "Have the time of the act shown by other evidence.",
            spans=tuple(runs(found)),
            subject=f"{change.cert_no} {change.effective_at}",
        )


def _straddles(reading: Reading, sequence: int, change: StandingChange) -> bool:
    link = reading.links[sequence]
    envelope = reading.envelopes.get(link.record)
    found = reading.entries.get(reading.hashes[sequence])
    if envelope is None or found is None:
        return False
    signed = any(one.key_id in change.key_ids for one in envelope.signatures)
    return signed and link.server_at < change.effective_at <= found[1].received_at


def _silent(zh: str, en: str, since: int | None) -> Finding:
    return Finding(
        "silent_device",
        Severity.WATCH,
        zh,
        en,
        since,
        (),
        RECORDED,
        "请联系使用人，让设备连网；找不到的，按遗失处理。",
        "Ask the user to connect the device; where it cannot be found, treat it as lost.",
    )
