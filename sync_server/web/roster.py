"""The registrar's pages of the officers: what is published of each, standing, and keys on tablets.

GET  /office/officers?q=&page=              the roster
GET  /office/officers/new · POST            the six published fields, validity, issuer, photo (file)
GET  /office/officers/<cert_no> · POST      do=details (the same fields, reason)
                                            do=standing (standing, reason) · do=code
GET  /office/officers/<cert_no>/photo       the picture

Every form carries ``version``, the entry that changed the officer last. What is signed goes to the
tablets with the next reference data.
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from protocol.errors import FujieError
from protocol.registry.standing import mark
from protocol.statements import OfficerRegistered
from protocol.vocabulary import Standing
from sync_server import words
from sync_server.office.roster import ISSUERS, NAMES, SETTABLE, Line, NotAnOfficer, line_of
from sync_server.people import roster
from sync_server.reference import portraits
from sync_server.web import changes, codes, forms
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import HEADERS, Page, Site, explain, site_of

SHOWN = 100
LABELS: Mapping[str, str] = {
    "cert_no": "Certificate number",
    "name": "Full name",
    "unit": "Unit",
    "position": "Position",
    "category": "Category of enforcement",
    "field": "Field of work",
    "region": "Code of the region",
    "region_name": "Region",
    "valid_from": "Valid from",
    "valid_until": "Valid until",
    "issuer_kind": "Issued by",
    "filing": "Number of the filing",
    "reason": "Reason",
    "standing": "Standing",
}
"""What the columns are called, in forms and in tables that are imported (msgids)."""


@get("/office/officers", sync_to_thread=True, opt={"right": Right.REGISTER})
def officers(request: Web) -> Page:
    """The roster."""
    site, agency = site_of(request), person_of(request).agency
    asked = request.query_params.get("q", "")[:100].strip()
    lines = [
        one
        for one in _newest(site, agency)
        if not asked or any(asked in text for text in (one.name, one.cert_no, one.unit))
    ]
    return site.page(
        request,
        "office/officers.html",
        listed=cut(lines, page_in(request.query_params.get("page", "")), SHOWN),
        asked=asked,
        codes=codes.out(site, agency, "officer"),
        done=request.query_params.get("done", ""),
    )


@get("/office/officers/new", sync_to_thread=True, opt={"right": Right.REGISTER})
def officer_form(request: Web) -> Page:
    """The form of a new one."""
    site, agency = site_of(request), person_of(request).agency
    record = site.facts.registry.agencies[agency].record
    return _form_page(request, {"region": record.region, "region_name": record.region_name}, "")


@post("/office/officers/new", status_code=200, opt={"right": Right.REGISTER})
async def register(request: Web) -> Answer:
    """Register one."""
    return await sent(
        request,
        lambda form, files: _register(request, form, files, -1),
        lambda form, fault: _form_page(request, form, fault),
        lambda form, _: leads(f"/office/officers/{form['cert_no'].strip()}?done=registered"),
        say_fault,
    )


@get("/office/officers/{cert_no:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def officer(request: Web, cert_no: FromPath[str]) -> Page:
    """One officer."""
    return _officer_page(request, cert_no, {}, "")


@post("/office/officers/{cert_no:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, cert_no: FromPath[str]) -> Answer:
    """Other details, another standing, or a code for a key on a tablet."""
    return await sent(
        request,
        lambda form, files: _change(request, cert_no, form, files),
        lambda form, fault: _officer_page(request, cert_no, form, fault),
        lambda form, code: (
            _officer_page(request, cert_no, {}, "", code)
            if code
            else leads(f"/office/officers/{cert_no}?done={form.get('do', '')}")
        ),
        say_fault,
    )


@get("/office/officers/{cert_no:str}/photo", sync_to_thread=True, opt={"right": Right.REGISTER})
def photo(request: Web, cert_no: FromPath[str]) -> Response[bytes]:
    """The picture."""
    site = site_of(request)
    known = _found(site, person_of(request).agency, cert_no)
    data = portraits.data(site.facts, known.photo)
    if data is None:
        raise NoSuchThing("there is no photo of this officer yet")
    return Response(data, media_type=known.photo.media_type, headers=HEADERS)


def say_fault(fault: FujieError, language: str) -> str:
    """What is wrong, with the field called as the form calls it."""
    label = LABELS.get(str(fault.facts.get("field", "")))
    if label is not None:
        named = words.translate(label, language)
        fault = type(fault)(fault.template, **(dict(fault.facts) | {"field": named}))
    return explain(fault, language)


def _register(request: Web, form: Form, files: Files, seen: int) -> None:
    site, agency = site_of(request), person_of(request).agency
    line = Line(**{name: form.get(name, "") for name in NAMES})
    registrar = signatory(request, form)
    if seen < 0 and roster.officer(site.services, agency, line.cert_no.strip()):
        raise NotAnOfficer(
            "the certificate {cert_no} is registered already; open that officer's page",
            cert_no=line.cert_no.strip(),
        )
    photo, reason = files.get("photo", b""), form.get("reason", "")
    roster.register(site.services, registrar, line, photo, reason, seen)


def _change(request: Web, cert_no: str, form: Form, files: Files) -> str:
    """Do what the form says; the one-time code, if that is what it asked for."""
    site, agency = site_of(request), person_of(request).agency
    _found(site, agency, cert_no)
    what, seen = form.get("do", ""), forms.mark_of(form)
    if what == "details":
        _register(request, {**form, "cert_no": cert_no}, files, seen)
        return ""
    registrar = signatory(request, form)
    if what == "code":
        return roster.officer_code(site.services, agency, cert_no)
    if what != "standing":
        raise NoSuchThing("there is nothing at this address; start from the list of officers")
    standing = next((one for one in Standing if one.value == form.get("standing")), None)
    reason = form.get("reason", "")
    roster.stand(site.services, registrar, cert_no, standing or Standing.UNKNOWN, reason, seen)
    return ""


def _newest(site: Site, agency: str) -> list[OfficerRegistered]:
    found = (
        roster.officer(site.services, of, cert_no)
        for of, cert_no in sorted(site.facts.registry.officers)
        if of == agency
    )
    return [one for one in found if one is not None]


def _found(site: Site, agency: str, cert_no: str) -> OfficerRegistered:
    found = roster.officer(site.services, agency, cert_no)
    if found is None:
        raise NoSuchThing("there is no such officer in your agency; choose one from the list")
    return found


def _form_page(request: Web, form: Form, fault: str) -> Page:
    return site_of(request).page(
        request,
        "office/officer_form.html",
        422 if fault else 200,
        form=form,
        fault=fault,
        labels=LABELS,
        issuers=ISSUERS,
    )


def _officer_page(request: Web, cert_no: str, form: Form, fault: str, code: str = "") -> Page:
    site, agency = site_of(request), person_of(request).agency
    known = _found(site, agency, cert_no)
    subject = ("officer", agency, cert_no)
    typed = form if form.get("do") == "details" else vars(line_of(known))
    keys = [
        one
        for one in site.facts.registry.officer_keys.values()
        if (one.agency, one.cert_no) == (agency, cert_no)
    ]
    return site.page(
        request,
        "office/officer_page.html",
        422 if fault else 200,
        known=known,
        has_photo=portraits.data(site.facts, known.photo) is not None,
        typed=typed,
        version=mark(site.facts.registry, subject),
        history=changes.history(site, subject),
        came=changes.since(site, subject, forms.mark_of(form)) if fault else (),
        form=form,
        fault=fault,
        labels=LABELS,
        issuers=ISSUERS,
        standings=[one for one in SETTABLE if one is not known.standing],
        keys=keys,
        code=code,
        until=site.now + site.services.settings.code_ms,
        done=request.query_params.get("done", ""),
    )


HANDLERS = [officers, officer_form, register, officer, change, photo]
