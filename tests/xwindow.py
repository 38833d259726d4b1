"""A real window and real X events: ``make xwindow``, from the PIN to a saved form.

The tablet's program is started under Xvfb and driven by xdotool alone: pointer, buttons, keys, as
from any mouse and keyboard. It is asked only where a control stands (``--inside``). Afterwards
the vault is opened and must hold what was done. Needs the Debian packages xvfb and xdotool.

    build/xwindow/*.png     the screen after each act, as the X server shows it; stuck.png
                            where it came no further
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "build" / "xwindow"
NEEDED = {"Xvfb": "xvfb", "xdotool": "xdotool"}
PHRASE = "tablet seven of Qingshi"  # what a plain keyboard can type
FORM = {
    "party_name": "Hesui Food",
    "uscc": "91990123MA0FJ0K21X",
    "place": "28 Hexi Road",
    "legal_rep": "Zhou Minghe",
}
MADE = [
    "InspectionOpened",
    "IdentityShown",
    "RightsNotified",
    "MediaCaptured",
    "StatementTaken",
]
PATIENCE_S = 60.0


class XHands:
    """Pointer and keyboard of an X server, and the program that they meet."""

    def __init__(self, display: str, program: subprocess.Popen[str]) -> None:
        self._display = display
        self._program = program

    def xdotool(self, *words: str) -> str:
        """One command."""
        environment = {**os.environ, "DISPLAY": self._display}
        made = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=True
        )
        return made.stdout

    def ask(self, what: str, name: str = "") -> Any:
        """A question to the program."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        print(json.dumps([what, name]), file=self._program.stdin, flush=True)
        return json.loads(self._program.stdout.readline())

    def wait_for(self, name: str) -> None:
        """Until a screen or control is there."""
        until = time.monotonic() + PATIENCE_S
        while name not in (there := self.ask("names")):
            if time.monotonic() > until:
                self.shot("stuck")
                raise AssertionError(f"waited for {name}, got {there}")
            time.sleep(0.1)

    def tap(self, name: str) -> None:
        """A click in a control's middle."""
        x, y, _width, _height = self.place(name)
        self.xdotool("mousemove", "--sync", str(x), str(y))
        self.settle()
        self.xdotool("mousedown", "1")
        self.settle()
        self.xdotool("mouseup", "1")
        self.settle()

    def place(self, name: str) -> list[int]:
        """Where a control is, once nothing moves any more: a screen comes part by part, and
        questions that follow each other at once see the same half of it."""
        self.wait_for(name)
        self.ask("still")
        place: list[int] = self.ask("where", name)
        return place

    def settle(self) -> None:
        """Let the program draw what happened, as slow as it may be."""
        for _ in range(3):
            self.ask("names")

    def pin(self, digits: str) -> None:
        """A PIN on the pad."""
        for digit in digits:
            self.tap(f"pin.{digit}")

    def type(self, name: str, text: str) -> None:
        """Into a field."""
        self.tap(name)
        for letter in text:
            self.xdotool("type", letter)
            self.settle()

    def write(self, name: str) -> None:
        """Three strokes on a pad."""
        x, y, width, height = self.place(name)
        for stroke in range(3):
            left, top = x - width // 4 + stroke * width // 6, y - height // 5
            self._move(left, top)
            self.xdotool("mousedown", "1")
            for step in range(1, 11):
                self._move(left + step * width // 80, top + step * height // 30)
            self.xdotool("mouseup", "1")
            self.settle()

    def _move(self, x: int, y: int) -> None:
        self.xdotool("mousemove", "--sync", str(x), str(y))
        self.settle()

    def shot(self, name: str) -> None:
        """What the window shows."""
        self.ask("shot", str(TARGET / f"{name}.png"))


def inspect(hands: XHands, pins: dict[str, str]) -> None:
    """Unlock, open, show the cards, tell the rights, take a photo, hear the party."""
    first, second = pins.items()
    hands.wait_for("unlock")
    hands.type("passphrase", PHRASE)
    hands.pin(first[1])
    hands.wait_for("today")
    hands.shot("1-today")
    hands.tap("second")
    hands.wait_for("signin")
    hands.pin(second[1])
    hands.wait_for("today")
    hands.tap("main")
    hands.tap("item.SJ-0417")
    hands.tap("party_class.organisation")
    for name, text in FORM.items():
        hands.type(name, text)
    hands.shot("2-new-inspection")
    hands.tap("main")
    hands.wait_for("inspection")
    hands.tap("main")
    hands.wait_for("card")
    hands.shot("3-card")
    hands.tap(f"officer.{hands.ask('other')}")
    hands.tap("uniform")
    hands.tap("main")
    hands.wait_for("inspection")
    hands.tap("main")
    hands.wait_for("notice")
    hands.tap("read_aloud")
    hands.write("pad")
    hands.shot("4-rights")
    hands.tap("main")
    hands.wait_for("inspection")
    hands.tap("act.evidence")
    hands.wait_for("capture")
    hands.type("purpose", "unpriced goods")
    hands.tap("main")
    hands.wait_for("shot.1")
    hands.shot("5-photo")
    hands.tap("done")
    hands.wait_for("inspection")
    hands.tap("act.statement")
    hands.wait_for("form")
    hands.type("fine", "500")
    hands.type("defence", "The tags were not printed yet.")
    hands.type("reply", "Heard and considered.")
    hands.shot("6-form")
    hands.tap("main")
    hands.wait_for("inspection")
    hands.shot("7-timeline")


def main() -> int:
    """Run it; 1 when the vault lacks something, 2 when packages are missing."""
    missing = [package for tool, package in NEEDED.items() if shutil.which(tool) is None]
    if missing:
        print(
            f"expected {' and '.join(missing)} on this machine; as root: apt-get install", *missing
        )
        return 2
    from tests.field_client import county
    from tests.field_client.county import PINS
    from tests.killing import Rounds

    county.PASSPHRASE = PHRASE
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fujie-x-") as name:
        made = Rounds(Path(name), seed=0)  # an enrolled tablet and a film
        tablet = made.folder / "tablet"
        with _program(tablet, made.film) as hands:
            inspect(hands, PINS)
        kinds = _kinds(tablet)
    lost = [kind for kind in MADE if kind not in kinds]
    print(f"by X events alone: {', '.join(kinds)}; pictures in {TARGET}")
    if lost:
        print(f"expected {', '.join(lost)} in the vault as well")
    return 1 if lost else 0


@contextmanager
def _program(tablet: Path, film: Path) -> Iterator[XHands]:
    """The tablet's program in a real window of a fresh X server."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        display = f":{told.readline().strip()}"
    environment = {**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8"}
    environment.pop("WAYLAND_DISPLAY", None)
    inside = [sys.executable, "-m", "tests.xwindow", "--inside", str(tablet), str(film)]
    program = subprocess.Popen(
        inside, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        hands = XHands(display, program)
        hands.ask("names")
        hands.xdotool("mousemove", "640", "400")
        yield hands
        assert program.stdin is not None
        program.stdin.close()
        program.wait(timeout=60)
    finally:
        program.kill()
        server.kill()
        program.wait()
        server.wait()


def _kinds(tablet: Path) -> list[str]:
    """The kinds of all statements in the vault, in the order of the journal."""
    from sqlmodel import col, select

    from field_client.store.tables import LinkRow, StatementRow
    from field_client.store.vault import Vault
    from protocol import envelope, statements
    from tests.field_client.conftest import TurnedClock
    from tests.field_client.county import PINS, key_store

    key = key_store(tablet, TurnedClock(wall=time.time_ns() // 1_000_000))
    cert_no, pin = next(iter(PINS.items()))
    vault = Vault.open(tablet / "vault.db", key.unlock(cert_no, pin).vault_key)
    try:
        with vault.session() as session:
            rows = session.exec(
                select(StatementRow.envelope)
                .join(LinkRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
                .order_by(col(LinkRow.sequence))
            ).all()
        bodies = [statements.decode(envelope.decode(row).body) for row in rows]
        return [type(one).__name__ for one in bodies]
    finally:
        vault.close()


# ── inside the program ───────────────────────────────────────────────────────────────────


def inside(tablet: Path, film: Path) -> None:
    """The program itself, which says where its controls are until stdin ends."""
    from field_client.settings import Settings
    from field_client.ui.window import hurry, prepare_window

    hurry()
    assert prepare_window(), "expected a display"
    from kivy.base import runTouchApp, stopTouchApp

    from field_client.app import FujieApp
    from tests.demo.tablet import _orders
    from tests.hands import Hands

    settings = Settings(
        tablet, camera=str(film), camera_format="", camera_paced=True, argon2="cheapest"
    )
    app = FujieApp(settings)
    app._run_prepare()
    runTouchApp(embedded=True)
    hands = Hands()
    hands.wait_for(lambda: app.program is not None)
    for what, name in _orders(hands):
        print(json.dumps(_answer(app, hands, what, name)), flush=True)
    app.on_stop()
    stopTouchApp()


def _answer(app: Any, hands: Any, what: str, name: str) -> Any:
    if what == "names":
        hands.pump(1)  # who asks has waited for a frame
        shots = getattr(app.shell.screen.view, "shots", ())
        return [*hands.names(), app.shell.current, f"shot.{len(shots)}"]
    if what == "still":
        hands.settle()
        return True
    if what == "other":
        return next(one.officer_id for one in app.shell.screen.view.officers if not one.shown)
    if what == "shot":
        hands.shot(name)
        return True
    widget = hands.find(name)
    x, y = widget.to_window(*widget.center)
    return [round(x), round(hands.window.height - y), round(widget.width), round(widget.height)]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit(0)
    sys.exit(main())
