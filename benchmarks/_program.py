"""The tablet's real program in this process, on an enrolled tablet whose office is not reached.

    with running(folder, "shop.mp4") as (app, officers, loading): …

The officers are those of the demo (``tests/demo/acts.py``); the glass is offscreen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from field_client.settings import Settings
from field_client.ui.rules import compile_when_used
from field_client.ui.window import hurry, prepare_window
from tests.demo.cast import ID_NO, PARTY
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN
from tests.field_client.victim import RunningClock

RESTED_S = 3.0
PARTS = 20  # frames in which the parts of a form come
GLANCE = 15  # of so many frames one is painted
FORMS = ("paper.form.", "paper.draft.")
PURPOSE = "证明7种散装商品未标明价格"


class DayClock(RunningClock):
    """Runs, and jumps where a test says so."""

    passed = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.passed

    def monotonic_ms(self) -> int:
        return super().monotonic_ms() + self.passed

    def pass_seconds(self, seconds: int) -> None:
        self.passed += 1000 * seconds


@contextmanager
def running(folder: Path, camera: str, demuxer: str = "") -> Iterator[tuple[Any, Any, Any]]:
    """The program, loaded, the officers' hands, and what the watchdog saw of the loading."""
    hurry()
    prepare_window()
    compile_when_used()
    from kivy.base import runTouchApp, stopTouchApp

    from benchmarks._watchdog import Watchdog
    from field_client.app import FujieApp
    from tests.demo.acts import Officers
    from tests.hands import PATIENCE_S

    settings = Settings(
        folder, camera=camera, camera_format=demuxer, camera_paced=True, argon2="cheapest"
    )
    app = FujieApp(settings, DayClock())
    app._run_prepare()
    runTouchApp(embedded=True)
    hands = glancing(PATIENCE_S)
    with Watchdog() as loading:
        hands.wait_for(lambda: app.program is not None, timeout=120)
    officers = Officers(app, hands, folder / "shots", lambda **_: None)
    officers.shot = lambda _name: None  # looking takes time that no officer waits for
    yield app, officers, loading
    app.on_stop()
    stopTouchApp()


def glancing(patience: float = 0.0) -> Any:
    """Hands of somebody who sees one frame in so many: the processor paints here, and painting
    takes it longer than all that is measured. The others last as long, and all else is done."""
    from tests.hands import SETTLE_FRAMES, Hands

    class Glancing(Hands):
        frame = 0

        def pump(self, frames: int = SETTLE_FRAMES) -> None:
            for _ in range(frames):
                self.frame = (self.frame + 1) % GLANCE
                if self.drawing and not self.frame:
                    super().pump(1)
                else:
                    self._idle_unpainted()

    return Glancing(patience=patience)


def on_duty(officers: Any) -> None:
    """Both officers."""
    officers.unlock(SHEN, PINS[SHEN], PASSPHRASE)
    officers.second(LU, PINS[LU])


def lock(hands: Any) -> float:
    """Between two inspections; what the process holds (MiB) a few seconds later."""
    hands.tap("tab.today")
    hands.tap("lock")
    hands.wait_for("unlock")
    hands.rest(RESTED_S)
    return resident_mib()


def begin(officers: Any) -> None:
    """An inspection opened, cards shown, rights told."""
    officers.open_inspection(**PARTY)
    officers.show_cards()
    officers.notify_rights()


def inspect(officers: Any) -> None:
    """From opening to closing, as the demo tells it."""
    begin(officers)
    officers.capture(PURPOSE)
    officers.hands.tap("main")
    officers.finish_record()
    officers.sign(dict(PINS), "record")
    officers.interview(ID_NO)
    officers.sign(dict(PINS), "interview")
    officers.order_correction(days=15)
    officers.sign(dict(PINS), "order")
    officers.hear()
    officers.decide("5000", "500")
    officers.sign(dict(PINS), "decision")
    officers.serve()
    officers.close()


def every_form(officers: Any) -> int:
    """Each document's form is opened, scrolled to its end and left; how many there are."""
    hands, shell = officers.hands, officers.app.shell
    begin(officers)
    doors = _doors(officers)
    for door in doors:
        if shell.current == "inspection":
            hands.tap("act.papers")
        hands.tap(door)
        hands.wait_for(lambda: shell.current not in ("papers", "inspection"))
        hands.pump(PARTS)
        for scroll in _scrolls(shell.screen):
            scroll.scroll_y = 0
        hands.pump(PARTS)
        if shell.current == "notice":  # this one is the party's to hold
            officers.take_back(PINS[SHEN])
        else:
            hands.tap("back")
        hands.wait_for(lambda: shell.current in ("papers", "inspection"))
    if shell.current == "papers":
        hands.tap("back")
    return len(doors)


def _doors(officers: Any) -> list[str]:
    """The buttons of all documents, once the rules of each have answered."""
    hands, shell = officers.hands, officers.app.shell
    hands.tap("act.papers")
    hands.wait_for(lambda: shell.current == "papers" and not shell.screen.view.busy)
    hands.rest(RESTED_S)
    rows = [row for group in shell.screen.view.groups for row in group.rows]
    doors = (f"paper.{door.key}" for row in rows for door in row.doors)
    return sorted(one for one in doors if one.startswith(FORMS))


def _scrolls(screen: Any) -> list[Any]:
    from kivy.uix.scrollview import ScrollView

    return [one for one in screen.walk() if isinstance(one, ScrollView)]


def resident_mib() -> float:
    """What this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)
