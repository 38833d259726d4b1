"""The process around Kivy: which display, which size, which log; before Kivy is imported.

Without a display the SDL ``offscreen`` driver draws the same pixels (docs/architecture.md).

    prepare_window()          # then import the rest of ``field_client.ui``
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
from contextlib import suppress

WIDTH, HEIGHT = 1280, 800  # the tablet's landscape
RESTING_MS, AWAY_MS = 400, 20_000
MANY, FULL = 10, 40  # screens whose shreds are worth a look through everything, or need it
MADE = 6_000  # objects since the last look: worth a look through these alone
MOST = 15_000  # no more of them wait for it: a look through these is a frame or two

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h
HEAPS = 2  # of the C library: the window's own and one for all threads
LARGE = 131_072  # bytes: a picture of two lines of words; software drawing asks for half of it


def prepare_window(width: int = WIDTH, height: int = HEIGHT) -> bool:
    """Set Kivy up for this process; says whether people can see the window."""
    visible = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if not visible:
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    os.environ.setdefault("KIVY_NO_ARGS", "1")  # our own command line stays ours
    os.environ.setdefault("KIVY_NO_FILELOG", "1")  # words typed here belong in the vault only
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")  # leave logging and tracebacks alone
    os.environ.setdefault("KIVY_CLIPBOARD", "sdl2")  # SDL's own; others look for programs
    os.environ.setdefault("KIVY_IMAGE", "sdl2")  # the others load every format that there is
    os.environ.setdefault("KIVY_NO_CONFIG", "1")  # nothing outside this file decides
    logging.getLogger("kivy").addFilter(_worth_telling)
    give_back()
    import kivy
    from kivy.config import Config

    kivy.kivy_options["cutbuffer"] = ()  # else two programs are started to look for X's own
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "resizable", "0")
    # Every shape of ours smooths its own edges; four samples a pixel would be 40 MB, a fifth of the
    # time until the window stands, and where no graphics chip helps most of that of each frame.
    Config.set("graphics", "multisamples", "0")
    Config.set("input", "mouse", "mouse,disable_multitouch")  # no red dots on right click
    Config.set("kivy", "exit_on_escape", "0")  # a party's stray key must not end an inspection
    return visible


def give_back() -> None:
    """Give large blocks back to the system as soon as they are free. The C library of Linux keeps
    more and more of them after each that it freed, and what is between holds them. Each thread
    would also get a heap of its own, which keeps what was freed for that thread alone."""
    with suppress(OSError, AttributeError):  # another system's library
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_ARENA_MAX, HEAPS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)
        libc.mallopt(M_TRIM_THRESHOLD, LARGE)


def trim() -> None:
    """Give back what is free between what is not: recordings and screens of hours leave holes of
    some 40 MiB, and the library gives back what lies at the end by itself, nothing else."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def hurry() -> None:
    """Collect no garbage while the program is being loaded: nearly all that is made then stays."""
    gc.disable()


class Sweeper:
    """Who frees what nothing needs any more, and when, so that no finger waits for it.

    Kivy's and our 300,000 objects take a quarter of a second to look through, in the middle of
    somebody's signature. So what is there when the program is loaded is set aside, and later what
    has outlived a look; only what was made since is looked through while somebody is there:

        a screen is left              it is taken apart, a little a frame (leaving.py); all but
                                      shreds of it is freed then, with no collection
        the finger rests a moment     what was made since the last look, a few milliseconds; where
                                      it never rests, that is set aside unseen
        the tablet is locked,         everything is looked through, if enough was left: the shreds
        or nobody is there            that were set aside with the screen they belonged to
    """

    def __init__(self) -> None:
        self._left = 0  # screens, since everything was looked through
        self._shown = 0
        gc.disable()
        gc.freeze()

    def look(self, shown: int, idle_ms: int, *, locked: bool) -> None:
        """Called now and then: which screen is shown, and for how long nobody has touched it."""
        if shown != self._shown:
            self._shown = shown
            self._left += 1
        resting, away = idle_ms > RESTING_MS, idle_ms > AWAY_MS
        made = gc.get_count()[0]
        if (locked and resting and self._left >= MANY) or (away and self._left >= FULL):
            self._left = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            trim()
        elif made > MOST:
            gc.freeze()
        elif resting and made > MADE:
            gc.collect()
            gc.freeze()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Kivy reports with a traceback that it lacks a multitouch library and a program for X's
    cut buffer; SDL brings our touches and the clipboard."""
    return not any(word in str(record.msg) for word in ("MTDev", "Cutbuffer"))
