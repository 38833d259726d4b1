"""Files whose retention has run out, and the form that destroys one.

GET  /office/archive/ended                sealed files whose retention ended with last year
GET  /office/cases/<case>/destroy         what goes and what remains, and the form
POST the same, as multipart:
    form_token, version, ground, report (PDF), password, second, second_password
GET  /office/archive/appraisals/<case>    the report by which a file was destroyed
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import File, Redirect

from protocol.calendar import local_day
from protocol.vocabulary import Retention
from sync_server.cases import destroying, publishing
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.publish import RuleSays
from sync_server.projections import archivequeries
from sync_server.projections.archivequeries import Sought
from sync_server.web import files
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import moved, record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, explain, language_of, site_of

_FAULTS = (
    RuleSays,
    destroying.NotAppraised,
    publishing.NotHere,
    WrongSignIn,
    LockedOut,
    Changed,
)


@get("/office/archive/ended", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def ended(request: Web) -> Page:
    """What may be appraised."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    sought = Sought(ended=local_day(site.now).year - 1)
    rows = archivequeries.archived(site.services.db, agency, sought)
    return site.page(request, "office/ended.html", rows=rows, Retention=Retention)


@get("/office/cases/{case:str}/destroy", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def destroy_form(request: Web, case: FromPath[str]) -> Page:
    """What goes, what remains, who signs."""
    return _page(request, case, {}, "")


@post("/office/cases/{case:str}/destroy", status_code=200, opt={"right": Right.ARCHIVE})
async def destroy(request: Web, case: FromPath[str]) -> Response[str] | Redirect:
    """Destroy it with both keys."""
    read = await request.form()
    form = {name: value for name, value in read.multi_items() if isinstance(value, str)}
    expect_own_form(request, form.get("form_token", ""))
    sent = read.get("report")
    report = await sent.read() if isinstance(sent, UploadFile) else b""
    try:
        await sync_to_thread(_destroy, request, case, form, report)
    except _FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_page, request, case, form, words)
    return Redirect("/office/archive?done=destroyed", status_code=303)


@get("/office/archive/appraisals/{case:str}", sync_to_thread=True, opt={"right": Right.RETRIEVE})
def appraisal(request: Web, case: FromPath[str]) -> File:
    """The report, for whoever may look into files."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    ours = archivequeries.sealed(site.services.db, agency, record_id(case)) is not None
    found = site.projections.state(record_id(case)).destructions if ours else ()
    sha256 = found[-1].statement.appraisal.sha256 if found else ""
    path = site.facts.blob_path(bytes.fromhex(sha256)) if sha256 else None
    if path is None:
        raise NoSuchThing("there is nothing at this address; start from the list of cases")
    return files.inline(path, sha256, destroying.PDF)


def _destroy(request: Web, case: str, form: Mapping[str, str], report: bytes) -> None:
    site, person = site_of(request), person_of(request)
    people = [site.accounts.signer(person.account, form.get("password", ""))]
    if second := form.get("second", "").strip():
        people.append(site.accounts.signer(second, form.get("second_password", "")))
    ground = form.get("ground", "").strip()[:500]
    destroying.destroy(
        site.services, site, record_id(case), report, ground, people, version_of(form)
    )


def _page(request: Web, case: str, form: Mapping[str, str], fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    found = publishing.standing(site, agency, record_id(case))
    site.projections.catch_up()
    row = archivequeries.sealed(site.services.db, agency, record_id(case))
    if row is None:
        raise NoSuchThing("this case is not sealed yet; its archivist seals it when it is complete")
    return site.page(
        request,
        "office/destroy.html",
        422 if fault else 200,
        row=row,
        retention=Retention(row.retention),
        over=row.kept_until is not None and row.kept_until < local_day(site.now).year,
        form=form,
        version=found.version,
        fault=fault,
        came=moved(found.state, version_of(form), found.version) if fault else (),
    )


HANDLERS = [ended, destroy_form, destroy, appraisal]
"""Every route of destruction."""
