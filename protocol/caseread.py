"""Reading a case file, step by step, each step believing only what the last one proved.

    structure    nothing but the files that ``casefile.py`` names, each within its bound
    package      every stored byte is the one that was stored
    manifests    what is listed is what is here, and the other way round
    signature    the log's key signed exactly this list, for this case
    checkpoint   the log's key signed the head that all receipts lead to
    keys         each key's certificate leads to an agency root that the reader trusts
    links        each journal's links follow one another without a gap
    receipts     the log admitted each link, in this order, and said when
    records      each statement is the one that its link names, signed by keys with certificates

``CaseReader`` has one method for each. A step returns what it found as words in Chinese and
English, or raises ``Flaw`` or another FujieError; then no later step may run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol import bag, casefile, chain, envelope, statements
from protocol.calendar import local_day
from protocol.casekeys import Holder, read_keys, signers_of
from protocol.casetrust import Trust
from protocol.chain import Link
from protocol.checkpoint import Checkpoint, open_note
from protocol.errors import FujieError, Malformed, TooLarge, UnknownSigner
from protocol.package import Package
from protocol.receipt import MAX_RECEIPT, Entry, Receipt, verify_receipt
from protocol.statements import Statement, Unknown

Words = tuple[str, str]
"""What a check has to say, in Chinese and in English."""

_RECORD = re.compile(r"data/records/([0-9]{6})(\.link|\.tlog-proof|\.dsse\.json)")
_BLOB = re.compile(r"data/blobs/[0-9a-f]{64}")
_AGENCY = re.compile(rb"Source-Organization: (\S+)\n\Z")

_FIXED = {
    bag.DECLARATION: 1 << 10,
    bag.INFO: 1 << 12,
    bag.PAYLOAD: 1 << 29,
    bag.TAGS: 1 << 12,
    casefile.NOTE: 1 << 14,
    casefile.CHECKPOINT: 1 << 17,
    casefile.KEYS: 1 << 24,
}
_PER_RECORD = {
    casefile.LINK: chain.LINK_SIZE,
    casefile.RECEIPT: MAX_RECEIPT,
    casefile.STATEMENT: envelope.MAX_JSON,
}


class Flaw(FujieError):
    """A check that does not hold, in Chinese and English. ``lacking``: nothing here is false,
    but something that belongs here is not."""

    def __init__(self, zh: str, en: str, *, lacking: bool = False) -> None:
        super().__init__("{zh} {en}", zh=zh, en=en)
        self.words: Words = (zh, en)
        self.lacking = lacking


@dataclass
class Item:
    """One numbered link with all that belongs to it, as far as it is proved."""

    number: int
    link: Link
    has_statement: bool
    entry: Entry | None = None
    statement: Statement | Unknown | None = None
    body: bytes = b""
    signers: tuple[Holder, ...] = ()
    unchecked: tuple[Holder, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether the server doubted form or signature when it admitted this record. That it
        came after its link, or that its kind was not known yet, is nothing against it when it
        is here and can be read: the entry commits to its hash."""
        return self.entry is not None and self.entry.doubted


