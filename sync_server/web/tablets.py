"""The registrar's pages of the tablets: a code for a new one, rest and end of those there are.

GET  /office/devices?page=              every tablet with its standing
POST /office/devices                    name, password: a one-time code, as text and as QR code
GET  /office/devices/<name> · POST      do=suspend · do=reinstate · do=revoke (lost=on)
                                        do=replace (name): revoked, and a code for another one

The QR code holds the server's address, the name and the code, a line each. Every form carries
``version``, the entry that changed the tablet's standing last.
"""

import io

import segno
from litestar import get, post
from litestar.params import FromPath

from protocol.registry.registry import OFFICE, Device
from protocol.registry.standing import mark
from sync_server.people import roster
from sync_server.web import changes, codes, forms
from sync_server.web.access import Right, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import Page, Site, site_of

SHOWN = 100


@get("/office/devices", sync_to_thread=True, opt={"right": Right.REGISTER})
def devices(request: Web) -> Page:
    """Every tablet."""
    return _list_page(request, {}, "")


@post("/office/devices", status_code=200, opt={"right": Right.REGISTER})
async def enrol(request: Web) -> Answer:
    """A one-time code for a new tablet."""
    return await sent(
        request,
        lambda form, files: _code(request, form, files),
        lambda form, fault: _list_page(request, form, fault),
        lambda form, code: _code_page(request, _name(form), code),
    )


@get("/office/devices/{name:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def device(request: Web, name: FromPath[str]) -> Page:
    """One tablet."""
    return _device_page(request, name, {}, "")


@post("/office/devices/{name:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, name: FromPath[str]) -> Answer:
    """Suspend, reinstate, revoke or replace it."""
    return await sent(
        request,
        lambda form, files: _change(request, name, form, files),
        lambda form, fault: _device_page(request, name, form, fault),
        lambda form, code: (
            _code_page(request, _name(form), code)
            if code
            else leads(f"/office/devices/{name}?done={form.get('do', '')}")
        ),
    )


def _name(form: Form) -> str:
    return form.get("name", "").strip()


def _code(request: Web, form: Form, _: Files) -> str:
    signatory(request, form)
    return roster.device_code(site_of(request).services, person_of(request).agency, _name(form))


def _change(request: Web, name: str, form: Form, _: Files) -> str:
    """Do what the form says; the one-time code of the tablet that takes its place, if any."""
    site, agency = site_of(request), person_of(request).agency
    _found(site, agency, name)
    registrar = signatory(request, form)
    what, reason, seen = form.get("do", ""), form.get("reason", ""), forms.mark_of(form)
    if what in ("suspend", "reinstate"):
        suspend = what == "suspend"
        roster.rest(site.services, registrar, name, reason, seen, suspend=suspend)
        return ""
    lost = form.get("lost") == "on"
    if what == "revoke":
        roster.revoke(site.services, registrar, name, reason, seen, lost=lost)
        return ""
    if what != "replace":
        raise NoSuchThing("there is nothing at this address; start from the list of tablets")
    code = roster.device_code(site.services, agency, _name(form))
    roster.revoke(site.services, registrar, name, reason, seen, lost=lost)
    return code


def _found(site: Site, agency: str, name: str) -> Device:
    found = site.facts.registry.devices.get((agency, name))
    if found is None or name == OFFICE:
        raise NoSuchThing("there is no such tablet in your agency; choose one from the list")
    return found


def _list_page(request: Web, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    own = [
        one
        for one in site.facts.registry.devices.values()
        if one.agency == agency and one.name != OFFICE and not one.is_lower
    ]
    own.sort(key=lambda one: (one.revoked_at is not None, one.name))
    return site.page(
        request,
        "office/devices.html",
        422 if fault else 200,
        listed=cut(own, page_in(request.query_params.get("page", "")), SHOWN),
        codes=codes.out(site, agency, "device"),
        done=request.query_params.get("done", ""),
        form=form,
        fault=fault,
    )


def _code_page(request: Web, name: str, code: str) -> Page:
    site = site_of(request)
    address = site.services.settings.address
    return site.page(
        request,
        "office/device_code.html",
        device=name,
        code=code,
        address=address,
        qr=_qr(f"{address}\n{name}\n{code}"),
        until=site.now + site.services.settings.code_ms,
    )


def _qr(text: str) -> str:
    """A QR code as SVG, ink on white at night too."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        scale=6,
        border=4,
        dark="#14201f",
        light="#ffffff",
        xmldecl=False,
        svgns=False,
        omitsize=True,
    )
    return out.getvalue().decode()


def _device_page(request: Web, name: str, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    known, subject = _found(site, agency, name), ("device", agency, name)
    return site.page(
        request,
        "office/device.html",
        422 if fault else 200,
        known=known,
        version=mark(site.facts.registry, subject),
        history=changes.history(site, subject),
        came=changes.since(site, subject, forms.mark_of(form)) if fault else (),
        form=form,
        fault=fault,
        done=request.query_params.get("done", ""),
    )


HANDLERS = [devices, enrol, device, change]
