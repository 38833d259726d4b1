"""The agency's lists: what it inspects, prints and publishes, and which days are worked.

GET  /office/lists                              all of them, with what changed
GET  /office/lists/<catalogue>?page=            items, templates, matrix or calendar
GET  /office/lists/rows/<row> · POST            a row of the matrix (``new``: another one)
                                                do=save (its fields, place) · do=remove; reason

Whole tables come and go by ``tables.py``, templates by ``formats.py``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from litestar import get, post
from litestar.params import FromPath

from protocol.calendar import local_day, read_day
from protocol.errors import FujieError
from protocol.reference import PublicationRow
from protocol.vocabulary import ActKind, Catalogue, PartyClass, Procedure
from sync_server import words
from sync_server.office import matrix
from sync_server.office.matrix import NEW
from sync_server.people import listing, matrixrows
from sync_server.people.itemrows import Wrong
from sync_server.reference.lists import KEPT
from sync_server.web import changes
from sync_server.web.access import Right, person_of
from sync_server.web.forms import mark_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import Answer, Files, Form, leads, sent, signatory
from sync_server.web.site import Page, Site, explain, language_of, site_of

SHOWN = 100
LISTS = ("items", "templates", "matrix", "calendar")
LABELS: Mapping[str, str] = {
    "id": "Id of the row",
    "act": "Kind of act",
    "procedure": "Procedure",
    "party_class": "Class of the party",
    "warning_only": "Mere warnings",
    "publish": "Published?",
    "limit_days": "Within (working days)",
    "display_months": "Shown for (months)",
    "why": "Rule",
    "clause": "Clause",
    "place": "Place in the matrix",
}
"""What the fields of a row are called (msgids)."""


@get("/office/lists", sync_to_thread=True, opt={"right": Right.REGISTER})
def lists(request: Web) -> Page:
    """What there is."""
    site, agency = site_of(request), person_of(request).agency
    found = site.services.editions.catalogue(agency)
    told = [
        one for which in KEPT for one in changes.history(site, ("catalogue", agency, which.value))
    ]
    told.sort(key=lambda one: -one.index)
    return site.page(
        request,
        "office/lists.html",
        items=found.items,
        templates=found.templates,
        matrix=found.matrix,
        until=loaded_until(site, agency),
        today=local_day(site.now),
        history=told,
        done=request.query_params.get("done", ""),
    )


@get("/office/lists/{catalogue:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def one_list(request: Web, catalogue: FromPath[str]) -> Page:
    """One list."""
    if catalogue not in LISTS:
        raise NoSuchThing("there is no such list; choose one")
    site, agency = site_of(request), person_of(request).agency
    found = site.services.editions.catalogue(agency)
    rows = found.years if catalogue == "calendar" else getattr(found, catalogue)
    return site.page(
        request,
        f"office/list_{catalogue}.html",
        listed=cut(rows, page_in(request.query_params.get("page", "")), SHOWN),
        until=loaded_until(site, agency),
        runs=runs,
        done=request.query_params.get("done", ""),
    )


@get("/office/lists/rows/{row:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def row_form(request: Web, row: FromPath[str]) -> Page:
    """A row of the matrix."""
    return _row_page(request, row, {}, "")


@post("/office/lists/rows/{row:str}", status_code=200, opt={"right": Right.REGISTER})
async def change_row(request: Web, row: FromPath[str]) -> Answer:
    """Change it, put another one in, or take it out."""
    return await sent(
        request,
        lambda form, files: _change(request, row, form, files),
        lambda form, fault: _row_page(request, row, form, fault),
        lambda form, _: leads("/office/lists/matrix?done=changed"),
        say_fault,
    )


def loaded_until(site: Site, agency: str) -> date | None:
    """The last day that the working calendar knows without a gap from this year on."""
    years = {one.year for one in site.services.editions.catalogue(agency).years}
    year = local_day(site.now).year
    while year + 1 in years:
        year += 1
    return date(year, 12, 31) if year in years else None


def runs(days: Sequence[str]) -> list[tuple[str, str]]:
    """Days of one year in runs, each its first and last as month and day.

    >>> runs(["2026-01-01", "2026-01-02", "2026-04-04"])
    [('01-01', '01-02'), ('04-04', '04-04')]
    """
    found: list[list[date]] = []
    for day in map(read_day, sorted(days)):
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [(f"{one[0]:%m-%d}", f"{one[-1]:%m-%d}") for one in found]


def say_fault(fault: FujieError, language: str) -> str:
    """What is wrong, with the row's field called as the form calls it."""
    label = LABELS.get(str(fault.facts.get("field", "")))
    said = explain(fault, language)
    between = "：" if language.startswith("zh") else ": "
    return f"{words.translate(label, language)}{between}{said}" if label else said


def _change(request: Web, row: str, form: Form, _: Files) -> None:
    site, agency = site_of(request), person_of(request).agency
    rows = list(site.services.editions.catalogue(agency).matrix)
    known = _found(rows, row)
    if form.get("do") == "remove":
        made = matrix.without(rows, row)
    else:
        typed = _typed(row, form)
        if known is None:
            matrix.expect_another(rows, typed)
        made = matrix.placed(rows, typed, _place(form, rows, known))
    matrix.expect_sound(made)
    if made == rows:
        raise listing.NothingNew("this row says what stands already; nothing is left to do")
    listing.state(
        site.services,
        signatory(request, form),
        agency,
        Catalogue.PUBLICATION,
        made,
        form.get("reason", ""),
        mark_of(form),
    )


def _typed(row: str, form: Form) -> PublicationRow:
    """The row as typed. Raises NotAMatrix, BadCell."""
    values = {name: form.get(name, "") for name in LABELS} | ({} if row == NEW else {"id": row})
    try:
        return matrixrows.line(values)
    except Wrong as fault:
        facts = dict(fault.error.facts) | {"field": fault.field}
        raise type(fault.error)(fault.error.template, **facts) from None


def _place(form: Form, rows: list[PublicationRow], known: PublicationRow | None) -> int:
    text = form.get("place", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 4:
        return int(text)
    return rows.index(known) + 1 if known else len(rows) + 1


def _found(rows: list[PublicationRow], row: str) -> PublicationRow | None:
    found = next((one for one in rows if one.id == row), None)
    if found is None and row != NEW:
        raise NoSuchThing("there is no such row; choose one from the matrix")
    return found


def _row_page(request: Web, row: str, form: Form, fault: str) -> Page:
    site, agency = site_of(request), person_of(request).agency
    rows = list(site.services.editions.catalogue(agency).matrix)
    known = _found(rows, row)
    subject = ("catalogue", agency, Catalogue.PUBLICATION.value)
    standing = matrixrows.typed(known or matrix.row_of(ActKind.PENALTY))
    place = rows.index(known) + 1 if known else len(rows) + 1
    return site.page(
        request,
        "office/matrix_row.html",
        422 if fault else 200,
        known=known,
        typed=dict(standing, place=str(place)) | dict(form),
        count=len(rows) + (known is None),
        acts=list(ActKind),
        procedures=list(Procedure),
        parties=list(PartyClass),
        labels=LABELS,
        version=listing.mark(site.services, agency, Catalogue.PUBLICATION),
        came=changes.since(site, subject, mark_of(form)) if fault else (),
        form=form,
        fault=fault,
        language=language_of(request),
    )


HANDLERS = [lists, row_form, change_row, one_list]
