"""Whatever happens in whatever order, the engine keeps its promises (a search over histories).

The server below does what it is asked, loses some of it, and remembers what it truly holds. The
rules are what may happen next: an answer, a failure, a record, a person, time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol import transfers
from protocol.engine import (
    Action,
    ChunkStored,
    Due,
    Event,
    Exchange,
    Failed,
    FetchReference,
    GapNamed,
    Halted,
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
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
    WakeAt,
    Woken,
    step,
)
from protocol.transfers import listed

BATCH = 7
FULL_ROUNDS = 4_000


@dataclass
class Server:
    """What arrived."""

    links: int = 0
    blobs: dict[bytes, int] = field(default_factory=dict)
    words: int = 0

    def answer(self, action: Action, length: int, sizes: dict[bytes, int]) -> Event:
        """Do what is asked, well."""
        match action:
            case SendPush(start=start):
                if start > self.links:
                    return GapNamed(self.links)
                self.links = max(self.links, min(length, start + BATCH))
                return Pushed(self.links, sent=20_000, took_ms=9)
            case SendPull(cursor=cursor):
                self.words += 1
                return Pulled(cursor + 1, more=False)
            case FetchReference():
                return Referenced()
            case OpenUpload(sha256=name, size=size):
                offset = self.blobs.setdefault(name, 0)
                return UploadOpened(name, offset, complete=offset == size)
            case SendChunk(sha256=name, offset=offset, size=size):
                assert self.blobs[name] == offset
                self.blobs[name] = offset + size
                whole = self.blobs[name] == sizes[name]
                return ChunkStored(name, offset + size, whole, sent=size, took_ms=3)
        raise AssertionError(action)


class AnyHistory(RuleBasedStateMachine):
    """A tablet's engine, a server, and all that can happen between them."""

    def __init__(self) -> None:
        super().__init__()
        self.state = SyncState()
        self.server = Server()
        self.exchange: Exchange | None = None
        self.sending: dict[bytes, Sending] = {}
        self.timer: int | None = None
        self.now = 0
        self.length = 0
        self.sizes: dict[bytes, int] = {}
        self.heard = 0

    def feed(self, event: Event) -> None:
        """Step, and note what is under way; nothing may be begun twice."""
        self.state, actions = step(self.state, event)
        for action in actions:
            match action:
                case WakeAt(at=at):
                    self.timer = at
                case SendPush() | SendPull() | FetchReference():
                    assert self.exchange is None, "two exchanges at once"
                    assert not self.state.waiting, "an exchange while failures are waited for"
                    self.exchange = action
                case OpenUpload(sha256=name) | SendChunk(sha256=name):
                    assert name not in self.sending, "one blob twice at once"
                    assert len(self.sending) < self.state.pace.lanes, "more transfers than lanes"
                    self.sending[name] = action
        if self.state.halted is not None:
            assert all(isinstance(one, SendPull | WakeAt) for one in actions), "sent while halted"
        begun = [one for one in actions if isinstance(one, OpenUpload | SendChunk)]
        if begun:
            assert not self.state.media.paused, "media while paused"
            assert self.state.acknowledged >= self.state.length, "media before records"
            assert not self.state.busy, "media before the round"

    def ended(self, name: bytes | None) -> Action:
        """The action under way that just ended."""
        if name is not None:
            return self.sending.pop(name)
        assert self.exchange is not None
        action, self.exchange = self.exchange, None
        return action

    def under_way(self, data: st.DataObject) -> bytes | None:
        """One of the actions under way: a blob's name, or None for the exchange."""
        names: list[bytes | None] = sorted(self.sending)
        return data.draw(st.sampled_from(names + [None] * (self.exchange is not None)))

    # ── what may happen ──────────────────────────────────────────────────────────────────

    @rule(sizes=st.lists(st.sampled_from([1, 900, 300_000, 3_000_000]), max_size=3))
    def a_record_is_saved(self, sizes: list[int]) -> None:
        self.length += 1
        names = [len(self.sizes).to_bytes(32, "big") for _ in sizes[:1]]
        added = dict(zip(names, sizes, strict=False))
        self.sizes |= added
        uploads = tuple(Upload(name, size, self.now) for name, size in added.items())
        self.feed(Saved(self.length, uploads))

    @rule(ms=st.sampled_from([1, 400, 5_000, 61_000, 400_000]), fires=st.booleans())
    def time_passes(self, ms: int, fires: bool) -> None:
        self.now += ms
        if fires and self.timer is not None and self.timer <= self.now:
            self.timer = None
            self.feed(Due(self.now))

    @rule()
    def somebody_wakes_it(self) -> None:
        self.feed(Woken(self.now))

    @rule(event=st.sampled_from([Paused(), Resumed()]))
    def somebody_pauses_the_media(self, event: Event) -> None:
        self.feed(event)

    @precondition(lambda self: self.exchange or self.sending)
    @rule(data=st.data())
    def an_answer_comes(self, data: st.DataObject) -> None:
        action = self.ended(self.under_way(data))
        self.feed(self.server.answer(action, self.length, self.sizes))

    @precondition(lambda self: self.exchange or self.sending)
    @rule(data=st.data(), arrived=st.booleans(), jitter=st.floats(0, 0.99))
    def an_answer_is_lost(self, data: st.DataObject, arrived: bool, jitter: float) -> None:
        name = self.under_way(data)
        action = self.ended(name)
        if arrived:
            self.server.answer(action, self.length, self.sizes)
        self.feed(Failed(self.now, jitter, name))

    @precondition(lambda self: self.sending)
    @rule(data=st.data(), lost=st.booleans())
    def a_blob_is_lost_or_declined(self, data: st.DataObject, lost: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.sending)))
        self.ended(name)
        if lost:
            self.server.blobs[name] = 0
        self.feed(UploadLost(name) if lost else UploadSkipped(name))

    @precondition(lambda self: self.exchange)
    @rule()
    def the_server_refuses(self) -> None:
        self.ended(None)
        self.feed(Halted("fork"))

    @precondition(lambda self: self.exchange)
    @rule(kept=st.integers(0, 9))
    def the_log_is_succeeded(self, kept: int) -> None:
        self.ended(None)
        self.server.links = min(self.server.links, kept)
        self.server.blobs = dict.fromkeys(self.server.blobs, 0)
        self.restart(answers=True)

    @rule()
    def a_stick_brings_an_answer(self) -> None:
        self.restart(answers=False)

    @rule()
    def the_process_starts_anew(self) -> None:
        self.exchange, self.timer = None, None
        self.sending.clear()
        self.state = self.saved_state()
        self.feed(Woken(self.now))

    def restart(self, *, answers: bool) -> None:
        self.feed(Restarted(self.saved_state(), answers))

    def saved_state(self) -> SyncState:
        """As a vault would tell it."""
        left = [Upload(n, s) for n, s in self.sizes.items() if self.server.blobs.get(n) != s]
        return replace(
            SyncState(length=self.length, acknowledged=self.server.links),
            cursor=self.state.cursor,
            media=listed(self.state.media.__class__(paused=self.state.media.paused), left),
        )

    # ── what always holds ────────────────────────────────────────────────────────────────

    @invariant()
    def it_knows_what_is_under_way(self) -> None:
        assert self.state.busy == (self.exchange is not None)
        assert self.state.media.under_way == frozenset(self.sending)

    @invariant()
    def the_list_is_in_the_order_in_which_blobs_go(self) -> None:
        uploads = self.state.media.uploads
        assert list(uploads) == sorted(uploads, key=transfers._order)

    @invariant()
    def it_never_claims_more_than_there_is(self) -> None:
        assert self.state.acknowledged <= max(self.server.links, self.heard)
        self.heard = max(self.heard, self.server.links)

    @invariant()
    def somebody_will_wake_it(self) -> None:
        """Once it ran, an action is under way or a timer is set."""
        if self.state.round_at is not None:
            assert self.exchange or self.sending or self.timer is not None

    def teardown(self) -> None:
        """From any point, everything drains as soon as the server behaves."""
        self.feed(Resumed())
        if self.state.halted is not None:
            asked, self.exchange = self.exchange, None
            self.restart(answers=asked is not None)
        self.feed(Woken(self.now))
        for _ in range(FULL_ROUNDS):
            if self.exchange is not None:
                self.feed(self.server.answer(self.ended(None), self.length, self.sizes))
            elif self.sending:
                action = self.ended(min(self.sending))
                self.feed(self.server.answer(action, self.length, self.sizes))
            elif self.state.drained and not self.state.word_due:
                break
            else:
                assert self.timer is not None
                self.now, self.timer = max(self.now, self.timer), None
                self.feed(Due(self.now))
        assert self.server.links == self.length
        assert all(self.server.blobs[name] == size for name, size in self.sizes.items())
        assert self.state.drained


AnyHistory.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyHistory = AnyHistory.TestCase
