"""Time at one size and at four times that size, for every hostile shape.

A decoder that takes linear time takes four times as long for four times as much. Clocks are
coarse and machines are busy, so only a decoder that takes sixteen times as long, best of five,
and long enough to matter, is told of. Nothing in ``make test`` depends on a clock:
``tests/protocol/test_bounds.py`` counts steps and bytes there.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import suppress

from protocol.errors import FujieError
from tests.fuzzing.shapes import SHAPES, Shape

TIMES, WORST, MATTERS_S, BEST_OF = 4, 16.0, 0.2, 5


def slow_shapes(only: str = "") -> Iterator[tuple[str, str]]:
    """The shapes whose time grows faster than their size."""
    for shape in SHAPES:
        if only not in shape.name:
            continue
        small = seconds(shape, shape.most // TIMES)
        large = seconds(shape, shape.most)
        if large > MATTERS_S and large > WORST * small:
            told = f"{small:.3f} s for {shape.most // TIMES} bytes, {large:.3f} s for {shape.most}"
            yield shape.name, told


def seconds(shape: Shape, size: int) -> float:
    """The shortest of some runs."""
    data, best = shape.make(size), float("inf")
    gc.disable()  # whether it collects within a run says nothing of the decoder
    for _ in range(BEST_OF):
        begun = time.perf_counter()
        with suppress(FujieError):
            shape.parse(data)
        best = min(best, time.perf_counter() - begun)
        if best > 1:
            break
    gc.enable()
    return best
