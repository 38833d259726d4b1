"""What the window shows under fingers: every screen, every form, inspections, a whole day.

    touched(folder)          # each in a process of its own; ``folder/fresh`` is an enrolled tablet

A process that stops in the middle, or takes too long, has told what it saw until then in its last
line; the others go on. One runs after the other, as a tablet does nothing else beside: with the day
on the second core, the steps of the others waited for it and not for the tablet's own threads.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.demo.scene import film

LONGEST_S = 1500  # one that takes longer is stopped: nothing in it may wait for ever
FIRST_PHOTOS = 100  # caches fill until then
INSPECTIONS = 2  # one after the other, with a lock between them
VISITS, PHOTOS, CLIPS = 10, 50, 2  # of the day: 500 photos, 20 clips


def touched(folder: Path) -> dict[str, object]:
    """All figures."""
    shop = film(folder / "shop-by-touch.mp4")
    figures: dict[str, object] = {}
    seen = _said(_begun("benchmarks._screens"))
    figures |= {f"watchdog_every_screen_{lap}": told for lap, told in seen.items()}
    work = _said(_begun("benchmarks._daywork", _copy(folder, "watched"), shop, INSPECTIONS))
    figures |= {f"watchdog_{part}": seen for part, seen in work.items()}
    worked = _copy(folder, "worked")
    day = _said(_begun("benchmarks._workday", worked, shop, VISITS, PHOTOS, CLIPS))
    return figures | {"day_by_touch_without_a_lock": day | _grown(day)}


def _grown(day: dict[str, Any]) -> dict[str, float]:
    """How much more memory is held for every 100 photos after the first, by least squares."""
    held = day.get("mib_after_each_visit", ())
    each = day.get("photos", 0) / max(1, len(held))
    points = [(each * at, mib) for at, mib in enumerate(held, 1) if each * at >= FIRST_PHOTOS]
    if len(points) < 2:
        return {}
    photos, mib = zip(*points, strict=True)
    return {"mib_per_100_photos": round(100 * statistics.linear_regression(photos, mib).slope, 1)}


def _copy(folder: Path, name: str) -> Path:
    shutil.copytree(folder / "fresh", folder / name)
    return folder / name


def _begun(module: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a program said in its last line, and why it ended if it did not come to its end."""
    why = ""
    try:
        said, wrong = process.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        said, wrong = process.communicate()
        why = f"took longer than {LONGEST_S} s"
    lines = [line for line in said.splitlines() if line.startswith("{") and line.endswith("}")]
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if process.returncode:
        told["failed"] = {"why": why or (wrong.strip().splitlines() or [""])[-1]}
    return told
