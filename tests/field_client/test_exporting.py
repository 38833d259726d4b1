"""The tablet's records go to a stick, sealed to its office; the office opens them again."""

from __future__ import annotations

import errno
import io
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlmodel import select

from field_client.contact import sticks
from field_client.contact.answers import Cancelled
from field_client.contact.exporting import Exporter, Scope
from field_client.contact.far import Far
from field_client.errors import ExportFailed, NoStick, StickFull
from field_client.store.captures import begin, keep
from field_client.store.tables import BlobRow, JournalRow, LinkRow
from protocol.errors import NotForUs
from protocol.export import Kind, Part, unseal
from protocol.exported import Exported, branches
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import Stage
from tests.field_client.test_forks import damage


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def known(tablet: FieldTablet, online: County) -> FieldTablet:
    """A tablet that has contacted its office, and so knows whom to seal to."""
    tablet.contact()
    return tablet


def opened(county: County, path: Path) -> list[Part]:
    """As the office reads it."""
    assert county.services is not None
    key = county.services.keyring.exchange
    assert key is not None
    return list(unseal(io.BytesIO(path.read_bytes()).read, bytes(key)))


def proved(tablet: FieldTablet, parts: list[Part]) -> dict[bytes, int]:
    """How many links of each journal the export proves."""
    exported = Exported()
    for part in parts:
        exported.take(part)
    verifier = tablet.tablet.exporter.device.signer.verifier
    found = branches(exported, {verifier.key_id: verifier})
    return {branch.journal: len(branch.links) for branch in found}


def test_everything_goes_to_the_stick_and_is_proved(
    known: FieldTablet, online: County, stick: Path
) -> None:
    """Links up to the signed head, all statements, all media with their hashes."""
    inspection = known.opened_and_notified()
    known.photo(inspection)
    known.contact()
    known.open()
    path = known.tablet.exporter.write(stick, Scope.ALL)
    parts = opened(online, path)
    assert list(proved(known, parts).values()) == [5]
    assert sum(part.kind == Kind.STATEMENT for part in parts) == 5
    with known.tablet.vault.session() as session:
        blobs = {row.sha256 for row in session.exec(select(BlobRow))}
    assert {part.body for part in parts if part.kind == Kind.BLOB} == blobs
    assert [one.name for one in stick.iterdir()] == [path.name]


def test_only_what_is_unsent_goes_if_asked_so(
    known: FieldTablet, online: County, stick: Path
) -> None:
    """The links from the first that the office has not acknowledged; they lead to the head."""
    known.opened_and_notified()
    known.contact()
    known.open()
    online.meddler.unplugged = True
    parts = opened(online, known.tablet.exporter.write(stick, Scope.UNSENT))
    assert list(proved(known, parts).values()) == [1]
    assert sum(part.kind == Kind.STATEMENT for part in parts) == 1
    assert not any(part.kind == Kind.BLOB for part in parts)


def test_nothing_on_the_stick_is_overwritten(
    known: FieldTablet, online: County, stick: Path
) -> None:
    known.open()
    first = known.tablet.exporter.write(stick, Scope.ALL)
    kept = first.read_bytes()
    second = known.tablet.exporter.write(stick, Scope.ALL)
    assert second.name == f"{first.stem}-2.export"
    assert first.read_bytes() == kept


def test_nobody_but_the_office_opens_it(known: FieldTablet, online: County, stick: Path) -> None:
    """And two exports of the same records have no byte in common that would tell so."""
    known.open()
    paths = [known.tablet.exporter.write(stick, Scope.ALL) for _ in range(2)]
    with pytest.raises(NotForUs):
        list(unseal(io.BytesIO(paths[0].read_bytes()).read, bytes(31) + b"\1"))
    one, other = (path.read_bytes()[16:] for path in paths)
    assert one[:80] != other[:80]


def test_a_full_stick_is_named_and_left_clean(
    known: FieldTablet, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.open()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StickFull):
        known.tablet.exporter.write(stick, Scope.ALL)
    assert list(stick.iterdir()) == []


