"""A copy of everything that cannot be made again: database, blobs, the server's keys.

1  the database, beside its place: one consistent state, while the server runs. SQLite copies
   itself; of PostgreSQL, what cannot be folded again is written into an SQLite file, so that a
   backup is one thing everywhere, and another server's database may be of the other kind
2  blobs that the copy does not have yet; they never change, so this comes after 1 and
   holds at least every blob that the copied database calls stored
   what was destroyed after appraisal goes from an earlier copy, too
3  the keys of <data>/keys; the root's folder is not copied, it belongs elsewhere
4  the database to its place: whatever ends this before, an earlier backup in the same folder is
   as whole as it was
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from protocol.errors import Refused
from sync_server.settings import Settings
from sync_server.store import copying
from sync_server.store.db import Database
from sync_server.store.files import make_folder, settle, sync_file, write_durably
from sync_server.upkeep import destroying


def backup(settings: Settings, target: Path) -> int:
    """Copy into ``target``; returns how many blobs were added. Raises Refused."""
    make_folder(target)
    database = target / "fujie.db"
    part = _copy_database(settings, database)
    added = 0
    for source in sorted(settings.blobs.glob("*/*")):
        copy = target / "blobs" / source.parent.name / source.name
        if not copy.exists() and source.suffix != ".part":
            copy_file(source, copy)
            added += 1
    for sha256 in _destroyed(settings):
        (target / "blobs" / sha256.hex()[:2] / sha256.hex()).unlink(missing_ok=True)
    for source in sorted(settings.keys.glob("*")):
        write_durably(target / "keys" / source.name, source.read_bytes())
    for beside in ("-wal", "-shm"):  # of who looked into the earlier one: not this one's
        database.with_name(database.name + beside).unlink(missing_ok=True)
    settle(part, database)
    return added


def _copy_database(settings: Settings, target: Path) -> Path:
    part = copying.prepared(target)
    source = Path(make_url(settings.database).database or "")
    with closing(Database(settings.database)) as database:
        if not database.is_sqlite:
            copying.fill(database, part)
            return part
    if not source.is_file():
        raise Refused("expected a database in {file}, found none", file=str(source))
    with sqlite3.connect(source) as live, sqlite3.connect(part) as copy:
        live.backup(copy)
    live.close()
    copy.close()
    sync_file(part)
    return part


def _destroyed(settings: Settings) -> set[bytes]:
    with closing(Database(settings.database)) as database, database.engine.connect() as connection:
        return destroying.gone(settings, connection)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file so that it is there whole or not at all."""
    make_folder(target.parent)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    sync_file(part)
    settle(part, target)
