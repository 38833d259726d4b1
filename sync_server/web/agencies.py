"""The agencies of this server: what documents and pages say of each, and the own one's edited.

GET  /office/agencies               names, regions, where to turn, and how far the calendar reaches
GET  /office/agencies/own · POST     the own agency's particulars: the fields, reason, password
"""

from collections.abc import Mapping

from litestar import get, post

from protocol.errors import FujieError
from protocol.registry.agencies import WORDS
from protocol.registry.standing import mark
from sync_server import words
from sync_server.people import agencies as people
from sync_server.web import changes, lists
from sync_server.web.access import Right, person_of
from sync_server.web.forms import mark_of
from sync_server.web.messages import Web
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import Page, explain, site_of

LABELS: Mapping[str, str] = {
    "name": "Name of the agency",
    "short_name": "Short name, as in numbers",
    "region": "Code of the region",
    "region_name": "Region",
    "government": "Government for reconsideration",
    "court": "Court for lawsuits",
    "hotline": "Hotline",
    "address": "Address",
    "bank": "Bank for fines",
}
"""What the fields are called (msgids)."""


@get("/office/agencies", sync_to_thread=True, opt={"right": Right.REGISTER})
def agencies(request: Web) -> Page:
    """All of them."""
    site = site_of(request)
    return site.page(
        request,
        "office/agencies.html",
        known=[
            (one.record, lists.loaded_until(site, key))
            for key, one in sorted(site.facts.registry.own_agencies.items())
        ],
        labels=LABELS,
        done=request.query_params.get("done", ""),
    )


@get("/office/agencies/own", sync_to_thread=True, opt={"right": Right.REGISTER})
def agency_form(request: Web) -> Page:
    """The own one."""
    return _page(request, {}, "")


@post("/office/agencies/own", status_code=200, opt={"right": Right.REGISTER})
async def describe(request: Web) -> Answer:
    """Other words for it."""
    return await sent(
        request,
        lambda form, files: _describe(request, form, files),
        lambda form, fault: _page(request, form, fault),
        lambda form, _: leads("/office/agencies?done=described"),
        say_fault,
    )


def say_fault(fault: FujieError, language: str) -> str:
    """What is wrong, with the field called as the form calls it."""
    label = LABELS.get(str(fault.facts.get("field", "")))
    if label is not None:
        named = words.translate(label, language)
        fault = type(fault)(fault.template, **(dict(fault.facts) | {"field": named}))
    return explain(fault, language)


def _describe(request: Web, form: Form, _: Files) -> None:
    typed = {name: form.get(name, "") for name in WORDS}
    registrar = signatory(request, form)
    services = site_of(request).services
    people.describe(services, registrar, typed, form.get("reason", ""), mark_of(form))


def _page(request: Web, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    known = site.facts.registry.agencies[agency].record
    subject = ("agency", agency, known.name)
    return site.page(
        request,
        "office/agency_form.html",
        422 if fault else 200,
        known=known,
        typed={name: form.get(name, getattr(known, name)) for name in WORDS},
        labels=LABELS,
        version=mark(site.facts.registry, subject),
        history=changes.history(site, subject),
        came=changes.since(site, subject, mark_of(form)) if fault else (),
        form=form,
        fault=fault,
    )


HANDLERS = [agencies, agency_form, describe]
