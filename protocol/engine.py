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

A signed refusal or an alarm halts it: from then on a contact only asks, seldom, and sends
nothing, until an answer says what to do instead (a closed journal with its successor, a
successor of the log).

    halted:    pull ─► rest for the longest time ─► pull …        lifted by ``Restarted`` alone

>>> state, actions = step(SyncState(length=3), Woken(now=0))
>>> actions
[SendPush(start=0)]
>>> state, actions = step(state, Pushed(acknowledged=3))
>>> actions
[SendPull(cursor=0)]
"""

from dataclasses import replace

from protocol.signals import (
    Action,
    Answer,
    ChunkStored,
    Event,
    Failed,
    FetchReference,
    GapNamed,
    Halted,
    OpenUpload,
    Pulled,
    Pushed,
    Referenced,
    Restarted,
    Saved,
    SendChunk,
    SendPull,
    SendPush,
    SyncState,
    Transfer,
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
    WakeAt,
    Woken,
)

__all__ = [
    "BETWEEN_CONTACTS_MS",
    "FIRST_DELAY_MS",
    "LONGEST_DELAY_MS",
    "Action",
    "Answer",
    "ChunkStored",
    "Event",
    "Failed",
    "FetchReference",
    "GapNamed",
    "Halted",
    "OpenUpload",
    "Pulled",
    "Pushed",
    "Referenced",
    "Restarted",
    "Saved",
    "SendChunk",
    "SendPull",
    "SendPush",
    "SyncState",
    "Transfer",
    "Upload",
    "UploadLost",
    "UploadOpened",
    "UploadSkipped",
    "WakeAt",
    "Woken",
    "step",
]

FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 300_000
BETWEEN_CONTACTS_MS = 60_000


def step(state: SyncState, event: Event) -> tuple[SyncState, list[Action]]:
    """One step. Pure: the same state and event give the same answer."""
    if isinstance(event, Failed):
        return _fail(state, event)
    if _in_vain(state, event):
        return _fail(state, Failed(state.wake_at, jitter=1.0))
    state = _learn(state, event)
    if isinstance(event, Halted):
        return _rest(state)
    if state.busy or not state.contact:
        return state, []
    return _ask(state) if state.halted is not None else _next(state)


def _learn(state: SyncState, event: Event) -> SyncState:
    """What the event tells, before anything is decided."""
    match event:
        case Woken(now=now):
            return replace(state, contact=True, wake_at=now)
        case Saved(length=length, uploads=uploads, journal=journal):
            # The length of a journal that was left meanwhile says nothing of this one.
            ours = length if journal == state.journal else 0
            return _saved(state, ours, uploads)
        case Halted(reason=reason):
            return replace(state, halted=reason, busy=False)
        case Restarted(state=anew):
            return replace(anew, contact=state.contact, wake_at=state.wake_at)
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


def _ask(state: SyncState) -> tuple[SyncState, list[Action]]:
    """A contact while halted: only the office's word can change anything."""
    if state.pulled:
        return _rest(state)
    return replace(state, busy=True), [SendPull(state.cursor)]


def _rest(state: SyncState) -> tuple[SyncState, list[Action]]:
    wake_at = state.wake_at + (BETWEEN_CONTACTS_MS if state.halted is None else LONGEST_DELAY_MS)
    rested = replace(state, contact=False, greeted=False, pulled=False, referenced=False)
    return replace(rested, failures=0, wake_at=wake_at), [WakeAt(wake_at)]


def _fail(state: SyncState, event: Failed) -> tuple[SyncState, list[Action]]:
    """Back off exponentially with jitter; what the server has of an upload is asked again."""
    failures = state.failures if state.halted is None else 20
    delay = min(FIRST_DELAY_MS << min(failures, 20), LONGEST_DELAY_MS)
    wake_at = event.now + int(delay * (0.5 + event.jitter / 2))
    waiting = replace(
        state,
        busy=False,
        contact=False,
        greeted=False,
        pulled=state.pulled and state.halted is None,
        failures=state.failures + 1,
        wake_at=wake_at,
        uploads=tuple(replace(u, opened=False) for u in state.uploads),
    )
    return waiting, [WakeAt(wake_at)]
