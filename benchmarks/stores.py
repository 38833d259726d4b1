"""The two stores and the report: finding, folding, checking, sealing, reporting.

Each part in a process of its own:

$ python -m benchmarks.stores
  search     100,000 decisions: a page of results, a decision's page       ``_search.py``
  folding    records that projections take in, and fsck looks at           ``_folding.py``
  checking   fsck of 100,000 entries: its speed, and that its memory stays    ``_checking.py``
  sealing    200 documents and 2 GB beside copying the same files          ``_sealing.py``
  reports    1,000,000 entries: one tablet's, the county's                 ``_reports.py``
  roster     1,000 tablets, 2,000 officers: published, sent, opened        ``_roster.py``

$ STORES=search,folding python -m benchmarks.stores      these alone; the others keep their figures
$ SMALL=1 python -m benchmarks.stores                    as many as take a minute or two together

Small figures say whether everything runs; they are printed, and kept nowhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks._timing import keep, kept


@dataclass(frozen=True)
class Small:
    """How a part is told to be small: settings and arguments of its module."""

    settings: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


PARTS: Mapping[str, Small] = {
    "search": Small({"DECISIONS": "2000"}),
    "folding": Small({"CASES": "40"}),
    "checking": Small({"ENTRIES": "4000"}),
    "sealing": Small(arguments=("--documents", "20", "--gigabytes", "0.05")),
    "reports": Small(arguments=("--devices", "5", "--entries", "20000")),
    "roster": Small(arguments=("--devices", "5")),
}


def main() -> None:
    """Measure each that was asked for, and keep the figures."""
    asked = os.environ.get("STORES", "").split(",")
    parts = [part for part in PARTS if part in asked or asked == [""]]
    small = os.environ.get("SMALL") == "1"
    found = {part: figures(part, small=small) for part in parts}
    if small:
        print(json.dumps(found, indent=2))
    else:
        keep("stores", kept("stores") | found)


def figures(part: str, *, small: bool = False) -> dict[str, Any]:
    """What one module prints. Raises CalledProcessError."""
    less = PARTS[part] if small else Small()
    command = [sys.executable, "-m", f"benchmarks._{part}", *less.arguments]
    environment = {**os.environ, **less.settings}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    # The programs measured have a log of their own, whose lines come first.
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{\n") :])
    return found


if __name__ == "__main__":
    main()