def test_a_stick_that_is_gone_is_named(known: FieldTablet, tmp_path: Path) -> None:
    with pytest.raises(ExportFailed):
        known.tablet.exporter.write(tmp_path / "pulled out", Scope.ALL)


def test_without_the_offices_key_nothing_is_written(tablet: FieldTablet, stick: Path) -> None:
    """A tablet that was enrolled before the office had one is told to connect first."""
    known = tablet.tablet.shelf.current
    exporter = tablet.tablet.exporter

    class Shelf:
        current = msgspec.structs.replace(known, exchange_key="")
        version = known.version

    with pytest.raises(ExportFailed):
        replace(exporter, shelf=Shelf()).write(stick, Scope.ALL)  # type: ignore[arg-type]
    assert list(stick.iterdir()) == []


def test_a_damaged_record_goes_along_as_what_is_left_of_it(
    known: FieldTablet, online: County, stick: Path
) -> None:
    """The chain is whole, and the bytes are there for whoever can use them."""
    known.opened_and_notified()
    damage(known, 1, gone=False)
    parts = opened(online, known.tablet.exporter.write(stick, Scope.ALL))
    assert list(proved(known, parts).values()) == [3]
    assert sum(part.kind == Kind.STATEMENT for part in parts) == 3


def test_a_recording_without_its_end_is_exported_as_far_as_it_can_be_read(
    known: FieldTablet, online: County, stick: Path
) -> None:
    """It bears no name, and the rest of the export is whole."""
    inspection = known.opened_and_notified()
    known.photo(inspection)
    with known.tablet.vault.session() as session:
        rows = session.exec(select(BlobRow)).all()
    largest = max(rows, key=lambda row: row.size)
    file = known.tablet.settings.blobs_dir / largest.path
    file.write_bytes(file.read_bytes()[:-20])
    parts = opened(online, known.tablet.exporter.write(stick, Scope.ALL))
    named = [part.body for part in parts if part.kind == Kind.BLOB]
    assert named.count(b"") == 1
    assert set(named) - {b""} == {row.sha256 for row in rows} - {largest.sha256}


def test_a_locked_tablet_can_still_export(known: FieldTablet, online: County, stick: Path) -> None:
    """The device's key signs the inventory; no officer's is needed."""
    known.open()
    exporter: Exporter = known.tablet.exporter
    assert list(proved(known, opened(online, exporter.write(stick, Scope.ALL))).values()) == [1]
    with known.tablet.vault.session() as session:
        assert len(session.exec(select(LinkRow)).all()) == 1  # exporting states nothing


# ── stopped, and gone on with ────────────────────────────────────────────────────────────


@pytest.fixture
def filmed(known: FieldTablet) -> FieldTablet:
    """A tablet with some hundred kilobytes of media, which take several frames."""
    inspection = known.opened_and_notified()
    for number in range(3):
        keep_blob(known, bytes([number]) * 150_000)
    known.photo(inspection)
    return known


def keep_blob(tablet: FieldTablet, data: bytes) -> None:
    vault, folder = tablet.tablet.vault, tablet.tablet.settings.blobs_dir
    at = tablet.clock.wall_ms()
    writer = begin(vault, folder, media_type="video/mp4", purpose="x", case_id=None, at=at)
    writer.write(data)
    written = writer.finish()
    with vault.transaction() as session:
        keep(session, folder, writer, written, at, named=False)


def stopped_at(tablet: FieldTablet, stick: Path, calls: int, scope: Scope = Scope.ALL) -> None:
    """An export that a person stops when so many pieces are on the stick."""
    asked = itertools.count(1)
    with pytest.raises(Cancelled):
        tablet.tablet.exporter.write(stick, scope, cancelled=lambda: next(asked) > calls)


def parts_of(county: County, path: Path) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    for part in opened(county, path):
        found.setdefault(part.kind, []).append(part.body)
    return found


