"""Playing a kept recording: pictures to the screen, sound to the speaker, at its own speed.

    player = Player(lambda: stream_of(…), show, tell, speaker=("default", "alsa"))
    player.start(); player.toggle(); player.seek(12_000)
    player.close(); player.join()

A thread of its own opens the stream (decrypted in memory, never on the disk), decodes, and hands
out small pictures when they are due. ``tell`` hears where it is, a few times a second; both are
called from that thread. Where no sound device opens, ``PlayState.silent`` says so.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame

from field_client.camera import safely
from field_client.camera.media import rgb
from field_client.camera.speaker import Speaker
from protocol.errors import FujieError

WIDTH = 960
AHEAD_S = 1.5  # sound and pictures of one fragment lie up to a second apart
MOST_AHEAD = 4000
TELL_EVERY_S = 0.2
LATE_S = 0.4
IDLE_S = 0.5


@dataclass(frozen=True)
class PlayState:
    """Where the player is, in ms; ``silent``: there is sound in it and nothing to hear it by."""

    at_ms: int = 0
    duration_ms: int = 0
    playing: bool = False
    ended: bool = False
    silent: bool = False
    error: FujieError | None = None


Show = Callable[[int, int, bytes], None]


class Player:
    """Plays one recording. ``start`` … ``close`` are for the UI thread and return at once."""

    def __init__(
        self,
        open_stream: Callable[[], Any],
        show: Show,
        tell: Callable[[PlayState], None],
        *,
        speaker: tuple[str, str] = ("", ""),
        duration_ms: int = 0,
    ) -> None:
        self._open_stream, self._show, self._tell = open_stream, show, tell
        self._speaker_at = speaker
        self._asked: queue.Queue[tuple[str, int]] = queue.Queue()
        self._state = PlayState(duration_ms=duration_ms)
        self._thread: threading.Thread | None = None
        self._told = 0.0

    def start(self, *, playing: bool = True) -> None:
        """Open it and show its first picture; play on unless told otherwise."""
        self._state = replace(self._state, playing=playing)
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    def toggle(self) -> None:
        """Pause, go on, or begin again at the end."""
        self._asked.put(("toggle", 0))

    def seek(self, at_ms: int) -> None:
        """Go to a time of it."""
        self._asked.put(("seek", max(0, at_ms)))

    def close(self) -> None:
        """Stop; the thread lets everything go by itself."""
        self._asked.put(("close", 0))

    def join(self) -> None:
        """Wait until it has."""
        if self._thread is not None:
            self._thread.join(timeout=5)

    # ── the thread ───────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        try:
            with self._open_stream() as stream, safely.opened(stream) as container:
                speaker = Speaker(*(self._speaker_at if container.streams.audio else ("", "")))
                try:
                    self._play(container, speaker)
                finally:
                    speaker.close(heard=self._state.ended)
        except FujieError as error:
            self._say(error=error, playing=False)

    def _play(self, container: InputContainer, speaker: Speaker) -> None:
        feed = _Feed(container)
        self._say(
            duration_ms=self._state.duration_ms or (container.duration or 0) // 1000,
            silent=bool(container.streams.audio) and not speaker.available,
        )
        turn = _Turn(self._state.at_ms)
        while True:
            waits = IDLE_S if not self._state.playing and not turn.wanted else turn.due_in()
            if (asked := self._next(waits)) is not None:
                if asked[0] == "close":
                    return
                self._obey(asked, feed, turn, speaker)
                continue
            if self._state.playing or turn.wanted:
                self._step(feed, turn, speaker)

    def _next(self, seconds: float) -> tuple[str, int] | None:
        try:
            return self._asked.get(timeout=seconds) if seconds > 0 else self._asked.get_nowait()
        except queue.Empty:
            return None

    def _obey(self, asked: tuple[str, int], feed: _Feed, turn: _Turn, speaker: Speaker) -> None:
        act, at_ms = asked
        if act == "toggle" and self._state.ended:
            act, at_ms = "seek", 0
            self._say(playing=True, ended=False)
        elif act == "toggle":
            self._say(playing=not self._state.playing)
            turn.go_on(self._state.at_ms)
        if act == "seek":
            if self._state.duration_ms:
                at_ms = min(at_ms, max(0, self._state.duration_ms - 1))
            speaker.hush()
            feed.seek(at_ms)
            turn.begin(at_ms)
            self._say(at_ms=at_ms, ended=False)

    def _step(self, feed: _Feed, turn: _Turn, speaker: Speaker) -> None:
        if turn.pending is None and not self._decode(feed, turn):
            length = max(self._state.duration_ms, self._state.at_ms)
            self._say(playing=False, ended=True, at_ms=length, duration_ms=length)
            turn.wanted = False
            return
        if turn.pending is None or turn.due_in() > 0:
            return  # until it is due, somebody may ask for something else
        at_ms, frame = turn.pending
        turn.pending = None
        if isinstance(frame, AudioFrame):
            if self._state.playing:
                speaker.play(frame)
            if not feed.pictures:
                turn.wanted = False
                self._say(at_ms=at_ms)
            return
        if not turn.late(at_ms):
            self._hand_out(frame)
        turn.wanted = False
        self._say(at_ms=at_ms)

    def _decode(self, feed: _Feed, turn: _Turn) -> bool:
        """Have the next frame at hand; False at the end."""
        while not feed.frames:
            if not feed.decode():
                return False
        at_ms, frame = feed.frames.popleft()
        if at_ms >= turn.from_ms - 20:
            turn.pending = (at_ms, frame)
        return True

    def _hand_out(self, frame: VideoFrame) -> None:
        width = min(WIDTH, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        small = frame.reformat(width=width, height=height, format="rgb24")
        self._show(width, height, rgb(small))

    def _say(self, **changes: Any) -> None:
        """Tell of a change at once, and while it plays of the time a few times a second."""
        before, self._state = self._state, replace(self._state, **changes)
        now = time.monotonic()
        moved = replace(before, at_ms=0) == replace(self._state, at_ms=0)
        due = now - self._told >= TELL_EVERY_S or not self._state.playing
        if not moved or due:
            self._told = now
            self._tell(self._state)


class _Turn:
    """When what is due."""

    def __init__(self, at_ms: int) -> None:
        self.pending: tuple[int, AudioFrame | VideoFrame] | None = None
        self.begin(at_ms)

    def begin(self, at_ms: int) -> None:
        """From here on, and one picture of it even if it is paused."""
        self.pending, self.wanted, self.from_ms = None, True, at_ms
        self.go_on(at_ms)

    def go_on(self, at_ms: int) -> None:
        """The clock runs from now."""
        self._base_ms, self._since = at_ms, time.monotonic()

    def due_in(self) -> float:
        """Seconds until the pending frame is due; 0 when it is, or when there is none."""
        if self.pending is None or self.wanted:
            return 0.0
        return min(IDLE_S, max(0.0, self._due(self.pending[0])))

    def late(self, at_ms: int) -> bool:
        """Too late to be worth painting."""
        return not self.wanted and self._due(at_ms) < -LATE_S

    def _due(self, at_ms: int) -> float:
        return (at_ms - self._base_ms) / 1000 - (time.monotonic() - self._since)


class _Feed:
    """Packets of pictures and sound in the order of their times."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        films = container.streams.video if safely.kind_of(container).value != "sound" else ()
        self.pictures = bool(films)
        self._streams = [*films[:1], *container.streams.audio[:1]]
        self._start = (container.start_time or 0) / 1_000_000
        self._begin(0)

    def _begin(self, from_ms: int) -> None:
        self.frames: deque[tuple[int, Any]] = deque()
        self._waiting: dict[int, deque[Any]] = {one.index: deque() for one in self._streams}
        self._packets = self._container.demux(*self._streams)
        self._over = False
        self._from_ms, self._reached = from_ms, from_ms <= 0 or not self.pictures

    def seek(self, at_ms: int) -> None:
        """Continue from before that time."""
        self._container.seek(round((at_ms / 1000 + self._start) * 1_000_000), backward=True)
        for one in self._streams:
            if one.codec_context:
                one.codec_context.flush_buffers()
        self._begin(at_ms)

    def decode(self) -> bool:
        """Decode the next packet into ``frames``; False at the end, or where it is damaged."""
        packet = self._next()
        if packet is None:
            return False
        try:
            for frame in packet.decode():
                at = frame.time if frame.time is not None else self._time(packet)
                self.frames.append((round((at - self._start) * 1000), frame))
        except safely.BROKEN:
            pass  # a damaged packet; the next key frame shows again
        return True

    def _next(self) -> Any:
        while not self._over and not self._enough():
            try:
                packet = next(self._packets)
            except (StopIteration, *safely.BROKEN):
                self._over = True
                break
            if packet.pts is not None and self._wanted(packet):
                self._waiting[packet.stream_index].append(packet)
        heads = [one[0] for one in self._waiting.values() if one]
        if not heads:
            return None
        first = min(heads, key=self._time)
        return self._waiting[first.stream_index].popleft()

    def _wanted(self, packet: Any) -> bool:
        """After a seek, what lies far before its aim is passed over undecoded."""
        if not self._reached:
            near = (self._time(packet) - self._start) * 1000 >= self._from_ms - 2000
            self._reached = near and packet.is_keyframe and packet.stream.type == "video"
        return self._reached

    def _enough(self) -> bool:
        if sum(map(len, self._waiting.values())) > MOST_AHEAD:
            return True
        return all(
            one and self._time(one[-1]) - self._time(one[0]) >= AHEAD_S
            for one in self._waiting.values()
        )

    def _time(self, packet: Any) -> float:
        return float((packet.dts if packet.dts is not None else packet.pts) * packet.time_base)
