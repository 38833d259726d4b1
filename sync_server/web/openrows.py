"""The public lists as values: what stands in JSON, in a table and in a feed.

    made = decision(row, address, agencies)      of a row of the projection
    made = officer(listed) · item(reference, one)

Amounts are in fen, days are ISO dates. What is masked is empty.
"""

from collections.abc import Mapping

import msgspec

from protocol.calendar import local_day
from protocol.parts import Day
from protocol.reference import Item, Reference
from protocol.vocabulary import ActKind, DocumentKind, PenaltyKind, Standing
from sync_server.projections import disclosure
from sync_server.projections.tables import DisclosureRow
from sync_server.web.officers import Listed


class PublicDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on display. ``party`` and ``party_code`` are empty where they are masked; ``fine``
    is in fen; ``record`` is the record hash that names it."""

    record: str
    url: str
    number: str
    title: str
    document: DocumentKind
    act: ActKind
    party: str
    party_code: str
    agency: str
    agency_code: str
    penalties: list[PenaltyKind]
    fine: int
    decided_on: Day
    published_on: Day
    due_on: Day
    display_until: Day | None


class DecisionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of decisions; ``more`` says that there are more than ``total``."""

    total: int
    more: bool
    page: int
    pages: int
    decisions: list[PublicDecision]


class PublicOfficer(msgspec.Struct, frozen=True, kw_only=True):
    """An officer as the roster publishes it (T-6)."""

    cert_no: str
    name: str
    unit: str
    position: str
    category: str
    field: str
    region: str
    agency: str
    valid_from: Day
    valid_until: Day
    standing: Standing


class OfficerPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the roster."""

    total: int
    page: int
    pages: int
    officers: list[PublicOfficer]


class PublicItem(msgspec.Struct, frozen=True, kw_only=True):
    """An enforcement item (C-2)."""

    code: str
    version: int
    name: str
    act: ActKind
    agency: str
    unit: str
    basis: str
    cause: str
    violated: str
    penalty_basis: str


class ItemPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the items."""

    total: int
    page: int
    pages: int
    items: list[PublicItem]


def decision(row: DisclosureRow, address: str, agencies: Mapping[str, str]) -> PublicDecision:
    """A decision on display; ``agencies`` are names by id."""
    shown = {one.name: one.text for one in disclosure.opened_of(row)}
    return PublicDecision(
        record=row.issued.hex(),
        url=f"{address}/decisions/{row.issued.hex()}",
        number=row.number,
        title=row.title,
        document=DocumentKind(row.document),
        act=ActKind(row.act),
        party=shown.get("party_name", ""),
        party_code=shown.get("party_id_code", ""),
        agency=agencies.get(row.agency, ""),
        agency_code=row.agency,
        penalties=[PenaltyKind(one) for one in row.penalties.split(",") if one],
        fine=row.fine,
        decided_on=row.decided_on,
        published_on=local_day(row.published_at).isoformat(),
        due_on=row.due_on,
        display_until=row.display_until or None,
    )


def officer(one: Listed) -> PublicOfficer:
    """An officer of the roster."""
    line = one.line
    return PublicOfficer(
        cert_no=line.cert_no,
        name=line.name,
        unit=line.unit,
        position=line.position,
        category=line.category,
        field=line.field,
        region=line.region_name,
        agency=one.agency,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
        standing=one.standing,
    )


def item(reference: Reference, one: Item) -> PublicItem:
    """An item of an agency's list."""
    return PublicItem(
        code=one.code,
        version=one.version,
        name=one.name,
        act=one.act,
        agency=reference.agency.name,
        unit=one.unit,
        basis=one.basis,
        cause=one.cause,
        violated=one.violated,
        penalty_basis=one.penalty_basis,
    )
