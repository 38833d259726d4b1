"""A kept recording is played at its own speed, from where one asks, with sound where there is a
device, and says so where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest

from field_client.camera.media import record_clip
from field_client.camera.media_source import MediaSource
from field_client.camera.player import Player, PlayState
from field_client.camera.sound import record_sound
from field_client.device_clock import SystemClock
from field_client.errors import BlobMissing, NotMedia
from field_client.store.blobs import BlobWriter
from field_client.store.library import BlobStream

KEY = bytes(range(32))


@dataclass
class Seen:
    """What the screen is given."""

    player: Player | None = None
    frames: list[tuple[int, int, bytes]] = field(default_factory=list)
    states: list[PlayState] = field(default_factory=list)

    @property
    def now(self) -> PlayState:
        return self.states[-1] if self.states else PlayState()

    def until(self, seen: Callable[[], Any]) -> None:
        for _ in range(2000):
            if seen():
                return
            time.sleep(0.005)
        raise AssertionError(f"it never came: {self.now}")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[], BlobStream]]:
    folder = tmp_path_factory.mktemp("player")
    source = MediaSource(
        "testsrc=size=160x90:rate=10", "lavfi", sound="sine=frequency=440", sound_format="lavfi"
    )
    opened: dict[str, Callable[[], BlobStream]] = {}
    for name, record in (("clip", record_clip), ("sound", record_sound)):
        sink = BlobWriter(folder / name, KEY, reserve=0)
        made = record(source, sink, SystemClock(), seconds=3)
        opened[name] = lambda path=sink.path, size=made.size: BlobStream(path, KEY, size)
    return opened


@pytest.fixture
def seen() -> Iterator[Seen]:
    made = Seen()
    yield made
    if made.player is not None:
        made.player.close()
        made.player.join()


def play(seen: Seen, opened: Callable[[], Any], **how: Any) -> Player:
    seen.player = Player(
        opened, lambda *frame: seen.frames.append(frame), seen.states.append, **how
    )
    return seen.player


def test_a_clip_plays_to_its_end_and_once_more(
    clips: dict[str, Any], seen: Seen, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.wav"
    player = play(seen, clips["clip"], speaker=(str(heard), "wav"))
    player.start()
    player.seek(2000)
    seen.until(lambda: seen.now.ended)
    assert (seen.now.playing, seen.now.at_ms) == (False, seen.now.duration_ms)
    assert 2900 <= seen.now.duration_ms <= 3200
    assert {frame[:2] for frame in seen.frames} == {(160, 90)}
    assert not seen.now.silent
    player.toggle()
    seen.until(lambda: seen.now.playing and seen.now.at_ms < 1500)
    player.close()
    player.join()
    with av.open(str(heard)) as file:
        assert file.duration > 0


def test_a_paused_clip_stands_still_and_shows_where_one_goes(
    clips: dict[str, Any], seen: Seen
) -> None:
    player = play(seen, clips["clip"])
    player.start(playing=False)
    seen.until(lambda: seen.frames)
    first = seen.frames[-1]
    player.seek(2500)
    # The place is told before the frame that belongs to it is here.
    seen.until(lambda: seen.now.at_ms >= 2400 and seen.frames[-1] != first)
    shown = len(seen.frames)
    time.sleep(0.3)
    assert len(seen.frames) == shown


def test_without_a_sound_device_it_says_so_and_plays_on(clips: dict[str, Any], seen: Seen) -> None:
    player = play(seen, clips["clip"], speaker=("no-such-card", "no-such-format"))
    player.start()
    seen.until(lambda: len(seen.frames) > 3)
    assert seen.now.silent


def test_sound_alone_is_played_by_its_time(clips: dict[str, Any], seen: Seen) -> None:
    player = play(seen, clips["sound"])
    player.start()
    player.seek(2500)
    seen.until(lambda: seen.now.ended)
    assert seen.frames == []


def test_what_cannot_be_played_is_named(seen: Seen, tmp_path: Path) -> None:
    sink = BlobWriter(tmp_path / "text", KEY, reserve=0)
    sink.write(b"no film at all" * 100)
    sink.finish()
    play(seen, lambda: BlobStream(sink.path, KEY, sink.size)).start()
    seen.until(lambda: seen.now.error)
    assert isinstance(seen.now.error, NotMedia)


def test_a_copy_that_is_not_here_is_named(seen: Seen, tmp_path: Path) -> None:
    play(seen, lambda: BlobStream(tmp_path / "none", KEY, 1)).start()
    seen.until(lambda: seen.now.error)
    assert isinstance(seen.now.error, BlobMissing)
