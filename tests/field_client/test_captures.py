"""A capture becomes a blob, is discarded, or is rescued after a crash; never half of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from field_client.camera.media import capture_photo
from field_client.camera.media_source import MediaSource
from field_client.device_clock import SystemClock
from field_client.errors import BlobTampered, DiskFull
from field_client.store import captures
from field_client.store.blobs import BlobWriter
from field_client.store.tables import BlobRow, CaptureRow
from field_client.store.vault import Vault

KEY = bytes(range(32))
CASE = b"\x07" * 32
CLOCK = SystemClock()


def begin(vault: Vault, folder: Path) -> BlobWriter:
    """A capture for the shop's photo."""
    return captures.begin(
        vault,
        folder,
        media_type="image/jpeg",
        purpose="7 种散装商品未标明价格",
        case_id=CASE,
        at=1,
        reserve=0,
    )


def test_a_kept_capture_is_a_blob_and_no_capture_any_more(vault: Vault, tmp_path: Path) -> None:
    """Key, purpose and case go over into the blob; open_blob reads it."""
    writer = begin(vault, tmp_path / "blobs")
    photo = capture_photo(MediaSource("testsrc=size=320x180", "lavfi"), writer, CLOCK)
    with vault.transaction() as session:
        captures.keep(session, tmp_path / "blobs", writer, photo.written, at=photo.ended_at)
    with vault.session() as session:
        blob = session.get_one(BlobRow, photo.sha256)
    assert (blob.purpose, blob.case_id, blob.stage) == ("7 种散装商品未标明价格", CASE, "saved")
    data = captures.open_blob(tmp_path / "blobs", blob).all()
    assert hashlib.sha256(data).digest() == photo.sha256
    assert captures.interrupted(vault) == []


def test_the_same_content_twice_is_one_blob(vault: Vault, tmp_path: Path) -> None:
    """The second file goes; both captures end in the first blob."""
    folder = tmp_path / "blobs"
    for _ in range(2):
        writer = begin(vault, folder)
        writer.write(b"same")
        written = writer.finish()
        with vault.transaction() as session:
            captures.keep(session, folder, writer, written, at=2)
    assert len(list(folder.iterdir())) == 1


def test_a_discarded_capture_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    """File and key are gone."""
    writer = begin(vault, tmp_path / "blobs")
    writer.close()
    captures.discard(vault, tmp_path / "blobs", writer.path.name)
    assert captures.interrupted(vault) == []
    assert list((tmp_path / "blobs").iterdir()) == []


def test_no_room_leaves_no_trace_in_the_vault(vault: Vault, tmp_path: Path) -> None:
    """A capture that cannot begin is not listed as interrupted later."""
    with pytest.raises(DiskFull):
        captures.begin(
            vault, tmp_path, media_type="video/mp4", purpose="", case_id=None, at=1,
            reserve=1 << 60,
        )  # fmt: skip
    assert captures.interrupted(vault) == []


def test_an_interrupted_capture_is_rescued_after_a_restart(vault: Vault, tmp_path: Path) -> None:
    """What was synced before the crash becomes a whole blob under the same purpose."""
    folder = tmp_path / "blobs"
    writer = begin(vault, folder)
    writer.write(b"seen before the crash")
    writer.sync()
    writer.close()
    (cut,) = captures.interrupted(vault)
    blob = captures.rescue(vault, folder, cut, at=9, reserve=0)
    assert blob is not None
    assert captures.open_blob(folder, blob).all() == b"seen before the crash"
    assert (blob.purpose, blob.case_id) == ("7 种散装商品未标明价格", CASE)
    assert captures.interrupted(vault) == []
    assert len(list(folder.iterdir())) == 1


def test_an_interrupted_capture_of_nothing_is_dropped(vault: Vault, tmp_path: Path) -> None:
    """A crash before the first byte, or before the file, leaves nothing to keep."""
    folder = tmp_path / "blobs"
    begin(vault, folder).close()
    with vault.transaction() as session:
        session.add(
            CaptureRow(path="none", key=KEY, media_type="image/jpeg", purpose="", started_at=2)
        )
    for cut in captures.interrupted(vault):
        assert captures.rescue(vault, folder, cut, at=9, reserve=0) is None
    assert captures.interrupted(vault) == []
    assert list(folder.iterdir()) == []


def test_a_tampered_capture_is_not_rescued(vault: Vault, tmp_path: Path) -> None:
    """The error passes, and the capture stays for whoever examines it."""
    folder = tmp_path / "blobs"
    writer = begin(vault, folder)
    writer.write(b"seen before the crash")
    writer.sync()
    writer.close()
    data = bytearray(writer.path.read_bytes())
    data[-1] ^= 1
    writer.path.write_bytes(data)
    (cut,) = captures.interrupted(vault)
    with pytest.raises(BlobTampered):
        captures.rescue(vault, folder, cut, at=9, reserve=0)
    assert [row.path for row in captures.interrupted(vault)] == [cut.path]
