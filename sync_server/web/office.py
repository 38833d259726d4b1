"""The office's pages: sign in, cases, publish with a second person, seal and hand out files.

    GET/POST /office/login   POST /office/logout
    GET  /office?q=                              cases · GET /office/archive?q=  sealed files
    GET  /office/cases/<case>                    one case: what is due, its way, its documents
    GET/POST /office/cases/<case>/publish/<record>    form: publishing.py
    GET/POST /office/cases/<case>/archive             form: filing.py
    GET  /office/cases/<case>/export             the case file, built now
    GET  /office/cases/<case>/package            the sealed file
    GET  /office/files/<sha256>                  a document or recording

Whoever signs types the password again, and the second person types account and password on the
same form: both keys sign in one step, and nobody's key is open longer than that.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.concurrency import sync_to_thread
from litestar.response import File, Redirect

from protocol.errors import FujieError
from protocol.vocabulary import Ground, Retention
from sync_server import casefiles, filing, publishing
from sync_server.accounts import LockedOut, WrongSignIn
from sync_server.office.publish import ReasonMissing, RuleSays
from sync_server.office.publish import Request as Asked
from sync_server.projections import queries
from sync_server.web import casepage
from sync_server.web.access import (
    ForeignForm,
    Right,
    expect_own_form,
    expect_own_origin,
    expect_right,
    person_of,
    session_cookie,
)
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of

INLINE = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "video/mp4",
    "audio/mp4",
    "audio/ogg",
)
MASK = "mask."


@get("/office/login", sync_to_thread=True)
def login_form(request: Request) -> Page:
    """Sign in."""
    back = _own_path(request.query_params.get("next", ""))
    return site_of(request).page(request, "office/login.html", back=back, fault="", account="")


@post("/office/login", status_code=200)
async def login(request: Request) -> Response[str] | Redirect:
    """Begin a session."""
    site, form = site_of(request), await _form(request)
    expect_own_origin(request)
    back, account = _own_path(form.get("next", "")), form.get("account", "").strip()
    try:
        secret = await sync_to_thread(site.accounts.sign_in, account, form.get("password", ""))
    except (WrongSignIn, LockedOut) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(
            lambda: site.page(
                request, "office/login.html", 403, back=back, fault=words, account=account
            )
        )
    return Redirect(back, status_code=303, cookies=[session_cookie(secret, secure=site.secure)])


@post("/office/logout", status_code=303)
async def logout(request: Request) -> Redirect:
    """End the session."""
    form = await _form(request)
    expect_own_form(request, form.get("form_token", ""))
    site = site_of(request)
    await sync_to_thread(site.accounts.sign_out, request.cookies.get("fujie_session", ""))
    return Redirect(
        "/office/login", status_code=303, cookies=[session_cookie("", secure=site.secure)]
    )


@get("/office", sync_to_thread=True, opt={"right": Right.CASES})
def cases(request: Request) -> Page:
    """The list of cases."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    words = request.query_params.get("q", "")[:100].strip()
    rows = queries.cases(site.services.db, agency, words)
    return site.page(request, "office/cases.html", rows=rows, words=words)


@get("/office/archive", sync_to_thread=True, opt={"right": Right.CASES})
def archive_list(request: Request) -> Page:
    """The sealed files."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    words = request.query_params.get("q", "")[:100].strip()
    rows = queries.archived(site.services.db, agency, words)
    return site.page(request, "office/archived.html", rows=rows, words=words, Retention=Retention)


@get("/office/cases/{case:str}", sync_to_thread=True, opt={"right": Right.CASES})
def case(request: Request, case: str) -> Page:
    """One case."""
    site = site_of(request)
    site.projections.catch_up()
    found = publishing.standing(site, person_of(request).agency, _id(case))
    officers = [found.reference.officer(number) for number in found.state.officers]
    return site.page(
        request,
        "office/case.html",
        state=found.state,
        opening=found.state.opening,
        tiles=casepage.tiles(found.state, found.reference, site.now),
        documents=casepage.documents(found.state),
        missing=casepage.unbroken(site.facts, found.state),
        officers=[one.name for one in officers if one],
        done=request.query_params.get("done", ""),
    )


# ── publishing ───────────────────────────────────────────────────────────────────────────


@get(
    "/office/cases/{case:str}/publish/{record:str}",
    sync_to_thread=True,
    opt={"right": Right.PUBLISH},
)
def publish_form(request: Request, case: str, record: str) -> Page:
    """The served text beside the proposed public text."""
    return _publish_page(request, case, record, {}, "")


@post(
    "/office/cases/{case:str}/publish/{record:str}",
    status_code=200,
    opt={"right": Right.PUBLISH},
)
async def publish(request: Request, case: str, record: str) -> Response[str] | Redirect:
    """Publish, with both persons' keys."""
    form = await _form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_publish, request, case, record, form)
    except (RuleSays, ReasonMissing, WrongSignIn, LockedOut, SecondPerson) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_publish_page, request, case, record, form, words)
    return Redirect(f"/office/cases/{case}?done=published", status_code=303)


class SecondPerson(FujieError):
    """The second person is missing, or is the first one again, or did not confirm."""


