"""The engine decides record by record and blob by blob; each behaviour by itself."""

from dataclasses import replace

import pytest

from protocol.engine import (
    BETWEEN_ROUNDS_MS,
    LONGEST_DELAY_MS,
    Action,
    ChunkStored,
    Due,
    Event,
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
from protocol.pacing import FIRST_PUSH, Pace

FAST = Pace(rate=10_000_000)
KB = 1000
A, B, C, D = (bytes([n]) * 32 for n in range(1, 5))


def after(state: SyncState, *events: Event) -> tuple[SyncState, list[Action]]:
    """The state after some events, and what the last one asked for."""
    actions: list[Action] = []
    for event in events:
        state, actions = step(state, event)
    return state, actions


def idle(*uploads: Upload, pace: Pace = FAST) -> SyncState:
    """Woken at 0, the round is over but for the media, which were named just now."""
    state, _ = after(SyncState(pace=pace), Woken(0), Pushed(0), Pulled(0, False), Referenced())
    return step(state, Saved(0, uploads))[0]


def sent(actions: list[Action]) -> list[Action]:
    """What was asked for beside the timer."""
    return [one for one in actions if not isinstance(one, WakeAt)]


def test_a_round_greets_pushes_pulls_and_asks_for_reference_data() -> None:
    """One exchange after the other; then it waits a minute."""
    state, actions = step(SyncState(length=3), Woken(7))
    assert actions == [SendPush(0, FIRST_PUSH)]
    state, actions = step(state, Pushed(2))
    assert actions == [SendPush(2, FIRST_PUSH)]
    state, actions = after(state, Pushed(3), Pulled(4, more=True))
    assert actions == [SendPull(4)]
    state, actions = step(state, Pulled(6, more=False))
    assert actions == [FetchReference()]
    state, actions = step(state, Referenced())
    assert actions == [WakeAt(7 + BETWEEN_ROUNDS_MS)]
    _, actions = step(state, Due(7 + BETWEEN_ROUNDS_MS))
    assert actions == [SendPush(3, FIRST_PUSH)]


def test_a_record_saved_during_an_upload_is_pushed_at_once_beside_it() -> None:
    """The chunk under way goes on; no new one begins before the record is there."""
    state = idle(Upload(A, 90_000_000))
    state, actions = step(state, Resumed())
    assert sent(actions) == []
    (name,) = state.media.under_way
    state, actions = step(state, UploadOpened(name, 0))
    assert isinstance(actions[0], SendChunk)
    state, actions = step(state, Saved(1))
    assert actions == [SendPush(0, FAST.push_bytes)]
    state, actions = step(state, ChunkStored(A, 8 << 20))
    assert sent(actions) == []
    state, actions = step(state, Pushed(1))
    assert sent(actions) == [SendChunk(A, 8 << 20, FAST.chunk_bytes)]


def test_a_good_link_carries_several_blobs_and_a_slow_one_one_after_the_other() -> None:
    """As many as ``lanes`` says, and the next when one is through."""
    blobs = tuple(Upload(one, KB) for one in (A, B, C, D))
    state = idle(*blobs)
    assert len(state.media.under_way) == FAST.lanes == 3
    one = min(state.media.under_way)
    state, actions = step(state, UploadOpened(one, KB, complete=True))
    assert len(sent(actions)) == 1
    assert len(state.media.under_way) == 3
    slow = idle(*blobs, pace=Pace())
    assert len(slow.media.under_way) == 1


def test_newest_small_blobs_go_first_and_large_ones_last() -> None:
    """Of the small the one taken last, of the large the smallest."""
    blobs = (
        Upload(A, 90_000_000, at=9),
        Upload(B, KB, at=1),
        Upload(C, 5 * KB, at=2),
        Upload(D, 50_000_000, at=3),
    )
    state, _ = step(SyncState(), Saved(0, blobs))
    assert [one.sha256 for one in state.media.uploads] == [C, B, D, A]


def test_waiting_grows_and_stays_bounded() -> None:
    """Failures wait longer each time, at most five minutes, and at least half of that."""
    state = step(SyncState(), Woken(0))[0]
    waits: list[int | None] = []
    for _ in range(30):
        state, _ = step(state, Failed(now=0, jitter=0.0))
        waits.append(state.wake_at)
        state = replace(state, waiting=False, busy=True)
    assert waits[:4] == [500, 1000, 2000, 4000]
    assert waits[9:] == [150_000] * 21


def test_tablets_that_failed_together_come_back_one_after_the_other() -> None:
    """Each waits its own part of the second half."""
    state = step(SyncState(), Woken(0))[0]
    waits = [step(state, Failed(now=0, jitter=n / 4))[0].wake_at for n in range(5)]
    assert waits == [500, 625, 750, 875, 1000]


def test_a_refusal_stops_all_sending_but_loses_nothing() -> None:
    """After a halt nothing is sent, and what is unsent is still counted."""
    state, actions = after(SyncState(), Saved(5, (Upload(A, 10),)), Woken(7), Halted("fork"))
    assert actions == [WakeAt(7 + LONGEST_DELAY_MS)]
    assert not state.drained
    assert (state.length, state.acknowledged) == (5, 0)


def test_a_halted_engine_asks_seldom_and_when_it_is_woken() -> None:
    """A round is one pull, and the next is five minutes later, answered or not."""
    state, actions = after(SyncState(), Woken(1), Halted("fork"), Woken(10))
    assert actions == [SendPull(0)]
    state, actions = step(state, Pulled(4, more=True))
    assert actions == [SendPull(4)]
    state, actions = step(state, Pulled(5, more=False))
    assert actions == [WakeAt(10 + LONGEST_DELAY_MS)]
    state, actions = step(state, Woken(20))
    assert actions == [SendPull(5)]
    state, actions = step(state, Failed(now=30, jitter=1.0))
    assert actions == [WakeAt(30 + LONGEST_DELAY_MS)]
    _, actions = step(state, Saved(9))
    assert actions == []


def test_what_the_office_says_lifts_a_halt() -> None:
    """It goes on from where things stand now, in the same round."""
    state, _ = after(SyncState(length=9, acknowledged=4), Woken(1), Halted("fork"), Woken(10))
    anew = SyncState(length=5, cursor=8, media=Media((Upload(A, 9),)))
    state, actions = step(state, Restarted(anew))
    assert actions == [SendPush(0, FIRST_PUSH)]
    _, actions = step(state, Pushed(5))
    assert actions == [SendPull(8)]


def test_what_came_on_a_stick_is_no_answer_to_the_exchange_under_way() -> None:
    """That one ends by its own answer; the next starts from what is saved now."""
    state, _ = after(SyncState(length=2), Woken(1))
    state, actions = step(state, Restarted(SyncState(length=9, acknowledged=2), answers=False))
    assert sent(actions) == []
    assert state.busy
    _, actions = step(state, Pushed(3))
    assert actions == [SendPush(2, FIRST_PUSH)]


def test_transfers_under_way_outlast_a_new_start() -> None:
    """A blob that is being sent is not begun a second time."""
    state = idle(Upload(A, KB))
    anew = SyncState(media=Media((Upload(A, KB), Upload(B, KB))))
    state, _ = after(replace(state, busy=True), Restarted(anew))
    _, actions = after(state, Pushed(0), Pulled(0, False), Referenced())
    assert sent(actions) == [OpenUpload(B, KB)]


def test_an_answer_from_before_a_succession_completes_no_blob() -> None:
    """The server that gave it may have lost its disk since: its successor is asked."""
    state = replace(idle(Upload(A, KB)), busy=True)
    state, _ = step(state, Restarted(SyncState(media=Media((Upload(A, KB),)))))
    state, _ = after(state, Pushed(0), Pulled(0, False), Referenced())
    state, actions = step(state, ChunkStored(A, KB, complete=True))
    assert sent(actions) == [OpenUpload(A, KB)]


def test_a_record_of_the_journal_that_was_left_is_not_counted_twice() -> None:
    """Told late, its length is another journal's; its blobs are still to be sent."""
    state = SyncState(journal=b"new", length=2, acknowledged=2)
    state, _ = step(state, Saved(57, (Upload(A, 9),), journal=b"old"))
    assert (state.length, [u.sha256 for u in state.media.uploads]) == (2, [A])
    state, _ = step(state, Saved(3, journal=b"new"))
    assert state.length == 3


def test_a_halt_that_still_stands_outlasts_a_new_start() -> None:
    """What is read anew may still be halted: then it goes on asking, and no more."""
    state, _ = after(SyncState(length=9), Woken(1), Halted("revoked_device"), Woken(10))
    _, actions = step(state, Restarted(SyncState(length=9, halted="revoked_device")))
    assert actions == [SendPull(0)]


def test_a_server_that_lost_links_gets_them_again() -> None:
    """A named gap moves the next push back to where the server stands."""
    state, _ = after(SyncState(length=9, acknowledged=9), Woken(0))
    state, actions = step(state, GapNamed(4))
    assert actions == [SendPush(4, FIRST_PUSH)]
    assert state.acknowledged == 4


def test_a_blob_that_the_server_declines_blocks_no_other_and_is_asked_for_again() -> None:
    """The next goes on at once; the declined one comes again after a while, not in a circle."""
    state = idle(Upload(A, KB, at=2), Upload(B, KB, at=1), pace=Pace())
    assert state.media.under_way == {A}
    state, actions = step(state, UploadSkipped(A))
    assert sent(actions) == [OpenUpload(B, KB)]
    state, actions = after(state, UploadOpened(B, KB, complete=True), Pulled(1, False))
    assert sent(actions) == []
    state, actions = after(state, Due(LONGEST_DELAY_MS - 1), Pushed(0), Pulled(1, False))
    state, actions = step(state, Referenced())
    assert actions == [WakeAt(LONGEST_DELAY_MS)]
    _, actions = step(state, Due(LONGEST_DELAY_MS))
    assert sent(actions) == [OpenUpload(A, KB)]


def test_a_blob_that_keeps_failing_goes_behind_the_others() -> None:
    """Nothing bad blocks what is behind it."""
    state = idle(Upload(A, KB, at=2), Upload(B, KB, at=1), pace=Pace())
    state, actions = step(state, Failed(10, 1.0, A))
    assert actions == [WakeAt(10 + 1_000)]
    _, actions = step(state, Due(1_010))
    assert sent(actions) == [OpenUpload(B, KB)]


def test_a_line_that_breaks_under_three_transfers_is_one_failure() -> None:
    """All end at the same moment; the waiting is the first one's."""
    state = idle(Upload(A, KB), Upload(B, KB), Upload(C, KB))
    state, _ = after(state, Failed(10, 1.0, A), Failed(11, 1.0, B), Failed(12, 1.0, C))
    assert (state.media.failures, state.media.not_before) == (1, 1_010)


def test_a_failing_blob_costs_no_record_a_second() -> None:
    """Records are pushed while media wait."""
    state, _ = after(idle(Upload(A, KB)), Failed(10, 1.0, A), Failed(10, 1.0, A))
    _, actions = step(state, Saved(1))
    assert sent(actions) == [SendPush(0, FAST.failed().failed().push_bytes)]


def test_a_pull_that_keeps_failing_holds_no_media_up() -> None:
    """The greeting went well, so the line is there."""
    state, _ = step(SyncState(), Saved(0, (Upload(A, KB),)))
    state, actions = after(state, Woken(0), Pushed(0), Failed(5, 1.0))
    assert sent(actions) == [OpenUpload(A, KB)]


def test_no_blob_is_tried_while_a_push_fails() -> None:
    """Neither records nor media have a chance; the line is tried by the greeting."""
    state, _ = step(SyncState(), Saved(1, (Upload(A, KB),)))
    state, actions = after(state, Woken(0), Failed(5, 1.0))
    assert actions == [WakeAt(1_005)]


def test_media_wait_while_they_are_paused_and_records_go_on() -> None:
    """What is under way ends; the rest waits for the person who said so."""
    state = idle(Upload(A, KB), Upload(B, KB), Upload(C, KB), Upload(D, KB))
    state, _ = after(state, Paused(), UploadOpened(A, KB, True), UploadOpened(B, KB, True))
    state, actions = step(state, UploadOpened(C, KB, True))
    assert sent(actions) == [SendPull(0)]
    state, actions = after(state, Pulled(1, False), Saved(1))
    assert sent(actions) == [SendPush(0, FAST.push_bytes)]
    state, actions = step(state, Pushed(1))
    assert sent(actions) == []
    _, actions = step(state, Resumed())
    assert sent(actions) == [OpenUpload(D, KB)]


def test_the_office_is_heard_every_minute_of_a_long_upload() -> None:
    """A film of hours keeps nobody from his tasks."""
    state = idle(Upload(A, 90_000_000))
    _, actions = step(state, Due(BETWEEN_ROUNDS_MS))
    assert actions == [SendPush(0, FAST.push_bytes)]


def test_after_the_last_blob_the_word_for_all_is_asked_for() -> None:
    """One pull, when nothing else will arrive in a moment."""
    state = idle(Upload(A, KB), Upload(B, KB))
    state, actions = step(state, UploadOpened(A, KB, complete=True))
    assert sent(actions) == []
    _, actions = step(state, UploadOpened(B, KB, complete=True))
    assert sent(actions) == [SendPull(0)]


def test_records_in_a_row_do_not_put_off_the_next_round() -> None:
    """Each is pushed at once; the round comes a minute after the last one, not many."""
    state = idle()
    for length in (1, 2, 3):
        state, _ = step(state, Saved(length))
        state, actions = step(state, Pushed(length))
    assert actions == []
    assert state.wake_at == BETWEEN_ROUNDS_MS


def test_who_wakes_sync_during_a_push_between_rounds_is_heard_behind_it() -> None:
    """The office is asked as soon as the record is there, not a minute later."""
    state, _ = step(idle(), Saved(1))
    state, actions = step(state, Woken(30_000))
    assert sent(actions) == []
    _, actions = step(state, Pushed(1))
    assert sent(actions) == [SendPull(0)]


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (SyncState(length=5, acknowledged=2), Pushed(2)),
        (SyncState(length=5, acknowledged=2), GapNamed(2)),
        (SyncState(length=5, acknowledged=2), GapNamed(4)),
        (SyncState(cursor=7), Pulled(7, more=True)),
    ],
)
def test_an_answer_that_moves_nothing_is_not_answered_in_a_circle(
    state: SyncState, event: Event
) -> None:
    """The engine waits, longer each time, before it asks the same again."""
    waits = []
    for now in (10_000, 20_000, 30_000):
        state, (first, *_) = step(state, Woken(now))
        assert not isinstance(first, WakeAt)
        if isinstance(event, Pulled) and isinstance(first, SendPush):
            state, _ = step(state, Pushed(0))
        state, (rest,) = step(state, event)
        assert isinstance(rest, WakeAt)
        waits.append(rest.at - now)
    assert waits == [1_000, 2_000, 4_000]


