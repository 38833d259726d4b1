"""In the office's journal, which several agencies share, a report reads its own one's records."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest

from protocol.auditing import context as contexts
from protocol.auditing import county as auditing
from protocol.auditing.checking import verify_report
from protocol.case import AnyRecord, Record
from protocol.casetrust import read_trust
from protocol.registry.registry import Registry, Staff
from protocol.statements import BlobRef, RecordDestroyed
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.keys.keyring import make_agency_keys
from sync_server.reports import evidence, moments
from sync_server.reports.kept import Kept
from sync_server.reports.rows import Rows
from sync_server.services import writing
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan
from tests.cast import AGENCY, START, seeded
from tests.sync_server.reports.simulated import County, simulated


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


OTHER = "11990124MB0000002B"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A county with a second agency's office on its server."""
    with simulated(tmp_path_factory.mktemp("shared") / "data", 2) as made:
        settings = made.services.settings
    root, recovery = make_agency_keys(settings, OTHER)
    with writing(settings, made.clock) as services:
        made.services = services
        plan = Plan(replace(demo.AGENCY, id=OTHER, name="临江县市场监督管理局"), (), (), {})
        founding.register(services, plan, root, bytes(recovery.public_key))
        made.day()
        yield made


def test_each_agencys_report_follows_without_the_others_records(shared: County) -> None:
    for agency, devices in ((AGENCY, 3), (OTHER, 1)):
        context = contexts.context_of(Rows(shared.services, moments.now(shared.services)), agency)
        made, out = auditing.report(context), BytesIO()
        evidence.write(shared.services, context, made, out)
        root = shared.services.facts.registry.agencies[agency].root.public_key.hex()
        told = json.dumps({"log": shared.services.log_key, "roots": {agency: root}}).encode()
        checks = verify_report(out, read_trust(told))
        assert [one.name for one in checks if not one.ok] == []
        (links,) = (one.en for one in checks if one.name == "links")
        assert "of 0 not" not in links
        assert len(made["devices"]) == devices
        assert (b"YX-T01" in out.getvalue()) == (agency == AGENCY)


def test_the_overview_of_each_grows_with_the_shared_journal(shared: County) -> None:
    kept = Kept(shared.services)
    before = kept.document(OTHER)["devices"][-1]["expected"]
    shared.clock.set(shared.clock.now() + 60_000)
    shared.keep([b"a file of the first agency"])
    assert kept.document(OTHER)["devices"][-1]["expected"] == before + 1
