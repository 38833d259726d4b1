"""What a tablet could not send for want of a network comes on a stick, as good as sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.receipt import Verdict
from sync_server.commands.evidence import import_export
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_adoption import Office, report, revoke


class Importing(Office):
    """The office, which takes exports in."""

    def bring(self) -> tuple[int, list[str]]:
        """``fujie-server import-export``: exit code and lines."""
        said: list[str] = []
        return import_export(self.server.settings, self.file, said.append), said


@pytest.fixture
def office(server: Server, tablet: Tablet, tmp_path: Path) -> Callable[[], Importing]:
    return lambda: Importing(server, tablet, tmp_path)


def test_an_export_is_admitted_as_a_push_would_have_been(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """In the device's own journal, accepted, media stored, adopted by nobody."""
    case = tablet.world.inspection()
    items = tablet.links(case)
    tablet.push(items[:4])
    closed = office()
    closed.write(items, [data for data in case.blobs.values() if data])
    code, said = closed.bring()
    assert (code, said[0]) == (
        0,
        f"journal {tablet.world.device.journal.hex()}: 5 new records, 4 were here",
    )
    assert closed.adoptions() == []
    with closed.services() as services:
        links = services.facts.journal(tablet.world.device.journal)
        assert [one.link_bytes for one in links] == [item.link for item in items]
        assert {one.verdict for one in links} == {Verdict.ACCEPTED}
        wanted = services.facts.blobs_of(tablet.world.device.journal)
        assert wanted
        assert all(blob.stored_index is not None for blob in wanted)
    assert closed.fsck().endswith("entries hold")


def test_what_came_by_a_stick_is_answered_with_receipts_when_the_network_comes(
    server: Server, tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    assert closed.bring()[0] == 0
    server.start()
    answer = tablet.push(items)
    assert (answer.refusal, answer.length) == (None, len(items))
    assert len(tablet.check(items, answer)) == len(items)


def test_importing_twice_brings_nothing_new(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    code, said = closed.bring()
    assert code == 0
    assert "0 new records, 9 were here" in said[0]


def test_what_the_device_says_it_holds_is_kept_for_the_report(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    with closed.services() as services:
        behind = services.facts.office_records(
            services.sequencer.offices, ("device_contacted",), -1, 100
        )
        assert len(behind) == 1


def test_the_days_that_a_stick_lay_about_are_no_fault_of_the_tablets_clock(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    assert "clock_skew" not in {one.code for one in report(closed).findings}


def test_an_old_stick_does_not_read_as_a_tablet_that_was_set_back(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """The tablet sent more since it wrote the stick; its last word stands."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items)
    closed = office()
    before = contacts(closed)
    closed.write(items[:4])
    assert closed.bring()[0] == 0
    assert contacts(closed) == before
    assert "head_mismatch" not in {one.code for one in report(closed).findings}


def test_a_gap_stops_it_and_says_what_to_export(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items[3:])
    code, said = closed.bring()
    assert code == 1
    assert "0 new records" in said[0]
    assert "Export everything" in said[1]


def test_a_revoked_tablets_export_is_for_a_registrar_to_adopt(
    server: Server, tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    revoke(server)
    closed = office()
    closed.write(items)
    before = closed.records()
    code, said = closed.bring()
    assert code == 1
    assert "registrar" in said[1]
    assert {record for record in closed.records() if record not in before} <= contacts(closed)
    assert closed.adopt()[0].startswith("journal")


def contacts(closed: Importing) -> set[bytes]:
    """The records in which the office says that a tablet made contact."""
    with closed.services() as services:
        rows = services.facts.office_records(
            services.sequencer.offices, ("device_contacted",), -1, 100
        )
        return {one.link.record for one in rows}
