"""The tablet's program from its very start, as a process that tells what was there when.

    python -m tests.field_client.starter FOLDER [PASSPHRASE PIN]

With the first frame: a line of JSON with the screen's name and all modules that are loaded. A PIN
is entered in that moment; what is shown then is told, and the screen that it leads to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from field_client.settings import Settings
from field_client.ui.window import hurry, prepare_window


def main(folder: Path, passphrase: str = "", pin: str = "") -> None:
    """Start, tell, enter the PIN."""
    hurry()
    prepare_window()
    from kivy.base import runTouchApp, stopTouchApp
    from kivy.core.window import Window

    from field_client.app import FujieApp

    app = FujieApp(Settings(folder, argon2="cheapest"))
    drawn: list[str] = []

    def first(*_: object) -> None:
        Window.unbind(on_flip=first)
        drawn.append(app.shell.current)
        tell(screen=app.shell.current, modules=sorted(sys.modules), program=bool(app.program))
        if pin:
            app.shell.screen.ids.passphrase.ids.entry.text = passphrase
            app.shell.screen.submit(pin)
            tell(screen=app.shell.current, told=app.shell.children[0].words)

    app._run_prepare()
    Window.bind(on_flip=first)  # bound last and called first: before the loader begins
    runTouchApp(embedded=True)
    from tests.hands import Hands

    hands = Hands()
    hands.wait_for(lambda: drawn and app.program is not None, timeout=60)
    if pin:
        hands.wait_for("today", timeout=60)
        tell(screen=app.shell.current, waiting=hands.seek("busy") is not None)
    app.on_stop()
    stopTouchApp()


def tell(**facts: Any) -> None:
    """One line of JSON."""
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
