"""Time a call and keep the figures: the quickest of several rounds, because noise only adds.

>>> measure(lambda: None, rounds=1, seconds=0.001) >= 0
True
>>> spread([3.0, 1.0, 2.0])
{'p50_ms': 2000.0, 'p99_ms': 3000.0}
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"


class Spent(NamedTuple):
    """What something took."""

    seconds: float
    cpu_seconds: float


class Scheduled(NamedTuple):
    """What the threads of a process and of its children had of the cores, and how long they were
    ready and had none, together. On a machine with nothing else to do the second is nothing."""

    cpu_seconds: float = 0.0
    waited_seconds: float = 0.0

    @classmethod
    def now(cls, process: int) -> Scheduled:
        """Up to now. Nothing where the system does not tell (Linux does)."""
        cpu = waited = 0
        for folder in Path(f"/proc/{process}/task").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                ran, ready, _ = map(int, (folder / "schedstat").read_text().split())
                cpu, waited = cpu + ran, waited + ready
            with suppress(OSError):
                for child in (folder / "children").read_text().split():
                    more = cls.now(int(child))
                    cpu += round(more.cpu_seconds * 1e9)
                    waited += round(more.waited_seconds * 1e9)
        return cls(cpu / 1e9, waited / 1e9)

    def since(self, before: Scheduled) -> Scheduled:
        """What came since then."""
        return Scheduled(
            round(self.cpu_seconds - before.cpu_seconds, 2),
            round(self.waited_seconds - before.waited_seconds, 2),
        )


def measure(call: Callable[[], object], rounds: int = 5, seconds: float = 0.2) -> float:
    """Seconds that one ``call`` takes: the best of ``rounds``, each of ``seconds`` or more."""
    call()
    best = float("inf")
    for _ in range(rounds):
        count, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            call()
            count += 1
        best = min(best, spent / count)
    return best


def timed(call: Callable[[], object]) -> float:
    """Seconds that this one ``call`` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def spread(times: Sequence[float]) -> dict[str, float]:
    """The median and the 99th percentile of ``times`` (seconds), in milliseconds."""
    found = sorted(times)
    at = {"p50_ms": len(found) // 2, "p99_ms": len(found) * 99 // 100}
    return {name: round(found[place] * 1000, 2) for name, place in at.items()}


def fsyncs(folder: Path, count: int = 200, size: int = 4096) -> list[float]:
    """Seconds that the disk under ``folder`` takes to append a page to a file and sync it."""
    page, times = os.urandom(size), []
    with (folder / "fsync").open("ab", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(page)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return times


def keep(name: str, figures: Mapping[str, object]) -> None:
    """Write build/bench/<name>.json and print the same as a table, with the machine's load."""
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load_in_the_last_minute": round(os.getloadavg()[0], 1),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}.json"
    target.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n")
    print(f"{name} → {target.relative_to(FOLDER.parent.parent)}")
    for label, figure in (*figures.items(), ("machine", machine)):
        shown = figure.items() if isinstance(figure, Mapping) else [("", figure)]
        print(f"  {label:34} {', '.join(f'{unit} {number}'.strip() for unit, number in shown)}")


def kept(name: str) -> dict[str, object]:
    """The figures that an earlier run kept, none if there was none."""
    target = FOLDER / f"{name}.json"
    return dict(json.loads(target.read_text())["figures"]) if target.exists() else {}
