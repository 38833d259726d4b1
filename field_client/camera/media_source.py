"""Where pictures and sound come from: a device or a media file, through the same PyAV call.

    MediaSource("/dev/video0", "v4l2")            a camera
    MediaSource("shop.mp4")                       a file, where there is no camera
    MediaSource("shop.mp4", paced=True)           the same at its own speed
    MediaSource("/dev/video0", "v4l2", sound="default", sound_format="alsa")

Nothing here knows which it is, but for the few pictures that a camera needs to find its light.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
import av.error
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame

from field_client.errors import CameraUnavailable, MicrophoneUnavailable, NoPicture

DEVICE_FORMATS = ("v4l2", "video4linux2")
DEVICE_OPTIONS = {"video_size": "1280x720", "framerate": "30"}
PICTURES_TO_WARM_UP = 10
END = None
OPEN_ERRORS = (av.error.FFmpegError, OSError, ValueError)


@dataclass(frozen=True)
class MediaSource:
    """A source's address. ``sound`` names a second source; without it, sound comes from the
    first one, if that has any."""

    spec: str
    format: str = ""
    paced: bool = False
    sound: str = ""
    sound_format: str = ""

    @property
    def warm_up(self) -> int:
        """Pictures to throw away before the first that is well lit."""
        return PICTURES_TO_WARM_UP if self.format in DEVICE_FORMATS else 0

    @contextmanager
    def open(self) -> Iterator[InputContainer]:
        """The opened pictures. Raises CameraUnavailable, NoPicture."""
        options = DEVICE_OPTIONS if self.format in DEVICE_FORMATS else {}
        try:
            container = av.open(self.spec, format=self.format or None, options=options)
        except OPEN_ERRORS as error:
            raise CameraUnavailable(
                "The camera does not open. Close other apps that use it, then try again.",
                reason=str(error),
            ) from error
        with container:
            if not container.streams.video:
                raise NoPicture("The camera gives no pictures. Choose another in the settings.")
            yield container

    @contextmanager
    def open_sound(self) -> Iterator[SoundQueue | None]:
        """The separate microphone, already listening, or None. Raises MicrophoneUnavailable."""
        if not self.sound:
            yield None
            return
        sound = SoundQueue(_microphone(self.sound, self.sound_format))
        try:
            yield sound
        finally:
            sound.close()

    @contextmanager
    def open_microphone(self) -> Iterator[InputContainer]:
        """The opened sound, of the microphone or else of the camera's own source. Raises
        MicrophoneUnavailable."""
        address = (self.sound, self.sound_format) if self.sound else (self.spec, self.format)
        with _microphone(*address) as container:
            yield container


def _microphone(spec: str, demuxer: str) -> InputContainer:
    try:
        container = av.open(spec, format=demuxer or None)
        if not container.streams.audio:
            container.close()
            raise ValueError("no sound in it")
    except OPEN_ERRORS as error:
        raise MicrophoneUnavailable(
            "The microphone does not open. Close other apps that use it, then try again, "
            "or record without sound.",
            reason=str(error),
        ) from error
    return container


def heard(container: InputContainer) -> Iterator[AudioFrame]:
    """Decoded sound of one source; one that breaks off ends."""
    try:
        yield from container.decode(container.streams.audio[0])
    except (av.error.FFmpegError, OSError):
        return


def frames(container: InputContainer) -> Iterator[VideoFrame | AudioFrame]:
    """Decoded pictures and sound of one source in the order they come. A source that breaks
    off (a camera unplugged, a damaged file) ends; what came before stands."""
    streams = [container.streams.video[0], *container.streams.audio[:1]]
    try:
        for frame in container.decode(*streams):
            if isinstance(frame, (VideoFrame, AudioFrame)):
                yield frame
    except (av.error.FFmpegError, OSError):
        return


class SoundQueue:
    """A microphone on a thread of its own, as reading it must not wait for the camera."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self._queue: queue.Queue[AudioFrame | None] = queue.Queue(maxsize=512)
        self._stopping = threading.Event()
        self._held: AudioFrame | None = None
        self._first: float | None = None
        self._thread = threading.Thread(target=self._listen, name="microphone", daemon=True)
        self._thread.start()

    @property
    def rate(self) -> int:
        """Samples per second of the source."""
        return self._container.streams.audio[0].rate

    def until(self, seconds: float, wait: float = 0.0) -> Iterator[tuple[float, AudioFrame]]:
        """Sound up to ``seconds`` after the recording began, each piece with its time.

        Takes what is there; with ``wait`` (s) also what is still on its way.
        """
        while True:
            frame = self._held or self._next(wait)
            if frame is END:
                return
            if self._first is None:
                self._first = frame.time or 0.0
            at = (frame.time or 0.0) - self._first
            self._held = frame if at > seconds else None
            if self._held:
                return
            yield at, frame

    def close(self) -> None:
        """Stop listening."""
        self._stopping.set()
        self._thread.join(timeout=5)
        if not self._thread.is_alive():  # closing under a reading thread would crash libav
            self._container.close()

    def _next(self, wait: float) -> AudioFrame | None:
        try:
            return self._queue.get(timeout=wait) if wait else self._queue.get_nowait()
        except queue.Empty:
            return END

    def _listen(self) -> None:
        try:
            for frame in self._container.decode(audio=0):
                if not self._put(frame):
                    return
        except (av.error.FFmpegError, OSError):
            pass  # unplugged: the clip goes on without sound, what was heard stands
        self._put(END)

    def _put(self, frame: AudioFrame | None) -> bool:
        """Wait for room in the queue; False when nobody listens any more."""
        while not self._stopping.is_set():
            try:
                self._queue.put(frame, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False
