"""Looking into sealed files: the form that says who and why, and what it opens.

GET  /office/cases/<case>/retrieve        the contents lists, to choose from, and the form
POST the same:
    form_token, version, by, unit, purpose, until, open-<sha256>=on, password
    head, head_password        the head's, for what stands in the secret volume
GET  /office/retrievals                   who looked into what
GET  /office/retrievals/<record>          the files that were opened
GET  /office/retrievals/<record>/<sha256> one of them
"""

from collections.abc import Mapping
from datetime import date

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import File, Redirect

from protocol.calendar import local_day, read_day
from protocol.errors import Malformed
from sync_server.cases import publishing, retrieving
from sync_server.keys import eseal
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.keys.eseal import Seal
from sync_server.log.journal import Changed
from sync_server.office import retrieving as rules
from sync_server.office.retrieving import Wanted
from sync_server.projections import archivequeries
from sync_server.web import files
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import moved, read_form, record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, Site, explain, language_of, site_of

_OPEN = "open-"
LARGE = 32 << 20
"""Seals of larger files are not looked for: no sheet is that large."""
_FAULTS = (
    rules.NotSealed,
    rules.NothingAsked,
    rules.HeadNeeded,
    rules.Destroyed,
    publishing.NotHere,
    WrongSignIn,
    LockedOut,
    Changed,
)


@get("/office/cases/{case:str}/retrieve", sync_to_thread=True, opt={"right": Right.RETRIEVE})
def retrieve_form(request: Web, case: FromPath[str]) -> Page:
    """Who asks, for what, which files."""
    return _page(request, case, {}, "")


@post("/office/cases/{case:str}/retrieve", status_code=200, opt={"right": Right.RETRIEVE})
async def retrieve(request: Web, case: FromPath[str]) -> Response[str] | Redirect:
    """State it, then show."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        record = await sync_to_thread(_retrieve, request, case, form)
    except _FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_page, request, case, form, words)
    return Redirect(f"/office/retrievals/{record.hex()}", status_code=303)


@get("/office/retrievals", sync_to_thread=True, opt={"right": Right.RETRIEVE})
def retrievals(request: Web) -> Page:
    """Every look into a file of the agency."""
    site = site_of(request)
    site.projections.catch_up()
    rows = archivequeries.retrievals(site.services.db, person_of(request).agency)
    return site.page(request, "office/retrievals.html", rows=rows)


@get("/office/retrievals/{record:str}", sync_to_thread=True, opt={"right": Right.RETRIEVE})
def retrieval(request: Web, record: FromPath[str]) -> Page:
    """One of them, with what it opens."""
    site = site_of(request)
    found = retrieving.shown(site, person_of(request), record_id(record))
    return site.page(
        request,
        "office/retrieval.html",
        found=found,
        said=found.record.statement,
        seals={name: _seals(site, name) for name in found.open},
    )


def _seals(site: Site, sha256: str) -> list[Seal]:
    path = site.facts.blob_path(bytes.fromhex(sha256))
    if path is None or path.stat().st_size > LARGE:
        return []
    data = path.read_bytes()
    return eseal.read(data) if data.startswith(b"%PDF") else []


@get(
    "/office/retrievals/{record:str}/{sha256:str}",
    sync_to_thread=True,
    opt={"right": Right.RETRIEVE},
)
def retrieved(request: Web, record: FromPath[str], sha256: FromPath[str]) -> File:
    """One file that a retrieval opens."""
    site, person = site_of(request), person_of(request)
    found = retrieving.shown(site, person, record_id(record))
    path = retrieving.path_of(site, found, record_id(sha256).hex())
    if sha256 == found.package:
        return files.package(path, found.state.case)
    blob = site.facts.blob(record_id(sha256), person.agency)
    return files.inline(path, sha256, blob.media_type if blob else "")


def _retrieve(request: Web, case: str, form: Mapping[str, str]) -> bytes:
    site, person = site_of(request), person_of(request)
    people = [site.accounts.signer(person.account, form.get("password", ""))]
    if head := form.get("head", "").strip():
        people.append(site.accounts.signer(head, form.get("head_password", "")))
    stated = retrieving.retrieve(site, record_id(case), _wanted(form), people, version_of(form))
    return stated.record_hash


def _wanted(form: Mapping[str, str]) -> Wanted:
    return Wanted(
        by=form.get("by", "").strip()[:100],
        unit=form.get("unit", "").strip()[:200],
        purpose=form.get("purpose", "").strip()[:500],
        until=_day(form.get("until", "")),
        opened=tuple(one.removeprefix(_OPEN) for one in form if one.startswith(_OPEN)),
    )


def _day(text: str) -> date | None:
    try:
        return read_day(text[:10])
    except Malformed:
        return None


def _page(request: Web, case: str, form: Mapping[str, str], fault: str) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    sealed = found.state.archived
    return site.page(
        request,
        "office/retrieve.html",
        422 if fault else 200,
        case=case,
        opening=found.state.opened_by,
        sealed=sealed.statement if sealed else None,
        destroyed=bool(found.state.destructions),
        files=rules.offered(found.state),
        wanted=_wanted(form),
        today=local_day(site.now),
        version=found.version,
        fault=fault,
        came=moved(found.state, version_of(form), found.version) if fault else (),
    )


HANDLERS = [retrieve_form, retrieve, retrievals, retrieval, retrieved]
"""Every route of looking into sealed files."""
