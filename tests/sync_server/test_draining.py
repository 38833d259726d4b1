"""The write-ahead log is moved to the file by a thread, and no commit is held up by it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from sync_server.store.db import Database
from sync_server.store.draining import COMMITS, Drain

ROW = "x" * 20_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database with one table."""
    made = Database(f"sqlite:///{tmp_path / 'fujie.db'}")
    with made.writer.begin() as connection:
        connection.execute(text("CREATE TABLE said (words TEXT)"))
    yield made
    made.close()


def commits(database: Database, drain: Drain, count: int) -> None:
    """As many commits of a row each, and the drain is told of each."""
    for _ in range(count):
        with database.writer.begin() as connection:
            connection.execute(text("INSERT INTO said VALUES (:words)"), {"words": ROW})
        drain.committed()


def left(database: Database) -> int:
    """Pages of the log that are not in the file. Only looks: the file grows with what is moved."""
    wal = Path(f"{database.engine.url.database}-wal")
    file = Path(str(database.engine.url.database))
    with database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
    assert wal.exists()
    return int(pages or 0) - file.stat().st_size // 8192


def until(held: object, seconds: float = 20.0) -> bool:
    """Whether it comes to hold."""
    assert callable(held)
    end = time.monotonic() + seconds
    while not held():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_what_commits_append_is_moved_beside_them(database: Database) -> None:
    """Not before there are some, and then all of it; the log begins anew and grows no further."""
    drain = Drain(database)
    wal = Path(f"{database.engine.url.database}-wal")
    with drain.running():
        commits(database, drain, COMMITS - 1)
        time.sleep(0.05)
        assert left(database) >= COMMITS - 1
        commits(database, drain, 1)
        assert until(lambda: left(database) == 0)
        longest = wal.stat().st_size
        for _ in range(5):
            commits(database, drain, COMMITS)
            assert until(lambda: left(database) == 0)
    assert wal.stat().st_size < 1.5 * longest


def test_who_reads_an_older_moment_keeps_it(database: Database) -> None:
    """What was written after it waits in the log, and is moved when the reader has gone."""
    drain = Drain(database)
    commits(database, drain, COMMITS)
    with drain.running():
        with database.engine.connect() as reader:
            assert reader.execute(text("SELECT count(*) FROM said")).scalar() == COMMITS
            commits(database, drain, 2 * COMMITS)
            time.sleep(0.05)
            assert left(database) > COMMITS
            assert reader.execute(text("SELECT count(*) FROM said")).scalar() == COMMITS
        commits(database, drain, COMMITS)
        assert until(lambda: left(database) == 0)
    with database.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM said")).scalar() == 4 * COMMITS


def test_it_ends_with_its_block(database: Database) -> None:
    """No thread is left, and nothing is waited for."""
    drain = Drain(database)
    with drain.running():
        assert "drain" in {thread.name for thread in threading.enumerate()}
    assert "drain" not in {thread.name for thread in threading.enumerate()}
    commits(database, drain, COMMITS)


def test_it_ends_with_its_block_whatever_the_thread_does_just_then(database: Database) -> None:
    """The block may end between two of its steps, and a server that stops waits for it."""
    drain = Drain(database)
    ending = threading.Event()

    class Slow(threading.Event):
        def clear(self) -> None:
            assert ending.wait(20)
            time.sleep(0.05)
            super().clear()

    def whole() -> None:
        with drain.running():
            commits(database, drain, COMMITS)
            time.sleep(0.05)
            ending.set()

    drain._due = Slow()
    block = threading.Thread(target=whole, daemon=True)
    block.start()
    block.join(20)
    assert not block.is_alive()
