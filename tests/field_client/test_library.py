"""Kept recordings read from anywhere, and what is made of them; nothing goes to the disk."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from field_client.camera.derive import Box, Marked, Still, Turned, derive, thumbnail, whole_picture
from field_client.camera.media import Progress, record_clip
from field_client.camera.media_source import MediaSource
from field_client.camera.sound import record_sound
from field_client.device_clock import SystemClock
from field_client.errors import BlobMissing, BlobTampered, MicrophoneUnavailable, NoPicture
from field_client.store.blobs import BlobReader, BlobWriter
from field_client.store.library import BlobStream

KEY = bytes(range(32))
CLOCK = SystemClock()
Open = Callable[[], BlobStream]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Eight seconds, of which each is a chunk of its own, as while it is recorded."""
    path = tmp_path_factory.mktemp("library") / "clip.blob"
    sink = BlobWriter(path, KEY, reserve=0)

    def sync(progress: Progress) -> None:
        if progress.elapsed_ms % 1000 == 0:
            sink.sync()

    made = record_clip(
        MediaSource("testsrc=size=320x180:rate=25", "lavfi"), sink, CLOCK, seconds=8,
        on_progress=sync,
    )  # fmt: skip
    return lambda: BlobStream(path, KEY, made.size)


def written(tmp_path: Path, name: str) -> BlobWriter:
    return BlobWriter(tmp_path / name, KEY, reserve=0)


def picture(path: Path) -> av.VideoFrame:
    with av.open(io.BytesIO(BlobReader(path, KEY).all())) as file:
        return next(file.decode(video=0))


def grey(frame: av.VideoFrame, x: int, y: int) -> int:
    plane = frame.reformat(format="gray").planes[0]
    return bytes(plane)[y * plane.line_size + x]


def test_a_recording_can_be_read_from_anywhere(clip: Open) -> None:
    whole = clip().read()
    stream = clip()
    assert len(whole) == stream.size
    dice = random.Random(7)
    for _ in range(200):
        at, length = dice.randrange(len(whole)), dice.randrange(1, 4000)
        stream.seek(at)
        got = bytearray()
        while len(got) < length and (piece := stream.read(length - len(got))):
            got += piece
        assert bytes(got) == whole[at : at + length]
    stream.seek(-10, io.SEEK_END)
    assert stream.read(100) == whole[-10:]
    assert stream.read(1) == b""


def test_a_changed_recording_is_named_where_it_is_read(clip: Open, tmp_path: Path) -> None:
    source = Path(clip()._file.name)
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    broken = tmp_path / "changed.blob"
    broken.write_bytes(data)
    stream = BlobStream(broken, KEY, clip().size)
    assert stream.read(100)
    stream.seek(-1, io.SEEK_END)
    with pytest.raises(BlobTampered):
        stream.read(1)


def test_a_recording_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BlobMissing):
        BlobStream(tmp_path / "none.blob", KEY, 1)


def test_a_thumbnail_is_a_small_jpeg_in_memory(clip: Open, tmp_path: Path) -> None:
    small = thumbnail(clip(), 160)
    with av.open(io.BytesIO(small)) as file:
        frame = next(file.decode(video=0))
    assert (frame.width, frame.height) == (160, 90)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_for_the_screen_has_no_padding_and_is_not_enlarged(clip: Open) -> None:
    width, height, pixels = whole_picture(clip(), 1600)
    assert (width, height, len(pixels)) == (320, 180, 320 * 180 * 3)


@pytest.mark.parametrize(("at_ms", "other"), [(0, 6000), (6000, 0), (60_000, 0)])
def test_a_still_is_the_picture_of_its_time(
    clip: Open, tmp_path: Path, at_ms: int, other: int
) -> None:
    """The counter in the test picture differs from second to second; behind the end is the
    last picture."""
    sinks = [written(tmp_path, f"{at}.blob") for at in (at_ms, other)]
    for at, sink in zip((at_ms, other), sinks, strict=True):
        made = derive(clip(), Still(at), sink, CLOCK)
        assert (made.media_type, made.codec, made.width) == ("image/jpeg", "mjpeg", 320)
    one, two = (bytes(picture(sink.path).reformat(format="gray").planes[0]) for sink in sinks)
    assert one != two


