"""Rules of .kv files are followed, and nothing else is done with what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from field_client.ui import screens

KV = """
<Looking>:
    seen: self.view
    width: self.view.width
"""


class Looking(Widget):  # type: ignore[misc]
    view = ObjectProperty(None, rebind=True)
    seen = ObjectProperty(None, allownone=True)


class Heavy:
    """What takes long to be put into words."""

    def __init__(self, width: float) -> None:
        self.width, self.told = width, 0

    def __repr__(self) -> str:
        self.told += 1
        return "megabytes of printed pages"


@pytest.fixture
def ruled() -> Iterator[None]:
    Builder.load_string(KV, filename=__file__)
    yield
    Builder.unload_file(__file__)


def test_a_rule_that_follows_a_view_puts_nothing_of_it_into_words(tablet: Any, ruled: None) -> None:
    first, second = Heavy(7), Heavy(8)
    widget = Looking(view=first)
    widget.view = second
    assert (widget.seen, widget.width) == (second, 8)
    assert (first.told, second.told) == (0, 0)


def test_parts_that_are_there_are_not_looked_for_with_each_screen(
    tablet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    screens.screen("papers")

    def search(*_args: Any) -> Any:
        raise AssertionError("the folder was searched")

    monkeypatch.setattr("pkgutil.iter_modules", search)
    screens.screen("papers")
