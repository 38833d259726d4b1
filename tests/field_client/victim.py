"""Programs that are killed by tests while they work. They tell on stdout what is saved."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from field_client.camera.media import Progress
from field_client.camera.media_source import MediaSource
from field_client.documents import Typesetter
from tests.field_client.conftest import MORNING, TurnedClock
from tests.field_client.county import MANAGER, County, FieldTablet, ServerClock

STARTED = time.monotonic_ns()


@dataclass
class RunningClock(TurnedClock):
    """A clock that starts in the morning of the tests and runs."""

    def wall_ms(self) -> int:
        return MORNING + (time.monotonic_ns() - STARTED) // 1_000_000

    def monotonic_ms(self) -> int:
        return 60_000 + (time.monotonic_ns() - STARTED) // 1_000_000


def state_for_ever(folder: Path, media: Path) -> None:
    """One record after the other, each told when it is acknowledged."""
    tablet = _start(folder, media)
    while True:
        inspection = tablet.tablet.office.open(tablet.opening(), tablet.officers)
        print(inspection.case.hex(), flush=True)
        print(inspection.show_cards(MANAGER).record.hex(), flush=True)


def record_for_ever(folder: Path, media: Path) -> None:
    """A recording without an end; tells each second of it."""
    tablet = _start(folder, media)
    inspection = tablet.opened_and_notified()
    seconds: set[int] = set()

    def progress(made: Progress) -> None:
        second = made.elapsed_ms // 1000
        if second not in seconds:
            seconds.add(second)
            print(second, flush=True)

    source = MediaSource("testsrc=size=320x180:rate=10", "lavfi", paced=True)
    inspection.record_video(
        source, tablet.about(), tablet.shen, stop=lambda: False, on_progress=progress
    )


def _start(folder: Path, media: Path) -> FieldTablet:
    clock = RunningClock()
    county = County(folder, ServerClock(clock), 9)
    return FieldTablet.start(folder, clock, county, media, Typesetter())
