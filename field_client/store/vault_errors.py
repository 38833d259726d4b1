"""What SQLite says, in words that tell the officer what to do.

    SQLITE_FULL, SQLITE_IOERR on a full disk        → DiskFull
    SQLITE_IOERR where something was to be written  → DiskFails
    SQLITE_NOTADB, SQLITE_CORRUPT, other IOERR      → VaultDamaged
    SQLITE_BUSY, SQLITE_LOCKED                      → VaultBusy

Anything else (a broken constraint) is a mistake in this program and passes unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy.exc
import sqlcipher3.dbapi2 as sqlcipher

from field_client.durable import MIB, disk_fails, disk_full, free_bytes
from field_client.errors import FieldError, VaultBusy, VaultDamaged

FULL = {sqlcipher.SQLITE_FULL}
DAMAGED = {sqlcipher.SQLITE_NOTADB, sqlcipher.SQLITE_CORRUPT}
READING = {1, 2, 32, 33}  # IOERR's own second byte: READ, SHORT_READ, DATA, CORRUPTFS
BUSY = {sqlcipher.SQLITE_BUSY, sqlcipher.SQLITE_LOCKED}


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn the driver's errors about the vault at ``path`` into ours."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as error:
        translated = _translate(path, error.orig)
        if translated is None:
            raise
        raise translated from error
    except sqlcipher.DatabaseError as error:
        translated = _translate(path, error)
        if translated is None:
            raise
        raise translated from error


def damaged(path: Path) -> VaultDamaged:
    """The error for a database that is not as this program left it."""
    return VaultDamaged(
        "The record store {file} was altered or cut. Do not delete anything: what was "
        "synchronised is safe at the office, and the rest may be recovered. Bring the tablet to "
        "your administrator.",
        file=path.name,
    )


def _translate(path: Path, error: BaseException | None) -> FieldError | None:
    whole = getattr(error, "sqlite_errorcode", 0)
    code = whole & 0xFF  # the low byte is the primary code
    if code in FULL:
        return disk_full(path.parent)
    if code == sqlcipher.SQLITE_IOERR:
        # A write-ahead log that cannot grow says IOERR on some file systems.
        if free_bytes(path.parent) < MIB:
            return disk_full(path.parent)
        return damaged(path) if whole >> 8 in READING else disk_fails()
    if code in DAMAGED:
        return damaged(path)
    if code in BUSY:
        return VaultBusy("Another program holds the records. Close it, then try again.")
    return None
