"""The public's pages: decisions, officers, items. Without scripts, without cookies but language.

GET /                              home
GET /decisions?q=&agency=&act=&year=&penalty=&page=
GET /decisions/<record>            one decision, its masks, its clock, what a party may do
GET /decisions/<record>/verify     how anyone checks it · /proof   all that is needed for it
GET /officers?q=&unit=&category=&region=   GET /officers/<number>   …/photo
GET /items?q=&act=&page=           what may be inspected, and on which basis
GET /matrix                        what is published, within how many days, by what clause
GET /remedies                      how to ask for reconsideration
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from protocol.calendar import WorkCalendar, local_day, read_day
from protocol.errors import Refused
from protocol.redaction import Shown, lay_out
from protocol.reference import FieldSpec, Reference
from protocol.registry import authority
from protocol.statements import DocumentIssued
from protocol.vocabulary import ActKind, DocumentKind, Ground, PenaltyKind, RemedyRoute
from sync_server.cases import proofs
from sync_server.projections import disclosure, queries
from sync_server.projections.queries import Wanted
from sync_server.projections.tables import DisclosureRow
from sync_server.web import decision as decisions_of
from sync_server.web import paging
from sync_server.web.messages import Web
from sync_server.web.officers import who_signed
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, site_of

LATEST = 5


@dataclass(frozen=True)
class Item:
    """A decision in a list, with its words and its clock."""

    row: DisclosureRow
    penalties: list[PenaltyKind]
    act: ActKind
    kind: DocumentKind
    published_on: date
    days: int | None
    late: bool


@get("/", sync_to_thread=True)
def home(request: Web) -> Page:
    """What is here, and the newest decisions."""
    site = current(request)
    listed = queries.decisions(site.services.db, Wanted(), today_of(site), LATEST)
    registry = site.facts.registry
    return site.page(
        request,
        "home.html",
        latest=[item(site, row) for row in listed.rows],
        decisions=_counted(site).total,
        officers=len(registry.officers),
        items=sum(len(one.items) for one in references(site)),
        agencies=[one.record for one in registry.agencies.values()],
    )


@get("/decisions", sync_to_thread=True)
def decisions(request: Web) -> Page:
    """The decisions on display."""
    site = current(request)
    wanted = wanted_in(request)
    listed = queries.decisions(site.services.db, wanted, today_of(site))
    return site.page(
        request,
        "decisions.html",
        wanted=wanted,
        listed=listed,
        found=[item(site, row) for row in listed.rows],
        agencies=[(key, one.record.name) for key, one in site.facts.registry.agencies.items()],
        acts=list(ActKind),
        penalties=list(PenaltyKind),
        years=_counted(site).years,
    )


@get("/decisions/{record:str}", sync_to_thread=True)
def decision(request: Web, record: FromPath[str]) -> Page:
    """One decision; its text is compared with the log before it is shown."""
    site, row = _row(request, record)
    agency = site.facts.registry.agencies[row.agency].record
    facts: dict[str, Any] = {"row": row, "agency": agency, "item": item(site, row)}
    if row.withdrawn_at is not None:
        return site.page(request, "withdrawn.html", 410, **facts)
    if _has_ended(site, row):
        return site.page(request, "ended.html", 410, **facts)
    if row.segments is not None:
        return _reported(request, site, row, facts)
    proof = proofs.prove(site.facts, site.services.log_key, row)
    if not proof.holds or proof.issued is None:
        return site.page(request, "suspended.html", 503, proof=proof, **facts)
    shown = lay_out(proof.issued.segments, disclosure.opened_of(row), disclosure.masks_of(row))
    reference = site.reference(row.agency)
    fields = _fields(reference, proof.issued)
    return site.page(
        request,
        "decision.html",
        rows=decisions_of.summary(shown, fields),
        text=decisions_of.paragraphs(shown, fields),
        grounds=_grounds(shown),
        officers=who_signed(site, row.issued),
        service=_service(row),
        remedies=_remedies(row, reference),
        matrix=next((one for one in reference.matrix if one.id == row.matrix_row), None)
        if reference
        else None,
        **facts,
    )


def _reported(request: Web, site: Site, row: DisclosureRow, facts: dict[str, Any]) -> Page:
    """A decision that a lower level reported: its words as they came under their commitments."""
    segments = disclosure.segments_of(row)
    shown = lay_out(segments, disclosure.opened_of(row), disclosure.masks_of(row))
    ours = next(iter(site.facts.registry.own_agencies), "")
    form = _form(site.reference(ours), DocumentKind(row.document))
    record = site.facts.record(row.publication)
    signed = authority.staff_of(site.facts.registry, record) if record else []
    return site.page(
        request,
        "reported.html",
        rows=decisions_of.summary(shown, form),
        text=decisions_of.paragraphs(shown, form),
        grounds=_grounds(shown),
        service=_service(row),
        reported=record,
        by=[one.name for one in signed],
        vouched=row.vouched.split(),
        ask=asking_at(row),
        **facts,
    )


@get("/decisions/{record:str}/verify", sync_to_thread=True)
def verify_decision(request: Web, record: FromPath[str]) -> Page:
    """Each check of a publication, and how to do it without this server."""
    site, row = _row(request, record)
    if row.segments is not None:  # its document is with the lower level, and not here
        raise _not_handed_out()
    proof = proofs.prove(site.facts, site.services.log_key, row)
    return site.page(
        request,
        "verify_decision.html",
        row=row,
        given=_is_given(site, row) and proof.holds,
        proof=proof,
        log_key=site.services.log_key,
        checkpoint=site.facts.head.note.decode(),
    )


@get("/decisions/{record:str}/proof", sync_to_thread=True)
def proof_file(request: Web, record: FromPath[str]) -> Response[bytes]:
    """The proof as one file."""
    site, row = _row(request, record)
    if not _is_given(site, row) or not proofs.prove(site.facts, site.services.log_key, row).holds:
        raise _not_handed_out()
    name = f"proof-{row.issued.hex()[:16]}.json"
    return Response(
        proofs.bundle(site.facts, site.services.log_key, row),
        media_type="application/json",
        headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


@get("/items", sync_to_thread=True)
def items(request: Web) -> Page:
    """The items of enforcement."""
    site = current(request)
    asked = request.query_params
    words, act = asked.get("q", "")[:60].strip(), asked.get("act", "")[:20]
    found = [
        (reference.agency, one)
        for reference in references(site)
        for one in reference.items
        if words in f"{one.code}{one.name}{one.cause}{one.basis}" and act in ("", one.act.value)
    ]
    return site.page(
        request,
        "items.html",
        words=words,
        act=act,
        acts=list(ActKind),
        listed=paging.cut(found, paging.page_in(asked.get("page", "1"))),
        total=sum(len(one.items) for one in references(site)),
    )


@get("/matrix", sync_to_thread=True)
def matrix(request: Web) -> Page:
    """The publication matrix."""
    site = current(request)
    return site.page(request, "matrix.html", references=references(site))


@get("/remedies", sync_to_thread=True)
def remedies(request: Web) -> Page:
    """How to ask for reconsideration."""
    site = current(request)
    agencies = [one.record for one in site.facts.registry.agencies.values()]
    return site.page(request, "remedies.html", agencies=agencies)


def asking_at(row: DisclosureRow) -> str:
    """Where the agency that decided takes requests about a reported decision; empty where its
    server did not say where it is."""
    address, _, issued = row.source.rpartition("/decisions/")
    return f"{address}/ask?about={issued}" if address else ""


def wanted_in(request: Web) -> Wanted:
    """What an address asks for; what cannot be meant asks for nothing."""
    asked = request.query_params
    return Wanted(
        words=asked.get("q", "")[:100].strip(),
        agency=asked.get("agency", "")[:40],
        act=asked.get("act", "")[:20],
        year=asked.get("year", "")[:4],
        penalty=asked.get("penalty", "")[:20],
        page=paging.page_in(asked.get("page", "1")),
    )


def item(site: Site, row: DisclosureRow) -> Item:
    """A row with its words and its clock."""
    published = local_day(row.published_at)
    reference = site.reference(row.agency)
    calendar = WorkCalendar.of(reference.years if reference else [])
    try:
        days: int | None = calendar.working_days_between(read_day(row.decided_on), published)
    except Refused:
        days = None
    return Item(
        row,
        [PenaltyKind(value) for value in row.penalties.split(",") if value],
        ActKind(row.act),
        DocumentKind(row.document),
        published,
        days,
        published.isoformat() > row.due_on,
    )


def current(request: Web) -> Site:
    """The site, its projections up with the log."""
    site = site_of(request)
    site.projections.catch_up()
    return site


def _row(request: Web, record: str) -> tuple[Site, DisclosureRow]:
    site = current(request)
    try:
        row = queries.decision(site.services.db, bytes.fromhex(record))
    except ValueError:
        row = None
    if row is None:
        raise NoSuchThing("no decision is published at this address; search for it by its number")
    return site, row


def _not_handed_out() -> NoSuchThing:
    return NoSuchThing(
        "the proof of this decision is not handed out; ask the agency to check it with you"
    )


def _has_ended(site: Site, row: DisclosureRow) -> bool:
    return bool(row.display_until) and row.display_until < today_of(site).isoformat()


def _is_given(site: Site, row: DisclosureRow) -> bool:
    """Whether the words of a decision are handed out: on display, and giving nothing away."""
    return row.provable and row.withdrawn_at is None and not _has_ended(site, row)


def references(site: Site) -> list[Reference]:
    """The reference data of every agency here."""
    found = (site.reference(agency) for agency in site.facts.registry.agencies)
    return [one for one in found if one is not None]


def _counted(site: Site) -> queries.Counted:
    """Counted once for a state of the log and a day: every page of the list shows it."""
    key = (site.facts.head.size, today_of(site))
    if site.counted is None or site.counted[0] != key:
        site.counted = key, queries.counted(site.db, key[1])
    return site.counted[1]


def today_of(site: Site) -> date:
    """The legal day."""
    return local_day(site.now)


def _fields(reference: Reference | None, issued: DocumentIssued) -> list[FieldSpec]:
    return _form(reference, issued.document)


def _form(reference: Reference | None, document: DocumentKind) -> list[FieldSpec]:
    form = reference.template(document) if reference else None
    return form.fields if form else []


def _grounds(shown: list[Shown]) -> list[Ground]:
    return list(dict.fromkeys(one.ground for one in shown if one.ground))


def _service(row: DisclosureRow) -> tuple[str, date] | None:
    if row.served_at is None:
        return None
    return row.served_how, local_day(row.served_at)


def _remedies(row: DisclosureRow, reference: Reference | None) -> decisions_of.Remedies:
    served = local_day(row.served_at) if row.served_at is not None else None
    calendar = WorkCalendar.of(reference.years if reference else [])
    return decisions_of.remedies(RemedyRoute(row.remedy), served, calendar)


HANDLERS = [
    home,
    decisions,
    decision,
    verify_decision,
    proof_file,
    items,
    matrix,
    remedies,
]
