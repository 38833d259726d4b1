"""Eight hours by touch without a lock: visits with photos and clips, on a clock that jumps.

Each visit is opened, filmed, put on record, signed and closed; frames are painted in the last
seconds of one, as painting each takes longer than all else together. Then nobody touches the tablet
for a minute. Memory is told after each visit, always with the sync screen shown.

    python -m benchmarks._workday FOLDER FILM VISITS PHOTOS CLIPS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks._program import PURPOSE, begin, on_duty, resident_mib, running
from tests.field_client.county import PINS

DAY_S = 8 * 3600
LOOKED_S, AWAY_S = 1.5, 60  # the second on the tablet's clock, which knows no haste
CLIP_S = 1.0
SHELF = (
    "movie={film}:loop=0,setpts=N/(25*TB)[shelf];"
    "gradients=size=64x64:rate=25[hue];[shelf][hue]overlay"
)
"""What the camera sees: the film, without an end, and no picture of it like another."""


def main(folder: Path, film: Path, visits: int, photos: int, clips: int) -> None:
    """Play the day; print what was held."""
    held: list[float] = []
    shooting = 0.0
    with running(folder, SHELF.format(film=film), "lavfi") as (app, officers, _loading):
        on_duty(officers)
        for _ in range(visits):
            paint(officers.hands, False)
            shooting += visit(officers, photos, clips)
            paint(officers.hands, True)
            officers.hands.rest(LOOKED_S)
            officers.hands.tap("tab.sync")
            app.clock.pass_seconds(AWAY_S)
            officers.hands.rest(LOOKED_S)
            held.append(resident_mib())
            app.clock.pass_seconds(DAY_S // visits - AWAY_S)
            officers.hands.tap("tab.today")
            taken = {"photos": photos * len(held), "clips": clips * len(held)}
            speed = {"photos_a_second": round(taken["photos"] / shooting, 1)}
            print(json.dumps(taken | speed | {"mib_after_each_visit": held}), flush=True)


def visit(officers: Any, photos: int, clips: int) -> float:
    """One of the day's; the seconds that its photos took."""
    hands = officers.hands
    begin(officers)
    hands.tap("act.evidence")
    hands.wait_for("capture")
    hands.type("purpose", PURPOSE)
    hands.rest(0.5)
    began = time.perf_counter()
    for _ in range(photos):
        shoot(officers, "main")
    spent = time.perf_counter() - began
    for _ in range(clips):
        hands.tap("video")
        hands.wait_for(lambda: officers.view.recording != "")
        hands.rest(CLIP_S)
        shoot(officers, "video")
    hands.tap("done")
    hands.wait_for("inspection")
    hands.tap("main")
    officers.finish_record()
    officers.sign(dict(PINS), "record")
    hands.wait_for("inspection", timeout=60)
    close(officers)
    return spent


def close(officers: Any) -> None:
    """Nothing was wrong there."""
    hands = officers.hands
    hands.tap("act.close")
    hands.wait_for("closing")
    hands.tap("outcome.no_problem")
    hands.wait_for(lambda: officers.view.ready)
    hands.tap("main")
    hands.wait_for("inspection", timeout=60)


def shoot(officers: Any, button: str) -> None:
    """Another one is the newest; the screen shows a few, and the gallery all."""
    before = newest(officers)
    officers.hands.tap(button)
    officers.hands.wait_for(lambda: newest(officers) != before, timeout=60)


def newest(officers: Any) -> str:
    """The recording that was taken last."""
    shots = officers.view.shots
    return shots[0].key if shots else ""


def paint(hands: Any, on: bool) -> None:
    """Whether frames are painted, and last as long as on a glass."""
    from kivy.clock import Clock

    hands.drawing = on
    Clock._max_fps = 60 if on else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6]))