def test_a_marked_copy_bears_its_frame_and_nothing_else_changes(clip: Open, tmp_path: Path) -> None:
    plain, marked = written(tmp_path, "plain"), written(tmp_path, "marked")
    derive(clip(), Still(0), plain, CLOCK)
    derive(clip(), Marked((Box(0.25, 0.25, 0.5, 0.5),)), marked, CLOCK)
    before, after = picture(plain.path), picture(marked.path)
    assert abs(grey(before, 200, 45) - grey(after, 200, 45)) > 12
    assert abs(grey(before, 20, 20) - grey(after, 20, 20)) < 12
    assert abs(grey(before, 160, 90) - grey(after, 160, 90)) < 12


@pytest.mark.parametrize(("quarters", "sides"), [(1, (180, 320)), (2, (320, 180)), (3, (180, 320))])
def test_a_turned_copy_stands_upright(
    clip: Open, tmp_path: Path, quarters: int, sides: tuple[int, int]
) -> None:
    sink = written(tmp_path, "turned")
    made = derive(clip(), Turned(quarters), sink, CLOCK)
    assert (made.width, made.height) == sides


def test_a_frame_beyond_the_picture_is_drawn_at_its_edge(clip: Open, tmp_path: Path) -> None:
    sink = written(tmp_path, "edge")
    made = derive(clip(), Marked((Box(0.9, 0.9, 0.9, 0.9), Box(-1, -1, 0.1, 0.1))), sink, CLOCK)
    assert (made.width, made.height) == (320, 180)


# ── sound alone ──────────────────────────────────────────────────────────────────────────────


TONE = MediaSource("", "", sound="sine=frequency=440", sound_format="lavfi")


def test_sound_alone_is_recorded_with_its_level(tmp_path: Path) -> None:
    sink, levels = written(tmp_path, "tone"), []
    made = record_sound(TONE, sink, CLOCK, seconds=2, on_level=levels.append)
    with av.open(io.BytesIO(BlobReader(sink.path, KEY).all())) as file:
        assert not file.streams.video
        seconds = sum(one.samples / one.sample_rate for one in file.decode(audio=0))
    assert (made.media_type, made.codec) == ("audio/mp4", "aac")
    assert seconds == pytest.approx(2, abs=0.1)
    assert made.duration_ms == pytest.approx(2000, abs=50)
    assert 0.5 < levels[-1].level < 1


def test_silence_shows_on_the_meter(tmp_path: Path) -> None:
    levels = []
    silence = MediaSource("", "", sound="anullsrc", sound_format="lavfi")
    record_sound(silence, written(tmp_path, "s"), CLOCK, seconds=0.2, on_level=levels.append)
    assert {one.level for one in levels} == {0.0}


def test_sound_cut_by_a_crash_still_plays(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    sink = written(tmp_path, "cut")

    def kill(heard: object) -> None:
        sink.sync()
        if heard.elapsed_ms >= 4500:  # type: ignore[attr-defined]
            raise Killed

    with pytest.raises(Killed):
        record_sound(TONE, sink, CLOCK, on_level=kill)
    sink.close()
    data = BlobReader(sink.path, KEY, allow_cut=True).all()
    with av.open(io.BytesIO(data)) as file:
        seconds = sum(one.samples / one.sample_rate for one in file.decode(audio=0))
    assert seconds >= 3


def test_a_microphone_that_does_not_open_is_named(tmp_path: Path) -> None:
    with pytest.raises(MicrophoneUnavailable):
        record_sound(MediaSource("no.wav"), written(tmp_path, "n"), CLOCK)


def test_sound_stopped_before_it_began_gives_its_own_advice(tmp_path: Path) -> None:
    with pytest.raises(NoPicture, match="before anything was heard"):
        record_sound(TONE, written(tmp_path, "n"), CLOCK, stop=lambda: True)


def test_a_clip_stopped_before_its_first_picture_gives_its_own_advice(tmp_path: Path) -> None:
    source = MediaSource("testsrc=size=320x180:rate=25", "lavfi")
    with pytest.raises(NoPicture, match="stopped before its first picture"):
        record_clip(source, written(tmp_path, "n"), CLOCK, stop=lambda: True)
