"""The chain: links that are gone, do not follow one another, or end elsewhere than was said."""

from collections.abc import Iterator

from protocol.findings.finding import (
    RECORDED,
    Evidence,
    Finding,
    Reading,
    Severity,
    day_time,
    gaps,
    some,
    span,
)


def missing_links(reading: Reading) -> Iterator[Finding]:
    """``link_missing``: one finding for each run of places that hold no readable link."""
    for first, last in gaps(reading.links, reading.length, reading.first):
        count, (span_zh, span_en) = last - first + 1, span(first, last)
        # Of a run only the last one's hash can be known, from the link or the head behind it.
        admitted = reading.entry_of(last)
        if admitted:
            said_zh = f"中心收过（日志第{admitted[0]}项），但是中心的数据库里没有了。"
            said_en = f"The centre received this (log entry {admitted[0]}) and lost it."
            remedy_zh = "请从备份恢复；恢复不了的，请设备从本机补传。查明谁改动了数据库。"
            remedy_en = "Restore the backup, or have the device send it again; find who did it."
        else:
            said_zh, said_en = "没有到达中心。", "Nothing of it reached the centre."
            remedy_zh = "请该局送回设备，从本机补传；补不出的，书面说明。"
            remedy_en = "Have the device brought in and send again, or explain in writing."
        before = reading.links.get(first - 1)
        yield Finding(
            "link_missing",
            Severity.ACT,
            f"缺{count}条记录：{span_zh}。{said_zh}",
            f"{some(count)} missing: {span_en}. {said_en}",
            before.wall_at if before else None,
            tuple(_neighbours(reading, first, last)),
            RECORDED,
            remedy_zh,
            remedy_en,
            spans=((first, last),),
        )


def broken_chain(reading: Reading) -> Iterator[Finding]:
    """``chain_broken``: a link that names another predecessor, place or journal than its own."""
    for sequence, link in reading.links.items():
        before = reading.hash_at(sequence - 1)
        if (
            link.sequence == sequence
            and link.journal == reading.facts.journal
            and (before is None or link.previous == before)
        ):
            continue
        (zh, en), (at_zh, at_en) = span(sequence, sequence), day_time(link.wall_at)
        evidence = [
            Evidence("这条记录称前一条为", "this link says before it", link.previous.hex()),
            Evidence("保存的前一条是", "held before it", before.hex() if before else "—"),
            Evidence("这条记录称自己为", "this link says it is", f"{link.sequence:04}"),
            Evidence("所属流水", "its journal", link.journal.hex()),
        ]
        yield Finding(
            "chain_broken",
            Severity.ACT,
            f"{zh}与前一条接不上（{at_zh}）。两条里有一条被改动过。",
            f"{en} does not follow the one before it ({at_en}). One of the two was altered.",
            link.wall_at,
            tuple(evidence),
            RECORDED,
            "请从备份和设备各取一份比对，改动的一份留作证据。",
            "Compare with the backup and the device; keep the altered row as evidence.",
            spans=((sequence, sequence),),
        )


def head_mismatch(reading: Reading) -> Iterator[Finding]:
    """``head_mismatch``: the journal ends elsewhere than the server's copy of its head or the
    device's signed inventory says."""
    admitted, told = reading.facts.admitted, reading.facts.inventory
    last = reading.hash_at(reading.length - 1)
    if (
        admitted
        and admitted.length
        and (admitted.length < reading.length or (last is not None and last != admitted.hash))
    ):
        yield _head(
            reading,
            "中心记的末条与保存的末条不一致。",
            "The head that the centre noted is not the last link that it holds.",
            Evidence("中心记的末条", "head noted", admitted.hash.hex()),
        )
    if told is None:
        return
    said = Evidence("设备签名清单的末条", "head in the signed inventory", told.head)
    here = reading.hash_at(told.length - 1)
    if told.length and here is not None and here.hex() != told.head:
        yield _head(
            reading,
            "设备签名的末条与中心保存的不一致，两边的历史不同。",
            "The head that the device signed differs from the centre's: two histories.",
            said,
        )
    at, heard = reading.facts.contacted_at, _last_received(reading)
    if told.length < reading.length and at is not None and heard is not None and heard < at:
        yield _head(
            reading,
            f"设备称只有{told.length}条，中心已收{reading.length}条。设备可能被恢复到旧状态。",
            f"The device says {told.length} links, the centre has {reading.length}. It may have "
            "been set back.",
            said,
        )


def _last_received(reading: Reading) -> int | None:
    """When the journal's last link was received (ms)."""
    found = reading.entry_of(reading.length - 1)
    return found[1].received_at if found else None


def _head(reading: Reading, zh: str, en: str, said: Evidence) -> Finding:
    last = reading.hash_at(reading.length - 1)
    evidence = (
        said,
        Evidence("中心保存的末条", "last link held", last.hex() if last else "—"),
        Evidence("中心保存的条数", "links held", str(reading.first + len(reading.links))),
    )
    return Finding(
        "head_mismatch",
        Severity.ACT,
        zh,
        en,
        None,
        evidence,
        RECORDED,
        "请停用这本流水，送回设备比对；两份都留作证据，由机关开新的流水。",
        "Close this journal, bring in the device and compare; keep both as evidence.",
    )


def _neighbours(reading: Reading, first: int, last: int) -> Iterator[Evidence]:
    """What stands on both sides of a gap, and what heads and log say of it."""
    yield Evidence("缺的序号", "missing numbers", f"{first:04}–{last:04}")
    before, after = reading.links.get(first - 1), reading.links.get(last + 1)
    if before:
        zh, _ = day_time(before.wall_at)
        yield Evidence("前一条", "link before", f"{first - 1:04} {zh} {before.hash().hex()}")
    if after:
        zh, _ = day_time(after.wall_at)
        yield Evidence("后一条", "link after", f"{last + 1:04} {zh} {after.hash().hex()}")
    named = reading.expected(last)
    if named:
        yield Evidence("缺的末条应为", "hash of the last missing", named.hex())
    told, found = reading.facts.inventory, reading.entry_of(last)
    if told:
        yield Evidence("设备签名清单的条数", "length in the signed inventory", str(told.length))
    if found:
        index, entry = found
        zh, _ = day_time(entry.received_at)
        yield Evidence("日志收到", "received by the log", f"#{index} {zh}")
        seen = reading.witnessed_at(index)
        if seen is not None:
            yield Evidence("见证人最迟见过", "seen by witnesses by", day_time(seen)[0])
        yield Evidence("记录", "record", entry.record_hash.hex())
