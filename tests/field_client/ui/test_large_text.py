"""The largest letters: nothing is cut, nothing stands on anything else, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kivy.uix.boxlayout import BoxLayout

from field_client.ui.gallery import VIEWS
from field_client.ui.theme import SIZES, TEXTS, theme
from field_client.ui.widgets.fitting import LongPage, content_height
from field_client.ui.widgets.press import LEAST_FIT, Pressable, WordButton
from tests.field_client.ui.test_design import beyond, shown

SLACK = 3  # pixels: heights are rounded


@pytest.fixture
def letters(tablet: Any) -> Iterator[Any]:
    """A tablet with the largest letters; what fits in those fits in the ones between."""
    theme.use_text("largest")
    yield tablet
    theme.use_text("normal")


@pytest.mark.parametrize("key", sorted(VIEWS))
def test_nothing_is_cut_in_large_letters(letters: Any, key: str) -> None:
    for language in ("zh_CN", "en"):
        letters.shell.use_language(language)
        letters.show(key)
        letters.hands.pump(30)
        seen = [w for w in letters.shell.walk() if shown(w)]
        assert [w.name for w in seen if isinstance(w, Pressable) and beyond(w)] == []
        assert [spilt(w) for w in seen if isinstance(w, BoxLayout) and spills(w)] == []
        words = [w for w in seen if isinstance(w, WordButton) and w.word]
        assert [w.word for w in words if w.fit == LEAST_FIT] == []


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


def pages(tablet: Any) -> list[LongPage]:
    return [w for w in tablet.shell.walk() if isinstance(w, LongPage)]


def spills(box: Any) -> bool:
    """Whether what a box holds needs more room than it has."""
    return content_height(box) > box.height + SLACK


def spilt(box: Any) -> str:
    """Which box, for the message."""
    words = [w.words for w in box.walk() if getattr(w, "words", "")]
    return f"{type(box).__name__} {box.height} < {content_height(box)}: {words[:6]}"
