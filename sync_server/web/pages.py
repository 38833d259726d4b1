"""The pages' routers: the public's, the staff's, and what stands behind both.

    ROUTERS goes beside the tablets' addresses (``app.py``); ``app.state.site`` must be a ``Site``.

Every route of the staff names the right that it needs (``opt``); ``access.guard`` asks for it.
"""

import errno
from typing import Any

from litestar import Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import InternalServerException
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from sync_server.web import (
    access,
    accounts,
    agencies,
    approvals,
    archives,
    asking,
    codes,
    destroy,
    findings,
    fleet,
    formats,
    handin,
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
from sync_server.web.site import ANSWERS, STATIC, Page, answer_error, answer_fault

HOUR = CacheControlHeader(public=True, max_age=3600)
"""How long a browser keeps style and icons: the style's address changes with it, the icons' not."""


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
        *codes.HANDLERS,
        *handin.HANDLERS,
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


def no_file(request: Web, error: Exception) -> Response[Any]:
    """A name that no disk can hold is the name of no file; what else a disk refuses is a fault."""
    why = error if isinstance(error, ValueError) else error.__cause__
    if isinstance(why, OSError) and why.errno != errno.ENAMETOOLONG:
        return answer_fault(request, error)
    return answer_error(
        request, NoSuchThing("there is no page at this address; start from the home page")
    )


FILES = create_static_files_router(
    "/static",
    [STATIC],
    cache_control=HOUR,
    include_in_schema=False,
    exception_handlers={ValueError: no_file, InternalServerException: no_file},
)

ROUTERS = (PUBLIC, STAFF, FILES)
