"""The agency's lists, and tables in and out: officers and items as CSV and XLSX.

GET  /office/lists                              items, document templates, publication matrix
GET  /office/lists/<catalogue>?page=            one of them
GET  /office/officers/import · POST             file, reason, password; only=on: what would change
GET  /office/lists/items/import · POST          the same for the item list, whole
GET  /office/officers/export/<kind>             kind is csv or xlsx
GET  /office/lists/items/export/<kind>

A table is taken over whole or not at all; what is wrong is shown with row and column.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.vocabulary import Catalogue
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.roster import NotAnOfficer
from sync_server.people import importing, itemrows, sheets
from sync_server.people.importing import Outcome
from sync_server.people.listing import NoReason, NothingNew
from sync_server.people.sheets import BadSheet
from sync_server.web import changes, forms, roster
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of

FAULTS = (NotAnOfficer, NothingNew, NoReason, WrongSignIn, LockedOut, Changed)
SHOWN = 100
LISTS = ("items", "templates", "matrix")


@dataclass(frozen=True)
class Wrong:
    """A place in a table, and what is wrong with it, in the reader's words. Row 0 is all of it."""

    row: int
    column: str
    words: str


@get("/office/lists", sync_to_thread=True, opt={"right": Right.REGISTER})
def lists(request: Web) -> Page:
    """What there is."""
    site, agency = site_of(request), person_of(request).agency
    found = site.services.editions.catalogue(agency)
    return site.page(
        request,
        "office/lists.html",
        items=found.items,
        templates=found.templates,
        matrix=found.matrix,
        history=changes.history(site, ("catalogue", agency, Catalogue.ITEMS.value)),
        done=request.query_params.get("done", ""),
    )


@get("/office/lists/{catalogue:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def one_list(request: Web, catalogue: FromPath[str]) -> Page:
    """One list."""
    return _list_page(request, catalogue)


@get("/office/lists/items", sync_to_thread=True, opt={"right": Right.REGISTER})
def item_list(request: Web) -> Page:
    """The items: a page of its own, because others stand below its address."""
    return _list_page(request, "items")


def _list_page(request: Web, catalogue: str) -> Page:
    if catalogue not in LISTS:
        raise NoSuchThing("there is no such list; choose one")
    site, agency = site_of(request), person_of(request).agency
    found = site.services.editions.catalogue(agency)
    page = page_in(request.query_params.get("page", ""))
    return site.page(
        request, f"office/list_{catalogue}.html", listed=cut(getattr(found, catalogue), page, SHOWN)
    )


@get("/office/officers/import", sync_to_thread=True, opt={"right": Right.REGISTER})
def officers_form(request: Web) -> Page:
    """The form for a table of officers."""
    return _page(request, "officers", {}, "")


@post("/office/officers/import", status_code=200, opt={"right": Right.REGISTER})
async def import_officers(request: Web) -> Response[str] | Redirect:
    """Take a table of officers over."""
    return await _import(request, "officers", "/office/officers")


@get("/office/lists/items/import", sync_to_thread=True, opt={"right": Right.REGISTER})
def items_form(request: Web) -> Page:
    """The form for a table of items."""
    return _page(request, "items", {}, "")


@post("/office/lists/items/import", status_code=200, opt={"right": Right.REGISTER})
async def import_items(request: Web) -> Response[str] | Redirect:
    """Put a table in the place of the item list."""
    return await _import(request, "items", "/office/lists")


@get("/office/officers/export/{kind:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def export_officers(request: Web, kind: FromPath[str]) -> Response[bytes]:
    """The roster as a table."""
    rows = importing.officer_rows(site_of(request).services, person_of(request).agency)
    return _table(request, "officers", kind, importing.OFFICER_COLUMNS, rows)


@get("/office/lists/items/export/{kind:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def export_items(request: Web, kind: FromPath[str]) -> Response[bytes]:
    """The item list as a table."""
    rows = importing.item_rows(site_of(request).services, person_of(request).agency)
    return _table(request, "items", kind, itemrows.ITEM_COLUMNS, rows)


async def _import(request: Web, which: str, back: str) -> Response[str] | Redirect:
    form, files = await forms.read_files(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        outcome = await sync_to_thread(_take, request, which, form, files.get("file", b""))
    except BadSheet as fault:
        words = explain(fault, language_of(request))
        wrong = _wrong(request, which, fault)
        return await sync_to_thread(_page, request, which, form, words, wrong)
    except FAULTS as fault:
        words = roster.say_fault(fault, language_of(request))
        return await sync_to_thread(_page, request, which, form, words)
    if form.get("only") == "on":
        return await sync_to_thread(_page, request, which, form, "", (), outcome)
    return Redirect(f"{back}?done=imported", status_code=303)


def _take(request: Web, which: str, form: Mapping[str, str], data: bytes) -> Outcome:
    site, registrar = site_of(request), person_of(request)
    officers = which == "officers"
    columns = importing.OFFICER_COLUMNS if officers else itemrows.ITEM_COLUMNS
    rows = sheets.read_sheet(data, columns)
    signatory = None
    if form.get("only") != "on":
        signatory = site.accounts.signer(registrar.account, form.get("password", ""))
    take = importing.officers if officers else importing.items
    return take(
        site.services,
        signatory,
        registrar.agency,
        rows,
        form.get("reason", ""),
        forms.version_of(form),
    )


def _wrong(request: Web, which: str, fault: BadSheet) -> list[Wrong]:
    language = language_of(request)
    columns = importing.OFFICER_COLUMNS if which == "officers" else itemrows.ITEM_COLUMNS
    label = 0 if language.startswith("zh") else 1
    named = {one.field: one.labels[label] for one in columns}
    return [
        Wrong(one.row, named.get(one.field, one.field), roster.say_fault(one.error, language))
        for one in fault.faults
    ]


def _page(
    request: Web,
    which: str,
    form: Mapping[str, str],
    fault: str,
    wrong: object = (),
    outcome: Outcome | None = None,
) -> Page:
    site = site_of(request)
    columns = importing.OFFICER_COLUMNS if which == "officers" else itemrows.ITEM_COLUMNS
    return site.page(
        request,
        "office/import.html",
        422 if fault else 200,
        which=which,
        columns=columns,
        form=form,
        fault=fault,
        wrong=wrong,
        outcome=outcome,
        version=site.facts.head.size,
    )


def _table(
    request: Web,
    name: str,
    kind: str,
    columns: tuple[sheets.Column, ...],
    rows: list[dict[str, str]],
) -> Response[bytes]:
    if kind not in sheets.TYPES:
        raise NoSuchThing("tables come as csv or xlsx; choose one of the two")
    label = 0 if language_of(request).startswith("zh") else 1
    write = sheets.write_csv if kind == "csv" else sheets.write_xlsx
    attached = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(
        write(columns, rows, label), media_type=sheets.TYPES[kind], headers=HEADERS | attached
    )


HANDLERS = [
    lists,
    officers_form,
    import_officers,
    items_form,
    import_items,
    export_officers,
    export_items,
    item_list,
    one_list,
]
