"""Where a recording is heard: the device's sound output through libav, or nowhere, and it says so.

    with Speaker("default", "alsa") as speaker:
        speaker.available            # False where no device opens: nothing is pretended
        speaker.play(frame)          # waits for nothing; a thread of its own feeds the device

The address and format are settings, as the camera's are. Sound never goes through a file.
"""

from __future__ import annotations

import queue
import threading
from typing import Any

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

RATE = 48_000
WAITING = 256
CODEC = "pcm_s16le"


class Speaker:
    """One open output. ``play`` and ``close`` are for the player's thread."""

    def __init__(self, spec: str, muxer: str) -> None:
        self._queue: queue.Queue[AudioFrame | None] = queue.Queue(maxsize=WAITING)
        self._out: Any = None
        self._thread: threading.Thread | None = None
        if spec:
            self._open(spec, muxer)

    @property
    def available(self) -> bool:
        """Whether anything can be heard."""
        return self._out is not None

    def play(self, frame: AudioFrame) -> None:
        """Hear a piece after those before it; a device that does not keep up drops some."""
        if self._out is not None:
            for piece in self._resampler.resample(frame):
                try:
                    self._queue.put_nowait(piece)
                except queue.Full:
                    return

    def hush(self) -> None:
        """Forget what has not been heard yet."""
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return

    def close(self, *, heard: bool = False) -> None:
        """Let go of the device; with ``heard``, after the last piece."""
        if self._thread is None:
            return
        if not heard:
            self.hush()
        self._queue.put(None)
        self._thread.join(timeout=5)
        self._thread = None

    def _open(self, spec: str, muxer: str) -> None:
        try:
            out = av.open(spec, "w", format=muxer or None)
            self._stream: Any = out.add_stream(CODEC, rate=RATE, layout="stereo")
            out.start_encoding()
        except (av.error.FFmpegError, ValueError, OSError):
            return
        self._out = out
        self._resampler = AudioResampler("s16", "stereo", RATE)
        self._thread = threading.Thread(target=self._feed, name="speaker", daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        try:
            while (frame := self._queue.get()) is not None:
                frame.pts = None
                self._out.mux(self._stream.encode(frame))
            self._out.mux(self._stream.encode(None))
            self._out.close()
        except (av.error.FFmpegError, ValueError, OSError):
            self._out = None  # the device went away: silence, and the pictures go on
