"""The database that a restore puts something into, of either kind.

    with target(settings) as found:         held: no other program writes to it meanwhile
        found.stored()                      the name of the log in it, empty if there is none
        found.set_aside(folder)             what is in it, as an SQLite file in ``folder``
        found.place(file)                   the rows of ``file`` take the place of all that is in it

With SQLite the last two do nothing: its file is moved with the others (``restoring.py``). With
PostgreSQL each happens whole or not at all, and can be gone over again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import inspect

from sync_server.log import lineage
from sync_server.log.origin import named
from sync_server.services import Busy
from sync_server.settings import Settings
from sync_server.store import copying
from sync_server.store.db import Database
from sync_server.store.tables import CHECKPOINT


class Target:
    """A folder's database that lies elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stored(self) -> str:
        """The name of the log that is here."""
        return stored_in(self._database)

    def set_aside(self, folder: Path) -> None:
        """Save what is here, unless there is no log or it was saved before."""
        if self.stored() and not (folder / "fujie.db").exists():
            self._database.migrate()
            copying.save(self._database, folder / "fujie.db")

    def place(self, file: Path) -> None:
        """Have the rows of an SQLite file here, and no others."""
        self._database.migrate()
        with closing(Database(f"sqlite:///{file}")) as source:
            copying.copy(source, self._database, replace=True)


class _Beside(Target):
    """A folder's own SQLite file, which may not be there yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def stored(self) -> str:
        return stored(self._settings)

    def set_aside(self, folder: Path) -> None:
        pass

    def place(self, file: Path) -> None:
        pass


@contextmanager
def target(settings: Settings) -> Iterator[Target]:
    """The database of these settings. Raises Busy."""
    if not settings.database_url:
        yield _Beside(settings)
        return
    with closing(Database(settings.database)) as database, database.holding() as held:
        if not held:
            raise Busy("another server writes to this database; stop it first")
        yield Target(database)


def stored(settings: Settings) -> str:
    """The name of the log in a folder's own database, empty if there is none."""
    if not (settings.data / "fujie.db").exists():
        return ""
    with closing(Database(settings.database)) as database:
        return stored_in(database)


def stored_in(database: Database) -> str:
    """The name of the log in a database, empty if there is none."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(CHECKPOINT.name):
            return ""
        note = lineage.newest_note(connection)
    return named(note) if note else ""
