"""The encrypted database: all that an officer did, readable with the vault's key alone.

SQLCipher (AES-256, HMAC-SHA-512 on each page of 4096 bytes) through SQLAlchemy. A commit has
returned only when it is on the disk: write-ahead log with ``synchronous=FULL``. Beside
``vault.db`` lie two small files:

    vault.db.id     a check value of the key, so that a wrong key is told from a damaged file
    vault.db.dirty  there while the vault is open; found at start, it means a crash, and every
                    page's HMAC is checked before anything is read

    vault = Vault.create(settings.vault_path, unlocked.vault_key)
    with vault.transaction() as session:      # all or nothing; on disk when the block ends
        session.add(CaseRow(...))
    with vault.session() as session:          # one consistent view, changes are refused
        session.get(CaseRow, case_id)

A whole older copy of the three files put in place of the newer opens without complaint; the
server notices, as it holds a later head of the journal.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import msgspec
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, SQLModel, select

from field_client.durable import UNREADABLE, require_room, sync_folder, write_durably
from field_client.errors import (
    DiskFails,
    DiskFull,
    ReadOnly,
    VaultDamaged,
    VaultExists,
    VaultKeyWrong,
    VaultMissing,
    VaultTooNew,
)
from field_client.store import tables
from field_client.store.vault_errors import damaged, named

MIB = 1 << 20
ROOM_TO_OPEN = 4 * MIB  # the write-ahead log's usual size
BUSY_MS = 10_000

TABLES = [
    SQLModel.metadata.tables[str(table.__tablename__)]
    for table in vars(tables).values()
    if isinstance(table, type) and issubclass(table, SQLModel) and table is not SQLModel
]


class Vault:
    """An open vault. One process at a time; any thread may use it, each with its own session."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._writing = engine.execution_options(fujie_writes=True)
        self.told = 0
        """How often the office's records were pulled into it: what is held in memory may be old."""

    @classmethod
    def create(cls, path: Path, key: bytes) -> Vault:
        """Make an empty vault under a 32-byte key. Raises VaultExists, DiskFull."""
        if path.exists():
            raise VaultExists(
                "There is a record store on this tablet already; it is never overwritten."
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        require_room(path.parent, ROOM_TO_OPEN)
        write_durably(_beside(path, "id"), msgspec.json.encode({"version": 1, "key": _check(key)}))
        write_durably(_beside(path, "dirty"), b"")
        engine = _engine(path, key)
        with named(path), engine.connect() as connection:
            SQLModel.metadata.create_all(connection, tables=TABLES)
            connection.exec_driver_sql(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")
            connection.commit()
        path.chmod(0o600)
        sync_folder(path.parent)
        return cls(path, engine)

    @classmethod
    def open(cls, path: Path, key: bytes) -> Vault:
        """Open a vault and check that it is whole.

        Raises VaultMissing, VaultKeyWrong, VaultDamaged, VaultTooNew, VaultBusy, DiskFull.
        """
        if not path.exists():
            raise VaultMissing(
                "There are no records on this tablet. Enrol it, or ask the office to restore them."
            )
        _require_key(path, key)
        crashed = _beside(path, "dirty").exists()
        if not crashed:
            write_durably(_beside(path, "dirty"), b"")
        engine = _engine(path, key)
        try:
            with named(path), _driver(engine) as driver:
                _require_whole(driver, path, every_page=crashed)
            with named(path), engine.connect() as connection:
                # Tables that this version adds; those of former ones never change.
                SQLModel.metadata.create_all(connection, tables=TABLES)
                connection.commit()
        except BaseException:
            engine.dispose()
            raise
        return cls(path, engine)

    def close(self) -> None:
        """Fold the write-ahead log into the database and note that it was closed in order.

        On a disk that is full or fails the log stays beside it, and the next start checks it as
        after a crash.
        """
        with named(self.path), _driver(self._engine) as driver:
            folded = _fold_log(driver, self.path)
        self._engine.dispose()
        if folded:
            with suppress(OSError):
                _beside(self.path, "dirty").unlink()
                sync_folder(self.path.parent)

    @contextmanager
    def closing(self) -> Iterator[Vault]:
        """``with Vault.open(...).closing() as vault``: closed when the block ends."""
        try:
            yield self
        finally:
            self.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and keeps nothing when it raises.

        Holds the one write lock from its start, so that what it reads stays true until it
        commits. After it returns, the changes survive a power cut.
        """
        with named(self.path), Session(self._writing, expire_on_commit=False) as session:
            yield session
            try:
                session.commit()
            except DBAPIError:
                session.rollback()
                self._write_over()
                raise

    def _write_over(self) -> None:
        """After a commit that failed. What it wrote may stand whole at the end of the log all the
        same, where only its fsync failed: the next start would take it up, though somebody was
        told that it was not kept. Another change goes in its place, and may fail as well."""
        with suppress(DBAPIError), Session(self._writing) as session:
            session.merge(tables.StateRow(name="written_over", value=secrets.token_bytes(8)))
            session.commit()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that reads one consistent state. A change raises ReadOnly."""
        with named(self.path), Session(self._engine, expire_on_commit=False) as session:
            event.listen(session, "before_flush", _refuse_change)
            yield session
            session.flush()  # a change that nobody flushed would be lost silently: notice it

    def state(self, name: str) -> bytes | None:
        """One single value (StateRow), or None."""
        with self.session() as session:
            return session.exec(
                select(tables.StateRow.value).where(tables.StateRow.name == name)
            ).first()

    def set_state(self, name: str, value: bytes) -> None:
        """Replace one single value in a transaction of its own."""
        with self.transaction() as session:
            session.merge(tables.StateRow(name=name, value=value))


def _engine(path: Path, key: bytes) -> Engine:
    def connect() -> sqlcipher.Connection:
        connection = sqlcipher.connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
        )
        for pragma in (
            "cipher_log_level = NONE",  # else it prints to stderr what our errors say better
            f"key = \"x'{key.hex()}'\"",
            "temp_store = MEMORY",  # temporary files would not be encrypted
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    # The driver's own transactions begin late and end early; ours begin where they are asked for.
    engine = create_engine(
        "sqlite+pysqlite://", module=sqlcipher, creator=connect, poolclass=QueuePool
    )
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def _driver(engine: Engine) -> Iterator[sqlcipher.Connection]:
    """The driver's own connection, for what cannot run inside a transaction."""
    pooled = engine.raw_connection()
    try:
        yield pooled.driver_connection
    finally:
        pooled.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("fujie_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _refuse_change(session: OrmSession, *_: object) -> None:
    changed = [*session.new, *session.dirty, *session.deleted]
    raise ReadOnly(
        "expected no change in a reading session, got one of {row}; use Vault.transaction()",
        row=type(changed[0]).__name__,
    )


def _require_key(path: Path, key: bytes) -> None:
    try:
        expected = msgspec.json.decode(_beside(path, "id").read_bytes())["key"]
    except (OSError, *UNREADABLE, KeyError, TypeError) as error:
        raise VaultDamaged(
            "The file {file} beside the record store is missing or was changed. The office can "
            "restore it: bring the tablet to your administrator.",
            file=_beside(path, "id").name,
        ) from error
    if not hmac.compare_digest(str(expected), _check(key)):
        raise VaultKeyWrong(
            "This key belongs to another record store. The records are safe: ask your "
            "administrator to enrol you on this tablet again."
        )


def _require_whole(driver: sqlcipher.Connection, path: Path, *, every_page: bool) -> None:
    (version,) = driver.execute("PRAGMA user_version").fetchone()
    if version > tables.SCHEMA_VERSION:
        raise VaultTooNew(
            "The records were written by a later version of this program ({version}, this one "
            "reads {known}). Update the program.",
            version=version,
            known=tables.SCHEMA_VERSION,
        )
    problems = []
    # A page torn by the crash is still whole in the write-ahead log: fold that in first. Where
    # there is no room for it, quick_check reads through the log, and only unused pages go by.
    if every_page and _fold_log(driver, path):
        problems = driver.execute("PRAGMA cipher_integrity_check").fetchall()
    (found,) = driver.execute("PRAGMA quick_check(1)").fetchone()
    if problems or found != "ok" or version < 1:
        raise damaged(path)


def _fold_log(driver: sqlcipher.Connection, path: Path) -> bool:
    """Whether there was room to bring the write-ahead log into the database."""
    try:
        with named(path):
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    except (DiskFull, DiskFails):
        return False
    return True


def _check(key: bytes) -> str:
    """Tells keys apart and nothing else: one-way, and the key is 256 random bits."""
    return blake2b(b"vault", key=key, digest_size=8, person=b"fujie/vault/v1\n").hexdigest()


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")
