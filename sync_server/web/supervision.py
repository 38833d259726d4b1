"""The supervisor's pages: whether anything is missing, and what bears that out.

    GET /supervision                            for the eye: tiles, devices, units, findings
    GET /supervision?as_of=2026-11-18           the same as of a day that has ended, a size, a cut
    GET /supervision/devices/<name>             one device: findings, evidence, what to do
    GET /supervision/devices/<name>/report.json the same for programs
    GET /supervision/cases                      what of the whole process is on record, by case

The overview takes from what was looked through a while ago what nothing was added to
(``reports/kept.py``); a device's own page reads every row again. Findings one by one stand in
``findings.py``, what is taken home in ``reporting.py``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from protocol.calendar import local_day
from protocol.findings import Finding, Report, Severity, document
from protocol.findings.document import Json
from protocol.reference import Parameters
from protocol.registry.registry import OFFICE, Device
from sync_server.cases import proofs
from sync_server.projections import queries
from sync_server.reports import county, integrity, moments
from sync_server.web import charts
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, site_of

CHAIN = ("link_missing", "chain_broken", "head_mismatch")
REPORT_FORMAT = "fujie/integrity/v1"
WEEK_MS = 7 * 24 * 3_600_000
WEEKS = 8
FEW = 8
"""Devices that are all listed; of more, those with findings first."""
SHOWN = 5
"""Findings on the overview; the others are one step away."""


@dataclass(frozen=True)
class Line:
    """One device with its report; ``users`` are the officers whose keys are on it."""

    device: Device
    report: Report
    users: tuple[str, ...]

    def of(self, *codes: str) -> list[Finding]:
        """The findings with these codes."""
        return [one for one in self.report.findings if one.code in codes]


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    good: int
    all: int


@get("/supervision", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def overview(request: Web) -> Page:
    """The agency at one look."""
    site, agency = site_of(request), person_of(request).agency
    made, as_of = asked(request)
    devices = sorted(made["devices"], key=_rank)
    whole = request.query_params.get("all") == "1" or len(devices) <= FEW
    bad = [one for one in devices if one["findings"]]
    found = document.findings_of(made)
    pending = [pair for pair in found if pair[1]["state"] != "settled"]
    live = not as_of
    if live:
        site.projections.catch_up()
    return site.page(
        request,
        "supervision/overview.html",
        agency=site.facts.registry.agencies[agency].record,
        made=made,
        as_of=as_of,
        devices=devices if whole else bad,
        rest=len(devices) - len(bad),
        whole=whole,
        found=pending[:SHOWN],
        more=max(0, len(pending) - SHOWN),
        settled=len(found) - len(pending),
        named={
            code: [device["device"] for device in devices if _has(device, codes)]
            for code, codes in _TILES.items()
        },
        published=_published(site, agency) if live else None,
        paired=_paired(made),
        closed=_closed(made["cases"]),
        trend=charts.line(_weeks(made)),
        units=charts.bars([(one["name"], one["complete"], one["closed"]) for one in made["units"]]),
        names={one["cert_no"]: one["name"] for one in made["officers"]},
        office=OFFICE,
    )


@get("/supervision/cases", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def cases(request: Web) -> Page:
    """What of the whole process is on record: by rule, by unit, by case."""
    site = site_of(request)
    made, as_of = asked(request)
    unit = request.query_params.get("unit", "")
    part = document.scoped(made, unit=unit) if unit else made
    closed = [one for one in part["cases"] if one["closed_at"] is not None]
    words = {x["key"]: x for one in part["cases"] for x in one["asked"]}
    good, all_ = Counter[str](), Counter[str]()
    for one in closed:
        for x in one["asked"]:
            good[x["key"]] += x["done"]
            all_[x["key"]] += 1
    return site.page(
        request,
        "supervision/cases.html",
        made=part,
        as_of=as_of,
        unit=unit,
        units=[one["name"] for one in made["units"]],
        closed=_closed(part["cases"]),
        lacking=[one for one in closed if not one["complete"]],
        rates=charts.bars([(key, good[key], all_[key]) for key in all_]),
        words=words,
        names={one["cert_no"]: one["name"] for one in made["officers"]},
    )


@get("/supervision/devices/{name:str}", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def device(request: Web, name: FromPath[str]) -> Page:
    """One device."""
    site = site_of(request)
    line = _line(site, _named(site, person_of(request).agency, name))
    return site.page(
        request, "supervision/device.html", line=line, Severity=Severity, office=OFFICE
    )


@get(
    "/supervision/devices/{name:str}/report.json",
    sync_to_thread=True,
    opt={"right": Right.SUPERVISE},
)
def report(request: Web, name: FromPath[str]) -> Response[bytes]:
    """One device's report, for programs."""
    site = site_of(request)
    line = _line(site, _named(site, person_of(request).agency, name))
    made = msgspec.json.encode(as_json(line.report))
    return Response(made, media_type="application/json", headers=HEADERS)


