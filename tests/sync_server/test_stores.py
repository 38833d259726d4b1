"""What SQLite and PostgreSQL have to have in common, and what each refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, insert, inspect, select, text
from sqlmodel import SQLModel

from protocol.errors import Refused
from sync_server.clock import system_clock
from sync_server.projections import fulltext
from sync_server.projections.runner import Projections
from sync_server.projections.tables import CASE, DISCLOSURE, CaseRow, DisclosureRow
from sync_server.services import Busy, writing
from sync_server.settings import Settings
from sync_server.store import copying
from sync_server.store.db import Database, newest, version
from sync_server.store.tables import METADATA
from sync_server.upkeep import backup as backups
from sync_server.upkeep.restoring import Restore, restore
from tests.postgres import Cluster
from tests.sync_server.conftest import BOTH, Server

STORES = BOTH


def migrations(database: Database, to: str, *, back: bool = False) -> None:
    """Go to a revision, up or down."""
    config = Config()
    folder = Path(__file__).parents[2] / "sync_server" / "migrations"
    config.set_main_option("script_location", str(folder))
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if back or to == "base" else command.upgrade)(config, to)


def test_migrations_lead_to_the_tables_that_the_program_knows(database: Database) -> None:
    """Up, down to nothing, and up again; alembic itself sees nothing that would be left to do."""
    for to in ("head", "base", "head"):
        migrations(database, to)
        if to == "base":
            with database.engine.connect() as connection:
                assert inspect(connection).get_table_names() == [copying.MARK]
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
        left = compare_metadata(context, METADATA)
        # An index that no class names is a migration's own matter.
        assert [one for one in left if one[0] != "remove_index"] == []


def test_a_database_is_at_the_newest_migration_when_all_were_done(database: Database) -> None:
    """A start that finds that number asks alembic for nothing: it must be the last one's."""
    migrations(database, "head")
    with database.engine.connect() as connection:
        assert version(connection) == newest()


def test_late_statements_keep_their_order_and_go_on_counting_on_either_way(
    database: Database,
) -> None:
    """Up, gaps that a database left are closed; down again, the next one gets the next number."""

    def numbers() -> list[tuple[int, bytes]]:
        with database.engine.connect() as connection:
            found = text("SELECT number, record_hash FROM late ORDER BY number")
            return [(row.number, bytes(row.record_hash)) for row in connection.execute(found)]

    def late(number: str, *hashes: bytes) -> None:
        columns, values = ("(number, record_hash)", f"{number}, :hash")
        if not number:  # counted by the database, as the writer of before has it done
            columns, values = "(record_hash)", ":hash"
        with database.writer.begin() as connection:
            for one in hashes:
                made = text(f"INSERT INTO late {columns} VALUES ({values})")
                connection.execute(made, {"hash": one})

    migrations(database, "0015")
    late("3", b"a")
    late("7", b"b")
    migrations(database, "head")
    assert numbers() == [(1, b"a"), (2, b"b")]
    late("3", b"c")
    migrations(database, "0015", back=True)
    late("", b"d")
    assert numbers() == [(1, b"a"), (2, b"b"), (3, b"c"), (4, b"d")]


def _is_ours(thing: object, name: str, kind: str, *_: object) -> bool:
    """Not the search's index, which has no class and differs between the two; nor the tablet's
    tables, which another test of this process may have brought."""
    table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
    named = str(getattr(table, "name", name))
    return not named.startswith(fulltext.TABLE) and named not in _tablets()


def _tablets() -> set[str]:
    kinds = (one.class_ for one in SQLModel._sa_registry.mappers)
    return {str(one.__table__.name) for one in kinds if one.__module__.startswith("field_client.")}


TEXTS = {
    1: "云溪县禾穗食品有限公司未标明价格，罚款500元。",
    2: "云溪县青石镇：未按规定标明价格。ＡＢＣ-12",
    3: "价格違法; it's 100% a\\b 'quoted' & | ! ( ) :* _x_",
    4: "禾" * 20_000 + "穗尾",
    5: "标，明价\0格",
}
ASKED = (
    "价",
    "价格",
    "标明价格",
    "明价格",
    "abc",
    "ABC 12",
    "禾穗",
    "穗尾",
    "禾" * 60 + "穗",
    "it's",
    "a\\b 'quoted'",
    "100%",
    ":*",
    "  ",
    "价格 罚款",
    "价格 没有",
    "明",
    "明价",
)


