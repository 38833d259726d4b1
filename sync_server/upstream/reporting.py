"""What became public here, made ready for the upper level.

    report(services, projections, to)    a *disclosure reported* for each publication without

The words come from the same row that the public page shows, so that neither can say more than the
other. They lie in the blob store under their hash, as any blob of the office.
"""

from __future__ import annotations

import secrets

from sqlmodel import col, select

from protocol import reported
from protocol.reported import MEDIA_TYPE, PublicText
from protocol.statements import BlobRef, BlobStored, DisclosureReported, DocumentIssued
from protocol.vocabulary import ActKind, DocumentKind, PenaltyKind, RemedyRoute
from sync_server.projections.disclosure import masks_of, opened_of
from sync_server.projections.runner import Projections
from sync_server.projections.tables import DisclosureRow
from sync_server.services import Services


def report(services: Services, projections: Projections, to: str) -> int:
    """State what the upper level ``to`` does not know of yet; how much that was."""
    projections.catch_up()
    told = {one.publication for one in reports(services, to)}
    with services.db.reading() as session:
        rows = session.exec(
            select(DisclosureRow)
            .where(col(DisclosureRow.withdrawn_at).is_(None))
            .order_by(col(DisclosureRow.published_at))
        ).all()
    news = [row for row in rows if row.publication.hex() not in told]
    return sum(_state(services, row, to) for row in news)


def reports(services: Services, to: str) -> list[DisclosureReported]:
    """Everything that this office reported there."""
    records = services.facts.of_kind("disclosure_reported")
    return [
        one.statement
        for one in records
        if isinstance(one.statement, DisclosureReported)
        and one.statement.to == to
        and one.link.journal in services.sequencer.offices
    ]


def public_text(row: DisclosureRow, issued: DocumentIssued) -> PublicText:
    """The words of a row, as a file of its own."""
    return PublicText(
        issued=row.issued.hex(),
        number=row.number,
        title=row.title,
        act=ActKind(row.act),
        document=DocumentKind(row.document),
        template=row.template,
        penalties=[PenaltyKind(one) for one in row.penalties.split(",") if one],
        fine=row.fine,
        remedy=RemedyRoute(row.remedy),
        decided_on=row.decided_on,
        due_on=row.due_on,
        published_at=row.published_at,
        display_until=row.display_until or None,
        matrix_row=row.matrix_row,
        clause=row.clause,
        served_at=row.served_at,
        served_how=row.served_how,
        root=issued.root,
        segments=issued.segments,
        shown=opened_of(row),
        masked=masks_of(row),
    )


def _state(services: Services, row: DisclosureRow, to: str) -> bool:
    record = services.facts.record(row.issued)
    if record is None or not isinstance(record.statement, DocumentIssued) or not opened_of(row):
        return False  # its text has not come yet, or it is a county's, which reports by itself
    data = reported.encode(public_text(row, record.statement))
    sha256, now = services.blobs.put(data), services.clock.now()
    text = BlobRef(sha256=sha256.hex(), size=len(data), media_type=MEDIA_TYPE)
    said = DisclosureReported(
        agency=row.agency,
        at=now,
        salt=secrets.token_hex(16),
        case=row.case_id.hex(),
        to=to,
        issued=row.issued.hex(),
        publication=row.publication.hex(),
        text=text,
    )
    kept = BlobStored(
        agency=row.agency,
        at=now,
        salt=secrets.token_hex(16),
        case=row.case_id.hex(),
        sha256=text.sha256,
        size=text.size,
    )
    services.office.state_all([(one, [services.office_key]) for one in (said, kept)])
    return True
