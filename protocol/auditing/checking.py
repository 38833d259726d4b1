"""Whether a report follows from its evidence: made again from that, and compared part by part.

    for check in verify_report(file, read_trust(trust_json), report_json):
        print(check.name, check.level, check.zh)

    package      the file has its exact form
    log          a trusted key signed the head; the entries give its root, and the report's
    people       the agency's root is a trusted one; the office's journals are the office's
    links        every entry has its link, so that nothing was left out of the evidence
    records      every accepted record is signed by whom it names
    findings     none was left out, invented or altered
    parts        counts, devices, officers, units, rates and cases

What the log cannot bear out (which files the server has, which links it refused, when witnesses
saw the log, how many records of others there are) is taken on the server's word and said so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from protocol.auditing import bundle, county
from protocol.auditing.context import context_of
from protocol.auditing.evidence import Evidence
from protocol.casecheck import Check, Level, failed
from protocol.caseread import Flaw, Words
from protocol.casetrust import Trust
from protocol.errors import FujieError, Malformed, UnknownSigner
from protocol.findings import document
from protocol.findings.document import FORMAT, RULES, Json
from protocol.package import Package, ZipPackage
from protocol.registry.registry import OFFICE

TITLES = {
    "package": ("封装", "Packaging"),
    "log": ("日志", "Log"),
    "people": ("机关和人员", "Agency and people"),
    "links": ("链条", "Links"),
    "records": ("记录与签名", "Records and signatures"),
    "findings": ("发现的问题", "Findings"),
    "parts": ("其余各项", "The other parts"),
}
"""Every check's name with its title in Chinese and English, in the order of the answer."""
SHOWN = 5
_NOT_RUN = ("前面的检查不成立，未进行", "not run, because of what failed")
_NEEDED = {"format", "rules", "agency", "as_of", "counts", "log", "devices", "officers"}


