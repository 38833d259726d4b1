"""Destructions carried out, as often as it takes: after a crash, and after a restore.

    1  *record destroyed* is in the log, signed by two (``cases/destroying.py``)
    2  it is put on the list <data>/destroyed.jsonl, which no backup holds and no restore replaces
    3  statements, namings and drafts are deleted, files that no other record names, the sealed
       file's name, bags in which it was handed over; what pages show is folded again without them

``carry_out`` begins with the list: a log that was restored from before a destruction does not know
of it, so its envelope, signed as it is, goes into the office's journal again. Then 3 for every
destruction that stands, at start and once a day; what is gone already costs a look. Who signed one
may be unknown to such a log: it does not stand then, and that is logged until it is done anew. Not
promised: backups that were made before keep what they hold until they are deleted, or written again
(``gone``).
"""

from __future__ import annotations

import base64
import json
import time
import weakref
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import islice
from pathlib import Path

import structlog
from sqlalchemy import Connection, delete, select

from protocol import bag, statements
from protocol import envelope as dsse
from protocol.case import AnyRecord
from protocol.errors import Malformed, Refused
from protocol.registry import authority
from protocol.statements import RecordDestroyed
from sync_server.log import leaves, lookup
from sync_server.log.rows import Given, amend
from sync_server.projections.runner import Projections
from sync_server.projections.tables import CASE
from sync_server.services import Services
from sync_server.settings import Settings
from sync_server.store.db import BUSY_MS
from sync_server.store.desktables import DRAFT
from sync_server.store.files import write_durably
from sync_server.store.tables import BLOB

LIST = "destroyed.jsonl"
_AT_ONCE = 500
_PATIENCE_MS = 200
_TRIES, _PAUSE_S = 500, 0.02
_MOVED_BY_ANOTHER = (1, -1, -1)
"""SQLite's answer at once, however patient, while another connection is at a checkpoint."""
DAY_MS = 24 * 3_600_000
log = structlog.get_logger(__name__)


class CarryingOut:
    """The job of the running server: all of it at first and once a day; in between only when there
    is another destruction, or the list is another. Looking costs two questions."""

    def __init__(self) -> None:
        self._of: weakref.ref[Services] | None = None
        self._seen: object = None
        self._at = 0

    def __call__(self, services: Services) -> None:
        seen, now = _newest(services), services.clock.now()  # before: what comes meanwhile is new
        ours = self._of is not None and self._of() is services
        if ours and seen == self._seen and now - self._at < DAY_MS:
            return
        carry_out(services)
        self._of, self._seen, self._at = weakref.ref(services), seen, now


def _newest(services: Services) -> object:
    path, offices = services.settings.data / LIST, services.sequencer.offices
    with services.db.engine.connect() as connection:
        stated = leaves.newest_of_kinds(connection, ["record_destroyed"], whole=False)
        index = next((leaf.index for leaf in stated if leaf.journal in offices), None)
    found = path.stat() if path.exists() else None
    return index, found and (found.st_size, found.st_mtime_ns)


def carry_out_one(services: Services, record: bytes) -> None:
    """What was just destroyed is gone, and on the list before."""
    for found, said in standing(services, record):
        _list(services, found)
        if said.case is not None:
            _apply(services, said, bytes.fromhex(said.case))
            _drop_bags(services.settings.data / "archive", set(said.blobs))


def carry_out(services: Services) -> None:
    """All that was ever destroyed is gone."""
    _state_again(services)
    listed = _listed(services.settings.data / LIST)
    gone: set[str] = set()
    found = dict(standing(services))
    for record in listed.keys() - found.keys():
        log.error("a destruction on the list does not stand; state it anew", sha256=record.hex())
    for record, said in found.items():
        if record not in listed:
            _list(services, record)
        if said.case is not None:
            _apply(services, said, bytes.fromhex(said.case))
            gone.update(said.blobs)
    _drop_bags(services.settings.data / "archive", gone)
    if found:
        _empty_wal(services)


def standing(
    services: Services, only: bytes | None = None
) -> Iterator[tuple[bytes, RecordDestroyed]]:
    """The destructions that were stated by those who may, in the office's own journal, all or the
    ``only`` one: what a tablet says of the archive, whoever signed it, destroys nothing."""
    for record in _stated(services, only):
        said = record.statement
        if isinstance(said, RecordDestroyed) and authority.stands(services.facts.registry, record):
            yield record.hash, said


def gone(settings: Settings, connection: Connection) -> set[bytes]:
    """The files that are destroyed by the list, and that no record of another case names."""
    found: set[bytes] = set()
    for envelope in _listed(settings.data / LIST).values():
        said = statements.decode(dsse.decode(envelope).body)
        if isinstance(said, RecordDestroyed) and said.case is not None:
            blobs = [bytes.fromhex(one) for one in said.blobs if one != said.appraisal.sha256]
            named = _named(connection, blobs, bytes.fromhex(said.case), said.agency)
            found.update(set(blobs) - named)
    return found


