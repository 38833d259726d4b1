"""A backup put in place, as the successor of the log that was lost: one command, one way.

    <data>/restoring/plan.json      what was asked for; while it is there, nothing is written here
    <data>/restoring/copy/          the backup's database, blobs and keys, copied
    <data>/restoring/aside          written when all that stood here lies in <data>/replaced-<n>/

The copy is worked on as an SQLite file, wherever its rows go at the end.

    1  copy blobs, keys and the database; the backup itself is only read
    2  bring the copy up to this program; forget sessions, one-time codes, uploads under way: what
       was used up or ended since would come to life again
    3  the copy is whole: fsck, its checkpoint by its keys, the keys that the log names
    4  open the successor in the copy (``succeeding.py``)
    5  set aside what stands in the folder, if that was asked for; then put keys, blobs and, last,
       the database in place: the file, or its rows into PostgreSQL in one transaction

A database that is older than what tablets have seen is never in place under its old name, so
that no start by mistake signs a second history. A crash at any step leaves a folder in which the
same command goes on. What is set aside is never deleted: it may be evidence.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from sqlmodel import delete

from protocol.errors import FujieError, Refused
from protocol.succession import Succession
from sync_server.clock import Clock
from sync_server.keys import keyring, rootmemory
from sync_server.keys.keyring import NoKey
from sync_server.log import leaves, rereading
from sync_server.log.origin import named
from sync_server.services import RESTORING, holding, reading
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.store.files import make_folder, sync_folder, write_durably
from sync_server.store.tables import EnrolCodeRow, SessionRow, UploadRow
from sync_server.upkeep import succeeding
from sync_server.upkeep.backup import copy_file
from sync_server.upkeep.placing import Target, stored, target

DATABASE = ("fujie.db-wal", "fujie.db")
FILES = ("keys", "blobs")
STANDS = (*reversed(DATABASE), "fujie.db-shm", "keys", "blobs", "uploads", "quarantine")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Restore:
    """What the operator asks for. ``origin`` names the successor; empty, it is derived from the
    lost log's. ``replace`` sets aside what stands in the folder. The rest as ``Plan`` has it."""

    backup: Path
    root: Path
    origin: str = ""
    why: str = "从备份恢复"
    checkpoints: tuple[bytes, ...] = ()
    skip: int = 200
    replace: bool = False


class _Begun(msgspec.Struct):
    """``plan.json``: what is under way in this folder."""

    backup: str
    origin: str
    aside: str


def restore(settings: Settings, clock: Clock, asked: Restore, say: Say) -> str:
    """Put the backup in place and open the successor; its name. Raises Refused, NoKey, Busy, and
    what a checkpoint fails by: then the folder is what it was, or the same command goes on."""
    with holding(settings), target(settings) as found:
        shutil.rmtree(settings.data / "restored", ignore_errors=True)
        begun = _begin(settings, found, asked)
        if begun is None:
            return found.stored()
        inner = replace(settings, data=_folder(settings) / "copy", database_url="")
        work = _Work(settings, inner, begun, found)
        try:
            work.copy(asked.backup)
            origin = work.succeed(clock, asked, say)
        except NoKey:
            raise  # bring it: the copy need not be made again
        except FujieError:
            work.abandon()
            raise
        work.put_in_place()
    return origin


def _folder(settings: Settings) -> Path:
    return settings.data / RESTORING


def _begin(settings: Settings, found: Target, asked: Restore) -> _Begun | None:
    """What is under way here, or a new beginning; None if it was done to the end."""
    path = _folder(settings) / "plan.json"
    source = str(asked.backup.resolve())
    if path.exists():
        begun = msgspec.json.decode(path.read_bytes(), type=_Begun)
        if begun.backup != source or asked.origin not in ("", begun.origin):
            raise Refused(
                "a restore of {backup} as {origin} was begun in {folder}; finish it first",
                backup=begun.backup,
                origin=begun.origin,
                folder=str(settings.data),
            )
        return begun
    stored = _expect_backup(asked.backup)
    origin = asked.origin or _derived(stored, rootmemory.remembered(asked.root, stored))
    if found.stored() == origin != stored:
        return None
    stands = found.stored() or any((settings.data / name).exists() for name in STANDS)
    if stands and not asked.replace:
        raise Refused(
            "a server's data stand in {folder}; restore into an empty folder, or have them set "
            "aside: --replace",
            folder=str(settings.data),
        )
    number = 1
    while (settings.data / f"replaced-{number}").exists():
        number += 1
    # What is left of one that was abandoned is of another backup.
    shutil.rmtree(_folder(settings), ignore_errors=True)
    begun = _Begun(source, origin, f"replaced-{number}")
    write_durably(path, msgspec.json.encode(begun))
    return begun