def test_an_upload_that_is_lost_again_and_again_is_sent_less_and_less_often() -> None:
    """Getting as far as before is no progress: the whole would be sent in a circle."""
    state, waits = idle(Upload(A, 90_000_000), pace=Pace()), []
    for now in (10_000, 20_000, 30_000):
        state, _ = after(state, UploadOpened(A, 0), ChunkStored(A, 100), ChunkStored(A, 200))
        state, _ = step(replace(state, now=now), UploadLost(A))
        waits.append(state.media.not_before - now)
        state, _ = step(state, Due(state.media.not_before))
        assert state.media.under_way == {A}
    assert waits == [1_000, 2_000, 4_000]


def test_a_chunk_that_did_not_arrive_is_a_failure() -> None:
    """The server says that it has no more than before: the blob waits."""
    state, _ = after(idle(Upload(A, 90_000_000)), UploadOpened(A, 0))
    state, actions = step(state, ChunkStored(A, 0))
    assert sent(actions) == []
    assert state.media.failures == 1


def test_a_good_greeting_does_not_end_the_waiting_for_what_keeps_failing() -> None:
    """Each round greets well and fails at the blob: it is tried less and less often."""
    state, waits = idle(Upload(A, 9)), []
    for now in (100_000, 200_000, 300_000):
        state, _ = step(state, Failed(now, 1.0, A))
        waits.append(state.media.not_before - now)
        rounds = (Due(now + 90_000), Pushed(0), Pulled(0, more=False), Referenced())
        state, _ = after(state, *rounds)
        assert state.media.under_way == {A}
    assert waits == [1_000, 2_000, 4_000]


