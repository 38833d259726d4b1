"""The one engine of sync: (state, event) → (state, actions).

A tablet runs it towards its county, a county towards its province. It decides what to do
next; somebody else does it and reports back with an event. Whoever performs an action saves
what it changed *before* telling the engine, so a crash at any point repeats a step and never
skips one; every step is idempotent by link hash or blob hash. An answer that moves nothing on
counts as a failure, and only what moves something on ends the waiting that failures cost: a
server that answers nonsense is asked less and less, not in a circle.

    a round     greet and push ─► pull ─► reference data ─► pull again, for the word on each blob
                   ▲    one exchange at a time, anew every minute
    beside it      │
    media       ───┴── up to ``pace.lanes`` transfers (``transfers.py``), begun only while the
                       round has nothing to ask: what is under way goes on beside a push, but no
                       new chunk comes before a record

Exchanges and media wait by themselves after failures, longer each time: a blob that cannot be
sent costs no record a second. How many bytes a push or chunk holds follows from how long those
before it took (``pacing.py``).

A signed refusal or an alarm halts it: from then on it only asks, seldom, and sends nothing, until
an answer says what to do instead (a closed journal with its successor, a successor of the log).

    halted:    pull ─► rest for the longest time ─► pull …        lifted by ``Restarted`` alone

>>> state, actions = step(SyncState(length=3), Woken(now=0))
>>> actions
[SendPush(start=0, most=262144)]
>>> state, actions = step(state, Pushed(acknowledged=3))
>>> actions
[SendPull(cursor=0)]
"""

from dataclasses import replace

