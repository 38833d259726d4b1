"""fsck recomputes everything from nothing, and names what was tampered with."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from protocol.casecheck import Level, verify_zip
from protocol.casetrust import read_trust
from protocol.errors import Refused
from sync_server.clock import system_clock
from sync_server.commands import exporting, serving
from sync_server.log.sequencer import NotDurable
from sync_server.services import Busy, reading, writing
from sync_server.store.db import Database
from sync_server.upkeep import backup as backups
from sync_server.upkeep import seen
from tests.sync_server.conftest import Server
from tests.sync_server.rotting import alter, kept


@pytest.fixture
def inspected(inspected_county: Path, copy_server: Callable[..., Server]) -> Server:
    """A stopped server that holds one inspection with all its blobs."""
    return copy_server(inspected_county)


def test_an_untouched_server_holds(inspected: Server) -> None:
    """One line, no difference."""
    (summary,) = inspected.fsck()
    assert summary.endswith("hold")


def test_a_database_that_listed_the_first_naming_of_a_blob_lists_them_all(
    inspected: Server,
) -> None:
    """As a server of before left it; the next start writes the list anew, from the log alone."""
    listed = inspected.sql("SELECT * FROM blob ORDER BY sha256, record_hash")
    config = Config()
    folder = Path(__file__).parents[2] / "sync_server" / "migrations"
    config.set_main_option("script_location", str(folder))
    with closing(Database(inspected.settings.database)) as database:
        with database.writer.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0011")
        with database.engine.connect() as connection:
            first = connection.execute(text("SELECT count(DISTINCT sha256), count(*) FROM blob"))
            assert len(set(first.one())) == 1
    with writing(inspected.settings, system_clock()):
        pass
    assert inspected.sql("SELECT * FROM blob ORDER BY sha256, record_hash") == listed
    (summary,) = inspected.fsck()
    assert summary.endswith("hold")


Change = Callable[[Server], object]
ITS_ROW = "first = (SELECT max(first) FROM stretch WHERE first <= 37)"
COPIED = "length, journal, sequence, entries, links, filed, statements"


def sql(statement: str) -> Change:
    """A change of rows, of which there are some."""

    def change(server: Server) -> None:
        (touched,) = server.sql(statement)
        assert touched > 0

    return change


def copied(first: str) -> Change:
    """The row of entry 37 once more, under another number."""
    rows = f"SELECT {first}, {COPIED} FROM stretch WHERE {ITS_ROW}"
    return sql(f"INSERT INTO stretch (first, {COPIED}) {rows}")


def filed(**what: Any) -> Change:
    """The statement of entry 37 filed as something else."""
    return lambda server: alter(server, 37, filed=its_leaf(server).filed._replace(**what))


def its_leaf(server: Server) -> Any:
    return kept(server)[37]


TAMPERED: dict[str, tuple[Change, str]] = {
    "row": (sql(f"DELETE FROM stretch WHERE {ITS_ROW}"), r"entries: entry \d+ is missing"),
    "row far above": (copied("99999"), r"entries: entry \d+ is missing"),
    "row in another": (copied("first + 1"), r"entries: a row .* at entry \d+, out of place"),
    "row before all": (copied("-1"), "entries: a row .* at entry -1, out of place"),
    "row of nothing": (
        sql(f"UPDATE stretch SET length = 0 WHERE {ITS_ROW}"),
        "entries: a row of 0 entries begins",
    ),
    "row's length": (
        sql(f"UPDATE stretch SET length = length + 1 WHERE {ITS_ROW}"),
        r"entries: the entries of the row that begins at entry \d+ cannot be read",
    ),
    "row's number": (
        sql(f"UPDATE stretch SET first = first + 500 WHERE {ITS_ROW}"),
        r"entries: entry \d+ is missing",
    ),
    "last entry": (
        sql("DELETE FROM stretch WHERE first = (SELECT max(first) FROM stretch)"),
        "tree: the newest checkpoint is over",
    ),
    "column": (
        sql(f"UPDATE stretch SET statements = x'c1' WHERE {ITS_ROW}"),
        "entries: the statements of the row that begins",
    ),
    "column type": (
        sql(f"UPDATE stretch SET links = 'text' WHERE {ITS_ROW}"),
        "entries: the links of the row that begins",
    ),
    "entry": (lambda server: alter(server, 37, entry=None), "entries: entry 37: "),
    "link": (
        lambda server: alter(server, 37, link=None),
        "links: the link of entry 37 is missing",
    ),
    "link bytes": (
        lambda server: alter(server, 37, link=its_leaf(server).link[:-1] + b"\7"),
        r"links: link \d+ of journal [0-9a-f]+ is not entry 37",
    ),
    "link cut": (
        lambda server: alter(server, 37, link=its_leaf(server).link[:-1]),
        "links: link of entry 37: ",
    ),
    "link's journal": (
        sql(f"UPDATE stretch SET journal = zeroblob(32) WHERE {ITS_ROW}"),
        "links: link of entry 37 is listed under another place",
    ),
    "link's place": (
        sql(f"UPDATE stretch SET sequence = sequence + 1 WHERE {ITS_ROW}"),
        "links: link of entry 37 is listed under another place",
    ),
    "statement": (
        lambda server: alter(server, 37, statement=None, filed=None),
        "statements: the statement of entry 37 is missing",
    ),
    "statement that is filed": (
        lambda server: alter(server, 37, statement=None),
        "statements: entry 37 is listed with a statement that is not here",
    ),
    "statement bytes": (
        lambda server: alter(server, 37, statement=kept(server)[36].statement),
        "statements: statement [0-9a-f]+ is not the record that it stands for",
    ),
    "statement cut": (
        lambda server: alter(server, 37, statement=its_leaf(server).statement[:-1]),
        "statements: statement [0-9a-f]+: ",
    ),
    "statement's case": (filed(case=None), "statement of entry 37 is listed as another"),
    "statement's kind": (filed(kind="other"), "statement of entry 37 is listed as another"),
    "statement's agency": (filed(agency="other"), "statement of entry 37 is listed as another"),
    "statement's time": (filed(at=1), "statement of entry 37 is listed as another"),
    "statement not filed": (
        lambda server: alter(server, 37, filed=None),
        "statement of entry 37 is listed as another",
    ),
    "kind": (
        sql("DELETE FROM stretch_kind WHERE kind = 'media_captured'"),
        r"lookup: the row that begins at entry \d+ cannot be found by each kind",
    ),
    "kind of another": (
        sql("INSERT INTO stretch_kind VALUES ('media_captured', 'other', 0)"),
        "lookup: the row that begins at entry 0 is found by the kind of another",
    ),
    "kind of nothing": (
        sql("INSERT INTO stretch_kind VALUES ('media_captured', 'other', 77777)"),
        "lookup: the row that begins at entry 77777 is found by the kind",
    ),
    "case": (
        sql("DELETE FROM stretch_case"),
        r"lookup: the row that begins at entry \d+ cannot be found by each case",
    ),
    "case of another": (
        sql("INSERT INTO stretch_case VALUES (zeroblob(32), 0)"),
        "lookup: the row that begins at entry 0 is found by the case of another",
    ),
    "tree": (
        sql('DELETE FROM tree WHERE level = 2 AND "first" <= 3'),
        "tree: tree hash 2/3",
    ),
    "more of the tree": (
        sql("INSERT INTO tree VALUES (0, 77777, zeroblob(32))"),
        "tree: tree hash 0/77777",
    ),
    "a piece of the tree twice": (
        sql(
            "INSERT INTO tree SELECT 2, 1, substr(hashes, 33, 32) FROM tree WHERE level = 2"
            ' AND length(hashes) > 64 AND "first" = 0'
        ),
        "tree: tree hash 2/",
    ),
    "checkpoint": (
        sql(
            """UPDATE checkpoint SET note = (SELECT note FROM checkpoint ORDER BY size LIMIT 1)
            WHERE size = (SELECT max(size) FROM checkpoint)"""
        ),
        "is over another history",
    ),
    "journal": (
        sql("UPDATE journal SET length = length - 1 WHERE device = 'YX-T07'"),
        "journals: the kept head",
    ),
    "blob": (sql("DELETE FROM blob WHERE media_type = 'application/pdf'"), "blobs: blob"),
    "blob's place": (
        sql('UPDATE blob SET "index" = "index" - 1'),
        "blobs: blob .* is listed as another than its record names",
    ),
    "stored blob": (
        sql("UPDATE blob SET stored_index = NULL"),
        "listed as stored by another entry",
    ),
    "reference": (sql("UPDATE reference SET bundle = x'00'"), "references: reference data"),
}


@pytest.mark.parametrize(("change", "said"), TAMPERED.values(), ids=TAMPERED)
def test_a_changed_row_is_named(inspected: Server, change: Change, said: str) -> None:
    """Every table of facts, changed by hand."""
    change(inspected)
    told = inspected.fsck()
    assert any(re.search(said, line) for line in told), told


def test_a_full_disk_for_what_it_remembers_is_no_difference(
    inspected: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do, and nothing of the log."""
    monkeypatch.setattr(
        seen, "_TABLES", f"PRAGMA page_size=512;{seen._TABLES}PRAGMA max_page_count=1;"
    )
    with pytest.raises(Refused, match=r"disk is full.*TMPDIR"):
        inspected.fsck()


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])],
    ids=["gone", "cut"],
)
def test_a_blob_without_its_bytes_is_named(
    inspected: Server, spoil: Callable[[Path], object]
) -> None:
    """A stored blob must have its hash."""
    blob = next(path for path in sorted(inspected.settings.blobs.glob("*/*")))
    spoil(blob)
    assert inspected.fsck()[0] == f"blobs: the bytes of blob {blob.name} are missing or altered"


