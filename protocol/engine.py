"""The one engine of sync: (state, event) → (state, actions).

A tablet runs it towards its county, a county towards its province. It decides what to do
next; somebody else does it and reports back with an event. Whoever performs an action saves
what it changed *before* telling the engine, so a crash at any point repeats a step and never
skips one; every step is idempotent by link hash or blob hash. An answer that moves nothing on
counts as a failure, and only what moves something on ends the waiting that failures cost: a
server that answers nonsense is asked less and less, not in a circle.

    contact:   greet and push ─► pull ─► reference data ─► uploads, smallest first ─► pull again
                   ▲                                            │
                   └──────── records never wait for media ◄─────┘

>>> state, actions = step(SyncState(length=3), Woken(now=0))
>>> actions
[SendPush(start=0)]
>>> state, actions = step(state, Pushed(acknowledged=3))
>>> actions
[SendPull(cursor=0)]
"""

from dataclasses import dataclass, replace

FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 300_000
BETWEEN_CONTACTS_MS = 60_000


@dataclass(frozen=True)
class Upload:
    """A blob on its way: how many bytes the server has, once it was asked."""

    sha256: bytes
    size: int
    offset: int = 0
    opened: bool = False


@dataclass(frozen=True)
class SyncState:
    """Where sync stands. ``length`` links are saved here, ``acknowledged`` of them are in the
    server's log. ``busy`` means one action is under way, ``halted`` why none will start."""

    length: int = 0
    acknowledged: int = 0
    cursor: int = 0
    uploads: tuple[Upload, ...] = ()
    contact: bool = False
    busy: bool = False
    greeted: bool = False
    pulled: bool = False
    referenced: bool = False
    failures: int = 0
    wake_at: int = 0
    halted: str | None = None

    @property
    def drained(self) -> bool:
        """Nothing is left to send."""
        return self.acknowledged >= self.length and not self.uploads


# ── events ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Woken:
    """A timer, a network change or a person says: try now."""

    now: int


@dataclass(frozen=True)
class Saved:
    """The journal grew to ``length`` links; ``uploads`` are the blobs these named."""

    length: int
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True)
class Pushed:
    """The server answered a push: it holds ``acknowledged`` links, receipts are saved."""

    acknowledged: int


@dataclass(frozen=True)
class GapNamed:
    """The server holds only ``expected`` links and asks to go on from there."""

    expected: int


@dataclass(frozen=True)
class Pulled:
    """The office's records up to ``cursor`` are saved; ``more`` are waiting."""

    cursor: int
    more: bool


@dataclass(frozen=True)
class Referenced:
    """The reference data was checked and is as new as the server's."""


@dataclass(frozen=True)
class UploadOpened:
    """The server has ``offset`` bytes of this blob; ``complete`` when verified whole."""

    sha256: bytes
    offset: int
    complete: bool = False


@dataclass(frozen=True)
class ChunkStored:
    """The server has ``offset`` bytes of this blob now."""

    sha256: bytes
    offset: int
    complete: bool = False


@dataclass(frozen=True)
class UploadLost:
    """The server no longer knows this upload (expired, discarded): ask again."""

    sha256: bytes


@dataclass(frozen=True)
class UploadSkipped:
    """This blob cannot be sent now (refused, or its file is damaged): the others go on. It is
    listed again when the engine starts anew."""

    sha256: bytes


@dataclass(frozen=True)
class Failed:
    """The action could not be done; ``jitter`` is a random number in [0, 1)."""

    now: int
    jitter: float


@dataclass(frozen=True)
class Halted:
    """A signed refusal or an alarm: nothing more is sent until a person acts."""

    reason: str


Answer = Pushed | GapNamed | Pulled | Referenced
Transfer = UploadOpened | ChunkStored | UploadLost | UploadSkipped
Event = Woken | Saved | Answer | Transfer | Failed | Halted


# ── actions ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SendPush:
    """Push links from ``start`` on, as many as the connection bears; none is a greeting."""

    start: int


@dataclass(frozen=True)
class SendPull:
    """Ask for the office's records after ``cursor``."""

    cursor: int


@dataclass(frozen=True)
class FetchReference:
    """Ask for newer reference data."""


@dataclass(frozen=True)
class OpenUpload:
    """Ask where to upload this blob and how much of it is there."""

    sha256: bytes
    size: int


@dataclass(frozen=True)
class SendChunk:
    """Send the next chunk of this blob from ``offset``."""

    sha256: bytes
    offset: int


@dataclass(frozen=True)
class WakeAt:
    """Deliver Woken at this time (ms) unless something wakes the engine before."""

    at: int


Action = SendPush | SendPull | FetchReference | OpenUpload | SendChunk | WakeAt


def step(state: SyncState, event: Event) -> tuple[SyncState, list[Action]]:
    """One step. Pure: the same state and event give the same answer."""
    if isinstance(event, Failed):
        return _fail(state, event)
    if _in_vain(state, event):
        return _fail(state, Failed(state.wake_at, jitter=1.0))
    state = _learn(state, event)
    if state.halted is not None or state.busy or not state.contact:
        return state, []
    return _next(state)


