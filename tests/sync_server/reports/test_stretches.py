"""A row of the log holds many leaves: what is said where one is lost, or a column of it rotted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from protocol.casetrust import read_trust
from protocol.findings import document
from protocol.statements import BlobStored
from sync_server.log import leaves, lookup
from sync_server.reports import moments
from sync_server.reports.kept import Kept
from sync_server.reports.rows import Rows
from sync_server.store.tables import STRETCH
from tests.cast import AGENCY, START
from tests.sync_server.reports import faults
from tests.sync_server.reports.simulated import DAY, County, simulated
from tests.sync_server.reports.test_evidence import trusted, written, wrong
from tests.sync_server.reports.test_report import FIRST_DAY, codes, report

MINE = "YX-T01"
"""What it pushed came as one row."""


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    with simulated(tmp_path / "data", 3) as made:
        made.day()
        made.clock.set(START + 2 * DAY)
        yield made


def first_of(county: County, record: bytes) -> int:
    """The row that holds a record."""
    with county.services.db.engine.connect() as connection:
        ((row, _),) = leaves.rows_at(connection, lookup.find(connection, [record]))
    return int(row.first)


def rot(county: County, record: bytes, column: str) -> None:
    """A column of the row that holds a record cannot be read any more."""
    rotten = update(STRETCH).where(STRETCH.c.first == first_of(county, record))
    with county.services.db.writer.begin() as connection:
        connection.execute(rotten.values({column: b"rotten"}))


def lose(county: County, record: bytes) -> None:
    """The row that holds a record is gone."""
    gone = delete(STRETCH).where(STRETCH.c.first == first_of(county, record))
    with county.services.db.writer.begin() as connection:
        assert connection.execute(gone).rowcount == 1


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("links", {(MINE, "link_missing")}),
        ("entries", {(MINE, "entry_missing"), ("", "log_inconsistent")}),
        ("statements", {(MINE, "statement_missing")}),
    ],
)
def test_a_column_that_rotted_takes_what_it_held_and_nothing_else(
    county: County, column: str, told: set[tuple[str, str]]
) -> None:
    """Statements are found without their entries, entries without their links; the other tablets'
    are whole. A report as of an earlier day says the same."""
    rot(county, county.tablets[0].records[2].hash, column)
    for as_of in ("", FIRST_DAY):
        assert codes(report(county, as_of)) - silence(county) == told


def silence(county: County) -> set[tuple[str, str]]:
    return {(one.name, "silent_device") for one in county.tablets}


def test_what_was_filed_may_rot_and_no_device_lacks_a_statement(county: County) -> None:
    rot(county, county.tablets[0].records[2].hash, "filed")
    assert codes(report(county)) - silence(county) == set()


def test_a_row_that_is_lost_takes_its_own_leaves(county: County) -> None:
    """Each is named; the log's gap is, and nobody else's records are out of sight."""
    lose(county, county.tablets[0].records[2].hash)
    found = codes(report(county)) - silence(county)
    assert found == {(MINE, "link_missing"), ("", "log_inconsistent")}
    assert moments.now(county.services).root == b""


@pytest.mark.parametrize("column", ["links", "entries", "filed", "statements", ""])
def test_what_is_lost_shows_at_the_next_look(county: County, column: str) -> None:
    """In what is kept as in a report from nothing."""
    kept = Kept(county.services)
    kept.document(AGENCY)
    gone = county.tablets[0].records[2].hash
    if column:
        rot(county, gone, column)
    else:
        lose(county, gone)
    assert document.encode(kept.document(AGENCY)) == document.encode(report(county))


@pytest.mark.parametrize(
    ("column", "lacking"),
    [
        ("links", set()),
        ("entries", {"entries"}),
        ("filed", {"parts"}),
        ("statements", set()),
        ("", {"entries"}),
    ],
)
def test_the_evidence_of_a_damaged_store_holds_what_is_there(
    county: County, column: str, lacking: set[str]
) -> None:
    """The report that says what is missing follows from it, unless the log has a gap. Cases that
    the server does not find any more are found by whoever reads the records themselves."""
    gone = county.tablets[0].records[2].hash
    if column:
        rot(county, gone, column)
    else:
        lose(county, gone)
    made, evidence = written(county)
    assert set(wrong(evidence, read_trust(trusted(county)), made)) == lacking


def test_a_statement_that_comes_late_makes_its_case_another(county: County) -> None:
    """It comes to a leaf that was looked through before."""
    one = county.tablets[0]
    faults.remove(county, one.records[1].hash)
    kept = Kept(county.services)
    assert (MINE, "statement_missing") in codes(kept.document(AGENCY))
    county.clock.set(county.clock.now() + 60_000)
    one.sent = 0
    county.send(one)
    assert codes(kept.document(AGENCY)) == set()
    assert document.encode(kept.document(AGENCY)) == document.encode(report(county))


def test_whose_a_statement_of_the_office_is_stands_in_it_too(county: County) -> None:
    """Where what it was filed under rotted: a report shows no other agency's records."""
    services = county.services
    rows = Rows(services, moments.now(services))
    office = next(one for one in rows.registry().devices.values() if one.name == "office")
    stored = services.facts.of_kind("blob_stored")
    (mine, *_) = [one for one in stored if isinstance(one.statement, BlobStored)]
    rot(county, mine.hash, "filed")
    signed = rows.envelopes(office, [mine.hash])
    assert (set(signed.held), set(signed.others)) == ({mine.hash}, set())
    signed = rows.envelopes(replace(office, agency="11990124MB0000002B"), [mine.hash])
    assert (set(signed.held), set(signed.others)) == (set(), {mine.hash})
