"""The registrar's pages of the tablets: a code for a new one, rest and end of those there are.

GET  /office/devices?page=              every tablet with its standing
POST /office/devices                    name, password: a one-time code, as text and as QR code
GET  /office/devices/<name> · POST      do=suspend · do=reinstate · do=revoke (lost=on)
                                        do=replace (name): revoked, and a code for another one

The QR code holds the server's address, the name and the code, a line each. Every form carries
``version``, the entry that changed the tablet's standing last.
"""

import io
from collections.abc import Mapping

import segno
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.errors import Refused
from protocol.registry.registry import OFFICE, Device
from protocol.registry.standing import mark
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.people import roster
from sync_server.people.roster import NoDevice
from sync_server.web import changes, forms
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, Site, explain, language_of, site_of

SHOWN = 100
FAULTS: tuple[type[Refused], ...] = (NoDevice, WrongSignIn, LockedOut, Changed)


@get("/office/devices", sync_to_thread=True, opt={"right": Right.REGISTER})
def devices(request: Web) -> Page:
    """Every tablet."""
    return _list_page(request, {}, "")


@post("/office/devices", status_code=200, opt={"right": Right.REGISTER})
async def enrol(request: Web) -> Response[str]:
    """A one-time code for a new tablet."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    name = form.get("name", "").strip()
    try:
        code = await sync_to_thread(_code, request, name, form)
    except FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_list_page, request, form, words)
    return await sync_to_thread(_code_page, request, name, code)


@get("/office/devices/{name:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def device(request: Web, name: FromPath[str]) -> Page:
    """One tablet."""
    return _device_page(request, name, {}, "")


@post("/office/devices/{name:str}", status_code=200, opt={"right": Right.REGISTER})
async def change(request: Web, name: FromPath[str]) -> Response[str] | Redirect:
    """Suspend, reinstate, revoke or replace it."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    other = form.get("name", "").strip()
    try:
        code = await sync_to_thread(_change, request, name, form)
    except FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_device_page, request, name, form, words)
    if code:
        return await sync_to_thread(_code_page, request, other, code)
    return Redirect(f"/office/devices/{name}?done={form.get('do', '')}", status_code=303)


def _code(request: Web, name: str, form: Mapping[str, str]) -> str:
    site, registrar = site_of(request), person_of(request)
    site.accounts.signer(registrar.account, form.get("password", ""))
    return roster.device_code(site.services, registrar.agency, name)


def _change(request: Web, name: str, form: Mapping[str, str]) -> str:
    """Do what the form says; the one-time code of the tablet that takes its place, if any."""
    site, registrar = site_of(request), person_of(request)
    _found(site, registrar.agency, name)
    signatory = site.accounts.signer(registrar.account, form.get("password", ""))
    what, reason, seen = form.get("do", ""), form.get("reason", ""), forms.mark_of(form)
    if what in ("suspend", "reinstate"):
        suspend = what == "suspend"
        roster.rest(site.services, signatory, name, reason, seen, suspend=suspend)
        return ""
    lost = form.get("lost") == "on"
    if what == "revoke":
        roster.revoke(site.services, signatory, name, reason, seen, lost=lost)
        return ""
    if what != "replace":
        raise NoSuchThing("there is nothing at this address; start from the list of tablets")
    code = roster.device_code(site.services, registrar.agency, form.get("name", ""))
    roster.revoke(site.services, signatory, name, reason, seen, lost=lost)
    return code


def _found(site: Site, agency: str, name: str) -> Device:
    found = site.facts.registry.devices.get((agency, name))
    if found is None or name == OFFICE:
        raise NoSuchThing("there is no such tablet in your agency; choose one from the list")
    return found


def _list_page(request: Web, form: Mapping[str, str], fault: str) -> Page:
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


def _device_page(request: Web, name: str, form: Mapping[str, str], fault: str) -> Page:
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
