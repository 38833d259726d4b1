"""Stored files are read again from time to time, whole, and what was found is a record (ARC-R 40).

    due = fixity.due(services, agency, now)       files whose last reading, or arrival, is long ago
    fixity.check(services, agency)                read them, state *fixity checked*; the run or None
    fixity.look_for_objects(services)             are those of the object store still there?

A file that was damaged or missing at its last reading is due at once: whoever puts it back sees
at the next run that it is whole. A run reads so many files and bytes at most, the longest unread
first, and what is left is due at the next one; each run is one record, signed by the office's key.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select

from protocol.statements import FixityChecked
from sync_server.log import leaves
from sync_server.log.factrows import readable
from sync_server.log.journal import Stated
from sync_server.services import Services
from sync_server.store.objects import MirroredBlobs
from sync_server.store.tables import BLOB
from sync_server.upkeep import destroying

DAY_MS = 24 * 3_600_000
PERIOD_MS = 30 * DAY_MS
FILES, BYTES = 1000, 256 << 30
"""The most that one run reads."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Held:
    """A stored file: ``seen_at`` is when it was read last, or came; ``whole`` what was found."""

    sha256: bytes
    size: int
    seen_at: int
    whole: bool = True


@dataclass(frozen=True)
class Run:
    """One run: its record and what it says."""

    record: bytes
    said: FixityChecked


def history(services: Services, agency: str, since: int = 0, limit: int = 200) -> list[Run]:
    """The runs over an agency's files since a time (ms), the newest first."""
    offices = services.sequencer.offices
    with services.db.engine.connect() as connection:
        stated = leaves.newest_of_kinds(connection, ["fixity_checked"], agency, whole=False)
        # A tablet may state what it likes; the office alone reads the office's files.
        ours = (
            leaf.index
            for leaf in stated
            if leaf.journal in offices and leaf.filed is not None and leaf.filed.at >= since
        )
        places = list(islice(ours, limit))
        records = [*map(services.facts.read, readable(leaves.at(connection, places)))]
    return [
        Run(record.hash, record.statement)
        for record in reversed(records)
        if record is not None and isinstance(record.statement, FixityChecked)
    ]


def held(services: Services, agency: str) -> list[Held]:
    """Every stored file of an agency, the longest unread first."""
    c = BLOB.c
    stored = select(c.sha256, c.size, c.stored_index).where(
        c.agency == agency, c.stored_index.is_not(None)
    )
    with services.db.engine.connect() as connection:
        said = leaves.of_kinds(connection, ["blob_stored"], agency, whole=False)
        came = {leaf.index: leaf.filed.at for leaf in said if leaf.filed is not None}
        rows = connection.execute(stored.distinct())
        arrived = {(sha256, size): came[at] for sha256, size, at in rows if at in came}
    read = _read(services, agency)
    gone = _destroyed(services, agency, {sha256 for sha256, _ in arrived})
    files = [
        Held(sha256, size, *read.get(sha256, (at, True)))
        for (sha256, size), at in arrived.items()
        if sha256 not in gone
    ]
    return sorted(files, key=lambda one: (one.whole, one.seen_at, one.sha256))


def due(services: Services, agency: str, now: int) -> list[Held]:
    """Those that are to be read again."""
    return [
        one for one in held(services, agency) if not one.whole or one.seen_at + PERIOD_MS <= now
    ]


def check_all(services: Services) -> None:
    """One run for each agency that has something due: the job of the running server."""
    for agency in sorted(services.sequencer.registry.agencies):
        check(services, agency)


