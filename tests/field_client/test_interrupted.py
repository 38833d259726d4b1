"""A disk that runs full and a program that is killed leave no halves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlmodel import Session

from field_client import durable
from field_client.errors import DiskFull
from field_client.inspection import Inspection
from field_client.store.blobs import BlobWriter
from field_client.store.evidence import PDF, Gathered
from field_client.store.vault import Vault
from protocol.vocabulary import Role
from tests.field_client.county import FieldTablet, hand, left_behind


class FullDisk:
    """A disk on which the ``fail_at``-th write, to a file or to the vault, finds no room."""

    def __init__(self, patch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.left, self.ran_full = fail_at, False
        put, transaction = BlobWriter._put, Vault.transaction

        def full_put(writer: BlobWriter, data: bytes) -> None:
            self.write(writer.path.parent)
            put(writer, data)

        @contextmanager
        def full_transaction(vault: Vault) -> Iterator[Session]:
            with transaction(vault) as session:
                yield session
                self.write(vault.path.parent)

        patch.setattr(BlobWriter, "_put", full_put)
        patch.setattr(Vault, "transaction", full_transaction)

    def write(self, folder: Path) -> None:
        self.left -= 1
        if self.left == -1:
            self.ran_full = True
            raise durable.disk_full(folder)


@pytest.mark.parametrize("act", ["notify", "photo", "decide"])
def test_a_full_disk_at_any_write_saves_nothing_by_halves(
    tablet: FieldTablet,
    inspection: Inspection,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    """Each write of an act fails once: the officer hears that the disk is full, the chain has
    no new link, and the same act works when there is room."""
    tablet.hear(inspection)
    acts = {"notify": tablet.notify, "photo": tablet.photo, "decide": tablet.decide}
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
    assert failed >= 3
    assert len(tablet.stages()) == before + 1
    tablet.restart()
    assert left_behind(tablet) == (0, 0)


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
