"""What ``fsck`` remembers of a log that is larger than memory: tables of its own, on the disk.

    with remembering() as seen:
        seen.records(…)         every record of the log, and whether its statement came with it
        seen.kept(…)            those whose statement is here, and where
        seen.named(…)           who names which blob
        …
        seen.namings_in_order() and so on: what must be in the tables, in their order

The file has no name, and is gone with the block. It lies where the machine has its temporary files
and takes some 200 bytes an entry; in memory is a cache that does not grow with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from protocol.errors import Refused
from sync_server.log import namings

_CACHE_KB = 16_384
_AT_ONCE = 500

_TABLES = """
CREATE TABLE record (hash BLOB PRIMARY KEY, came INT, kept INT, bare INT DEFAULT 0) WITHOUT ROWID;
CREATE TABLE late (hash BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE absent (place INT, hash BLOB, said TEXT);
CREATE TABLE naming (sha256 BLOB, record_hash BLOB, agency TEXT, journal BLOB, size INT,
    media_type TEXT, first INT, case_agency TEXT, case_id BLOB, PRIMARY KEY (sha256, record_hash))
    WITHOUT ROWID;
CREATE TABLE stored (sha256 BLOB, agency TEXT, size INT, place INT,
    PRIMARY KEY (sha256, agency, size)) WITHOUT ROWID;
CREATE TABLE gone_record (hash BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE gone_blob (sha256 BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE emptied (agency TEXT, case_id BLOB);
CREATE INDEX emptied_case ON emptied (case_id, agency);
"""
_STANDS = """EXISTS (SELECT 1 FROM naming WHERE naming.sha256 = gone_blob.sha256 AND NOT EXISTS (
    SELECT 1 FROM emptied WHERE agency = naming.case_agency AND case_id IS naming.case_id))"""
"""A case that was not destroyed names the blob too."""

Naming = tuple[bytes, bytes, str, bytes, int, str, int]
"""The columns of a naming, in the order of ``namings.namings``."""


class Seen:
    """The tables; what is added is there at once, for this one user."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA temp_store=FILE")
        self._db.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Nothing is left of them."""
        self._db.close()

    # ── what was read ────────────────────────────────────────────────────────────────────

    def records(self, found: Iterable[tuple[bytes, bool]]) -> None:
        """Records, and whether their statement came with a link; once is enough."""
        self._db.executemany(
            "INSERT INTO record (hash, came) VALUES (?, ?) ON CONFLICT DO UPDATE SET came = "
            "max(came, excluded.came)",
            found,
        )

    def kept(self, found: Iterable[tuple[bytes, int, bool]]) -> None:
        """Records whose statements are here, in the order of the log: the entry, and whether it
        came with another link only, or later."""
        marked = ((place, bare, record) for record, place, bare in found)
        self._db.executemany(
            "UPDATE record SET kept = coalesce(kept, ?), bare = max(bare, ?) WHERE hash = ?", marked
        )

    def late(self, record: bytes) -> None:
        """A statement that came after its link."""
        self._db.execute("INSERT OR IGNORE INTO late VALUES (?)", (record,))

    def absent(self, place: int, record: bytes, said: str) -> None:
        """What is to be said of an entry, unless its record turns out to be destroyed."""
        self._db.execute("INSERT INTO absent VALUES (?, ?, ?)", (place, record, said))

    def named(self, found: Iterable[tuple[Any, ...]], agency: str, case: bytes | None) -> None:
        """What a statement of a case names."""
        rows = ((*one, agency, case) for one in found)
        self._db.executemany(
            "INSERT OR IGNORE INTO naming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )

    def stored(self, key: namings.Key, place: int) -> None:
        """The office said at ``place`` that a blob came; the first time counts."""
        self._db.execute("INSERT OR IGNORE INTO stored VALUES (?, ?, ?, ?)", (*key, place))

    def destroyed(
        self, agency: str, case: bytes | None, records: Iterable[bytes], blobs: Iterable[bytes]
    ) -> None:
        """A case was destroyed by those who may."""
        self._db.execute("INSERT INTO emptied VALUES (?, ?)", (agency, case))
        for table, hashes in (("gone_record", records), ("gone_blob", blobs)):
            rows = ((one,) for one in hashes)
            self._db.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", rows)

    # ── asked on the way ─────────────────────────────────────────────────────────────────

    def here(self, records: Collection[bytes]) -> Mapping[bytes, int]:
        """Those whose statements are here, each with the first entry that has it."""
        query = "SELECT hash, kept FROM record WHERE kept IS NOT NULL AND hash IN"
        return dict(self._of(query, records))

    def after(self, records: Collection[bytes]) -> set[bytes]:
        """Those whose statements came after their links."""
        return {row[0] for row in self._of("SELECT hash FROM late WHERE hash IN", records)}

    # ── asked at the end ─────────────────────────────────────────────────────────────────

    def missing(self) -> Iterator[str]:
        """What was to be said of absent statements, but of those that were destroyed."""
        for (said,) in self._rows(
            "SELECT said FROM absent LEFT JOIN gone_record USING (hash) "
            "WHERE gone_record.hash IS NULL ORDER BY place, said"
        ):
            yield said

    def undestroyed(self) -> Iterator[int]:
        """Entries whose statements were destroyed and are here."""
        found = (
            "SELECT kept FROM record JOIN gone_record USING (hash) WHERE kept IS NOT NULL "
            "ORDER BY kept"
        )
        return (place for (place,) in self._rows(found))

    def late_and_missing(self) -> Iterator[bytes]:
        """Statements that came late and are not here."""
        return self._hashes(
            "SELECT late.hash FROM late LEFT JOIN record USING (hash) LEFT JOIN gone_record "
            "USING (hash) WHERE record.kept IS NULL AND gone_record.hash IS NULL ORDER BY 1"
        )

    def unnumbered(self) -> Iterator[bytes]:
        """Statements that are here at an entry with which they did not come, or were here and came
        with none, and are not among the late ones."""
        return self._hashes(
            "SELECT record.hash FROM record LEFT JOIN late USING (hash) LEFT JOIN gone_record "
            "USING (hash) WHERE late.hash IS NULL "
            "AND (bare OR NOT came AND gone_record.hash IS NOT NULL) ORDER BY 1"
        )

    def namings_in_order(self) -> Iterator[tuple[Naming, int | None]]:
        """Who names which blob, by blob and record; and the entry that says that it came."""
        found = self._rows(
            "SELECT sha256, record_hash, agency, journal, size, media_type, first, place "
            "FROM naming LEFT JOIN stored USING (sha256, agency, size) ORDER BY sha256, record_hash"
        )
        return ((row[:7], row[7]) for row in found)

    def gone(self) -> Iterator[bytes]:
        """Destroyed blobs that no case names which stands."""
        return self._hashes(f"SELECT sha256 FROM gone_blob WHERE NOT {_STANDS} ORDER BY 1")

    def is_gone(self, sha256: bytes) -> bool:
        """Whether a blob is one of those."""
        found = f"SELECT 1 FROM gone_blob WHERE sha256 = ? AND NOT {_STANDS}"
        return self._db.execute(found, (sha256,)).fetchone() is not None

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _of(self, query: str, hashes: Collection[bytes]) -> Iterator[Any]:
        every = list(hashes)
        for at in range(0, len(every), _AT_ONCE):
            some = every[at : at + _AT_ONCE]
            yield from self._db.execute(f"{query} ({', '.join('?' * len(some))})", some)

    def _hashes(self, query: str) -> Iterator[bytes]:
        return (found for (found,) in self._rows(query))

    def _rows(self, query: str) -> Iterator[Any]:
        with closing(self._db.cursor()) as cursor:
            yield from cursor.execute(query)


@contextmanager
def remembering() -> Iterator[Seen]:
    """The tables, for one run. Raises Refused where there is no room for them."""
    try:
        with closing(Seen()) as seen:
            yield seen
    except sqlite3.Error as fault:  # the server's database raises SQLAlchemy's
        raise Refused(
            "fsck cannot keep what it read of the log ({fault}); make room for temporary files, or "
            "name another folder for them by TMPDIR",
            fault=str(fault),
        ) from None
