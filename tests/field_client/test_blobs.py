"""An encrypted file gives back what was written, or says what happened to it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from field_client.durable import MIB
from field_client.errors import BlobCut, BlobMissing, BlobTampered, DiskFull
from field_client.store.blobs import BlobReader, BlobWriter, Written

KEY = bytes(range(32))
HEAD = 38
DATA = bytes(range(256)) * 4096 * 2 + b"the last half chunk"  # two chunks and a bit


def write(path: Path, data: bytes = DATA) -> Written:
    """One finished blob, written in pieces that fit no chunk."""
    writer = BlobWriter(path, KEY, reserve=0)
    for start in range(0, len(data), 70_001):
        assert writer.write(data[start : start + 70_001]) == len(data[start : start + 70_001])
    return writer.finish()


def flip(path: Path, place: int) -> None:
    """Change one bit."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, len(DATA)])
def test_what_goes_in_comes_out_with_its_hash(tmp_path: Path, size: int) -> None:
    """Around chunk sizes too; the hash and size are the plaintext's."""
    written = write(tmp_path / "a", DATA[:size])
    assert written == Written(hashlib.sha256(DATA[:size]).digest(), size)
    assert BlobReader(tmp_path / "a", KEY).all() == DATA[:size]


@pytest.mark.parametrize("offset", [1, MIB - 1, MIB, MIB + 1, len(DATA) - 1, len(DATA)])
def test_an_upload_goes_on_where_it_stopped(tmp_path: Path, offset: int) -> None:
    """Chunks from an offset are the plaintext from there on."""
    write(tmp_path / "a")
    assert b"".join(BlobReader(tmp_path / "a", KEY).chunks(offset)) == DATA[offset:]


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    """The file holds no run of the plaintext, and only this user may read it."""
    write(tmp_path / "a")
    assert DATA[:64] not in (tmp_path / "a").read_bytes()
    assert b"the last half" not in (tmp_path / "a").read_bytes()
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", [0, 13, 14, HEAD, HEAD + 3, HEAD + 4, HEAD + 500_000, -1])
def test_a_changed_byte_is_never_read_as_evidence(tmp_path: Path, place: int) -> None:
    """Magic, header, a length or a chunk, the first or the last."""
    write(tmp_path / "a")
    flip(tmp_path / "a", place)
    with pytest.raises(BlobTampered):
        BlobReader(tmp_path / "a", KEY, allow_cut=True).all()


def test_what_precedes_a_tampered_chunk_is_still_whole(tmp_path: Path) -> None:
    """A reader hands out the chunks before the changed one and then names the place."""
    write(tmp_path / "a")
    flip(tmp_path / "a", HEAD + 4 + MIB + 17 + 4)
    got = []
    with pytest.raises(BlobTampered) as error:
        got.extend(BlobReader(tmp_path / "a", KEY).chunks())
    assert b"".join(got) == DATA[:MIB]
    assert error.value.facts["readable"] == MIB


def test_chunks_cannot_change_places(tmp_path: Path) -> None:
    """Two whole chunks swapped are tampering."""
    write(tmp_path / "a")
    data, size = (tmp_path / "a").read_bytes(), 4 + MIB + 17
    first, second = data[HEAD : HEAD + size], data[HEAD + size : HEAD + 2 * size]
    (tmp_path / "a").write_bytes(data[:HEAD] + second + first + data[HEAD + 2 * size :])
    with pytest.raises(BlobTampered):
        BlobReader(tmp_path / "a", KEY).all()


def test_nothing_can_be_appended(tmp_path: Path) -> None:
    """A byte behind the final chunk is tampering."""
    write(tmp_path / "a")
    with (tmp_path / "a").open("ab") as file:
        file.write(b"\x00")
    with pytest.raises(BlobTampered):
        BlobReader(tmp_path / "a", KEY).all()


def test_another_blobs_key_reads_nothing(tmp_path: Path) -> None:
    """Each file has its own key."""
    write(tmp_path / "a")
    with pytest.raises(BlobTampered):
        BlobReader(tmp_path / "a", bytes(32)).all()


@pytest.mark.parametrize(
    ("keep", "readable"),
    [(0, 0), (20, 0), (HEAD, 0), (HEAD + 4 + MIB, 0), (HEAD + 4 + MIB + 17, MIB), (-1, 2 * MIB)],
)
def test_a_cut_file_is_read_up_to_the_cut_and_says_so(
    tmp_path: Path, keep: int, readable: int
) -> None:
    """In the header, inside a chunk, between two, or one byte from the end."""
    write(tmp_path / "a")
    size = (tmp_path / "a").stat().st_size
    os.truncate(tmp_path / "a", keep if keep >= 0 else size + keep)
    with pytest.raises(BlobCut) as error:
        BlobReader(tmp_path / "a", KEY).all()
    assert error.value.facts["readable"] == readable
    reader = BlobReader(tmp_path / "a", KEY, allow_cut=True)
    assert reader.all() == DATA[:readable]
    assert reader.cut


def test_a_whole_file_is_not_called_cut(tmp_path: Path) -> None:
    """``cut`` stays false when the final chunk was seen."""
    write(tmp_path / "a")
    reader = BlobReader(tmp_path / "a", KEY, allow_cut=True)
    reader.all()
    assert not reader.cut


def test_what_was_synced_survives_a_kill(tmp_path: Path) -> None:
    """Without finish, all up to the last sync can be read."""
    writer = BlobWriter(tmp_path / "a", KEY, reserve=0)
    writer.write(b"before")
    writer.sync()
    writer.write(b"after")
    writer.close()
    assert BlobReader(tmp_path / "a", KEY, allow_cut=True).all() == b"before"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No file, no bare system error."""
    with pytest.raises(BlobMissing, match=r"0f\.blob"):
        BlobReader(tmp_path / "0f.blob", KEY).all()


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    """A second writer of one path is refused by the system."""
    write(tmp_path / "a")
    with pytest.raises(FileExistsError):
        BlobWriter(tmp_path / "a", KEY, reserve=0)


def test_too_little_room_is_told_before_a_byte_is_written(tmp_path: Path) -> None:
    """The error holds what is needed and what is free; no file is made."""
    with pytest.raises(DiskFull) as error:
        BlobWriter(tmp_path / "a", KEY, reserve=1 << 60)
    assert error.value.facts["needed"] == (1 << 40) + 2
    assert error.value.facts["free"] >= 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space in the middle of a write: DiskFull, and what was synced is still read."""
    real = os.write
    room = [MIB + 100_000]

    def limited(file: int, data: bytes) -> int:
        if room[0] == 0:
            raise OSError(28, "No space left on device")
        done = real(file, data[: room[0]])
        room[0] -= done
        return done

    monkeypatch.setattr("field_client.store.blobs.os.write", limited)
    with pytest.raises(DiskFull):
        write(tmp_path / "a")
    reader = BlobReader(tmp_path / "a", KEY, allow_cut=True)
    assert reader.all() == DATA[:MIB]
    assert reader.cut
