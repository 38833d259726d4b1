"""Photos and clips from a source that needs no camera, through the code that uses one."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import av
import pytest

from field_client.camera.media import Progress, capture_photo, record_clip
from field_client.camera.media_source import MediaSource
from field_client.device_clock import SystemClock
from field_client.durable import MIB
from field_client.errors import (
    CameraUnavailable,
    DiskFull,
    MicrophoneUnavailable,
    NoPicture,
)
from field_client.store.blobs import BlobReader, BlobWriter

KEY = bytes(range(32))
PICTURES = "testsrc=size=320x180:rate=25"
TONE = "sine=frequency=440"
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 of two seconds with sound, as a tablet without a camera is given one."""
    path = tmp_path_factory.mktemp("media") / "shop.mp4"
    source = MediaSource(PICTURES, "lavfi", sound=TONE, sound_format="lavfi")
    sink = BlobWriter(path.with_suffix(".blob"), KEY, reserve=0)
    record_clip(source, sink, CLOCK, seconds=2)
    path.write_bytes(BlobReader(sink.path, KEY).all())
    return path


@pytest.fixture
def sink(tmp_path: Path) -> BlobWriter:
    """A new encrypted file that keeps no reserve."""
    return BlobWriter(tmp_path / "new.blob", KEY, reserve=0)


def plain(sink: BlobWriter) -> bytes:
    """What was captured."""
    return BlobReader(sink.path, KEY).all()


def decode(data: bytes) -> tuple[int, float]:
    """(pictures, seconds of sound) that a player finds."""
    with av.open(io.BytesIO(data)) as file:
        pictures = sum(1 for _ in file.decode(video=0))
    with av.open(io.BytesIO(data)) as file:
        if not file.streams.audio:
            return pictures, 0.0
        return pictures, sum(piece.samples / piece.sample_rate for piece in file.decode(audio=0))


def test_a_photo_is_one_jpeg_named_by_its_hash(shop: Path, sink: BlobWriter) -> None:
    """The hash and size are the JPEG's, the sides are the source's."""
    photo = capture_photo(MediaSource(str(shop)), sink, CLOCK)
    data = plain(sink)
    assert data.startswith(b"\xff\xd8")
    assert data.endswith(b"\xff\xd9")
    assert (photo.sha256, photo.size) == (hashlib.sha256(data).digest(), len(data))
    assert (photo.width, photo.height, photo.media_type) == (320, 180, "image/jpeg")
    assert photo.started_at <= photo.ended_at
    with av.open(io.BytesIO(data)) as file:
        frame = next(file.decode(video=0))
    assert (frame.width, frame.height) == (320, 180)


def test_a_clip_of_two_seconds_holds_fifty_pictures(sink: BlobWriter) -> None:
    """25 pictures a second from a source without sound."""
    clip = record_clip(MediaSource(PICTURES, "lavfi"), sink, CLOCK, seconds=2)
    assert decode(plain(sink)) == (50, 0.0)
    assert (clip.codec, clip.media_type, clip.duration_ms) == ("h264", "video/mp4", 2000)
    assert clip.ended == "asked"
    assert clip.sha256 == hashlib.sha256(plain(sink)).digest()


def test_sound_in_the_source_is_recorded_with_it(shop: Path, sink: BlobWriter) -> None:
    """A media file ends by itself and brings its own sound."""
    clip = record_clip(MediaSource(str(shop)), sink, CLOCK)
    pictures, sound = decode(plain(sink))
    assert (clip.codec, clip.ended, pictures) == ("h264+aac", "source ended", 50)
    assert sound == pytest.approx(2, abs=0.15)


def test_a_separate_microphone_is_heard_to_the_last_picture(sink: BlobWriter) -> None:
    """Pictures and sound from two sources are of one length."""
    source = MediaSource(PICTURES, "lavfi", sound=TONE, sound_format="lavfi")
    record_clip(source, sink, CLOCK, seconds=1)
    pictures, sound = decode(plain(sink))
    assert pictures == 25
    assert sound == pytest.approx(1, abs=0.15)


def test_odd_sides_are_trimmed_to_even_ones(sink: BlobWriter) -> None:
    """H.264 in 4:2:0 has no odd sides; a pixel goes, the clip does not fail."""
    source = MediaSource("testsrc=size=321x181:rate=25", "lavfi")
    clip = record_clip(source, sink, CLOCK, seconds=0.2)
    assert (clip.width, clip.height) == (320, 180)
    assert decode(plain(sink))[0] == 5


