"""The office's pages: cases, sealed files, what is in them.

    GET  /office?q=                              cases
    GET  /office/cases/<case>                    one case: what is due, its way, its documents
    GET  /office/cases/<case>/export             the case file, built now
    GET  /office/files/<sha256>                  a document or recording

An agency sees its own: another's case is answered as one that does not exist.
"""

import secrets

from litestar import get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import File

from protocol.statements import case_of
from sync_server.cases import casefiles, publishing
from sync_server.projections import archivequeries, queries
from sync_server.projections.tables import ArchiveRow
from sync_server.web import casepage, files
from sync_server.web.access import Right, person_of
from sync_server.web.forms import record_id
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, site_of


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
        way=casepage.way(found.state, found.reference),
        stored=sum(one.kind == casepage.ARRIVAL for one in found.state.timeline),
        done=request.query_params.get("done", ""),
    )


@get("/office/cases/{case:str}/export", sync_to_thread=True, opt={"right": Right.EXPORT})
def export(request: Web, case: FromPath[str]) -> File:
    """The case file as of now."""
    site = site_of(request)
    agency = person_of(request).agency
    publishing.standing(site, agency, record_id(case))
    site.projections.catch_up()
    _expect_open(archivequeries.sealed(site.services.db, agency, record_id(case)))
    path = site.services.settings.uploads / f"export-{secrets.token_hex(8)}.zip"
    casefiles.write_casefile(site.services, record_id(case), path)
    return files.package(path, case, BackgroundTask(path.unlink, missing_ok=True))


@get("/office/files/{sha256:str}", sync_to_thread=True, opt={"right": Right.CASES})
def file(request: Web, sha256: FromPath[str]) -> File:
    """A document or a recording of the person's own agency."""
    site = site_of(request)
    path, of_device = site.facts.blob_path(record_id(sha256)), site.facts.registry.device_of_journal
    agency = person_of(request).agency
    named = site.facts.namings(record_id(sha256), agency)
    blob = next((one for one in named if of_device(one.journal) is not None), None)
    if blob is None or path is None or blob.stored_index is None:
        raise NoSuchThing("this file has not arrived; wait until the tablet has sent everything")
    read = site.facts.record(blob.record_hash)
    case = case_of(read.statement, read.hash) if read else None
    if case is not None:
        site.projections.catch_up()
        _expect_open(archivequeries.sealed(site.services.db, agency, case))
    return files.inline(path, sha256, blob.media_type)


def _expect_open(sealed: ArchiveRow | None) -> None:
    """What is sealed is shown by a retrieval alone, which is on record before."""
    if sealed is not None:
        raise files.Sealed(
            "this case file is sealed as {number}; whoever wants to look into it asks the "
            "archivist, and it goes on record for what",
            number=sealed.archive_no,
        )


HANDLERS = [cases, case, export, file]
