"""What a proved case file must hold within: one function for each check, in any order.

    complete     every link of the case brings its statement, and the server had no doubts
    blobs        every blob that a statement names is here with its bytes, and no other
    documents    each document's text opens the commitments that were signed
    officers     each decision is signed by two officers with keys of their own
    disclosure   each publication is signed by two persons, and says of each piece whether it
                 is shown

Each takes a ``CaseReader`` whose steps all held, and returns words or raises ``Flaw``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from protocol import casefile, redaction
from protocol.calendar import local_day
from protocol.casekeys import Holder
from protocol.caseread import CaseReader, Flaw, Item, Words
from protocol.statements import (
    BlobRef,
    DecisionMade,
    DisclosureCorrected,
    DisclosurePublished,
    DocumentIssued,
    EvidenceAdopted,
    Segment,
    Statement,
    Unknown,
)

K = TypeVar("K", bound=Statement)


def complete(reader: CaseReader) -> Words:
    """Report what the case's own links promise and the file does not bring."""
    flagged = [item.number for item in reader.items if item.has_statement and item.flagged]
    if flagged:
        raise Flaw(
            f"日志存疑接收的记录：第 {_numbers(flagged)} 号",
            f"records that the log admitted with doubts: {_numbers(flagged)}",
            lacking=True,
        )
    ours = [item for item in reader.items if item.link.case_tag == reader.tag]
    bare = [item.number for item in ours if not item.has_statement]
    if bare:
        raise Flaw(
            f"有环而无陈述（留置、损毁或者已销毁）：第 {_numbers(bare)} 号",
            f"links without their statement (held back, damaged or erased): {_numbers(bare)}",
            lacking=True,
        )
    others = len(reader.items) - len(ours)
    unread_zh, unread_en = _unread(reader)
    adopted_zh, adopted_en = _adopted(reader, ours)
    zh = f"本案 {len(ours)} 环都有陈述，另有 {others} 环属其他事项"
    en = f"all {len(ours)} links of the case have statements; {others} concern other matters"
    return zh + unread_zh + adopted_zh, en + unread_en + adopted_en


def _adopted(reader: CaseReader, ours: list[Item]) -> Words:
    """Which records came by an export that a registrar let in, and not by the device itself."""
    zh = en = ""
    for item, said in _of(reader, EvidenceAdopted):
        brought = [
            one.number
            for one in ours
            if one.link.journal.hex() == said.journal
            and said.first <= one.link.sequence <= said.last
        ]
        if not brought:
            continue
        names = "、".join(sorted({signer.person for signer in item.signers}))
        day = local_day(said.at).isoformat()
        zh += f"；第 {_numbers(brought)} 号由{names}于{day}从设备导出采纳（{said.reason}）"
        en += (
            f"; {_numbers(brought)} adopted from the device's export by {names} on {day} "
            f"({said.reason})"
        )
    return zh, en


def blobs(reader: CaseReader) -> Words:
    """Compare what statements name with what is here."""
    named: dict[str, int] = {}
    for item in reader.items:
        if item.body:
            named |= {one.sha256: one.size for one in casefile.blobs_named(item.body)}
    here = {
        name.removeprefix(casefile.BLOBS): digest
        for name, digest in reader.digests.items()
        if name.startswith(casefile.BLOBS)
    }
    for sha256, size in sorted(named.items()):
        if sha256 not in here:
            raise Flaw(f"缺少附件 {sha256}", f"blob {sha256} is missing", lacking=True)
        if reader.package.size(casefile.BLOBS + sha256) != size:
            raise Flaw(f"附件 {sha256} 长度不符", f"blob {sha256} has another length")
    for sha256, digest in sorted(here.items()):
        if digest.hex() != sha256:
            raise Flaw(f"附件 {sha256} 内容不符", f"blob {sha256} has another content")
        if sha256 not in named:
            raise Flaw(f"附件 {sha256} 无陈述提及", f"no statement names blob {sha256}")
    return f"{len(named)} 个附件齐全，内容相符", f"all {len(named)} blobs are here and unchanged"


