"""The vault keeps what it acknowledged and says plainly when it cannot be trusted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from field_client.errors import (
    DiskFull,
    ReadOnly,
    VaultDamaged,
    VaultExists,
    VaultKeyWrong,
    VaultMissing,
    VaultTooNew,
)
from field_client.store import tables
from field_client.store.tables import CaseRow, JournalRow, LinkRow, Stage, StateRow
from field_client.store.vault import Vault

KEY = bytes(range(32))
SECRET = "云溪县禾穗食品有限公司"


def case(number: int) -> CaseRow:
    """A case whose id is its number."""
    return CaseRow(case_id=number.to_bytes(32, "big"), tag=bytes(16), title=SECRET, opened_at=1)


def fill(vault: Vault, count: int = 400) -> None:
    """Enough cases for a few dozen pages."""
    with vault.transaction() as session:
        session.add_all(case(number) for number in range(count))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The path of a vault with 400 cases, closed in order."""
    with Vault.create(tmp_path / "vault.db", KEY).closing() as vault:
        fill(vault)
    return tmp_path / "vault.db"


def test_what_was_committed_is_there_after_a_restart(filled: Path) -> None:
    """Rows come back as they were put in, Chinese text and raw bytes alike."""
    with Vault.open(filled, KEY).closing() as vault, vault.session() as session:
        assert session.get_one(CaseRow, (7).to_bytes(32, "big")).title == SECRET
        assert len(session.exec(select(CaseRow)).all()) == 400


def test_nothing_readable_lies_on_the_disk(vault: Vault) -> None:
    """Neither the database nor its write-ahead log holds a title or SQLite's own header."""
    fill(vault, 3)
    files = [file for file in vault.path.parent.iterdir() if file.name.startswith("vault.db")]
    assert "vault.db-wal" in {file.name for file in files}
    for file in files:
        data = file.read_bytes()
        assert SECRET.encode() not in data
        assert b"SQLite format 3" not in data
        assert KEY not in data
        assert KEY.hex().encode() not in data


def test_a_transaction_that_fails_leaves_nothing(vault: Vault) -> None:
    """An error inside the block takes back all that the block did."""

    def fail_halfway() -> None:
        with vault.transaction() as session:
            session.add(case(1))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with vault.session() as session:
        assert session.exec(select(CaseRow)).first() is None


def test_a_link_needs_its_journal_and_a_place_of_its_own(vault: Vault) -> None:
    """The database itself refuses a link of no journal, and two links in one place."""

    def link(hash_: bytes, journal: bytes) -> LinkRow:
        return LinkRow(
            link_hash=hash_, journal=journal, sequence=0, link=b"", record_hash=b"", saved_at=1
        )

    with vault.transaction() as session:
        session.add(JournalRow(id=b"j" * 16, agency="a", device="YX-T07", opened_at=1))
        session.flush()
        session.add(link(b"1", b"j" * 16))
    for hash_, journal in ((b"2", b"k" * 16), (b"3", b"j" * 16)):
        with pytest.raises(IntegrityError), vault.transaction() as session:
            session.add(link(hash_, journal))


def test_a_change_in_a_reading_session_is_noticed(vault: Vault) -> None:
    """A row added, altered or removed where only reading is allowed is an error, not a loss."""
    fill(vault, 1)
    with pytest.raises(ReadOnly), vault.session() as session:
        session.add(case(2))
    with pytest.raises(ReadOnly), vault.session() as session:
        session.get_one(CaseRow, bytes(32)).title = "another"
    with pytest.raises(ReadOnly), vault.session() as session:
        session.delete(session.get_one(CaseRow, bytes(32)))


def test_a_reader_does_not_wait_for_a_writer(vault: Vault) -> None:
    """While a transaction is open, another thread reads the state before it."""
    fill(vault, 2)
    seen: list[int] = []

    def read() -> None:
        with vault.session() as session:
            seen.append(len(session.exec(select(CaseRow)).all()))

    with vault.transaction() as session:
        session.add(case(2))
        session.flush()
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()
    assert seen == [2]


def test_two_writers_take_turns(vault: Vault) -> None:
    """Counters raised by several threads lose no step, as a transaction locks before it reads."""
    vault.set_state("counter", b"0")

    def count() -> None:
        for _ in range(20):
            with vault.transaction() as session:
                row = session.get_one(StateRow, "counter")
                row.value = str(int(row.value) + 1).encode()
                session.add(row)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vault.state("counter") == b"80"


def test_single_values_are_replaced(vault: Vault) -> None:
    """A state value is the last one set, and None before the first."""
    assert vault.state("cursor") is None
    vault.set_state("cursor", b"1")
    vault.set_state("cursor", b"2")
    assert vault.state("cursor") == b"2"


def test_stages_are_in_the_order_of_the_way() -> None:
    """saved < sent < receipted < stored < archived."""
    assert [stage.rank for stage in Stage] == [0, 1, 2, 3, 4]
    assert sorted(Stage, key=lambda stage: stage.rank)[-1] is Stage.ARCHIVED


def test_a_vault_is_never_overwritten(filled: Path) -> None:
    """Creating where a vault stands is refused."""
    with pytest.raises(VaultExists):
        Vault.create(filled, KEY)


