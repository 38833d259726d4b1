"""What became public here, made ready for the upper level.

    Reports(services, projections, to).catch_up()    a *disclosure reported* for each publication
                                                     without

The words come from the same row that the public page shows, so that neither can say more than the
other. They lie in the blob store under their hash, as any blob of the office.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from sqlalchemy import Connection
from sqlmodel import col, select

from protocol import envelope as dsse
from protocol import reported, statements
from protocol.reported import MEDIA_TYPE, PublicText
from protocol.statements import BlobRef, BlobStored, DisclosureReported, DocumentIssued
from protocol.vocabulary import ActKind, DocumentKind, PenaltyKind, RemedyRoute
from sync_server.log import late, leaves
from sync_server.log.factrows import Linked, readable
from sync_server.log.leaves import Leaf
from sync_server.projections.disclosure import masks_of, opened_of
from sync_server.projections.runner import Projections, touched
from sync_server.projections.tables import DisclosureRow
from sync_server.services import Services
from sync_server.upstream import ledger

BATCH = 1000
"""Records, or cases, that are asked for at once."""


class Reports:
    """What is reported to one upper level, kept up with the log: each look reads what is new.
    ``agency`` is the one that it admitted; empty: every one of this server."""

    def __init__(
        self, services: Services, projections: Projections, to: str, agency: str = ""
    ) -> None:
        self._services, self._projections = services, projections
        self._to, self._agency = to, agency
        self._told: set[str] = set()
        self._waiting: dict[str, DisclosureReported] = {}
        self._going: set[str] = set()
        self._index, self._size, self._late = -1, 0, 0

    def catch_up(self) -> int:
        """State what the upper level does not know of yet; how much that was."""
        self._read()
        with self._services.db.engine.connect() as connection:
            size, newest = leaves.size(connection), late.newest(connection)
            cases = self._touched(connection, newest) if self._size else None
        self._projections.catch_up()
        rows = _rows(self._services, cases)
        news = [row for row in rows if row.publication.hex() not in self._told and self._is_of(row)]
        stated = sum(_state(self._services, row, self._to) for row in news)
        self._size, self._late = size, newest
        self._read()
        return stated

    def _touched(self, connection: Connection, newest: int) -> set[bytes]:
        """The cases with a record that came since the last look, late ones up to ``newest`` too."""
        new = leaves.filed(connection, self._size)
        return touched(chain(new, late.arrived(connection, self._late, newest)))

    def _is_of(self, row: DisclosureRow) -> bool:
        return not self._agency or row.agency == self._agency

    def waiting(self) -> list[DisclosureReported]:
        """Those whose words have not come to the upper level. What was withdrawn or corrected
        meanwhile is public no more: its words stay here."""
        db, texts = self._services.db, [bytes.fromhex(one) for one in self._waiting]
        public = {row.publication.hex() for row in _rows(self._services, self._cases())}
        come = {one.hex() for one in ledger.stored_of(db, self._to, texts)}
        self._waiting = {key: one for key, one in self._waiting.items() if key not in come}
        going = [one for one in self._waiting.values() if one.publication in public]
        self._going = {one.text.sha256 for one in going}
        return going

    def is_waiting(self, sha256: bytes) -> bool:
        """Whether these words may go, and have not come."""
        return sha256.hex() in self._going

    def _cases(self) -> set[bytes]:
        return {bytes.fromhex(one.case) for one in self._waiting.values() if one.case}

    def _read(self) -> None:
        """Learn what is in the log behind the last one that was read."""
        services = self._services
        offices, kinds = services.sequencer.offices, ("disclosure_reported",)
        while found := services.facts.office_records(offices, kinds, self._index, BATCH):
            for one in _reports(found, self._to):
                self._told.add(one.publication)
                self._waiting[one.text.sha256] = one
            self._index = found[-1].index


def reports(services: Services, to: str, cases: Collection[bytes]) -> list[DisclosureReported]:
    """What this office reported there of some cases."""
    found: list[DisclosureReported] = []
    offices = services.sequencer.offices
    for part in _parts(cases):
        with services.db.engine.connect() as connection:
            held = leaves.of_cases(connection, part, whole=False)
            ours = [leaf.index for leaf in held if _is_report(leaf, offices)]
            found += _reports(readable(leaves.at(connection, ours)), to)
    return found


def _is_report(leaf: Leaf, offices: Collection[bytes]) -> bool:
    is_one = leaf.filed is not None and leaf.filed.kind == "disclosure_reported"
    return is_one and leaf.journal in offices


def _reports(records: Iterable[Linked], to: str) -> Iterator[DisclosureReported]:
    for one in records:
        said = statements.decode(dsse.decode(one.envelope).body) if one.envelope else None
        if isinstance(said, DisclosureReported) and said.to == to:
            yield said


def _rows(services: Services, cases: Collection[bytes] | None) -> list[DisclosureRow]:
    """What is public of our own, of these cases or of all."""
    public = (
        select(DisclosureRow)
        .where(col(DisclosureRow.withdrawn_at).is_(None), col(DisclosureRow.segments).is_(None))
        .order_by(col(DisclosureRow.published_at))
    )
    with services.db.reading() as session:
        if cases is None:
            return list(session.exec(public).all())
        found: list[DisclosureRow] = []
        for part in _parts(cases):
            found += session.exec(public.where(col(DisclosureRow.case_id).in_(part))).all()
        return found


def _parts(cases: Collection[bytes]) -> Iterator[list[bytes]]:
    every = list(cases)
    return (every[at : at + BATCH] for at in range(0, len(every), BATCH))


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
        address=services.settings.address,
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
