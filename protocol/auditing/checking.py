"""Whether a report follows from its evidence: made again from that, and compared part by part.

    for check in verify_report(file, read_trust(trust_json), report_json):
        print(check.name, check.level, check.zh)

    package      the file has its exact form
    log          a trusted key signed the head; the report speaks of a part of that log
    entries      the entries give the head's root
    witnesses    as many as the reader asks for have seen what the report speaks of
    people       the agency's root is a trusted one; the office's journals are the office's
    links        every entry has its link, so that nothing was left out of the evidence
    records      every accepted record is signed by whom it names
    findings     none was left out, invented or altered
    parts        counts, devices, officers, units, rates and cases, and the order of all

What the log cannot bear out (which files the server has, which links it refused, when witnesses
saw the log, how many records of others there are) is taken on the server's word and said so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from protocol.auditing import bundle, comparing, county
from protocol.auditing.context import context_of
from protocol.auditing.evidence import Evidence
from protocol.casecheck import Check, Level, failed
from protocol.caseread import Flaw, Words
from protocol.casetrust import Trust
from protocol.casewitness import moment as time_of
from protocol.checkpoint import Checkpoint, open_note
from protocol.errors import FujieError, UnknownSigner
from protocol.findings import document
from protocol.findings.document import FORMAT, RULES, Json
from protocol.findings.finding import some as said_of
from protocol.package import Package, ZipPackage
from protocol.registry.registry import OFFICE
from protocol.witness import Cosignature

Cosigned = tuple[tuple[Cosignature, ...], Checkpoint | None]
TITLES = {
    "package": ("封装", "Packaging"),
    "log": ("日志", "Log"),
    "entries": ("日志条目", "Entries"),
    "witnesses": ("见证", "Witnesses"),
    "people": ("机关和人员", "Agency and people"),
    "links": ("链条", "Links"),
    "records": ("记录与签名", "Records and signatures"),
    "findings": ("发现的问题", "Findings"),
    "parts": ("其余各项", "The other parts"),
}
"""Every check's name with its title in Chinese and English, in the order of the answer."""
_NOT_RUN = ("前面的检查不成立，未进行", "not run, because of what failed")


def verify_report(file: BinaryIO, trust: Trust, report: bytes | None = None) -> list[Check]:
    """Judge a report, or the one inside the bundle, by a bundle of evidence in a seekable file.
    Never raises for what either holds."""
    judge = _Judge(trust)
    steps: dict[str, Callable[[], Words]] = {
        "package": lambda: judge.package(file, report),
        "log": judge.log,
        "entries": judge.entries,
        "witnesses": judge.witnesses,
        "people": judge.people,
        "links": judge.links,
        "records": judge.records,
        "findings": judge.findings,
        "parts": judge.parts,
    }
    checks, going = [], True
    for name, step in steps.items():
        level, words = Level.NOT_RUN, _NOT_RUN
        if going:
            try:
                level, words = Level.HOLDS, step()
            except FujieError as fault:
                level, words = failed(fault)
                # Where these hold a report can be made again, whatever it proves.
                going = name not in ("package", "log", "people")
        checks.append(Check(name, *TITLES[name], level, *words))
    return checks


