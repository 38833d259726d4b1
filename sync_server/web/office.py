"""The office's pages: cases, sealed files, what is in them.

    GET  /office?q=                              cases
    GET  /office/cases/<case>                    one case: what is due, its way, its documents
    GET  /office/cases/<case>/export             the case file, built now
    GET  /office/cases/<case>/package            the sealed file
    GET  /office/files/<sha256>                  a document or recording

An agency sees its own: another's case is answered as one that does not exist.
"""

import secrets
from pathlib import Path

from litestar import get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import File

from sync_server.cases import casefiles, filing, publishing
from sync_server.projections import queries
from sync_server.web import casepage
from sync_server.web.access import Right, person_of
from sync_server.web.forms import record_id
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, site_of

INLINE = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "video/mp4",
    "audio/mp4",
    "audio/ogg",
)


@get("/office", sync_to_thread=True, opt={"right": Right.CASES})
def cases(request: Web) -> Page:
    """The list of cases."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    words = request.query_params.get("q", "")[:100].strip()
    rows = queries.cases(site.services.db, agency, words)
    return site.page(request, "office/cases.html", rows=rows, words=words)


@get("/office/cases/{case:str}", sync_to_thread=True, opt={"right": Right.CASES})
def case(request: Web, case: FromPath[str]) -> Page:
    """One case."""
    site = site_of(request)
    site.projections.catch_up()
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    officers = [found.reference.officer(number) for number in found.state.officers]
    return site.page(
        request,
        "office/case.html",
        state=found.state,
        opening=found.state.opened_by,
        tiles=casepage.tiles(found.state, found.reference, site.now),
        documents=casepage.documents(found.state),
        against=casepage.against(found.state, found.reference),
        missing=casepage.unbroken(site.facts, found.state),
        adopted=casepage.adopted(site.facts, found.state),
        witnessed=casepage.witnessed(site.services.cosigned, found.state),
        officers=[one.name for one in officers if one],
        way=[one for one in reversed(found.state.timeline) if one.kind != casepage.ARRIVAL],
        stored=sum(one.kind == casepage.ARRIVAL for one in found.state.timeline),
        done=request.query_params.get("done", ""),
    )


@get("/office/cases/{case:str}/export", sync_to_thread=True, opt={"right": Right.EXPORT})
def export(request: Web, case: FromPath[str]) -> File:
    """The case file as of now."""
    site = site_of(request)
    publishing.standing(site, person_of(request).agency, record_id(case))
    path = site.services.settings.uploads / f"export-{secrets.token_hex(8)}.zip"
    casefiles.write_casefile(site.services, record_id(case), path)
    return _zip(path, case, BackgroundTask(path.unlink, missing_ok=True))


@get("/office/cases/{case:str}/package", sync_to_thread=True, opt={"right": Right.EXPORT})
def package(request: Web, case: FromPath[str]) -> File:
    """The sealed case file."""
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    sealed = found.state.archived
    path = (
        filing.package_path(site.services, record_id(case), sealed.statement.package.sha256)
        if sealed
        else None
    )
    if path is None:
        raise NoSuchThing("this case is not sealed yet; its archivist seals it when it is complete")
    return _zip(path, case, None)


@get("/office/files/{sha256:str}", sync_to_thread=True, opt={"right": Right.CASES})
def file(request: Web, sha256: FromPath[str]) -> File:
    """A document or a recording of the person's own agency."""
    site = site_of(request)
    path, of_device = site.facts.blob_path(record_id(sha256)), site.facts.registry.device_of_journal
    named = site.facts.namings(record_id(sha256), person_of(request).agency)
    blob = next((one for one in named if of_device(one.journal) is not None), None)
    if blob is None or path is None or blob.stored_index is None:
        raise NoSuchThing("this file has not arrived; wait until the tablet has sent everything")
    inline = blob.media_type in INLINE
    return File(
        path=path,
        filename=sha256[:16],
        media_type=blob.media_type if inline else "application/octet-stream",
        content_disposition_type="inline" if inline else "attachment",
        # Browsers show a PDF in a page of their own, which the pages' policy would leave blank.
        headers={name: value for name, value in HEADERS.items() if "Policy" not in name},
    )


def _zip(path: Path, case: str, after: BackgroundTask | None) -> File:
    return File(
        path=path,
        filename=f"case-{case[:16]}.zip",
        media_type="application/zip",
        headers=HEADERS,
        background=after,
    )


HANDLERS = [cases, case, export, package, file]