def _learn(state: SyncState, event: Event) -> SyncState:
    """What the event tells, before anything is decided."""
    match event:
        case Woken(now=now):
            return replace(state, contact=True, wake_at=now)
        case Saved(length=length, uploads=uploads):
            return _saved(state, length, uploads)
        case Halted(reason=reason):
            return replace(state, halted=reason, busy=False, contact=False)
        case Pushed(acknowledged=acknowledged):
            moved = acknowledged > state.acknowledged
            return replace(_done(state, moved), acknowledged=acknowledged, greeted=True)
        case GapNamed(expected=expected):
            return replace(_done(state), acknowledged=min(expected, state.length))
        case Pulled(cursor=cursor, more=more):
            moved = cursor > state.cursor
            return replace(_done(state, moved), cursor=max(cursor, state.cursor), pulled=not more)
        case Referenced():
            return replace(_done(state), referenced=True)
    return _learn_upload(state, event)


def _learn_upload(state: SyncState, event: Event) -> SyncState:
    match event:
        case (
            UploadOpened(sha256=name, offset=offset, complete=complete)
            | ChunkStored(sha256=name, offset=offset, complete=complete)
        ):
            moved = complete or isinstance(event, ChunkStored)
            return _uploaded(_done(state, moved), name, offset, complete)
        case UploadLost(sha256=name):
            return _relist(_done(state), name, offset=0, opened=False)
        case UploadSkipped(sha256=name):
            return _uploaded(_done(state), name, 0, complete=True)
    return state


def _saved(state: SyncState, length: int, uploads: tuple[Upload, ...]) -> SyncState:
    known = {u.sha256 for u in state.uploads}
    added = tuple(u for u in uploads if u.sha256 not in known)
    listed = sorted(state.uploads + added, key=lambda u: u.size)
    return replace(state, length=max(length, state.length), uploads=tuple(listed))


def _in_vain(state: SyncState, event: Event) -> bool:
    """Whether the server's answer leaves everything as it was, so that the same would follow."""
    match event:
        case Pushed(acknowledged=acknowledged):
            return state.acknowledged < state.length and acknowledged <= state.acknowledged
        case GapNamed(expected=expected):
            return expected >= state.acknowledged
        case Pulled(cursor=cursor, more=more):
            return more and cursor <= state.cursor
        case ChunkStored(sha256=name, offset=offset, complete=False):
            return any(u.sha256 == name and offset <= u.offset for u in state.uploads)
        case UploadLost(sha256=name):
            return any(u.sha256 == name and u.offset == 0 for u in state.uploads)
    return False


def _done(state: SyncState, moved: bool = False) -> SyncState:
    return replace(state, busy=False, failures=0 if moved else state.failures)


def _uploaded(state: SyncState, name: bytes, offset: int, complete: bool) -> SyncState:
    if not complete:
        return _relist(state, name, offset=offset, opened=True)
    left = tuple(u for u in state.uploads if u.sha256 != name)
    # The last blob is there: pull once more for the server's word that all are stored.
    return replace(state, uploads=left, pulled=state.pulled and bool(left))


def _relist(state: SyncState, name: bytes, offset: int, opened: bool) -> SyncState:
    listed = tuple(
        replace(u, offset=offset, opened=opened) if u.sha256 == name else u for u in state.uploads
    )
    return replace(state, uploads=listed)


def _next(state: SyncState) -> tuple[SyncState, list[Action]]:
    action: Action
    if not state.greeted or state.acknowledged < state.length:
        action = SendPush(state.acknowledged)
    elif not state.pulled:
        action = SendPull(state.cursor)
    elif not state.referenced:
        action = FetchReference()
    elif state.uploads:
        first = state.uploads[0]
        action = (
            SendChunk(first.sha256, first.offset)
            if first.opened
            else OpenUpload(first.sha256, first.size)
        )
    else:
        return _rest(state)
    return replace(state, busy=True), [action]


def _rest(state: SyncState) -> tuple[SyncState, list[Action]]:
    wake_at = state.wake_at + BETWEEN_CONTACTS_MS
    rested = replace(state, contact=False, greeted=False, pulled=False, referenced=False)
    return replace(rested, failures=0, wake_at=wake_at), [WakeAt(wake_at)]


def _fail(state: SyncState, event: Failed) -> tuple[SyncState, list[Action]]:
    """Back off exponentially with jitter; what the server has of an upload is asked again."""
    delay = min(FIRST_DELAY_MS << min(state.failures, 20), LONGEST_DELAY_MS)
    wake_at = event.now + int(delay * (0.5 + event.jitter / 2))
    waiting = replace(
        state,
        busy=False,
        contact=False,
        greeted=False,
        failures=state.failures + 1,
        wake_at=wake_at,
        uploads=tuple(replace(u, opened=False) for u in state.uploads),
    )
    return waiting, [WakeAt(wake_at)] if state.halted is None else []
