"""The composition root of the server: the parts, the addresses, the answers to errors.

    with writing(settings, system_clock()) as services:
        uvicorn.run(make_app(services))

Pages for people are mounted beside the tablets' addresses. Every answer carries the server's
time (``Fujie-Time``, ms), and those to tablets are signed, so that one with a wrong clock recovers.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

from litestar import Litestar
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import FujieError
from protocol.messages import MAX_MESSAGE
from sync_server.devices.contacts import Contacts
from sync_server.log.cosigner import asking
from sync_server.services import Services
from sync_server.upkeep.jobs import running
from sync_server.upstream import pushing
from sync_server.web import api, health, log, pages, tuf, tus
from sync_server.web.answers import signing
from sync_server.web.meters import Meters, measuring
from sync_server.web.problems import answer_error, answer_fault, answer_http
from sync_server.web.reviews import Reviews
from sync_server.web.site import Site

KEEP_S = 75
"""How long a connection on which nothing is asked is kept: longer than any of our clients keeps
theirs, so that none of them asks into one that is just being closed."""
LEAVE_S = 5
"""How long what is under way at the end may take."""


def make_app(services: Services) -> Litestar:
    """The ASGI application over running services."""
    return Addresses().over(services)


class Addresses:
    """All addresses and the answers to errors, over no services yet: a tenth of a second's work,
    which lasts from one server to the next."""

    def __init__(self) -> None:
        self._app = app = Litestar(
            route_handlers=[
                *api.HANDLERS,
                *tus.HANDLERS,
                *log.HANDLERS,
                *tuf.HANDLERS,
                *health.HANDLERS,
                *pages.ROUTERS,
            ],
            dependencies={"services": Provide(lambda: app.state["services"], sync_to_thread=False)},
            exception_handlers={
                FujieError: answer_error,
                HTTPException: answer_http,
                Exception: answer_fault,
            },
            before_send=[_tell_time],
            request_max_body_size=MAX_MESSAGE,
            openapi_config=None,
            logging_config=None,
            lifespan=[_witnesses, _jobs, _upper_level, _hand_ins, _reports],
        )
        self._answering = app.asgi_handler

    def over(self, services: Services) -> Litestar:
        """The application over these services; over those of before no more."""
        site, meters = Site(services), Meters()
        services.sequencer.watchers.append(meters.committed)
        self._app.state = State(
            {
                "services": services,
                "contacts": Contacts(),
                "meters": meters,
                "site": site,
                "reviews": Reviews(site),
            }
        )
        answering = tus.framed(_heads(signing(self._answering, services)))
        self._app.asgi_handler = measuring(answering, meters)
        return self._app


async def _tell_time(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start" and not _told(message["headers"]):
        now = str(scope["litestar_app"].state["services"].clock.now()).encode()
        message["headers"] = [*message["headers"], (b"fujie-time", now)]


@asynccontextmanager
async def _witnesses(app: Litestar) -> AsyncIterator[None]:
    """Ask the log's witnesses as long as the server runs."""
    services: Services = app.state.services
    asked = asking(services.cosigned, services.sequencer, services.facts, services.log_keys)
    with asked:
        yield


@asynccontextmanager
async def _jobs(app: Litestar) -> AsyncIterator[None]:
    """Do what time makes due as long as the server runs."""
    with running(app.state.services):
        yield


@asynccontextmanager
async def _upper_level(app: Litestar) -> AsyncIterator[None]:
    """Push to the upper level as long as the server runs."""
    with pushing.running(app.state.services, app.state.site.projections):
        yield


@asynccontextmanager
async def _hand_ins(app: Litestar) -> AsyncIterator[None]:
    """Take in the exports that are handed in as long as the server runs."""
    with app.state.site.hand_ins.running():
        yield


@asynccontextmanager
async def _reports(app: Litestar) -> AsyncIterator[None]:
    """At the end, what reports were made of is kept for the next start."""
    yield
    await sync_to_thread(app.state.site.kept.save)


def _heads(app: ASGIApp) -> ASGIApp:
    """``app``, which answers HEAD wherever it answers GET. The server sends no body then."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == ScopeType.HTTP
            and scope["method"] == "HEAD"
            and not tus.is_ours(scope["path"])
        ):
            scope = cast(Scope, {**scope, "method": "GET"})
        await app(scope, receive, send)

    return handle


def _told(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer says the time already, under its signature."""
    return any(name == b"fujie-time" for name, _ in headers)
