"""How the public lists are written: JSON, CSV for a spreadsheet, Atom (RFC 4287) to subscribe to.

A CSV cell never begins like a formula. Anybody's page may read these answers, and caches keep them
for a minute.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

import msgspec
from litestar import Response

from sync_server.web.openrows import PublicDecision
from sync_server.web.site import HEADERS

OPEN = HEADERS | {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}


def as_json(value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=OPEN)


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response[bytes]:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(one) for one in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(
        written.getvalue().encode("utf-8-sig"),  # without the mark, spreadsheets guess wrong
        media_type="text/csv; charset=utf-8",
        headers=OPEN | headers,
    )


def _cell(text: str) -> str:
    """A spreadsheet takes these for a formula, whoever wrote them."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def feed(found: Sequence[PublicDecision], address: str, query: str, region: str) -> str:
    """Decisions as Atom. An entry is named by its record, whichever server shows it."""
    here = f"{address}/decisions.atom" + (f"?{query}" if query else "")
    newest = max((one.published_on for one in found), default=None)
    updated = f"{newest}T00:00:00+08:00" if newest else "1970-01-01T00:00:00Z"
    entries = "".join(
        f"<entry><id>urn:fujie:record:{one.record}</id>"
        f"<title>{escape(_plain(one.title))}</title>"
        f"<link href={quoteattr(one.url)}/>"
        f"<updated>{one.published_on}T00:00:00+08:00</updated>"
        f"<author><name>{escape(_plain(one.agency))}</name></author>"
        f"<summary>{escape(_plain(_summary(one)))}</summary></entry>"
        for one in found
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">'
        f"<id>{escape(address)}/decisions</id><title>{escape(region)}行政执法决定公示</title>"
        f'<link rel="self" href={quoteattr(here)}/>'
        f"<link href={quoteattr(address + '/decisions')}/>"
        f"<updated>{updated}</updated>{entries}</feed>\n"
    )


def _summary(one: PublicDecision) -> str:
    fine = f"，罚款{one.fine / 100:g}元" if one.fine else ""
    kinds = "、".join(kind.zh for kind in one.penalties) or one.act.zh
    return f"{one.number}：{kinds}{fine}，{one.decided_on}作出"


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(one for one in text if (one >= " " and one < "\ufffe") or one in "\t\n")
