"""A frame that shows what the one before it showed asks the system for nothing."""

from __future__ import annotations

import resource
from typing import Any

FRAMES = 20
PAGES = 50  # of 4 KiB, a frame; five thousand while each block of a drawing was mapped anew


def test_a_frame_is_painted_in_the_memory_of_the_last_one(tablet: Any) -> None:
    from kivy.graphics.opengl import glFinish

    tablet.show("settings")
    window = tablet.hands.window

    def painted(frames: int) -> int:
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        for _ in range(frames):
            window.canvas.ask_update()
            window.dispatch("on_draw")
            glFinish()
            window.dispatch("on_flip")
        return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before

    painted(FRAMES)
    assert painted(FRAMES) < FRAMES * PAGES
