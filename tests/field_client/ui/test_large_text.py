"""Letters of other sizes, and screens that no longer fit. What is cut: ``test_views.py``."""

from __future__ import annotations

from typing import Any

import pytest

from field_client.ui.theme import SIZES, TEXTS, theme
from field_client.ui.widgets.fitting import LongPage


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
