"""When things arrived, and times that cannot be."""

from collections.abc import Iterator

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

_HOUR = 3_600_000
_DAY = 24 * _HOUR


def late(reading: Reading) -> Iterator[Finding]:
    """``late_arrival``: received later after the act than a decision on the spot may take to be
    reported to the agency (APL 52), by the tablet's own clock."""
    days = reading.facts.parameters.spot_report_days
    found: dict[int, int] = {}
    for sequence, link in reading.links.items():
        entry = reading.entries.get(reading.hashes[sequence])
        waited = entry[1].received_at - link.wall_at if entry else 0
        if waited > days * _DAY:
            found[sequence] = waited
    if not found:
        return
    first, worst = min(found), max(found.values())
    zh, en = day_time(reading.links[first].wall_at)
    yield Finding(
        "late_arrival",
        Severity.WATCH,
        f"{len(found)}条记录在行为后超过{days}天才送到，最久{worst // _HOUR}小时，最早的是{zh}。",
        f"{some(len(found))} arrived more than {some(days, 'day')} after the act, after "
        f"{worst // _HOUR} hours at most; the earliest is of {en}.",
        reading.links[first].wall_at,
        (
            Evidence("序号", "numbers", numbered(list(found))),
            Evidence("最久（毫秒）", "longest (ms)", str(worst)),
        ),
        "《行政处罚法》第五十二条",
        "请使用人说明为什么没有及时上传；当场处罚决定要查是否按时报本机关备案。",
        "Have the user say why they came late; see whether decisions on the spot were reported "
        "in time.",
        spans=tuple(runs(found)),
    )


def impossible(reading: Reading) -> Iterator[Finding]:
    """``impossible_time``: the counter of a boot, or the server's time that the device had
    verified, runs backwards; or it had verified a time that the server had not reached."""
    bound = reading.facts.parameters.clock_skew_ms
    counters, seen_at = reading.clocks_before
    found = []
    for sequence, link in reading.links.items():
        entry = reading.entries.get(reading.hashes[sequence])
        backwards = link.monotonic < counters.get(link.boot, 0) or link.server_at < seen_at
        ahead = entry is not None and link.server_at > entry[1].received_at + bound
        if backwards or ahead:
            found.append(sequence)
        counters[link.boot] = max(link.monotonic, counters.get(link.boot, 0))
        seen_at = max(link.server_at, seen_at)
    if not found:
        return
    yield Finding(
        "impossible_time",
        Severity.ACT,
        f"{len(found)}条记录的时间不可能：设备的计时或者已核对的中心时间倒退，或者超过收到的时间。",
        f"{some(len(found))} with times that cannot be: the device's counter or the server's time "
        "that it had verified runs backwards, or lies after the reception.",
        reading.links[found[0]].wall_at,
        (
            Evidence("序号", "numbers", numbered(found)),
            *(
                Evidence(
                    f"{n:04}号：计时、中心时间",
                    f"{n:04}: counter, server's time",
                    f"{reading.links[n].monotonic} {reading.links[n].server_at}",
                )
                for n in found[:5]
            ),
        ),
        RECORDED,
        "请送回设备检查程序和时钟；这些记录的时间用其他证据说明。",
        "Have the device's program and clock examined; show the times of these records by other "
        "evidence.",
        spans=tuple(runs(found)),
    )
