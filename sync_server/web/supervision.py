"""The supervisor's pages: whether anything is missing, and what bears that out.

    GET /supervision                            every device of the agency, what to act on first
    GET /supervision/devices/<name>             one device: findings, evidence, what to do
    GET /supervision/devices/<name>/report.json the same for programs

Computed from the database's rows at each look (``integrity.py``); nothing here is a stored
verdict, so that a row removed by hand shows at the next look.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from protocol.findings import Finding, Report, Severity
from protocol.reference import Parameters
from sync_server.cases import proofs
from sync_server.projections import queries
from sync_server.registry.registry import OFFICE, Device
from sync_server.reports import integrity
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, site_of

CHAIN = ("link_missing", "chain_broken", "head_mismatch")
REPORT_FORMAT = "fujie/integrity/v1"


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
def devices(request: Web) -> Page:
    """All devices."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    lines = [_line(site, device) for device in _devices(site, agency)]
    lines.sort(key=lambda line: (_rank(line.report), line.device.name))
    return site.page(
        request,
        "supervision/devices.html",
        agency=site.facts.registry.agencies[agency].record,
        lines=lines,
        records=sum(line.report.links for line in lines),
        broken=[line for line in lines if line.of(*CHAIN)],
        waiting=[line for line in lines if line.of("unsent", "blob_missing")],
        clocks=[line for line in lines if line.of("clock_skew")],
        published=_published(site, agency),
        paired=_paired(site, agency),
        Severity=Severity,
        office=OFFICE,
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


def as_json(made: Report) -> dict[str, object]:
    """A report as plain values; hashes are hex, times ms."""
    plain = msgspec.to_builtins(made, builtin_types=(bytes,))
    plain["journal"] = made.journal.hex()
    return {"format": REPORT_FORMAT, **plain}


def _devices(site: Site, agency: str) -> Iterator[Device]:
    return (one for one in site.facts.registry.devices.values() if one.agency == agency)


def _named(site: Site, agency: str, name: str) -> Device:
    found = site.facts.registry.devices.get((agency, name))
    if found is None:
        raise NoSuchThing("there is no such device in your agency; choose one from the list")
    return found


def _line(site: Site, device: Device) -> Line:
    reference = site.reference(device.agency)
    parameters = reference.parameters if reference else Parameters()
    registry = site.facts.registry
    users = sorted(
        {
            line.name
            for key in registry.officer_keys.values()
            if (key.agency, key.device) == (device.agency, device.name)
            and key.retired_at is None
            and (line := registry.officer_at(key.agency, key.cert_no, site.now, 1 << 62))
        }
    )
    return Line(device, integrity.report(site.services, device, parameters), tuple(users))


def _rank(made: Report) -> int:
    if made.severity is None:
        return 2
    return 0 if made.severity is Severity.ACT else 1


def _published(site: Site, agency: str) -> Share:
    """Publications whose text still is the recorded one, of those on display."""
    rows = queries.displayed(site.services.db, agency)
    good = sum(proofs.prove(site.facts, site.services.log_key, row).holds for row in rows)
    return Share(good, len(rows))


def _paired(site: Site, agency: str) -> Share:
    """Inspections in which at least two officers showed their cards."""
    ids = [row.case_id for row in queries.cases(site.services.db, agency)]
    shown = [len(site.projections.state(case).cards_shown) for case in ids]
    return Share(sum(count > 1 for count in shown), len(shown))


HANDLERS = [devices, device, report]
