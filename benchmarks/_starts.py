"""From the start of a process to its first frame, and what it holds at rest, with no display.

until_drawn(BARE)                             a Kivy window with nothing in it
until_drawn(OURS, "--data-dir", "data")       the tablet's program: the locked screen
at_rest(OURS, "--data-dir", "data")           its resident memory once all is loaded, MiB

Both have their bytecode compiled, as what is installed has. The bare window smooths edges as Kivy
does where nothing else is said; ours smooths none that a shape does not smooth itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks._timing import FOLDER, Spent

UNSET = ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE")
BYTECODE = FOLDER / "bytecode"

BARE = """
from field_client.ui.window import prepare_window
prepare_window()
from kivy.config import Config
Config.set("graphics", "multisamples", "2")
from kivy.base import runTouchApp
from kivy.uix.widget import Widget
when_drawn()
run = lambda: runTouchApp(Widget())
"""
OURS = """
import sys
from field_client import __main__ as program
from field_client.ui import rules
def prepared(really=rules.compile_when_used):
    really()
    when_drawn()
rules.compile_when_used = prepared
run = program.main
"""
UNTIL_DRAWN = """
import time
def when_drawn():
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish
    Window.bind(on_flip=lambda *_: print("drawn", time.process_time(), flush=True))
    Window.bind(on_flip=lambda *_: glFinish())  # as a glass does; else frames queue up, 24 MB each
"""


RESTED_S = 6.0  # far longer than loading takes


def at_rest(program: str, *arguments: str) -> float:
    """Resident memory (MiB) some seconds after the first frame."""
    with _running(program, *arguments) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(RESTED_S)
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        process.kill()
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def _running(program: str, *arguments: str) -> subprocess.Popen[str]:
    hidden = {k: v for k, v in os.environ.items() if k not in UNSET}
    hidden["PYTHONPYCACHEPREFIX"] = str(BYTECODE)
    command = [sys.executable, "-c", UNTIL_DRAWN + program + "run()", *arguments]
    return subprocess.Popen(
        command, env=hidden, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def until_drawn(program: str, *arguments: str) -> Spent:
    """From the start of a process until its window was drawn, without any display."""
    began = time.perf_counter()
    with _running(program, *arguments) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        spent = time.perf_counter() - began
        process.kill()
    assert said.startswith("drawn "), "the program ended before its window was drawn"
    return Spent(round(spent, 2), round(float(said.split()[1]), 2))
