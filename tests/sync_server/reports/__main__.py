"""The simulated county whole: fifty tablets, faults planted by a seed, the report held against what
is true.

    $ python -m tests.sync_server.reports --seeds 3
    seed 1: 50 tablets, 38 faults, all found, nothing else claimed
"""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.sync_server.reports.faults import play
from tests.sync_server.reports.simulated import simulated
from tests.sync_server.reports.test_county import claims


def main() -> int:
    """Play each seed; 1 if a report missed or made up anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.sync_server.reports")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--tablets", type=int, default=50)
    asked, wrong = parser.parse_args(), 0
    for seed in range(asked.first, asked.first + asked.seeds):
        with (
            tempfile.TemporaryDirectory(prefix="fujie-county-") as folder,
            simulated(Path(folder) / "data", asked.tablets) as county,
        ):
            truth = play(county, Random(seed), rewritten=seed % 2 == 1)
            found = claims(county)
        missed, made_up = sorted(truth - found), sorted(found - truth)
        said = "all found, nothing else claimed"
        if missed or made_up:
            said, wrong = f"missed {missed}, made up {made_up}", 1
        print(f"seed {seed}: {asked.tablets} tablets, {len(truth)} faults, {said}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