def _stated(services: Services, only: bytes | None = None) -> list[AnyRecord]:
    """Those in the office's own journal, all or the ``only`` one: also where a tablet sent one
    before, as after a restore, so that the office's own word came second."""
    if only is None:
        return services.facts.of_office("record_destroyed")
    found = services.facts.links_of([only])
    ours = (one for one in found if one.link.journal in services.sequencer.offices)
    return [read for one in ours if (read := services.facts.read(one)) is not None]


def _state_again(services: Services) -> None:
    for record, envelope in _listed(services.settings.data / LIST).items():
        if not _stated(services, record):
            # Signed by whom this log does not know: no reason to leave the others.
            with suppress(Refused):
                services.office.submit([dsse.decode(envelope)]).result()


def _apply(services: Services, said: RecordDestroyed, case: bytes) -> None:
    records = [bytes.fromhex(one) for one in said.records]
    blobs = [bytes.fromhex(one) for one in said.blobs if one != said.appraisal.sha256]
    with services.db.writer.begin() as connection:
        gone = _delete(connection, records, case, said.agency)
        connection.execute(delete(DRAFT).where(DRAFT.c.case_id == case))
        named = _named(connection, blobs, case, said.agency)
        shown = connection.execute(select(CASE.c.case_id).where(CASE.c.case_id == case)).first()
    (services.settings.data / "archive" / f"{case.hex()}.zip").unlink(missing_ok=True)
    for sha256 in blobs:
        if sha256 not in named and services.blobs.has(sha256):
            services.blobs.forget(sha256)
    if gone or shown is not None:
        Projections(services.db, services.facts).refold(case)
    if gone:
        _empty_wal(services)


def _empty_wal(services: Services) -> None:
    """The pages that were overwritten stand in the write-ahead log until it is emptied. Whoever
    reads from it meanwhile, fsck or a backup, is not waited for, since commits would wait as well:
    it is emptied the next day, or when the server ends. Another writer who moves it to the file
    just then is: it takes a moment, and nobody else waits for that."""
    if not services.db.is_sqlite:
        return
    with services.db.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        try:
            for _ in range(_TRIES):
                row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                if tuple(row) != _MOVED_BY_ANOTHER:
                    break
                time.sleep(_PAUSE_S)
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")


def _delete(connection: Connection, records: Sequence[bytes], case: bytes, agency: str) -> bool:
    """Delete those of the records that are of the case, wherever they stand; whether there were
    any."""
    found = dict[int, bytes]()
    for batch in _batches(records):
        wanted = set(batch)
        for leaf in leaves.filed_at(connection, lookup.find(connection, batch)):
            said = leaf.filed
            if said and (said.case, said.agency) == (case, agency) and leaf.record_hash in wanted:
                found[leaf.index] = leaf.record_hash
    for batch in _batches(found.values()):
        connection.execute(delete(BLOB).where(BLOB.c.record_hash.in_(batch)))
    amend(connection, dict.fromkeys(found, Given(said=(None, None))))
    return bool(found)


def _named(connection: Connection, blobs: Sequence[bytes], case: bytes, agency: str) -> set[bytes]:
    """Those of the blobs that a record of something else names: what remains of the case itself
    names its package."""
    ours = {
        leaf.record_hash
        for leaf in leaves.of_cases(connection, [case], whole=False)
        if leaf.filed and leaf.filed.agency == agency
    }
    found = set[bytes]()
    for batch in _batches(blobs):
        rows = connection.execute(
            select(BLOB.c.sha256, BLOB.c.record_hash).where(BLOB.c.sha256.in_(batch))
        )
        found |= {sha256 for sha256, record in rows if record not in ours}
    return found


def _drop_bags(folder: Path, gone: AbstractSet[str]) -> None:
    """Delete the bags that hold a package which was destroyed. The other packages in them are here
    still, and can be handed over anew."""
    for path in sorted(folder.glob("transfer-*.zip")) if gone else ():
        try:
            with zipfile.ZipFile(path) as packed:
                held = bag.read_manifest(packed.read(f"transfer/{bag.PAYLOAD}"))
        except (zipfile.BadZipFile, KeyError, Malformed):
            continue  # no bag of ours
        if not gone.isdisjoint(one.hex() for one in held.values()):
            path.unlink()


def _batches(hashes: Iterable[bytes]) -> Iterator[list[bytes]]:
    left = iter(hashes)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


def _list(services: Services, record: bytes) -> None:
    """Put a destruction on the list, durably, before anything of it is deleted."""
    envelope = services.facts.envelope(record)
    path = services.settings.data / LIST
    if envelope is None or record in _listed(path):
        return
    line = {"record": record.hex(), "envelope": base64.b64encode(envelope).decode()}
    kept = path.read_bytes() if path.exists() else b""
    write_durably(path, kept + json.dumps(line).encode() + b"\n")


def _listed(path: Path) -> dict[bytes, bytes]:
    """Record hash → envelope of what is on the list."""
    if not path.exists():
        return {}
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        return {bytes.fromhex(one["record"]): base64.b64decode(one["envelope"]) for one in lines}
    except (ValueError, KeyError, TypeError):
        raise Refused(
            "the list of what was destroyed, {file}, cannot be read; put back the copy that you "
            "kept of it",
            file=LIST,
        ) from None
