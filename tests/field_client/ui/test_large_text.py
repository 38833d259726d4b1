"""Letters of other sizes, and screens that no longer fit. What is cut: ``test_views.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from field_client.ui.gallery.cast import PARTY
from field_client.ui.presenters.common import Choice
from field_client.ui.theme import SIZES, TEXTS, theme
from field_client.ui.widgets.field import EntryBox
from field_client.ui.widgets.fitting import LongPage
from field_client.ui.widgets.press import OutlineButton

ROOM = 20  # pixels at both sides of a word together


def test_larger_letters_are_larger_and_keep_their_order() -> None:
    for name in TEXTS:
        theme.use_text(name)
        sizes = [getattr(theme, token) for token in SIZES]
        assert sizes == sorted(sizes)
    assert theme.body == pytest.approx(1.5 * 18)
    theme.use_text("normal")
    assert theme.body == pytest.approx(18)


def test_a_screen_that_fits_does_not_scroll_and_one_that_does_not_can_be_read_to_its_end(
    tablet: Any,
) -> None:
    tablet.show("enrol")
    tablet.hands.rest(0.5)
    tablet.hands.wait_for(lambda: pages(tablet) == [])
    theme.use_text("largest")
    tablet.hands.wait_for(lambda: pages(tablet))
    (page,) = pages(tablet)
    assert page.children[0].height > tablet.shell.height
    tablet.hands.tap("main")  # below the edge: a finger scrolls to it
    theme.use_text("normal")


@pytest.mark.parametrize(
    ("width", "fit", "upright"), [(700, 1.0, False), (580, 0.9, False), (300, 1.0, True)]
)
def test_no_word_of_an_answer_is_broken(tablet: Any, width: int, fit: float, upright: bool) -> None:
    from field_client.ui.widgets.press import Segmented

    choices = [Choice(key, key) for key in ("citizen", "business", "organisation")]
    answers = Segmented(name="party_class", choices=choices, chosen="citizen", size_hint_x=None)
    answers.width = width
    tablet.shell.add_widget(answers)
    tablet.hands.settle()
    tablet.shell.remove_widget(answers)
    assert answers.fit == pytest.approx(fit, abs=0.1)
    assert answers.upright is upright
    assert {round(one.fit, 3) for one in answers.children} == {round(answers.fit, 3)}


def test_in_the_largest_letters_a_partys_name_has_the_row_to_itself(tablet: Any) -> None:
    tablet.show("unlock")
    theme.use_text("largest")
    tablet.show("today.tasks")
    shown = [one.text for one in tablet.shell.walk() if getattr(one, "words", "") == PARTY]
    theme.use_text("normal")
    assert PARTY in shown, "none of its letters is left out"


def pages(tablet: Any) -> list[LongPage]:
    return [w for w in tablet.shell.walk() if isinstance(w, LongPage)]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("key", ["unlock", "unlock.passphrase", "signin", "signin.further"])
def test_in_the_largest_letters_every_key_of_a_pin_is_seen_upright(
    tablet: Any, language: str, key: str
) -> None:
    shell = tablet.shell
    size, hint = tuple(shell.size), tuple(shell.size_hint)
    shell.size_hint, shell.size = (None, None), (800, 1280)
    theme.use_text("largest")
    try:
        shell.use_language(language)
        tablet.show(key)
        zero = tablet.hands.find("pin.0")
        assert zero.to_window(*zero.pos)[1] >= 0
        assert pages(tablet) == []  # with a message and a recording nothing scrolls
    finally:
        theme.use_text("normal")
        shell.size, shell.size_hint = size, hint


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_in_the_largest_letters_face_number_and_code_of_a_card_are_seen_upright(
    tablet: Any, language: str
) -> None:
    """Nobody has to scroll for what a card is looked at for."""
    shell = tablet.shell
    size, hint = tuple(shell.size), tuple(shell.size_hint)
    shell.size_hint, shell.size = (None, None), (800, 1280)
    theme.use_text("largest")
    try:
        shell.use_language(language)
        face = tablet.show("card").face
        told = [
            one for one in shell.walk() if getattr(one, "words", "") in (face.name, face.number)
        ]
        seen = [*told, tablet.hands.seek("qr")]
        assert len(seen) >= 3
        assert [
            one for one in seen if not 0 <= one.to_window(*one.pos)[1] <= 1280 - one.height
        ] == []
    finally:
        theme.use_text("normal")
        shell.size, shell.size_hint = size, hint


def test_held_upright_a_badge_stands_in_the_middle(tablet: Any) -> None:
    """Words and photo alike; beside the photo they begin at the left."""
    shell = tablet.shell
    size, hint = tuple(shell.size), tuple(shell.size_hint)
    shell.size_hint = None, None
    try:
        for held, side in (((800, 1280), "center"), ((1280, 800), "left")):
            shell.size = held
            face = tablet.show("card.worn").face
            big = [one for one in shell.walk() if getattr(one, "words", "") == face.number]
            assert [one.halign for one in big] == [side]
    finally:
        shell.size, shell.size_hint = size, hint


@pytest.fixture
def largest(tablet: Any) -> Iterator[Any]:
    tablet.show("unlock")
    tablet.shell.use_text("largest")
    tablet.shell.use_language("en")
    yield tablet
    tablet.shell.use_text("normal")


@pytest.mark.parametrize("key", ["answer.attestor", "capture", "today", "viewer"])
def test_no_word_touches_the_edge_of_its_button(largest: Any, key: str) -> None:
    largest.show(key)
    buttons = [one for one in largest.shell.walk() if isinstance(one, OutlineButton) and one.width]
    content = {one.name: one.children[0].width for one in buttons}
    assert buttons
    assert [one.name for one in buttons if content[one.name] > one.width - ROOM] == []


def test_outcomes_side_by_side_are_of_one_height(largest: Any) -> None:
    largest.show("closing.ready")
    grid = largest.shell.screen.ids.outcomes
    assert grid.cols == 2
    assert len({round(tile.height) for tile in grid.children}) == 1


def test_a_line_that_is_too_long_for_its_field_shows_how_it_begins(tablet: Any) -> None:
    box = EntryBox(name="authority", value="授权委托书" * 20, size_hint_x=None, width=300)
    entry = box.ids.entry
    tablet.shell.add_widget(box)
    tablet.hands.settle()
    assert entry.scroll_x == 0
    entry.focus = True
    assert entry.cursor_index() == len(entry.text), "typing goes on at the end"
    entry.focus = False
    tablet.hands.settle()
    assert entry.scroll_x == 0
    tablet.shell.remove_widget(box)
