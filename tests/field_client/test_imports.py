"""Files of body-worn recorders: looked at with suspicion, taken in byte for byte, or not at all."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import pytest
from sqlmodel import func, select

from field_client.camera import probing
from field_client.camera.probing import Unusable, listed, looked_at
from field_client.contact import sticks
from field_client.device_clock import SystemClock
from field_client.errors import DiskFull, ImportBroken, NotMedia
from field_client.store import captures, imports, rescue
from field_client.store.imports import Found, Taken, take_all, take_in, waiting
from field_client.store.tables import BlobRow, CaptureRow, ImportRow
from field_client.store.vault import Vault
from protocol.vocabulary import MediaKind

CASE = b"\x07" * 32
BY = "00992304117"
CLOCK = SystemClock()


@pytest.fixture
def stick(tmp_path: Path, shop: Path) -> Path:
    """A recorder with a clip in a folder, and things that are none."""
    folder = tmp_path / "BWC-07"
    (folder / "DCIM" / "100").mkdir(parents=True)
    (folder / "DCIM" / "100" / "MOV_0001.MP4").write_bytes(shop.read_bytes())
    (folder / "SETUP.LOG").write_text("recorder 7, firmware 1.2\n" * 50)
    (folder / "empty.mp4").write_bytes(b"")
    (folder / ".Trashes").write_bytes(b"x")
    return folder


def taken(vault: Vault, folder: Path, found: Found) -> Taken:
    got = take_in(vault, folder, found, CASE, by=BY, clock=CLOCK)
    assert got is not None
    return got


def only(stick: Path) -> Found:
    (found,) = [one for one in listed(stick) if isinstance(one, Found)]
    return found


def rows(vault: Vault) -> tuple[int, int, int]:
    """How many captures, blobs and imports there are."""
    with vault.session() as session:
        one, two, three = (
            session.exec(select(func.count()).select_from(table)).one()
            for table in (CaptureRow, BlobRow, ImportRow)
        )
    return one, two, three


# ── what lies there ──────────────────────────────────────────────────────────────────────────


def test_a_stick_is_searched_and_what_is_no_recording_is_told_by_name(
    stick: Path, shop: Path
) -> None:
    found = list(listed(stick))
    clip = only(stick)
    assert (clip.name, clip.media, clip.media_type) == (
        "MOV_0001.MP4",
        MediaKind.VIDEO,
        "video/mp4",
    )
    assert (clip.size, clip.source) == (shop.stat().st_size, "BWC-07")
    assert 1900 <= clip.duration_ms <= 2200
    assert sorted(one.name for one in found if isinstance(one, Unusable)) == [
        "SETUP.LOG",
        "empty.mp4",
    ]


def test_links_are_not_followed(stick: Path, shop: Path) -> None:
    (stick / "link.mp4").symlink_to(shop)
    assert "link.mp4" not in [one.name for one in listed(stick)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"),
        ("concat.mp4", b"ffconcat version 1.0\nfile /etc/hostname\n"),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("words.txt", b"09:12 arrived, nobody there\n" * 400),
        ("cut.mp4", struct.pack(">I4s4sI", 24, b"ftyp", b"isom", 0) + b"isomiso2"),
        (
            "giant.jpg",
            b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65_000, 65_000, 3) + b"\0" * 40,
        ),
        (
            "giant.png",
            b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1 << 30, 1 << 30) + b"\0" * 9,
        ),
        ("huge.mp4", struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 1 << 62)),
    ],
)
def test_hostile_files_are_refused_by_name_and_nothing_else_is_opened(
    tmp_path: Path, name: str, data: bytes
) -> None:
    """Playlists would fetch other files or addresses; giants would ask for all memory."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(NotMedia) as refused:
        looked_at(path, "stick")
    assert refused.value.facts["name"] == name


