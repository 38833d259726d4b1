"""A long list whose rows are as high as their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from field_client.ui.leaving import let_go
from field_client.ui.widgets.lazy import LazyRows
from field_client.ui.widgets.press import Pressable
from tests.field_client.ui.test_keyboard import TAB, has_keys, press
from tests.field_client.ui.test_views import unseen

EXPECTED, WORDY = 60, 130  # pixels


@dataclass(frozen=True)
class Line:
    key: str
    wanted: float = EXPECTED


class LineBox(Widget):  # type: ignore[misc]
    wanted = NumericProperty(0)


class KeyBox(Pressable):
    wanted = NumericProperty(0)


@pytest.fixture
def rows(tablet: Any) -> Iterator[LazyRows]:
    """A list in the window, of forty rows of which every fourth has many words."""
    made = LazyRows(size_hint=(None, None), size=(400, 500))
    made.make = lambda line: LineBox(wanted=line.wanted)
    made.height_of = lambda _line: EXPECTED
    made.rows = [Line(str(at), EXPECTED if at % 4 else WORDY) for at in range(40)]
    tablet.shell.add_widget(made)
    tablet.hands.settle()
    yield made
    tablet.shell.remove_widget(made)
    let_go(made)


def places(rows: LazyRows) -> dict[str, tuple[float, float]]:
    """Bottom and top in the window of each row that is made."""
    return {
        key: (widget.to_window(*widget.pos)[1], widget.to_window(*widget.pos)[1] + widget.height)
        for key, (_, _, widget) in rows._shown.items()
    }


def read_in_the_middle(tablet: Any, rows: LazyRows) -> tuple[str, tuple[float, float]]:
    """Which row stands at the top of what is seen there, and where."""
    rows.scroll_y = 0.5
    tablet.hands.settle()
    top = rows.to_window(rows.x, rows.top)[1]
    now = places(rows)
    key = next(key for key, (low, high) in now.items() if low < top <= high)
    return key, now[key]


def test_a_row_with_more_words_is_higher_and_nothing_lies_on_another(rows: LazyRows) -> None:
    found = sorted(places(rows).values(), reverse=True)
    assert {round(top - bottom) for bottom, top in found} == {EXPECTED, WORDY}
    assert all(above[0] >= below[1] - 1 for above, below in pairwise(found))


def test_what_is_read_stays_where_it_is_while_rows_below_grow(tablet: Any, rows: LazyRows) -> None:
    key, before = read_in_the_middle(tablet, rows)
    line = rows.rows[-1]
    rows.rows = [*rows.rows[:-1], Line(line.key, WORDY)]
    tablet.hands.settle()
    assert places(rows)[key] == pytest.approx(before, abs=2)


def test_what_is_read_stays_where_it_is_when_a_row_comes_above(tablet: Any, rows: LazyRows) -> None:
    key, before = read_in_the_middle(tablet, rows)
    rows.rows = [Line("new"), *rows.rows]
    tablet.hands.settle()
    assert places(rows)[key] == pytest.approx(before, abs=2)


def test_tab_goes_down_rows_that_are_higher_than_the_list_and_each_is_seen(tablet: Any) -> None:
    made = LazyRows(size_hint=(None, None), size=(400, 200))
    made.make = lambda line: KeyBox(name=line.key, wanted=line.wanted)
    made.height_of = lambda _line: EXPECTED
    made.rows = [Line(str(at), EXPECTED if at % 4 else 2 * WORDY) for at in range(30)]
    tablet.shell.add_widget(made)
    tablet.hands.settle()
    hidden = []
    for row in made.rows:
        press(tablet, TAB)
        tablet.hands.pump(2)
        assert has_keys(tablet).name == row.key
        hidden += [row.key] if unseen(has_keys(tablet), tablet.shell) else []
    tablet.shell.remove_widget(made)
    let_go(made)
    assert hidden == []


def test_a_list_that_was_left_while_its_words_were_laid_out_is_let_alone(tablet: Any) -> None:
    made = LazyRows(size_hint=(None, None), size=(400, 500))
    tablet.shell.add_widget(made)
    tablet.shell.remove_widget(made)
    let_go(made)
    from tests.field_client.ui.conftest import take_apart_what_left

    take_apart_what_left()
    made._grow_rows()
    assert made._body is None
