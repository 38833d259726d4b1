"""Which tablet is behind, by a look at each one's last word and at what has arrived since.

    devices(services, hearing, agency, parameters)     one ``Standing`` each, those that need a
                                                       person first

    stopped   two branches, a log that was set back, a revoked tablet    → somebody has to act
    silent    not heard of for longer than the agency allows, or never
    behind    records or files that it said it holds and that are not here yet
    odd       a clock that is off, an old program, a full disk
    level     tablet and centre match

Read from the last inventory (``hearing.py``), the kept heads and the uploads' files: cheap, for a
page that is looked at often. Whether everything that was admitted still is here, ``integrity.py``
recomputes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from sqlalchemy import Connection, select
from sqlmodel import col

from protocol.auditing.heard import PROGRAM
from protocol.findings import holding
from protocol.reference import Parameters
from protocol.registry.registry import OFFICE, Device
from protocol.statements import DeviceInventory
from sync_server.devices import heard
from sync_server.log import leaves
from sync_server.log.standing import FORKED
from sync_server.reports.hearing import Hearing
from sync_server.services import Services
from sync_server.store.tables import BLOB, JOURNAL, UploadRow

PAUSED_MS = 2 * 60_000
"""An upload to which nothing came for so long is not estimated: it waits."""


class Need(IntEnum):
    """How much a tablet needs a person; the first the most."""

    STOPPED = 0
    SILENT = 1
    BEHIND = 2
    ODD = 3
    LEVEL = 4
    REVOKED = 5


@dataclass(frozen=True)
class Arriving:
    """A file of which ``there`` of ``size`` bytes are here; ``coming`` while bytes come.
    ``left_ms`` is an estimate by what came since the tablet asked for it last, None where that
    tells nothing."""

    sha256: bytes
    size: int
    there: int
    coming: bool
    left_ms: int | None


@dataclass(frozen=True)
class Standing:
    """One tablet. ``said`` is its last signed inventory, got at ``contacted_at``; ``links`` are
    those here of the journal that it speaks of, ``level`` whether its head is one of them;
    ``records`` are those of all its journals, ``wanted`` the files that they name and that are not
    here."""

    device: Device
    said: DeviceInventory | None
    contacted_at: int | None
    links: int
    level: bool
    records: int
    wanted: int
    forked: bool
    set_back_at: int | None
    arriving: tuple[Arriving, ...]
    now: int
    parameters: Parameters

    @property
    def behind(self) -> int:
        """Records that it said it holds and that are not here: of one with another branch, as many
        as it said are not sent."""
        if self.said is None or self.level:
            return 0
        return max(0, self.said.length - self.links) or self.said.unsent

    @property
    def oldest_at(self) -> int | None:
        """Since when the oldest of them waits (ms)."""
        return self.said.oldest_unsent_at if self.said and self.behind else None

    @property
    def files(self) -> int:
        """Files that are still to come."""
        said = self.said.blobs_outstanding if self.said else 0
        return max(self.wanted, said if self.behind else 0)

    @property
    def skew_ms(self) -> int:
        """How much its clock was ahead at its last contact, 0 within what the agency allows."""
        if self.said is None or self.contacted_at is None:
            return 0
        off = self.said.at - self.contacted_at
        return off if abs(off) > self.parameters.clock_skew_ms else 0

    @property
    def silent(self) -> bool:
        """Not heard of for longer than the agency allows, or never."""
        at = self.contacted_at
        return at is None or self.now - at > self.parameters.silent_ms

    @property
    def is_full(self) -> bool:
        """No room for a long recording."""
        said = self.said
        return said is not None and said.disk_bytes > 0 and said.free_bytes < holding.LEAST_FREE

    @property
    def is_old(self) -> bool:
        """An older program than this edition's."""
        return self.said is not None and holding.is_older(self.said.program, PROGRAM)

    @cached_property
    def need(self) -> Need:
        """What it needs most."""
        if self.device.revoked_at is not None and self.device.revoked_at <= self.now:
            return Need.REVOKED
        if self.forked or self.set_back_at is not None:
            return Need.STOPPED
        if self.silent:
            return Need.SILENT
        if self.behind or self.files or self.arriving:
            return Need.BEHIND
        return Need.ODD if self.skew_ms or self.is_full or self.is_old else Need.LEVEL


