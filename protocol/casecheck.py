"""The verdict on a case file, check by check, in words that need no program to understand.

    for check in verify_zip(file, read_trust(trust_json)):
        print(check.name, check.level, check.zh)

A check *holds*, *fails*, or *lacks*: nothing in the file is false, but something that belongs
in it is not there. After a failed step the later ones are *not run*, because they would
believe what was not proved. A case file is good when every check holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import BinaryIO

from protocol import caseproofs, casewitness, errors
from protocol.casefile import BASE
from protocol.caseread import CaseReader, Flaw, Words
from protocol.casetrust import Trust
from protocol.errors import FujieError
from protocol.package import Package, ZipPackage


class Level(Enum):
    """How a check came out."""

    HOLDS = "holds"
    LACKS = "lacks"
    FAILS = "fails"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Check:
    """One check: its name for machines, its titles, how it came out and why."""

    name: str
    title_zh: str
    title_en: str
    level: Level
    zh: str
    en: str

    @property
    def ok(self) -> bool:
        """Whether the check holds."""
        return self.level is Level.HOLDS


TITLES = {
    "package": ("封装", "Packaging"),
    "structure": ("目录", "Contents"),
    "manifests": ("清单", "Manifests"),
    "signature": ("案卷签名", "Signature of the file"),
    "checkpoint": ("日志头", "Log head"),
    "keys": ("证书", "Certificates"),
    "links": ("链条", "Chain"),
    "receipts": ("回执", "Receipts"),
    "records": ("陈述与签名", "Statements"),
    "witnesses": ("见证", "Witnesses"),
    "complete": ("完整", "Completeness"),
    "blobs": ("附件", "Attachments"),
    "documents": ("文书", "Documents"),
    "officers": ("两名执法人员", "Two officers"),
    "disclosure": ("公示", "Publication"),
}
"""Every check's name with its title in Chinese and English, in the order of the answer."""

_REASONS_ZH: dict[type[FujieError], str] = {
    errors.TooLarge: "超出长度上限",
    errors.Malformed: "格式不符或者已被改动",
    errors.BadSignature: "签名不成立",
    errors.UnknownSigner: "没有可信的证书说明签名人",
    errors.BadInclusion: "不在日志所说的位置",
    errors.Expired: "证书当时不在有效期内",
    errors.Gap: "链条中间缺环",
    errors.BrokenChain: "链条前后不接",
    errors.Unverified: "不能证实",
    FujieError: "不成立",
}


def verify_zip(file: BinaryIO, trust: Trust) -> list[Check]:
    """Judge a case file in a seekable file. Never raises for what the file holds."""
    try:
        package = ZipPackage(file, BASE)
    except FujieError as fault:
        return _checks({"package": failed(fault)})
    return verify_casefile(package, trust)


def verify_casefile(package: Package, trust: Trust) -> list[Check]:
    """Judge a case file, packed or unpacked: one ``Check`` for each of ``TITLES``."""
    reader = CaseReader(package, trust)
    steps: dict[str, Callable[[], Words]] = {
        "structure": reader.structure,
        "package": reader.stored,
        "manifests": reader.manifests,
        "signature": reader.signature,
        "checkpoint": reader.checkpoint,
        "keys": reader.keys,
        "links": reader.links,
        "receipts": reader.receipts,
        "records": reader.records,
    }
    found: dict[str, tuple[Level, Words]] = {}
    for name, step in steps.items():
        found[name] = _run(step)
        if found[name][0] is not Level.HOLDS:
            return _checks(found)
    found["witnesses"] = _run(partial(casewitness.witnesses, reader))
    for name in ("complete", "blobs", "documents", "officers", "disclosure"):
        proof: Callable[[CaseReader], Words] = getattr(caseproofs, name)
        found[name] = _run(partial(proof, reader))
    return _checks(found)


def holds(checks: list[Check]) -> bool:
    """Whether every check holds."""
    return all(check.ok for check in checks)


def _run(step: Callable[[], Words]) -> tuple[Level, Words]:
    try:
        return Level.HOLDS, step()
    except FujieError as fault:
        return failed(fault)


def failed(fault: FujieError) -> tuple[Level, Words]:
    """How a check came out that raised ``fault``, and why."""
    if isinstance(fault, Flaw):
        return (Level.LACKS if fault.lacking else Level.FAILS), fault.words
    reason = next(_REASONS_ZH[kind] for kind in type(fault).__mro__ if kind in _REASONS_ZH)
    return Level.FAILS, (reason, str(fault))


def _checks(found: dict[str, tuple[Level, Words]]) -> list[Check]:
    not_run = (Level.NOT_RUN, ("前面的检查不成立，未进行", "not run, because of what failed"))
    answer = []
    for name, (title_zh, title_en) in TITLES.items():
        level, (zh, en) = found.get(name, not_run)
        answer.append(Check(name, title_zh, title_en, level, zh, en))
    return answer
