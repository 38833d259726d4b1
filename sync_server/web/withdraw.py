"""What leaves the public, and what does not reach it unless that is lifted.

    GET, POST /office/cases/<case>/withdraw/<record>   reason, clause, late_reason, password
    GET, POST /office/cases/<case>/withhold/<record>   ground, clause, reason, password
    GET, POST /office/cases/<case>/lift/<record>       clause, reason, password

A publisher withdraws alone and at once: three working days are short (APL 48). That a decision is
never public is a draft like a publication, and a second person confirms it; so is lifting it.
"""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.calendar import WorkCalendar, local_day, read_day
from protocol.case import IssuedDocument
from protocol.errors import Refused
from protocol.publication import withdrawal_day
from protocol.publicity import NeverPublic
from protocol.reference import Reference
from protocol.registry import authority
from sync_server.cases import publishing
from sync_server.cases.publishing import Lifting, Withholding
from sync_server.office.disclose import Withdrawal
from sync_server.office.publish import NotPublishable, ReasonMissing
from sync_server.web.access import Right, person_of
from sync_server.web.acting import FRESH, Form, Sent, acted, signatory
from sync_server.web.forms import record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.publish import DRAFTED, held_of, read_of
from sync_server.web.site import Page, site_of

WITHDRAW = "/office/cases/{case:str}/withdraw/{record:str}"
WITHHOLD = "/office/cases/{case:str}/withhold/{record:str}"
LIFT = "/office/cases/{case:str}/lift/{record:str}"
APL_48 = "《行政处罚法》第四十八条"
OGI_18 = "《政府信息公开条例》第十八条"
CLAUSES = {
    NeverPublic.STATE_SECRET: "《政府信息公开条例》第十四条",
    NeverPublic.TRADE_SECRET: "《政府信息公开条例》第十五条",
    NeverPublic.PRIVACY: "《政府信息公开条例》第十五条",
    NeverPublic.MINOR: "《未成年人保护法》第一百零三条",
    NeverPublic.SECURITY: "《政府信息公开条例》第十四条",
}


@get(WITHDRAW, sync_to_thread=True, opt={"right": Right.PUBLISH})
def withdraw_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """The form of a withdrawal."""
    return _withdraw_page(request, case, record, FRESH)


@post(WITHDRAW, status_code=200, opt={"right": Right.PUBLISH})
async def withdraw(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Withdraw what is public."""

    def do(form: Form) -> None:
        asked = Withdrawal(
            form.get("reason", ""), form.get("clause", ""), form.get("late_reason", "")
        )
        by, id_ = signatory(request, form), record_id(record).hex()
        publishing.withdraw(site_of(request), by, record_id(case), id_, asked, version_of(form))

    def page(sent: Sent) -> Page:
        return _withdraw_page(request, case, record, sent)

    return await acted(request, do, page, f"/office/cases/{case}?done=withdrawn")


@get(WITHHOLD, sync_to_thread=True, opt={"right": Right.PUBLISH})
def withhold_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """The form that keeps a decision from the public for good."""
    return _withhold_page(request, case, record, FRESH)


@post(WITHHOLD, status_code=200, opt={"right": Right.PUBLISH})
async def withhold(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Sign that a decision is never public, and leave it to a second person."""

    def do(form: Form) -> None:
        ground = {one.value: one for one in NeverPublic}.get(form.get("ground", ""))
        if ground is None:
            raise ReasonMissing("choose the ground on which it is never public")
        asked = Withholding(ground, form.get("clause", ""), form.get("reason", ""))
        by, id_ = signatory(request, form), record_id(record).hex()
        publishing.save(site_of(request), by, record_id(case), id_, asked, read_of(form))

    def page(sent: Sent) -> Page:
        return _withhold_page(request, case, record, sent)

    return await acted(request, do, page, DRAFTED)


@get(LIFT, sync_to_thread=True, opt={"right": Right.PUBLISH})
def lift_form(request: Web, case: FromPath[str], record: FromPath[str]) -> Page:
    """The form that lets a decision be published after all."""
    return _lift_page(request, case, record, FRESH)


@post(LIFT, status_code=200, opt={"right": Right.PUBLISH})
async def lift(
    request: Web, case: FromPath[str], record: FromPath[str]
) -> Response[str] | Redirect:
    """Sign that what kept it from the public counts no more, and leave it to a second person."""

    def do(form: Form) -> None:
        asked = Lifting(form.get("clause", ""), form.get("reason", ""))
        by, id_ = signatory(request, form), record_id(record).hex()
        publishing.save(site_of(request), by, record_id(case), id_, asked, read_of(form))

    def page(sent: Sent) -> Page:
        return _lift_page(request, case, record, sent)

    return await acted(request, do, page, DRAFTED)


def _withdraw_page(request: Web, case: str, record: str, sent: Sent) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    document = _decision(found.state.documents, record)
    if document.published is None:
        raise NotPublishable("nothing of this decision is public; publish it first")
    due, late = _term(document, found.reference, site.now)
    return site.page(
        request,
        "office/withdraw.html",
        sent.status,
        case=case,
        document=document,
        due=due,
        late=late,
        clause=APL_48,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
    )


def _withhold_page(request: Web, case: str, record: str, sent: Sent) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    document = _decision(found.state.documents, record)
    if document.published is not None:
        raise NotPublishable("this decision is public already; open its public page")
    if document.withheld is not None:
        raise NotPublishable(
            "it is on record that this decision is never public; have that lifted first"
        )
    return site.page(
        request,
        "office/withhold.html",
        sent.status,
        case=case,
        document=document,
        opening=found.state.opened_by,
        clauses=CLAUSES,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
        **held_of(site, record),
    )


def _lift_page(request: Web, case: str, record: str, sent: Sent) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    document = _decision(found.state.documents, record)
    if document.withheld is None:
        raise NotPublishable("nothing keeps this decision from the public; publish it")
    registry = site.facts.registry
    return site.page(
        request,
        "office/lift.html",
        sent.status,
        case=case,
        document=document,
        opening=found.state.opened_by,
        by=[one.name for one in authority.staff_of(registry, document.withheld)],
        clause=OGI_18,
        form=sent.form,
        fault=sent.fault,
        came=sent.came(found.state, found.version),
        version=found.version,
        **held_of(site, record),
    )


def _decision(documents: tuple[IssuedDocument, ...], record: str) -> IssuedDocument:
    found = next((one for one in documents if one.issued.id == record), None)
    if found is None or found.issued.statement.decision is None:
        raise NotPublishable(
            "expected a decision of this case to publish; choose one on the case's page"
        )
    return found


def _term(document: IssuedDocument, reference: Reference, now: int) -> tuple[str, bool]:
    """The last day to withdraw, and whether it is over; empty where no revocation sets one."""
    if document.revoked is None:
        return "", False
    try:
        effective = read_day(document.revoked.statement.effective_on)
        due = withdrawal_day(effective, WorkCalendar.of(reference.years))
    except Refused:
        return "", False
    return due.isoformat(), local_day(now) > due


HANDLERS = [withdraw_form, withdraw, withhold_form, withhold, lift_form, lift]
