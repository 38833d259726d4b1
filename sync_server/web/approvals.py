"""The head's pages: what waits for a word of the head, and the form that gives it.

GET  /office/approvals                        everything that waits, what has a term first
GET  /office/approvals/<case>/<record>        one of them: who asks for what, and why
POST the same:
    form_token, version        as the form had them
    granted                    yes or no
    reason, password           the head's own

Signed with the head's own key. If the case has moved on since the form was made, nothing is said
and the page shows what came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.case import CaseState, TimelineEntry
from protocol.statements import ApprovalGiven
from sync_server.cases import assigning, publishing
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.approvals import ApprovalRequest, NotApprovable
from sync_server.projections import queries
from sync_server.projections.awaiting import Awaited, awaited
from sync_server.projections.tables import CaseRow
from sync_server.web import forms
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import Page, Site, explain, language_of, site_of

YES, NO = "yes", "no"


class NotSaid(NotApprovable):
    """The form says neither yes nor no."""


@dataclass(frozen=True)
class Line:
    """One thing that waits, and the case that it is in."""

    row: CaseRow
    one: Awaited


@get("/office/approvals", sync_to_thread=True, opt={"right": Right.APPROVE})
def approvals(request: Web) -> Page:
    """What waits."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    lines = [
        Line(row, one)
        for row in queries.awaiting(site.services.db, agency)
        for one in awaited(site.projections.state(row.case_id))
    ]
    lines.sort(key=lambda line: (line.one.due_at or 1 << 53, line.one.since))
    done = request.query_params.get("done", "")
    return site.page(request, "office/approvals.html", lines=lines, done=done)


@get(
    "/office/approvals/{case:str}/{record:str}",
    sync_to_thread=True,
    opt={"right": Right.APPROVE},
)
def approval_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """One thing that waits, and the form."""
    return _page(request, case, record, {}, "")


@post("/office/approvals/{case:str}/{record:str}", status_code=200, opt={"right": Right.APPROVE})
async def approve(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Grant or refuse."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        said = await sync_to_thread(_approve, request, case, record, form)
    except (NotApprovable, WrongSignIn, LockedOut, Changed) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_page, request, case, record, form, words)
    return Redirect(f"/office/approvals?done={'granted' if said else 'refused'}", status_code=303)


def _approve(request: Web, case: str, record: str, form: Mapping[str, str]) -> bool:
    site, person = site_of(request), person_of(request)
    found = publishing.standing(site, person.agency, forms.record_id(case))
    granted = form.get("granted", "")
    if granted not in (YES, NO):
        raise NotSaid("say whether it is granted or refused")
    version = forms.version_of(form)
    signatory = site.accounts.signer(person.account, form.get("password", ""))
    one = _meant(found.state, record)
    if one is None:
        _expect_version(found.version, version)
        raise NoSuchThing("nothing waits at this address; start from the list of what waits")
    asked = ApprovalRequest(
        subject=one.subject,
        granted=granted == YES,
        reason=form.get("reason", ""),
        concerning=one.record,
    )
    assigning.approve(site.services, signatory, forms.record_id(case), asked, version)
    return asked.granted


def _expect_version(found: int, version: int) -> None:
    if found != version:
        raise Changed(
            "this case changed while you looked at it ({found} records, you saw {version}); read "
            "it again and decide again",
            found=found,
            version=version,
        )


def _meant(state: CaseState, record: str) -> Awaited | None:
    return next((one for one in awaited(state) if one.record == record), None)


def _page(request: Web, case: str, record: str, form: Mapping[str, str], fault: str) -> Page:
    site = site_of(request)
    site.projections.catch_up()
    found = publishing.standing(site, person_of(request).agency, forms.record_id(case))
    state, one = found.state, _meant(found.state, record)
    answers = _answers(state, record)
    if one is None and not answers and not fault:
        raise NoSuchThing("nothing waits at this address; start from the list of what waits")
    came: Sequence[TimelineEntry] = ()
    if fault:
        came = forms.moved(state, forms.version_of(form), found.version)
    return site.page(
        request,
        "office/approval.html",
        422 if fault else 200,
        state=state,
        opening=state.opened_by,
        one=one,
        answers=answers,
        asked_by=_askers(site, state, record),
        media=len(state.media),
        form=form,
        fault=fault,
        came=came,
        version=found.version,
    )


def _answers(state: CaseState, record: str) -> list[ApprovalGiven]:
    """What the head said of this record before; of what no longer waits, the page shows it."""
    return [one.statement for one in state.approvals if one.statement.concerning == record]


def _askers(site: Site, state: CaseState, record: str) -> list[str]:
    """The officers who signed what waits."""
    registry = site.facts.registry
    asking = next((one for one in state.records if one.id == record), None)
    keys = (registry.officer_keys.get(key) for key in (asking.signers if asking else ()))
    lines = (registry.officer_at(key.agency, key.cert_no, site.now, 1 << 62) for key in keys if key)
    return sorted({line.name for line in lines if line})


HANDLERS = [approvals, approval_form, approve]