def test_both_find_the_same_words(database: Database) -> None:
    """One character, two, a phrase wherever it lies, several words; what an operator of either
    query language would mean is only a word."""
    database.migrate()
    with database.writer.begin() as connection:
        for number, words in TEXTS.items():
            row = decision(number)
            connection.execute(insert(DISCLOSURE), row.model_dump())
            fulltext.put(connection, row, words)
    with database.engine.connect() as connection:
        told = {asked: shown(connection, asked) for asked in ASKED}
    assert told == {
        "价": [1, 2, 3, 5],
        "价格": [1, 2, 3],
        "标明价格": [1, 2],
        "明价格": [1, 2],
        "abc": [2],
        "ABC 12": [2],
        "禾穗": [1, 4],
        "穗尾": [4],
        "禾" * 60 + "穗": [4],
        "it's": [3],
        "a\\b 'quoted'": [3],
        "100%": [3],
        ":*": [1, 2, 3, 4, 5],
        "  ": [1, 2, 3, 4, 5],
        "价格 罚款": [1],
        "价格 没有": [],
        "明": [1, 2, 5],
        "明价": [1, 2, 5],
    }
    with database.writer.begin() as connection:
        fulltext.drop(connection, [2, 9])
        assert shown(connection, "价格") == [1, 3]
        fulltext.clear(connection)
        assert shown(connection, "价格") == []


def decision(number: int) -> DisclosureRow:
    """A decision on display; nothing of it matters but what it is found by."""
    words = {
        name: ""
        for name, field in DisclosureRow.model_fields.items()
        if field.annotation is str and field.is_required()
    }
    hashes = dict.fromkeys(("issued", "publication", "case_id"), bytes([number]) * 32)
    times = dict.fromkeys(("fine", "published_at", "place"), number)
    return DisclosureRow(**words, **hashes, **times, shown=b"[]", masked=b"[]", provable=True)


def shown(connection: Connection, words: str) -> list[int]:
    """Which decisions show these words."""
    asked = fulltext.Asked(words)
    found = fulltext.page(connection, asked, "2026-11-20", 20, 0)
    assert fulltext.count(connection, asked, "2026-11-20") == len(found)
    return sorted(one[0] for one in found)


def test_a_text_may_hold_what_a_hostile_tablet_put_there(database: Database) -> None:
    """A character of code 0 in a party's name keeps nobody's case from being folded."""
    database.migrate()
    empty = dict.fromkeys(("agency", "number", "cause"), "")
    row = CaseRow(case_id=b"\0", party="禾\0穗", opened_at=0, **empty).model_dump()
    with database.writer.begin() as connection:
        connection.execute(insert(CASE), row)
        party = connection.execute(select(CASE.c.party)).scalar_one()
    assert party.startswith("禾")
    assert party.endswith("穗")


