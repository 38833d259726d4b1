"""The tablet's program from its very start, as a process that tells what was there when.

    python -m tests.field_client.starter FOLDER [PASSPHRASE PIN]

With the first frame: a line of JSON with the screen's name, all modules that are loaded, the
rules of .kv files that are compiled and where Kivy looks for its own files. A PIN is entered in
that moment; what is shown then is told, and the screen that it leads to.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from field_client.settings import Settings
from field_client.ui.window import hurry, prepare_window


def main(folder: Path, passphrase: str = "", pin: str = "") -> None:
    """Start, tell, enter the PIN."""
    hurry()
    prepare_window()
    from field_client.ui.rules import compile_when_used

    compile_when_used()
    from kivy.base import runTouchApp, stopTouchApp
    from kivy.core.window import Window
    from kivy.resources import resource_paths

    from field_client.app import FujieApp

    app = FujieApp(Settings(folder, argon2="cheapest"))
    drawn: list[str] = []

    def first(*_: object) -> None:
        Window.unbind(on_flip=first)
        drawn.append(app.shell.current)
        modules = sorted(sys.modules)
        tell(
            screen=app.shell.current,
            modules=modules,
            program=bool(app.program),
            compiled=list(compiled()),
            places=[os.path.abspath(place) for place in resource_paths],
        )
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


def compiled() -> Iterator[str]:
    """Rules of which a line is compiled."""
    from kivy.lang import Builder

    for _selector, rule in Builder.rules:
        if any(line.co_value is not None for line in rule.properties.values()):
            yield rule.name


def tell(**facts: Any) -> None:
    """One line of JSON."""
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
