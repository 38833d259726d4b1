"""Tables in and out: officers and the agency's lists as CSV and XLSX.

GET  /office/officers/import · POST             file, reason, password; only=on: what would change
GET  /office/officers/export/<kind>             kind is csv or xlsx
GET  /office/lists/<catalogue>/import · POST    the same for items, matrix and calendar, whole
GET  /office/lists/<catalogue>/export/<kind>

A table is taken over whole or not at all; what is wrong is shown with row and column.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol.vocabulary import Catalogue
from sync_server.people import dayrows, importing, itemrows, matrixrows, sheets
from sync_server.people.importing import Outcome
from sync_server.people.sheets import BadSheet, Column
from sync_server.services import Services
from sync_server.web import changes, forms, roster
from sync_server.web.access import Right, expect_own_form, person_of
from sync_server.web.changes import Change
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.registering import FAULTS, Form, leads
from sync_server.web.site import HEADERS, Page, explain, language_of, site_of


@dataclass(frozen=True)
class Table:
    """One kind of table: its columns, how it is taken over and written, and whose page it is."""

    name: str
    columns: tuple[Column, ...]
    take: Callable[..., Outcome]
    rows: Callable[[Services, str], list[dict[str, str]]]
    home: str
    address: str
    catalogue: Catalogue | None = None


def _list(
    name: str, columns: tuple[Column, ...], take: Any, rows: Any, catalogue: Catalogue
) -> Table:
    return Table(name, columns, take, rows, "/office/lists", f"/office/lists/{name}", catalogue)


_OFFICERS = "/office/officers"
OFFICERS = Table(
    "officers",
    importing.OFFICER_COLUMNS,
    importing.officers,
    importing.officer_rows,
    _OFFICERS,
    _OFFICERS,
)
LISTS: Mapping[str, Table] = {
    one.name: one
    for one in (
        _list(
            "items", itemrows.ITEM_COLUMNS, importing.items, importing.item_rows, Catalogue.ITEMS
        ),
        _list(
            "matrix",
            matrixrows.MATRIX_COLUMNS,
            importing.matrix,
            importing.matrix_rows,
            Catalogue.PUBLICATION,
        ),
        _list(
            "calendar",
            dayrows.CALENDAR_COLUMNS,
            importing.days,
            importing.day_rows,
            Catalogue.CALENDAR,
        ),
    )
}


@dataclass(frozen=True)
class Wrong:
    """A place in a table, and what is wrong with it, in the reader's words. Row 0 is all of it."""

    row: int
    column: str
    words: str


@get("/office/officers/import", sync_to_thread=True, opt={"right": Right.REGISTER})
def officers_form(request: Web) -> Page:
    """The form for a table of officers."""
    return _page(request, OFFICERS, {}, "")


@post("/office/officers/import", status_code=200, opt={"right": Right.REGISTER})
async def import_officers(request: Web) -> Response[str] | Redirect:
    """Take a table of officers over."""
    return await _import(request, OFFICERS)


@get("/office/lists/{catalogue:str}/import", sync_to_thread=True, opt={"right": Right.REGISTER})
def list_form(request: Web, catalogue: FromPath[str]) -> Page:
    """The form for a list's table."""
    return _page(request, _table(catalogue), {}, "")


@post("/office/lists/{catalogue:str}/import", status_code=200, opt={"right": Right.REGISTER})
async def import_list(request: Web, catalogue: FromPath[str]) -> Response[str] | Redirect:
    """Put a table in the place of a list."""
    return await _import(request, _table(catalogue))


@get("/office/officers/export/{kind:str}", sync_to_thread=True, opt={"right": Right.REGISTER})
def export_officers(request: Web, kind: FromPath[str]) -> Response[bytes]:
    """The roster as a table."""
    return _written(request, OFFICERS, kind)


@get(
    "/office/lists/{catalogue:str}/export/{kind:str}",
    sync_to_thread=True,
    opt={"right": Right.REGISTER},
)
def export_list(request: Web, catalogue: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """A list as a table."""
    return _written(request, _table(catalogue), kind)


def _table(name: str) -> Table:
    if name not in LISTS:
        raise NoSuchThing("there is no such list; choose one")
    return LISTS[name]


async def _import(request: Web, table: Table) -> Response[str] | Redirect:
    form, files = await forms.read_files(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        outcome = await sync_to_thread(_take, request, table, form, files.get("file", b""))
    except BadSheet as fault:
        words, wrong = explain(fault, language_of(request)), _wrong(request, table, fault)
        return await sync_to_thread(_page, request, table, form, words, wrong)
    except FAULTS as fault:
        words = roster.say_fault(fault, language_of(request))
        return await sync_to_thread(_page, request, table, form, words)
    if form.get("only") == "on":
        return await sync_to_thread(_page, request, table, form, "", (), outcome)
    return leads(f"{table.home}?done=imported")


def _take(request: Web, table: Table, form: Form, data: bytes) -> Outcome:
    site, registrar = site_of(request), person_of(request)
    rows = sheets.read_sheet(data, table.columns)
    signatory = None
    if form.get("only") != "on":
        signatory = site.accounts.signer(registrar.account, form.get("password", ""))
    seen, reason = forms.version_of(form), form.get("reason", "")
    return table.take(site.services, signatory, registrar.agency, rows, reason, seen)


def _wrong(request: Web, table: Table, fault: BadSheet) -> list[Wrong]:
    language = language_of(request)
    label = 0 if language.startswith("zh") else 1
    named = {one.field: one.labels[label] for one in table.columns}
    return [
        Wrong(one.row, named.get(one.field, one.field), roster.say_fault(one.error, language))
        for one in fault.faults
    ]


def _page(
    request: Web,
    table: Table,
    form: Form,
    fault: str,
    wrong: object = (),
    outcome: Outcome | None = None,
) -> Page:
    site = site_of(request)
    return site.page(
        request,
        "office/import.html",
        422 if fault else 200,
        table=table,
        form=form,
        fault=fault,
        came=_came(request, table, form) if fault else (),
        wrong=wrong,
        outcome=outcome,
        version=site.facts.head.size,
    )


def _came(request: Web, table: Table, form: Form) -> list[Change]:
    """What changed the list since the form was made, which knew every entry below its version."""
    if table.catalogue is None:
        return []
    subject = ("catalogue", person_of(request).agency, table.catalogue.value)
    return changes.since(site_of(request), subject, forms.version_of(form) - 1)


def _written(request: Web, table: Table, kind: str) -> Response[bytes]:
    if kind not in sheets.TYPES:
        raise NoSuchThing("tables come as csv or xlsx; choose one of the two")
    label = 0 if language_of(request).startswith("zh") else 1
    write = sheets.write_csv if kind == "csv" else sheets.write_xlsx
    attached = {"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'}
    rows = table.rows(site_of(request).services, person_of(request).agency)
    return Response(
        write(table.columns, rows, label), media_type=sheets.TYPES[kind], headers=HEADERS | attached
    )


HANDLERS = [
    officers_form,
    import_officers,
    list_form,
    import_list,
    export_officers,
    export_list,
]
