"""Document templates by page: looked at, taken away as a package, tried, replaced.

GET  /office/lists/forms/<document>             its fields, versions and print
GET  /office/lists/forms/<document>/package     the zip file to begin with
POST /office/lists/forms/<document>             file; do=try: a sample as PDF, nothing is said
                                                do=replace (reason, password): in its place

A template that tablets could not print is refused here, with the line that is wrong.
"""

from litestar import Response, get, post
from litestar.params import FromPath

from protocol.forms import Template
from protocol.vocabulary import Catalogue
from sync_server.people import forms, listing, packages
from sync_server.web import changes
from sync_server.web.access import Right, person_of
from sync_server.web.forms import mark_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import HEADERS, Page, site_of


@get("/office/lists/forms/{document:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def form_page(request: Web, document: FromPath[str]) -> Page:
    """One template."""
    return _page(request, document, {}, "")


@get(
    "/office/lists/forms/{document:str}/package",
    sync_to_thread=True,
    opt={"right": Right.REGISTER},
)
def package(request: Web, document: FromPath[str]) -> Response[bytes]:
    """It as a package."""
    found = _found(request, document)
    attached = {"Content-Disposition": f'attachment; filename="{found.document.value}.zip"'}
    return Response(packages.write(found), media_type="application/zip", headers=HEADERS | attached)


@post("/office/lists/forms/{document:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, document: FromPath[str]) -> Answer:
    """Try a package, or put it in the place of what stands."""
    return await sent(
        request,
        lambda form, files: _change(request, document, form, files),
        lambda form, fault: _page(request, document, form, fault),
        lambda form, made: _answer(document, made),
    )


def _change(request: Web, document: str, form: Form, files: Files) -> bytes:
    """The sample, where one was asked for; else empty."""
    site, agency = site_of(request), person_of(request).agency
    _found(request, document)
    data = files.get("file", b"")
    if form.get("do") == "try":
        return forms.tried(site.services, agency, document, data)[1]
    registrar = signatory(request, form)
    reason, seen = form.get("reason", ""), mark_of(form)
    forms.replace(site.services, registrar, agency, document, data, reason, seen)
    return b""


def _answer(document: str, made: bytes) -> Answer:
    if not made:
        return leads(f"/office/lists/forms/{document}?done=replaced")
    shown = {"Content-Disposition": f'inline; filename="{document}.pdf"'}
    return Response(made, media_type="application/pdf", headers=HEADERS | shown)


def _found(request: Web, document: str) -> Template:
    site, agency = site_of(request), person_of(request).agency
    known = site.services.editions.catalogue(agency).templates
    found = next((one for one in known if one.document.value == document), None)
    if found is None:
        raise NoSuchThing("there is no such template; choose one from the list")
    return found


def _page(request: Web, document: str, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    subject = ("catalogue", agency, Catalogue.DOCUMENTS.value)
    return site.page(
        request,
        "office/form.html",
        422 if fault else 200,
        known=_found(request, document),
        version=listing.mark(site.services, agency, Catalogue.DOCUMENTS),
        came=changes.since(site, subject, mark_of(form)) if fault else (),
        form=form,
        fault=fault,
        done=request.query_params.get("done", ""),
    )


HANDLERS = [form_page, package, change]
