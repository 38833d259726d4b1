"""A county in which things went wrong, and the report that says which: all of it, and no more."""

from pathlib import Path
from random import Random

import pytest

from protocol.casetrust import read_trust
from protocol.findings import document
from sync_server.reports import county as county_report
from sync_server.reports import moments
from tests.cast import AGENCY
from tests.sync_server.reports.faults import AFTER, BEFORE, play
from tests.sync_server.reports.simulated import County, simulated
from tests.sync_server.reports.test_evidence import trusted, written, wrong


def claims(county: County) -> set[tuple[str, str]]:
    """What the report claims: device and code."""
    made = county_report.report(county.services, AGENCY, moments.now(county.services))
    return {(device, one["code"]) for device, one in document.findings_of(made)}


@pytest.mark.parametrize("seed", [11])
def test_the_report_finds_every_planted_fault_and_claims_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    """One tablet for each kind of fault, and some on which nothing is wrong. Whoever has the
    evidence comes to the same."""
    tablets = len(BEFORE) + len(AFTER) + 3
    with simulated(tmp_path / "data", tablets) as county:
        truth = play(county, Random(seed), rewritten=True)
        assert claims(county) == truth
        made, evidence = written(county)
        said = wrong(evidence, read_trust(trusted(county)), made)
        assert set(said) == {"entries"}