def test_a_writer_sees_what_the_one_before_it_wrote(database: Database) -> None:
    """Whoever reads, then writes, waits for the other first: no count is lost."""
    database.migrate()
    reader = METADATA.tables["reader"]
    with database.writer.begin() as connection:
        connection.execute(insert(reader), {"name": "n", "known": "0"})
    threads = [Thread(target=_count, args=(database, reader)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.engine.connect() as connection:
        assert connection.execute(select(reader.c.known)).scalar() == "20"


def _count(database: Database, reader: Table) -> None:
    for _ in range(5):
        with database.writer.begin() as connection:
            known = int(connection.execute(select(reader.c.known)).scalar_one())
            connection.execute(reader.update().values(known=str(known + 1)))


def test_a_reader_sees_one_moment(database: Database) -> None:
    """From its first look to its end, whatever is written meanwhile."""
    database.migrate()
    reader = METADATA.tables["reader"]
    with database.engine.connect() as reading:
        assert reading.execute(select(reader)).all() == []
        with database.writer.begin() as connection:
            connection.execute(insert(reader), {"name": "n", "known": "1"})
        assert reading.execute(select(reader)).all() == []
    with database.engine.connect() as reading:
        assert len(reading.execute(select(reader)).all()) == 1


def test_a_backup_is_a_server_of_its_own(
    inspected_county: Path, copy_server: Callable[..., Server], tmp_path: Path
) -> None:
    """Taken while the server runs; an SQLite file, whichever kind the rows came from."""
    server = copy_server(inspected_county)
    server.start()
    backups.backup(server.settings, tmp_path / "copy")
    copy = Server(tmp_path / "copy")
    assert server.fsck() == copy.fsck()
    assert len(copy.fsck()) == 1
    with writing(copy.settings, system_clock()) as services:
        projections = Projections(services.db, services.facts)
        projections.catch_up()
        with services.db.engine.connect() as connection:
            assert len(connection.execute(select(CASE)).all()) == 1
        # The next late statement is numbered behind the last.
        with services.db.writer.begin() as connection:
            connection.execute(insert(METADATA.tables["sign_in"]), _SIGN_IN)


_SIGN_IN = {"account": "xuwen", "outcome": "signed_in", "at": 1}


def test_a_backup_is_restored_into_the_other_kind_and_back(
    inspected_county: Path, copy_server: Callable[..., Server], tmp_path: Path, postgres: Cluster
) -> None:
    """The log goes on under its successor's name; what stood in the database is set aside."""
    server = copy_server(inspected_county)
    root, same_root = tmp_path / "root", tmp_path / "same root"
    shutil.move(server.settings.root, root)
    shutil.copytree(root, same_root)
    backups.backup(server.settings, tmp_path / "backup")
    asked = Restore(tmp_path / "backup", root)
    other = Settings(tmp_path / "other")
    if not server.settings.database_url:
        other = replace(other, database_url=postgres.create())
    origin = restore(other, system_clock(), asked, lambda _: None)
    assert restore(other, system_clock(), asked, lambda _: None) == origin
    found = Server(other.data, database=other.database_url)
    found.settings = replace(found.settings, origin=origin)
    assert len(found.fsck()) == 1
    again = replace(asked, root=same_root)
    with pytest.raises(Refused, match="set aside"):
        restore(server.settings, system_clock(), again, lambda _: None)
    again = replace(again, replace=True)
    assert restore(server.settings, system_clock(), again, lambda _: None) == origin
    server.settings = replace(server.settings, origin=origin)
    assert len(server.fsck()) == 1
    aside = Server(server.folder / "replaced-1")
    shutil.copytree(server.settings.keys, aside.settings.keys, dirs_exist_ok=True)
    assert len(aside.fsck()) == 1


def test_rows_go_only_where_there_are_none(
    inspected_county: Path, copy_server: Callable[..., Server], database: Database
) -> None:
    """And only between databases of one version; half a copy is none."""
    with closing(Database(copy_server(inspected_county).settings.database)) as source:
        with pytest.raises(Refused, match="of one version"):
            copying.copy(source, database)
        database.migrate()
        assert copying.copy(source, database) > 100
        with pytest.raises(Refused, match="empty database"):
            copying.copy(source, database)
        with source.writer.begin() as connection:
            connection.execute(METADATA.tables["stretch"].delete())
        copying.copy(source, database, replace=True)
        with database.engine.connect() as connection:
            assert connection.execute(select(METADATA.tables["stretch"])).all() == []


def test_two_servers_never_share_a_database(
    county: Path, copy_server: Callable[..., Server], tmp_path: Path, store: str
) -> None:
    """Not even from two folders; the one that ended lets the next one in."""
    first = copy_server(county).settings
    second = replace(first, data=tmp_path / "other")
    shutil.copytree(first.data, second.data)
    second = first if store == "sqlite" else second
    with writing(first, system_clock()), pytest.raises(Busy), writing(second, system_clock()):
        pytest.fail("a second writer started")
    with writing(second, system_clock()) as services:
        assert services.facts.head.size > 0
