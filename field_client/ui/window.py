"""The process around Kivy: which display, which size, which log; before Kivy is imported.

Without a display the SDL ``offscreen`` driver draws the same pixels (docs/architecture.md).

    prepare_window()          # then import the rest of ``field_client.ui``
"""

from __future__ import annotations

import gc
import logging
import os

WIDTH, HEIGHT = 1280, 800  # the tablet's landscape
RESTING_MS, AWAY_MS = 3_000, 20_000
MANY, FULL = 10, 60  # screens whose shreds are worth a look through everything, or need it
SOME, MOST = 4_000, 10_000  # objects made: worth a look, and few enough for one within a frame


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


class Sweeper:
    """Who frees what nothing needs any more, and when, so that no finger waits for it.

    Kivy's and our 300,000 objects take a quarter of a second to look through, in the middle of
    somebody's signature. So nothing is looked through unasked:

        a screen is left              it is taken apart, a little a frame (leaving.py); all but
                                      shreds of it is freed then, with no collection
        the finger rests              what was made since the last rest is looked through, and
                                      left out from then on
        the tablet is locked,         everything is looked through: the shreds go. After very
        or nobody is there            many screens any rest will do, or memory would fill
    """

    def __init__(self) -> None:
        self._left = 0  # screens, since everything was looked through
        self._shown = 0
        self._rested = True
        gc.disable()
        gc.freeze()

    def look(self, shown: int, idle_ms: int, *, locked: bool) -> None:
        """Called now and then: which screen is shown, and for how long nobody has touched it."""
        if shown != self._shown:
            self._shown, self._rested = shown, False
            self._left += 1
        soon = locked or self._left >= FULL
        if self._left >= MANY and idle_ms > (RESTING_MS if soon else AWAY_MS):
            self._sweep_all()
        elif idle_ms > RESTING_MS and not (self._rested and gc.get_count()[0] < SOME):
            self._rested = True
            self._sweep_young()

    def _sweep_young(self) -> None:
        """What is more than a frame's worth is the new screen, and stays anyway."""
        if gc.get_count()[0] < MOST:
            gc.collect()
        gc.freeze()

    def _sweep_all(self) -> None:
        self._left, self._rested = 0, True
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Kivy reports with a traceback that it lacks a multitouch library and a program for X's
    cut buffer; SDL brings our touches and the clipboard."""
    return not any(word in str(record.msg) for word in ("MTDev", "Cutbuffer"))
