"""The form that publishes a decision, and the one step in which two persons sign it.

    GET  /office/cases/<case>/publish/<record>     served text beside the proposed public text
    POST the same:
        form_token, version        as the form had them
        title, late_reason         free text; the reason only when publication is late
        mask.<piece>               a ground, to mask more than the rules do
        password                   the publisher's own
        reviewer, reviewer_password, reviewed=on       the second person's, on the same form

Whoever signs types the password again, so that nobody's key is open longer than one act.
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.errors import FujieError
from protocol.redaction import Shown
from protocol.vocabulary import Ground
from sync_server.cases import publishing
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.office.publish import ReasonMissing, RuleSays
from sync_server.office.publish import Request as Asked
from sync_server.web import decision
from sync_server.web.access import Right, expect_own_form, expect_right, person_of
from sync_server.web.forms import read_form, record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, language_of, site_of

MASK = "mask."


@get(
    "/office/cases/{case:str}/publish/{record:str}",
    sync_to_thread=True,
    opt={"right": Right.PUBLISH},
)
def publish_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """The served text beside the proposed public text."""
    return _publish_page(request, case, record, {}, "")


@post(
    "/office/cases/{case:str}/publish/{record:str}",
    status_code=200,
    opt={"right": Right.PUBLISH},
)
async def publish(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Publish, with both persons' keys."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_publish, request, case, record, form)
    except (RuleSays, ReasonMissing, WrongSignIn, LockedOut, SecondPerson) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_publish_page, request, case, record, form, words)
    return Redirect(f"/office/cases/{case}?done=published", status_code=303)


class SecondPerson(FujieError):
    """The second person is missing, or is the first one again, or did not confirm."""


def _publish(request: Web, case: str, record: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    reviewer = form.get("reviewer", "").strip()
    if not reviewer or reviewer == person.account:
        raise SecondPerson(
            "a second person has to review this: let another member of staff type account and "
            "password (PB-3)"
        )
    if form.get("reviewed") != "on":
        raise SecondPerson(
            "the second person did not confirm the review; read both texts, then tick the box"
        )
    first = site.accounts.signer(person.account, form.get("password", ""))
    second = site.accounts.signer(reviewer, form.get("reviewer_password", ""))
    expect_right(second[0], Right.REVIEW)
    asked = Asked(
        title=form.get("title", ""),
        masks=_masks(form),
        late_reason=form.get("late_reason", ""),
    )
    publishing.publish(site, record_id(case), record, asked, (first, second), version_of(form))


def _publish_page(
    request: Web, case: str, record: str, form: Mapping[str, str], fault: str
) -> Page:
    site, agency = site_of(request), person_of(request).agency
    version = site.facts.case_version(record_id(case))
    draft = publishing.draft(site, agency, record_id(case), record)
    reference = site.reference(agency)
    template = reference.template(draft.document.issued.statement.document) if reference else None
    fields = template.fields if template else []
    chosen = _masks(form)
    pieces = draft.content.pieces
    served = [Shown(name=one.name, text=one.text) for one in pieces]
    hidden = {one.name: one.text for one in pieces if one.name not in draft.masked | chosen}
    public = [
        Shown(
            name=one.name,
            text=hidden.get(one.name),
            ground=(draft.masked | chosen).get(one.name),
        )
        for one in pieces
    ]
    return site.page(
        request,
        "office/publish.html",
        422 if fault else 200,
        case=case,
        draft=draft,
        labels={one.name: (one.label_zh, one.label_en) for one in fields},
        chosen=chosen,
        served=decision.paragraphs(served, fields),
        public=decision.paragraphs(public, fields),
        form=form,
        fault=fault,
        version=version,
        grounds=list(Ground),
    )


def _masks(form: Mapping[str, str]) -> dict[str, Ground]:
    """Masks that the publisher adds. What the rules mask stays masked, whatever a form says."""
    known = {ground.value: ground for ground in Ground}
    return {
        name.removeprefix(MASK): known[value]
        for name, value in form.items()
        if name.startswith(MASK) and value in known
    }


HANDLERS = [publish_form, publish]
