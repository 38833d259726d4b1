"""The report written down: for a spreadsheet (CSV) and for paper (PDF by Typst). Both are functions
of the document (``protocol/findings/document.py``) alone, which is what programs read.

    csv_of(document, "zh_CN")     a line for each finding, then for each thing that a case lacks
    pdf_of(document, "zh_CN")     PDF/A, without a seal; it bears the time of the document
    sealed(services, document, pdf)   the same paper with the agency's seal and its time
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from protocol.calendar import CHINA
from protocol.findings.document import Json, findings_of
from protocol.vocabulary import FindingState
from sync_server import words
from sync_server.documents.typeset import typeset
from sync_server.keys import eseal
from sync_server.services import Services

REASON = "完整性报告"
_RISKY = ("=", "+", "-", "@", "\t", "\r")

COLUMNS = (
    "Finding id", "Device", "Kind of finding", "Severity", "State", "Since", "What was found",
    "Officers", "Rule", "By whom", "What to do", "Answer",
)  # fmt: skip


def csv_of(document: Json, language: str) -> bytes:
    """Comma-separated, with the mark by which spreadsheets know UTF-8. No cell is a formula."""
    chinese = language.startswith("zh")
    side, made = "zh" if chinese else "en", io.StringIO()
    line = csv.writer(made, lineterminator="\r\n")
    line.writerow([words.translate(name, language) for name in COLUMNS])
    names = {one["cert_no"]: one["name"] for one in document["officers"]}
    for device, one in findings_of(document):
        said = one["answers"][-1] if one["answers"] else None
        line.writerow(
            [
                _plain(cell)
                for cell in (
                    one["id"],
                    device,
                    one["code"],
                    severity(one, language),
                    FindingState(one["state"]).label(language),
                    moment(one["since"]),
                    one[side],
                    " ".join(names.get(x, x) for x in one["holders"]),
                    one["rule"],
                    one[f"who_{side}"],
                    one[f"remedy_{side}"],
                    f"{said['by']}: {said['note']}" if said else "",
                )
            ]
        )
    for case in document["cases"]:
        for asked in () if case["closed_at"] is None else case["asked"]:
            if not asked["done"]:
                line.writerow(
                    [
                        _plain(cell)
                        for cell in (
                            case["case"], "", asked["key"], "", "", moment(case["opened_at"]),
                            f"{case['number']} {asked[side]}: {asked[f'lacking_{side}']}",
                            " ".join(names.get(x, x) for x in case["officers"]),
                            asked["clause" if chinese else "clause_en"], case["unit"], "", "",
                        )
                    ]
                )  # fmt: skip
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def pdf_of(document: Json, language: str) -> bytes:
    """The printed report. Raises FontMissing, NotTypeset."""
    return typeset("report", printed(document, language), at=document["as_of"]["at"])


def sealed(services: Services, document: Json, pdf: bytes) -> bytes:
    """The printed report with the agency's e-seal, behind the bytes that it was printed as. Raises
    NoSeal."""
    return eseal.seal(
        pdf,
        services.settings,
        document["agency"],
        document["name"],
        reason=REASON,
        at=services.clock.now(),
    )


def printed(document: Json, language: str) -> dict[str, Any]:
    """What stands on the paper: words only, in one language."""
    say = _Say(language)
    counts, as_of = document["counts"], document["as_of"]
    names = {one["cert_no"]: one["name"] for one in document["officers"]}
    return {
        "title": say("Integrity report"),
        "author": document["name"],
        "subtitle": document["name"],
        "zh": say.chinese,
        "foot": say("{format}, rules {rules}", format=document["format"], rules=document["rules"]),
        "facts": [
            [say("As of"), moment(as_of["at"])],
            [say("Entries of the log"), str(as_of["size"])],
            [say("Root of the log"), as_of["root"] or "—"],
            *_scope(document, say),
        ],
        "tiles": [
            [say("Devices complete"), f"{counts['complete']} / {counts['devices']}"],
            [say("Records here"), f"{counts['records']} / {counts['expected']}"],
            [say("To act on"), str(counts["act"])],
            [say("To watch"), str(counts["watch"])],
            [say("Open"), str(counts["open"])],
        ],
        "words": {
            name: say(text)
            for name, text in (
                ("findings", "Findings"), ("none", "Nothing is missing and nothing is altered."),
                ("devices", "Devices"), ("cases", "Whole process, case by case"),
                ("units", "Units"), ("what", "What to do"), ("evidence", "Evidence"),
            )
        },
        "findings": [
            {
                "act": one["severity"] == "act",
                "head": f"{device}　{one[say.side]}".strip("　"),
                "line": "　".join(
                    part
                    for part in (
                        severity(one, language),
                        FindingState(one["state"]).label(language),
                        say("since {time}", time=moment(one["since"])) if one["since"] else "",
                        one["rule"],
                        one["code"],
                    )
                    if part
                ),
                "remedy": f"{one[f'who_{say.side}']}：{one[f'remedy_{say.side}']}",
                "evidence": [[x[say.side], x["value"]] for x in one["evidence"][:8]],
                "answers": [
                    f"{moment(x['at'])} {x['by']}：{FindingState(x['state']).label(language)}，"
                    f"{x['note']}"
                    for x in one["answers"]
                ],
            }
            for device, one in findings_of(document)
        ],
        "devices": {
            "head": [say(x) for x in ("Device", "Used by", "Records", "Last contact", "State")],
            "rows": [
                [
                    one["device"],
                    "、".join(names.get(x, x) for x in one["users"]) or "—",
                    f"{one['links']} / {one['expected']}",
                    moment(one["contacted_at"]) or "—",
                    say("complete") if one["complete"] else say("not complete"),
                ]
                for one in document["devices"]
            ],
        },
        "units": {
            "head": [say(x) for x in ("Unit", "Officers", "Records", "Findings", "Whole cases")],
            "rows": [
                [
                    one["name"],
                    str(one["officers"]),
                    str(one["signed"]),
                    str(len(one["findings"])),
                    share(one["complete"], one["closed"]),
                ]
                for one in document["units"]
            ],
        },
        "cases": [
            [
                case["number"],
                case["party"],
                case["unit"],
                "；".join(x[f"lacking_{say.side}"] and f"{x[say.side]}：{x[f'lacking_{say.side}']}"
                         for x in case["asked"] if not x["done"]),
            ]
            for case in document["cases"]
            if case["closed_at"] is not None and not case["complete"]
        ],
    }  # fmt: skip


def severity(one: Json, language: str) -> str:
    """The word for a finding's severity."""
    return words.translate("To act on" if one["severity"] == "act" else "To watch", language)


