"""When the engine waits, for how long, and what ends the waiting."""

import pytest

from protocol.engine import (
    BETWEEN_ROUNDS_MS,
    LONGEST_DELAY_MS,
    ChunkStored,
    Due,
    Event,
    Failed,
    FetchReference,
    Halted,
    Media,
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
    UploadOpened,
    UploadSkipped,
    WakeAt,
    Woken,
    step,
)
from protocol.pacing import FIRST_CHUNK, FIRST_PUSH, Pace
from tests.protocol.test_engine import FAST, KB, A, B, C, after, idle, sent

MB = 1_000_000
ROUND = (Pushed(0), Pulled(0, more=False), Referenced())


# ── what is tried at once ────────────────────────────────────────────────────────────────


def test_a_record_saved_while_failures_are_waited_for_is_tried_at_once() -> None:
    """Whoever saves something is not kept waiting; the same length told again is nothing new."""
    state, _ = after(SyncState(length=1), Woken(0), Failed(5, 1.0))
    assert step(state, Saved(1))[1] == []
    assert step(state, Saved(2))[1] == [SendPush(0, FIRST_PUSH >> 1)]


def test_the_network_that_comes_back_ends_the_waiting_of_media_too() -> None:
    """The blob that failed goes as soon as the round is over, not when its wait is."""
    state, _ = after(idle(Upload(A, KB)), Failed(10, 1.0, A))
    assert state.media.not_before == 1_010
    _, actions = after(state, Woken(20), *ROUND)
    assert sent(actions) == [OpenUpload(A, KB)]


def test_what_failed_is_asked_again_by_itself_and_after_a_minute_the_whole_round() -> None:
    """The greeting went well a moment ago."""
    state, _ = after(SyncState(), Woken(0), Pushed(0), Failed(5, 1.0))
    assert sent(step(state, Due(1_005))[1]) == [SendPull(0)]
    assert sent(step(state, Due(BETWEEN_ROUNDS_MS - 1))[1]) == [SendPull(0)]
    assert sent(step(state, Due(BETWEEN_ROUNDS_MS))[1]) == [SendPush(0, FIRST_PUSH >> 1)]


@pytest.mark.parametrize(
    ("heard", "rest", "then"),
    [
        ((Pushed(0),), Pulled(0, more=False), FetchReference()),
        ((Pushed(0), Pulled(0, more=False)), Referenced(), WakeAt(10 + BETWEEN_ROUNDS_MS)),
    ],
)
def test_who_wakes_sync_in_the_middle_of_a_round_begins_no_second(
    heard: tuple[Event, ...], rest: Event, then: object
) -> None:
    """The round that is under way is what he asked for."""
    state, _ = after(SyncState(), Woken(0), *heard)
    state, actions = step(state, Woken(10))
    assert sent(actions) == []
    assert step(state, rest)[1] == [then]


# ── what is tried less and less ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("well", [(Pushed(0),), (Pushed(0), Pulled(0, more=False))])
def test_what_keeps_failing_is_asked_less_and_less_though_what_is_before_it_goes_well(
    well: tuple[Event, ...],
) -> None:
    """An answer that moves nothing on ends no waiting, nor does what is saved meanwhile."""
    state, waits, now = SyncState(), [], 0
    for _ in range(11):
        state, actions = step(state, Due(now) if now else Woken(now))
        if isinstance(actions[0], SendPush):
            state, _ = after(state, *well)
        state, _ = after(state, Saved(0), Failed(now, 1.0))
        waits.append(state.next_at - now)
        now = state.next_at
    assert waits == [1_000 << n for n in range(9)] + [LONGEST_DELAY_MS] * 2


def test_what_moves_something_on_ends_the_waiting() -> None:
    """After a push that got through the next failure is a first one."""
    state, _ = after(SyncState(length=9), Woken(0), Failed(0, 1.0), Due(1_000), Failed(1_000, 1.0))
    state, _ = after(state, Due(3_000), Pushed(4), Failed(4_000, 1.0))
    assert state.wake_at == 5_000


def test_a_round_that_went_well_ends_the_waiting_though_nothing_was_new() -> None:
    """The server answers again."""
    state, _ = after(SyncState(), Woken(0), Failed(0, 1.0), Due(1_000), *ROUND)
    state, _ = after(state, Due(61_000), Failed(62_000, 1.0))
    assert state.wake_at == 63_000


# ── the timer ────────────────────────────────────────────────────────────────────────────


def test_a_blob_that_waits_for_a_free_lane_sets_no_timer() -> None:
    """One in the past would be run after in a circle."""
    state = idle(Upload(A, KB), Upload(B, KB), pace=Pace())
    assert len(state.media.under_way) == 1
    assert state.wake_at == BETWEEN_ROUNDS_MS


