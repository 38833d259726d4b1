"""Sealed files are numbered one after another, however fast they follow."""

from __future__ import annotations

from protocol.statements import FileArchived, blobs_of
from protocol.vocabulary import Retention
from sync_server.cases import filing
from sync_server.office.binding import Binding
from sync_server.web.site import Site
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office
from tests.worlds import World


def test_no_two_files_get_one_number(office: Office, inspected: County) -> None:
    """Two are sealed with no page looked at in between: nothing but the log knows the first."""
    world = World()
    cases = [staging.inspection(world), staging.inspection(world)]
    assert cases[0].opened.hash == inspected.case.opened.hash
    tablet = Tablet(office.url, world)
    tablet.push_response(tablet.links(cases[1]))
    for record in cases[1].records:
        for ref in blobs_of(record.statement):
            tablet.upload(world.blobs[ref.sha256])
    assert office.services is not None
    site, services = Site(office.services), office.services
    archivist = site.accounts.signer("xuwen", PASSWORDS["xuwen"])
    for case in cases:
        seen = site.facts.case_version(case.opened.hash)
        filing.seal(services, site, case.opened.hash, Binding(Retention.YEARS_30), archivist, seen)
    numbers = [
        record.statement.archive_no
        for record in site.facts.of_kind("file_archived")
        if isinstance(record.statement, FileArchived)
    ]
    assert numbers == ["20260001", "20260002"]
