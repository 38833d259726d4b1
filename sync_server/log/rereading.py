"""After an update of the program: what could not be read before is read now.

    1  a statement of an unknown kind or edition is admitted flagged, with its bytes as they came
    2  the program is updated; at its first start it reads those statements again
    3  the case that one opens and the blobs that it names are looked up by, as if it were new;
       the case is folded again; its entry, and the verdict in it, stay as they are

``reader`` keeps which kinds and which edition of the lists of words were known when this was done
last: a start that knows no more than the one before does nothing. It keeps as well that blobs are
listed for each record that names them, which in older databases is done once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Connection, delete, insert, inspect, select

from protocol import envelope as dsse
from protocol import statements
from protocol.errors import Malformed
from protocol.receipt import Entry, Verdict
from protocol.statements import BlobStored, Statement, Unknown, case_of
from sync_server.log import leaves, namings
from sync_server.log.leaves import Leaf
from sync_server.log.packed import UNREAD
from sync_server.log.rows import Given, add_late, amend
from sync_server.log.standing import load_offices
from sync_server.store.db import Database, newest, version
from sync_server.store.inserting import add
from sync_server.store.tables import BLOB, READER

STATEMENTS, NAMINGS, BY_RECORD = "statements", "namings", "by record"
"""The rows of ``reader``: how statements were read, and how blobs that they name are listed."""


def fingerprint() -> str:
    """What this program can read: its kinds and its edition of the lists of words."""
    known = [statements.EDITION, sorted(statements.READERS)]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def bring_up(db: Database) -> int:
    """Bring the database up to this program: its tables, then what it can read of what is in
    them; how many statements are known now that were not. Before the writer starts."""
    db.migrate()
    with db.writer.begin() as connection:
        return reread(connection)


def is_current(connection: Connection) -> bool:
    """Whether the tables are this program's, and all that it can read was read."""
    if not inspect(connection).has_table(READER.name) or version(connection) != newest():
        return False
    known = {row.name: row.known for row in connection.execute(select(READER))}
    return known == {STATEMENTS: fingerprint(), NAMINGS: BY_RECORD}


def reread(connection: Connection) -> int:
    """Read again what could not be read, if this program can read more than the last one; how
    many statements are known now that were not."""
    _name_again(connection)
    known = fingerprint()
    if _known(connection, STATEMENTS) == known:
        return 0
    found = list(_now_readable(connection))
    amend(connection, {leaf.index: _again(leaf, read) for leaf, read in found})
    for leaf, read in found:
        at = (leaf.record_hash, leaf.journal, leaf.index)
        wanted = list(namings.namings(read, b"", *at))
        add(connection, BLOB, wanted, held=namings.HELD)
        came = namings.stored_at(connection, set(map(namings.key_of, wanted)))
        namings.mark(connection, came.items())
        add_late(connection, [leaf.record_hash])
    _remember(connection, STATEMENTS, known)
    return len(found)


def _again(leaf: Leaf, read: Statement) -> Given:
    filed = (leaf.filed or UNREAD)._replace(case=case_of(read, leaf.record_hash))
    return Given(said=(filed, leaf.statement))


def _known(connection: Connection, name: str) -> str | None:
    return connection.execute(select(READER.c.known).where(READER.c.name == name)).scalar()


def _remember(connection: Connection, name: str, known: str) -> None:
    connection.execute(delete(READER).where(READER.c.name == name))
    connection.execute(insert(READER).values(name=name, known=known))


def _name_again(connection: Connection) -> None:
    """Write down once more who names which blobs, of a database in which only the first one to
    name a blob stood."""
    if _known(connection, NAMINGS) == BY_RECORD:
        return
    offices = set(load_offices(connection))
    stored: dict[namings.Key, int] = {}
    for leaf in leaves.between(connection, 0):
        read, body = _understood(leaf.statement)
        if read is None:
            continue
        at = (leaf.record_hash, leaf.journal, leaf.index)
        add(connection, BLOB, [*namings.namings(read, body, *at)], held=namings.HELD)
        accepted = leaf.entry and Entry.decode(leaf.entry).verdict is Verdict.ACCEPTED
        if isinstance(read, BlobStored) and accepted and leaf.journal in offices:
            key = (bytes.fromhex(read.sha256), read.agency, read.size)
            stored.setdefault(key, leaf.index)
    namings.mark(connection, stored.items())
    _remember(connection, NAMINGS, BY_RECORD)


def _now_readable(connection: Connection) -> Iterator[tuple[Leaf, Statement]]:
    """What was admitted with a reservation and can be read now. One that came after its link says
    nothing of it in its entry, so all of these are tried."""
    for leaf in leaves.between(connection, 0):
        read = None if leaf.statement is None else _read(leaf.statement, leaf.entry)
        if read is not None:
            yield leaf, read


def _read(envelope: bytes, entry: bytes) -> Statement | None:
    if not entry or Entry.decode(entry).verdict is Verdict.ACCEPTED:
        return None  # of what rotted nobody knows whether it was flagged
    read, _ = _understood(envelope)
    return None if isinstance(read, Unknown) else read


def _understood(envelope: bytes | None) -> tuple[Statement | Unknown | None, bytes]:
    """A statement, and the bytes that it was read from."""
    if envelope is None:
        return None, b""
    try:
        signed = dsse.decode(envelope)
        read = statements.decode(signed.body)
    except Malformed:
        return None, b""
    return (read, signed.body) if signed.payload_type == dsse.STATEMENT_TYPE else (None, b"")