@pytest.mark.parametrize("calls", [1, 5])
def test_an_export_that_was_stopped_goes_on_where_it_stopped(
    filmed: FieldTablet, online: County, stick: Path, calls: int
) -> None:
    """What is on the stick is not written again, and the office reads it as any other."""
    stopped_at(filmed, stick, calls)
    left = list(stick.iterdir())
    there = left[0].read_bytes()
    assert [one.suffix for one in left] == [".part"]
    told: list[Far] = []
    path = filmed.tablet.exporter.write(stick, Scope.ALL, told.append)
    whole = path.read_bytes()
    kept = len(there) if calls == 1 else len(there) - (len(there) - 120) % 65_557
    assert whole[:kept] == there[:kept]
    assert (told[-1].done, told[-1].items) == (len(whole), told[-1].of)
    assert list(proved(filmed, opened(online, path)).values()) == [4]
    with filmed.tablet.vault.session() as session:
        assert set(parts_of(online, path)[Kind.BLOB]) == set(session.exec(select(BlobRow.sha256)))
    assert list(stick.iterdir()) == [path]
    assert filmed.tablet.exporter.unfinished(stick) is None


@pytest.mark.parametrize("place", [5, 120 + 65_557 * 2 + 300])
def test_a_stick_that_was_altered_meanwhile_is_not_built_upon(
    filmed: FieldTablet, online: County, stick: Path, place: int
) -> None:
    """From the first byte that is not ours on, all is written anew."""
    stopped_at(filmed, stick, 6)
    (part,) = stick.iterdir()
    data = bytearray(part.read_bytes())
    data[place] ^= 1
    part.write_bytes(data)
    path = filmed.tablet.exporter.write(stick, Scope.ALL)
    assert list(stick.iterdir()) == [path]
    assert len(parts_of(online, path)[Kind.BLOB]) == 5
    assert b"" not in parts_of(online, path)[Kind.BLOB]


def test_what_is_no_longer_as_it_was_is_begun_anew_under_another_key(
    filmed: FieldTablet, online: County, stick: Path
) -> None:
    """A file that was damaged since: the same frames would say something else."""
    stopped_at(filmed, stick, 3)
    (part,) = stick.iterdir()
    head = part.read_bytes()[:120]
    with filmed.tablet.vault.session() as session:
        last = max(session.exec(select(BlobRow)).all(), key=lambda row: (row.size, row.sha256))
    file = filmed.tablet.settings.blobs_dir / last.path
    file.write_bytes(file.read_bytes()[:-20])
    path = filmed.tablet.exporter.write(stick, Scope.ALL)
    assert path.read_bytes()[:120] != head
    assert parts_of(online, path)[Kind.BLOB].count(b"") == 1
    assert list(stick.iterdir()) == [path]