@dataclass
class CaseReader:
    """The state of one reading. Call the steps in the order of the module's text."""

    package: Package
    trust: Trust
    digests: dict[str, bytes] = field(default_factory=dict)
    case: bytes = b""
    agency: str = ""
    built_at: int = 0
    lost_since: int | None = None
    head: Checkpoint | None = None
    head_bytes: bytes = b""
    holders: dict[bytes, Holder] = field(default_factory=dict)
    named: set[bytes] = field(default_factory=set)
    items: list[Item] = field(default_factory=list)
    tag: bytes = b""

    def structure(self) -> Words:
        """Names and sizes alone; nothing is read yet."""
        names = self.package.names()
        for name in names:
            bound = _bound_of(name)
            if bound is None:
                raise Flaw(f"有不该在这里的文件：{name}", f"{name} does not belong in a case file")
            if self.package.size(name) > bound:
                raise TooLarge("expected at most {bound} bytes in {name}", bound=bound, name=name)
        present = set(names)
        numbers = sorted({int(found[1]) for name in names if (found := _RECORD.fullmatch(name))})
        stems = [f"{casefile.RECORDS}{number:06}" for number in range(len(numbers))]
        wanted = {*_FIXED, *(s + suffix for s in stems for suffix in (".link", ".tlog-proof"))}
        missing = sorted(wanted - present) or ([] if stems else [casefile.RECORDS])
        if missing or numbers != list(range(len(numbers))):
            lost = (missing or ["data/records/"])[0]
            raise Flaw(f"缺少文件：{lost}", f"{lost} is missing")
        for number, stem in enumerate(stems):
            link = chain.decode_link(self._read(stem + casefile.LINK))
            self.items.append(Item(number, link, stem + casefile.STATEMENT in present))
        return f"{len(names)} 个文件，名称都合规", f"{len(names)} files, all of known names"

    def stored(self) -> Words:
        """Read every byte once."""
        total = 0
        for name in self.package.names():
            digest = hashlib.sha256()
            for chunk in self.package.chunks(name):
                digest.update(chunk)
                total += len(chunk)
            self.digests[name] = digest.digest()
        return f"共 {total} 字节，封装无改动", f"{total} bytes, packed as they must be"

    def manifests(self) -> Words:
        """Compare both manifests with what was read."""
        payload = {n: d for n, d in self.digests.items() if n.startswith("data/")}
        _expect_same(bag.read_manifest(self._read(bag.PAYLOAD)), payload)
        tags = {n: self.digests[n] for n in (bag.DECLARATION, bag.INFO, bag.PAYLOAD)}
        _expect_same(bag.read_manifest(self._read(bag.TAGS)), tags)
        if self._read(bag.DECLARATION) != bag.BAGIT:
            raise Malformed("expected a bag of version 1.0 in UTF-8")
        return f"{len(payload)} 个文件与清单一致", f"{len(payload)} files match the manifest"

    def signature(self) -> Words:
        """The note over the tag manifest, and the bag's own description."""
        note = open_note(self._read(casefile.NOTE), self.trust.keys)
        if note.unverified:
            raise UnknownSigner("expected signatures by the log alone on the case file's note")
        self.case, digest, self.built_at = casefile.read_note_text(note.text)
        self.lost_since = self.trust.lost_since(note)
        if digest != self.digests[bag.TAGS]:
            raise Flaw("签名签的是另一份清单", "the signature is over another manifest")
        described = self._read(bag.INFO)
        named = _AGENCY.search(described)
        self.agency = named[1].decode("utf-8", "replace") if named else ""
        sizes = [self.package.size(n) for n in self.digests if n.startswith("data/")]
        day = local_day(self.built_at)
        if described != bag.info(self.case, self.agency, day, sum(sizes), len(sizes)):
            raise Malformed("expected bag-info.txt to describe this bag")
        return (
            f"{self.trust.origin} 于 {day.isoformat()} 签发，案件编号 {self.case.hex()[:16]}…",
            f"signed by {self.trust.origin} on {day.isoformat()} for case {self.case.hex()[:16]}…",
        )

    def checkpoint(self) -> Words:
        """The log's signed head."""
        self.head_bytes = self._read(casefile.CHECKPOINT)
        self.head = self.trust.head(self.head_bytes, self.lost_since)
        size = self.head.size
        return f"日志当时有 {size} 条", f"the log held {size} entries at that time"

    def keys(self) -> Words:
        """Certificates up to the agency roots."""
        self.holders = read_keys(self._read(casefile.KEYS), self.trust.roots)
        count = len(self.holders)
        return (
            f"{count} 把密钥，证书都通到受信的机关根密钥",
            f"{count} keys, each certified up to a trusted agency root",
        )

    def links(self) -> Words:
        """The chain of each journal."""
        heads: dict[bytes, chain.Head] = {}
        for item in self.items:
            link = item.link
            head = heads.get(link.journal, chain.Head(link.sequence, link.previous))
            heads[link.journal] = chain.advance(head, link)
        count = len(self.items)
        return (
            f"{len(heads)} 本流水共 {count} 环，环环相接",
            f"{count} links in {len(heads)} journals, none missing in between",
        )

    def receipts(self) -> Words:
        """The log's word for each link."""
        last = -1
        for item in self.items:
            receipt = Receipt.decode(self._read(f"{_stem(item)}{casefile.RECEIPT}"))
            if receipt.index <= last or receipt.checkpoint_bytes != self.head_bytes:
                raise Flaw(
                    f"第 {item.number} 环的回执次序或日志头不符",
                    f"the receipt of link {item.number} is out of order or under another head",
                )
            link = item.link
            verify_receipt(receipt, link.hash(), link.record, self.trust.keys, self.trust.origin)
            item.entry, last = receipt.entry, receipt.index
        return f"{len(self.items)} 份回执都成立", f"{len(self.items)} receipts hold"

    def records(self) -> Words:
        """Statements, signatures, the case's tag."""
        with_statement = [item for item in self.items if item.has_statement]
        for item in with_statement:
            self._record(item)
        opening = next((i for i in with_statement if i.link.record == self.case), None)
        if opening is None or opening.statement is None:
            raise Flaw("缺少立起本案的记录", "the record that opened the case is missing")
        self.tag = chain.case_tag(bytes.fromhex(opening.statement.salt), self.case)
        if opening.statement.agency != self.agency:
            raise Flaw("机关与案卷所写不符", "the case belongs to another agency")
        for item in with_statement:
            self._expect_tag(item)
        if surplus := self.holders.keys() - self.named:
            raise Flaw("有没有用到的密钥", f"key {min(surplus).hex()} signed nothing here")
        return _signed([item for item in with_statement if not item.flagged])

    def read_blob(self, sha256: str, bound: int) -> bytes:
        """A small blob's bytes. Raises TooLarge, or Flaw where it is not here."""
        name = casefile.BLOBS + sha256
        if name not in self.digests:
            raise Flaw(f"缺少附件 {sha256}", f"blob {sha256} is missing", lacking=True)
        if self.package.size(name) > bound:
            raise TooLarge("expected at most {bound} bytes in {name}", bound=bound, name=name)
        return self._read(name)

    def _read(self, name: str) -> bytes:
        return b"".join(self.package.chunks(name))

    def _record(self, item: Item) -> None:
        data = self._read(f"{_stem(item)}{casefile.STATEMENT}")
        signed = envelope.decode_json(data)
        same_form = envelope.encode_json(signed) == data
        if not same_form or signed.payload_type != envelope.STATEMENT_TYPE:
            raise Malformed("expected statement {number} in its one form", number=item.number)
        if envelope.record_hash(signed) != item.link.record:
            raise Flaw(
                f"第 {item.number} 号陈述不是该环所指的那一份",
                f"statement {item.number} is not the one that its link names",
            )
        self.named |= {made.key_id for made in signed.signatures}
        if item.flagged:
            return  # the log already says that it may not hold; ``complete`` reports it
        said = statements.decode(signed.body)
        found = signers_of(signed, said.agency, said.at, self.holders)
        item.statement, item.body = said, signed.body
        item.signers, item.unchecked = found.verified, found.unchecked

    def _expect_tag(self, item: Item) -> None:
        if item.statement is None:
            return
        ours = item.link.record == self.case or item.statement.case == self.case.hex()
        expected = self.tag if ours else chain.NO_CASE
        foreign = not ours and item.statement.case is not None
        if foreign or item.link.case_tag != expected:
            raise Flaw(
                f"第 {item.number} 号陈述不属于本案",
                f"statement {item.number} belongs to another case",
            )


