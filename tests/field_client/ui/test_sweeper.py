"""Garbage is looked for where nobody waits, and nowhere else."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from field_client.ui import window
from field_client.ui.window import AWAY_MS, FULL, MADE, MANY, RESTING_MS, Sweeper


class Knot:
    """Knows itself: only a look through everything frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def sweeper() -> Iterator[Sweeper]:
    """On a heap of which all is known to stay."""
    gc.collect()
    gc.freeze()
    yield Sweeper()
    gc.unfreeze()
    gc.enable()


def _left(sweeper: Sweeper, screens: int) -> weakref.ref[Knot]:
    """So many screens were left while the officer was busy; something lies behind."""
    for shown in range(1, screens + 1):
        sweeper.look(shown, 0, locked=False)
    return weakref.ref(Knot())


def test_nothing_is_looked_for_while_an_officer_works(sweeper: Sweeper) -> None:
    behind = _left(sweeper, FULL * 2)
    sweeper.look(FULL * 2, RESTING_MS, locked=False)
    assert not gc.isenabled()
    assert behind() is not None


@pytest.mark.parametrize(
    ("screens", "idle_ms", "locked"),
    [(MANY, AWAY_MS + 1, False), (MANY, RESTING_MS + 1, True), (FULL, RESTING_MS + 1, False)],
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
        (MANY, AWAY_MS, False),
        (MANY, RESTING_MS, True),
        (FULL - 1, RESTING_MS + 1, False),
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
    sweeper.look(MANY, AWAY_MS + 1, locked=False)
    behind = weakref.ref(Knot())
    sweeper.look(MANY, AWAY_MS * 9, locked=True)
    assert behind() is not None


def test_one_screen_all_day_does_not_fill_the_memory(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "MADE", MADE // 100)
    behind = _left(sweeper, 1)
    made = [[] for _ in range(MADE // 50)]  # type: ignore[var-annotated]
    sweeper.look(1, AWAY_MS + 1, locked=False)
    assert behind() is None
    assert made
