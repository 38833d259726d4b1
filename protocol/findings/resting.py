"""What officers did on a tablet while its word did not count: surely in that time, or perhaps.

    server's time verified and reception both within it     ``suspended_device``
    one of them outside                                     ``uncertain_device``

A tablet that was suspended goes on sending, so that nothing is lost; what was made on it then has
to be looked at.
"""

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

_NEVER = 1 << 62


def suspended(reading: Reading) -> Iterator[Finding]:
    """``suspended_device`` and ``uncertain_device``, each once for every time that it rested."""
    for since, until in reading.facts.rests:
        surely, perhaps = _made(reading, since, _NEVER if until is None else until)
        (zh, en), end = day_time(since), day_time(until) if until is not None else None
        time_zh = f"{zh}起停用" if end is None else f"{zh}至{end[0]}停用"
        time_en = f"from {en} on" if end is None else f"from {en} to {end[1]}"
        evidence = (
            Evidence("停用", "suspended", zh),
            Evidence("恢复", "reinstated", end[0] if end else "—"),
        )
        if surely:
            yield Finding(
                "suspended_device",
                Severity.ACT,
                f"设备{time_zh}，其间仍用它办了{len(surely)}条记录。",
                f"The device was suspended {time_en}; made on it all the same: "
                f"{some(len(surely))}.",
                since,
                (Evidence("序号", "numbers", numbered(surely)), *evidence),
                RECORDED,
                "请查明谁在用这台设备、为什么停用后还用；所取证据逐条核实后再用。",
                "Find out who used the device and why after it was suspended; rely on what was "
                "recorded only once it is checked record by record.",
                spans=tuple(runs(surely)),
                subject=str(since),
            )
        if perhaps:
            yield Finding(
                "uncertain_device",
                Severity.WATCH,
                f"设备{time_zh}，{len(perhaps)}条记录可能在其间也可能不在其间办理。",
                f"The device was suspended {time_en}; {some(len(perhaps))} may have been made "
                "within that time or outside it.",
                since,
                (Evidence("序号", "numbers", numbered(perhaps)), *evidence),
                RECORDED,
                "请该局用其他证据说明行为时间。",
                "Have the time of the act shown by other evidence.",
                spans=tuple(runs(perhaps)),
                subject=str(since),
            )


def _made(reading: Reading, since: int, until: int) -> tuple[list[int], list[int]]:
    """The numbers of the links that officers made within a time for sure, and perhaps: an act lies
    between the last server time that the tablet had verified and its reception."""
    surely: list[int] = []
    perhaps: list[int] = []
    for sequence, link in reading.links.items():
        entry = reading.entries.get(reading.hashes[sequence])
        if entry is None or not reading.signers(sequence):
            continue
        earliest, latest = link.server_at, entry[1].received_at
        if latest < since or earliest >= until:
            continue
        (surely if earliest >= since and latest < until else perhaps).append(sequence)
    return surely, perhaps