def _signed(items: list[Item]) -> Words:
    """What may be said of signatures: those that could not be checked here count for nobody."""
    if blind := [item.number for item in items if not item.signers]:
        raise Flaw(
            f"第 {blind[0]} 号等 {len(blind)} 份陈述只有本机不能校验的签名（见 fujie[sm]）",
            f"{len(blind)} statements, {blind[0]} the first, bear only signatures that cannot be "
            "checked here (see fujie[sm])",
            lacking=True,
        )
    held, unchecked = len(items), sum(len(item.unchecked) for item in items)
    if not unchecked:
        return f"{held} 份陈述，签名都成立", f"{held} statements, every signature holds"
    return (
        f"{held} 份陈述，能校验的签名都成立；{unchecked} 个签名的算法本机没有，未计入任何人",
        f"{held} statements, every signature holds but {unchecked} that are of a suite not here",
    )


def _stem(item: Item) -> str:
    return f"{casefile.RECORDS}{item.number:06}"


def _bound_of(name: str) -> int | None:
    """The most bytes that a file of this name may have; None for a name that may not be."""
    if found := _RECORD.fullmatch(name):
        return _PER_RECORD[found[2]]
    return 1 << 48 if _BLOB.fullmatch(name) else _FIXED.get(name)


def _expect_same(listed: Mapping[str, bytes], found: Mapping[str, bytes]) -> None:
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            raise Flaw(f"清单列有而此处没有：{name}", f"{name} is listed and not here")
        if name not in listed:
            raise Flaw(f"清单没有列出：{name}", f"{name} is here and not listed")
        if listed[name] != found[name]:
            raise Flaw(f"内容与清单不符：{name}", f"{name} is not what the manifest says")
