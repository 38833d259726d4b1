"""Where day is changed for night, what is shown looks as what is made by night: a rule of a widget
that stands beside one of its kind would win or lose by chance."""

from __future__ import annotations

from typing import Any

import pytest
from kivy.properties import ColorProperty

from field_client.ui.gallery import VIEWS

SWITCHED = sorted(key for key in VIEWS if key.partition(".")[0] in ("unlock", "settings"))


def colours(shell: Any) -> list[tuple[str, str, str]]:
    """Every colour that stands in a widget: whose, which, and which it is, in the tree's order."""
    return [
        (f"{type(one).__name__} {getattr(one, 'name', '')}", name, spelt(getattr(one, name)))
        for one in shell.screen.walk()
        for name, kind in sorted(one.properties().items())
        if isinstance(kind, ColorProperty)
    ]


def spelt(colour: Any) -> str:
    return "" if colour is None else "".join(f"{round(part * 255):02x}" for part in colour)


@pytest.mark.parametrize("key", SWITCHED)
def test_what_night_falls_on_looks_as_what_is_made_by_night(tablet: Any, key: str) -> None:
    tablet.show(key)
    tablet.hands.pump()
    tablet.shell.use_theme("night")
    tablet.hands.pump()
    fell = colours(tablet.shell)
    tablet.show("today")
    tablet.show(key)
    tablet.hands.pump()
    made = colours(tablet.shell)
    assert len(fell) > 100
    assert [one for one in zip(fell, made, strict=True) if one[0] != one[1]] == []