def test_a_missing_vault_is_named(tmp_path: Path) -> None:
    """Opening nothing makes no empty vault."""
    with pytest.raises(VaultMissing):
        Vault.open(tmp_path / "vault.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_is_told_from_damage(filled: Path) -> None:
    """Another key is named as such, and the right one works afterwards."""
    with pytest.raises(VaultKeyWrong):
        Vault.open(filled, bytes(32))
    Vault.open(filled, KEY).close()


def flip(path: Path, place: int) -> None:
    """Change one bit of one byte."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("place", [0, 20, 4095, 4096 * 3 + 17, -1, -4096])
@pytest.mark.parametrize("crashed", [False, True])
def test_an_altered_byte_anywhere_is_noticed_at_start(
    filled: Path, place: int, crashed: bool
) -> None:
    """First page, middle or last byte; after an orderly end or a crash."""
    flip(filled, place)
    if crashed:
        filled.with_name("vault.db.dirty").write_bytes(b"")
    with pytest.raises(VaultDamaged, match="Do not delete"):
        Vault.open(filled, KEY)


@pytest.mark.parametrize("keep", [0, 1, 512, 4096, 4096 * 3, 4096 * 3 + 100, -16, -4096])
def test_a_truncated_vault_is_noticed_at_start(filled: Path, keep: int) -> None:
    """Cut at a page's end or inside it, to nothing or by a few bytes. Not by one: what is missing
    is read as zeros, and every 256th authentication code ends in one."""
    size = filled.stat().st_size
    os.truncate(filled, keep if keep >= 0 else size + keep)
    with pytest.raises(VaultDamaged):
        Vault.open(filled, KEY)


@pytest.mark.parametrize("data", [None, b"", b"{}", b"[]", b'{"key":1'])
def test_a_lost_check_file_is_named(filled: Path, data: bytes | None) -> None:
    """Without the key's check value nothing is guessed."""
    check = filled.with_name("vault.db.id")
    if data is None:
        check.unlink()
    else:
        check.write_bytes(data)
    with pytest.raises(VaultDamaged, match=r"vault\.db\.id"):
        Vault.open(filled, KEY)


def test_a_vault_of_a_later_version_is_left_alone(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older program says that it must be updated."""
    monkeypatch.setattr(tables, "SCHEMA_VERSION", tables.SCHEMA_VERSION - 1)
    with pytest.raises(VaultTooNew):
        Vault.open(filled, KEY)


def overfill(vault: Vault) -> None:
    """A transaction for which the database, held to 30 pages, has no room."""
    with vault.transaction() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 30")
        session.add_all(case(number) for number in range(10, 2000))


def test_a_full_disk_keeps_what_was_acknowledged(vault: Vault) -> None:
    """A commit that finds no room says so and takes nothing with it."""
    fill(vault, 10)
    with pytest.raises(DiskFull):
        overfill(vault)
    with vault.session() as session:
        assert len(session.exec(select(CaseRow)).all()) == 10


def test_a_full_disk_neither_loses_nor_locks_the_vault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed and opened without room for the write-ahead log, every record is still read."""
    path = tmp_path / "vault.db"
    vault = Vault.create(path, KEY)
    fill(vault)
    with monkeypatch.context() as patched:
        patched.setattr("field_client.store.vault._fold_log", lambda driver, path: False)
        vault.close()
        assert path.with_name("vault.db.dirty").exists()
        with Vault.open(path, KEY).closing() as again, again.session() as session:
            assert len(session.exec(select(CaseRow)).all()) == 400
    Vault.open(path, KEY).close()
    assert not path.with_name("vault.db.dirty").exists()


def test_no_room_no_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full already is named before anything is made."""
    monkeypatch.setattr("field_client.durable.free_bytes", lambda folder: 1 << 20)
    with pytest.raises(DiskFull, match="needs 4 MiB free and has 1"):
        Vault.create(tmp_path / "vault.db", KEY)
    assert list(tmp_path.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from field_client.store.tables import CaseRow
from field_client.store.vault import Vault

vault = Vault.open(Path(sys.argv[1]), bytes(range(32)))
for number in range(100_000):  # more than the reader ever waits for
    with vault.transaction() as session:
        session.add(CaseRow(case_id=number.to_bytes(32, "big"), tag=bytes(16), opened_at=number))
    print(number, flush=True)
"""


@pytest.fixture
def writer(tmp_path: Path) -> Callable[[], subprocess.Popen[str]]:
    """Another process that commits cases, one by one, and tells each when it is kept."""
    Vault.create(tmp_path / "vault.db", KEY).close()

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "vault.db")],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.parametrize("kill_after", [0, 63, 200])
def test_sigkill_loses_no_acknowledged_commit(
    writer: Callable[[], subprocess.Popen[str]], tmp_path: Path, kill_after: int
) -> None:
    """A writer killed among its commits: each that it acknowledged is there, in whole."""
    process = writer()
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(kill_after + 1)]
    process.send_signal(signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().split()]
    assert process.wait() == -signal.SIGKILL
    assert (tmp_path / "vault.db.dirty").exists()
    with Vault.open(tmp_path / "vault.db", KEY).closing() as vault, vault.session() as session:
        kept = session.exec(select(CaseRow.opened_at).order_by(col(CaseRow.opened_at))).all()
    assert list(kept[: len(told)]) == told
    assert len(kept) - len(told) in (0, 1)  # one may have been kept and not yet told
    assert not (tmp_path / "vault.db.dirty").exists()
