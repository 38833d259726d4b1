"""The publisher's desk, and the second person's page.

GET  /office/publishing                       what is due, what waits for a second person
GET  /office/publishing/<record>              a draft: served text beside the public one
POST the same:
    form_token, version, draft as the form had them: what was read is what is signed, or sent back
    answer                     confirm or return
    reviewed=on                both texts were compared
    why                        why it is returned
    password                   the second person's own
"""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.reference import Reference
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DocumentIssued,
)
from protocol.vocabulary import Ground
from sync_server.cases import asking, drafts, publishing
from sync_server.office.disclose import SecondPerson
from sync_server.projections import due, duequeries
from sync_server.web import desk
from sync_server.web.access import Right, person_of
from sync_server.web.acting import FRESH, Form, Sent, acted, signatory
from sync_server.web.forms import record_id
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.publish import fields_of, name_of, read_of, sheets
from sync_server.web.site import Page, Site, site_of

REVIEW = "/office/publishing/{record:str}"
LATEST = 20


@get("/office/publishing", sync_to_thread=True, opt={"right": Right.REVIEW})
def publishing_desk(request: Web) -> Page:
    """Everything that is to be done for the public, what presses first."""
    site, person = site_of(request), person_of(request)
    site.projections.catch_up()
    db, agency = site.db, person.agency
    reference = _reference(site, agency)
    held = drafts.of_agency(db, agency)
    sorts = duequeries.sorts(db, agency)
    shown = desk.published_sorts(list(sorts), reference)
    return site.page(
        request,
        "office/publishing.html",
        desk=desk.laid_out(
            duequeries.waiting(db, agency, shown),
            duequeries.leaving(db, agency),
            sum(count for sort, count in sorts.items() if sort not in shown),
            {one.issued: one for one in held},
            reference,
            site.now,
        ),
        mine=[one for one in held if not one.returned and one.by != person.account],
        own=[one for one in held if not one.returned and one.by == person.account],
        came_back=[one for one in held if one.returned],
        public=duequeries.standing(db, agency, due.PUBLIC, LATEST),
        withheld=duequeries.standing(db, agency, due.WITHHELD, LATEST),
        withdrawn=duequeries.standing(db, agency, due.WITHDRAWN, LATEST),
        asked=sum(one.answer is None for one in asking.open_of(db, agency)),
        names={one.account: one.name for one in site.facts.registry.staff.values()},
        done=request.query_params.get("done", ""),
    )


@get(REVIEW, sync_to_thread=True, opt={"right": Right.REVIEW})
def review_form(request: Web, record: FromPath[str]) -> Page:
    """A draft, side by side."""
    return _review_page(request, record, FRESH)


@post(REVIEW, status_code=200, opt={"right": Right.REVIEW})
async def review(request: Web, record: FromPath[str]) -> Response[str] | Redirect:
    """Confirm a draft with the second signature, or send it back."""
    led = "/office/publishing?done=returned"

    def do(form: Form) -> None:
        nonlocal led
        site, issued = site_of(request), record_id(record)
        by = signatory(request, form)
        waiting = publishing.waiting(site, by[0].agency, issued)
        if form.get("answer") == "return":
            publishing.give_back(site, by, issued, form.get("why", ""), read_of(form))
            return
        if waiting.by == by[0].account:
            raise SecondPerson(
                "a second person has to review this: another member of staff than the one who "
                "saved the draft (PB-3)"
            )
        if form.get("reviewed") != "on":
            raise SecondPerson(
                "the review is not confirmed; read both texts, tick the box, then sign"
            )
        publishing.confirm(site, by, issued, read_of(form))
        led = f"/office/cases/{waiting.case.hex()}?done={waiting.purpose}"

    def page(sent: Sent) -> Page:
        return _review_page(request, record, sent)

    return await acted(request, do, page, lambda: led)


def _review_page(request: Web, record: str, sent: Sent) -> Page:
    site, person = site_of(request), person_of(request)
    site.projections.catch_up()
    draft = publishing.waiting(site, person.agency, record_id(record))
    found = publishing.standing(site, person.agency, draft.case)
    document = next((one for one in found.state.documents if one.issued.id == record), None)
    if document is None:
        raise NoSuchThing("there is nothing at this address; start from the list to publish")
    issued: DocumentIssued = document.issued.statement
    content = site.projections.content(issued.content.sha256)
    act = draft.act
    masks: dict[str, Ground] = {}
    if isinstance(act, DisclosurePublished | DisclosureCorrected):
        masks = {mask.name: mask.ground for mask in act.masked}
    return site.page(
        request,
        "office/review.html",
        sent.status,
        draft=draft,
        act=act,
        purpose=draft.purpose,
        issued=issued,
        document=document,
        matrix=_row(found.reference, act),
        by=name_of(site, draft.by),
        is_own=draft.by == person.account,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
        masked=masks,
        chosen={},
        **sheets(content.pieces if content else [], masks, fields_of(found.reference, issued)),
    )


def _row(reference: Reference, act: object) -> object:
    if not isinstance(act, DisclosurePublished):
        return None
    return next((one for one in reference.matrix if one.id == act.matrix_row), None)


def _reference(site: Site, agency: str) -> Reference:
    found = site.reference(agency)
    if found is None:
        raise NoSuchThing("your agency has no reference data yet; ask the registrar")
    return found


HANDLERS = [publishing_desk, review_form, review]
