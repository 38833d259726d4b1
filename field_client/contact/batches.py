"""The links that the next push takes, and their statements; read while the last push is under way.

    batch = batches.next(start, most)       links from ``start`` on, ``most`` bytes of them or one
    batches.ahead(start + len(batch))       read what follows, in a thread of its own

On a slow line the time between two pushes is time in which nothing goes up. What can be done before
the last answer is here is reading: hundreds of records from the encrypted vault, each hashed
against its link. The rest waits for that answer: what a push says of this tablet and of the log is
true only when the receipts before it are saved, and it is marked as sent when its bytes are about
to leave. What was read ahead is used for the same journal and place alone, and read again where
reading it failed. Nobody who saves meanwhile waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from field_client.contact.inventory import open_journal
from field_client.contact.proofs import Sent
from field_client.device_clock import Clock
from field_client.store import damaged
from field_client.store.tables import LinkRow, StatementRow
from field_client.store.vault import Vault
from protocol import chain
from protocol.messages import MAX_BATCH
from protocol.pacing import MOST_PUSH

log = logging.getLogger(__name__)


@dataclass
class Reading:
    """What is read ahead, from ``start`` on; ``found`` once the thread is through, unless it
    failed."""

    start: int
    thread: threading.Thread | None = None
    found: tuple[bytes, list[Sent]] | None = None


@dataclass
class Batches:
    """Batches of the open journal, for one push after the other."""

    vault: Vault
    clock: Clock
    _reading: Reading | None = field(default=None, init=False)

    def next(self, start: int, most: int) -> list[Sent]:
        """The next links and their statements."""
        batch: list[Sent] = []
        size = 0
        for link, statement in self._taken(start) or self._read(start)[1]:
            size += len(statement or b"") + chain.LINK_SIZE
            if batch and size > most:
                break
            batch.append((link, statement))
        return batch

    def ahead(self, start: int) -> None:
        """Begin to read what follows a push that is under way."""
        reading = Reading(start)

        def read() -> None:
            try:
                reading.found = self._read(start)
            except Exception as fault:  # it is read again when its turn comes, and told then
                log.warning("what follows could not be read ahead", exc_info=fault)

        reading.thread = threading.Thread(target=read, name="sync-ahead", daemon=True)
        self._reading = reading
        reading.thread.start()

    def rest(self, seconds: float) -> None:
        """Wait for what is being read: whoever closes the vault is alone with it then."""
        reading = self._reading
        if reading is not None and reading.thread is not None:
            reading.thread.join(timeout=seconds)

    def _taken(self, start: int) -> Sequence[Sent]:
        """What was read ahead from this place on, of the journal that is open now."""
        reading, self._reading = self._reading, None
        if reading is None or reading.thread is None:
            return ()
        reading.thread.join()
        if reading.start != start:
            return ()
        with self.vault.session() as session:
            journal = open_journal(session).id
        if reading.found is None or reading.found[0] != journal:
            return ()
        return reading.found[1]

    def _read(self, start: int) -> tuple[bytes, list[Sent]]:
        """The open journal and its links from ``start`` on: as many as the largest push takes."""
        with self.vault.session() as session:
            journal, found = _rows(session, start)
        batch: list[Sent] = []
        size = 0
        for link, statement in found:
            if damaged.is_whole(link, statement):
                signed = statement.envelope if statement is not None else None
            else:
                with self.vault.transaction() as session:
                    signed = damaged.whole(session, link, statement, self.clock.wall_ms())
            batch.append((link.link, signed))
            size += len(signed or b"") + chain.LINK_SIZE
            if size > MOST_PUSH:
                break
        return journal, batch


def _rows(session: Session, start: int) -> tuple[bytes, list[tuple[LinkRow, StatementRow | None]]]:
    journal = open_journal(session).id
    found = session.exec(
        select(LinkRow, StatementRow)
        .outerjoin(StatementRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
        .where(LinkRow.journal == journal, LinkRow.sequence >= start)
        .order_by(col(LinkRow.sequence))
        .limit(MAX_BATCH)
    ).all()
    return journal, [(link, statement) for link, statement in found]
