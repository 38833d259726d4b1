"""Sync runs by itself: one thread feeds ``protocol/engine.py``, others do what it decides.

    saved ─► sent ─► receipted ─► stored ─► archived

    events ──► sync thread: step ──► one exchange, some transfers, each in a thread of its own
       ▲                                    │
       └──── what came of it, saved before ─┘

The state of the engine is not stored: it is read from the vault at start, because every
action saves what it changed before the engine hears of it. Nobody has to press anything; a
new record, a timer, the network or a person only wakes the engine earlier.

    sync = Sync(exchange, uploads, vault, clock)
    sync.start()
    sync.wake()          # the network came back, or somebody pressed 立即同步
    sync.pause()         # media wait, also over restarts, until sync.resume()
    sync.status()        # what the sync screen shows
    sync.waiting()       # what the corner of every screen shows
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from field_client.contact import progress
from field_client.contact.exchange import Exchange
from field_client.contact.following import ALARMED
from field_client.contact.progress import Meter, SyncStatus, Waiting
from field_client.contact.standing import standing
from field_client.contact.unsent import Unsent
from field_client.contact.uploads import Uploads
from field_client.contact.wire import unclear
from field_client.device_clock import Clock
from field_client.errors import NoNetwork
from field_client.store.journal import Saved as SavedStatement
from field_client.store.stages import HALTED, PAUSED
from field_client.store.vault import Vault
from protocol import statements
from protocol.engine import (
    Action,
    Due,
    Event,
    Failed,
    FetchReference,
    Halted,
    OpenUpload,
    Paused,
    Restarted,
    Resumed,
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

__all__ = ["Sync", "SyncStatus"]

STOP_S = 40  # the actions under way are waited for at the end; an answer takes less

log = logging.getLogger(__name__)


class Sync:
    """The threads that talk to the server."""

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
        self._meter = Meter()
        self._unsent = Unsent()
        self._telling, self._counting = threading.Lock(), threading.Lock()
        self._wake_at: int | None = None
        self._troubles: dict[bytes | None, FujieError] = {}
        self._online = False
        self._unnoted: tuple[Alarm, str] | None = None
        self._watchers: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._workers: set[threading.Thread] = set()
        self.count()

    def start(self) -> None:
        """Begin; the first contact is tried at once."""
        if not self._thread.is_alive():
            self._thread.start()
        self.wake()

    def contact(self) -> None:
        """One contact from greeting to rest, in the caller's thread; for programs that start
        none."""
        events: deque[Event] = deque()
        while not self._events.empty():
            waiting = self._events.get()
            if waiting is not None:
                events.append(waiting)
        events.append(Woken(self._clock.monotonic_ms()))
        actions: deque[Action] = deque()
        while events or actions:
            if events:
                actions.extend(self._step(events.popleft()))
                continue
            events.append(self._perform(actions.popleft()))

    def stop(self) -> None:
        """End after the actions under way; everything is saved already."""
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_S)
        for worker in tuple(self._workers):
            worker.join(timeout=STOP_S)
        self._exchange.rest(STOP_S)

    def wake(self) -> None:
        """Try now, whatever failed before."""
        self._events.put(Woken(self._clock.monotonic_ms()))

    def pause(self) -> None:
        """Let photos and films wait; records go on. It holds over restarts."""
        self._vault.set_state(PAUSED, b"1")
        self._events.put(Paused())

    def resume(self) -> None:
        """Go on with them where they stood."""
        self._vault.set_state(PAUSED, b"")
        self._events.put(Resumed())

    def anew(self) -> None:
        """Something else than an exchange changed what is saved here, such as an answer on a
        stick: go on from there."""
        self._count()
        self._events.put(Restarted(standing(self._vault), answers=False))

    def saved(self, saved: SavedStatement) -> None:
        """A statement became durable (``Journal.on_saved``)."""
        link = saved.link
        with self._telling:
            self._unsent.saved(link.journal, link.sequence, link.wall_at)
        uploads = tuple(
            Upload(bytes.fromhex(blob.sha256), blob.size, at=link.wall_at)
            for blob in statements.blobs_of(saved.statement)
        )
        self._events.put(Saved(link.sequence + 1, uploads, link.journal))

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` (from this thread) whenever the status may have changed."""
        self._watchers.append(watcher)

    def status(self) -> SyncStatus:
        """The status, read from the vault."""
        told, self._meter = progress.status(
            self._vault, self._state, self._meter, online=self._online, trouble=self.trouble
        )
        return told

    def waiting(self) -> Waiting:
        """How much waits, and since when: of the last count, and what was saved since."""
        told, self._meter = progress.waiting(self._unsent, self._meter, online=self._online)
        return told

    def count(self) -> None:
        """Count in the vault what waits."""
        with self._counting:  # one at a time: of two the older would be taken for the newer
            counted = progress.counted(self._vault)
            with self._telling:  # not while it counts: who saves would wait
                self._unsent.counted(counted)

    @property
    def halted(self) -> str | None:
        """Why nothing is sent until a person acts; None while it goes."""
        return self._state.halted

    @property
    def trouble(self) -> FujieError | None:
        """What went wrong last: with an exchange, else with a blob that is still to go. What was
        let wait, or came there another way, is no trouble any more."""
        media, troubles = self._state.media, dict(self._troubles)
        tried = () if media.paused or not troubles else media.uploads
        about = (None, *(one.sha256 for one in tried))
        return next((troubles[one] for one in about if one in troubles), None)

    # ── the loop ─────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while (event := self._next_event()) is not None:
            for action in self._step(event):
                self._hand_out(action)

    def _next_event(self) -> Event | None:
        if self._wake_at is None:
            return self._events.get()
        wait = max(0, self._wake_at - self._clock.monotonic_ms()) / 1000
        try:
            return self._events.get(timeout=wait)
        except queue.Empty:
            self._wake_at = None
            return Due(self._clock.monotonic_ms())

    def _step(self, event: Event) -> list[Action]:
        """What is to be done now; the timer is set here."""
        if isinstance(event, Restarted):
            event = self._as_saved(event)
        self._state, actions = step(self._state, event)
        for action in actions:
            if isinstance(action, WakeAt):
                self._wake_at = action.at
        for watcher in self._watchers:
            try:
                watcher()
            except Exception as fault:  # who looks on ends nothing
                log.error("a watcher of sync failed", exc_info=fault)
        return [action for action in actions if not isinstance(action, WakeAt)]

    def _as_saved(self, event: Restarted) -> Restarted:
        """Once more, for what was saved since: its own event may name the journal left. Where the
        vault cannot be read now, as it stood then; the next greeting sends the rest."""
        try:
            state = standing(self._vault)
            if self._is_unnoted():  # nothing that is saved says so, and it stands all the same
                state = replace(state, halted=state.halted or ALARMED)
            return Restarted(state, event.answers)
        except Exception as fault:  # this thread goes on whatever comes
            log.error("what is saved cannot be read again", exc_info=fault)
            return event

    def _hand_out(self, action: Action) -> None:
        def work() -> None:
            self._events.put(self._perform(action))
            self._workers.discard(worker)

        worker = threading.Thread(target=work, name=f"sync-{type(action).__name__}", daemon=True)
        self._workers.add(worker)
        worker.start()

    # ── doing ────────────────────────────────────────────────────────────────────────────

    def _perform(self, action: Action) -> Event:
        """Do one thing and say how it went. Never raises, so that sync goes on whatever comes."""
        about = action.sha256 if isinstance(action, OpenUpload | SendChunk) else None
        try:
            event = self._do(action)
        except Alarm as alarm:
            return self._alarmed(alarm, about)
        except FujieError as error:
            log.info("%s failed: %s", type(action).__name__, error)
            return self._failed(error, about)
        except Exception as fault:  # a bug must not end sync without a word
            log.error("%s failed", type(action).__name__, exc_info=fault)
            return self._failed(
                unclear("a fault of this program: {name}", name=type(fault).__name__), about
            )
        finally:
            self._count()
        self._troubles.pop(about, None)
        self._online = True
        return event

    def _count(self) -> None:
        try:
            self.count()
        except Exception as fault:  # what was counted last still stands
            log.error("what waits cannot be counted", exc_info=fault)

    def _failed(self, error: FujieError, about: bytes | None) -> Event:
        self._troubles[about], self._online = error, not isinstance(error, NoNetwork)
        return Failed(self._clock.monotonic_ms(), self._jitter(), about)

    def _alarmed(self, alarm: Alarm, about: bytes | None) -> Event:
        """An alarm ends sync until a person acts, also if the disk is too full to note so. One that
        was noted in its turn is not noted here: whoever had the next turn may have lifted it."""
        self._troubles[about], self._online = alarm, True
        with self._exchange.turn:
            if self._exchange.history.noted is not alarm:
                try:
                    self._vault.set_state(HALTED, ALARMED.encode())
                except FujieError as error:
                    log.error("alarm could not be noted: %s", error)
                    self._unnoted = alarm, self._exchange.history.log.origin
        return Halted(ALARMED, about)

    def _is_unnoted(self) -> bool:
        """Whether an alarm stands that the disk was too full for. A successor of the log that was
        followed since has answered it."""
        return self._unnoted is not None and self._unnoted[1] == self._exchange.history.log.origin

    def _note_again(self) -> None:
        """Keep it with its evidence once there is room, so that a restart knows of it too."""
        with self._exchange.turn:
            if self._unnoted is not None and self._is_unnoted():
                alarm, history = self._unnoted[0], self._exchange.history
                history.keep_alarm(alarm)
                if history.noted is not alarm:
                    return
            self._unnoted = None

    def _is_lifted(self) -> bool:
        """Whether sync stands still and nothing says so any more, or for another reason: an answer
        on a stick was taken in right behind the refusal or alarm, before the engine heard of it."""
        halted, told = self._state.halted, self._vault.state(HALTED) or b""
        return halted is not None and self._unnoted is None and told != halted.encode()

    def _fetch_photos(self) -> None:
        """Some of the photos that the roster names; what does not come now comes later."""
        exchange = self._exchange
        try:
            exchange.shelf.fetch_photos(exchange.wire, exchange.rekeying.device)
        except FujieError as error:
            log.info("officers' photos are still to come: %s", error)

    def _do(self, action: Action) -> Event:
        match action:
            case SendPush(start=start, most=most):
                return self._exchange.push(start, most)
            case SendPull(cursor=cursor):
                self._note_again()
                pulled = self._exchange.pull(cursor)
                if again := self._uploads.unheard(self._clock.monotonic_ms()):
                    self._events.put(Saved(0, again, b""))
                return Restarted(standing(self._vault)) if self._is_lifted() else pulled
            case FetchReference():
                fetched = self._exchange.fetch_reference()
                self._fetch_photos()
                return fetched
            case OpenUpload(sha256=name, size=size):
                return self._uploads.open(name, size)
            case SendChunk(sha256=name, offset=offset, size=size):
                return self._uploads.send(name, offset, size)
        raise AssertionError(action)
