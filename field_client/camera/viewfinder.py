"""The running picture before anything is recorded. Nothing of it is kept.

finder = Viewfinder(lambda width, height, rgb: …)
finder.start(source, failed)
finder.stop()                 # returns at once: a finger is on the glass
after(record)()               # on another thread, once the camera is free
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from av import VideoFrame

from field_client.camera.media import rgb
from field_client.camera.media_source import MediaSource, frames
from protocol.errors import FujieError

T = TypeVar("T")

WIDTH = 640
FRAMES_A_SECOND = 12

PATIENCE_S = 5.0

_camera = threading.Lock()  # one shows at a time; the next waits until the last has let go


def let_go(seconds: float = PATIENCE_S) -> bool:
    """Wait until no running picture holds the camera; not on the window's thread."""
    free = _camera.acquire(timeout=seconds)
    if free:
        _camera.release()
    return free


def after(job: Callable[[], T]) -> Callable[[], T]:
    """``job``, which begins when no running picture holds the camera any more."""

    def begin() -> T:
        let_go()
        return job()

    return begin


class Viewfinder:
    """Reads the camera on a thread of its own and hands out small pictures."""

    def __init__(self, show: Callable[[int, int, bytes], None]) -> None:
        self._show = show
        self._stop = threading.Event()

    def start(self, source: MediaSource, failed: Callable[[FujieError], None]) -> None:
        """Begin. A camera that does not open is told to ``failed``, from the thread."""
        self.stop()
        self._stop = threading.Event()
        threading.Thread(
            target=self._run, args=(source, failed, self._stop), name="viewfinder", daemon=True
        ).start()

    def stop(self) -> None:
        """Show nothing more, and let go of the camera."""
        self._stop.set()

    def _run(
        self, source: MediaSource, failed: Callable[[FujieError], None], stop: threading.Event
    ) -> None:
        ours = _camera.acquire(timeout=PATIENCE_S)  # one that hangs holds up no other for long
        try:
            if not stop.is_set():
                self._read(source, stop)
        except FujieError as error:
            if not stop.is_set():
                failed(error)
        finally:
            if ours:
                _camera.release()

    def _read(self, source: MediaSource, stop: threading.Event) -> None:
        with source.open() as container:
            for frame in frames(container):
                if stop.is_set():
                    return
                if isinstance(frame, VideoFrame):
                    self._hand_out(frame)
                    # A file would be read at once; a camera waits for its own next frame.
                    stop.wait(1 / FRAMES_A_SECOND)

    def _hand_out(self, frame: VideoFrame) -> None:
        height = max(1, round(frame.height * WIDTH / frame.width))
        small = frame.reformat(width=WIDTH, height=height, format="rgb24")
        self._show(WIDTH, height, rgb(small))