def _publish(request: Web, case: str, record: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    reviewer = form.get("reviewer", "").strip()
    if not reviewer or reviewer == person.account:
        raise SecondPerson(
            "a second person has to review this: let another member of staff type account and "
            "password (PB-3)"
        )
    if form.get("reviewed") != "on":
        raise SecondPerson(
            "the second person did not confirm the review; read both texts, then tick the box"
        )
    first = site.accounts.signer(person.account, form.get("password", ""))
    second = site.accounts.signer(reviewer, form.get("reviewer_password", ""))
    expect_right(second[0], Right.REVIEW)
    asked = Asked(
        title=form.get("title", ""),
        masks=_masks(form),
        late_reason=form.get("late_reason", ""),
    )
    publishing.publish(site, _id(case), record, asked, (first, second), _version(form))


def _publish_page(
    request: Web, case: str, record: str, form: Mapping[str, str], fault: str
) -> Page:
    site, agency = site_of(request), person_of(request).agency
    version = site.facts.case_version(_id(case))
    draft = publishing.draft(site, agency, _id(case), record)
    reference = site.reference(agency)
    template = reference.template(draft.document.issued.statement.document) if reference else None
    labels = {one.name: (one.label_zh, one.label_en) for one in template.fields} if template else {}
    return site.page(
        request,
        "office/publish.html",
        422 if fault else 200,
        case=case,
        draft=draft,
        labels=labels,
        chosen=_masks(form),
        form=form,
        fault=fault,
        version=version,
        grounds=list(Ground),
    )


def _masks(form: Mapping[str, str]) -> dict[str, Ground]:
    """Masks that the publisher adds. What the rules mask stays masked, whatever a form says."""
    known = {ground.value: ground for ground in Ground}
    return {
        name.removeprefix(MASK): known[value]
        for name, value in form.items()
        if name.startswith(MASK) and value in known
    }


# ── sealing ──────────────────────────────────────────────────────────────────────────────


@get("/office/cases/{case:str}/archive", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def archive_form(request: Request, case: str) -> Page:
    """The gate, and the form that seals."""
    return _archive_page(request, case, "")


@post("/office/cases/{case:str}/archive", status_code=200, opt={"right": Right.ARCHIVE})
async def archive(request: Request, case: str) -> Response[str] | Redirect:
    """Seal the case file with the archivist's key."""
    form = await _form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_seal, request, case, form)
    except (RuleSays, WrongSignIn, LockedOut, filing.PackageBroken) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_archive_page, request, case, words)
    return Redirect(f"/office/cases/{case}?done=archived", status_code=303)


def _seal(request: Web, case: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    archivist = site.accounts.signer(person.account, form.get("password", ""))
    known = {one.value: one for one in Retention}
    retention = known.get(form.get("retention", ""), Retention.YEARS_30)
    filing.seal(site.services, site, _id(case), retention, archivist, _version(form))


def _archive_page(request: Web, case: str, fault: str) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, _id(case))
    return site.page(
        request,
        "office/archive.html",
        422 if fault else 200,
        case=case,
        opening=found.state.opening,
        state=found.state,
        checks=filing.gate(site, found.state),
        version=found.version,
        fault=fault,
        retentions=list(Retention),
    )


# ── files ────────────────────────────────────────────────────────────────────────────────


@get("/office/cases/{case:str}/export", sync_to_thread=True, opt={"right": Right.EXPORT})
def export(request: Request, case: str) -> File:
    """The case file as of now."""
    site = site_of(request)
    publishing.standing(site, person_of(request).agency, _id(case))
    path = site.services.settings.uploads / f"export-{secrets.token_hex(8)}.zip"
    casefiles.write_casefile(site.services, _id(case), path)
    return _zip(path, case, BackgroundTask(path.unlink, missing_ok=True))


@get("/office/cases/{case:str}/package", sync_to_thread=True, opt={"right": Right.EXPORT})
def package(request: Request, case: str) -> File:
    """The sealed case file."""
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, _id(case))
    sealed = found.state.archived
    path = (
        filing.package_path(site.services, _id(case), sealed.statement.package.sha256)
        if sealed
        else None
    )
    if path is None:
        raise NoSuchThing("this case is not sealed yet; its archivist seals it when it is complete")
    return _zip(path, case, None)


@get("/office/files/{sha256:str}", sync_to_thread=True, opt={"right": Right.CASES})
def file(request: Request, sha256: str) -> File:
    """A document or a recording of the person's own agency."""
    site = site_of(request)
    blob, path = site.facts.blob(_id(sha256)), site.facts.blob_path(_id(sha256))
    device = site.facts.registry.device_of_journal(blob.journal) if blob else None
    ours = device is not None and device.agency == person_of(request).agency
    if blob is None or path is None or not ours:
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


async def _form(request: Web) -> dict[str, str]:
    read = await request.form()
    return {name: value for name, value in read.multi_items() if isinstance(value, str)}


def _version(form: Mapping[str, str]) -> int:
    text = form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ForeignForm("this form is out of date; open the page again and send it again")
    return int(text)


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise NoSuchThing("there is nothing at this address; start from the list of cases")
    return found


def _own_path(text: str) -> str:
    """A path on this site to go on to; never another site."""
    own = text.startswith(("/office", "/supervision")) and "//" not in text and "\\" not in text
    return text if own else "/office"


SIGN_IN = [login_form, login]
HANDLERS = [
    logout,
    cases,
    archive_list,
    case,
    publish_form,
    publish,
    archive_form,
    archive,
    export,
    package,
    file,
]
