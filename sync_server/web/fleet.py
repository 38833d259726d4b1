"""Which tablet is behind: for those who run the office, looked at often and computed cheaply.

    GET /supervision/progress                   every tablet, those that need a person first

Each line leads to the tablet's integrity report. The page asks for itself again each minute.
"""

from litestar import get

from protocol.reference import Parameters
from sync_server.reports import fleet
from sync_server.reports.fleet import Need
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, site_of


@get("/supervision/progress", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def progress(request: Web) -> Page:
    """All tablets of the agency."""
    site, agency = site_of(request), person_of(request).agency
    reference = site.reference(agency)
    parameters = reference.parameters if reference else Parameters()
    lines = fleet.devices(site.services, site.hearing, agency, parameters)
    counted = {need: sum(line.need is need for line in lines) for need in Need}
    return site.page(
        request,
        "supervision/progress.html",
        lines=lines,
        counted=counted,
        Need=Need,
        agency=site.facts.registry.agencies[agency].record,
    )


HANDLERS = [progress]
