"""Who holds up the window: every step of its main loop is timed, and the slow ones are named.

A step is all that Kivy calls without looking at the glass in between: the callbacks that are due,
the layouts that follow, one touch or key, the drawing of a frame. No callback in it can have
lasted longer. While one lasts a thread looks every 5 ms at where it is, so that a slow one is
named by the functions of ours that it was in, and not only by the call that Kivy made.

    with Watchdog() as watchdog:
        …                                       # hands over a running program
    watchdog.figures()                          # {"steps": 40123, "longest_ms": 61.2, …}

What counts is the time that a person waits; time of other threads that hold the interpreter is
in it, as it is on the tablet. On a machine that does other things besides, it says more of those.
So two more are told: ``cpu`` is the thread's own, and ``ready`` how long it could have gone on and
had no core (Linux tells it). Waiting for another thread is in neither. The ``ready`` of a step is
taken off where it is counted how many are over the limit ``with_a_core``: what other programs do to
a step is out of it then, but so are the tablet's own, as far as two cores are too few for them.

What the bench itself does is in none of it: fingers look for their controls between the steps, and
the look at where a step is goes on in a thread of its own. Painting a frame (``on_draw``,
``on_flip``) is told apart from the callbacks: here the processor paints in the place of a graphics
chip, in the thread that asks for it, and the bench waits for each frame, as a glass does.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, wraps
from types import FrameType
from typing import Any

LIMIT_MS = 50.0
LOOKED_AT_MS = 20.0
LOOK_S = 0.005
FEW, MANY = 4, 12  # of the longest are named where none is over the limit, and where many are
PAINTING = ("window on_draw", "window on_flip")
OURS = ("field_client", "protocol")


@dataclass
class Held:
    """One call that lasted."""

    name: str
    ms: float
    cpu_ms: float
    ready_ms: float
    seen: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """``61 ms (cpu 55, ready 5) layout [sign] ui.widgets.text._reflow < ui.shell.show``"""
        where = " | ".join(place for place, _ in self.seen.most_common(2))
        spent = f"{self.ms:.0f} ms (cpu {self.cpu_ms:.0f}, ready {self.ready_ms:.0f})"
        return f"{spent} {self.name} {where}".strip()


class Watchdog:
    """Times all steps between entering and leaving. Only on the window's own thread."""

    def __init__(self) -> None:
        self.count = 0
        self.held: list[Held] = []
        self._thread = threading.get_ident()
        self._began = 0.0
        self._seen: Counter[str] = Counter()
        self._depth = 0
        self._over = threading.Event()
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Watchdog:
        from kivy.base import EventLoop
        from kivy.clock import ClockBase
        from kivy.core.window import Window
        from kivy.lang import Builder

        for owner, name, said in (
            (ClockBase, "post_idle", "callbacks"),
            (ClockBase, "tick_draw", "layout"),
            (Builder, "sync", "rules"),
            (EventLoop, "post_dispatch_input", "touch"),
            (EventLoop, "dispatch_input", "input"),
            (Window, "dispatch", "window"),
        ):
            before = getattr(owner, name)
            setattr(owner, name, self.timed(before, said))
            self._undo.append(partial(setattr, owner, name, before))
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for undo in self._undo:
            undo()

    def figures(self) -> dict[str, object]:
        """The longest, how many were over the limit, and by name those that did most."""
        painted = [one for one in self.held if one.name.startswith(PAINTING)]
        slow = sorted((one for one in self.held if one not in painted), key=lambda one: -one.cpu_ms)
        return {
            "steps": self.count,
            "longest_ms": round(max((one.ms for one in slow), default=0.0), 1),
            "over_50_ms": sum(one.ms > LIMIT_MS for one in slow),
            "over_50_ms_with_a_core": sum(one.ms - one.ready_ms > LIMIT_MS for one in slow),
            "longest_cpu_ms": round(slow[0].cpu_ms if slow else 0.0, 1),
            "over_50_ms_of_cpu": sum(one.cpu_ms > LIMIT_MS for one in slow),
            "longest_painting_cpu_ms": round(max((one.cpu_ms for one in painted), default=0.0), 1),
            "slow": [one.line() for one in slow[:MANY] if one.ms > LIMIT_MS or one in slow[:FEW]],
        }

    # ── timing ───────────────────────────────────────────────────────────────────────────

    def timed(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        """``call``, timed; what it calls in turn is part of it."""

        @wraps(call)
        def measured(*args: Any, **kwargs: Any) -> Any:
            if self._depth or threading.get_ident() != self._thread or self._over.is_set():
                return call(*args, **kwargs)
            self._depth, self._seen = 1, Counter()
            ready, cpu, self._began = _ready(), time.thread_time(), time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                ms, self._began = (time.perf_counter() - self._began) * 1000, 0.0
                self._depth = 0
                self.count += 1
                if ms > LOOKED_AT_MS:
                    own = (time.thread_time() - cpu) * 1000
                    said = f"{name} {args[0]}" if name == "window" and args else name
                    said = f"{said} [{_shown()}]"
                    waited = (_ready() - ready) * 1000
                    self.held.append(Held(said, ms, own, waited, self._seen))

        return measured

    # ── looking ──────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            began = self._began
            if began and (time.perf_counter() - began) * 1000 > LOOKED_AT_MS / 2:
                frame = sys._current_frames().get(self._thread)
                self._seen[_place(frame)] += 1


def _ready() -> float:
    """Seconds for which this thread was ready and had no core, up to now; 0 where nobody says."""
    try:
        with open("/proc/thread-self/schedstat", "rb", buffering=0) as told:
            return int(told.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _shown() -> str:
    """The screen that stands there, whose touch or frame it was."""
    from kivy.core.window import Window

    return next((one.current for one in Window.children if hasattr(one, "current")), "")


def _place(frame: FrameType | None) -> str:
    """The innermost two functions of ours, and the library's they wait for."""
    ours: list[str] = []
    inner = ""
    while frame is not None and len(ours) < 3:
        module = str(frame.f_globals.get("__name__", ""))
        name = f"{module.removeprefix('field_client.')}.{frame.f_code.co_name}"
        if module.startswith(OURS):
            ours.append(name)
        elif not inner:
            inner = name
        frame = frame.f_back
    return " < ".join([*([inner] if inner and not ours else []), *ours]) or inner