def test_a_blob_that_waits_long_puts_no_round_off() -> None:
    """The earlier of the two is the timer's."""
    state, _ = step(idle(Upload(A, KB)), UploadSkipped(A))
    state, _ = step(state, Pulled(0, more=False))
    assert state.media.uploads[0].not_before == LONGEST_DELAY_MS
    assert state.wake_at == BETWEEN_ROUNDS_MS


def test_a_blob_that_may_not_go_before_the_records_wakes_nobody() -> None:
    """While a push waits, its timer alone counts."""
    state, _ = after(idle(Upload(A, KB)), Failed(10, 1.0, A), Saved(1), Failed(20, 1.0))
    assert (state.media.not_before, state.wake_at) == (1_010, 1_020)


def test_what_a_stick_brought_keeps_the_timer() -> None:
    """The next round comes when it was to come, and failures behind it are waited for."""
    state, _ = after(idle(), Restarted(SyncState(), answers=False), *ROUND)
    assert state.wake_at == BETWEEN_ROUNDS_MS
    state, _ = after(state, Saved(1), Failed(40_000, 1.0))
    assert state.wake_at == 41_000


def test_after_a_stick_one_answer_is_passed_over_and_no_second() -> None:
    """The exchange from before failed; what the next one brings is heard."""
    state, _ = after(SyncState(length=2), Woken(1), Restarted(SyncState(length=2), answers=False))
    _, actions = after(state, Failed(5, 1.0), Due(1_005), Pushed(2))
    assert sent(actions) == [SendPull(0)]


# ── a halt in the middle of uploads ──────────────────────────────────────────────────────


def test_while_it_is_halted_no_upload_goes_on() -> None:
    """What is under way ends, and nothing follows it."""
    state = idle(Upload(A, 90 * MB), Upload(B, KB), pace=Pace())
    (name,) = state.media.under_way
    state, _ = after(state, Saved(0), Halted("revoked_device"))
    assert sent(step(state, UploadOpened(name, 0))[1]) == []
    assert sent(step(state, UploadOpened(name, KB, complete=True))[1]) == []


def test_an_alarm_that_an_upload_raised_ends_its_transfer() -> None:
    """The office is asked, and once it lifts the alarm the blob is sent."""
    state, _ = after(idle(Upload(A, KB)), Halted("alarm", A))
    state, actions = step(state, Woken(20))
    assert sent(actions) == [SendPull(0)]
    anew = SyncState(media=Media((Upload(A, KB),)))
    _, actions = after(state, Restarted(anew), *ROUND)
    assert sent(actions) == [OpenUpload(A, KB)]


def test_an_alarm_beside_a_push_begins_no_second_exchange() -> None:
    """The push under way ends by its own answer."""
    state, _ = after(idle(Upload(A, KB)), Saved(1), Halted("alarm", A))
    assert sent(step(state, Woken(20))[1]) == []


# ── what chunks tell ─────────────────────────────────────────────────────────────────────


def test_a_chunk_in_good_time_makes_the_next_one_larger() -> None:
    """As pushes do; at first nobody knows the line."""
    state, actions = after(idle(Upload(A, 90 * MB), pace=Pace()), UploadOpened(A, 0))
    assert sent(actions) == [SendChunk(A, 0, FIRST_CHUNK)]
    told = ChunkStored(A, FIRST_CHUNK, sent=FIRST_CHUNK, took_ms=100)
    state, actions = step(state, told)
    assert state.pace.chunk_bytes > FIRST_CHUNK
    assert sent(actions) == [SendChunk(A, FIRST_CHUNK, state.pace.chunk_bytes)]


def test_chunks_beside_each_other_share_the_line() -> None:
    """Three at once, each in a second: the line bears three times one of them."""
    state = idle(Upload(A, 9 * MB), Upload(B, 9 * MB), Upload(C, 9 * MB))
    state, _ = after(state, *(UploadOpened(one, 0) for one in (A, B, C)))
    state, _ = step(state, ChunkStored(A, MB, sent=MB, took_ms=1_000))
    assert state.pace == FAST.after(3 * MB, 1_000)


def test_the_word_on_a_blob_is_asked_for_though_another_one_failed() -> None:
    """The first is whole, the second waits: nothing else comes in a moment."""
    state = idle(Upload(A, KB), Upload(B, 9 * MB))
    state, _ = after(state, UploadOpened(A, KB, complete=True), UploadOpened(B, 0))
    _, actions = step(state, Failed(10, 1.0, B))
    assert sent(actions) == [SendPull(0)]
