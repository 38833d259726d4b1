"""What the links commit to: entries of the log, statements, blobs; and what was flagged."""

from collections import defaultdict
from collections.abc import Iterator

from protocol.envelope import record_hash
from protocol.findings.agency import inconsistent
from protocol.findings.finding import (
    LISTED,
    RECORDED,
    Evidence,
    Finding,
    Reading,
    Severity,
    numbered,
    runs,
    some,
    span,
)
from protocol.receipt import Reason
from protocol.statements import BlobRef, Statement

_RESTORE_ZH = "请从备份恢复；恢复不了的，请设备从本机补传。查明谁改动了数据库。"
_RESTORE_EN = "Restore the backup, or have the device send it again; find who did it."


_EXPLAIN = (
    "请该局逐条说明；签名无效的不能作为定案依据。",
    "Have each explained; a record with a bad signature cannot bear a decision.",
)
_UPDATE = (
    "内容原样保存。请更新中心的程序，更新后自动重新识读。",
    "Kept as it came. Update the centre's program; it then reads them by itself.",
)


def missing_entries(reading: Reading) -> Iterator[Finding]:
    """``entry_missing``: a link that is held, but that no entry of the log admits, with its
    record."""
    absent = [
        n
        for n, named in reading.hashes.items()
        if named not in reading.entries
        or reading.entries[named][1].record_hash != reading.links[n].record
    ]
    for first, last in runs(absent):
        zh, en = span(first, last)
        yield Finding(
            "entry_missing",
            Severity.ACT,
            f"{zh}在数据库里，但是日志里没有收到它的条目。",
            f"{en} is held, but no entry of the log admits it.",
            reading.links[first].wall_at,
            (
                Evidence("序号", "numbers", f"{first:04}–{last:04}"),
                Evidence("链条哈希", "link hash", reading.hashes[first].hex()),
                Evidence("日志大小", "log size", str(reading.facts.log_size)),
                *_indexes_beside(reading, first, last),
            ),
            RECORDED,
            "请对日志重新核算；条目被删的，从备份恢复整个日志。",
            "Recompute the log; where an entry was removed, restore the whole log.",
            spans=((first, last),),
        )


def statements(reading: Reading) -> Iterator[Finding]:
    """``statement_missing`` and ``statement_damaged``: the record behind a link is gone, or its
    bytes are no longer those that were signed. One held back by the device is only flagged."""
    absent, damaged = [], []
    for sequence, link in reading.links.items():
        envelope = reading.envelopes.get(link.record)
        if envelope is not None:
            if record_hash(envelope) != link.record:
                damaged.append(sequence)
        elif link.record in reading.facts.envelopes:
            damaged.append(sequence)
        elif link.record in reading.facts.others or link.record.hex() in reading.facts.destroyed:
            continue
        elif not _held_back(reading, sequence):
            absent.append(sequence)
    for first, last in runs(absent):
        yield _statement(
            reading,
            "statement_missing",
            first,
            last,
            ("的链条在，但是记录内容没有了。", "is linked, but what it records is gone."),
        )
    for first, last in runs(damaged):
        yield _statement(
            reading,
            "statement_damaged",
            first,
            last,
            ("的内容和签名时不一样。", "no longer has the bytes that were signed."),
        )


def blobs(reading: Reading) -> Iterator[Finding]:
    """``blob_missing`` and ``blob_damaged``: files that a record names. One that the device has
    not finished sending is no loss yet and counts as unsent."""
    told = reading.facts.inventory
    coming = told.blobs_outstanding if told else 0
    for blob, (sequence, kind) in reading.wanted.items():
        if blob.sha256 in reading.facts.destroyed:
            continue
        if blob.sha256 in reading.facts.blobs_damaged:
            yield _blob(
                reading,
                "blob_damaged",
                blob,
                sequence,
                kind,
                ("的文件和记录时不一样。", "names a file whose bytes changed."),
            )
        elif blob.sha256 not in reading.facts.blobs_held and (
            blob.sha256 in reading.facts.blobs_stated or not coming
        ):
            yield _blob(
                reading,
                "blob_missing",
                blob,
                sequence,
                kind,
                ("的文件没有了。", "names a file that is gone."),
            )


