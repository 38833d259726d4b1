"""In the office's journal, which several agencies share, a report reads its own one's records."""

from dataclasses import replace

from protocol.auditing import context as contexts
from protocol.case import AnyRecord, Record
from protocol.registry.registry import Registry, Staff
from protocol.statements import BlobRef, RecordDestroyed
from protocol.vocabulary import StaffRole
from sync_server.reports import moments
from sync_server.reports.rows import Rows
from tests.cast import AGENCY, START, seeded
from tests.sync_server.reports.simulated import County


def test_what_another_agency_destroyed_excuses_nothing_here(county: County) -> None:
    """Its archivists may name any hash; a reader of the evidence does not see their records."""
    services = county.services
    office = services.sequencer.offices[-1]
    registry = services.facts.registry
    keys = [seeded(f"archivist {one}").verifier for one in "ab"]

    class Destroying(Rows):
        def __init__(self, agency: str) -> None:
            super().__init__(services, moments.now(services))
            self._agency = agency

        def registry(self) -> Registry:
            people = {
                (self._agency, name): Staff(self._agency, name, name, StaffRole.ARCHIVIST, key, 0)
                for name, key in zip("ab", keys, strict=True)
            }
            return replace(registry, staff={**registry.staff, **people})

        def of_kind(self, *kinds: str) -> list[AnyRecord]:
            said = RecordDestroyed(
                agency=self._agency,
                at=START,
                salt="07" * 16,
                case="ab" * 32,
                appraisal=BlobRef(sha256="cd" * 32, size=1, media_type="application/pdf"),
                records=["ef" * 32],
                blobs=[],
                ground="到期",
            )
            link = county.tablets[0].records[0].link._replace(journal=office)
            return [Record(bytes(32), said, tuple(key.key_id for key in keys), link, 5)]

    assert contexts.context_of(Destroying(AGENCY), AGENCY).destroyed == {"ef" * 32}
    assert contexts.context_of(Destroying("11990124MB0000002B"), AGENCY).destroyed == frozenset()
