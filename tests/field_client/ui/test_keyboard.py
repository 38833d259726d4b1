"""Everything that a finger reaches, keys reach, in the order in which it is read. That Tab comes
to all of it on every view: ``test_views.py``."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Rectangle
from kivy.uix.scrollview import ScrollView

from field_client.ui.widgets.focus import above, focused, reachable, topmost
from field_client.ui.widgets.overlay import BusySheet

TAB, ENTER, ESCAPE, BACKSPACE, SPACE = 9, 13, 27, 8, 32
LEFT, RIGHT, UP, DOWN = 276, 275, 273, 274
RING = 5


def press(tablet: Any, key: int, *modifiers: str) -> None:
    """One key, as the window reports it."""
    window = tablet.hands.window
    window.dispatch("on_key_down", key, 0, chr(key) if key < 128 else None, list(modifiers))
    window.dispatch("on_key_up", key, 0, None, list(modifiers))
    tablet.hands.pump(2)


def has_keys(tablet: Any) -> Any:
    """What has the keyboard."""
    return focused(list(reachable(tablet.shell)))


def test_tab_goes_as_one_reads_and_shift_tab_goes_back(tablet: Any) -> None:
    tablet.show("unlock")
    order = []
    for _ in range(6):
        press(tablet, TAB)
        order.append(has_keys(tablet).name)
    assert order == ["language", "theme", "practice", "pin.1", "pin.2", "pin.3"]
    press(tablet, TAB, "shift")
    assert has_keys(tablet).name == "pin.2"
    assert has_keys(tablet).ring


def test_arrows_go_to_the_neighbour_and_space_presses(tablet: Any) -> None:
    tablet.show("unlock")
    for _ in range(4):
        press(tablet, TAB)
    assert has_keys(tablet).name == "pin.1"
    for key, name in ((DOWN, "pin.4"), (RIGHT, "pin.5"), (UP, "pin.2"), (LEFT, "pin.1")):
        press(tablet, key)
        assert has_keys(tablet).name == name
    press(tablet, SPACE)
    tablet.hands.rest(0.2)
    assert tablet.shell.screen.ids.pad.typed == "1"


def test_digits_type_a_pin_and_backspace_takes_one_back(tablet: Any) -> None:
    view = tablet.show("unlock")
    for digit in "24079":
        press(tablet, ord(digit))
    press(tablet, BACKSPACE)
    for digit in "81":
        press(tablet, ord(digit))
    assert tablet.did == [("unlock", view.chosen, "240781", "")]


def test_digits_go_into_the_text_that_has_the_keyboard_not_into_the_pad(tablet: Any) -> None:
    tablet.show("unlock.passphrase")
    press(tablet, TAB)
    assert has_keys(tablet).name == "passphrase"
    press(tablet, ord("2"))
    assert tablet.shell.screen.ids.pad.typed == ""


def test_a_control_that_was_made_anew_keeps_the_keyboards_place(tablet: Any) -> None:
    view = tablet.show("card")
    names = []
    while "officer.00992304132" not in names:
        press(tablet, TAB)
        names.append(has_keys(tablet).name)
    screen = tablet.shell.screen
    screen.fill(screen.ids.officers, [screen._switch(one) for one in view.officers])
    tablet.hands.pump(2)
    press(tablet, TAB)
    assert has_keys(tablet).name == "uniform"


def test_another_screen_is_read_from_its_beginning(tablet: Any) -> None:
    """Also where it has a control of the same name as the one that led to it."""
    tablet.show("inspection")
    while getattr(has_keys(tablet), "name", "") != "main":
        press(tablet, TAB)
    tablet.show("serve")
    press(tablet, TAB)
    assert has_keys(tablet) is next(reachable(tablet.shell))


def test_the_ring_shows_whole_at_the_edge_of_a_list(tablet: Any) -> None:
    tablet.show("signin")
    while not getattr(has_keys(tablet), "name", "").startswith("officer."):
        press(tablet, TAB)
    officer = has_keys(tablet)
    view = next(one for one in above(officer) if isinstance(one, ScrollView))
    cut = next(one for one in view.canvas.before.children if isinstance(one, Rectangle))
    left, bottom = view.to_window(*cut.pos)
    x, y = officer.to_window(*officer.pos)
    assert left <= x - RING
    assert left + cut.size[0] >= x + officer.width + RING
    assert bottom + cut.size[1] >= y + officer.height + RING


def test_what_a_sheet_covers_is_out_of_the_keyboards_reach(tablet: Any) -> None:
    tablet.show("today")
    main = tablet.hands.find("main")
    main.focus = True
    tablet.shell.wait("在等…")
    tablet.hands.pump(2)
    assert isinstance(topmost(tablet.shell), BusySheet)
    for key in (TAB, ENTER, SPACE, ESCAPE):
        press(tablet, key)
    tablet.hands.rest(0.2)
    assert not main.focus
    assert tablet.did == []
    assert isinstance(topmost(tablet.shell), BusySheet)


def test_escape_closes_a_sheet_then_goes_back(tablet: Any) -> None:
    tablet.show("card.leave")
    tablet.show("sign")
    tablet.hands.tap("refuse")
    assert tablet.hands.seek("reason.confirm") is not None
    press(tablet, ESCAPE)
    assert tablet.hands.seek("reason.confirm") is None
    tablet.show("form")
    press(tablet, ESCAPE)
    tablet.hands.rest(0.2)
    assert tablet.did[-1] == ("back",)


def test_what_opened_a_sheet_has_the_keyboard_again_when_it_closes(tablet: Any) -> None:
    tablet.show("sign")
    names = []
    while "refuse" not in names:
        press(tablet, TAB)
        names.append(has_keys(tablet).name)
    press(tablet, ENTER)
    tablet.hands.wait_for("reason.confirm")
    for _ in range(3):
        press(tablet, TAB)
    assert has_keys(tablet).name.startswith("reason.")
    press(tablet, ESCAPE)
    tablet.hands.wait_for(lambda: has_keys(tablet) is not None)
    assert has_keys(tablet).name == "refuse"
    assert has_keys(tablet).ring
    press(tablet, TAB)
    assert has_keys(tablet).name == tablet.hands.find("leave").name


def test_a_sheet_that_a_finger_opened_leaves_no_ring_behind(tablet: Any) -> None:
    tablet.show("sign")
    tablet.hands.tap("refuse")
    press(tablet, TAB)
    press(tablet, ESCAPE)
    tablet.hands.pump(4)
    assert not any(getattr(one, "ring", False) for one in reachable(tablet.shell))


def test_the_partys_stray_escape_asks_for_the_officers_pin(tablet: Any) -> None:
    tablet.show("card")
    press(tablet, ESCAPE)
    tablet.hands.wait_for("pin.1")
    assert ("back",) not in tablet.did
