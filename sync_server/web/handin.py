"""A tablet's export, handed in from a stick: the registrar's page for what never met a network.

GET  /office/exports                      what was handed in, and the form
POST the same, as multipart:
    form_token, then file, the export; it is taken in off the request (``devices/handin.py``)
GET  /office/exports/<number>             how far it is, then what it held and what came of it
GET  /office/exports/<number>/answer      the file for the tablet, back by the same stick

The device signed what it exported, so that no password is asked for; who handed it in is kept.
"""

import re
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import File, Redirect
from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError
from protocol.receipt import Reason
from sync_server.devices import handin, importing, spool
from sync_server.devices.answering import SUFFIX
from sync_server.devices.handin import Came
from sync_server.store.handintables import HandInRow
from sync_server.web import arriving
from sync_server.web.access import ForeignForm, Right, expect_own_form, person_of
from sync_server.web.arriving import Sent
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import leads
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of

SHOWN = 100
AGAIN_S = 3
"""How soon a page asks again that shows how far it is."""


@get("/office/exports", sync_to_thread=True, opt={"right": Right.REGISTER})
def exports(request: Web) -> Page:
    """What was handed in."""
    return _list_page(request, "")


@post(
    "/office/exports",
    status_code=200,
    opt={"right": Right.REGISTER},
    request_max_body_size=None,
)
async def hand_in(request: Web) -> Response[str] | Redirect:
    """Take a file from the browser to the disk."""
    site, number = site_of(request), secrets.token_hex(8)
    settings = site.services.settings
    try:
        sent = await arriving.receive(
            request,
            partial(handin.begin, settings, number),
            settings.max_export,
            lambda form: expect_own_form(request, form.get("form_token", "")),
        )
        await sync_to_thread(_add, request, number, sent)
    except BaseException as fault:
        with suppress(OSError):  # the next start drops it
            await sync_to_thread(handin.drop_file, settings, number)
        told = arriving.not_kept(fault) if isinstance(fault, SQLAlchemyError) else fault
        if isinstance(told, FujieError) and not isinstance(told, ForeignForm):
            words = explain(told, language_of(request))
            return await sync_to_thread(_list_page, request, words)
        raise
    return leads(f"/office/exports/{number}")


@get("/office/exports/{number:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def handed_in(request: Web, number: FromPath[str]) -> Page:
    """One of them."""
    site, row = site_of(request), _found(request, number)
    came = msgspec.json.decode(row.came, type=Came) if row.came else None
    people = site.facts.registry.staff
    known = people.get((row.agency, row.account))
    return site.page(
        request,
        "office/export.html",
        row=row,
        by=known.name if known else row.account,
        came=came,
        far=site.hand_ins.far(number),
        ready=site.hand_ins.answer(number) is not None,
        kept_until=row.at + spool.KEPT_S * 1000,
        ways={name: importing.way_out(name) for name in _stops(came)},
        reason=_reason,
        again_s=AGAIN_S,
    )


@get("/office/exports/{number:str}/answer", sync_to_thread=True, opt={"right": Right.REGISTER})
def answer(request: Web, number: FromPath[str]) -> File:
    """The file for the tablet, named as ``import-export`` names it."""
    row = _found(request, number)
    path = site_of(request).hand_ins.answer(number)
    if path is None:
        raise NoSuchThing(
            "the answer is no longer kept; hand the export in once more and a newer one is made"
        )
    return File(
        path=path,
        filename=Path(row.name).stem + SUFFIX,
        media_type="application/octet-stream",
        headers=HEADERS,
    )


def _add(request: Web, number: str, sent: Sent) -> None:
    site, person = site_of(request), person_of(request)
    site.hand_ins.add(
        HandInRow(
            number=number,
            agency=person.agency,
            account=person.account,
            at=site.now,
            name=_named(sent.name),
            size=sent.size,
            sha256=sent.sha256,
        )
    )


def _named(name: str) -> str:
    """A file's name as a browser tells it, fit for a page, a header and any disk."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w.()-]", "_", last, flags=re.ASCII)[-100:].lstrip(".") or "tablet.export"


def _found(request: Web, number: str) -> HandInRow:
    row = site_of(request).hand_ins.one(person_of(request).agency, number)
    if row is None:
        raise NoSuchThing("there is no such export; choose one from the list")
    return row


def _stops(came: Came | None) -> set[str]:
    stopped = {one.stopped for one in came.journals} if came else set()
    return stopped - {""}


def _reason(code: int) -> Reason | None:
    """None for one that a later program gave."""
    return Reason(code) if code in {*Reason} else None


def _list_page(request: Web, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    return site.page(
        request,
        "office/exports.html",
        422 if fault else 200,
        rows=site.hand_ins.of(agency, SHOWN),
        most=site.services.settings.max_export,
        fault=fault,
    )


HANDLERS = [exports, hand_in, handed_in, answer]
"""Every route of exports that are handed in."""
