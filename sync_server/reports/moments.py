"""As of when a report speaks: a size of the log, and the time that it takes for now.

    moments.now(services)                   everything that is here, judged at this moment
    moments.as_of(services, "2026-11-30")   what had been received by the end of that day
    moments.as_of(services, "4711")         the log's first 4711 entries
    moments.as_of(services, "9f3c…")        where a *report cut* (its record) stands

A date resolves to a size: the entries before the first one that was received later. What was
received after that, of the same log, changes nothing of a report as of then; so it takes no
statement that came after its link, whose place in the log says nothing of its coming.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from protocol.auditing.source import Moment
from protocol.calendar import day_start, read_day
from protocol.checkpoint import Checkpoint
from protocol.errors import FujieError, Refused
from protocol.merkle import Frontier, leaf_hash
from protocol.registry import authority
from protocol.statements import ReportCut
from sync_server.log import leaves
from sync_server.services import Services
from sync_server.store.tables import CHECKPOINT

_DAY = 24 * 3_600_000


@dataclass
class Survey:
    """The log read from its first entry on: the tree, and whether every entry was in its place."""

    frontier: Frontier
    sound: bool = True

    @property
    def root(self) -> bytes:
        """The root of what was read; empty where entries are gone."""
        return self.frontier.root() if self.sound else b""

    def read(self, connection: Connection, below: int) -> Iterator[tuple[int, int]]:
        """(index, received at) of each entry up to ``below``; it is in the tree when the next one
        is asked for."""
        for index, entry in leaves.entries(connection, self.frontier.size, below):
            if not entry:
                continue  # it is gone: what follows it is not in its place
            yield index, int.from_bytes(entry[65:73], "big")
            self.sound = self.sound and index == self.frontier.size
            if self.sound:
                self.frontier.append(leaf_hash(entry))


def now(services: Services, *, deep: bool = True) -> Moment:
    """As of now. Unless it is ``deep``, the log is taken for whole."""
    at, size = services.clock.now(), services.facts.head.size
    if not deep:
        return Moment(size, at, b"", True, True)
    with services.db.engine.connect() as connection:
        survey = Survey(Frontier())
        for _ in survey.read(connection, _head(connection)[0]):
            pass
        whole = holds(connection, survey, services.settings.origin)
    return Moment(size, at, survey.root, whole, True)


def as_of(services: Services, text: str) -> Moment:
    """As of a day, a size or a cut. Raises Refused, and Malformed for a day that there is none
    of."""
    wanted, until = _asked(services, text)
    with services.db.engine.connect() as connection:
        head = _head(connection)[0]
        if wanted is not None and wanted > head:
            raise Refused(
                "expected at most {head} entries, got {size}; this log has no more",
                head=head,
                size=wanted,
            )
        survey, size, root, at = Survey(Frontier()), None, b"", 0
        for index, received in survey.read(connection, head):
            past = index >= wanted if wanted is not None else received >= (until or 0)
            if size is None and past:
                size, root = index, survey.root
            if size is None:
                at = received
        whole = holds(connection, survey, services.settings.origin)
    if size is None:
        size, root = head, survey.root
    return Moment(size, at if until is None else until, root, whole, False)


def holds(connection: Connection, survey: Survey, origin: str) -> bool:
    """Whether the entries that were read give the newest signed root."""
    size, note = _head(connection)
    if not survey.sound or survey.frontier.size != size:
        return False
    text = Checkpoint(origin, size, survey.frontier.root()).text()
    return size == 0 or note.startswith(text.encode())


def _asked(services: Services, text: str) -> tuple[int | None, int | None]:
    """The size, or the time up to which entries count, or both."""
    if len(text) == 64:
        return _cut(services, text)
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text), None
    until = day_start(read_day(text)) + _DAY
    if until > services.clock.now():
        raise Refused("expected a day that has ended, got {day}; take an earlier one", day=text)
    return None, until


def _cut(services: Services, text: str) -> tuple[int, int]:
    try:
        found = services.facts.record(bytes.fromhex(text))
    except (ValueError, FujieError):
        found = None
    if (
        found is None
        or not isinstance(found.statement, ReportCut)
        or not authority.stands(services.facts.registry, found)
    ):
        raise Refused("no report was cut in record {record}; take one from the list", record=text)
    return found.statement.size, found.statement.until


def _head(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(
        select(CHECKPOINT.c.size, CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
    ).first()
    return (row.size, row.note) if row else (0, b"")