@pytest.mark.parametrize(
    "change", ["UPDATE tree SET hashes = zeroblob(length(hashes))", "DELETE FROM tree"]
)
def test_an_altered_tree_stops_the_writer(inspected: Server, change: str) -> None:
    """The log's key never signs a second root for a size that it has signed."""
    inspected.sql(change)
    refused = pytest.raises(NotDurable, match="not the one that was signed")
    with refused, writing(inspected.settings, system_clock()):
        pytest.fail("the writer started")


def test_two_writers_never_share_a_log(inspected: Server) -> None:
    """The second one is told to wait; readers are welcome."""
    with writing(inspected.settings, system_clock()) as first:
        with pytest.raises(Busy), writing(inspected.settings, system_clock()):
            pytest.fail("a second writer started")
        with reading(inspected.settings, system_clock()) as second:
            assert second.facts.head.size == first.facts.head.size


def test_a_case_is_exported_as_one_file_that_holds(inspected: Server, tmp_path: Path) -> None:
    """Named by its number; checked with nothing but the log's key and the agency's root."""
    out, trust = tmp_path / "case.zip", tmp_path / "trust.json"
    number = "云市监检〔2026〕318号"
    assert exporting.export(inspected.settings, number, out, lambda _: None) == 0
    assert exporting.trust(inspected.settings, trust, lambda _: None) == 0
    checks = verify_zip(io.BytesIO(out.read_bytes()), read_trust(trust.read_bytes()))
    assert [check.name for check in checks if check.level is Level.FAILS] == []
    with pytest.raises(Refused, match="no case"):
        exporting.export(inspected.settings, "318", out, lambda _: None)