def asked(request: Web) -> tuple[Json, str]:
    """The report that a request asks for, and as of when it asks: empty for now."""
    site, agency = site_of(request), person_of(request).agency
    as_of = request.query_params.get("as_of", "").strip()
    if not as_of:
        return site.kept.document(agency), ""
    return county.report(site.services, agency, moments.as_of(site.services, as_of)), as_of


def as_json(made: Report) -> dict[str, object]:
    """A report as plain values; hashes are hex, times ms."""
    plain = msgspec.to_builtins(made, builtin_types=(bytes,))
    plain["journal"] = made.journal.hex()
    return {"format": REPORT_FORMAT, **plain}


_TILES = {
    "broken": (*CHAIN, "entry_missing", "statement_missing", "statement_damaged", "forked"),
    "waiting": ("unsent", "blob_missing"),
    "clocks": ("clock_skew", "impossible_time"),
    "people": (
        "invalid_holder",
        "suspended_device",
        "uncertain_device",
        "uncertain_standing",
        "retired_key",
        "uncertain_key",
    ),
}


def _has(device: Json, codes: tuple[str, ...]) -> bool:
    return any(one["code"] in codes and one["state"] != "settled" for one in device["findings"])


def _rank(device: Json) -> tuple[int, str]:
    worst = {None: 2, "watch": 1, "act": 0}[device["severity"]]
    return worst, device["device"]


def _closed(cases: list[Json]) -> Share:
    closed = [one for one in cases if one["closed_at"] is not None]
    return Share(sum(one["complete"] for one in closed), len(closed))


def _paired(made: Json) -> Share:
    """Inspections at which two officers showed their cards."""
    shown = [
        x["done"] for one in made["cases"] for x in one["asked"] if x["key"] == "step.identity"
    ]
    return Share(sum(shown), len(shown))


def _weeks(made: Json) -> list[charts.Share]:
    """By week, how many of the cases that were closed in it are whole; the last eight weeks."""
    end, found = made["as_of"]["at"], []
    for week in range(WEEKS, 0, -1):
        first, last = end - week * WEEK_MS, end - (week - 1) * WEEK_MS
        if last <= 0:
            continue  # as of a day before there was any log
        closed = [one for one in made["cases"] if first < (one["closed_at"] or 0) <= last]
        day = local_day(last)
        found.append((f"{day.month}-{day.day:02}", sum(x["complete"] for x in closed), len(closed)))
    return found


def _named(site: Site, agency: str, name: str) -> Device:
    found = site.facts.registry.devices.get((agency, name))
    if found is None:
        raise NoSuchThing("there is no such device in your agency; choose one from the list")
    return found


def _line(site: Site, device: Device) -> Line:
    reference = site.reference(device.agency)
    parameters = reference.parameters if reference else Parameters()
    return Line(
        device,
        integrity.report(site.services, device, parameters),
        tuple(sorted(_users(site, device))),
    )


def _users(site: Site, device: Device) -> Iterator[str]:
    registry = site.facts.registry
    seen: set[str] = set()
    for key in registry.officer_keys.values():
        mine = (key.agency, key.device) == (device.agency, device.name)
        line = registry.officer_at(key.agency, key.cert_no, site.now, 1 << 62)
        if mine and key.retired_at is None and line and line.cert_no not in seen:
            seen.add(line.cert_no)
            yield line.name


def _published(site: Site, agency: str) -> Share:
    """Publications whose text still is the recorded one, of those on display."""
    rows = queries.displayed(site.services.db, agency)
    good = sum(proofs.prove(site.facts, site.services.log_key, row).holds for row in rows)
    return Share(good, len(rows))


HANDLERS = [overview, cases, device, report]
