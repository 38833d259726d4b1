"""What a supervisor takes home, and where a report is fixed.

    GET  /supervision/report.<json|csv|pdf>?as_of=&device=&officer=&unit=&since=&until=
    GET  /supervision/report.pdf?sealed=1        the paper with the agency's seal
    GET  /supervision/cuts                       what was fixed, and the form
    POST the same: form_token, as_of (a day that has ended), password

As of a day the bytes are the same whenever they are asked for, but for the seal: those of
``fujie-server report``.
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from protocol.calendar import day_start, local_day, read_day
from protocol.errors import Malformed, Refused
from protocol.findings import document
from sync_server.documents.typeset import FontMissing, NotTypeset
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.reports import answering, written
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.forms import read_form
from sync_server.web.messages import Web
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of
from sync_server.web.supervision import asked

_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "sealed": "application/pdf",
}


@get("/supervision/report.json", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def as_json(request: Web) -> Response[bytes]:
    """The report, or a part of it, for programs."""
    return _download(request, "json")


@get("/supervision/report.csv", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def as_csv(request: Web) -> Response[bytes]:
    """The same for a spreadsheet."""
    return _download(request, "csv")


@get("/supervision/report.pdf", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def as_pdf(request: Web) -> Response[bytes]:
    """The same on paper."""
    return _download(request, "sealed" if request.query_params.get("sealed") else "pdf")


def _download(request: Web, shape: str) -> Response[bytes]:
    made, as_of = asked(request)
    part = {name: request.query_params.get(name, "") for name in ("device", "officer", "unit")}
    since, until = (request.query_params.get(name, "") for name in ("since", "until"))
    if any(part.values()) or since or until:
        made = document.scoped(
            made,
            **part,
            since=day_start(read_day(since)) if since else 0,
            until=day_start(read_day(until)) if until else 1 << 62,
        )
    language = language_of(request)
    data = {
        "json": lambda: document.encode(made),
        "csv": lambda: written.csv_of(made, language),
        "pdf": lambda: written.pdf_of(made, language),
        "sealed": lambda: written.sealed(
            site_of(request).services, made, written.pdf_of(made, language)
        ),
    }[shape]()
    stem = f"integrity-{as_of[:16] or local_day(made['as_of']['at']).isoformat()}"
    name = f"{stem}-sealed.pdf" if shape == "sealed" else f"{stem}.{shape}"
    return Response(
        data,
        media_type=_TYPES[shape],
        headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


@get("/supervision/cuts", sync_to_thread=True, opt={"right": Right.SUPERVISE})
def cuts(request: Web) -> Page:
    """What was fixed."""
    return _page(request, {}, "")


@post("/supervision/cuts", status_code=200, opt={"right": Right.SUPERVISE})
async def cut(request: Web) -> Response[str] | Redirect:
    """Fix a report."""
    form = await read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(_cut, request, form)
    except (Malformed, Refused, WrongSignIn, LockedOut, Changed, FontMissing, NotTypeset) as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(_page, request, form, words)
    return Redirect("/supervision/cuts?done=cut", status_code=303)


def _cut(request: Web, form: Mapping[str, str]) -> None:
    site, person = site_of(request), person_of(request)
    day = read_day(form.get("as_of", "").strip()).isoformat()
    signatory = site.accounts.signer(person.account, form.get("password", ""))
    answering.cut(site.services, signatory, day)


def _page(request: Web, form: Mapping[str, str], fault: str) -> Page:
    site = site_of(request)
    return site.page(
        request,
        "supervision/cuts.html",
        422 if fault else 200,
        cuts=answering.cuts(site.services, person_of(request).agency),
        form=form,
        fault=fault,
        done=request.query_params.get("done", ""),
        yesterday=local_day(site.now - 24 * 3_600_000).isoformat(),
    )


HANDLERS = [as_json, as_csv, as_pdf, cuts, cut]
