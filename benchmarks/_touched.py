"""What the window shows under fingers: every screen, every form, inspections, a whole day.

    touched(folder)          # each in a process of its own; ``folder/fresh`` is an enrolled tablet

A process that stops in the middle says where, and the others go on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.demo.scene import film

INSPECTIONS = 2  # one after the other, with a lock between them
VISITS, PHOTOS, CLIPS = 10, 50, 2  # of the day: 500 photos, 20 clips


def touched(folder: Path) -> dict[str, object]:
    """All figures. Memory over the day counts from the first quarter on: until then caches fill."""
    shop = film(folder / "shop-by-touch.mp4")
    figures: dict[str, object] = {}
    for lap, seen in _said("benchmarks._screens").items():
        figures[f"watchdog_every_screen_{lap}"] = seen
    work = _said("benchmarks._daywork", _copy(folder, "watched"), shop, INSPECTIONS)
    figures |= {f"watchdog_{part}": seen for part, seen in work.items()}
    day = _said("benchmarks._workday", _copy(folder, "worked"), shop, VISITS, PHOTOS, CLIPS)
    held = day.get("mib_after_each_visit")
    if held:
        day["grown_mib"] = round(held[-1] - held[len(held) // 4], 1)
    return figures | {"day_by_touch_without_a_lock": day}


def _copy(folder: Path, name: str) -> Path:
    shutil.copytree(folder / "fresh", folder / name)
    return folder / name


def _said(module: str, *arguments: object) -> dict[str, Any]:
    """What a program said in its last line, or why it ended."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        return {"failed": {"why": made.stderr.strip().splitlines()[-1]}}
    return dict(json.loads(made.stdout.splitlines()[-1]))
