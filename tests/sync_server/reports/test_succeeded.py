"""A log that goes on from another: the office's earlier journal is looked through with its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.casetrust import read_trust
from protocol.findings import document
from sync_server.log import leaves
from sync_server.reports.kept import Kept
from sync_server.services import writing
from sync_server.upkeep import succeeding
from tests.cast import AGENCY
from tests.sync_server.reports import faults
from tests.sync_server.reports.simulated import HOUR, County, simulated
from tests.sync_server.reports.test_evidence import trusted, written, wrong

NAME = "log2.yunxi.example/fujie"


@pytest.fixture
def succeeded(tmp_path: Path) -> Iterator[County]:
    with simulated(tmp_path / "data", 2) as county:
        county.day()
        settings, clock = county.services.settings, county.clock
    clock.set(clock.now() + HOUR)
    plan = succeeding.Plan(NAME, "磁盘损坏", tmp_path / "data" / "root")
    succeeding.succeed(settings, clock, plan, lambda _: None)
    with writing(replace(settings, origin=NAME), clock) as services:
        county.services = services
        yield county


def test_what_is_taken_from_the_earlier_journal_shows(succeeded: County) -> None:
    first, second = succeeded.services.sequencer.offices
    kept = Kept(succeeded.services)
    made, evidence = written(succeeded)
    office = made["devices"][-1]
    assert (office["device"], office["journal"], office["findings"]) == ("office", second.hex(), [])
    assert wrong(evidence, read_trust(trusted(succeeded)), made) == {}
    assert kept.document(AGENCY)["devices"][-1]["expected"] == office["expected"]
    with succeeded.services.db.engine.connect() as connection:
        (leaf,) = leaves.links(connection, first, 5, 5)
    faults.remove(succeeded, leaf.record_hash)
    for one in (written(succeeded)[0], kept.document(AGENCY)):
        assert [x["code"] for of, x in document.findings_of(one) if of == "office"] == [
            "statement_missing"
        ]