def share(good: int, all_: int) -> str:
    """So many of so many, with the rate; a dash for none."""
    return f"{good} / {all_}（{100 * good // all_}%）" if all_ else "—"


def moment(at: int | None) -> str:
    """A time in ms as clocks in China show it; empty for none."""
    return f"{datetime.fromtimestamp(at // 1000, CHINA):%Y-%m-%d %H:%M}" if at else ""


class _Say:
    def __init__(self, language: str) -> None:
        self.language, self.chinese = language, language.startswith("zh")
        self.side = "zh" if self.chinese else "en"

    def __call__(self, text: str, /, **facts: object) -> str:
        said = words.translate(text, self.language)
        return said.format(**facts) if facts else said


def _scope(document: Json, say: _Say) -> list[list[str]]:
    scope = document.get("scope", {})
    labels = {"device": "Device", "officer": "Officer", "unit": "Unit"}
    lines = [[say(label), scope[name]] for name, label in labels.items() if scope.get(name)]
    if scope.get("since") or scope.get("until"):
        lines.append([say("Period"), f"{moment(scope['since'])} — {moment(scope['until'])}"])
    return lines


def _plain(cell: object) -> str:
    """A cell that no spreadsheet computes."""
    text = str(cell)
    return f"'{text}" if text.startswith(_RISKY) else text