def test_what_came_through_in_good_time_makes_the_next_push_larger() -> None:
    """The pace is learnt from pushes and chunks, and a failure makes it less."""
    state, actions = after(SyncState(length=9), Woken(0), Pushed(1, sent=500_000, took_ms=1_000))
    assert state.pace.push_bytes > SyncState().pace.push_bytes
    assert SendPush(1, state.pace.push_bytes) in actions
    assert step(state, Failed(1, 0.5))[0].pace == state.pace.failed()


def test_a_timer_that_fired_early_is_set_again() -> None:
    """Otherwise nobody would wake the engine any more."""
    state = idle()
    assert state.wake_at == BETWEEN_ROUNDS_MS
    _, actions = step(state, Due(BETWEEN_ROUNDS_MS - 1))
    assert actions == [WakeAt(BETWEEN_ROUNDS_MS)]


@pytest.mark.parametrize("late", [Pushed(3), GapNamed(0), Pulled(9, more=False), Referenced()])
def test_an_answer_that_was_asked_for_before_the_ground_changed_says_nothing(late: Event) -> None:
    """A stick left the journal, or went back in the log, while an exchange was under way: what
    that one says of the former journal or log is not taken for the present ones."""
    state, _ = after(SyncState(journal=A, length=3, cursor=7), Woken(0))
    anew = SyncState(journal=B, length=2, cursor=4)
    state, actions = step(state, Restarted(anew, answers=False))
    assert sent(actions) == []  # one exchange at a time
    state, actions = step(state, late)
    assert sent(actions) == [SendPush(0, FIRST_PUSH)]
    assert (state.acknowledged, state.cursor, state.stale) == (0, 4, False)
    assert step(state, Pushed(2))[1] == [SendPull(4)]
