"""How much goes into one message: learnt from what came through, and from what did not."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.pacing import (
    FIRST_CHUNK,
    FIRST_PUSH,
    LEAST_CHUNK,
    LEAST_PUSH,
    MOST_CHUNK,
    MOST_PUSH,
    Pace,
)

SENT = st.tuples(st.integers(0, 1 << 34), st.integers(-5, 1 << 40))
HEARD = st.lists(st.one_of(SENT, st.none()), max_size=40)


def paced(heard: list[tuple[int, int] | None]) -> Pace:
    pace = Pace()
    for one in heard:
        pace = pace.failed() if one is None else pace.after(*one)
    return pace


@given(HEARD)
def test_sizes_stay_within_bounds_whatever_was_measured(
    heard: list[tuple[int, int] | None],
) -> None:
    pace = paced(heard)
    assert LEAST_PUSH <= pace.push_bytes <= MOST_PUSH
    assert LEAST_CHUNK <= pace.chunk_bytes <= MOST_CHUNK
    assert 1 <= pace.lanes <= 3
    assert pace.estimate_ms(1 << 40) >= 0


@given(st.integers(2_000, 20_000_000), st.integers(0, 1_000))
def test_the_rate_of_a_steady_link_is_found(rate: int, trip: int) -> None:
    """Where sending takes a second and the trip no longer; half of a longer one is believed."""
    pace = Pace().after(500, trip)
    for _ in range(8):
        size = max(pace.chunk_bytes, rate)
        pace = pace.after(size, trip + size * 1000 // rate)
    assert abs(pace.rate - rate) <= rate // 10
    assert abs(pace.estimate_ms(10 * rate) - 10_000 - trip) <= 1_200


def test_what_never_gets_through_shrinks_to_the_least_and_grows_again() -> None:
    pace = Pace().after(4 << 20, 1_000)
    whole = pace.push_bytes
    for _ in range(50):
        pace = pace.failed()
    assert (pace.push_bytes, pace.chunk_bytes, pace.lanes) == (LEAST_PUSH, LEAST_CHUNK, 1)
    for _ in range(8):
        pace = pace.after(4 << 20, 1_000)
    assert pace.push_bytes == whole
    assert pace.lanes > 1


def test_nothing_known_begins_in_the_middle_and_promises_no_time() -> None:
    assert (Pace().push_bytes, Pace().chunk_bytes) == (FIRST_PUSH, FIRST_CHUNK)
    assert Pace().lanes == 1
    assert Pace().estimate_ms(1 << 30) == 0


def test_a_greeting_says_nothing_of_the_rate_and_nothing_sent_says_nothing() -> None:
    assert Pace().after(700, 4_000).rate == 0
    assert Pace(rate=9_000, trip_ms=80).after(0, 5_000) == Pace(rate=9_000, trip_ms=80)


def test_a_slower_link_gets_smaller_messages() -> None:
    slow, fast = (Pace().after(1 << 20, took) for took in (60_000, 300))
    assert slow.push_bytes < FIRST_PUSH < fast.push_bytes
    assert slow.chunk_bytes == LEAST_CHUNK < fast.chunk_bytes
    assert slow.lanes < fast.lanes
