"""A county of four tablets with a little of everything, made once."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.cast import START
from tests.sync_server.reports import faults
from tests.sync_server.reports.simulated import DAY, County, simulated


@pytest.fixture(scope="package")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """YX-T01 keeps records back, YX-T02 has a suspended officer, YX-T03 is silent, YX-T04 went on
    against a warning; two days later YX-T02 inspects again, without having made contact."""
    folder = tmp_path_factory.mktemp("county") / "data"
    with simulated(folder, 4) as made:
        random = Random(1)
        one, two, three, four = made.tablets
        faults.keeps_records(made, one, random)
        faults.suspended(made, two, random)
        faults.silent(made, three, random)
        faults.overridden(made, four, random)
        faults.days(made)
        made.clock.set(START + 2 * DAY)
        two.scribe.now = made.clock.now() - 3_600_000
        two.inspection()
        made.send(two)
        made.clock.set(START + 3 * DAY)
        yield made
