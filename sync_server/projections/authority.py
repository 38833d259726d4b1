"""Which records were made by somebody who may make them.

The log admits what verifies; whether a signer may say it is judged here, by the registry as it
stood before the record:

    any record              somebody's signature holds; a tablet speaks for its own agency
    disclosure_published    two persons of the staff, one of them a publisher     (PB-3)
    disclosure_withdrawn    a publisher
    file_archived           an archivist                                          (AR-1)

A tablet that states a publication is in the log with it, and nothing becomes public. How many
officers signed is told (``officers_of``) and judged where it matters: a decision of one is kept
and shown in the office, and never published.
"""

from __future__ import annotations

from collections.abc import Iterable

from protocol.case import AnyRecord
from protocol.statements import DisclosurePublished, DisclosureWithdrawn, FileArchived
from protocol.vocabulary import StaffRole
from sync_server.registry import OFFICE, Registry, Staff


def staff_of(registry: Registry, record: AnyRecord) -> list[Staff]:
    """The persons of the record's own agency that signed it, each once."""
    index = record.index if record.index is not None else 1 << 62
    return [
        person
        for person in registry.staff.values()
        if person.agency == record.statement.agency
        and person.index < index
        and person.key.key_id in record.signers
    ]


def officers_of(registry: Registry, record: AnyRecord) -> set[str]:
    """Certificate numbers of the officers of the record's own agency that signed it: persons,
    however many keys or tablets they used."""
    keys = (registry.officer_keys.get(key) for key in record.signers)
    return {key.cert_no for key in keys if key and key.agency == record.statement.agency}


def stands(registry: Registry, record: AnyRecord) -> bool:
    """Whether the record was made by those who may make it."""
    statement = record.statement
    device = registry.device_of_journal(record.link.journal)
    if not record.signers or device is None:
        return False
    if device.name != OFFICE and device.agency != statement.agency:
        return False
    if not isinstance(statement, DisclosurePublished | DisclosureWithdrawn | FileArchived):
        return True
    people = staff_of(registry, record)
    roles = {person.role for person in people}
    if isinstance(statement, DisclosurePublished):
        return StaffRole.PUBLISHER in roles and len({one.account for one in people}) > 1
    needed = StaffRole.ARCHIVIST if isinstance(statement, FileArchived) else StaffRole.PUBLISHER
    return needed in roles


def sound(registry: Registry, records: Iterable[AnyRecord]) -> list[AnyRecord]:
    """The records that stand, in their order."""
    return [record for record in records if stands(registry, record)]
