"""Pages are decoded on a thread of their own: 25 ms of CPU each, more than a frame has.

    decode(png, show)        # ``show(image)`` with a later frame, on the window's own thread
    under_way()              # how many were asked for and not shown yet

A page is drawn about twice as large as it is shown, which needs no smaller copies of it; making
those takes longer than a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any

from kivy.clock import Clock
from kivy.core.image import Image as CoreImage

Show = Callable[[Any], None]

_thread = ThreadPoolExecutor(1, "pages")
_waiting: set[Future[Any]] = set()


def decode(png: bytes, show: Show) -> None:
    """Decode one picture of PNG bytes; its texture is made when it is asked for first."""
    asked = _thread.submit(CoreImage, BytesIO(png), ext="png", mipmap=False)
    _waiting.add(asked)
    asked.add_done_callback(partial(_hand_over, show))


def under_way() -> int:
    """How many are still to be shown."""
    return len(_waiting)


def _hand_over(show: Show, decoded: Future[Any]) -> None:
    Clock.schedule_once(lambda _dt: _show(show, decoded), 0)


def _show(show: Show, decoded: Future[Any]) -> None:
    _waiting.discard(decoded)
    show(decoded.result())
