"""What has left the window is gone, without anybody looking for garbage."""

from __future__ import annotations

import re
import weakref
from collections import Counter
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import pytest
from kivy.uix.widget import Widget

from field_client.ui import leaving
from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets.base import mark
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.field import Entry
from field_client.ui.widgets.overlay import BusySheet
from field_client.ui.widgets.press import OutlineButton
from tests.messages import ROOT


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("kind", sorted({key.partition(".")[0] for key in VIEWS} - {"unlock"}))
def test_a_screen_that_was_left_is_gone_with_all_that_it_held(tablet: Any, kind: str) -> None:
    left: dict[str, weakref.ref[Any]] = {}
    for key in (one for one in VIEWS if one.partition(".")[0] == kind):
        tablet.show("unlock")
        tablet.show(key)
        held = list(tablet.shell.screen.walk())
        left |= {f"{key} {at} {type(w).__name__}": weakref.ref(w) for at, w in enumerate(held)}
        held.clear()
    tablet.show("unlock")
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert sorted(name for name, widget in left.items() if widget() is not None) == []


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("key", ["form.long", "inspection.long", "sign"])
def test_pictures_of_words_go_with_the_words(tablet: Any, key: str) -> None:
    tablet.show(key)
    written = (getattr(one, "_label", None) for one in tablet.shell.screen.walk())
    held = [weakref.ref(one) for one in written if one is not None and one.texture is not None]
    tablet.show("unlock")
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert held
    assert sum(one() is not None for one in held) == 0


@pytest.mark.usefixtures("uncollected")
def test_a_sheet_that_was_closed_is_gone(tablet: Any) -> None:
    tablet.show("today")
    tablet.shell.wait("在等…")
    sheet = weakref.ref(next(w for w in tablet.shell.children if isinstance(w, BusySheet)))
    tablet.shell.wait("")
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert sheet() is None


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    ("key", "names"), [("unlock", ["pin.2", "pin.4"]), ("capture", ["purpose.0", "sound"])]
)
def test_what_was_pressed_goes_too(tablet: Any, key: str, names: list[str]) -> None:
    tablet.show(key)
    pressed = [weakref.ref(tablet.hands.find(name)) for name in names]
    for name in names:
        tablet.hands.tap(name)
    tablet.show("settings")
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert [one() for one in pressed] == [None] * len(names)


@pytest.mark.usefixtures("uncollected")
def test_buttons_that_gave_way_to_others_are_gone(tablet: Any) -> None:
    view = tablet.show("capture")
    before = [weakref.ref(one) for one in tablet.shell.screen.ids.modes.children]
    tablet.shell.update(replace(view, running="video"))
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert before
    assert sum(one() is not None for one in before) == 0


def test_what_is_put_back_in_time_stays_whole(tablet: Any) -> None:
    tablet.show("today")
    main = tablet.hands.find("main")
    column = main.parent
    column.remove_widget(main)
    column.add_widget(main)
    tablet.hands.wait_for(lambda: not leaving.waiting())
    tablet.hands.tap("main")
    tablet.hands.rest(0.2)
    assert tablet.did == [("new_inspection",)]


def test_what_lives_long_keeps_no_place_for_what_was_left(tablet: Any) -> None:
    def places() -> dict[str, int]:
        told = {name: len(heard) for name, heard in theme._hearers.items()}
        for one, names in ((theme, ("name", "text", "accent", "label")), (mark, ("words",))):
            told |= {f"{one} {name}": len(one.get_property_observers(name)) for name in names}
        return told

    def round_() -> dict[str, int]:
        for key in ("inspection", "form", "sign", "settings", "unlock"):
            tablet.show(key)
        tablet.hands.wait_for(lambda: not leaving.waiting())
        return places()

    round_()
    assert round_() == round_()


def test_no_rule_of_kv_has_the_name_of_another() -> None:
    """Kivy would put one on top of the other, whichever comes last."""
    rule = re.compile(r"^<-?([\w, @+]+?)>:", re.MULTILINE)
    names: Counter[str] = Counter()
    for path in (ROOT / "field_client" / "ui").rglob("*.kv"):
        for found in rule.findall(path.read_text(encoding="utf-8")):
            names.update(name.partition("@")[0].strip() for name in found.split(","))
    assert [name for name, times in names.items() if times > 1] == []
    assert names["MainButton"] == 1


def test_a_press_that_ends_after_its_button_left_does_no_harm(tablet: Any) -> None:
    tablet.show("today")
    button = tablet.hands.find("main")
    tablet.hands.touch(*button.to_window(*button.center))
    tablet.show("unlock")
    del button
    tablet.hands.rest(0.3)
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert tablet.did == [("new_inspection",)]


def test_a_widget_of_no_parent_is_taken_apart_only_once(tablet: Any) -> None:
    outside = Widget()
    outside.add_widget(OutlineButton(name="lone", word="算了"))
    seen = weakref.ref(outside.children[0])
    leaving.let_go(outside)
    leaving.let_go(outside)
    tablet.hands.wait_for(lambda: not leaving.waiting())
    assert outside.children == []
    assert seen() is None


@pytest.mark.usefixtures("uncollected")
def test_what_one_widget_held_does_not_die_all_at_once(
    tablet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is drawn of it dies with it: of a locked screen's forty it took 86 ms of a frame."""
    dead: list[str] = []
    column = Box(orientation="vertical")
    for at in range(40):
        row = Box()
        weakref.finalize(row, dead.append, f"row {at}")
        column.add_widget(row)
    del row
    tablet.hands.wait_for(lambda: not leaving.waiting())
    leaving._left.append((0.0, column))
    del column
    ticks = count()
    monkeypatch.setattr(leaving, "A_FRAME_S", 1.5)
    monkeypatch.setattr(leaving.time, "perf_counter", lambda: next(ticks))  # a tick each time
    died = [0]
    while leaving.waiting():
        leaving._step()  # of one tick
        died.append(len(dead))
    assert len(dead) == 40
    assert max(after - before for before, after in pairwise(died)) == 1


@pytest.mark.usefixtures("uncollected")
def test_nothing_is_taken_apart_while_a_screen_is_made(tablet: Any, monkeypatch: Any) -> None:
    """Both are work for a frame."""
    tablet.show("unlock")
    monkeypatch.setattr(leaving, "LINGERS_S", 0.0)
    stood: list[int] = []
    tablet.shell.show("form", VIEWS["form.long"](_))
    while tablet.shell.bringing or not stood:
        tablet.hands.pump(1)
        stood.append(len(leaving._bound) + len(leaving._unbound))
    assert len(stood) > 1
    assert {*stood} == {0}
    tablet.hands.wait_for(lambda: not leaving.waiting())


@pytest.mark.usefixtures("uncollected")
def test_no_clock_that_was_set_while_it_was_taken_apart_finds_half_of_it(tablet: Any) -> None:
    entry = Entry(text="周明禾")
    tablet.hands.settle()
    leaving._unbind(entry)
    entry.font_size += 4  # letters of another size reach what has left
    leaving._cut(leaving._unbound.pop())
    tablet.hands.pump(2)  # would raise
    assert entry.parent is None
