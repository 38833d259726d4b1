"""The running picture before anything is recorded. Nothing of it is kept.

finder = Viewfinder(lambda width, height, rgb: …)
finder.start(source, failed)
finder.stop()                 # the camera is free when it returns
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from av import VideoFrame

from field_client.camera.media import rgb
from field_client.camera.media_source import MediaSource, frames
from protocol.errors import FujieError

WIDTH = 640
FRAMES_A_SECOND = 12


class Viewfinder:
    """Reads the camera on a thread of its own and hands out small pictures."""

    def __init__(self, show: Callable[[int, int, bytes], None]) -> None:
        self._show = show
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, source: MediaSource, failed: Callable[[FujieError], None]) -> None:
        """Begin. A camera that does not open is told to ``failed``, from the thread."""
        self.stop()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(source, failed, self._stop), name="viewfinder", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop and let go of the camera."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def _run(
        self, source: MediaSource, failed: Callable[[FujieError], None], stop: threading.Event
    ) -> None:
        try:
            with source.open() as container:
                for frame in frames(container):
                    if stop.is_set():
                        return
                    if isinstance(frame, VideoFrame):
                        self._hand_out(frame)
                        # A file would be read at once; a camera waits for its own next frame.
                        time.sleep(1 / FRAMES_A_SECOND)
        except FujieError as error:
            failed(error)

    def _hand_out(self, frame: VideoFrame) -> None:
        height = max(1, round(frame.height * WIDTH / frame.width))
        small = frame.reformat(width=WIDTH, height=height, format="rgb24")
        self._show(WIDTH, height, rgb(small))
