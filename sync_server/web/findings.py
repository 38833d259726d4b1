"""Findings one by one: the list, one with its signed evidence, and the form that answers for it.

    GET  /supervision/findings?state=&unit=&officer=&device=   the list
    GET  /supervision/findings/<id>                            one: evidence, rule, who, answers
    POST the same: form_token, version (answers seen), state, note, password
    GET  /supervision/records/<hash>                           a record's bytes as they were signed

Whoever answers signs with a key of the own. If somebody answered since the form was made, nothing
is said and the page shows what came.
"""

import base64
import re
from collections.abc import Mapping

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol import envelope
from protocol.findings import document
from protocol.findings.answering import may_say
from protocol.findings.document import Json
from protocol.vocabulary import FindingState
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.factrows import Linked
from sync_server.log.journal import Changed
from sync_server.office.supervising import NotAnswerable
from sync_server.reports import answering
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import read_form, record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, explain, language_of, site_of

SHOWN = 20
"""Records of a finding that are listed."""
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


@get("/supervision/findings", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def findings(request: Web) -> Page:
    """The list, narrowed as it is asked."""
    site, agency = site_of(request), person_of(request).agency
    asked = {
        name: request.query_params.get(name, "") for name in ("state", "unit", "officer", "device")
    }
    made = site.kept.document(agency)
    part = document.scoped(
        made, device=asked["device"], officer=asked["officer"], unit=asked["unit"]
    )
    found = [
        (device, one)
        for device, one in document.findings_of(part)
        if not asked["state"] or one["state"] == asked["state"]
    ]
    return site.page(
        request,
        "supervision/findings.html",
        found=found,
        asked=asked,
        made=made,
        states=list(FindingState),
        names={one["cert_no"]: one["name"] for one in made["officers"]},
    )


@get("/supervision/findings/{named:str}", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def finding(request: Web, named: FromPath[str]) -> Page:
    """One finding."""
    return _page(request, named, {}, "")


@post("/supervision/findings/{named:str}", status_code=200, opt={"right": Right.SUPERVISE})
async def answer(request: Web, named: FromPath[str]) -> Response[str] | Redirect:
    """Answer for it."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_answer, request, named, form)
    except (NotAnswerable, WrongSignIn, LockedOut, Changed) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_page, request, named, form, words)
    return Redirect(f"/supervision/findings/{named}?done=answered", status_code=303)


@get("/supervision/records/{record:str}", sync_to_thread=True, opt={"right": Right.EXPORT})
def record(request: Web, record: FromPath[str]) -> Response[bytes]:
    """Link, entry and envelope of a record of the own agency, as they were admitted."""
    site = site_of(request)
    found = _linked(site, person_of(request).agency, record_id(record))
    if found is None:
        raise NoSuchThing("there is nothing at this address; start from the list of cases")
    signed = found.envelope and envelope.encode_json(envelope.decode(found.envelope))
    made = {
        "record": found.link.record.hex(),
        "index": found.index,
        "link": base64.b64encode(found.link_bytes).decode(),
        "entry": base64.b64encode(found.entry).decode(),
        "envelope": msgspec.Raw(signed) if signed else None,
    }
    name = f'attachment; filename="{found.link.record.hex()[:16]}.json"'
    return Response(
        msgspec.json.encode(made),
        media_type="application/json",
        headers=HEADERS | {"Content-Disposition": name},
    )


def _answer(request: Web, named: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    known = {one.value: one for one in FindingState}
    state = known.get(form.get("state", ""))
    if state is None:
        raise NotAnswerable("say whether it is explained, settled or open again")
    seen, note = version_of(form), form.get("note", "")[:4000]
    signatory = site.accounts.signer(person.account, form.get("password", ""))
    answering.answer(site.services, site.kept, signatory, named, state, note, seen)


def _page(request: Web, named: str, form: Mapping[str, str], fault: str) -> Page:
    site, person = site_of(request), person_of(request)
    made = site.kept.document(person.agency)
    try:
        device, one = answering.finding(made, named)
    except answering.NoFinding as gone:
        raise NoSuchThing(
            "the report has no such finding now; what it was about has changed, read it again"
        ) from gone
    now = FindingState(one["state"])
    return site.page(
        request,
        "supervision/finding.html",
        422 if fault else 200,
        device=device,
        one=one,
        state=now,
        answers=[(x, FindingState(x["state"])) for x in one["answers"]],
        records=_records(site, person.agency, made, device, one),
        allowed=[
            state
            for state in (FindingState.EXPLAINED, FindingState.SETTLED, FindingState.OPEN)
            if may_say(person.role, state) and not state is now is FindingState.OPEN
        ],
        names={x["cert_no"]: x["name"] for x in made["officers"]},
        form=form,
        fault=fault,
        done=request.query_params.get("done", ""),
    )


def _records(site: Site, agency: str, made: Json, device: str, one: Json) -> list[Linked]:
    """The records that a finding rests on: those of its numbers, and those that it names."""
    journal = next((x["journal"] for x in made["devices"] if x["device"] == device), "")
    found: dict[bytes, Linked] = {}
    for first, last in one["spans"] if journal else ():
        left = SHOWN - len(found)
        if left > 0:
            links = site.facts.journal(bytes.fromhex(journal), first, min(last, first + left - 1))
            found |= {link.link.record: link for link in links}
    for fact in one["evidence"]:
        for name in _HASH.findall(fact["value"]):
            linked = _linked(site, agency, bytes.fromhex(name))
            if linked is not None and len(found) < SHOWN:
                found.setdefault(linked.link.record, linked)
    return sorted(found.values(), key=lambda linked: linked.index)


def _linked(site: Site, agency: str, name: bytes) -> Linked | None:
    """The link of a record that a device of this agency wrote."""
    for linked in site.facts.links_of([name]):
        owner = site.facts.registry.device_of_journal(linked.link.journal)
        if owner is not None and owner.agency == agency:
            return linked
    return None


HANDLERS = [findings, finding, answer, record]
