"""The journal itself: forked, closed by the office, adopted from an export."""

from collections.abc import Iterator

from protocol import chain
from protocol.errors import FujieError
from protocol.findings.finding import (
    RECORDED,
    Evidence,
    Finding,
    Reading,
    Severity,
    day_time,
    some,
    span,
)


def forked(reading: Reading) -> Iterator[Finding]:
    """``forked``: links were refused that contradict the ones held, and the journal goes on as if
    nothing had happened; each pair is proof by itself."""
    proofs = list(_proofs(reading))
    if not proofs or reading.facts.closed is not None:
        return
    place, held, refused = proofs[0]
    zh, en = span(place, place)
    yield Finding(
        "forked",
        Severity.ACT,
        f"这本流水从{zh}起有两个分支，另一支的{len(proofs)}环没有收，留作证据。",
        f"This journal has two branches from {en} on; refused, and kept as evidence: "
        f"{some(len(proofs), 'link')} of the other.",
        None,
        (
            Evidence("中心保存的一环", "link held", held.hex()),
            Evidence("与它矛盾的一环", "link that contradicts it", refused.hex()),
        ),
        RECORDED,
        "请比对两个分支，再由名册管理员关闭这本流水；平板会开新的流水，把没有收到的记录接在那里。",
        "Compare the branches and have the registrar close this journal; the tablet opens another "
        "and links there what was not received.",
        spans=((place, place),),
    )


def closed(reading: Reading) -> Iterator[Finding]:
    """``journal_closed``: the office closed it; what the device states since is in the next."""
    said = reading.facts.closed
    if said is None:
        return
    zh, en = day_time(said.at)
    yield Finding(
        "journal_closed",
        Severity.WATCH,
        f"机关于{zh}关闭了设备的一本流水，共{said.length}环。原因：{said.reason}。",
        f"The office closed a journal of this device on {en}, of {said.length} links. "
        f"Reason: {said.reason}.",
        said.at,
        (
            Evidence("关闭的流水", "journal closed", said.journal),
            Evidence("末环", "its last link", said.head),
            Evidence("接续的流水", "journal that follows", said.successor or "—"),
        ),
        RECORDED,
        "没有要处理的；两本流水都要保存。",
        "Nothing to do; both journals are kept.",
    )


def adopted(reading: Reading) -> Iterator[Finding]:
    """``adopted``: links that a registrar let in from the device's export."""
    for said, by in reading.facts.adopted:
        (zh, en), (day_zh, day_en) = span(said.first, said.last), day_time(said.at)
        yield Finding(
            "adopted",
            Severity.WATCH,
            f"{zh}由{by}于{day_zh}从设备的导出采纳，不是设备自己上传的。原因：{said.reason}。",
            f"{en} {'was' if said.first == said.last else 'were'} adopted from the "
            f"device's export by {by} on {day_en}, not sent by the device. Reason: {said.reason}.",
            said.at,
            (
                Evidence("流水", "journal", said.journal),
                Evidence("导出文件", "export", said.export.sha256),
            ),
            RECORDED,
            "没有要处理的；导出文件要一并保存。",
            "Nothing to do; the export is kept as well.",
            spans=((said.first, said.last),),
            subject=said.export.sha256,
        )


def _proofs(reading: Reading) -> Iterator[tuple[int, bytes, bytes]]:
    """Refused links of this journal that contradict a held one: place, held, refused."""
    for data in reading.facts.refused:
        try:
            link = chain.decode_link(data)
        except FujieError:
            continue
        for at in (link.sequence, link.sequence - 1):
            held = reading.links.get(at)
            if held is None:
                continue
            try:
                yield chain.check_fork(held.encode(), data), held.encode(), data
            except FujieError:
                continue
            break
