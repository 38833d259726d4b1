"""Microphone → encrypted blob: a recording of sound alone.

AAC in fragmented MP4, a fragment each second, so that what a crash cuts plays up to its last
whole second, as clips do. Its hash is made while it is written.

    captured = record_sound(source, sink, clock, stop=lambda: pressed, on_level=meter)

``on_level`` hears how long it has lasted and how loud the last piece was (0 to 1 over 60 dB), so
that the officer sees before it is too late that the microphone hears nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from field_client.camera.media import Captured, Ended, Sink
from field_client.camera.media_source import MediaSource, heard
from field_client.camera.mp4 import SAMPLES, SOUND_RATE, Forward
from field_client.device_clock import Clock, SteadyClock
from field_client.errors import NoPicture

FLAGS = {"movflags": "empty_moov+default_base_moof", "frag_duration": "1000000"}
BITS = 96_000
SYNC_EVERY_MS = 1000
QUIETEST_DB = 60.0


@dataclass(frozen=True)
class Heard:
    """Told with each piece: length so far, bytes written, loudness 0 to 1."""

    elapsed_ms: int
    size: int
    level: float


def record_sound(
    source: MediaSource,
    sink: Sink,
    clock: Clock,
    *,
    seconds: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    on_level: Callable[[Heard], None] = lambda heard: None,
) -> Captured:
    """Record into ``sink`` until ``stop()``, ``seconds``, the source's end or the disk's reserve,
    then finish the sink. Raises MicrophoneUnavailable, NoPicture (nothing was heard), DiskFull."""
    steady = SteadyClock(clock)
    started_at = steady.wall_ms()
    with source.open_microphone() as container:
        out = _Sound(sink)
        began = synced = clock.monotonic_ms()
        ended: Ended = "source ended"
        for frame in heard(container):
            if stop() or (seconds is not None and out.seconds >= seconds):
                ended = "asked"
                break
            if source.paced:
                time.sleep(max(0.0, out.seconds - (clock.monotonic_ms() - began) / 1000))
            level = out.take(frame)
            on_level(Heard(round(out.seconds * 1000), sink.size, level))
            if clock.monotonic_ms() - synced >= SYNC_EVERY_MS:
                synced = clock.monotonic_ms()
                sink.sync()
                if sink.low:
                    ended = "disk nearly full"
                    break
        if not out.seconds:
            raise NoPicture(
                "The recording was stopped before anything was heard. Nothing was kept; begin "
                "again."
            )
        out.close()
    written = sink.finish()
    return Captured(
        sha256=written.sha256,
        size=written.size,
        media_type="audio/mp4",
        codec="aac",
        duration_ms=round(out.seconds * 1000),
        width=0,
        height=0,
        started_at=started_at,
        ended_at=steady.wall_ms(),
        ended=ended,
    )


class _Sound:
    """One recording being encoded: pieces follow each other without gaps."""

    def __init__(self, sink: Sink) -> None:
        self.seconds = 0.0
        self._out = av.open(Forward(sink), "w", format="mp4", options=FLAGS)
        self._stream = self._out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._stream.bit_rate = BITS
        self._encoded = AudioResampler("fltp", "mono", SOUND_RATE, SAMPLES)
        self._meter = AudioResampler("s16", "mono", SOUND_RATE)

    def take(self, frame: AudioFrame) -> float:
        """Encode one piece; how loud it is."""
        frame.pts = round(self.seconds * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
        self.seconds += frame.samples / frame.sample_rate
        loudest = max((_peak(one) for one in self._meter.resample(frame)), default=0)
        for piece in self._encoded.resample(frame):
            self._out.mux(self._stream.encode(piece))
        return loudness(loudest)

    def close(self) -> None:
        """Write what the encoder still holds, and the last fragment."""
        for piece in self._encoded.resample(None):
            self._out.mux(self._stream.encode(piece))
        self._out.mux(self._stream.encode(None))
        self._out.close()


def _peak(piece: AudioFrame) -> int:
    """The largest sample of 16 bits."""
    samples = memoryview(bytes(piece.planes[0])[: 2 * piece.samples]).cast("h")
    return max(max(samples), -min(samples)) if len(samples) else 0


def loudness(peak: int) -> float:
    """A peak of 16 bits as a share of the meter: 0 at -60 dB and below, 1 at full scale.

    >>> loudness(0), loudness(32768), round(loudness(1036), 2)
    (0.0, 1.0, 0.5)
    """
    if peak <= 0:
        return 0.0
    return max(0.0, min(1.0, 1 + 20 * math.log10(peak / 32768) / QUIETEST_DB))
