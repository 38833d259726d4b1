"""What a check from nothing costs as the log grows: ``fujie-server fsck``, a program of its own.

One tablet's acts, each signed by two officers and admitted by the real writer; checked when a
quarter of them is there, and when all are. Memory is the program's at its highest, so that what it
takes to start is in both: what matters is the difference.

    quarter    entries 25000,  entries_per_s 4000, peak_mb 105
    whole      entries 100000, entries_per_s 4000, peak_mb 107
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from protocol.statements import RuleOverridden
from sync_server.settings import Settings
from tests.sync_server.reports.simulated import County, simulated

ENTRIES = int(os.environ.get("ENTRIES", "100000"))
RUN = """
import atexit, runpy, sys
def tell():
    status = open("/proc/self/status").read()
    sys.stderr.write(status.partition("VmHWM:")[2].split()[0])
atexit.register(tell)
sys.argv[1:] = ["fsck"]
runpy.run_module("sync_server", run_name="__main__")
"""
"""The program, which tells its memory: a parent would be told its own where that was more."""
AT_ONCE = 200
"""Records of one push."""


def main() -> dict[str, dict[str, float]]:
    """The figures of both sizes."""
    with (
        tempfile.TemporaryDirectory(prefix="fujie-checking-") as folder,
        simulated(Path(folder) / "data", 2) as county,
    ):
        figures = {}
        for name, entries in (("quarter", ENTRIES // 4), ("whole", ENTRIES)):
            _fill(county, entries)
            figures[name] = _check(county.services.settings, county.services.facts.head.size)
        return figures


def _fill(county: County, entries: int) -> None:
    tablet = county.tablets[0]
    while county.services.facts.head.size < entries:
        for _ in range(AT_ONCE):
            said = RuleOverridden(**tablet.scribe.said(), rule="AV-2", reason="停电")
            tablet.act(said)
        county.send(tablet)


def _check(settings: Settings, entries: int) -> dict[str, float]:
    command = [sys.executable, "-c", RUN]
    environment = {**os.environ, "FUJIE_DATA": str(settings.data)}
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = run.stdout.splitlines()
    assert said == [f"{entries} entries hold"], (said[:3], run.stderr[-500:])
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {
        "entries": entries,
        "entries_per_s": round(entries / took),
        "entries_per_cpu_s": round(entries / cpu),
        "peak_mb": round(int(run.stderr.split()[-1]) / 1024, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
