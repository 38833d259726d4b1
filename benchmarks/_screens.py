"""Every screen in every state that the gallery knows, watched while it comes and while it goes.

Once as after a start, when fonts, pictures and the driver's programs come for the first time, and
once more. A screen that was left is taken apart before the next one comes: here several come in
a second, and what waits to be taken apart would make each of them slower. Says as JSON what the
watchdog saw.

    python -m benchmarks._screens
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks._program import glancing
from field_client.ui.window import Sweeper, hurry, prepare_window

FRAMES, LEAVING_FRAMES = 14, 5  # its parts came, its cards are drawn; the next one stands
RESTED_MS = 1000


class Nobody:
    """Nobody answers a touch, as nobody touches."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_values: None


def main() -> None:
    """Show them all; print what was seen."""
    hurry()
    prepare_window()
    from kivy.base import runTouchApp

    from benchmarks._watchdog import Watchdog
    from field_client.ui.theme import use_fonts

    use_fonts()
    from field_client.ui import leaving, screens
    from field_client.ui.gallery import VIEWS
    from field_client.ui.i18n import _
    from field_client.ui.shell import Shell

    leaving.LINGERS_S = 0.0  # nobody pressed what was left
    shell = Shell(Nobody())  # type: ignore[arg-type]
    runTouchApp(shell, embedded=True)
    hands = glancing()
    for _step in screens.loading():  # as the program does behind its first screen
        hands.pump(1)
    shell.show("unlock", VIEWS["unlock"](_))
    hands.pump(FRAMES)
    sweeper, seen = Sweeper(), {}
    for lap in ("first", "again"):
        with Watchdog() as watchdog:
            for key, view in VIEWS.items():
                shell.show("settings" if key.startswith("unlock") else "unlock", _away(key))
                hands.pump(LEAVING_FRAMES)
                _be_gone(hands)
                shell.show(key.partition(".")[0], view(_))
                hands.pump(FRAMES)
                _be_gone(hands)
                sweeper.look(shell.shown, RESTED_MS, locked=False)
        seen[lap] = {"views": len(VIEWS)} | watchdog.figures()
        print(json.dumps(seen), flush=True)


def _be_gone(hands: Any) -> None:
    from field_client.ui import leaving

    while leaving.waiting():
        hands.pump(1)


def _away(key: str) -> Any:
    from field_client.ui.gallery import VIEWS
    from field_client.ui.i18n import _

    return VIEWS["settings" if key.startswith("unlock") else "unlock"](_)


if __name__ == "__main__":
    main()
