"""The archive's pages: what is sealed, and who looked into it.

GET  /office/archive?q=&since=&until=      sealed files by number, party and day of closing
"""

from datetime import date

from litestar import get

from protocol.calendar import read_day
from protocol.errors import Malformed
from protocol.vocabulary import Retention
from sync_server.projections import archivequeries
from sync_server.projections.archivequeries import Sought
from sync_server.upkeep import fixity
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, site_of


@get("/office/archive", sync_to_thread=True, opt={"right": Right.CASES})
def archive_list(request: Web) -> Page:
    """The sealed files."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    words = request.query_params.get("q", "")[:100].strip()
    sought = Sought(words, _asked_day(request, "since"), _asked_day(request, "until"))
    rows = archivequeries.archived(site.services.db, agency, sought)
    return site.page(request, "office/archived.html", rows=rows, sought=sought, Retention=Retention)


@get("/office/archive/fixity", sync_to_thread=True, opt={"right": Right.RETRIEVE})
def fixity_page(request: Web) -> Page:
    """The last readings of the agency's files."""
    site, agency = site_of(request), person_of(request).agency
    services = site.services
    files = fixity.held(services, agency)
    oldest = min((one.seen_at for one in files), default=None)
    return site.page(
        request,
        "office/fixity.html",
        files=len(files),
        size=sum(one.size for one in files),
        bad=[one.sha256.hex() for one in files if not one.whole],
        due=len(fixity.due(services, agency, site.now)),
        oldest=oldest,
        runs=fixity.history(services, agency, limit=100),
    )


def _asked_day(request: Web, name: str) -> date | None:
    try:
        return read_day(request.query_params.get(name, "")[:10])
    except Malformed:
        return None


HANDLERS = [archive_list, fixity_page]
"""Every route of the archive's pages."""
