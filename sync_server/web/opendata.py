"""The public lists as data: the same filters as the pages, the same words, nothing that is masked.

    GET /decisions.json?q=&agency=&act=&year=&penalty=&page=    a page, and how many there are
    GET /decisions.csv?…       up to ``fulltext.MOST``, for a spreadsheet
    GET /decisions.atom?…      the newest, to subscribe to
    GET /officers.json  .csv   GET /items.json  .csv
    GET /openapi.json          what all of these take and give (``description.py``)

Amounts are in fen in JSON and in 万元 with six decimals in CSV, as double publicity has them; days
are ISO dates.
"""

from collections.abc import Sequence
from dataclasses import replace

from litestar import Response, get
from msgspec import Struct

from sync_server.projections import fulltext, queries
from sync_server.projections.queries import Wanted
from sync_server.web import description, officers, openrows
from sync_server.web.messages import Web
from sync_server.web.openforms import OPEN, as_csv, as_json, feed
from sync_server.web.openrows import (
    DecisionPage,
    ItemPage,
    OfficerPage,
    PublicDecision,
    PublicItem,
    PublicOfficer,
)
from sync_server.web.paging import cut, page_in
from sync_server.web.public import current, references, today_of, wanted_in
from sync_server.web.site import Site, site_of

FEED = 50
PAGE = 100
WAN = 1_000_000
"""Fen in 万元."""

DECISION_COLUMNS = (
    "行政处罚决定书文号 案件名称 行政相对人名称 统一社会信用代码 执法类别 处罚类别 "
    "罚款金额（万元） 决定日期 公示日期 公示截止期 决定机关 决定机关代码 网址"
).split()
OFFICER_COLUMNS = (
    "证件编号 姓名 单位 职务 执法类别 执法领域 执法区域 执法机关 有效期自 有效期至 状态"
).split()
ITEM_COLUMNS = (
    "项目编码 事项名称 类别 执法主体 承办机构 执法依据 违法行为 违反条款 处罚依据".split()
)


@get("/decisions.json", sync_to_thread=True)
def decisions_json(request: Web) -> Response[bytes]:
    """A page of the decisions on display."""
    site, wanted = current(request), wanted_in(request)
    listed = queries.decisions(site.db, wanted, today_of(site))
    names, address = _agencies(site), site.services.settings.address
    return as_json(
        DecisionPage(
            total=min(listed.total, fulltext.MOST),
            more=listed.more,
            page=listed.page,
            pages=listed.pages,
            decisions=[openrows.decision(row, address, names) for row in listed.rows],
        )
    )


@get("/decisions.csv", sync_to_thread=True)
def decisions_csv(request: Web) -> Response[bytes]:
    """The decisions on display, for a spreadsheet."""
    site, wanted = current(request), wanted_in(request)
    found = _newest(site, wanted, fulltext.MOST)
    return as_csv("decisions", DECISION_COLUMNS, (_decision_cells(one) for one in found))


@get("/decisions.atom", sync_to_thread=True)
def decisions_atom(request: Web) -> Response[bytes]:
    """The newest decisions on display."""
    site, wanted = current(request), wanted_in(request)
    found = _newest(site, wanted, FEED)
    region = next((one.record.region_name for one in site.facts.registry.agencies.values()), "")
    body = feed(found, site.services.settings.address, request.url.query, region)
    return Response(body.encode(), media_type="application/atom+xml", headers=OPEN)


@get("/officers.json", sync_to_thread=True)
def officers_json(request: Web) -> Response[bytes]:
    """A page of the roster."""
    listed = cut(_officers(request), page_in(request.query_params.get("page", "1")), PAGE)
    return as_json(
        OfficerPage(
            total=listed.total, page=listed.page, pages=listed.pages, officers=list(listed.shown)
        )
    )


@get("/officers.csv", sync_to_thread=True)
def officers_csv(request: Web) -> Response[bytes]:
    """The roster, for a spreadsheet."""
    cells = (
        (
            one.cert_no,
            one.name,
            one.unit,
            one.position,
            one.category,
            one.field,
            one.region,
            one.agency,
            one.valid_from,
            one.valid_until,
            one.standing.zh,
        )
        for one in _officers(request)
    )
    return as_csv("officers", OFFICER_COLUMNS, cells)


@get("/items.json", sync_to_thread=True)
def items_json(request: Web) -> Response[bytes]:
    """A page of the items."""
    listed = cut(_items(request), page_in(request.query_params.get("page", "1")), PAGE)
    return as_json(
        ItemPage(total=listed.total, page=listed.page, pages=listed.pages, items=list(listed.shown))
    )


@get("/items.csv", sync_to_thread=True)
def items_csv(request: Web) -> Response[bytes]:
    """The items, for a spreadsheet."""
    cells = (
        (
            one.code,
            one.name,
            one.act.zh,
            one.agency,
            one.unit,
            one.basis,
            one.cause,
            one.violated,
            one.penalty_basis,
        )
        for one in _items(request)
    )
    return as_csv("items", ITEM_COLUMNS, cells)


@get("/openapi.json", sync_to_thread=True)
def openapi(request: Web) -> Response[bytes]:
    """What the public addresses take and give."""
    pages: dict[str, type[Struct]] = {
        "decisions": DecisionPage,
        "officers": OfficerPage,
        "items": ItemPage,
    }
    return as_json(description.described(site_of(request).services.settings.address, pages))


def _decision_cells(one: PublicDecision) -> Sequence[str]:
    return (
        one.number,
        one.title,
        one.party,
        one.party_code,
        one.act.zh,
        "、".join(kind.zh for kind in one.penalties),
        f"{one.fine / WAN:.6f}",
        one.decided_on,
        one.published_on,
        one.display_until or "",
        one.agency,
        one.agency_code,
        one.url,
    )


def _newest(site: Site, wanted: Wanted, most: int) -> list[PublicDecision]:
    listed = queries.decisions(site.db, replace(wanted, page=1), today_of(site), most)
    names, address = _agencies(site), site.services.settings.address
    return [openrows.decision(row, address, names) for row in listed.rows]


def _officers(request: Web) -> list[PublicOfficer]:
    return [openrows.officer(one) for one in officers.filtered(request)]


def _items(request: Web) -> list[PublicItem]:
    return [
        openrows.item(reference, one)
        for reference in references(current(request))
        for one in reference.items
    ]


def _agencies(site: Site) -> dict[str, str]:
    return {key: one.record.name for key, one in site.facts.registry.agencies.items()}


HANDLERS = [
    decisions_json,
    decisions_csv,
    decisions_atom,
    officers_json,
    officers_csv,
    items_json,
    items_csv,
    openapi,
]
