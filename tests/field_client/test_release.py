"""Room in minutes, and local copies let go: by the office's word alone, and whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from field_client.errors import BlobMissing, DiskFull
from field_client.store import captures, release, room
from field_client.store.library import stream_of
from field_client.store.release import goes_after, let_go, released, tidy
from field_client.store.tables import BlobRow, ReleasedRow, Stage
from field_client.store.vault import Vault
from protocol.reference import Parameters

MIB = 1 << 20
CASE = b"\x07" * 32


def kept(
    vault: Vault,
    folder: Path,
    stage: Stage,
    *,
    media_type: str = "video/mp4",
    named: bool = True,
    seconds: int = 60,
    data: bytes = b"seen",
    purpose: str = "价签",
) -> bytes:
    """A recording that has come as far as a stage."""
    content = data + stage.value.encode() + media_type.encode() + bytes([named])
    writer = captures.begin(
        vault, folder, media_type=media_type, purpose=purpose, case_id=CASE, at=1000, reserve=0
    )
    writer.write(content)
    written = writer.finish()
    with vault.transaction() as session:
        blob = captures.keep(session, folder, writer, written, 1000 + 1000 * seconds, named=named)
        blob.stage = stage.value
    return written.sha256


def files(folder: Path) -> int:
    return len(list(folder.iterdir()))


@pytest.mark.parametrize(
    ("after", "goes"),
    [(Stage.ARCHIVED, [Stage.ARCHIVED]), (Stage.STORED, [Stage.STORED, Stage.ARCHIVED])],
)
def test_a_copy_goes_at_its_stage_and_never_before(
    vault: Vault, tmp_path: Path, after: Stage, goes: list[Stage]
) -> None:
    blobs = tmp_path / "blobs"
    names = {stage: kept(vault, blobs, stage) for stage in Stage}
    gone = let_go(vault, blobs, 5, after)
    assert gone.copies == len(goes)
    assert released(vault, names.values()) == {names[stage]: 5 for stage in goes}
    for stage, name in names.items():
        if stage in goes:
            with pytest.raises(BlobMissing, match="kept at the office"):
                stream_of(vault, blobs, name.hex())
        else:
            assert stream_of(vault, blobs, name.hex()).read(4) == b"seen"


def test_the_agency_says_which_stage_it_is() -> None:
    assert goes_after(Parameters()) is Stage.ARCHIVED
    assert goes_after(Parameters(release_after_stored=True)) is Stage.STORED


@pytest.mark.parametrize("stage", [Stage.SAVED, Stage.SENT, Stage.RECEIPTED])
def test_no_setting_lets_a_copy_go_before_the_office_has_it(
    vault: Vault, tmp_path: Path, stage: Stage
) -> None:
    kept(vault, tmp_path / "blobs", stage)
    with pytest.raises(ValueError, match="expected stored or archived"):
        let_go(vault, tmp_path / "blobs", 5, stage)
    assert files(tmp_path / "blobs") == 1


def test_documents_and_what_no_record_names_stay(vault: Vault, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    kept(vault, blobs, Stage.ARCHIVED, media_type="application/pdf")
    kept(vault, blobs, Stage.ARCHIVED, named=False)
    assert let_go(vault, blobs, 5, Stage.ARCHIVED) == (0, 0)
    assert files(blobs) == 2


def test_rows_stay_when_the_copy_is_gone(vault: Vault, tmp_path: Path) -> None:
    name = kept(vault, tmp_path / "blobs", Stage.ARCHIVED)
    let_go(vault, tmp_path / "blobs", 5, Stage.ARCHIVED)
    with vault.session() as session:
        assert session.get_one(BlobRow, name).stage == "archived"
    assert let_go(vault, tmp_path / "blobs", 6, Stage.ARCHIVED) == (0, 0)


def test_many_go_in_small_steps(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "AT_ONCE", 3)
    for number in range(8):
        kept(vault, tmp_path / "blobs", Stage.ARCHIVED, data=bytes([number]))
    assert let_go(vault, tmp_path / "blobs", 5, Stage.ARCHIVED).copies == 8
    assert files(tmp_path / "blobs") == 0


def test_killed_between_word_and_deed_the_next_start_removes_the_file(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(_path: Path) -> None:
        raise Killed

    blobs = tmp_path / "blobs"
    name = kept(vault, blobs, Stage.ARCHIVED)
    waiting = kept(vault, blobs, Stage.RECEIPTED)
    with monkeypatch.context() as killed:
        killed.setattr(release, "_remove", kill)
        with pytest.raises(Killed):
            let_go(vault, blobs, 5, Stage.ARCHIVED)
    assert (set(released(vault, [name, waiting])), files(blobs)) == ({name}, 2)
    tidy(vault, blobs)
    assert files(blobs) == 1
    assert stream_of(vault, blobs, waiting.hex()).read(4) == b"seen"


def test_killed_before_the_word_nothing_is_gone(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_args: object) -> None:
        raise Killed

    blobs = tmp_path / "blobs"
    name = kept(vault, blobs, Stage.ARCHIVED)
    with monkeypatch.context() as killed:
        killed.setattr("sqlmodel.Session.commit", kill)
        with pytest.raises(Killed):
            let_go(vault, blobs, 5, Stage.ARCHIVED)
    tidy(vault, blobs)
    assert (released(vault, [name]), files(blobs)) == ({}, 1)


# ── room ─────────────────────────────────────────────────────────────────────────────────────


def test_room_is_told_in_minutes_of_the_last_clips(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 464 * MIB)
    blobs = tmp_path / "blobs"
    assert room.room_of(vault, tmp_path).minutes_left() == 20, "20 MiB a minute until measured"
    kept(vault, blobs, Stage.SAVED, data=bytes(40 * MIB), seconds=60)
    assert room.room_of(vault, blobs).minutes_left() == 9
    assert room.room_of(vault, blobs).minutes_left(room.SOUND) == 400


def test_a_file_of_a_recorder_says_nothing_of_our_own_clips(vault: Vault, tmp_path: Path) -> None:
    """It may claim any length and any day, and would keep the camera from recording."""
    before = room.room_of(vault, tmp_path).rates
    kept(vault, tmp_path / "blobs", Stage.SAVED, data=bytes(40 * MIB), seconds=10, purpose="")
    assert room.room_of(vault, tmp_path).rates == before


def test_what_is_kept_free_for_records_is_no_room(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 63 * MIB)
    assert room.room_of(vault, tmp_path).minutes_left() == 0


def test_the_gauge_knows_what_may_go(vault: Vault, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    kept(vault, blobs, Stage.STORED)
    kept(vault, blobs, Stage.ARCHIVED)
    kept(vault, blobs, Stage.SAVED, media_type="application/pdf")
    held = room.room_of(vault, blobs)
    assert 0 < held.releasable < held.ours
    assert room.room_of(vault, blobs, Stage.STORED).releasable == held.ours
    let_go(vault, blobs, 5, Stage.STORED)
    assert room.room_of(vault, blobs).ours == 0
    with vault.session() as session:
        assert session.get(ReleasedRow, b"") is None


def test_what_cannot_fit_is_refused_with_the_minutes(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 464 * MIB)
    room.expect(vault, tmp_path, room.VIDEO, 20)
    with pytest.raises(DiskFull, match="room for 20 min only"):
        room.expect(vault, tmp_path, room.VIDEO, 30)