def _expect_backup(folder: Path) -> str:
    """The name of the log in a backup. Raises Refused."""
    if not (folder / "fujie.db").is_file() or not (folder / "keys").is_dir():
        raise Refused(
            "expected a backup in {folder}, with fujie.db and keys; name the folder that "
            "fujie-server backup wrote",
            folder=str(folder),
        )
    # Read as it lies there, also from a medium that is write-protected.
    place = (folder.resolve() / "fujie.db").as_uri() + "?immutable=1"
    try:
        with closing(sqlite3.connect(place, uri=True)) as db:
            row = db.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    except sqlite3.Error as fault:
        raise Refused(
            "the database in {folder} cannot be read ({fault}); take another backup",
            folder=str(folder),
            fault=str(fault),
        ) from None
    if row is None:
        raise Refused("the backup in {folder} holds no log; take another", folder=str(folder))
    return named(row[0])


def _derived(stored: str, known: str | None) -> str:
    """The successor's name: the one that the root named already, or the next after the lost
    log's: ``…/fujie``, ``…/fujie-2``, ``…/fujie-3``."""
    if known is not None:
        return known
    found = re.fullmatch(r"(.*)-(\d{1,6})", stored)
    return f"{found[1]}-{int(found[2]) + 1}" if found else f"{stored}-2"


@dataclass(frozen=True)
class _Work:
    """A restore under way: ``inner`` are the settings of the copy, ``found`` is the database that
    it goes into."""

    settings: Settings
    inner: Settings
    begun: _Begun
    found: Target

    @property
    def _is_set_aside(self) -> bool:
        return (_folder(self.settings) / "aside").exists()

    def copy(self, backup: Path) -> None:
        """Step 1. The database comes last: with it, the copy is all there."""
        if (self.inner.data / "fujie.db").exists() or self._is_set_aside:
            return
        _expect_backup(backup)
        for source in sorted(backup.glob("blobs/*/*")):
            target = self.inner.blobs / source.parent.name / source.name
            if source.suffix != ".part" and not target.exists():
                copy_file(source, target)
        for source in sorted(backup.glob("keys/*")):
            write_durably(self.inner.keys / source.name, source.read_bytes())
        for name in DATABASE:
            if (backup / name).exists():
                copy_file(backup / name, self.inner.data / name)

    def succeed(self, clock: Clock, asked: Restore, say: Say) -> str:
        """Steps 2 to 4; the successor's name."""
        origin = self.begun.origin
        if self._is_set_aside:
            return origin
        if stored(self.inner) == origin:
            succeeding.finish(replace(self.inner, origin=origin), clock)
            return origin
        before = replace(self.inner, origin=stored(self.inner))
        with closing(Database(self.inner.database)) as db:
            rereading.bring_up(db)
            _forget(db)
        _tell_destroyed(before, clock, say)
        plan = succeeding.Plan(origin, asked.why, asked.root, asked.checkpoints, asked.skip)
        made = succeeding.succeed(before, clock, plan, say)
        _tell(made, say)
        return origin

    def put_in_place(self) -> None:
        """Step 5. Each move is one rename, and each can be gone over again."""
        data, aside = self.settings.data, self.settings.data / self.begun.aside
        mark = _folder(self.settings) / "aside"
        if not self._is_set_aside:
            for name in STANDS:
                if (data / name).exists():
                    make_folder(aside)
                    os.replace(data / name, aside / name)
            sync_folder(data)
            self.found.set_aside(aside)
            write_durably(mark, b"")
        for name in FILES if self.settings.database_url else (*FILES, *DATABASE):
            if (self.inner.data / name).exists():
                os.replace(self.inner.data / name, data / name)
        sync_folder(data)
        self.found.place(self.inner.data / "fujie.db")
        os.replace(_folder(self.settings), data / "restored")
        sync_folder(data)
        shutil.rmtree(data / "restored", ignore_errors=True)

    def abandon(self) -> None:
        """A backup that is refused leaves no trace, unless the root may have named its successor
        already: then the same command goes on."""
        if not self._is_set_aside and not keyring.has_log(self.inner, self.begun.origin):
            shutil.rmtree(_folder(self.settings), ignore_errors=True)


def _forget(db: Database) -> None:
    """What was private and may have been used up or ended since."""
    with db.private() as session:
        for table in (SessionRow, EnrolCodeRow, UploadRow):
            session.exec(delete(table))


def _tell_destroyed(before: Settings, clock: Clock, say: Say) -> None:
    """Destructions that this log knows of: what a backup still holds of them is to be destroyed
    again, and nobody but the archive's own list knows of those after it."""
    with reading(before, clock) as services, services.db.engine.connect() as connection:
        found = sum(1 for _ in leaves.of_kinds(connection, ["record_destroyed"], whole=False))
    if found:
        say(f"{found} destructions are on record: compare the archive's list of them")


def _tell(made: Succession, say: Say) -> None:
    say(f"{made.successor} goes on from {made.predecessor} with its {made.taken_over} entries")
