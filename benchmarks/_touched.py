"""What the window shows under fingers: every screen, every form, inspections, a whole day.

    touched(folder)          # each in a process of its own; ``folder/fresh`` is an enrolled tablet

A process that stops in the middle, or takes longer than ``MOST_S``, has told what it saw until
then in its last line; the others go on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.demo.scene import film

MOST_S = 120
INSPECTIONS = 2  # one after the other, with a lock between them
VISITS, PHOTOS, CLIPS = 10, 50, 2  # of the day: 500 photos, 20 clips


def touched(folder: Path) -> dict[str, object]:
    """All figures. Memory over the day counts from the first quarter on: until then caches fill."""
    shop = film(folder / "shop-by-touch.mp4")
    figures: dict[str, object] = {}
    seen = _said("benchmarks._screens")
    figures |= {f"watchdog_every_screen_{lap}": told for lap, told in seen.items()}
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
    """What a program said in its last line, and why it ended if it did not come to its end."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    why = ""
    try:
        said, wrong = process.communicate(timeout=MOST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        said, wrong = process.communicate()
        why = f"took longer than {MOST_S} s"
    lines = [line for line in said.splitlines() if line.startswith("{") and line.endswith("}")]
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if process.returncode:
        told["failed"] = {"why": why or (wrong.strip().splitlines() or [""])[-1]}
    return told
