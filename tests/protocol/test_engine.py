"""The sync engine always drains, never skips a link, and never lets media hold up records."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.engine import (
    BETWEEN_CONTACTS_MS,
    LONGEST_DELAY_MS,
    Action,
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
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
    WakeAt,
    Woken,
    step,
)

CHUNK = 100


class FlakyServer:
    """Does what the engine asks, loses some of it, and remembers what it truly holds."""

    def __init__(self, seed: int, length: int, uploads: tuple[Upload, ...]) -> None:
        self.random = random.Random(seed)
        self.length = length
        self.sizes = {u.sha256: u.size for u in uploads}
        self.links = 0
        self.held: dict[bytes, int] = {}
        self.pulls_after_last_blob = 0

    def perform(self, action: Action, now: int) -> Event:
        if isinstance(action, WakeAt):
            return Woken(action.at)
        lost = self.random.random()
        if lost < 0.15:
            return Failed(now, self.random.random())
        event = self.answer(action)
        return Failed(now, self.random.random()) if lost > 0.9 else event

    def answer(self, action: Action) -> Event:
        if isinstance(action, SendPush):
            if action.start > self.links:
                return GapNamed(self.links)
            self.links = max(self.links, min(self.length, action.start + 7))
            return Pushed(self.links)
        if isinstance(action, SendPull):
            if not self.sizes or all(self.held.get(k) == v for k, v in self.sizes.items()):
                self.pulls_after_last_blob += 1
            return Pulled(action.cursor + 1, more=self.random.random() < 0.2)
        if isinstance(action, FetchReference):
            return Referenced()
        if isinstance(action, OpenUpload):
            offset = self.held.setdefault(action.sha256, 0)
            return UploadOpened(action.sha256, offset, offset == action.size)
        assert isinstance(action, SendChunk)
        size = self.sizes[action.sha256]
        if self.random.random() < 0.1 and self.held[action.sha256] < size:
            self.held[action.sha256] = 0
            return UploadLost(action.sha256)
        self.held[action.sha256] = min(size, action.offset + CHUNK)
        return ChunkStored(
            action.sha256, self.held[action.sha256], self.held[action.sha256] == size
        )


@given(
    seed=st.integers(0, 2**32),
    length=st.integers(0, 40),
    sizes=st.lists(st.integers(1, 450), max_size=4),
)
def test_everything_saved_arrives_over_any_network(
    seed: int, length: int, sizes: list[int]
) -> None:
    """With losses at random places, all links and all blobs arrive, and the engine rests."""
    uploads = tuple(Upload(bytes([i]) * 32, size) for i, size in enumerate(sizes))
    server = FlakyServer(seed, length, uploads)
    state, actions = step(SyncState(), Saved(length, uploads))
    assert actions == []
    state, actions = step(state, Woken(0))
    for _ in range(3000):
        assert len(actions) == 1
        state, actions = step(state, server.perform(actions[0], state.wake_at))
        if state.drained and not state.contact and state.failures == 0:
            break
    assert server.links == length
    assert {k: server.held.get(k) for k in server.sizes} == server.sizes
    assert server.pulls_after_last_blob > 0


def test_records_go_before_media() -> None:
    """A record saved during an upload is pushed before the next chunk."""
    state, _ = step(SyncState(), Saved(1, (Upload(b"a" * 32, 1000),)))
    for event in (Woken(0), Pushed(1), Pulled(1, False), Referenced(), UploadOpened(b"a" * 32, 0)):
        state, actions = step(state, event)
    assert actions == [SendChunk(b"a" * 32, 0)]
    state, actions = step(state, Saved(2))
    assert actions == []
    state, actions = step(state, ChunkStored(b"a" * 32, 100))
    assert actions == [SendPush(1)]


def test_the_small_blob_goes_first() -> None:
    """Of two blobs the smaller one is opened first."""
    uploads = (Upload(b"a" * 32, 1000), Upload(b"b" * 32, 10))
    state, _ = step(SyncState(greeted=True, pulled=True, referenced=True), Saved(0, uploads))
    _, actions = step(state, Woken(0))
    assert actions == [OpenUpload(b"b" * 32, 10)]


def test_waiting_grows_and_stays_bounded() -> None:
    """Failures wait longer each time, at most five minutes, and at least half of that."""
    state, waits = SyncState(contact=True), []
    for _ in range(30):
        state, actions = step(state, Failed(now=0, jitter=0.0))
        assert isinstance(actions[0], WakeAt)
        waits.append(actions[0].at)
    assert waits[:4] == [500, 1000, 2000, 4000]
    assert waits == sorted(waits)
    assert waits[-1] == 150_000


def test_a_refusal_stops_all_sending_but_loses_nothing() -> None:
    """After a halt nothing is sent, and what is unsent is still counted."""
    state, _ = step(SyncState(), Saved(5, (Upload(b"a" * 32, 10),)))
    state, _ = step(state, Woken(7))
    state, actions = step(state, Halted("fork"))
    assert actions == [WakeAt(7 + LONGEST_DELAY_MS)]
    assert not state.drained
    assert (state.length, state.acknowledged) == (5, 0)


@given(
    st.lists(
        st.one_of(
            st.builds(Woken, now=st.integers(0, 10**9)),
            st.builds(Saved, length=st.integers(0, 9)),
            st.builds(Pulled, cursor=st.integers(0, 9), more=st.booleans()),
            st.builds(Failed, now=st.integers(0, 10**9), jitter=st.floats(0, 0.99)),
            st.just(Halted("alarm")),
        ),
        max_size=30,
    )
)
def test_a_halted_engine_only_asks(events: list[Event]) -> None:
    """Whatever happens, it pulls and rests and sends neither links nor blobs; when it rests, it
    wakes again by itself."""
    state, _ = step(SyncState(length=3, uploads=(Upload(b"a", 9),)), Halted("fork"))
    for event in events:
        state, actions = step(state, event)
        assert all(isinstance(one, SendPull | WakeAt) for one in actions)
        assert len(actions) <= 1
    assert state.halted is not None


def test_a_halted_engine_asks_seldom_and_when_it_is_woken() -> None:
    """A contact is one pull, and the next is five minutes later, answered or not."""
    state, _ = step(replace(SyncState(), wake_at=1), Halted("fork"))
    state, actions = step(state, Woken(10))
    assert actions == [SendPull(0)]
    state, actions = step(state, Pulled(4, more=True))
    assert actions == [SendPull(4)]
    state, actions = step(state, Pulled(5, more=False))
    assert actions == [WakeAt(10 + LONGEST_DELAY_MS)]
    state, actions = step(state, Woken(20))
    assert actions == [SendPull(5)]
    state, actions = step(state, Failed(now=30, jitter=1.0))
    assert actions == [WakeAt(30 + LONGEST_DELAY_MS)]


def test_what_the_office_says_lifts_a_halt() -> None:
    """It goes on from where things stand now, in the same contact."""
    state, _ = step(SyncState(length=9, acknowledged=4), Halted("fork"))
    state, _ = step(state, Woken(10))
    anew = SyncState(length=5, acknowledged=0, cursor=8, uploads=(Upload(b"a", 9),))
    state, actions = step(state, Restarted(anew))
    assert actions == [SendPush(0)]
    state, actions = step(state, Pushed(5))
    assert actions == [SendPull(8)]


def test_a_record_of_the_journal_that_was_left_is_not_counted_twice() -> None:
    """Told late, its length is another journal's; its blobs are still to be sent."""
    state = SyncState(journal=b"new", length=2, acknowledged=2)
    state, _ = step(state, Saved(57, (Upload(b"a", 9),), journal=b"old"))
    assert (state.length, [u.sha256 for u in state.uploads]) == (2, [b"a"])
    state, _ = step(state, Saved(3, journal=b"new"))
    assert state.length == 3


