"""One-time codes that are out: given to somebody, not used yet. The lists of tablets, officers and
people show theirs; here they are withdrawn.

POST /office/codes        form_token, purpose (device, officer or staff), subject

No code is shown again. To withdraw one takes no password: it gives nobody anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from sync_server.devices import codes
from sync_server.devices.codes import Purpose
from sync_server.people import roster, staffing
from sync_server.web import forms
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing, log
from sync_server.web.registering import leads
from sync_server.web.site import Site, site_of

HOMES: Mapping[str, tuple[Purpose, str]] = {
    "device": ("device", "/office/devices"),
    "officer": ("officer", "/office/officers"),
    "staff": ("staff", "/office/staff"),
}
"""The purposes, and the list that shows the codes of each."""


@dataclass(frozen=True)
class CodeOut:
    """A code that is out, without the code: for whom, and until when it works (ms)."""

    purpose: Purpose
    subject: str
    shown: str
    beside: str
    until: int


@post("/office/codes", status_code=200, opt={"right": Right.REGISTER})
async def withdraw(request: Web) -> Redirect:
    """Let one work no more."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    asked = form.get("purpose", "")
    if asked not in HOMES:
        raise NoSuchThing("there is nothing at this address; start from the list of tablets")
    purpose, home = HOMES[asked]
    gone = await sync_to_thread(_withdraw, request, purpose, form.get("subject", ""))
    return leads(f"{home}?done={'code' if gone else 'no_code'}")


def out(site: Site, agency: str, purpose: Purpose) -> list[CodeOut]:
    """Those of an agency. Somebody who is invited and has no password yet stands in the list of
    people as such, and is withdrawn there by a signed word."""
    found = codes.codes_out(site.db, agency, purpose, site.now)
    waited = staffing.waited_for(site.services, agency) if purpose == "staff" else {}
    return [
        CodeOut(purpose, one.subject, *_named(site, agency, purpose, one.subject), one.expires_at)
        for one in found
        if one.subject not in waited
    ]


def _named(site: Site, agency: str, purpose: Purpose, subject: str) -> tuple[str, str]:
    if purpose == "device":
        return subject, ""
    if purpose == "officer":
        officer = roster.officer(site.services, agency, subject)
        return (officer.name, subject) if officer else (subject, "")
    person = site.facts.registry.staff.get((agency, subject))
    return (person.name, subject) if person else (subject, "")


def _withdraw(request: Web, purpose: Purpose, subject: str) -> bool:
    site, person = site_of(request), person_of(request)
    gone = codes.withdraw(site.db, person.agency, purpose, subject, site.now)
    log.info("one-time code withdrawn", purpose=purpose, by=person.account, out=gone)
    return gone


HANDLERS = [withdraw]
"""Every route of codes that are out."""
