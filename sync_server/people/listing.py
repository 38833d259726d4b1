"""One of the agency's lists takes the place of the one before: a record, and new reference data.

    listing.state(services, registrar, agency, List.ITEMS, rows, reason, mark)
    listing.mark(services, agency, List.ITEMS)       what a form says that it has seen

The whole list is the blob that *catalogue changed* names. The writer compares the mark inside its
transaction: of two people who change one list, the second sees what the first one said.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from protocol.errors import Refused
from protocol.registry import standing
from protocol.statements import BlobRef, BlobStored, CatalogueChanged
from protocol.vocabulary import Catalogue as List
from sync_server.people.staffing import Signatory
from sync_server.reference.lists import KEPT
from sync_server.services import Services

MAX_REASON = 500


class NothingNew(Refused):
    """A list, or a table, that says what stands already."""


class NoReason(Refused):
    """A change for which nobody says why."""


def mark(services: Services, agency: str, which: List) -> int:
    """The entry that changed the list last, -1 for none."""
    return standing.mark(services.facts.registry, _subject(agency, which))


def state(
    services: Services,
    registrar: Signatory,
    agency: str,
    which: List,
    rows: Sequence[Any],
    reason: str,
    mark: int,
) -> None:
    """State the list that was decided on at ``mark``. Raises NoReason, NoPlace, Changed."""
    expect_reason(reason)
    known = services.facts.registry.catalogues.get((agency, which.value))
    data, now = msgspec.json.encode(list(rows)), services.clock.now()
    before = getattr(services.editions.catalogue(agency), KEPT[which].field)
    services.editions.expect_room(agency, len(data) - len(msgspec.json.encode(list(before))))
    sha256 = hashlib.sha256(data).hexdigest()
    said = CatalogueChanged(
        agency=agency,
        at=now,
        salt=secrets.token_hex(16),
        catalogue=which,
        version=known.record.version + 1 if known else 2,
        content=BlobRef(sha256=sha256, size=len(data), media_type="application/json"),
        reason=reason.strip(),
    )
    stored = BlobStored(
        agency=agency, at=now, salt=secrets.token_hex(16), sha256=sha256, size=len(data)
    )
    services.blobs.put(data)
    told = [(said, [registrar[1]]), (stored, [services.office_key])]
    services.office.state_all(told, marks={_subject(agency, which): mark})
    services.publish_reference(agency)


def expect_reason(reason: str) -> None:
    """Raises NoReason."""
    if not reason.strip():
        raise NoReason("the reason is empty; say why, for the record")
    if len(reason) > MAX_REASON:
        raise NoReason(
            "expected a reason of at most {most} characters, got {count}; make it shorter",
            most=MAX_REASON,
            count=len(reason),
        )


def _subject(agency: str, which: List) -> standing.Subject:
    return ("catalogue", agency, which.value)