def test_the_officer_ends_a_clip_and_sees_it_grow(sink: BlobWriter) -> None:
    """The stop is asked before each picture; progress tells time, size and the picture."""
    told: list[Progress] = []
    source = MediaSource(PICTURES, "lavfi")
    clip = record_clip(source, sink, CLOCK, stop=lambda: len(told) == 30, on_progress=told.append)
    assert clip.ended == "asked"
    assert clip.duration_ms == 1200
    assert [progress.elapsed_ms for progress in told[:3]] == [0, 40, 80]
    width, height, pixels = told[-1].picture(160)
    assert (width, height, len(pixels)) == (160, 90, 160 * 90 * 3)


def test_a_viewfinder_picture_has_no_padding(sink: BlobWriter) -> None:
    """Widths that FFmpeg pads in memory come out row by row, each of the same length."""
    told: list[Progress] = []
    source = MediaSource("color=red:size=321x181:rate=25", "lavfi")
    record_clip(source, sink, CLOCK, seconds=0.1, on_progress=told.append)
    width, height, pixels = told[0].picture(123)
    assert len(pixels) == width * height * 3
    assert {pixels[i : i + 3] for i in range(0, len(pixels), 3)} == {pixels[:3]}


def test_a_clip_cut_by_a_crash_still_plays(tmp_path: Path, shop: Path) -> None:
    """Of a file cut in the middle, what can be decrypted decodes up to its last fragment."""

    class Killed(Exception):
        pass

    sink = BlobWriter(tmp_path / "cut.blob", KEY, reserve=0)

    def kill(progress: Progress) -> None:
        sink.sync()
        if progress.elapsed_ms >= 3400:
            raise Killed

    with pytest.raises(Killed):
        record_clip(MediaSource(PICTURES, "lavfi"), sink, CLOCK, on_progress=kill)
    sink.close()
    reader = BlobReader(sink.path, KEY, allow_cut=True)
    data = reader.all()
    assert reader.cut
    assert decode(data)[0] >= 50


@pytest.mark.parametrize(
    "source",
    [
        MediaSource("/dev/video-none", "v4l2"),
        MediaSource("no-such-file.mp4"),
        MediaSource(PICTURES, "no-such-format"),
        MediaSource(__file__),
    ],
)
def test_a_camera_that_does_not_open_is_named(sink: BlobWriter, source: MediaSource) -> None:
    """No device, no file, no such format, no media: one sentence that says what to do."""
    with pytest.raises(CameraUnavailable, match="Close other apps") as error:
        capture_photo(source, sink, CLOCK)
    assert error.value.facts["reason"]


def test_a_microphone_that_does_not_open_is_named(sink: BlobWriter) -> None:
    """The clip does not silently go without sound."""
    source = MediaSource(PICTURES, "lavfi", sound="no-such-file.wav")
    with pytest.raises(MicrophoneUnavailable):
        record_clip(source, sink, CLOCK, seconds=1)


def test_a_source_without_pictures_is_named(sink: BlobWriter) -> None:
    """Sound alone is no camera."""
    with pytest.raises(NoPicture):
        capture_photo(MediaSource(TONE, "lavfi"), sink, CLOCK)


def test_a_full_disk_during_a_clip_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No space in the middle of recording reaches the caller as DiskFull through libav."""
    sink = BlobWriter(tmp_path / "full.blob", KEY, reserve=0)
    real, room = os.write, [100_000]

    def limited(file: int, data: bytes) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(28, "No space left on device")
        return real(file, data)

    monkeypatch.setattr("field_client.store.blobs.os.write", limited)
    with pytest.raises(DiskFull):
        record_clip(
            MediaSource(PICTURES, "lavfi"), sink, CLOCK, seconds=60,
            on_progress=lambda progress: sink.sync(),
        )  # fmt: skip


def test_a_nearly_full_disk_ends_a_clip_in_order(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the reserve the clip is ended, whole and playable, and says why it ended."""
    free = [200 * MIB]
    monkeypatch.setattr("field_client.durable.free_bytes", lambda folder: free[0])
    monkeypatch.setattr("field_client.store.blobs.free_bytes", lambda folder: free[0])
    sink = BlobWriter(tmp_path / "low.blob", KEY)

    def fill(progress: Progress) -> None:
        clock.pass_seconds(1)
        free[0] -= 10 * MIB

    clip = record_clip(MediaSource(PICTURES, "lavfi"), sink, clock, on_progress=fill)
    assert clip.ended == "disk nearly full"
    assert decode(plain(sink))[0] == 14
