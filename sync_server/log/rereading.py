"""After an update of the program: what could not be read before is read now.

    1  a statement of an unknown kind or edition is admitted flagged, with its bytes as they came
    2  the program is updated; at its first start it reads those statements again
    3  the case that one opens and the blobs that it names are looked up by, as if it were new;
       the case is folded again; its entry, and the verdict in it, stay as they are

``reader`` keeps which kinds and which edition of the lists of words were known when this was done
last: a start that knows no more than the one before does nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Connection, delete, insert, inspect, select, update

from protocol import envelope as dsse
from protocol import statements
from protocol.errors import Malformed
from protocol.receipt import Entry, Verdict
from protocol.statements import Statement, Unknown, blobs_of, case_of
from sync_server.log.rows import Row, add
from sync_server.store.db import Database
from sync_server.store.tables import BLOB, ENTRY, LATE, LINK, READER, STATEMENT

BATCH = 500


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
    """Whether all that this program can read was read."""
    if not inspect(connection).has_table(READER.name):
        return False
    return bool(connection.execute(select(READER.c.known)).scalar() == fingerprint())


def reread(connection: Connection) -> int:
    """Read again what could not be read, if this program can read more than the last one; how
    many statements are known now that were not."""
    known = fingerprint()
    if connection.execute(select(READER.c.known)).scalar() == known:
        return 0
    found = list(_now_readable(connection))
    for record, journal, read in found:
        connection.execute(
            update(STATEMENT)
            .where(STATEMENT.c.record_hash == record)
            .values(case_id=case_of(read, record))
        )
        add(connection, BLOB, _wanted(read, record, journal), held="sha256")
        connection.execute(insert(LATE).values(record_hash=record))
    connection.execute(delete(READER))
    connection.execute(insert(READER).values(name="statements", known=known))
    return len(found)


def _now_readable(connection: Connection) -> Iterator[tuple[bytes, bytes, Statement]]:
    """(record hash, journal, statement) of what was admitted with a reservation and can be read
    now. One that came after its link says nothing of it in its entry, so all of these are tried."""
    rows = connection.execute(
        select(
            STATEMENT.c.record_hash,
            STATEMENT.c.envelope,
            ENTRY.c.entry,
            LINK.c.journal,
        )
        .join(ENTRY, ENTRY.c.index == STATEMENT.c.index)
        .join(LINK, LINK.c.index == STATEMENT.c.index)
        .order_by(STATEMENT.c.index)
        .execution_options(yield_per=BATCH)
    )
    for record, envelope, entry, journal in rows:
        read = _read(envelope, entry)
        if read is not None:
            yield record, journal, read


def _read(envelope: bytes, entry: bytes) -> Statement | None:
    try:
        if Entry.decode(entry).verdict is Verdict.ACCEPTED:
            return None
        signed = dsse.decode(envelope)
        read = statements.decode(signed.body)
    except Malformed:
        return None
    if signed.payload_type != dsse.STATEMENT_TYPE or isinstance(read, Unknown):
        return None
    return read


def _wanted(read: Statement, record: bytes, journal: bytes) -> list[Row]:
    return [
        {
            "sha256": bytes.fromhex(ref.sha256),
            "size": ref.size,
            "media_type": ref.media_type,
            "record_hash": record,
            "journal": journal,
            "state": "wanted",
            "stored_index": None,
        }
        for ref in blobs_of(read)
    ]
