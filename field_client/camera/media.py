"""Camera and microphone → encrypted blob, hashed while it is written.

A photo is one JPEG picture. A clip is H.264 with AAC sound in fragmented MP4 (ISO/IEC 14496-12
§8.8): a fragment each second, nothing is ever written backwards, so that it can be encrypted
on the way and a file cut by a crash still plays up to its last fragment.

    captured = capture_photo(MediaSource("/dev/video0", "v4l2"), sink, clock)
    captured = record_clip(source, sink, clock, stop=lambda: button_pressed)

A sink is a BlobWriter, or whatever has its four methods. Both functions finish it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from av.audio.frame import AudioFrame
from av.codec.context import CodecContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from field_client.camera.media_source import MediaSource, SoundQueue, frames
from field_client.camera.mp4 import Mp4
from field_client.device_clock import Clock, SteadyClock
from field_client.errors import NoPicture
from field_client.store.blobs import Written

SYNC_EVERY_MS = 1000
PHOTO_QUALITY = 3  # FFmpeg's scale: 2 best … 31

Ended = Literal["asked", "source ended", "disk nearly full"]


class Sink(Protocol):
    """Where the bytes go (``blobs.BlobWriter``)."""

    size: int

    def write(self, data: bytes) -> int:
        """Append."""

    def sync(self) -> None:
        """Make durable what was written."""

    @property
    def low(self) -> bool:
        """Whether the disk's reserve is reached."""

    def finish(self) -> Written:
        """End the file."""


@dataclass(frozen=True)
class Captured:
    """What was captured. Times in ms UTC: the tablet's clock at the beginning, moved on by the
    monotonic one; ``duration_ms`` of the media itself (0 for a photo), ``codec`` such as
    ``mjpeg``, ``h264`` or ``h264+aac``."""

    sha256: bytes
    size: int
    media_type: str
    codec: str
    duration_ms: int
    width: int
    height: int
    started_at: int
    ended_at: int
    ended: Ended = "asked"

    @property
    def written(self) -> Written:
        """As ``captures.keep`` takes it."""
        return Written(self.sha256, self.size)


@dataclass(frozen=True)
class Progress:
    """Told after each picture: elapsed media time, bytes written, and the picture itself."""

    elapsed_ms: int
    size: int
    frame: VideoFrame

    def picture(self, width: int) -> tuple[int, int, bytes]:
        """(width, height, RGB bytes without padding), scaled to ``width``; for a viewfinder."""
        height = max(1, round(self.frame.height * width / self.frame.width))
        return width, height, rgb(self.frame.reformat(width=width, height=height, format="rgb24"))


def capture_photo(source: MediaSource, sink: Sink, clock: Clock) -> Captured:
    """Write one picture as JPEG into ``sink`` and finish it.

    Raises CameraUnavailable, NoPicture, DiskFull.
    """
    steady = SteadyClock(clock)
    with source.open() as container:
        frame = _first_picture(container, source.warm_up)
    return keep_picture(frame, sink, steady)


def keep_picture(frame: VideoFrame, sink: Sink, clock: Clock) -> Captured:
    """Write a picture as JPEG into ``sink`` and finish it. Raises DiskFull."""
    started_at = clock.wall_ms()
    sink.write(jpeg(frame))
    written = sink.finish()
    return Captured(
        sha256=written.sha256,
        size=written.size,
        media_type="image/jpeg",
        codec="mjpeg",
        duration_ms=0,
        width=frame.width,
        height=frame.height,
        started_at=started_at,
        ended_at=clock.wall_ms(),
    )


