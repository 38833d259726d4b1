"""What is being recorded now, and its mark: told on every screen, with the time that has passed.

running = Running("continuous", clock)
running.mark(_)              "00:12:07", or "00:12:07 · broken off for 5 s"
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from av.video.frame import VideoFrame

from field_client.device_clock import Clock
from field_client.ui.presenters.capture import Running as Kind
from field_client.ui.presenters.common import Translate, span_words

PICTURE_EVERY_MS = 80


@dataclass
class Running:
    """One recording under way. ``stop`` ends it; ``still`` asks for the picture it sees next.
    Times are the monotonic clock's, so that setting the clock moves nothing."""

    kind: Kind
    clock: Clock
    stop: threading.Event = field(default_factory=threading.Event)
    still: threading.Event = field(default_factory=threading.Event)
    broken_since: int | None = None
    told_s: int = -1
    _pictured: int = -(10**9)

    def __post_init__(self) -> None:
        self.began = self.clock.monotonic_ms()

    @property
    def elapsed_s(self) -> int:
        """Since it was begun, breaks included."""
        return (self.clock.monotonic_ms() - self.began) // 1000

    def mark(self, _: Translate, elapsed_s: int | None = None) -> str:
        """The running time, and that it is broken off when it is."""
        time = span_words(self.elapsed_s if elapsed_s is None else elapsed_s)
        if self.broken_since is None:
            return time
        gone = (self.clock.monotonic_ms() - self.broken_since) // 1000
        return _("{time} · broken off for {n} s").format(time=time, n=gone)

    def picture_due(self) -> bool:
        """Whether the screen wants another picture; a dozen a second are enough."""
        now = time.monotonic_ns() // 1_000_000  # nothing that is recorded depends on it
        due = now - self._pictured >= PICTURE_EVERY_MS
        if due:
            self._pictured = now
        return due

    def take_still(self, frame: VideoFrame) -> VideoFrame | None:
        """The picture that a photo was asked of, once."""
        if not self.still.is_set():
            return None
        self.still.clear()
        return frame
