"""Handing sealed files to an archive.

GET  /office/archive/transfer             the files that were not handed over, and the form
POST the same:
    form_token, receiver, list_no, file-<case>=on, password
GET  /office/archive/transfers/<sha256>   what is in a bag, and the form that fetches it
POST the same:
    form_token, by, purpose, password     the bag; who took it stands on record before
"""

from collections.abc import Mapping
from pathlib import Path

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import File, Redirect

from protocol.vocabulary import Retention
from sync_server.cases import transferring
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office import retrieving
from sync_server.projections import archivequeries
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import read_form, record_id
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of

_FILE = "file-"
_FAULTS = (
    transferring.NotTransferable,
    retrieving.NothingAsked,
    Changed,
    WrongSignIn,
    LockedOut,
)


@get("/office/archive/transfer", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def transfer_form(request: Web) -> Page:
    """Which files, to whom."""
    return _page(request, {}, "")


@post("/office/archive/transfer", status_code=200, opt={"right": Right.ARCHIVE})
async def transfer(request: Web) -> Response[str] | Redirect:
    """Build the bag and put it on record."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_transfer, request, form)
    except _FAULTS as fault:
        return await sync_to_thread(_page, request, form, explain(fault, language_of(request)))
    return Redirect("/office/archive/transfer", status_code=303)


@get("/office/archive/transfers/{sha256:str}", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def bag_form(request: Web, sha256: FromPath[str]) -> Page:
    """What is in a bag, and who asks for it."""
    return _bag_page(request, record_id(sha256).hex(), {}, "")


@post("/office/archive/transfers/{sha256:str}", status_code=200, opt={"right": Right.ARCHIVE})
async def fetch_bag(request: Web, sha256: FromPath[str]) -> Response[str] | File:
    """Put on record who takes it, then hand it out."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    name = record_id(sha256).hex()
    try:
        path = await sync_to_thread(_fetch, request, name, form)
    except _FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_bag_page, request, name, form, words)
    return File(
        path=path,
        filename=f"transfer-{name[:16]}.zip",
        media_type="application/zip",
        headers=HEADERS,
    )


def _fetch(request: Web, name: str, form: Mapping[str, str]) -> Path:
    site, person = site_of(request), person_of(request)
    site.projections.catch_up()
    archivist = site.accounts.signer(person.account, form.get("password", ""))
    by, purpose = form.get("by", "").strip()[:100], form.get("purpose", "").strip()[:500]
    return transferring.fetch(site.services, site, name, by, purpose, archivist)


def _bag_page(request: Web, name: str, form: Mapping[str, str], fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    rows = transferring.in_bag(site.services, agency, name)
    if not rows or not transferring.bag_of(site.services, name).exists():
        raise NoSuchThing("there is nothing at this address; start from the list of cases")
    status = 422 if fault else 200
    return site.page(request, "office/bag.html", status, rows=rows, form=form, fault=fault)


def _transfer(request: Web, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    archivist = site.accounts.signer(person.account, form.get("password", ""))
    chosen = [one.removeprefix(_FILE) for one in form if one.startswith(_FILE)]
    transferring.transfer(
        site.services,
        site,
        [record_id(one) for one in chosen],
        form.get("receiver", "").strip()[:200],
        form.get("list_no", "").strip()[:100],
        archivist,
    )


def _page(request: Web, form: Mapping[str, str], fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    rows = archivequeries.archived(site.services.db, agency)
    return site.page(
        request,
        "office/transfer.html",
        422 if fault else 200,
        rows=[one for one in rows if one.destroyed_at is None],
        form=form,
        fault=fault,
        Retention=Retention,
    )


HANDLERS = [transfer_form, transfer, bag_form, fetch_bag]
"""Every route of transfers."""
