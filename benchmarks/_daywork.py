"""Inspections by touch in the tablet's real program, watched from the opening to the closing.

First the form of every document is opened. After each inspection the tablet is locked, and what
it holds then is told. Says as JSON what the watchdog saw, and where it stopped if it did.

    python -m benchmarks._daywork FOLDER FILM 3
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._program import every_form, inspect, lock, on_duty, running


def main(folder: Path, film: Path, times: int) -> None:
    """Play the inspections; print what was seen."""
    from benchmarks._watchdog import Watchdog

    seen: dict[str, Any] = {}
    locked: list[float] = []
    with running(folder, str(film)) as (_app, officers, loading):
        seen["loading"] = loading.figures()
        acts: list[tuple[str, Callable[[Any], object]]] = [("forms", every_form)]
        acts += [(f"inspection_{turn}", inspect) for turn in range(1, times + 1)]
        for name, act in acts:
            on_duty(officers)
            with Watchdog() as watchdog:
                try:
                    made = act(officers)
                except Exception:  # noqa: BLE001  (what was seen until then is told as well)
                    seen["stopped"] = {"by": traceback.format_exc().strip().splitlines()[-1]}
            seen[name] = watchdog.figures()
            if "stopped" in seen:
                break
            if made is not None:
                seen[name] = {"opened": made} | seen[name]
            print(json.dumps(seen), flush=True)
            locked.append(lock(officers.hands))
            seen["locked"] = {"mib_after_each": locked}
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