def documents(reader: CaseReader) -> Words:
    """Open the content of each document, and of each decision of the office, and compare it with
    the signed commitments."""
    count = 0
    for item, made in _of(reader, DecisionMade):
        count += 1
        _expect_text(reader, item, made.text, made.segments, made.root)
    for item, issued in _of(reader, DocumentIssued):
        count += 1
        _expect_text(reader, item, issued.content, issued.segments, issued.root)
        if any(act.over != issued.root for act in (issued.party_act, *issued.officer_acts)):
            raise Flaw(
                f"第 {item.number} 号文书有签名签的是另一份正文",
                f"a hand on document {item.number} signed another text",
            )
    return f"{count} 份文书的正文与所签一致", f"{count} documents open to the text that was signed"


def _expect_text(
    reader: CaseReader, item: Item, text: BlobRef, segments: list[Segment], root: str
) -> None:
    content = redaction.decode_content(reader.read_blob(text.sha256, redaction.MAX_CONTENT))
    same = redaction.segments(content) == segments
    if not same or redaction.content_root(content).hex() != root:
        raise Flaw(
            f"第 {item.number} 号文书的正文与所签不符",
            f"the text of document {item.number} is not what was signed",
        )


def officers(reader: CaseReader) -> Words:
    """Two persons by certificate and by key (APL 42)."""
    count = 0
    for item, issued in _of(reader, DocumentIssued):
        if issued.decision is None:
            continue
        count += 1
        if _persons(item.signers, "officer") > 1:
            continue
        if _persons(item.signers + item.unchecked, "officer") > 1:
            raise Flaw(
                f"第 {item.number} 号决定两名执法人员的签名，本机不能都校验（见 fujie[sm]）",
                f"not both officers' signatures on decision {item.number} can be checked here "
                "(see fujie[sm])",
                lacking=True,
            )
        raise Flaw(
            f"第 {item.number} 号决定没有两名执法人员签名",
            f"decision {item.number} is not signed by two officers",
        )
    return f"{count} 份决定都有两名执法人员签名", f"{count} decisions, each signed by two officers"


def disclosure(reader: CaseReader) -> Words:
    """Two persons of the office, and a word on every piece of the decision's text; the same of
    what a publication was corrected to."""
    issued = {item.link.record.hex(): one for item, one in _of(reader, DocumentIssued)}
    count = 0
    told: list[tuple[Item, DisclosurePublished | DisclosureCorrected]] = [
        *_of(reader, DisclosurePublished),
        *_of(reader, DisclosureCorrected),
    ]
    for item, published in told:
        count += 1
        if _persons(item.signers, "staff") < 2:
            raise Flaw(
                f"第 {item.number} 号公示没有两人签名",
                f"publication {item.number} is not signed by two persons",
            )
        document = issued.get(published.issued)
        if document is None:
            raise Flaw(
                f"第 {item.number} 号公示所指的文书不在本案卷",
                f"the document of publication {item.number} is not in this file",
                lacking=True,
            )
        names = [*published.shown, *(mask.name for mask in published.masked)]
        if sorted(names) != sorted(segment.name for segment in document.segments):
            raise Flaw(
                f"第 {item.number} 号公示没有逐段说明公开或者遮盖",
                f"publication {item.number} does not say of each piece whether it is shown",
            )
    return f"{count} 次公示都由两人签名", f"{count} publications, each signed by two persons"


def _of(reader: CaseReader, kind: type[K]) -> Iterator[tuple[Item, K]]:
    for item in reader.items:
        if isinstance(item.statement, kind):
            yield item, item.statement


def _persons(signers: tuple[Holder, ...], kind: str) -> int:
    """How many different persons of this kind signed: people are not counted by key alone."""
    signed = [holder for holder in signers if holder.kind == kind]
    by_key = {holder.verifier.public_key for holder in signed}
    return min(len(by_key), len({holder.person for holder in signed}))


def _unread(reader: CaseReader) -> Words:
    """What this program keeps and proves without understanding it."""
    unread = [item.number for item in reader.items if isinstance(item.statement, Unknown)]
    if not unread:
        return "", ""
    numbers = _numbers(unread)
    return (
        f"；第 {numbers} 号签名成立，内容本程序暂不能识读，请用新版程序查看",
        f"; the signatures of {numbers} hold, a newer program can read what they say",
    )


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown if len(numbers) <= 20 else f"{shown}, … ({len(numbers)})"