def test_a_file_that_can_be_read_again_is_written_under_another_key(
    filmed: FieldTablet, online: County, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk failed for a moment: what went to the stick then ended there, and somebody may have
    seen it."""
    with filmed.tablet.vault.session() as session:
        last = max(session.exec(select(BlobRow)).all(), key=lambda row: (row.size, row.sha256))
    file = filmed.tablet.settings.blobs_dir / last.path
    data = file.read_bytes()
    file.write_bytes(data[:-20])

    def pulled(*_paths: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", pulled)
        with pytest.raises(ExportFailed):
            filmed.tablet.exporter.write(stick, Scope.ALL)
    file.write_bytes(data)
    (part,) = stick.iterdir()
    there = part.read_bytes()
    part.write_bytes(there[: 120 + 65_557 * 2])
    path = filmed.tablet.exporter.write(stick, Scope.ALL)
    assert last.sha256 in parts_of(online, path)[Kind.BLOB]
    assert path.read_bytes()[:120] != there[:120]


def test_a_stick_that_takes_no_large_files_is_named_and_left_clean(
    filmed: FieldTablet, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT32 ends at 4 GiB: to go on there would be of no use."""

    def too_large(_descriptor: int) -> None:
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(os, "fsync", too_large)
    with pytest.raises(StickFull, match="exFAT"):
        filmed.tablet.exporter.write(stick, Scope.ALL)
    assert list(stick.iterdir()) == []


def test_only_what_was_saved_since_is_said_to_be_missing(
    filmed: FieldTablet, online: County, stick: Path
) -> None:
    """Not the records of a journal that is closed and that the office has."""
    with filmed.tablet.vault.transaction() as session:
        (row,) = session.exec(select(JournalRow)).all()
        session.add(
            JournalRow(
                id=bytes(16),
                agency=row.agency,
                device=row.device,
                length=500,
                open=False,
                opened_at=row.opened_at - 1,
            )
        )
    stopped_at(filmed, stick, 3, Scope.UNSENT)
    plan = filmed.tablet.exporter.unfinished(stick)
    assert plan is not None
    assert filmed.tablet.exporter.saved_since(plan) == 0
    filmed.open()
    assert filmed.tablet.exporter.saved_since(plan) == 1


def test_another_scope_begins_anew_and_leaves_nothing_behind(
    filmed: FieldTablet, online: County, stick: Path
) -> None:
    stopped_at(filmed, stick, 3)
    path = filmed.tablet.exporter.write(stick, Scope.UNSENT)
    assert list(stick.iterdir()) == [path]
    assert path.stem.endswith("-unsent")


def test_an_export_goes_on_after_the_program_was_started_again(
    filmed: FieldTablet, online: County, stick: Path
) -> None:
    """The power goes: what was synced is there, torn bytes behind it are not built upon."""
    stopped_at(filmed, stick, 5)
    (part,) = stick.iterdir()
    part.write_bytes(part.read_bytes() + b"torn")
    filmed.restart()
    filmed.open()
    plan = filmed.tablet.exporter.unfinished(stick)
    assert plan is not None
    assert filmed.tablet.exporter.saved_since(plan) == 1
    path = filmed.tablet.exporter.write(stick, Scope.ALL)
    assert list(proved(filmed, opened(online, path)).values()) == [4]
    assert path.name == plan.name


def test_a_stick_with_too_little_room_is_named_before_anything_is_written(
    filmed: FieldTablet, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(stick)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000))
    with pytest.raises(StickFull):
        filmed.tablet.exporter.write(stick, Scope.ALL)
    assert list(stick.iterdir()) == []


def test_what_the_tablet_let_go_is_no_damaged_file(
    filmed: FieldTablet, online: County, stick: Path
) -> None:
    """The office has it: that its copy is gone here is in order."""
    filmed.contact()
    filmed.contact()
    with filmed.tablet.vault.session() as session:
        rows = session.exec(select(BlobRow).where(BlobRow.stage == "stored")).all()
    assert rows
    for row in rows:
        (filmed.tablet.settings.blobs_dir / row.path).unlink()
    named = parts_of(online, filmed.tablet.exporter.write(stick, Scope.ALL))[Kind.BLOB]
    assert b"" not in named
    assert len(named) == 3


# ── the screen ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stage(known: FieldTablet, stick: Path) -> Iterator[Stage]:
    running = Stage.of(known, sticks=(stick,))
    yield running
    running.close()
    known.restart()


def test_the_sync_screen_writes_an_export_and_says_its_name(stage: Stage, stick: Path) -> None:
    stage.unlock()
    stage.look_at_sync()
    stage.do.fix("export_all")
    assert stage.view.journey.words == "正在写U盘"
    stage.work()
    (path,) = stick.iterdir()
    assert stage.view.journey is None
    assert stage.told is not None
    assert path.name in stage.told.text
    assert stage.shell.waiting == ""


def test_without_a_stick_the_screen_says_so(stage: Stage, stick: Path) -> None:
    stick.rmdir()
    stage.unlock()
    stage.look_at_sync()
    stage.do.fix("export_all")
    assert stage.told is not None
    assert "U盘" in stage.told.text


def test_sticks_are_the_folders_set_or_those_mounted(tmp_path: Path) -> None:
    here, gone = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    assert sticks.sticks([gone, here]) == [here]
    assert sticks.sticks([], [tmp_path]) == []  # a folder that is no mount point is no stick
    with pytest.raises(NoStick):
        sticks.the_stick([gone])