class _Judge:
    """The steps, each on what the ones before found."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._package: Package
        self._evidence: Evidence
        self._bytes: bytes
        self._told: Json
        self._made: Json
        self._seen: Cosigned = ((), None)
        self._missing = 0

    def package(self, file: BinaryIO, report: bytes | None) -> Words:
        """Open the file, and read the report that is to be judged."""
        self._package = ZipPackage(file, bundle.BASE)
        data = report if report is not None else bundle.whole(self._package, bundle.REPORT)
        self._bytes, self._told = data, comparing.read(data)
        if (self._told["format"], self._told["rules"]) != (FORMAT, RULES):
            raise Flaw(
                f"报告的格式是 {self._told['format']}、规则是第 {self._told['rules']} 版，"
                f"本程序是 {FORMAT}、第 {RULES} 版",
                f"the report is {self._told['format']}, rules {self._told['rules']}; this program "
                f"makes {FORMAT}, rules {RULES}: use the program of that version",
                lacking=True,
            )
        return "格式正确", "the file has its exact form"

    def log(self) -> Words:
        """The head, and the size as of which the report speaks."""
        head = self._trust.head(bundle.whole(self._package, bundle.CHECKPOINT))
        self._seen = self._cosigned()
        self._evidence = evidence = Evidence(self._package, head, self._seen[1])
        moment, told = evidence.moment, self._told["as_of"]
        if told != {"size": moment.size, "root": moment.root.hex(), "at": moment.at}:
            raise Flaw(
                "报告所说的日志大小、根或者时间，与证据的不一致",
                "the report names another size, root or time than the evidence",
            )
        received = evidence.received_at(moment.size - 1) or 0
        later = evidence.received_at(moment.size)
        if (
            moment.size > head.size
            or (moment.live and moment.size < head.size)
            or received > moment.at
            or (later is not None and later < moment.at)
        ):
            raise Flaw(
                "报告的时间与日志收到的时间对不上",
                "the report's time does not fit the times at which the log received its entries",
            )
        end = time_of(received)
        return (
            f"日志头有签名；报告讲的是{head.size}条中的前{moment.size}条，末条收于{end}",
            f"the report speaks of {moment.size} of the {head.size} entries, last {end}",
        )

    def entries(self) -> Words:
        """That the log is here as it was signed."""
        if not self._evidence.moment.whole:
            raise Flaw(
                "日志条目算不出日志头的根：日志或者证据被改动过，以下各项只是由这些条目得出",
                "the entries do not give the head's root: the log or this evidence was altered; "
                "what is said below follows from these entries and from no signed log",
                lacking=True,
            )
        size = self._evidence.head.size
        return f"{size}条算出日志头的根", f"{size} entries give the root of the head"

    def witnesses(self) -> Words:
        """By when others than the log's operator had seen what the report speaks of."""
        found, seen = self._seen
        asked, size = self._trust.policy.quorum, self._evidence.moment.size
        if seen is not None and self._evidence.seen_root != seen.root:
            raise Flaw(
                "见证人联署的日志头，这些条目算不出来",
                "witnesses cosigned a head that these entries do not give",
            )
        if seen is None or not found:
            words = ("没有要求见证人", "no witness is asked for")
        else:
            end = time_of(max(one.at for one in found))
            words = (
                f"{len(found)}个见证人最迟在{end}见过前{seen.size}条",
                f"{len(found)} witness(es) had seen the first {seen.size} entries by {end}",
            )
        if len(found) < asked or (asked and seen is not None and seen.size < size):
            raise Flaw(
                f"要求{asked}个见证人见过前{size}条，证据里是{len(found)}个，见过前"
                f"{seen.size if seen else 0}条",
                f"{asked} witness(es) are asked for that saw the first {size} entries; there are "
                f"{len(found)}, of {seen.size if seen else 0} entries",
                lacking=True,
            )
        return words

    def _cosigned(self) -> Cosigned:
        """The newest head that witnesses of the reader's saw, and who they are."""
        if bundle.WITNESSED not in self._package.names():
            return (), None
        data = bundle.whole(self._package, bundle.WITNESSED)
        head = self._trust.head(data)
        return self._trust.policy.cosignatures(open_note(data, self._trust.keys)), head

    def people(self) -> Words:
        """Whose report it is, by a root that the reader trusts."""
        evidence = self._evidence
        agency, registry = evidence.facts.agency, evidence.registry()
        known, trusted = registry.agencies.get(agency), self._trust.roots.get(agency, ())
        if known is None or self._told["agency"] != agency or not set(known.roots) & {*trusted}:
            raise UnknownSigner(
                "no trusted root for agency {agency}; ask the agency for its root key",
                agency=agency,
            )
        for journal in evidence.offices:
            device = registry.device_of_journal(journal)
            if device is None or device.name != OFFICE:
                raise Flaw("证据里有不属于机关的流水", "a journal in the evidence is no office's")
        made = county.report(context_of(evidence, agency))
        self._missing = sum(one["expected"] - one["links"] for one in made["devices"])
        if "scope" in self._told:
            made = document.scoped(made, **comparing.scope(self._told))
        self._made = comparing.read(document.encode(made))
        return (
            f"{known.record.name}，机关根密钥可信",
            f"{known.record.name}, by a root that is trusted",
        )

    def links(self) -> Words:
        """That nothing was left out of the evidence."""
        evidence = self._evidence
        if evidence.lacks_reference:
            raise Flaw(
                "当时最新一版名册、事项和模板不在证据里，案件和期限判断不了",
                "the reference data that were out are not in the evidence: cases and terms cannot "
                "be judged",
                lacking=True,
            )
        lacking = evidence.uncovered - self._missing
        if lacking > 0:
            raise Flaw(
                f"有 {lacking} 条日志没有对应的链条，证据不全",
                f"{lacking} entries of the log have no link here; the evidence is not whole",
            )
        count, others = evidence.links_held, evidence.withheld
        return (
            f"{count}环都在；其中{others}环的内容不在，中心说是其他机关的",
            f"all {count} links are here; of {others} not the content: others', the server says",
        )

    def records(self) -> Words:
        """That who is named as a signer signed."""
        unproved = self._evidence.unproved
        if unproved:
            some, counted = comparing.some(unproved), said_of(len(unproved), "accepted record")
            raise Flaw(
                f"日志接收的 {len(unproved)} 条记录签名不成立：{some}",
                f"no signature holds on {counted}: {some}",
            )
        files, count = len(self._evidence.facts.held), self._evidence.statements_held
        zh = f"{count} 条记录的签名成立；{files} 个文件在不在、见证时间、拒收的链条，以中心的话为准"
        en = (
            f"the signatures of {count} records hold; whether {files} files are there, when "
            "witnesses saw the log and what was refused rests on the server's own word"
        )
        return zh, en

    def findings(self) -> Words:
        """Which of them follow."""
        return comparing.findings(self._told, self._made)

    def parts(self) -> Words:
        """Everything else that the report says, and in which order."""
        return comparing.parts(self._told, self._made, self._bytes)