def test_a_halt_that_still_stands_outlasts_a_new_start() -> None:
    """What is read anew may still be halted: then it goes on asking, and no more."""
    state, _ = step(SyncState(length=9), Halted("revoked_device"))
    state, _ = step(state, Woken(10))
    _, actions = step(state, Restarted(SyncState(length=9, halted="revoked_device")))
    assert actions == [SendPull(0)]


def test_a_server_that_lost_links_gets_them_again() -> None:
    """A named gap moves the next push back to where the server stands."""
    state = SyncState(length=9, acknowledged=9, contact=True, busy=True)
    state, actions = step(state, GapNamed(4))
    assert actions == [SendPush(4)]
    assert state.acknowledged == 4


def test_a_blob_that_cannot_be_sent_blocks_no_other():
    """It leaves the list until the engine starts anew; the next one is asked for."""
    state = SyncState(greeted=True, pulled=True, referenced=True, contact=True, busy=True)
    state = replace(state, uploads=(Upload(b"a", 1), Upload(b"b", 2)))
    state, actions = step(state, UploadSkipped(b"a"))
    assert actions == [OpenUpload(b"b", 2)]


def test_records_in_a_row_do_not_put_off_the_next_contact():
    """Each wakes the engine; the contact after the last is a minute later, not many."""
    state = SyncState()
    for now in (1_000, 2_000, 3_000):
        state, _ = step(state, Woken(now))
        state, _ = step(state, Pushed(0))
        state, _ = step(state, Pulled(0, more=False))
        state, actions = step(state, Referenced())
    assert actions == [WakeAt(3_000 + BETWEEN_CONTACTS_MS)]


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (SyncState(length=5, acknowledged=2), Pushed(2)),
        (SyncState(length=5, acknowledged=2), GapNamed(2)),
        (SyncState(length=5, acknowledged=2), GapNamed(4)),
        (SyncState(cursor=7), Pulled(7, more=True)),
        (SyncState(uploads=(Upload(b"a", 9, 4, True),)), ChunkStored(b"a", 4)),
        (SyncState(uploads=(Upload(b"a", 9, 0, True),)), UploadLost(b"a")),
    ],
)
def test_an_answer_that_moves_nothing_is_not_answered_in_a_circle(
    state: SyncState, event: Event
) -> None:
    """The engine waits, longer each time, before it asks the same again."""
    state = replace(state, pulled=state.cursor == 0, referenced=True)
    waits = []
    for now in (10_000, 20_000, 30_000):
        state, (first, *_) = step(replace(state, greeted=True), Woken(now))
        assert not isinstance(first, WakeAt)
        state, (rest,) = step(state, event)
        assert isinstance(rest, WakeAt)
        waits.append(rest.at - now)
    assert waits == [1_000, 2_000, 4_000]


def test_a_good_greeting_does_not_end_the_waiting_for_what_keeps_failing() -> None:
    """Each contact greets well and fails at the blob: it is tried less and less often."""
    state = step(SyncState(), Saved(0, (Upload(b"a", 9),)))[0]
    waits = []
    for now in (0, 10_000, 20_000):
        for event in (Woken(now), Pushed(0), Pulled(0, more=False), Referenced()):
            state, _ = step(state, event)
        state, (rest,) = step(state, Failed(now, 1.0))
        assert isinstance(rest, WakeAt)
        waits.append(rest.at - now)
    assert waits == [1_000, 2_000, 4_000]