def flagged(reading: Reading) -> Iterator[Finding]:
    """``flagged``: what the server admitted with a reservation, by reasons. That the program of
    that day could not read a record is none any more where this one can."""
    by_reasons: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for sequence, named in reading.hashes.items():
        found = reading.entries.get(named)
        reasons = _standing_reasons(reading, sequence, found[1].reasons) if found else ()
        if reasons:
            by_reasons[reasons].append(sequence)
    for reasons, sequences in sorted(by_reasons.items()):
        zh, en = _reasons(reasons)
        yield Finding(
            "flagged",
            Severity.WATCH,
            f"{len(sequences)}条记录存疑接收：{zh}。",
            f"{some(len(sequences))} flagged: {en}.",
            reading.links[sequences[0]].wall_at,
            (Evidence("序号", "numbers", numbered(sequences)),),
            RECORDED,
            *(_UPDATE if reasons == (Reason.UNREADABLE_YET,) else _EXPLAIN),
            spans=tuple(runs(sequences)),
        )


def log_consistency(reading: Reading) -> Iterator[Finding]:
    """``log_inconsistent``: the log's own entries do not add up to its signed checkpoint."""
    if not reading.facts.checkpoint_ok:
        yield inconsistent(reading.facts.log_size)


def _standing_reasons(reading: Reading, sequence: int, reasons: tuple[int, ...]) -> tuple[int, ...]:
    """The reasons without *unreadable yet*, if the record can be read by now."""
    if isinstance(reading.statement(reading.links[sequence].record), Statement):
        return tuple(reason for reason in reasons if reason != Reason.UNREADABLE_YET)
    return reasons


def _held_back(reading: Reading, sequence: int) -> bool:
    found = reading.entry_of(sequence)
    return found is not None and Reason.STATEMENT_ABSENT in found[1].reasons


def _statement(
    reading: Reading, code: str, first: int, last: int, words: tuple[str, str]
) -> Finding:
    zh, en = span(first, last)
    records = [
        Evidence(f"记录{n:04}", f"record {n:04}", reading.links[n].record.hex())
        for n in range(first, min(last + 1, first + LISTED))
    ]
    return Finding(
        code,
        Severity.ACT,
        f"{zh}{words[0]}",
        f"{en} {words[1]}",
        reading.links[first].wall_at,
        (*records, *_indexes_beside(reading, first, last)),
        RECORDED,
        _RESTORE_ZH,
        _RESTORE_EN,
        spans=((first, last),),
    )


def _blob(
    reading: Reading, code: str, blob: BlobRef, sequence: int, kind: str, words: tuple[str, str]
) -> Finding:
    stated = blob.sha256 in reading.facts.blobs_stated
    return Finding(
        code,
        Severity.ACT,
        f"{sequence:04}号记录{words[0]}",
        f"Record no. {sequence:04} {words[1]}",
        reading.links[sequence].wall_at,
        (
            Evidence("文件", "file", blob.sha256),
            Evidence("类型和大小", "type and size", f"{kind} {blob.size}"),
            Evidence("记录", "record", reading.links[sequence].record.hex()),
            Evidence("中心曾声明已入库", "stated as stored", "是 yes" if stated else "否 no"),
        ),
        RECORDED,
        _RESTORE_ZH,
        _RESTORE_EN,
        spans=((sequence, sequence),),
        subject=blob.sha256,
    )


def _indexes_beside(reading: Reading, first: int, last: int) -> Iterator[Evidence]:
    """The log's places of the links on both sides."""
    for sequence, zh, en in (
        (first - 1, "前一条在日志第", "log index before"),
        (last + 1, "后一条在日志第", "log index after"),
    ):
        found = reading.entry_of(sequence)
        if found:
            yield Evidence(zh, en, f"#{found[0]} {found[1].link_hash.hex()}")


def _reasons(codes: tuple[int, ...]) -> tuple[str, str]:
    known = {int(reason): reason for reason in Reason}
    zh = [known[code].zh if code in known else f"原因{code}" for code in codes]
    en = [known[code].en if code in known else f"reason {code}" for code in codes]
    return "、".join(zh), ", ".join(en)