from protocol import transfers
from protocol.pacing import Pace
from protocol.signals import (
    Action,
    Answer,
    ChunkStored,
    Due,
    Event,
    Exchange,
    Failed,
    FetchReference,
    GapNamed,
    Halted,
    Media,
    OpenUpload,
    Paused,
    Pulled,
    Pushed,
    Referenced,
    Restarted,
    Resumed,
    Saved,
    SendChunk,
    Sending,
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
from protocol.transfers import FIRST_DELAY_MS, LONGEST_DELAY_MS, delay_ms

__all__ = [
    "BETWEEN_ROUNDS_MS",
    "FIRST_DELAY_MS",
    "LONGEST_DELAY_MS",
    "Action",
    "Answer",
    "ChunkStored",
    "Due",
    "Event",
    "Exchange",
    "Failed",
    "FetchReference",
    "GapNamed",
    "Halted",
    "Media",
    "OpenUpload",
    "Paused",
    "Pulled",
    "Pushed",
    "Referenced",
    "Restarted",
    "Resumed",
    "Saved",
    "SendChunk",
    "SendPull",
    "SendPush",
    "Sending",
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

BETWEEN_ROUNDS_MS = 60_000


def step(state: SyncState, event: Event) -> tuple[SyncState, list[Action]]:
    """One step. Pure: the same state and event give the same answer."""
    if state.stale and isinstance(event, Answer):
        event, state = Due(state.now), replace(state, busy=False, stale=False)
    if _in_vain(state, event):
        event = Failed(state.now, jitter=1.0)
    state = _learn(state, event)
    state, asked = _ask(state)
    state, sent = _send(state)
    state, timer = _set_timer(state)
    return state, [*asked, *sent, *timer]


# ── what an event tells ──────────────────────────────────────────────────────────────────


def _learn(state: SyncState, event: Event) -> SyncState:
    match event:
        case Woken(now=now):
            awake = replace(state, now=now, wake_at=None, media=transfers.lifted(state.media))
            return _begin_round(awake, now)
        case Due(now=now):
            state = replace(state, now=now, wake_at=None)
            return _begin_round(state, now) if now >= state.next_at else state
        case Saved(length=length, uploads=uploads, journal=journal):
            # The length of a journal that was left meanwhile says nothing of this one.
            return _saved(state, length if journal == state.journal else 0, uploads)
        case Paused() | Resumed():
            media = replace(state.media, paused=isinstance(event, Paused))
            return replace(state, media=media)
        case Failed(now=now, jitter=jitter, sha256=name):
            state = replace(state, now=max(now, state.now), pace=state.pace.failed())
            return _fail(state, jitter) if name is None else _fail_media(state, name, jitter)
        case Halted():
            return _halt(state, event)
        case Restarted():
            return _restart(state, event)
    return _learn_answer(state, event)


def _learn_answer(state: SyncState, event: Answer | Transfer) -> SyncState:
    match event:
        case Pushed(acknowledged=acknowledged, sent=sent, took_ms=took):
            moved = acknowledged > state.acknowledged
            known = replace(state, pace=state.pace.after(sent, took), greeted=True)
            return replace(_done(known, moved), acknowledged=acknowledged)
        case GapNamed(expected=expected):
            return replace(_done(state), acknowledged=min(expected, state.length))
        case Pulled(cursor=cursor, more=more):
            moved = cursor > state.cursor
            heard = replace(state, pulled=not more, word_due=state.word_due and more)
            return replace(_done(heard, moved), cursor=max(cursor, state.cursor))
        case Referenced():
            return replace(_done(state), referenced=True)
    media = transfers.answered(state.media, event, state.now)
    word_due = state.word_due or len(media.uploads) < len(state.media.uploads)
    return replace(state, media=media, word_due=word_due, pace=_after(state, event))


def _after(state: SyncState, event: Transfer) -> Pace:
    """The pace after a chunk; those under way beside it shared the line."""
    if not isinstance(event, ChunkStored):
        return state.pace
    return state.pace.after(event.sent * max(1, len(state.media.under_way)), event.took_ms)


def _saved(state: SyncState, length: int, uploads: tuple[Upload, ...]) -> SyncState:
    grown = replace(
        state,
        length=max(length, state.length),
        media=transfers.listed(state.media, uploads),
    )
    if length <= state.length or state.round_at is None or state.halted is not None:
        return grown
    return replace(grown, waiting=False)  # tried at once, whatever failed before


def _begin_round(state: SyncState, now: int) -> SyncState:
    """Go through the round anew, or go on with one that failed lately. One under way goes on; a
    push between two rounds is none, so that whoever asks meanwhile is heard behind it."""
    pause = BETWEEN_ROUNDS_MS if state.halted is None else LONGEST_DELAY_MS
    if state.busy and not (state.pulled and state.referenced):
        return replace(state, next_at=now + pause)
    began = replace(state, waiting=False, next_at=now + pause)
    if state.waiting and state.round_at is not None and now < state.round_at + pause:
        return began
    return replace(began, round_at=now, greeted=False, pulled=False, referenced=False)


def _done(state: SyncState, moved: bool = False) -> SyncState:
    return replace(state, busy=False, failures=0 if moved else state.failures)


def _in_vain(state: SyncState, event: Event) -> bool:
    """Whether the server's answer leaves everything as it was, so that the same would follow."""
    match event:
        case Pushed(acknowledged=acknowledged):
            return state.acknowledged < state.length and acknowledged <= state.acknowledged
        case GapNamed(expected=expected):
            return expected >= state.acknowledged
        case Pulled(cursor=cursor, more=more):
            return more and cursor <= state.cursor
    return False


def _fail(state: SyncState, jitter: float) -> SyncState:
    """Back off exponentially with jitter. Where a push failed, it greets again first; media go on
    behind a pull that keeps failing, because nothing bad blocks what is behind it."""
    failures = state.failures if state.halted is None else 20
    return replace(
        state,
        busy=False,
        stale=False,
        waiting=True,
        greeted=state.greeted and state.acknowledged >= state.length,
        failures=state.failures + 1,
        next_at=state.now + delay_ms(failures, jitter),
    )


def _fail_media(state: SyncState, name: bytes, jitter: float) -> SyncState:
    return replace(state, media=transfers.failed(state.media, name, state.now, jitter))


def _halt(state: SyncState, event: Halted) -> SyncState:
    """The round is over; the next asks in five minutes."""
    busy = state.busy and event.sha256 is not None
    media = state.media
    if event.sha256 is not None:
        media = transfers.ended(media, event.sha256)
    over = replace(state, halted=event.reason, busy=busy, stale=busy and state.stale, media=media)
    return replace(over, pulled=True, failures=0, next_at=state.now + LONGEST_DELAY_MS)


def _restart(state: SyncState, event: Restarted) -> SyncState:
    """Go on at once from what is saved; what this process learnt of the line stays."""
    return replace(
        event.state,
        media=transfers.carried(state.media, event.state.media),
        pace=state.pace,
        now=state.now,
        waiting=state.waiting and not event.answers,
        busy=state.busy and not event.answers,
        stale=state.busy and not event.answers,
        round_at=state.round_at,
        next_at=state.next_at,
        wake_at=state.wake_at,
    )


# ── what follows ─────────────────────────────────────────────────────────────────────────


def _ask(state: SyncState) -> tuple[SyncState, list[Exchange]]:
    """The next exchange of the round, unless one is under way or has to wait."""
    action = None if state.busy or state.waiting else _next(state)
    if action is not None:
        return replace(state, busy=True), [action]
    if state.busy or state.waiting:
        return state, []
    # A whole round went well.
    return replace(state, failures=0 if state.halted is None else state.failures), []


def _next(state: SyncState) -> Exchange | None:
    if state.halted is not None:  # only the office's word can change anything
        return None if state.pulled else SendPull(state.cursor)
    if not state.greeted or state.acknowledged < state.length:
        return SendPush(state.acknowledged, state.pace.push_bytes)
    if not state.pulled:
        return SendPull(state.cursor)
    if not state.referenced:
        return FetchReference()
    if state.word_due and not _sending(state):
        return SendPull(state.cursor)
    return None


def _sending(state: SyncState) -> bool:
    """Whether more blobs will arrive in a moment, so that the word on all can be asked at once."""
    due = transfers.due_at(state.media)
    return bool(state.media.under_way) or (due is not None and due <= state.now)


def _send(state: SyncState) -> tuple[SyncState, list[Sending]]:
    """Media, where the round leaves room for them."""
    if state.busy or not _has_room(state):
        return state, []
    media, actions = transfers.begin(state.media, state.pace, state.now)
    return replace(state, media=media), actions


def _has_room(state: SyncState) -> bool:
    """Whether the server answers and has all records."""
    return state.halted is None and state.greeted and state.acknowledged >= state.length


def _set_timer(state: SyncState) -> tuple[SyncState, list[WakeAt]]:
    """Ask to be woken for whatever is due next; an exchange under way ends by an event anyway."""
    if state.busy or state.round_at is None:
        return state, []
    at = state.next_at
    media = transfers.due_at(state.media) if _has_room(state) else None
    if media is not None and media > state.now:
        at = min(at, media)
    if at == state.wake_at:
        return state, []
    return replace(state, wake_at=at), [WakeAt(at)]
