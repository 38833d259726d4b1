"""The integrity report as a document: of an agency as of a size of its log, the same bytes from the
same log, whoever makes it.

    document = made(agency, moment, devices, log, cases, answers, people)
    encode(document)                          JSON in one line, and a newline
    scoped(document, officer="00992304117")   of one device, officer, unit or period alone

It names the log's size and root, the version of the rules by which it was judged (``RULES``) and
its own format (``FORMAT``). Times are ms, hashes hex. A finding stands once, under its device or
under ``log``; officers and units name findings by their ids.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from protocol.findings import Finding, Report, who
from protocol.findings.answering import Answer, state_of
from protocol.findings.completeness import Completeness, rates

FORMAT = "fujie/integrity/v2"
RULES = "3"
"""Raised with every change of what is found or asked."""

Json = dict[str, Any]


@dataclass(frozen=True)
class AsOf:
    """The log's first ``size`` entries with their ``root`` (hex, empty where entries are gone),
    judged ``at`` (ms)."""

    size: int
    root: str
    at: int


@dataclass(frozen=True)
class Person:
    """An officer on the roster."""

    cert_no: str
    name: str
    unit: str


def made(
    agency: tuple[str, str],
    as_of: AsOf,
    reports: Sequence[tuple[Report, Sequence[str]]],
    log: Sequence[Finding],
    cases: Sequence[Completeness],
    answers: Mapping[str, tuple[Answer, ...]],
    people: Sequence[Person],
) -> Json:
    """The document. ``agency`` is id and name; each report comes with the device's users."""
    devices = [_device(report, users, answers) for report, users in reports]
    found = [one for device in devices for one in device["findings"]]
    found += (told := [_finding(one, answers) for one in log])
    signed: Counter[str] = Counter()
    for report, _ in reports:
        signed.update(report.signed)
    return {
        "format": FORMAT,
        "rules": RULES,
        "agency": agency[0],
        "name": agency[1],
        "as_of": {"size": as_of.size, "root": as_of.root, "at": as_of.at},
        "counts": counts(devices, found),
        "log": told,
        "devices": devices,
        "officers": _officers(people, signed, found),
        "units": _units(people, signed, found, cases),
        "rates": [_rate(key, *share) for key, share in rates(cases).items()],
        "cases": [_case(one) for one in cases],
    }


def encode(document: Json) -> bytes:
    """The document's bytes."""
    return msgspec.json.encode(document) + b"\n"


def counts(devices: Sequence[Json], found: Sequence[Json]) -> Json:
    """How many devices there are, and how many findings in which state."""
    return {
        "devices": len(devices),
        "complete": sum(one["complete"] for one in devices),
        "records": sum(one["links"] for one in devices),
        "expected": sum(one["expected"] for one in devices),
        "act": sum(one["severity"] == "act" for one in found),
        "watch": sum(one["severity"] == "watch" for one in found),
        "open": sum(one["state"] == "open" for one in found),
        "explained": sum(one["state"] == "explained" for one in found),
        "settled": sum(one["state"] == "settled" for one in found),
    }


def findings_of(document: Json) -> list[tuple[str, Json]]:
    """Every finding with the name of its device (empty for the log's), those to act on first."""
    found = [("", one) for one in document["log"]]
    found += [(device["device"], one) for device in document["devices"]
              for one in device["findings"]]  # fmt: skip
    return sorted(found, key=lambda pair: (pair[1]["severity"] != "act", pair[0]))


