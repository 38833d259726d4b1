"""Inspections by touch in the tablet's real program, watched from the opening to the closing.

The same officers as in the demo (``tests/demo/acts.py``), on an enrolled tablet whose office is
not reached. After each inspection the tablet is locked, and what it holds then is told. Says as
JSON what the watchdog saw, and where an inspection stopped if it did.

    python -m benchmarks._daywork FOLDER FILM 3
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from field_client.settings import Settings
from field_client.ui.window import hurry, prepare_window
from tests.demo.cast import ID_NO, PARTY
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN
from tests.field_client.victim import RunningClock

LOCKED_S = 4.0


def main(folder: Path, film: Path, times: int) -> None:
    """Play the inspections; print what was seen."""
    hurry()
    prepare_window()
    from kivy.base import runTouchApp, stopTouchApp
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish

    from benchmarks._watchdog import Watchdog
    from field_client.app import FujieApp
    from tests.demo.acts import Officers
    from tests.hands import PATIENCE_S, Hands

    settings = Settings(
        folder, camera=str(film), camera_format="", camera_paced=True, argon2="cheapest"
    )
    app = FujieApp(settings, RunningClock())
    app._run_prepare()
    Window.bind(on_flip=lambda *_: glFinish())  # as a glass does; else frames queue up, 24 MB each
    runTouchApp(embedded=True)
    hands = Hands(patience=PATIENCE_S)
    with Watchdog() as loading:
        hands.wait_for(lambda: app.program is not None, timeout=120)
    officers = Officers(app, hands, folder / "shots", lambda **_: None)
    officers.shot = lambda _name: None  # looking takes time that no officer waits for
    seen: dict[str, object] = {"loading": loading.figures()}
    locked: list[float] = []
    for turn in range(1, times + 1):
        on_duty(officers)
        with Watchdog() as watchdog:
            try:
                inspect(officers)
            except Exception:  # noqa: BLE001  (what was seen until then is told as well)
                seen["stopped"] = {"by": traceback.format_exc().strip().splitlines()[-1]}
        seen[f"inspection_{turn}"] = watchdog.figures()
        if "stopped" in seen:
            break
        locked.append(lock(hands))
    app.on_stop()
    stopTouchApp()
    print(json.dumps(seen | {"locked": {"mib_after_each": locked}}))


def on_duty(officers: Any) -> None:
    """Both officers."""
    officers.unlock(SHEN, PINS[SHEN], PASSPHRASE)
    officers.second(LU, PINS[LU])


def lock(hands: Any) -> float:
    """Between two inspections; what the process holds (MiB) a few seconds later."""
    hands.tap("tab.today")
    hands.tap("lock")
    hands.wait_for("unlock")
    hands.rest(LOCKED_S)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def inspect(officers: Any) -> None:
    """From opening to closing, as the demo tells it."""
    officers.open_inspection(**PARTY)
    officers.show_cards()
    officers.notify_rights()
    officers.capture("证明7种散装商品未标明价格")
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
