"""A disk that runs full and a program that is killed leave no halves behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import Session

from field_client import durable
from field_client.errors import DiskFull
from field_client.inspection import Inspection
from field_client.store import rescue
from field_client.store.blobs import BlobWriter
from field_client.store.drafts import Drafts
from field_client.store.evidence import PDF, Gathered
from field_client.store.vault import Vault
from protocol.vocabulary import Role
from tests.field_client.county import FieldTablet, hand, left_behind

DAY_MS = 86_400_000


class FullDisk:
    """A disk on which the ``fail_at``-th write finds no room: to a file, to the vault, or when a
    file's bytes are asked to be on the disk, which is where a full one says so last."""

    def __init__(self, patch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.left, self.ran_full = fail_at, False
        put, transaction, fsync = BlobWriter._put, Vault.transaction, os.fsync

        def full_put(writer: BlobWriter, data: bytes) -> None:
            self.write(writer.path.parent)
            put(writer, data)

        @contextmanager
        def full_transaction(vault: Vault) -> Iterator[Session]:
            with transaction(vault) as session:
                yield session
                self.write(vault.path.parent)

        def full_fsync(file: int) -> None:
            self.left -= 1
            if self.left == -1:
                self.ran_full = True
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(file)

        patch.setattr(os, "fsync", full_fsync)
        patch.setattr(BlobWriter, "_put", full_put)
        patch.setattr(Vault, "transaction", full_transaction)

    def write(self, folder: Path) -> None:
        self.left -= 1
        if self.left == -1:
            self.ran_full = True
            raise durable.disk_full(folder)


LEAST_WRITES = {"notify": 3, "photo": 4, "clip": 4, "hear": 1, "decide": 4}


@pytest.mark.parametrize("act", ["notify", "photo", "clip", "hear", "decide"])
def test_a_full_disk_at_any_write_saves_nothing_by_halves(
    tablet: FieldTablet,
    inspection: Inspection,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    """Each write of an act fails once: the officer hears that the disk is full, the chain has
    no new link, and the same act works when there is room."""
    tablet.hear(inspection)
    acts = {
        "notify": tablet.notify,
        "photo": tablet.photo,
        "clip": tablet.clip,
        "hear": tablet.hear,
        "decide": tablet.decide,
    }
    before = len(tablet.stages())
    failed = 0
    while True:
        with monkeypatch.context() as patch:
            disk = FullDisk(patch, failed)
            with suppress(DiskFull):
                acts[act](inspection)
            if not disk.ran_full:
                break
        assert len(tablet.stages()) == before
        failed += 1
    assert failed >= LEAST_WRITES[act]
    assert len(tablet.stages()) == before + 1
    tablet.restart()
    assert left_behind(tablet) == (0, 0)


def test_a_full_disk_leaves_the_older_draft(
    tablet: FieldTablet, inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = Drafts(tablet.tablet.vault, inspection.case, tablet.clock)
    drafts.keep("site_inspection_record", {"findings": "货架"})
    with monkeypatch.context() as patch:
        FullDisk(patch, 0)
        with pytest.raises(DiskFull):
            drafts.keep("site_inspection_record", {"findings": "货架上"})
    assert drafts.typed("site_inspection_record") == {"findings": "货架"}
    drafts.keep("site_inspection_record", {"findings": "货架上7种"})
    tablet.restart()
    kept = Drafts(tablet.tablet.vault, inspection.case, tablet.clock)
    assert kept.typed("site_inspection_record") == {"findings": "货架上7种"}


def test_a_clock_that_is_moved_back_and_forth_stops_no_act_and_shows_in_the_links(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Acts go on; each link bears the wall clock as it stood and the one that nobody can set, so
    that the difference between them tells of every move."""
    moves = (-3 * DAY_MS, 5 * DAY_MS, -400 * DAY_MS, 398 * DAY_MS)
    before = tablet.clock.wall_ms()
    for move in moves:
        tablet.clock.wall += move
        tablet.hear(inspection)
    links = [record.link for record in inspection.state.records][-len(moves) :]
    drift = [link.wall_at - link.monotonic for link in links]
    assert [after - earlier for earlier, after in pairwise(drift)] == list(moves[1:])
    assert [link.sequence for link in links] == list(
        range(links[0].sequence, links[0].sequence + len(moves))
    )
    assert tablet.clock.wall_ms() > before - DAY_MS
    tablet.restart()
    assert len(tablet.tablet.office.resume(inspection.case, tablet.officers).state.records) >= 7


def test_papers_of_an_unfinished_act_are_gone_after_a_crash(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Nothing names them, and nobody is asked about them."""
    gathered = Gathered(tablet.tablet.office.locker, inspection.case)
    gathered.sign(hand("周明禾", Role.PARTY), bytes(32))
    gathered.put(b"%PDF", PDF, "document")
    assert left_behind(tablet) == (2, 2)
    tablet.restart()
    assert left_behind(tablet) == (0, 0)
    assert inspection.rescued() == []


def test_a_recording_that_cannot_be_rescued_keeps_nobody_out(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """The tablet opens; the altered file stays where it is."""
    writer = tablet.tablet.office.locker.begin("video/mp4", "…", inspection.case)
    writer.write(bytes(100))
    writer.finish()
    data = bytearray(writer.path.read_bytes())
    data[60] ^= 1
    writer.path.write_bytes(data)
    tablet.restart()
    assert left_behind(tablet) == (1, 1)
    tablet.photo(tablet.tablet.office.resume(inspection.case, tablet.officers))


def test_only_what_there_is_no_room_for_is_tried_again_while_the_program_runs(
    tablet: FieldTablet, inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An altered file would be read whole once a second."""
    locker = tablet.tablet.office.locker
    altered, whole = (locker.begin("video/mp4", "…", inspection.case) for _ in range(2))
    for writer in (altered, whole):
        writer.write(bytes(100))
        writer.finish()
    data = bytearray(altered.path.read_bytes())
    data[60] ^= 1
    altered.path.write_bytes(data)
    names = {altered.path.name, whole.path.name}
    with monkeypatch.context() as disk:
        disk.setattr("field_client.durable.free_bytes", lambda _folder: 0)
        assert rescue.again(locker.vault, locker.folder, names) == names
    assert rescue.again(locker.vault, locker.folder, names) == set()
    assert [one.media.value for one in inspection.rescued()] == ["video"]