def record_clip(
    source: MediaSource,
    sink: Sink,
    clock: Clock,
    *,
    seconds: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Captured:
    """Record into ``sink`` until ``stop()``, ``seconds`` of media, the source's end, or the
    disk's reserve; then finish the sink. ``Captured.ended`` says which.

    Raises CameraUnavailable, MicrophoneUnavailable, NoPicture; DiskFull when the disk is full
    in spite of the reserve: what was written by then can be rescued (``captures.rescue``).
    """
    steady = SteadyClock(clock)
    started_at = steady.wall_ms()
    with source.open() as container, source.open_sound() as sound:
        recording = _Recording(source, container, sound, sink, clock)
        ended = recording.run(seconds, stop, on_progress)
    written = sink.finish()
    return Captured(
        sha256=written.sha256,
        size=written.size,
        media_type="video/mp4",
        codec=recording.mp4.codec,
        duration_ms=recording.mp4.duration_ms,
        width=recording.mp4.width,
        height=recording.mp4.height,
        started_at=started_at,
        ended_at=steady.wall_ms(),
        ended=ended,
    )


class _Recording:
    """The loop of one clip."""

    def __init__(
        self,
        source: MediaSource,
        container: InputContainer,
        sound: SoundQueue | None,
        sink: Sink,
        clock: Clock,
    ) -> None:
        self._source, self._container, self._sound = source, container, sound
        self._sink, self._clock = sink, clock
        own = container.streams.audio[0].rate if container.streams.audio else None
        rate = container.streams.video[0].average_rate
        self.mp4 = Mp4(sink, rate, sound.rate if sound else own)
        self._first: float | None = None
        self._pictures = 0
        self._began = self._synced = clock.monotonic_ms()

    def run(
        self,
        seconds: float | None,
        stop: Callable[[], bool],
        on_progress: Callable[[Progress], None],
    ) -> Ended:
        """Write frames until something ends the clip."""
        ended: Ended = "source ended"
        for frame in frames(self._container):
            if isinstance(frame, AudioFrame):
                self._hear(frame)
                continue
            at = self._since_first(frame)
            if (seconds is not None and at >= seconds) or stop():
                ended = "asked"
                break
            self._see(frame, at)
            on_progress(Progress(round(at * 1000), self._sink.size, frame))
            if self._sync_when_due():
                ended = "disk nearly full"
                break
        if not self._pictures and ended == "asked":
            raise NoPicture(
                "The recording was stopped before its first picture. Nothing was kept; begin "
                "again when the picture is there."
            )
        if not self._pictures:
            raise NoPicture("The camera opened and gave no picture. Restart the tablet.")
        self._rest_of_sound()
        self.mp4.close()
        return ended

    def _since_first(self, frame: VideoFrame) -> float:
        now = self._pictures / float(self.mp4.rate) if frame.time is None else frame.time
        if self._first is None:
            self._first = now
        return now - self._first

    def _see(self, frame: VideoFrame, at: float) -> None:
        if self._source.paced:
            behind = at - (self._clock.monotonic_ms() - self._began) / 1000
            time.sleep(max(0.0, behind))
        self.mp4.picture(frame, at)
        self._pictures += 1
        if self._sound:
            for when, piece in self._sound.until(at):
                self.mp4.sound(piece, when)

    def _hear(self, frame: AudioFrame) -> None:
        # Sound from before the first picture has nowhere to go; a separate microphone wins.
        if self._sound is None and self._first is not None and frame.time is not None:
            self.mp4.sound(frame, frame.time - self._first)

    def _rest_of_sound(self) -> None:
        if self._sound:
            for when, piece in self._sound.until(self.mp4.duration_ms / 1000, wait=1.0):
                self.mp4.sound(piece, when)

    def _sync_when_due(self) -> bool:
        """Each second: make it durable. True when the disk's reserve is reached."""
        now = self._clock.monotonic_ms()
        if now - self._synced < SYNC_EVERY_MS:
            return False
        self._synced = now
        self._sink.sync()
        return self._sink.low


def _first_picture(container: InputContainer, skip: int) -> VideoFrame:
    last: VideoFrame | None = None
    for number, frame in enumerate(frames(container)):
        if isinstance(frame, VideoFrame):
            last = frame
            if number >= skip:
                break
    if last is None:
        raise NoPicture("The camera opened and gave no picture. Restart the tablet.")
    return last


def jpeg(frame: VideoFrame, quality: int = PHOTO_QUALITY) -> bytes:
    """A picture as JPEG of this quality, on FFmpeg's scale."""
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Mp4.TIME_BASE
    encoder.qmin = encoder.qmax = quality
    picture = frame.reformat(format="yuvj420p")
    picture.pts = 0
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def rgb(frame: VideoFrame) -> bytes:
    """An rgb24 frame's bytes without the padding at the end of its lines."""
    return packed(frame, 3)


def packed(frame: VideoFrame, depth: int) -> bytes:
    """The same of a frame with one plane and ``depth`` bytes a pixel."""
    plane, width = frame.planes[0], frame.width * depth
    data, stride = memoryview(plane), plane.line_size
    if stride == width:
        return bytes(data[: width * frame.height])
    return b"".join(data[at : at + width] for at in range(0, stride * frame.height, stride))
