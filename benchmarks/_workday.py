"""Eight hours by touch without a lock: visits with photos and clips, on a clock that jumps.

Each visit is opened, filmed, put on record and signed. Memory is told after each visit; frames
are painted in the last seconds of one, as painting each takes longer than all else together.

    python -m benchmarks._workday FOLDER FILM VISITS PHOTOS CLIPS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks._program import PURPOSE, begin, on_duty, resident_mib, running
from tests.field_client.county import PINS

DAY_S = 8 * 3600
LOOKED_S = 2.0
CLIP_S = 1.0


def main(folder: Path, film: Path, visits: int, photos: int, clips: int) -> None:
    """Play the day; print what was held."""
    held: list[float] = []
    with running(folder, film) as (app, officers, _loading):
        on_duty(officers)
        for _ in range(visits):
            paint(officers.hands, False)
            visit(officers, photos, clips)
            paint(officers.hands, True)
            officers.hands.rest(LOOKED_S)
            app.clock.pass_seconds(DAY_S // visits)
            officers.hands.tap("tab.today")
            officers.hands.rest(LOOKED_S)
            held.append(resident_mib())
            print(
                json.dumps({"photos": photos * len(held), "mib_after_each_visit": held}), flush=True
            )


def visit(officers: Any, photos: int, clips: int) -> None:
    """One of the day's."""
    hands = officers.hands
    begin(officers)
    hands.tap("act.evidence")
    hands.wait_for("capture")
    hands.type("purpose", PURPOSE)
    hands.rest(0.5)
    for _ in range(photos):
        shoot(officers, "main")
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


def shoot(officers: Any, button: str) -> None:
    """One more is there."""
    before = len(officers.view.shots)
    officers.hands.tap(button)
    officers.hands.wait_for(lambda: len(officers.view.shots) > before, timeout=60)


def paint(hands: Any, on: bool) -> None:
    """Whether frames are painted, and last as long as on a glass."""
    from kivy.clock import Clock

    hands.drawing = on
    Clock._max_fps = 60 if on else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6]))
