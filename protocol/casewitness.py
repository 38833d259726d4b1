"""What the witnesses of a log's head say of a case file: an independent time.

    ✓ 见证 [witnesses]: 2个见证人（w1.example、w2.example）最迟在2026-11-18 11:00:05见过日志头…

The log's own times are its own word. A cosignature is somebody else's: by then the head was
there, with every record under it, and it continued all that this witness had seen before.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from protocol.caseread import CaseReader, Flaw, Words
from protocol.checkpoint import open_note

_LOCAL = timezone(timedelta(hours=8))


def witnesses(reader: CaseReader) -> Words:
    """By when the head was seen by others than the log's operator. Whether that is asked for is
    for the reader's trust to say."""
    policy = reader.trust.policy
    found = policy.cosignatures(open_note(reader.head_bytes, reader.trust.keys))
    if len(found) < policy.quorum:
        raise Flaw(
            f"要求{policy.quorum}个见证人，日志头上有{len(found)}个的联署",
            f"{policy.quorum} witnesses are asked for, {len(found)} have cosigned the head",
            lacking=True,
        )
    seen = policy.time(found)
    if seen is None:
        return (
            "没有要求见证人，收到的时间只有日志自己说",
            "no witness is asked for: the log alone says when",
        )
    names = "、".join(one.witness.name for one in found)
    when = moment(seen)
    zh = f"{len(found)}个见证人（{names}）；最迟在{when}已见过这个日志头，其中的记录都不晚于此时"
    en = f"{len(found)} witnesses ({names}) had seen this head by {when}: no record in it is later"
    return zh, en


def moment(at: int) -> str:
    """A time in ms as people in UTC+8 read it."""
    return datetime.fromtimestamp(at / 1000, _LOCAL).strftime("%Y-%m-%d %H:%M:%S")
