"""A disk that fails is told as that, in the words of somebody who can do something about it."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from field_client.errors import DiskFails, DiskFull, FieldError, VaultDamaged
from field_client.store.vault import Vault
from field_client.store.vault_errors import named
from tests.faults import strace
from tests.faults.processes import Forked
from tests.field_client.conftest import VAULT_KEY
from tests.field_client.county import FieldTablet

READ, SHORT_READ, WRITE, FSYNC, TRUNCATE = (10 | n << 8 for n in (1, 2, 3, 4, 6))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (WRITE, DiskFails),
        (FSYNC, DiskFails),
        (TRUNCATE, DiskFails),
        (READ, VaultDamaged),
        (SHORT_READ, VaultDamaged),
        (13, DiskFull),
    ],
)
def test_what_the_database_says_of_the_disk_is_told_for_what_it_is(
    tmp_path: Path, code: int, told: type[FieldError]
) -> None:
    """A write that failed alters no record, and nobody is told so."""
    said = sqlcipher.OperationalError("disk I/O error")
    said.sqlite_errorcode = code
    with pytest.raises(told), named(tmp_path / "vault.db"):
        raise said


def test_a_photo_on_a_failing_disk_is_told_and_taken_again(
    tablet: FieldTablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspection = tablet.opened_and_notified()

    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        with pytest.raises(DiskFails, match="bring the tablet to your administrator"):
            tablet.photo(inspection)
    assert len(tablet.stages()) == 3
    tablet.photo(inspection)
    assert len(tablet.stages()) == 4


def test_what_was_told_as_not_kept_is_not_there_after_a_crash_either(tmp_path: Path) -> None:
    """Only the fsync of its commit failed: all of it stands in the log that the next start reads.
    Where nothing may be traced, the vault is only killed."""
    path = tmp_path / "vault.db"
    Vault.create(path, VAULT_KEY).close()

    def work(say: Callable[..., None], gate: Callable[[], None]) -> None:
        vault = Vault.open(path, VAULT_KEY)
        vault.set_state("before", b"1")
        say(ready=True)
        gate()
        try:
            vault.set_state("lost", b"1")
        except DiskFails:
            say(error="not kept")
        else:
            say(record="kept")
        os.kill(os.getpid(), signal.SIGKILL)

    with Forked(work, tmp_path / "log") as child:
        assert child.wait(lambda: child.told.ready, 60)
        with contextlib.ExitStack() as stack:
            if strace.can_trace():
                fault = strace.Fault("fsync", 1, "EIO", lasting=True)
                stack.enter_context(strace.attached(child.pid, fault, tmp_path / "strace.log"))
            child.go()
            child.wait(lambda: False, 60)
    assert child.signal == signal.SIGKILL
    with Vault.open(path, VAULT_KEY).closing() as again:
        assert again.state("before") == b"1"
        assert (again.state("lost") is not None) == (child.told.errors == [])
    assert bool(child.told.errors) == strace.can_trace()


def test_records_are_closed_on_a_failing_disk_as_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed is safe without the last word; the next start looks at every page."""
    path = tmp_path / "vault.db"
    vault = Vault.create(path, VAULT_KEY)
    vault.set_state("a", b"1")

    def fails(self: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fails)
        vault.close()
    assert (tmp_path / "vault.db.dirty").exists()
    with Vault.open(path, VAULT_KEY).closing() as again:
        assert again.state("a") == b"1"