def test_nobody_else_on_the_machine_reads_what_a_command_wrote(
    inspected: Server, tmp_path: Path
) -> None:
    """Exports and databases are their owner's alone, whatever the shell's umask."""
    out = tmp_path / "case.zip"
    done = inspected.command("export", "云市监检〔2026〕318号", str(out))
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o077 == 0


def test_a_backup_is_a_server_of_its_own(inspected: Server, tmp_path: Path) -> None:
    """Database, blobs and keys: what was copied holds."""
    serving.backup(inspected.settings, tmp_path / "copy", lambda _: None)
    (summary,) = Server(tmp_path / "copy").fsck()
    assert summary.endswith("hold")


@pytest.mark.parametrize("step", ["copy_file", "write_durably"])
def test_a_backup_that_breaks_off_leaves_the_earlier_one_whole(
    inspected: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The disk for backups is full in the middle: what was there before is not half of another."""
    copy = tmp_path / "copy"
    backups.backup(inspected.settings, copy)
    before = (copy / "fujie.db").read_bytes()
    (copy / "fujie.db-wal").write_bytes(b"of somebody who looked into it")
    blob = next((inspected.folder / "blobs").glob("*/*"))
    (copy / "blobs" / blob.parent.name / blob.name).unlink()
    with sqlite3.connect(inspected.database) as database:
        database.execute("PRAGMA user_version = 7")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, step, full)
    with pytest.raises(OSError, match="No space"):
        backups.backup(inspected.settings, copy)
    assert (copy / "fujie.db").read_bytes() == before
    monkeypatch.undo()
    assert backups.backup(inspected.settings, copy) == int(step == "copy_file")
    assert (copy / "fujie.db").read_bytes() != before
    assert not (copy / "fujie.db-wal").exists()
