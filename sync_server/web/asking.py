"""Complaints and corrections: the public's form, and the office's answer.

    GET  /ask?about=<record>                 the form
    POST /ask                                kind, words, name, contact, about, agency
    GET  /ask/<number>?key=…                 what came of it, for whoever has the key
    GET  /office/requests                    what waits
    GET  /office/requests/<number>           one request; POST the same: outcome, answer, password

Nobody has to say who asks. What was asked is shown to nobody but the office and whoever has the
key. Of two who answer at once the second sees what the first one said, with the own words beside.
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.publicity import PublicRequestKind, PublicRequestOutcome
from protocol.registry.authority import staff_of
from sync_server.cases import asking
from sync_server.cases.asking import AnsweredMeanwhile, Asked, NotAsked, Overwhelmed, Reply
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.projections import queries
from sync_server.projections.tables import DisclosureRow
from sync_server.store.desktables import PublicRequestRow
from sync_server.web.access import Right, expect_own_form, expect_own_origin, person_of
from sync_server.web.acting import Form, signatory
from sync_server.web.forms import read_form
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.public import asking_at, current
from sync_server.web.site import Page, Site, explain, language_of, site_of


@get("/ask", sync_to_thread=True)
def ask_form(request: Web) -> Page:
    """The form."""
    about = request.query_params.get("about", "")
    return _form(request, {"about": about}, "")


@post("/ask", status_code=200)
async def ask(request: Web) -> Response[str] | Redirect:
    """Take a request."""
    form = await read_form(request)
    expect_own_origin(request)
    try:
        number, key = await sync_to_thread(_receive, request, form)
    except (NotAsked, Overwhelmed) as fault:
        status = 429 if isinstance(fault, Overwhelmed) else 422
        words = explain(fault, language_of(request))
        return await sync_to_thread(_form, request, form, words, status)
    return Redirect(f"/ask/{number}?key={key}&new=1", status_code=303)


@get("/ask/{number:str}", sync_to_thread=True)
def asked(request: Web, number: FromPath[str]) -> Page:
    """What came of a request."""
    site = site_of(request)
    try:
        row = asking.find(site.db, number[:20], request.query_params.get("key", "")[:100])
    except asking.NoSuchRequest as fault:
        raise NoSuchThing(
            "no request has this number and key; compare both with what you noted"
        ) from fault
    return site.page(
        request,
        "asked.html",
        row=row,
        kind=PublicRequestKind(row.kind),
        answer=asking.answered(site, row),
        new="new" in request.query_params,
        decision=queries.decision(site.db, row.issued) if row.issued else None,
        address=f"{site.services.settings.address}/ask/{row.number}",
        key=request.query_params.get("key", ""),
    )


@get("/office/requests", sync_to_thread=True, opt={"right": Right.PUBLISH})
def requests(request: Web) -> Page:
    """What waits, and what was answered last."""
    site = site_of(request)
    rows = asking.open_of(site.db, person_of(request).agency)
    return site.page(
        request,
        "office/requests.html",
        waiting=[one for one in rows if one.answer is None],
        answered=[one for one in rows if one.answer is not None],
        kinds={one.value: one for one in PublicRequestKind},
        done=request.query_params.get("done", ""),
    )


@get("/office/requests/{number:str}", sync_to_thread=True, opt={"right": Right.PUBLISH})
def answer_form(request: Web, number: FromPath[str]) -> Page:
    """One request."""
    return _answer_page(request, number, {}, "")


@post("/office/requests/{number:str}", status_code=200, opt={"right": Right.PUBLISH})
async def answer(request: Web, number: FromPath[str]) -> Response[str] | Redirect:
    """Answer it."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_answer, request, number, form)
    except (NotAsked, AnsweredMeanwhile, WrongSignIn, LockedOut) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_answer_page, request, number, form, words)
    return Redirect("/office/requests?done=answered", status_code=303)


def _receive(request: Web, form: Form) -> tuple[str, str]:
    site = current(request)
    kind = {one.value: one for one in PublicRequestKind}.get(form.get("kind", ""))
    row, agency = _about(site, form), form.get("agency", "")
    if kind is None:
        raise NotAsked("say whether it is a correction or a complaint")
    if row is not None:
        agency = row.agency
    if row is not None and row.segments is not None:
        raise NotAsked("this decision was reported by another agency; write to that agency")
    if agency not in site.facts.registry.own_agencies:
        raise NotAsked("choose the agency that it is about")
    address = request.client.host if request.client else ""
    wanted = Asked(
        kind,
        form.get("words", ""),
        form.get("name", ""),
        form.get("contact", ""),
        row.issued if row else None,
        asking.sender_of(site.sender_key, address) if address else b"",
    )
    return asking.receive(site, agency, wanted)


def _about(site: Site, form: Form) -> DisclosureRow | None:
    """The decision that a request is about, if that is public or was."""
    try:
        about = bytes.fromhex(form.get("about", ""))
    except ValueError:
        return None
    return queries.decision(site.db, about) if len(about) == 32 else None


def _form(request: Web, form: Form, fault: str, status: int = 200) -> Page:
    site = current(request)
    about = _about(site, form)
    reported = about is not None and about.segments is not None
    agencies = site.facts.registry.agencies
    return site.page(
        request,
        "ask.html",
        status,
        form=form,
        fault=fault,
        about=about,
        decided_by=agencies[about.agency].record if about and reported else None,
        elsewhere=asking_at(about) if about and reported else "",
        kinds=list(PublicRequestKind),
        agencies=[(key, one.record) for key, one in site.facts.registry.own_agencies.items()],
        longest=asking.LONGEST,
        days=site.services.settings.contact_days,
    )


def _answer(request: Web, number: str, form: Mapping[str, str]) -> None:
    outcome = {one.value: one for one in PublicRequestOutcome}.get(form.get("outcome", ""))
    if outcome is None:
        raise NotAsked("say what came of it")
    by = signatory(request, form)
    asking.answer(site_of(request), by, number, Reply(outcome, form.get("answer", "")))


def _answer_page(request: Web, number: str, form: Mapping[str, str], fault: str) -> Page:
    site = site_of(request)
    try:
        row = asking.of(site.db, person_of(request).agency, number)
    except asking.NoSuchRequest as none:
        raise NoSuchThing(
            "there is no such request to your office; choose one from the list"
        ) from none
    decision = queries.decision(site.db, row.issued) if row.issued else None
    return site.page(
        request,
        "office/request.html",
        422 if fault else 200,
        row=row,
        kind=PublicRequestKind(row.kind),
        decision=decision,
        said=asking.answered(site, row),
        by=_by(site, row),
        days=site.services.settings.contact_days,
        outcomes=list(PublicRequestOutcome),
        form=form,
        fault=fault,
    )


def _by(site: Site, row: PublicRequestRow) -> list[str]:
    """Who answered."""
    record = site.facts.record(row.answer) if row.answer else None
    return [one.name for one in staff_of(site.facts.registry, record)] if record else []


PUBLIC = [ask_form, ask, asked]
HANDLERS = [requests, answer_form, answer]
