"""Settings, the card in its forms, practice's frame: by touch, in a real window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from field_client.ui.theme import DAY, NIGHT
from field_client.ui.widgets.training import BAND


def released(tablet: Any) -> list[tuple[Any, ...]]:
    """What was asked for, once pressed keys are up again."""
    tablet.hands.rest(0.15)
    calls: list[tuple[Any, ...]] = tablet.did
    return calls


# ── settings ────────────────────────────────────────────────────────────────────────────────


def test_settings_are_reached_from_the_rail_of_every_officers_screen(tablet: Any) -> None:
    for key in ("today", "inspection", "sync"):
        tablet.show(key)
        tablet.hands.tap("settings")
        assert released(tablet)[-1] == ("go", "settings")


def test_each_setting_asks_for_what_its_button_says(tablet: Any) -> None:
    tablet.show("settings")
    for name, asked in (
        ("text.largest", ("set_text", "largest")),
        ("theme.night", ("set_theme", "night")),
        ("language.en", ("set_language", "en")),
        ("off.00992304132", ("sign_off", "00992304132")),
        ("bring", ("bring_second",)),
        ("badge", ("wear_badge",)),
        ("practice", ("enter_training",)),
    ):
        tablet.hands.tap(name)
        assert released(tablet)[-1] == asked
    tablet.hands.tap("printer")
    tablet.hands.rest(0.2)
    tablet.hands.tap("printer.Office")
    assert released(tablet)[-1] == ("set_printer", "Office")


def test_in_practice_the_same_button_ends_it_and_records_can_be_thrown_away(tablet: Any) -> None:
    tablet.show("settings.practice")
    tablet.hands.tap("practice")
    assert released(tablet)[-1] == ("leave_training",)
    tablet.hands.tap("discard_practice")
    assert released(tablet)[-1] == ("discard_training",)


def test_handing_over_by_touch(tablet: Any) -> None:
    view = tablet.show("settings.handover")
    tablet.hands.tap("goes_on.00992304117")
    assert released(tablet)[-1] == ("tick_going_on", "00992304117")
    tablet.hands.type("handover.reason", "换班")
    assert tablet.did[-1] == ("edit_handover", "换班")
    tablet.show("settings.handover", view)  # another view does not take the words away
    assert tablet.hands.entry("handover.reason").text == "换班"
    tablet.hands.tap("main")
    assert released(tablet)[-1] == ("hand_over",)


# ── the card ────────────────────────────────────────────────────────────────────────────────


def test_step_person_and_place_are_chosen_on_the_card(tablet: Any) -> None:
    tablet.show("card")
    tablet.hands.tap("change")
    tablet.hands.tap("showing.step")
    tablet.hands.rest(0.2)
    tablet.hands.tap("showing.step.service")
    assert released(tablet)[-1] == ("edit_showing", "step", "service")
    tablet.hands.type("showing.to_whom", "店员")
    assert tablet.did[-1] == ("edit_showing", "to_whom", "店员")
    tablet.hands.type("showing.place", "仓库")
    assert tablet.did[-1] == ("edit_showing", "place", "仓库")
    tablet.hands.tap("showing.done")
    tablet.hands.rest(0.15)
    assert tablet.hands.seek("showing.done") is None


def test_in_uniform_is_ticked_by_one_touch_on_the_card_and_never_before(tablet: Any) -> None:
    view = tablet.show("card")
    assert not tablet.hands.find("uniform").on
    tablet.hands.tap("uniform")
    assert released(tablet)[-1] == ("edit_showing", "uniform", "yes")
    tablet.show("card", replace(view, uniform=True))
    assert tablet.hands.find("uniform").on
    tablet.hands.tap("uniform")
    assert released(tablet)[-1] == ("edit_showing", "uniform", "")
    tablet.show("card.patrol")
    assert tablet.hands.seek("uniform") is None, "where nothing is recorded nothing is ticked"


def test_the_card_turns_to_the_other_side_and_fingers_still_hit(tablet: Any) -> None:
    tablet.show("card")
    window = tablet.hands.window
    before = tablet.hands.pixels()[2]
    button = tablet.hands.find("turn")
    x, y = button.to_window(*button.center)
    tablet.hands.touch(x, y)
    tablet.hands.rest(0.2)
    assert window.rotation == 180
    assert tablet.hands.pixels()[2] != before
    tablet.hands.touch(window.width - x, window.height - y)  # where it is drawn now
    tablet.hands.rest(0.2)
    assert window.rotation == 0


def test_whoever_is_shown_after_the_card_stands_upright(tablet: Any) -> None:
    tablet.show("card")
    tablet.shell.screen.turned = True
    tablet.show("today")
    assert tablet.hands.window.rotation == 0


def test_a_badge_shows_its_code_when_somebody_asks(tablet: Any) -> None:
    tablet.show("card.patrol")
    assert tablet.hands.seek("qr") is None
    assert tablet.hands.seek("wear") is None, "it would lead to a record of no inspection"
    tablet.hands.tap("main")
    tablet.hands.rest(0.15)
    assert tablet.hands.seek("qr") is not None
    assert tablet.did == []  # there is no inspection to record it in
    tablet.hands.tap("main")
    tablet.hands.rest(0.15)
    assert tablet.hands.seek("qr") is None
    tablet.show("card.worn")
    tablet.hands.tap("main")
    assert released(tablet)[-1] == ("record_card_shown",)


def test_a_card_is_worn_and_shown_in_full_again(tablet: Any) -> None:
    tablet.show("card")
    tablet.hands.tap("wear")
    assert released(tablet)[-1] == ("edit_showing", "worn", "yes")
    tablet.show("card.worn")
    tablet.hands.tap("wear")
    assert tablet.hands.seek("qr") is not None
    tablet.hands.tap("wear")
    assert released(tablet)[-1] == ("edit_showing", "worn", "")


# ── practice ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["unlock", "today", "card", "settings.practice", "form"])
def test_practice_has_a_frame_around_everything_and_covers_nothing(tablet: Any, key: str) -> None:
    tablet.shell.use_training(True)
    tablet.show(key)
    tablet.hands.rest(0.3)
    for theme, palette in (("day", DAY), ("night", NIGHT)):
        tablet.shell.use_theme(theme)
        corners = [(x, y) for x in (3, 1276) for y in (3, 400, 796)]
        *frame, inside = tablet.colours(*corners, (11, 11))
        assert {"#{:02X}{:02X}{:02X}".format(*one) for one in frame} == {palette["warning"]}
        assert inside != (0, 0, 0)  # the screen begins where the frame ends
    assert tablet.shell.screen.top <= tablet.shell.height - BAND
    tablet.shell.use_training(False)
    tablet.hands.pump()
    assert tablet.shell.screen.size == tablet.shell.size


def test_the_screen_that_stands_there_moves_with_the_frame(tablet: Any) -> None:
    """Practice begins and ends on the locked screen."""
    tablet.show("unlock")
    for on in (True, False):
        tablet.shell.use_training(on)
        tablet.show("unlock")
        screen = tablet.shell.screen
        edge = 8 if on else 0
        assert (*screen.pos, screen.right) == (edge, edge, tablet.shell.width - edge)


def test_not_even_a_sheet_covers_the_word(tablet: Any) -> None:
    tablet.shell.use_training(True)
    tablet.show("today")
    tablet.shell.wait("在等……")
    tablet.hands.pump()
    assert "#{:02X}{:02X}{:02X}".format(*tablet.pixel(300, 790)) == DAY["warning"]
    tablet.shell.wait("")
    tablet.shell.use_training(False)


def test_who_forgot_the_pin_is_told_and_what_was_typed_goes_along(tablet: Any) -> None:
    tablet.show("unlock.passphrase")
    tablet.hands.type("passphrase", "eight words of a device")
    tablet.hands.tap("forgot")
    assert released(tablet)[-1] == ("forgot_pin", "eight words of a device")


def test_a_code_that_ran_out_while_nobody_drew_is_renewed_once(
    tablet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renewed card comes back at once, while the old one is still being laid out."""
    view = tablet.show("card")
    asked: list[str] = []
    other = tuple(tuple(not dark for dark in row) for row in view.qr)
    fresh = replace(view, qr=other, seconds_left=view.period)

    def renew(officer_id: str) -> None:
        asked.append(officer_id)
        tablet.shell.update(fresh)

    monkeypatch.setattr(tablet.shell.screen.actions, "renew_qr", renew, raising=False)
    tablet.shell.update(replace(view, qr=view.qr[::-1], seconds_left=0.0))
    tablet.hands.rest(0.6)
    assert asked == [view.face.officer_id]
    assert tablet.shell.screen.view == fresh