def verify_report(file: BinaryIO, trust: Trust, report: bytes | None = None) -> list[Check]:
    """Judge a report, or the one inside the bundle, by a bundle of evidence in a seekable file.
    Never raises for what either holds."""
    judge = _Judge(trust)
    steps: dict[str, Callable[[], Words]] = {
        "package": lambda: judge.package(file, report),
        "log": judge.log,
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
                # Behind the first three a report can be made again, whatever it proves.
                going = name not in ("package", "log", "people")
        checks.append(Check(name, *TITLES[name], level, *words))
    return checks


class _Judge:
    """The steps, each on what the ones before found."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._package: Package
        self._evidence: Evidence
        self._told: Json
        self._made: Json
        self._missing = 0

    def package(self, file: BinaryIO, report: bytes | None) -> Words:
        """Open the file, and read the report that is to be judged."""
        self._package = ZipPackage(file, bundle.BASE)
        data = report if report is not None else bundle.whole(self._package, bundle.REPORT)
        self._told = _document(data)
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
        """The head, the entries, and the size as of which the report speaks."""
        head = self._trust.head(bundle.whole(self._package, bundle.CHECKPOINT))
        self._evidence = evidence = Evidence(self._package, head)
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
            or received > moment.at
            or (not moment.live and later is not None and later < moment.at)
        ):
            raise Flaw(
                "报告的时间与日志收到的时间对不上",
                "the report's time does not fit the times at which the log received its entries",
            )
        if not moment.whole:
            return (
                "日志头有签名，但是日志条目算不出它的根：日志被改动过",
                "the head is signed, but the entries do not give its root: the log was altered",
            )
        words = "the head is signed; {} entries give its root, of which the report speaks of {}"
        return (
            f"日志头有签名；{head.size} 条算出它的根，报告讲的是前 {moment.size} 条",
            words.format(head.size, moment.size),
        )

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
                raise Flaw("证据里有不属于机关的日志", "a journal in the evidence is no office's")
        made = county.report(context_of(evidence, agency))
        self._missing = sum(one["expected"] - one["links"] for one in made["devices"])
        if "scope" in self._told:
            made = document.scoped(made, **_scope(self._told))
        self._made = _document(document.encode(made))
        return (
            f"{known.record.name}，机关根密钥可信",
            f"{known.record.name}, by a root that is trusted",
        )

    def links(self) -> Words:
        """That nothing was left out of the evidence."""
        evidence = self._evidence
        lacking = evidence.uncovered - self._missing
        if lacking > 0:
            raise Flaw(
                f"有 {lacking} 条日志没有对应的链条，证据不全",
                f"{lacking} entries of the log have no link here; the evidence is not whole",
            )
        count, others = evidence.links_held, evidence.withheld
        return (
            f"{count} 环都在；其他机关的 {others} 条记录不在证据里",
            f"all {count} links are here; {others} records of other agencies are not",
        )

    def records(self) -> Words:
        """That who is named as a signer signed."""
        unproved = self._evidence.unproved
        if unproved:
            raise Flaw(
                f"日志接收的 {len(unproved)} 条记录签名不成立：{_some(unproved)}",
                f"no signature holds on {len(unproved)} accepted record(s): {_some(unproved)}",
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
        told, made = _by_id(self._told), _by_id(self._made)
        left = [_named(*made[one]) for one in made if one not in told]
        invented = [_named(*told[one]) for one in told if one not in made]
        altered = [
            f"{_named(*told[one])} ({', '.join(_differing(told[one], made[one]))})"
            for one in told
            if one in made and told[one] != made[one]
        ]
        if left or invented or altered:
            raise Flaw(
                "；".join(
                    f"{words} {len(some)} 项：{_some(some)}"
                    for words, some in (("少了", left), ("凭空多了", invented), ("改了", altered))
                    if some
                ),
                "; ".join(
                    f"{len(some)} {words}: {_some(some)}"
                    for words, some in (
                        ("left out", left), ("not borne out", invented), ("altered", altered),
                    )
                    if some
                ),
            )  # fmt: skip
        return (
            f"{len(told)} 项都由证据得出，一项不少",
            f"all {len(told)} follow, none is left out",
        )

    def parts(self) -> Words:
        """Everything else that the report says."""
        made = self._made
        wrong = [
            name
            for name in sorted({*made, *self._told} - {"log"})
            if _without(made.get(name), name) != _without(self._told.get(name), name)
        ]
        if wrong:
            raise Flaw(f"对不上的部分：{', '.join(wrong)}", f"these differ: {', '.join(wrong)}")
        return (
            "计数、设备、人员、单位、比率和案件都由证据得出",
            "counts, devices, officers, units, rates and cases follow",
        )


def _document(data: bytes) -> Json:
    """A report. Raises Malformed."""
    try:
        read = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        whole: Json = msgspec.json.decode(data)
        found = document.findings_of(whole) if set(read) >= _NEEDED else [("", {})]
        if all(isinstance(x, str) for of, one in found for x in (of, one["id"], one["code"])):
            return whole
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    except (AttributeError, KeyError, TypeError):  # JSON of another form
        pass
    raise Malformed("expected an integrity report in JSON; take it from the server again")


def _scope(told: Json) -> dict[str, Any]:
    """What the report was narrowed to. Raises Malformed."""
    scope = told["scope"]
    if not isinstance(scope, dict):
        raise Malformed("expected an integrity report in JSON; take it from the server again")
    asked: dict[str, Any] = {
        name: str(scope.get(name) or "") for name in ("device", "officer", "unit")
    }
    since, until = scope.get("since"), scope.get("until")
    asked |= {"since": since} if isinstance(since, int) else {}
    return asked | ({"until": until} if isinstance(until, int) else {})


def _by_id(told: Json) -> dict[str, tuple[str, Json]]:
    return {one["id"]: (device, one) for device, one in document.findings_of(told)}


def _named(device: str, one: Json) -> str:
    return f"{device or 'log'} {one['code']} {str(one['id'])[:8]}"


def _differing(told: tuple[str, Json], made: tuple[str, Json]) -> list[str]:
    names = sorted({*told[1], *made[1]})
    return [one for one in names if told[1].get(one) != made[1].get(one)] or ["device"]


def _without(part: object, name: str) -> object:
    """A part without the findings, which are compared by themselves."""
    if name != "devices" or not isinstance(part, list):
        return part
    return [
        {k: v for k, v in one.items() if k != "findings"} if isinstance(one, dict) else one
        for one in part
    ]


def _some(names: list[str]) -> str:
    more = f" … ({len(names)})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
