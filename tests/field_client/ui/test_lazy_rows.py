"""A long list whose rows are as high as their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.leaving import let_go
from field_client.ui.widgets.box import Box
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


def test_a_row_that_comes_or_grows_lays_out_no_other(tablet: Any) -> None:
    """What lies beneath it only moves: of many papers each would be laid out with each new one."""
    laid: Counter[str] = Counter()

    class Counted(Box):
        wanted = NumericProperty(EXPECTED)
        key = StringProperty()

        def do_layout(self, *args: Any) -> None:
            laid[self.key] += 1
            super().do_layout(*args)

    made = LazyRows(size_hint=(None, None), size=(400, 500))
    made.make = lambda line: Counted(key=line.key)
    made.height_of = lambda _line: EXPECTED
    made.rows = [Line(str(at)) for at in range(40)]
    tablet.shell.add_widget(made)
    tablet.hands.settle()
    shown = {key: widget for key, (_, _, widget) in made._shown.items()}
    laid.clear()
    made.rows = [Line("new"), *made.rows]
    tablet.hands.settle()
    shown["1"].wanted = WORDY
    tablet.hands.settle()
    told = dict(laid)
    tablet.shell.remove_widget(made)
    let_go(made)
    assert len(shown) < 20
    assert {"new", "1"} <= told.keys()
    assert told.keys() & shown.keys() == {"1"}


def test_keys_reach_the_next_row_that_they_reach_however_far_it_is(tablet: Any) -> None:
    made = LazyRows(size_hint=(None, None), size=(400, 200))
    made.make = lambda line: KeyBox(name=line.key) if into(line) else LineBox()
    made.height_of = lambda _line: EXPECTED
    made.reached = into
    made.rows = [Line(str(at)) for at in range(80)]
    tablet.shell.add_widget(made)
    tablet.hands.settle()
    went = []
    for _step in range(4):
        press(tablet, TAB)
        tablet.hands.settle()
        went.append((has_keys(tablet).name, unseen(has_keys(tablet), tablet.shell)))
    most = len(made._shown)
    tablet.shell.remove_widget(made)
    let_go(made)
    assert went == [("3", False), ("23", False), ("43", False), ("63", False)]
    assert most < 20


def into(line: Line) -> bool:
    """Every twentieth row has something to press."""
    return int(line.key) % 20 == 3


def test_a_row_whose_widget_can_take_another_keeps_it(tablet: Any) -> None:
    class Taking(LineBox):
        took: tuple[float, ...] = ()

        def take(self, line: Line) -> None:
            self.took = (*self.took, line.wanted)

    made = LazyRows(size_hint=(None, None), size=(400, 500))
    made.make = lambda _line: Taking()
    made.height_of = lambda _line: EXPECTED
    made.rows = [Line(str(at)) for at in range(4)]
    tablet.shell.add_widget(made)
    tablet.hands.settle()
    before = {key: widget for key, (_, _, widget) in made._shown.items()}
    made.rows = [Line("0", WORDY), *made.rows[1:]]
    tablet.hands.settle()
    after = {key: widget for key, (_, _, widget) in made._shown.items()}
    tablet.shell.remove_widget(made)
    let_go(made)
    assert after == before
    assert [one.took for one in after.values()] == [(WORDY,), (), (), ()]
