"""Pictures made of a kept recording: a still, a marked copy, a turned copy. The original stays.

    captured = derive(stream, Still(at_ms=3200), sink, clock)
    captured = derive(stream, Marked((Box(.2, .3, .4, .2),)), sink, clock)
    small = thumbnail(stream, width=320)          # JPEG bytes in memory, for the gallery
    width, height, rgba = page_pixels(png)        # a printed page, for the screen

Boxes are in shares of the picture, x and y from the top left. What is made is a new JPEG in a blob
of its own; the stream of the original is only read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av.filter
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from field_client.camera import safely
from field_client.camera.media import Captured, Sink, jpeg, keep_picture, packed, rgb
from field_client.camera.mp4 import Mp4
from field_client.device_clock import Clock
from field_client.errors import NoPicture
from protocol.vocabulary import MediaKind

THUMB_QUALITY = 8
LINE = 160  # a mark's line is the picture's width over this
LEAST_LINE = 3
NEAR_MS = 1500


@dataclass(frozen=True)
class Still:
    """The picture of a clip at a time of it."""

    at_ms: int


@dataclass(frozen=True)
class Box:
    """A frame round what matters, in shares of the picture from its top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Marked:
    """The picture with frames drawn on it; ``at_ms`` of a clip."""

    boxes: tuple[Box, ...]
    at_ms: int = 0


@dataclass(frozen=True)
class Turned:
    """The picture turned right by quarters."""

    quarters: int
    at_ms: int = 0


Change = Still | Marked | Turned


def derive(stream: Any, change: Change, sink: Sink, clock: Clock) -> Captured:
    """Write the changed picture as JPEG into ``sink`` and finish it. Closes the stream. Raises
    NotMedia, NoPicture, BlobTampered, DiskFull."""
    with stream, safely.opened(stream) as container:
        frame = picture_at(container, change.at_ms)
        return keep_picture(_changed(frame, change), sink, clock)


def thumbnail(stream: Any, width: int) -> bytes:
    """A small JPEG of a picture, or of a clip's first second. Closes the stream."""
    with stream, safely.opened(stream) as container:
        frame = picture_at(container, 0)
        height = max(2, round(frame.height * width / max(1, frame.width)) & ~1)
        return jpeg(frame.reformat(width=width & ~1, height=height), THUMB_QUALITY)


def whole_picture(stream: Any, width: int) -> tuple[int, int, bytes]:
    """A picture as packed RGB, no wider than ``width``, for the screen. Closes the stream."""
    with stream, safely.opened(stream) as container:
        frame = picture_at(container, 0)
        width = min(width, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        small = frame.reformat(width=width, height=height, format="rgb24")
        return width, height, rgb(small)


def page_pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and packed RGBA, top row first, of a page that was set on this tablet. Other
    threads go on meanwhile. Raises av.error.FFmpegError where ``png`` is none."""
    frames = VideoCodecContext.create("png", "r").decode(Packet(png))
    frame = frames[0].reformat(format="rgba")
    return frame.width, frame.height, packed(frame, 4)


def picture_at(container: InputContainer, at_ms: int) -> VideoFrame:
    """The picture that is seen at a time of the media, or the last one. Raises NoPicture."""
    if not container.streams.video:
        raise NoPicture("This recording holds no pictures.")
    stream = container.streams.video[0]
    last: VideoFrame | None = None
    try:
        skip = _nearer(container, at_ms) if safely.kind_of(container) is MediaKind.VIDEO else None
        for packet in container.demux(stream):
            if skip and skip(packet):
                continue
            for frame in packet.decode():
                if last is not None and frame.time is not None and frame.time * 1000 > at_ms:
                    return last
                last = frame
                if at_ms <= 0:
                    return last
    except safely.BROKEN:
        pass  # the end is damaged; what was read until here is what there is
    if last is None:
        raise NoPicture("This recording holds no pictures.")
    return last


def _nearer(container: InputContainer, at_ms: int) -> Callable[[Any], bool] | None:
    """Seek to before a time, and pass over what still lies far before it undecoded."""
    if container.duration is not None:
        at_ms = min(at_ms, container.duration // 1000)
    if at_ms <= NEAR_MS:
        return None
    container.seek(at_ms * 1000, backward=True)
    begun = [False]

    def skip(packet: Any) -> bool:
        if begun[0] or packet.pts is None:
            return False
        at = float(packet.pts * packet.time_base) * 1000
        begun[0] = packet.is_keyframe and at >= at_ms - NEAR_MS
        return not begun[0]

    return skip


def _changed(frame: VideoFrame, change: Change) -> VideoFrame:
    if isinstance(change, Marked):
        for box in change.boxes:
            frame = _filtered(frame, "drawbox", _drawn(frame, box))
    elif isinstance(change, Turned):
        for _ in range(change.quarters % 4):
            frame = _filtered(frame, "transpose", "dir=clock")
    return frame


def _drawn(frame: VideoFrame, box: Box) -> str:
    """The frame's place in pixels, as FFmpeg's drawbox takes it."""
    x, y = (round(max(0.0, min(1.0, share)) * side) for share, side in
            ((box.x, frame.width), (box.y, frame.height)))  # fmt: skip
    width = max(8, min(round(box.width * frame.width), frame.width - x))
    height = max(8, min(round(box.height * frame.height), frame.height - y))
    line = max(LEAST_LINE, frame.width // LINE)
    return f"x={x}:y={y}:w={width}:h={height}:color=red:t={line}"


def _filtered(frame: VideoFrame, name: str, options: str) -> VideoFrame:
    graph = av.filter.Graph()
    picture = frame.reformat(format="yuv444p")
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=Mp4.TIME_BASE
    )
    picture.pts, picture.time_base = 0, Mp4.TIME_BASE
    work, out = graph.add(name, options), graph.add("buffersink")
    source.link_to(work)
    work.link_to(out)
    graph.configure()
    graph.push(picture)
    made = graph.pull()
    assert isinstance(made, VideoFrame)
    return made
