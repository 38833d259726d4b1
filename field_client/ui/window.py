"""The process around Kivy: which display, which size, which log; before Kivy is imported.

Without a display the SDL ``offscreen`` driver draws the same pixels (docs/architecture.md).

    prepare_window()          # then import the rest of ``field_client.ui``
"""

from __future__ import annotations

import gc
import logging
import os

WIDTH, HEIGHT = 1280, 800  # the tablet's landscape


def prepare_window(width: int = WIDTH, height: int = HEIGHT) -> bool:
    """Set Kivy up for this process; says whether people can see the window."""
    visible = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if not visible:
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    os.environ.setdefault("KIVY_NO_ARGS", "1")  # our own command line stays ours
    os.environ.setdefault("KIVY_NO_FILELOG", "1")  # words typed here belong in the vault only
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")  # leave logging and tracebacks alone
    os.environ.setdefault("KIVY_CLIPBOARD", "sdl2")  # SDL's own; others look for programs
    os.environ.setdefault("KIVY_CUTBUFFER", "none")
    os.environ.setdefault("KIVY_IMAGE", "sdl2")  # the others load every format that there is
    os.environ.setdefault("KIVY_NO_CONFIG", "1")  # nothing outside this file decides
    logging.getLogger("kivy").addFilter(_worth_telling)
    from kivy.config import Config

    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "resizable", "0")
    Config.set("graphics", "multisamples", "4")
    Config.set("input", "mouse", "mouse,disable_multitouch")  # no red dots on right click
    Config.set("kivy", "exit_on_escape", "0")  # a party's stray key must not end an inspection
    return visible


def hurry() -> None:
    """Collect no garbage while the program is being loaded: nearly all that is made then stays."""
    gc.disable()


def spare_the_pen() -> None:
    """Leave what was loaded at start out of every later garbage collection, and look at the
    youngest alone from now on.

    Kivy's and our 300,000 objects take a quarter of a second to look through, in the middle of
    somebody's signature; they live as long as the program anyway. What a screen leaves behind
    is old by then: ``sweep`` takes it away.
    """
    gc.freeze()
    gc.set_threshold(10_000, 1_000, 1_000)
    gc.enable()


def sweep(*, settled: bool = False) -> None:
    """Take away what was left behind, while nobody writes or types. Once more of what lives as
    long as the program is there (``settled``: the vault is open), that is left out as well."""
    gc.collect()
    if settled:
        gc.freeze()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Kivy reports with a traceback that it lacks a multitouch library and a program for X's
    cut buffer; SDL brings our touches and the clipboard."""
    return not any(word in str(record.msg) for word in ("MTDev", "Cutbuffer"))
