"""Pages are decoded on a thread of their own: 25 ms of CPU each, more than a frame has.

    use(read)                # the program's decoder, with which the window goes on meanwhile
    decode(png, show)        # ``show(make)`` with a later frame, on the window's own thread;
                             # ``make()`` is the texture
    under_way()              # how many were asked for and not shown yet

Kivy's own decoder holds the interpreter until it is done, and with it the window; it serves where
no program stands behind the screens. A page is drawn about twice as large as it is shown, which
needs no smaller copies of it; making those takes longer than a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any

from kivy.clock import Clock
from kivy.core.image import Image as CoreImage
from kivy.core.image import ImageData
from kivy.graphics.texture import Texture

Show = Callable[[Callable[[], Any]], None]
Read = Callable[[bytes], tuple[int, int, bytes]]
"""PNG bytes → width, height, packed RGBA with the top row first."""

_thread = ThreadPoolExecutor(1, "pages")
_waiting: set[Future[Any]] = set()
_readers: list[Read] = []


def use(read: Read) -> None:
    """Pages are decoded by ``read`` from now on."""
    _readers[:] = [read]


def decode(png: bytes, show: Show) -> None:
    """Decode one picture of PNG bytes."""
    asked = _thread.submit(_decoded, png)
    _waiting.add(asked)
    asked.add_done_callback(partial(_hand_over, show))


def under_way() -> int:
    """How many are still to be shown."""
    return len(_waiting)


def _decoded(png: bytes) -> Callable[[], Any]:
    """What makes the texture, once it is asked for on the window's own thread."""
    if not _readers:
        picture = CoreImage(BytesIO(png), ext="png", mipmap=False)
        return lambda: picture.texture
    return partial(_texture, *_readers[0](png))


def _texture(width: int, height: int, pixels: bytes) -> Any:
    texture = Texture.create_from_data(ImageData(width, height, "rgba", pixels))
    texture.flip_vertical()
    return texture


def _hand_over(show: Show, decoded: Future[Any]) -> None:
    Clock.schedule_once(lambda _dt: _show(show, decoded), 0)


def _show(show: Show, decoded: Future[Any]) -> None:
    _waiting.discard(decoded)
    show(decoded.result())