def devices(
    services: Services, hearing: Hearing, agency: str, parameters: Parameters
) -> list[Standing]:
    """Every tablet of an agency, those that need a person first; of the same need, that which
    waits the longest."""
    heard_of = hearing.last(services, agency, services.facts.head.size)
    registry = services.facts.registry
    ours = (one for one in registry.devices.values() if one.agency == agency)
    mine = [one for one in ours if one.name != OFFICE and not one.is_lower]
    with services.db.engine.connect() as connection:
        found = [
            _standing(services, connection, one, heard_of.get(one.name), parameters) for one in mine
        ]
    last = 1 << 62
    return sorted(
        found,
        key=lambda one: (
            one.need,
            one.oldest_at or one.contacted_at or (0 if one.need is Need.SILENT else last),
            one.device.name,
        ),
    )


def _standing(
    services: Services,
    connection: Connection,
    device: Device,
    contact: tuple[DeviceInventory, int] | None,
    parameters: Parameters,
) -> Standing:
    c, said = JOURNAL.c, contact[0] if contact else None
    mine = (c.device == device.name, c.agency == device.agency)
    journals = {
        row.journal: row
        for row in connection.execute(select(c.journal, c.length, c.state).where(*mine))
    }
    named = journals.get(bytes.fromhex(said.journal)) if said else None
    open_one = journals.get(device.journal)
    wanted = _wanted(connection, [device.journal])
    # Of a branch that the tablet has not, the files never come: the integrity report names them.
    outstanding = said.blobs_outstanding if said else 0
    wanted += min(outstanding, _wanted(connection, journals.keys() - {device.journal}))
    doubted = heard.doubted(connection, device, device.journal, services.settings.origin)
    return Standing(
        device=device,
        said=said,
        contacted_at=contact[1] if contact else None,
        links=named.length if named else 0,
        level=said is not None and _is_held(connection, said),
        records=sum(row.length for row in journals.values()),
        wanted=wanted,
        forked=open_one is not None and open_one.state == FORKED,
        set_back_at=doubted[0][0] if doubted else None,
        arriving=tuple(_arriving(services, connection, device)),
        now=services.clock.now(),
        parameters=parameters,
    )


def _wanted(connection: Connection, journals: Collection[bytes]) -> int:
    """How many files records of these journals name that are not here."""
    c = BLOB.c
    lacking = select(c.sha256).where(c.journal.in_(journals), c.stored_index.is_(None))
    return len(connection.execute(lacking.distinct()).all())


def _is_held(connection: Connection, said: DeviceInventory) -> bool:
    """Whether the head that a device named is a link that is here."""
    if said.length == 0:
        return True
    journal, last = bytes.fromhex(said.journal), said.length - 1
    held = leaves.links(connection, journal, last, last)
    return bytes.fromhex(said.head) in [leaf.link_hash for leaf in held]


def _arriving(services: Services, connection: Connection, device: Device) -> Iterator[Arriving]:
    now = services.clock.now()
    rows = connection.execute(
        select(
            col(UploadRow.upload),
            col(UploadRow.sha256),
            col(UploadRow.size),
        )
        .where(
            col(UploadRow.agency) == device.agency,
            col(UploadRow.device) == device.name,
            col(UploadRow.expires_at) > now,
        )
        .order_by(col(UploadRow.size))
    )
    for row in rows:
        try:
            found = services.uploads.path(row.upload).stat()
        except OSError:
            continue  # ended just now
        came = int(found.st_mtime * 1000)
        coming = bool(found.st_size) and now - came < PAUSED_MS
        before, since = services.uploads.resumed(row.upload) or (found.st_size, 0)
        left = None
        if coming and found.st_size > before:  # what an earlier day brought says nothing of today
            left = (row.size - found.st_size) * max(1, came - since) // (found.st_size - before)
        yield Arriving(row.sha256, row.size, found.st_size, coming, left)
