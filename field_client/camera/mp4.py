"""Frames → fragmented MP4, written forward only.

``frag_keyframe`` starts a fragment at each key frame (one a second), ``empty_moov`` puts the
codecs in front, ``default_base_moof`` makes each fragment stand alone: so a file that was cut
plays up to its last whole fragment.

    mp4 = Mp4(sink, rate=30, sound_rate=48_000)
    mp4.picture(frame, at=0.0); mp4.sound(piece, at=0.0); mp4.close()
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

FLAGS = "frag_keyframe+empty_moov+default_base_moof"
X264 = {"preset": "veryfast", "tune": "zerolatency", "crf": "23"}
USUAL_RATE = Fraction(25)
SOUND_RATE = 48_000
SAMPLES = 1024  # of one AAC frame


class Writable(Protocol):
    """The one method that a muxer which never seeks needs."""

    def write(self, data: bytes) -> int:
        """Append."""


class Forward:
    """Hides all but ``write``, so that the muxer does not try to seek."""

    def __init__(self, sink: Writable) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        return self._sink.write(bytes(data))


class Mp4:
    """One clip being encoded. Times are seconds since its first picture."""

    TIME_BASE = Fraction(1, 90_000)

    def __init__(
        self, sink: Writable, rate: Fraction | None = None, sound_rate: int | None = None
    ) -> None:
        self.rate = rate if rate and 1 <= rate <= 120 else USUAL_RATE
        self.width = self.height = 0
        self.codec = "h264+aac" if sound_rate else "h264"
        self._out = av.open(Forward(sink), "w", format="mp4", options={"movflags": FLAGS})
        self._pictures: VideoStream | None = None
        self._last = -1
        self._sound: AudioStream | None = None
        if sound_rate:
            self._sound = self._out.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            self._resampler = AudioResampler("fltp", "stereo", SOUND_RATE, SAMPLES)

    @property
    def duration_ms(self) -> int:
        """From the first picture to the end of the last."""
        return round((self._last * self.TIME_BASE + 1 / self.rate) * 1000) if self.width else 0

    def picture(self, frame: VideoFrame, at: float) -> None:
        """Encode a picture; one that is not later than the last is dropped."""
        stream = self._pictures or self._begin(frame)
        picture = frame.reformat(width=self.width, height=self.height, format="yuv420p")
        pts = round(at / self.TIME_BASE)
        if pts <= self._last:
            return
        picture.pts, picture.time_base, self._last = pts, self.TIME_BASE, pts
        self._out.mux(stream.encode(picture))

    def sound(self, frame: AudioFrame, at: float) -> None:
        """Encode a piece of sound; what lies before the first picture is dropped."""
        if self._sound is None or at < 0 or not self.width:
            return
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(at * frame.sample_rate)
        for piece in self._resampler.resample(frame):
            self._out.mux(self._sound.encode(piece))

    def close(self) -> None:
        """Write what the encoders still hold, and the last fragment."""
        if self._pictures is not None:
            self._out.mux(self._pictures.encode(None))
        if self._sound is not None:
            for piece in self._resampler.resample(None):
                self._out.mux(self._sound.encode(piece))
            self._out.mux(self._sound.encode(None))
        self._out.close()

    def _begin(self, frame: VideoFrame) -> VideoStream:
        # 4:2:0 halves both sides, so both must be even.
        self.width, self.height = frame.width & ~1, frame.height & ~1
        stream = self._out.add_stream("libx264", rate=self.rate, options=X264)
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
        stream.codec_context.time_base = self.TIME_BASE
        stream.codec_context.gop_size = max(1, round(self.rate))
        self._pictures = stream
        return stream