def test_a_truncated_clip_that_still_plays_is_a_recording(tmp_path: Path, shop: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(shop.read_bytes()[:-2000])
    assert looked_at(path, "stick").media is MediaKind.VIDEO


def test_an_impossible_length_is_no_length(monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    monkeypatch.setattr(probing, "LONGEST_MS", 500)
    assert looked_at(shop, "stick").duration_ms == 0


def test_a_write_protected_recorder_can_be_read(stick: Path) -> None:
    assert sticks.plugged([stick]) == [stick]
    assert sticks.plugged([stick / "gone"]) == []


# ── taking in ────────────────────────────────────────────────────────────────────────────────


def test_the_bytes_are_kept_exactly_and_named_by_their_hash(
    vault: Vault, tmp_path: Path, stick: Path, shop: Path
) -> None:
    got = taken(vault, tmp_path / "blobs", only(stick))
    data = shop.read_bytes()
    assert got.ref.sha256 == hashlib.sha256(data).hexdigest()
    assert (got.by, got.source, got.name, got.known) == (BY, "BWC-07", "MOV_0001.MP4", False)
    with vault.session() as session:
        blob = session.get_one(BlobRow, bytes.fromhex(got.ref.sha256))
    assert captures.open_blob(tmp_path / "blobs", blob).all() == data
    assert (blob.media_type, blob.named) == ("video/mp4", False)
    assert data[:64] not in (tmp_path / "blobs" / blob.path).read_bytes(), "it is encrypted"
    assert (stick / "DCIM" / "100" / "MOV_0001.MP4").read_bytes() == data


def test_what_waits_for_its_labels_is_no_interrupted_recording(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    got = taken(vault, tmp_path / "blobs", only(stick))
    assert waiting(vault, CASE) == [got]
    assert rescue.rescued(vault, CASE) == []


def test_the_same_bytes_twice_are_one_and_told(vault: Vault, tmp_path: Path, stick: Path) -> None:
    first = taken(vault, tmp_path / "blobs", only(stick))
    again = taken(vault, tmp_path / "blobs", only(stick))
    assert (again.known, again.ref) == (True, first.ref)
    assert rows(vault) == (0, 1, 1)
    assert len(list((tmp_path / "blobs").iterdir())) == 1


def test_a_stick_pulled_out_leaves_nothing_half(
    vault: Vault, tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = only(stick)
    monkeypatch.setattr(imports, "PIECE", 1000)

    def pull(done: int) -> None:
        if done >= 3000:
            raise OSError(5, "Input/output error")

    with pytest.raises(ImportBroken, match=r"MOV_0001\.MP4"):
        take_in(vault, tmp_path / "blobs", found, CASE, by=BY, clock=CLOCK, on_progress=pull)
    assert rows(vault) == (0, 0, 0)
    assert list((tmp_path / "blobs").iterdir()) == []


def test_a_file_that_is_gone_or_changes_is_not_kept(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    found = only(stick)
    with found.path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ImportBroken):
        taken(vault, tmp_path / "blobs", found)
    found.path.unlink()
    with pytest.raises(ImportBroken):
        taken(vault, tmp_path / "blobs", found)
    assert rows(vault) == (0, 0, 0)


def test_called_off_leaves_what_is_whole(
    vault: Vault, tmp_path: Path, stick: Path, shop: Path
) -> None:
    other = stick / "MOV_0002.MP4"
    other.write_bytes(shop.read_bytes()[:-3000])
    found = [one for one in listed(stick) if isinstance(one, Found)]
    done: list[str] = []
    got, error = take_all(
        vault, tmp_path / "blobs", found, CASE, by=BY, clock=CLOCK,
        on_progress=lambda _number, name, _done: done.append(name),
        cancelled=lambda: len(set(done)) > 0 and len(waiting(vault, CASE)) == 1,
    )  # fmt: skip
    assert error is None
    assert [one.name for one in got] == ["MOV_0001.MP4"]
    assert rows(vault) == (0, 1, 1)


def test_one_that_fails_does_not_take_back_those_before(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    good = only(stick)
    gone = Found(**{**vars(good), "path": stick / "gone.mp4"})
    got, error = take_all(vault, tmp_path / "blobs", [good, gone], CASE, by=BY, clock=CLOCK)
    assert [one.name for one in got] == ["MOV_0001.MP4"]
    assert isinstance(error, ImportBroken)


def test_a_crash_in_the_middle_leaves_nothing_after_the_next_start(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    folder = tmp_path / "blobs"
    writer = captures.begin(
        vault, folder, media_type=imports.UNDER_WAY, purpose="", case_id=CASE, at=1, reserve=0
    )
    writer.write(only(stick).path.read_bytes()[:5000])
    writer.sync()
    writer.close()
    assert rows(vault) == (1, 0, 0)
    rescue.tidy(vault, folder)
    assert rows(vault) == (0, 0, 0)
    assert list(folder.iterdir()) == []


def test_what_does_not_fit_is_not_begun(
    vault: Vault, tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 70 << 20)
    found = Found(**{**vars(only(stick)), "size": 20 << 20})
    with pytest.raises(DiskFull):
        taken(vault, tmp_path / "blobs", found)
    assert rows(vault) == (0, 0, 0)


def test_what_is_put_back_is_gone_here_and_still_on_its_stick(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    got = taken(vault, tmp_path / "blobs", only(stick))
    imports.put_back(vault, tmp_path / "blobs", got)
    assert rows(vault) == (0, 0, 0)
    assert list((tmp_path / "blobs").iterdir()) == []
    assert os.path.isfile(only(stick).path)


@pytest.mark.parametrize(
    "said", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2126-01-01"]
)
def test_a_time_that_no_calendar_of_ours_holds_is_none(
    monkeypatch: pytest.MonkeyPatch, stick: Path, said: str
) -> None:
    """It is shown as a day in China, where the last second of a calendar is over already."""
    clip = stick / "DCIM" / "100" / "MOV_0001.MP4"
    os.utime(clip, ns=(10**18, 10**18))
    asked = type("Container", (), {"metadata": {"creation_time": said}})()
    assert probing._recorded(asked) == 0
    monkeypatch.setattr(probing, "_recorded", lambda _container: 0)
    assert looked_at(clip, "BWC-07").recorded_at == 10**12
    os.utime(clip, ns=(2**63 // 2, 2**63 // 2))  # the year 2116
    assert looked_at(clip, "BWC-07").recorded_at == 0


def test_a_name_that_is_no_text_is_shown_and_kept_as_far_as_it_is_one(
    vault: Vault, tmp_path: Path, stick: Path
) -> None:
    """A stick that was written by another system's alphabet."""
    clip = stick / "DCIM" / "100" / "MOV_0001.MP4"
    strange = os.fsdecode(b"\xc2\xbc\xcf\xf3\xff.MP4")
    clip.rename(clip.with_name(strange))
    (stick / os.fsdecode(b"\xff.log")).write_bytes(b"no clip")
    found = only(stick)
    found.name.encode()
    got = taken(vault, tmp_path / "blobs", found)
    assert got.name.endswith(".MP4")
    for one in listed(stick):
        one.name.encode()
