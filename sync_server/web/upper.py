"""What the upper level has of what is public here, with its receipts.

GET /office/upper                     each publication: reported, receipted, its words arrived
GET /office/upper/receipts/<record>   the upper level's receipt, as one file
"""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import col, select

from protocol.errors import FujieError
from protocol.receipt import Receipt
from sync_server.projections.tables import DisclosureRow
from sync_server.store.uppertables import UpstreamReceiptRow
from sync_server.upstream import ledger, reporting
from sync_server.upstream.talk import head_of
from sync_server.web.access import Right, person_of
from sync_server.web.forms import record_id
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, site_of

MOST = 200


@dataclass(frozen=True)
class Line:
    """A publication on its way up: since when it is reported (ms), the upper level's receipt, and
    whether it said that it has the words."""

    row: DisclosureRow
    reported_at: int | None
    receipt: UpstreamReceiptRow | None
    entry: int | None
    arrived: bool


@get("/office/upper", sync_to_thread=True, opt={"right": Right.CASES})
def upper(request: Web) -> Page:
    """The newest publications of the agency, and the upper level they go to."""
    site, agency = site_of(request), person_of(request).agency
    site.projections.catch_up()
    row = ledger.read(site.services.db)
    head = head_of(site.services, site.office.journal)
    return site.page(
        request,
        "office/upper.html",
        upper=row,
        lines=_lines(site, agency, row.origin) if row else [],
        behind=head.length - row.acknowledged if row else 0,
    )


@get("/office/upper/receipts/{record:str}", sync_to_thread=True, opt={"right": Right.CASES})
def receipt(request: Web, record: FromPath[str]) -> Response[str]:
    """A receipt, as anybody can check it with the upper level's log key."""
    site, wanted = site_of(request), record_id(record)
    said = site.facts.record(wanted)
    found = ledger.receipts(site.services.db, [wanted])
    if not found or said is None or said.statement.agency != person_of(request).agency:
        raise NoSuchThing("the upper level gave no receipt for this record yet; come back later")
    name = f"receipt-{record[:16]}.tlog-proof"
    return Response(
        found[0].receipt,
        media_type="text/plain; charset=utf-8",
        headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(site: Site, agency: str, origin: str) -> list[Line]:
    with site.services.db.reading() as session:
        rows = session.exec(
            select(DisclosureRow)
            .where(DisclosureRow.agency == agency, col(DisclosureRow.segments).is_(None))
            .order_by(col(DisclosureRow.published_at).desc())
            .limit(MOST)
        ).all()
    said_of = reporting.reports(site.services, origin, {row.case_id for row in rows})
    reports = {one.publication: one for one in said_of}
    receipts = {
        one.record_hash: one
        for one in ledger.receipts(site.services.db, [row.publication for row in rows])
    }
    texts = [bytes.fromhex(one.text.sha256) for one in said_of]
    stored = ledger.stored_of(site.services.db, origin, texts)
    lines = []
    for row in rows:
        said, held = reports.get(row.publication.hex()), receipts.get(row.publication)
        lines.append(
            Line(
                row,
                said.at if said else None,
                held,
                _entry(held) if held else None,
                said is not None and bytes.fromhex(said.text.sha256) in stored,
            )
        )
    return lines


def _entry(held: UpstreamReceiptRow) -> int | None:
    try:
        return Receipt.decode(held.receipt.encode()).index
    except FujieError:
        return None


HANDLERS = [upper, receipt]
