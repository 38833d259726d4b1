"""Time a call and keep the figures: the quickest of several rounds, because noise only adds.

>>> measure(lambda: None, rounds=1, seconds=0.001) >= 0
True
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"


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


def keep(name: str, figures: Mapping[str, object]) -> None:
    """Write build/bench/<name>.json and print the same as a table."""
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}.json"
    target.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n")
    print(f"{name} → {target.relative_to(FOLDER.parent.parent)}")
    for label, figure in figures.items():
        shown = figure.items() if isinstance(figure, Mapping) else [("", figure)]
        print(f"  {label:34} {', '.join(f'{unit} {number}'.strip() for unit, number in shown)}")