def look_for_objects(services: Services) -> None:
    """Which objects the store has is asked of it once a day, by name; one that is lost is read, and
    so named or sent again, in this moment. Nothing to do without an object store."""
    if not isinstance(services.blobs, MirroredBlobs):
        return
    lost: dict[str, set[bytes]] = {}
    c = BLOB.c
    for first in range(256):
        here = services.blobs.names(first)
        stored = select(c.agency, c.sha256).where(
            c.sha256 >= bytes([first]), c.stored_index.is_not(None)
        )
        if first < 255:
            stored = stored.where(c.sha256 < bytes([first + 1]))
        with services.db.engine.connect() as connection:
            for agency, sha256 in connection.execute(stored.distinct()):
                if sha256 not in here:
                    lost.setdefault(agency, set()).add(sha256)
    for agency, names in lost.items():
        check(services, agency, only=names)


def check(
    services: Services,
    agency: str,
    *,
    everything: bool = False,
    only: Collection[bytes] | None = None,
) -> Stated | None:
    """Read what is due, or ``everything``, or those that are suspected ``only``, up to a run's
    bounds, and state what was found; what is whole in another place is put right from there, and
    read again at the next run. None if nothing was to be read."""
    began = services.clock.now()
    if everything or only is not None:
        wanted = held(services, agency)
        wanted = wanted if only is None else [one for one in wanted if one.sha256 in only]
    else:
        wanted = due(services, agency, began)
    checked: list[str] = []
    damaged: list[str] = []
    missing: list[str] = []
    size = 0
    # Many that are lost for good do not keep the others from their turn.
    bad = [one for one in wanted if not one.whole]
    wanted = bad[: FILES // 2] + wanted[len(bad) :] + bad[FILES // 2 :]
    for one in wanted[:FILES]:
        if checked and size + one.size > BYTES:
            break
        name = one.sha256.hex()
        checked.append(name)
        size += one.size
        if not services.blobs.has(one.sha256):
            missing.append(name)
        elif not services.blobs.check(one.sha256):
            damaged.append(name)
    if not checked:
        return None
    if damaged or missing:
        # Whoever destroyed a file meanwhile said so before it went.
        here = {one.sha256.hex() for one in held(services, agency)}
        damaged = [one for one in damaged if one in here]
        missing = [one for one in missing if one in here]
    if isinstance(services.blobs, MirroredBlobs):
        for name in (*damaged, *missing):
            services.blobs.mend(bytes.fromhex(name))
    told = FixityChecked(
        agency=agency,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        began_at=began,
        size=size,
        checked=checked,
        damaged=damaged,
        missing=missing,
    )
    return services.office.state(told, [services.office_key])


def _read(services: Services, agency: str) -> Mapping[bytes, tuple[int, bool]]:
    """When each file was read last, as far as it matters, and whether it was whole."""
    found: dict[bytes, tuple[int, bool]] = {}
    since = services.clock.now() - 4 * PERIOD_MS
    for run in reversed(history(services, agency, since, limit=10_000)):
        bad = {*run.said.damaged, *run.said.missing}
        for name in run.said.checked:
            found[bytes.fromhex(name)] = (run.said.at, name not in bad)
    return found


def _destroyed(services: Services, agency: str, files: Collection[bytes]) -> set[bytes]:
    """Those of the ``files`` that were destroyed after appraisal, and that no other case names:
    they are not looked for any more."""
    gone: dict[bytes, set[bytes]] = {}
    for _, said in destroying.standing(services):
        for name in said.blobs if said.agency == agency and said.case else ():
            sha256 = bytes.fromhex(name)
            if sha256 in files and name != said.appraisal.sha256:
                gone.setdefault(sha256, set()).add(bytes.fromhex(said.case or ""))
    left, others = sorted(gone), set()
    with services.db.engine.connect() as connection:
        for at in range(0, len(left), _AT_ONCE):
            some = BLOB.c.sha256.in_(left[at : at + _AT_ONCE])
            rows = connection.execute(select(BLOB.c.sha256, BLOB.c.index).where(some)).all()
            namers = leaves.filed_at(connection, {index for _, index in rows})
            cases = {one.index: one.filed.case for one in namers if one.filed is not None}
            others |= {
                sha256
                for sha256, index in rows
                if index in cases and cases[index] not in gone[sha256]
            }
    return gone.keys() - others
