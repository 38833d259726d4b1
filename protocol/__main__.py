"""``fujie-verify``: check a case file with no server, trusting nobody but ``--trust``.

fujie-verify case.zip --trust trust.json
fujie-verify case.zip --trust trust.json --lang en
fujie-verify case.zip --trust trust.json --json | jq .holds
fujie-verify --evidence alarm.json --trust trust.json
fujie-verify --bundle evidence.zip --report report.json --trust trust.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unicodedata import category

import msgspec

from protocol.auditing.checking import verify_report
from protocol.casecheck import Check, Level, holds, verify_casefile, verify_zip
from protocol.casetrust import Trust, read_trust
from protocol.errors import FujieError, Malformed
from protocol.misbehaviour import misbehaviour, read_evidence
from protocol.package import CHUNK

HOLDS, REFUSED, UNREADABLE = 0, 1, 2

_MARKS = {Level.HOLDS: "✓", Level.LACKS: "?", Level.FAILS: "✗", Level.NOT_RUN: "-"}
_CASE_FILE, _REPORT = ("案卷", "The case file"), ("报告", "The report")
_EPILOG = """\
trust.json names the log and the agencies that you believe, from a source of your own:
  {"log": "log.example/fujie+0a1b2c3d+AbCd…", "roots": {"<agency id>": "<public key, hex>"}}
and, if witnesses must have seen the log's head: "witnesses": ["w1.example+…"], "quorum": 1

exit status:
  0  every check holds; or the evidence proves that the log told two stories
  1  a check fails, or something that belongs in the file is not there; or the evidence proves
     nothing by itself
  2  the file or the trust could not be read
"""


class Folder:
    """An unpacked case file. Links are not followed; what is no plain file is refused."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = sorted(path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
        for path in found:
            if path.is_symlink() or not path.is_file():
                raise Malformed("expected plain files, got {name}", name=str(path))
        self._names = [path.relative_to(root).as_posix() for path in found]

    def names(self) -> Sequence[str]:
        """Every file's path inside the folder, ascending."""
        return sorted(self._names)

    def size(self, name: str) -> int:
        """A file's length in bytes."""
        return (self._root / name).stat().st_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        with (self._root / name).open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.report is not None and options.bundle is None:
        parser.error("--report is judged by its evidence; name that with --bundle")
    try:
        trust = read_trust(options.trust.read_bytes())
        if options.evidence is not None:
            return _judge_evidence(options, trust)
        checks = _judge_report(options, trust) if options.bundle else _judge(options.file, trust)
    except (OSError, FujieError) as fault:
        print(f"fujie-verify: {_plain(str(fault))}", file=sys.stderr)
        return UNREADABLE
    if options.json:
        file = options.bundle or options.file
        print(msgspec.json.format(msgspec.json.encode(_report(file, checks))).decode())
    else:
        print(_text(checks, options.lang, _REPORT if options.bundle else _CASE_FILE))
    return HOLDS if holds(checks) else REFUSED


def _judge_evidence(options: argparse.Namespace, trust: Trust) -> int:
    """Whether a tablet's evidence proves that the log told two stories."""
    found = misbehaviour(read_evidence(options.evidence.read_bytes()), trust.log)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        mark = _MARKS[Level.HOLDS if found.conclusive else Level.LACKS]
        print(f"{mark} {found.zh if options.lang == 'zh' else found.en}")
    return HOLDS if found.conclusive else REFUSED


def _judge_report(options: argparse.Namespace, trust: Trust) -> list[Check]:
    """Whether an integrity report follows from its evidence."""
    report = options.report.read_bytes() if options.report is not None else None
    with options.bundle.open("rb") as file:
        return verify_report(file, trust, report)


def _judge(path: Path, trust: Trust) -> list[Check]:
    if path.is_dir():
        return verify_casefile(Folder(path), trust)
    with path.open("rb") as file:
        return verify_zip(file, trust)


def _report(path: Path, checks: list[Check]) -> dict[str, Any]:
    return {
        "file": str(path),
        "holds": holds(checks),
        "checks": [
            {"name": check.name, "level": check.level.value, "zh": check.zh, "en": check.en}
            for check in checks
        ],
    }


def _text(checks: list[Check], language: str, what: tuple[str, str]) -> str:
    chinese = language == "zh"
    lines = []
    for check in checks:
        title, words = (check.title_zh, check.zh) if chinese else (check.title_en, check.en)
        lines.append(f"{_MARKS[check.level]} {title} [{check.name}]: {_plain(words)}")
        if chinese and check.level is Level.FAILS and check.en != check.zh:
            lines.append(f"    {_plain(check.en)}")
    bad = ", ".join(check.name for check in checks if check.level in (Level.FAILS, Level.LACKS))
    if chinese:
        lines.append(f"{what[0]}成立。" if not bad else f"{what[0]}不成立：{bad}")
    else:
        lines.append(f"{what[1]} holds." if not bad else f"{what[1]} does not hold: {bad}")
    return "\n".join(lines)


def _plain(words: str) -> str:
    """Words in one line that draws nothing: names in them come from what is judged."""
    return "".join("·" if category(one).startswith("C") else one for one in words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fujie-verify",
        description="Check a case file, or that an integrity report follows from its evidence.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "file", type=Path, nargs="?", help="the case file (zip), or the folder it unpacks to"
    )
    what.add_argument(
        "--evidence", type=Path, metavar="FILE", help="judge a tablet's alarm instead (JSON)"
    )
    what.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="judge an integrity report by its evidence instead",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="the report (JSON); default the one inside"
    )
    parser.add_argument(
        "--trust", type=Path, required=True, help="whom to believe: log key and agency roots (JSON)"
    )
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language (default: zh)")
    parser.add_argument("--json", action="store_true", help="answer in JSON, for programs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
