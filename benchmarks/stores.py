"""The two stores and the report: finding, folding, sealing, reporting, each in its own process.

$ python -m benchmarks.stores
  search     100,000 decisions: a page of results, a decision's page       ``_search.py``
  folding    records that projections take in, and fsck looks at           ``_folding.py``
  sealing    200 documents and 2 GB beside copying the same files          ``_sealing.py``
  reports    150 tablets, 1,000,000 entries: one tablet's, the county's   ``_reports.py``
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks._timing import keep

PARTS = ("search", "folding", "sealing", "reports")


def main() -> None:
    """Measure each, and keep the figures."""
    keep("stores", {part: figures(part) for part in PARTS})


def figures(part: str) -> dict[str, Any]:
    """What one module prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", f"benchmarks._{part}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    # The programs measured have a log of their own, whose lines come first.
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


if __name__ == "__main__":
    main()
