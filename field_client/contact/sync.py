"""Sync runs by itself: one thread performs what ``protocol/engine.py`` decides.

    saved ─► sent ─► receipted ─► stored ─► archived

The state of the engine is not stored: it is read from the vault at start, because every
action saves what it changed before the engine hears of it. Nobody has to press anything; a
new record, a timer or a person only wakes the engine earlier.

    sync = Sync(exchange, uploads, vault, clock)
    sync.start()
    sync.wake()          # the network came back, or somebody pressed 立即同步
    sync.status()        # what the sync screen and the corner show
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import select

from field_client.contact.exchange import Exchange
from field_client.contact.inventory import unsent_blobs, unsent_links
from field_client.contact.standing import standing
from field_client.contact.uploads import Uploads
from field_client.contact.wire import unclear
from field_client.device_clock import Clock
from field_client.errors import NoNetwork
from field_client.store.journal import Saved as SavedStatement
from field_client.store.stages import ALARM, CONTACT, HALTED
from field_client.store.tables import LinkRow, Stage
from field_client.store.vault import Vault
from protocol import statements
from protocol.engine import (
    Action,
    Event,
    Failed,
    FetchReference,
    Halted,
    OpenUpload,
    Restarted,
    Saved,
    SendChunk,
    SendPull,
    SendPush,
    Upload,
    WakeAt,
    Woken,
    step,
)
from protocol.errors import Alarm, FujieError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SyncStatus:
    """What people see of sync. Times in ms UTC; ``counts`` by stage; ``trouble`` is the last
    error while there is one, ``halted`` the reason why nothing is sent until a person acts."""

    counts: dict[Stage, int]
    oldest_unsent_at: int | None
    blobs_outstanding: int
    bytes_outstanding: int
    contact_at: int | None
    online: bool
    busy: bool
    trouble: FujieError | None
    halted: str | None
    alarm: bytes | None

    @property
    def unsent(self) -> int:
        """Records that the server has not acknowledged."""
        return self.counts.get(Stage.SAVED, 0) + self.counts.get(Stage.SENT, 0)


class Sync:
    """The thread that talks to the server."""

    def __init__(
        self,
        exchange: Exchange,
        uploads: Uploads,
        vault: Vault,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._uploads = uploads
        self._vault = vault
        self._clock = clock
        self._jitter = jitter
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._state = standing(vault)
        self._wake_at: int | None = None
        self._trouble: FujieError | None = None
        self._online = False
        self._watchers: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """Begin; the first contact is tried at once."""
        if not self._thread.is_alive():
            self._thread.start()
        self.wake()

    def contact(self) -> None:
        """One contact from greeting to rest, in the caller's thread; for programs that start
        none."""
        self._feed(Woken(self._clock.monotonic_ms()))

    def stop(self) -> None:
        """End after the action under way; everything is saved already."""
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=40)

    def wake(self) -> None:
        """Try now."""
        self._events.put(Woken(self._clock.monotonic_ms()))

    def saved(self, saved: SavedStatement) -> None:
        """A statement became durable (``Journal.on_saved``)."""
        uploads = tuple(
            Upload(bytes.fromhex(blob.sha256), blob.size)
            for blob in statements.blobs_of(saved.statement)
        )
        self._events.put(Saved(saved.link.sequence + 1, uploads, saved.link.journal))
        if self._state.halted is None:
            self.wake()

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` (from this thread) whenever the status may have changed."""
        self._watchers.append(watcher)

    def status(self) -> SyncStatus:
        """The status, read from the vault."""
        with self._vault.session() as session:
            counted = session.exec(
                select(LinkRow.stage, func.count()).group_by(LinkRow.stage)
            ).all()
            _, oldest = unsent_links(session)
            blobs, size = unsent_blobs(session)
        contact = self._vault.state(CONTACT)
        return SyncStatus(
            counts={Stage(stage): count for stage, count in counted},
            oldest_unsent_at=oldest,
            blobs_outstanding=blobs,
            bytes_outstanding=size,
            contact_at=int.from_bytes(contact, "big") if contact else None,
            online=self._online,
            busy=self._state.busy,
            trouble=self._trouble,
            halted=self._state.halted,
            alarm=self._vault.state(ALARM),
        )

    # ── the loop ─────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while True:
            event = self._next_event()
            if event is None:
                return
            self._feed(event)

    def _next_event(self) -> Event | None:
        if self._wake_at is None:
            return self._events.get()
        wait = max(0, self._wake_at - self._clock.monotonic_ms()) / 1000
        try:
            return self._events.get(timeout=wait)
        except queue.Empty:
            self._wake_at = None
            return Woken(self._clock.monotonic_ms())

    def _feed(self, event: Event | None) -> None:
        """Step, perform, and step again until the engine rests; saved records slip in between."""
        while event is not None:
            if isinstance(event, Restarted):
                # Once more, for what was saved since: its own event may name the journal left.
                event = Restarted(standing(self._vault))
            self._state, actions = step(self._state, event)
            event = None
            for action in actions:
                if isinstance(action, WakeAt):
                    self._wake_at = action.at
                else:
                    event = self._perform(action)
            self._tell()
            while event is not None and not self._events.empty():
                waiting = self._events.get()
                if waiting is None:
                    self._events.put(None)
                    return
                # The engine is still busy with the action just done: it learns, and starts nothing.
                self._state, _ = step(self._state, waiting)

    def _perform(self, action: Action) -> Event:
        """Do one thing and say how it went. Never raises, so that sync goes on whatever comes."""
        try:
            event = self._do(action)
            if isinstance(event, Halted):
                self._vault.set_state(HALTED, event.reason.encode())
            self._trouble, self._online = None, True
            return event
        except Alarm as alarm:
            return self._alarmed(alarm)
        except FujieError as error:
            self._trouble, self._online = error, not isinstance(error, NoNetwork)
            log.info("%s failed: %s", type(action).__name__, error)
        except Exception as fault:  # a bug must not end sync without a word
            self._trouble, self._online = unclear(type(fault).__name__), True
            log.error("%s failed", type(action).__name__, exc_info=fault)
        return Failed(self._clock.monotonic_ms(), self._jitter())

    def _alarmed(self, alarm: Alarm) -> Event:
        """An alarm ends sync until a person acts, also if the disk is too full to note so."""
        self._trouble, self._online = alarm, True
        try:
            self._vault.set_state(HALTED, b"alarm")
        except FujieError as error:
            log.error("alarm could not be noted: %s", error)
        return Halted("alarm")

    def _do(self, action: Action) -> Event:
        match action:
            case SendPush(start=start):
                return self._exchange.push(start)
            case SendPull(cursor=cursor):
                return self._exchange.pull(cursor)
            case FetchReference():
                return self._exchange.fetch_reference()
            case OpenUpload(sha256=name, size=size):
                return self._uploads.open(name, size)
            case SendChunk(sha256=name, offset=offset):
                return self._uploads.send(name, offset)
        raise AssertionError(action)

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()
