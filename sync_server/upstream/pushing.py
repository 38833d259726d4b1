"""The county's sync with its province: the engine that a tablet runs, performed by a server.

    commit ──wakes──▶ one thread: report what became public ─► step ─► push, pull, upload ─► step …

What an answer proves is saved before the engine hears of it (``talk.py``), so that a crash repeats
a step and skips none. A refusal, or a log that contradicts itself, halts it until the operator
has spoken with the other side (``fujie-server follow-upper`` again); whatever else fails is tried
again, less and less often.

    with running(services, projections): …     as long as the server runs
    Upstream(services, projections).turn()     one time round, in the caller's thread
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from protocol.engine import (
    Action,
    Due,
    Event,
    Failed,
    FetchReference,
    Halted,
    OpenUpload,
    Referenced,
    Saved,
    SendChunk,
    SendPull,
    SendPush,
    SyncState,
    Upload,
    UploadSkipped,
    WakeAt,
    Woken,
    step,
)
from protocol.errors import Alarm, FujieError
from sync_server import words
from sync_server.logs import words_of
from sync_server.projections.runner import Projections
from sync_server.services import Services
from sync_server.upstream import ledger
from sync_server.upstream.line import Unreachable
from sync_server.upstream.reporting import Reports
from sync_server.upstream.talk import Talk, head_of

IDLE_S = 60.0
SOONEST_S = 0.05
AFTER_FAULT_S = 5.0
ALONE_S = 0.25
"""How long who has no upper level looks for none again: not at each commit of a crowd's."""
LEAVING_S = 5.0

_FAILED = (FujieError, SQLAlchemyError, OSError)

log = structlog.get_logger(__name__)


@dataclass
class Upstream:
    """The engine and its hands; one thread at a time. ``wake_at`` is when the next turn is due, on
    the monotonic clock; ``end`` ends a turn behind the step under way."""

    services: Services
    projections: Projections
    jitter: Callable[[], float] = random.random
    end: threading.Event = field(default_factory=threading.Event)
    wake_at: int | None = None
    _state: SyncState = field(default_factory=SyncState)
    _talk: Talk | None = None
    _reports: Reports = field(init=False)

    def turn(self, *, woken: bool = True) -> None:
        """Do what is due, until there is nothing to do but to wait."""
        try:
            talk = self._look()
            if talk is not None:
                self._go_on(talk, woken)
        except BaseException:
            self.close()  # a step without its event: the next turn begins from what is saved
            raise

    def _go_on(self, talk: Talk, woken: bool) -> None:
        now = self.services.clock.monotonic()
        events: deque[Event] = deque([self._saved(talk), Woken(now) if woken else Due(now)])
        actions: deque[Action] = deque()
        while (events or actions) and not self.end.is_set():
            if events:
                self._state, asked = step(self._state, events.popleft())
                actions.extend(asked)
                continue
            action = actions.popleft()
            if isinstance(action, WakeAt):
                self.wake_at = action.at
            else:
                events.append(self._tried(talk, action))

    @property
    def follows(self) -> bool:
        """Whether there is an upper level, as of the last turn."""
        return self._talk is not None

    def close(self) -> None:
        """Close the connections."""
        if self._talk is not None:
            self._talk.line.close()
        self._talk = None

    def _look(self) -> Talk | None:
        """The talk to go on with, or one begun anew; None where there is no upper level."""
        row = ledger.begin(self.services.db, self.services.office.journal)
        if row is None:
            self.close()
            self.wake_at = None
            return None
        if self._talk is None or not self._talk.goes_on(row):
            self.close()
            self._talk = Talk.begin(self.services, row)
            self._reports = Reports(self.services, self.projections, row.origin, row.agency)
            self._state = SyncState(
                journal=row.journal,
                acknowledged=row.acknowledged,
                cursor=row.cursor,
                halted=row.halted or None,
            )
        return self._talk

    def _saved(self, talk: Talk) -> Saved:
        """What became public is reported; then where the journal stands, and what is to go."""
        try:
            self._reports.catch_up()
        except _FAILED as fault:  # the records that are here go all the same
            log.error("what became public is not reported", reason=words_of(fault))
        uploads = tuple(
            Upload(bytes.fromhex(one.text.sha256), one.text.size, one.at)
            for one in self._reports.waiting()
        )
        journal = self.services.office.journal
        return Saved(head_of(self.services, journal).length, uploads, journal)

    def _tried(self, talk: Talk, action: Action) -> Event:
        db, origin = self.services.db, talk.row.origin
        try:
            if isinstance(action, OpenUpload) and not self._reports.is_waiting(action.sha256):
                return UploadSkipped(action.sha256)
            return _perform(talk, action)
        except Alarm as fault:
            log.error("the upper level's log contradicts itself", reason=words_of(fault))
            ledger.note(db, origin, halted="alarm", trouble=words.kept(fault))
            return Halted("alarm")
        except _FAILED as fault:
            if not isinstance(fault, Unreachable):
                log.warning("the upper level was asked in vain", reason=words_of(fault))
            ledger.note(db, origin, trouble=words.kept(fault))
            name = action.sha256 if isinstance(action, OpenUpload | SendChunk) else None
            return Failed(self.services.clock.monotonic(), self.jitter(), name)


def _perform(talk: Talk, action: Action) -> Event:
    match action:
        case SendPush(start=start, most=most):
            return talk.push(start, most)
        case SendPull(cursor=cursor):
            return talk.pull(cursor)
        case FetchReference():  # a server's reference data are its own
            return Referenced()
        case OpenUpload(sha256=name, size=size):
            return talk.open(name, size)
        case SendChunk(sha256=name, offset=offset, size=size):
            return talk.send(name, offset, size)
    raise AssertionError(action)


# ── as long as the server runs ───────────────────────────────────────────────────────────


@contextmanager
def running(services: Services, projections: Projections) -> Iterator[None]:
    """Push to the upper level after each commit, until the block ends."""
    wake, upstream = threading.Event(), Upstream(services, projections)
    thread = threading.Thread(target=_run, args=(upstream, wake), name="upstream", daemon=True)
    services.sequencer.watchers.append(wake.set)
    wake.set()
    thread.start()
    try:
        yield
    finally:
        services.sequencer.watchers.remove(wake.set)
        upstream.end.set()
        wake.set()
        thread.join(LEAVING_S)  # an upper level that answers slowly keeps nobody waiting
        upstream.close()


def _run(upstream: Upstream, wake: threading.Event) -> None:
    begun, end = False, upstream.end
    while not end.is_set():
        wake.wait(_pause(upstream))
        wake.clear()
        if end.is_set():
            return
        try:
            upstream.turn(woken=not begun)
            begun = True
            if not upstream.follows:
                end.wait(ALONE_S)
        except Exception:  # a thread that ended would leave the upper level without word
            log.exception("the push to the upper level failed")
            end.wait(AFTER_FAULT_S)


def _pause(upstream: Upstream) -> float:
    """Seconds until something is due without a commit."""
    if upstream.wake_at is None:
        return IDLE_S
    left = (upstream.wake_at - upstream.services.clock.monotonic()) / 1000
    return min(IDLE_S, max(SOONEST_S, left))
