"""The tablet's real program, with fingers on it, as a process that the story can kill.

stdin     {"act": "unlock", "with": {"cert_no": "…", "pin": "…"}}      one act a line
stdout    {"saved": "9f…", "kind": "identity_shown"}                  durable when it is said
          {"done": "unlock"}      or      {"failed": "…"}

python -m tests.demo.tablet --data DIR --shots DIR --camera FILM
"""

from __future__ import annotations

import argparse
import json
import logging
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from field_client.settings import Settings
from field_client.ui.window import prepare_window

PAUSE_S = 0.25  # between two acts, for onlookers
FRAME_S = 1 / 60


def main() -> int:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shots", type=Path, required=True)
    parser.add_argument("--camera", type=Path, required=True)
    parser.add_argument("--argon2", default="interactive")
    parser.add_argument("--language", default="zh_CN")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    visible = prepare_window()
    play(
        Settings(
            data_dir=asked.data,
            camera=str(asked.camera),
            camera_format="",
            camera_paced=True,
            argon2=asked.argon2,
            language=asked.language,
        ),
        asked.shots,
        visible=visible,
    )
    return 0


def play(settings: Settings, shots: Path, *, visible: bool) -> None:
    """Open the window and play acts as they are asked for. Where somebody can look they are
    played slowly; where nobody can, only pictures are painted."""
    from kivy.base import runTouchApp, stopTouchApp

    from field_client.app import FujieApp
    from tests.demo.acts import Officers
    from tests.hands import PATIENCE_S, Hands

    app = FujieApp(settings)
    app._run_prepare()
    runTouchApp(embedded=True)
    Hands().wait_for(lambda: app.program is not None, timeout=120)
    hands = Hands(PAUSE_S if visible else 0.0, drawing=visible, patience=PATIENCE_S)
    officers = Officers(app, hands, shots, say)
    for asked in _orders(officers.hands):
        try:
            said = getattr(officers, asked["act"])(**asked.get("with", {}))
        except Exception:  # noqa: BLE001  # whatever happened is the story's to tell
            say(failed=traceback.format_exc())
            officers.hands.shot(shots / "failed.png")
            continue
        say(done=asked["act"], **(said or {}))
    app.on_stop()
    stopTouchApp()


def say(**facts: Any) -> None:
    """One line to the story."""
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _orders(hands: Any) -> Any:
    """Acts from stdin; while none is asked for, the program goes on running."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=FRAME_S)
        except queue.Empty:
            hands.pump(1)
            continue
        if line is None:
            return
        yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
