"""Sealed files are numbered one after another, however fast they follow."""

from __future__ import annotations

from pathlib import Path

from protocol.statements import FileArchived, blobs_of
from protocol.vocabulary import Retention
from sync_server import demo
from sync_server.cases import filing
from sync_server.office.binding import Binding
from sync_server.web.site import Site
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.staging import NOW, PASSWORDS, Office
from tests.worlds import World


def test_no_two_files_get_one_number(tmp_path: Path) -> None:
    """Two are sealed with no page looked at in between: nothing but the log knows the first."""
    office = Office(tmp_path / "data")
    office.found()
    office.start()
    try:
        tablet = Tablet(office.url, World())
        tablet.enrol(office.code("device", demo.DEVICE))
        tablet.enrol_officers(office.code)
        cases = [staging.inspection(tablet.world) for _ in range(2)]
        office.clock.set(tablet.world.now + 60_000)
        for case in cases:
            tablet.push(tablet.links(case))
            for record in case.records:
                for ref in blobs_of(record.statement):
                    tablet.upload(tablet.world.blobs[ref.sha256])
        office.clock.set(NOW)
        assert office.services is not None
        site, services = Site(office.services), office.services
        archivist = site.accounts.signer("xuwen", PASSWORDS["xuwen"])
        for case in cases:
            seen = site.facts.case_version(case.opened.hash)
            asked = Binding(Retention.YEARS_30)
            filing.seal(services, site, case.opened.hash, asked, archivist, seen)
        numbers = [
            record.statement.archive_no
            for record in site.facts.of_kind("file_archived")
            if isinstance(record.statement, FileArchived)
        ]
    finally:
        office.stop()
    assert numbers == ["20260001", "20260002"]
