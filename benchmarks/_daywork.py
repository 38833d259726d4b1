"""One inspection by touch in the tablet's real program, watched from its start to the closing.

The same officers as in the demo (``tests/demo/acts.py``), on an enrolled tablet whose office is
not reached. Says as JSON what the watchdog saw, and where the inspection stopped if it did.

    python -m benchmarks._daywork FOLDER FILM
"""

from __future__ import annotations

import json
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


def main(folder: Path, film: Path) -> None:
    """Play the inspection; print what was seen."""
    hurry()
    prepare_window()
    from kivy.base import runTouchApp, stopTouchApp

    from benchmarks._watchdog import Watchdog
    from field_client.app import FujieApp
    from tests.demo.acts import Officers
    from tests.hands import PATIENCE_S, Hands

    settings = Settings(
        folder, camera=str(film), camera_format="", camera_paced=True, argon2="cheapest"
    )
    app = FujieApp(settings, RunningClock())
    app._run_prepare()
    runTouchApp(embedded=True)
    hands = Hands(patience=PATIENCE_S)
    with Watchdog() as loading:
        hands.wait_for(lambda: app.program is not None, timeout=120)
    stopped: dict[str, str] = {}
    with Watchdog() as watchdog:
        try:
            inspect(Officers(app, hands, folder / "shots", lambda **_: None))
        except Exception:  # noqa: BLE001  (what was seen until then is told as well)
            stopped["stopped"] = traceback.format_exc().strip().splitlines()[-1]
    app.on_stop()
    stopTouchApp()
    print(json.dumps({"loading": loading.figures(), "inspection": watchdog.figures() | stopped}))


def inspect(officers: Any) -> None:
    """From unlocking to closing, as the demo tells it."""
    officers.shot = lambda _name: None  # looking takes time that no officer waits for
    officers.unlock(SHEN, PINS[SHEN], PASSPHRASE)
    officers.second(LU, PINS[LU])
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
    main(Path(sys.argv[1]), Path(sys.argv[2]))
