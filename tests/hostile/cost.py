"""What a decoder costs, counted so that every run and every machine counts the same.

    steps   lines of Python that were executed, with calls and every turn of a loop
    peak    bytes that were allocated at once, by Python and what it calls

What runs inside a C function counts as one step: a pattern's backtracking, a sort. Those have
bounds of their own (``docs/protocol.md``, "Hostile input"), and ``make fuzz`` times them
(``tests/fuzzing/growth.py``).
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from protocol.errors import FujieError


def steps(parse: Callable[[bytes], object], data: bytes) -> int:
    """How many lines ``parse`` executes on ``data``."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before, collects = sys.gettrace(), gc.isenabled()
    # What earlier tests left is not taken away meanwhile: its own lines would be counted here.
    gc.disable()
    sys.settrace(trace)
    try:
        with suppress(FujieError):
            parse(data)
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    return count


def peak(parse: Callable[[bytes], object], data: bytes) -> int:
    """The most bytes that ``parse`` holds at once, beyond ``data``."""
    tracemalloc.start()
    try:
        with suppress(FujieError):
            parse(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
