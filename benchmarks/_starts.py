"""From the start of a process to its first frame, without any display.

until_drawn(BARE)                             a Kivy window with nothing in it
until_drawn(OURS, "--data-dir", "data")       the tablet's program
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks._timing import Spent

BARE = """
from field_client.ui.window import prepare_window
prepare_window()
from kivy.base import runTouchApp
from kivy.uix.widget import Widget
when_drawn()
run = lambda: runTouchApp(Widget())
"""
OURS = """
import sys
from field_client import __main__ as program
from field_client.ui import window
def prepared(really=window.prepare_window):
    really()
    when_drawn()
window.prepare_window = prepared
run = program.main
"""
UNTIL_DRAWN = """
import time
def when_drawn():
    from kivy.core.window import Window
    Window.bind(on_flip=lambda *_: print("drawn", time.process_time(), flush=True))
"""


def until_drawn(program: str, *arguments: str) -> Spent:
    """From the start of a process until its window was drawn, without any display."""
    hidden = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-c", UNTIL_DRAWN + program + "run()", *arguments]
    began = time.perf_counter()
    with subprocess.Popen(command, env=hidden, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        spent = time.perf_counter() - began
        process.kill()
    assert said.startswith("drawn "), "the program ended before its window was drawn"
    return Spent(round(spent, 2), round(float(said.split()[1]), 2))
