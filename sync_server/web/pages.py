"""The pages' routers: the public's, the staff's, and what stands behind both.

    ROUTERS goes beside the tablets' addresses (``app.py``); ``app.state.site`` must be a ``Site``.

Every route of the staff names the right that it needs (``opt``); ``access.guard`` asks for it.
"""

from litestar import Router, get
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from sync_server.web import (
    access,
    accounts,
    agencies,
    approvals,
    archives,
    asking,
    destroy,
    findings,
    fleet,
    formats,
    lists,
    office,
    officers,
    opendata,
    public,
    publish,
    publishing,
    reporting,
    retrieve,
    roster,
    seal,
    signin,
    staff,
    supervision,
    tables,
    tablets,
    tasks,
    transfer,
    upper,
    verify,
    withdraw,
)
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import ANSWERS, STATIC, Page

WEEK = "public, max-age=604800"


@get("/{rest:path}")
async def unknown(request: Web, rest: FromPath[str]) -> Page:
    """Every other address."""
    raise NoSuchThing("there is no page at this address; start from the home page")


PUBLIC = Router(
    "/",
    route_handlers=[
        *public.HANDLERS,
        *officers.HANDLERS,
        *opendata.HANDLERS,
        *asking.PUBLIC,
        *verify.HANDLERS,
        *signin.OPEN,
        *accounts.OPEN,
        unknown,
    ],
    exception_handlers=ANSWERS,
)
STAFF = Router(
    "/",
    route_handlers=[
        *signin.HANDLERS,
        *office.HANDLERS,
        *archives.HANDLERS,
        *retrieve.HANDLERS,
        *transfer.HANDLERS,
        *destroy.HANDLERS,
        *approvals.HANDLERS,
        *tasks.HANDLERS,
        *accounts.HANDLERS,
        *staff.HANDLERS,
        *roster.HANDLERS,
        *tablets.HANDLERS,
        *tables.HANDLERS,
        *lists.HANDLERS,
        *formats.HANDLERS,
        *agencies.HANDLERS,
        *publish.HANDLERS,
        *publishing.HANDLERS,
        *withdraw.HANDLERS,
        *asking.HANDLERS,
        *seal.HANDLERS,
        *supervision.HANDLERS,
        *findings.HANDLERS,
        *reporting.HANDLERS,
        *fleet.HANDLERS,
        *upper.HANDLERS,
    ],
    guards=[access.guard],
    exception_handlers=ANSWERS,
)
FILES = create_static_files_router("/static", [STATIC], cache_control=None, include_in_schema=False)

ROUTERS = (PUBLIC, STAFF, FILES)
