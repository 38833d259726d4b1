"""The forms that draft what the public is to see: a publication, a correction of one.

    GET  /office/cases/<case>/publish/<record>     served text beside the proposed public text
    POST the same:
        form_token, version, draft as the form had them
        title, late_reason         free text; the reason only when publication is late
        mask.<piece>               a ground, to mask more than the rules do
        password                   the publisher's own
    GET, POST /office/cases/<case>/correct/<record>   the same of what is public: title, mask.…,
                                                      reason, password

The publisher's key signs the draft; a second person reviews and signs it in a session of that
person's own (``publishing.py``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.redaction import Opened, Shown
from protocol.reference import FieldSpec, Reference
from protocol.statements import DocumentIssued
from protocol.vocabulary import Ground
from sync_server.cases import drafts, publishing
from sync_server.cases.publishing import Read
from sync_server.office.disclose import Correction
from sync_server.office.publish import Request as Asked
from sync_server.web import decision
from sync_server.web.access import Right, person_of
from sync_server.web.acting import FRESH, Form, Sent, acted, signatory
from sync_server.web.forms import record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, Site, site_of

MASK = "mask."
PUBLISH = "/office/cases/{case:str}/publish/{record:str}"
CORRECT = "/office/cases/{case:str}/correct/{record:str}"
DRAFTED = "/office/publishing?done=drafted"


@get(PUBLISH, sync_to_thread=True, opt={"right": Right.PUBLISH})
def publish_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """The served text beside the proposed public text."""
    return _publish_page(request, case, record, FRESH)


@post(PUBLISH, status_code=200, opt={"right": Right.PUBLISH})
async def publish(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Sign a publication and leave it to a second person."""

    def do(form: Form) -> None:
        asked = Asked(
            title=form.get("title", ""),
            masks=masks_in(form),
            late_reason=form.get("late_reason", ""),
        )
        by, id_ = signatory(request, form), record_id(record).hex()
        publishing.save(site_of(request), by, record_id(case), id_, asked, read_of(form))

    return await acted(
        request, do, lambda sent: _publish_page(request, case, record, sent), DRAFTED
    )


@get(CORRECT, sync_to_thread=True, opt={"right": Right.PUBLISH})
def correct_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """What is public, beside what it will be."""
    return _correct_page(request, case, record, FRESH)


@post(CORRECT, status_code=200, opt={"right": Right.PUBLISH})
async def correct(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Sign a correction and leave it to a second person."""

    def do(form: Form) -> None:
        asked = Correction(form.get("title", ""), masks_in(form), form.get("reason", ""))
        by, id_ = signatory(request, form), record_id(record).hex()
        publishing.save(site_of(request), by, record_id(case), id_, asked, read_of(form))

    return await acted(
        request, do, lambda sent: _correct_page(request, case, record, sent), DRAFTED
    )


def masks_in(form: Form) -> dict[str, Ground]:
    """Masks that the publisher adds. What the rules mask stays masked, whatever a form says."""
    known = {ground.value: ground for ground in Ground}
    return {
        name.removeprefix(MASK): known[value]
        for name, value in form.items()
        if name.startswith(MASK) and value in known
    }


def read_of(form: Form) -> Read:
    """What a form was made on. Raises ForeignForm."""
    return Read(version_of(form), form.get("draft", ""))


def held_of(site: Site, record: str) -> dict[str, Any]:
    """The draft of a decision that is there when its form is made, with who saved and returned
    it."""
    held = drafts.find(site.db, record_id(record))
    by = [name_of(site, one) for one in (held.by, held.returned_by)] if held else ["", ""]
    return {"held": held, "held_by": by[0], "held_back_by": by[1]}


def name_of(site: Site, account: str) -> str:
    """A person of the staff by account, or the account."""
    staff = site.facts.registry.staff.values()
    return next((one.name for one in staff if one.account == account), account)


def sheets(
    pieces: Sequence[Opened], masked: Mapping[str, Ground], fields: Sequence[FieldSpec]
) -> dict[str, Any]:
    """The served text and the public one, as both columns of a page show them."""
    served = [Shown(name=one.name, text=one.text) for one in pieces]
    public = [
        Shown(
            name=one.name,
            text=None if one.name in masked else one.text,
            ground=masked.get(one.name),
        )
        for one in pieces
    ]
    return {
        "served": decision.paragraphs(served, fields),
        "public": decision.paragraphs(public, fields),
        "labels": {one.name: (one.label_zh, one.label_en) for one in fields},
        "all_masked": masked,
        "pieces": pieces,
        "grounds": list(Ground),
    }


def fields_of(reference: Reference | None, issued: DocumentIssued) -> Sequence[FieldSpec]:
    """The form of a document, where the reference data have it."""
    template = reference.template(issued.document) if reference else None
    return template.fields if template else []


def _publish_page(request: Web, case: str, record: str, sent: Sent) -> Page:
    site, agency = site_of(request), person_of(request).agency
    draft = publishing.draft(site, agency, record_id(case), record)
    found = publishing.standing(site, agency, record_id(case))
    chosen = masks_in(sent.form)
    issued = draft.document.issued.statement
    return site.page(
        request,
        "office/publish.html",
        sent.status,
        case=case,
        draft=draft,
        chosen=chosen,
        masked=draft.masked,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
        **held_of(site, record),
        **sheets(draft.content.pieces, draft.masked | chosen, fields_of(found.reference, issued)),
    )


def _correct_page(request: Web, case: str, record: str, sent: Sent) -> Page:
    site, agency = site_of(request), person_of(request).agency
    draft = publishing.revision(site, agency, record_id(case), record)
    found = publishing.standing(site, agency, record_id(case))
    own = {name: why for name, why in draft.now_masked.items() if name not in draft.masked}
    chosen = masks_in(sent.form) if sent.form else own
    issued = draft.document.issued.statement
    return site.page(
        request,
        "office/correct.html",
        sent.status,
        case=case,
        draft=draft,
        chosen=chosen,
        masked=draft.masked,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
        **held_of(site, record),
        **sheets(draft.content.pieces, draft.masked | chosen, fields_of(found.reference, issued)),
    )


HANDLERS = [publish_form, publish, correct_form, correct]