def scoped(
    document: Json,
    *,
    device: str = "",
    officer: str = "",
    unit: str = "",
    since: int = 0,
    until: int = 1 << 62,
) -> Json:
    """The part of a document about one device, officer or unit, and about what began in a period.
    What has no known beginning belongs to every period."""
    people = {one["cert_no"]: one["unit"] for one in document["officers"]}

    def wanted(one: Json) -> bool:
        at = one["since"]
        return (
            (at is None or since <= at < until)
            and (not officer or officer in one["holders"])
            and (not unit or unit in {people.get(cert_no) for cert_no in one["holders"]})
        )

    def mine(case: Json) -> bool:
        return (
            since <= case["opened_at"] < until
            and (not officer or officer in case["officers"])
            and (not unit or case["unit"] == unit)
        )

    def uses(one: Json) -> bool:
        users = set(one["users"])
        return (not officer or officer in users or bool(one["findings"])) and (
            not unit or unit in {people.get(cert_no) for cert_no in users} or bool(one["findings"])
        )

    devices = [
        one | {"findings": [found for found in one["findings"] if wanted(found)]}
        for one in document["devices"]
        if not device or one["device"] == device
    ]
    devices = [one for one in devices if uses(one)]
    narrow = bool(device or officer or unit)
    log = [] if narrow else [one for one in document["log"] if wanted(one)]
    found = [*log, *(one for entry in devices for one in entry["findings"])]
    named = {one["id"] for one in found}
    return document | {
        "scope": {"device": device, "officer": officer, "unit": unit,
                  "since": since or None, "until": until if until < 1 << 62 else None},
        "counts": counts(devices, found),
        "log": log,
        "devices": devices,
        "officers": [one | {"findings": [x for x in one["findings"] if x in named]}
                     for one in document["officers"]
                     if (not officer or one["cert_no"] == officer)
                     and (not unit or one["unit"] == unit)],
        "units": [one for one in document["units"] if not unit or one["name"] == unit],
        "cases": [] if device else [one for one in document["cases"] if mine(one)],
    }  # fmt: skip


def _device(
    report: Report, users: Sequence[str], answers: Mapping[str, tuple[Answer, ...]]
) -> Json:
    return {
        "device": report.device,
        "journal": report.journal.hex(),
        "users": list(users),
        "complete": report.complete,
        "severity": report.severity.value if report.severity else None,
        "expected": report.expected,
        "links": report.links,
        "entries": report.entries,
        "statements": report.statements,
        "blobs": report.blobs,
        "contacted_at": report.contacted_at,
        "findings": [_finding(one, answers) for one in report.findings],
    }


def _finding(one: Finding, answers: Mapping[str, tuple[Answer, ...]]) -> Json:
    said = answers.get(one.id, ())
    zh, en = who(one.code)
    return {
        "id": one.id,
        "code": one.code,
        "severity": one.severity.value,
        "state": state_of(said).value,
        "since": one.since,
        "zh": one.zh,
        "en": one.en,
        "evidence": [{"zh": x.zh, "en": x.en, "value": x.value} for x in one.evidence],
        "spans": [list(span) for span in one.spans],
        "holders": list(one.holders),
        "rule": one.rule,
        "who_zh": zh,
        "who_en": en,
        "remedy_zh": one.remedy_zh,
        "remedy_en": one.remedy_en,
        "answers": [
            {"state": x.state.value, "note": x.note, "by": x.by, "at": x.at, "record": x.record}
            for x in said
        ],
    }


def _officers(
    people: Sequence[Person], signed: Mapping[str, int], found: Sequence[Json]
) -> list[Json]:
    concerning: dict[str, list[str]] = {}
    for one in found:
        for cert_no in one["holders"]:
            concerning.setdefault(cert_no, []).append(one["id"])
    return [
        {
            "cert_no": one.cert_no,
            "name": one.name,
            "unit": one.unit,
            "signed": signed.get(one.cert_no, 0),
            "findings": concerning.get(one.cert_no, []),
        }
        for one in people
    ]


def _units(
    people: Sequence[Person],
    signed: Mapping[str, int],
    found: Sequence[Json],
    cases: Sequence[Completeness],
) -> list[Json]:
    names = sorted({one.unit for one in people} | {one.unit for one in cases if one.unit})
    made_ = []
    for name in names:
        mine = {one.cert_no for one in people if one.unit == name}
        closed = [one for one in cases if one.unit == name and one.closed_at is not None]
        made_.append(
            {
                "name": name,
                "officers": len(mine),
                "signed": sum(signed.get(cert_no, 0) for cert_no in mine),
                "findings": [x["id"] for x in found if mine & set(x["holders"])],
                "closed": len(closed),
                "complete": sum(one.complete for one in closed),
                "rates": [_rate(key, *share) for key, share in rates(closed).items()],
            }
        )
    return made_


def _rate(key: str, good: int, all_: int) -> Json:
    return {"key": key, "good": good, "all": all_}


def _case(one: Completeness) -> Json:
    return {
        "case": one.case,
        "number": one.number,
        "party": one.party,
        "unit": one.unit,
        "officers": list(one.officers),
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "complete": one.complete,
        "asked": [
            {
                "key": x.key,
                "zh": x.zh,
                "en": x.en,
                "clause": x.clause,
                "clause_en": x.clause_en,
                "done": x.done,
                "lacking_zh": x.lacking_zh,
                "lacking_en": x.lacking_en,
            }
            for x in one.asked
        ],
    }
