"""Garbage is looked for where nobody waits, and nowhere else."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from field_client.ui import window
from field_client.ui.window import AWAY_MS, FULL, MADE, MANY, MOST, RESTING_MS, Sweeper


class Knot:
    """Knows itself: only a look through everything frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def sweeper() -> Iterator[Sweeper]:
    """On a heap of which all is known to stay."""
    gc.collect()
    yield Sweeper()
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth is much already."""
    monkeypatch.setattr(window, "MADE", MADE // 10)
    monkeypatch.setattr(window, "MOST", MOST // 10)


def _left(sweeper: Sweeper, screens: int) -> weakref.ref[Knot]:
    """So many screens were left while the officer was busy; something that was shown with one of
    them lies behind, and was set aside with it."""
    knot = Knot()
    gc.freeze()
    for shown in range(1, screens + 1):
        sweeper.look(shown, 0, locked=False)
    return weakref.ref(knot)


def _made(objects: int) -> tuple[weakref.ref[Knot], list[Any]]:
    """A knot that nobody needs any more, and so many objects that stay."""
    return weakref.ref(Knot()), [[] for _ in range(objects)]


def test_nothing_is_looked_for_while_an_officer_works(sweeper: Sweeper, little: None) -> None:
    behind, made = _made(MADE // 6)
    sweeper.look(1, RESTING_MS, locked=False)
    assert not gc.isenabled()
    assert behind() is not None
    assert made


def test_what_was_made_and_left_goes_when_the_finger_rests(sweeper: Sweeper, little: None) -> None:
    behind, made = _made(MADE // 6)
    sweeper.look(1, RESTING_MS + 1, locked=False)
    assert behind() is None
    assert made


def test_a_little_is_not_worth_a_look(sweeper: Sweeper) -> None:
    behind, made = _made(MADE // 6)
    sweeper.look(1, RESTING_MS + 1, locked=False)
    assert behind() is not None
    assert made


def test_what_outlived_a_look_is_not_looked_through_again(sweeper: Sweeper, little: None) -> None:
    _, made = _made(MADE // 6)
    sweeper.look(1, RESTING_MS + 1, locked=False)
    held = {id(one) for one in gc.get_objects()}
    assert not any(id(one) in held for one in made)


def test_where_the_finger_never_rests_too_much_is_set_aside_unseen(
    sweeper: Sweeper, little: None
) -> None:
    behind, made = _made(MOST // 5)
    sweeper.look(1, 0, locked=False)
    assert behind() is not None
    assert gc.get_count()[0] < MOST // 10
    assert made
    for shown in range(MANY):
        sweeper.look(shown, 0, locked=False)
    sweeper.look(MANY, RESTING_MS + 1, locked=True)
    assert behind() is None


@pytest.mark.parametrize(
    ("screens", "idle_ms", "locked"), [(MANY, RESTING_MS + 1, True), (FULL, AWAY_MS + 1, False)]
)
def test_what_lies_behind_goes_when_nobody_waits(
    sweeper: Sweeper, screens: int, idle_ms: int, locked: bool
) -> None:
    behind = _left(sweeper, screens)
    sweeper.look(screens, idle_ms, locked=locked)
    assert behind() is None


@pytest.mark.parametrize(
    ("screens", "idle_ms", "locked"),
    [
        (MANY - 1, AWAY_MS + 1, True),
        (MANY, RESTING_MS, True),
        (FULL - 1, AWAY_MS + 1, False),
        (FULL, AWAY_MS, False),
    ],
)
def test_it_stays_while_it_is_little_or_somebody_is_there(
    sweeper: Sweeper, screens: int, idle_ms: int, locked: bool
) -> None:
    behind = _left(sweeper, screens)
    sweeper.look(screens, idle_ms, locked=locked)
    assert behind() is not None


def test_after_a_look_it_waits_for_as_many_screens_again(sweeper: Sweeper) -> None:
    _left(sweeper, MANY)
    sweeper.look(MANY, RESTING_MS + 1, locked=True)
    knot = Knot()
    gc.freeze()
    behind = weakref.ref(knot)
    del knot
    sweeper.look(MANY, AWAY_MS * 9, locked=True)
    assert behind() is not None


def test_what_is_free_between_what_stays_goes_back_to_the_system_when_the_tablet_is_locked(
    sweeper: Sweeper,
) -> None:
    made = [bytearray(b"x") * 60_000 for _ in range(900)]
    stays = made[::9]  # of one size with the others: what is smaller would lie in older holes
    del made
    for shown in range(1, MANY + 1):
        sweeper.look(shown, 0, locked=False)
    before = _resident()
    sweeper.look(MANY, RESTING_MS + 1, locked=True)
    assert before - _resident() > 30 << 20
    assert len(stays) == 100


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
