"""The form that seals a case file.

GET  /office/cases/<case>/archive      the gate, line by line, the contents lists and the form
POST the same:
    form_token, version, retention (permanent, years_30, years_10), fonds_no, catalogue_no, file_no,
    remarks, secret-<record>=on for each paper of the secret volume, password
"""

from collections.abc import Mapping
from itertools import groupby

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.rules.archiving import retention_of
from protocol.vocabulary import Retention
from sync_server.cases import filing, publishing
from sync_server.documents.typeset import FontMissing, NotTypeset
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office import binding
from sync_server.office.binding import Binding
from sync_server.office.publish import RuleSays
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import moved, read_form, record_id, version_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, language_of, site_of

_SECRET = "secret-"
_FAULTS = (RuleSays, WrongSignIn, LockedOut, Changed, filing.PackageBroken, FontMissing, NotTypeset)


@get("/office/cases/{case:str}/archive", sync_to_thread=True, opt={"right": Right.ARCHIVE})
def archive_form(request: Web, case: FromPath[str]) -> Page:
    """The gate, and the form that seals."""
    return _archive_page(request, case, {}, "")


@post("/office/cases/{case:str}/archive", status_code=200, opt={"right": Right.ARCHIVE})
async def archive(request: Web, case: FromPath[str]) -> Response[str] | Redirect:
    """Seal the case file with the archivist's key."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_seal, request, case, form)
    except _FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_archive_page, request, case, form, words)
    return Redirect(f"/office/cases/{case}?done=archived", status_code=303)


def _seal(request: Web, case: str, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    archivist = site.accounts.signer(person.account, form.get("password", ""))
    filing.seal(site.services, site, record_id(case), _asked(form), archivist, version_of(form))


def _asked(form: Mapping[str, str]) -> Binding:
    known = {one.value: one for one in Retention}
    secret = [name.removeprefix(_SECRET) for name in form if name.startswith(_SECRET)]
    return Binding(
        retention=known.get(form.get("retention", ""), Retention.YEARS_30),
        fonds_no=form.get("fonds_no", "").strip()[:100],
        catalogue_no=form.get("catalogue_no", "").strip()[:100],
        file_no=form.get("file_no", "").strip()[:100],
        secret=frozenset(secret),
        remarks=form.get("remarks", "").strip()[:2000],
    )


def _archive_page(request: Web, case: str, form: Mapping[str, str], fault: str) -> Page:
    site = site_of(request)
    found = publishing.standing(site, person_of(request).agency, record_id(case))
    asked = _asked(form)
    came = moved(found.state, version_of(form), found.version) if fault else ()
    lines = binding.lines(found.state, found.reference, asked.secret)
    return site.page(
        request,
        "office/archive.html",
        422 if fault else 200,
        case=case,
        opening=found.state.opened_by,
        state=found.state,
        checks=filing.gate(site, found.state),
        volumes=[(kind, list(rows)) for kind, rows in groupby(lines, key=lambda one: one.volume)],
        asked=asked,
        retention=asked.retention if form else retention_of(found.state, found.reference),
        version=found.version,
        fault=fault,
        came=came,
        retentions=list(Retention),
    )


HANDLERS = [archive_form, archive]
