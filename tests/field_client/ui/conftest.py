"""One Kivy window for all screen tests, driven by fingers; what they ask for is written down."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from field_client.ui.window import prepare_window

assert "kivy" not in sys.modules, (
    "a test module opened the window by importing Kivy: import it later"
)
prepare_window()  # before any test module imports Kivy
HERE = Path(__file__).parent
COLLECT_EVERY = 30  # tests
UNCOLLECTED = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Kivy has one window a process: these tests stay together."""
    here = f"{HERE}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.xdist_group(name="kivy"))


@dataclass
class Recorder:
    """Stands where the program stands and writes down what was asked for."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        def asked(*args: Any) -> None:
            self.calls.append((name, *args))

        return asked


@dataclass
class Table:
    """A tablet on the table: its shell, hands over it, and what it asked for."""

    shell: Any
    hands: Any
    did: list[tuple[Any, ...]]

    def show(self, key: str, view: Any = None) -> Any:
        """Show a sample view, ``card`` or ``card.suspended``; returns the view."""
        from field_client.ui.gallery import VIEWS
        from field_client.ui.i18n import _

        view = VIEWS[key](_) if view is None else view
        self.shell.show(key.partition(".")[0], view)
        self.hands.settle()
        return view

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour at a point of the window, y upwards as Kivy counts."""
        return self.colours((x, y))[0]

    def colours(self, *points: tuple[float, float]) -> list[tuple[int, int, int]]:
        """The colours at some points of one picture of the window."""
        width, height, pixels = self.hands.pixels()
        places = [3 * ((height - 1 - int(y)) * width + int(x)) for x, y in points]
        return [(pixels[at], pixels[at + 1], pixels[at + 2]) for at in places]

    def words(self) -> str:
        """All words on the screen, for what a person can read there."""
        spoken = (w for w in self.shell.walk() if getattr(w, "words", "") and _seen(w))
        return "\n".join(widget.words for widget in spoken)


def _seen(widget: Any) -> bool:
    while widget is not None and widget.parent is not widget:
        if getattr(widget, "opacity", 1) == 0:
            return False
        widget = widget.parent
    return True


@pytest.fixture(scope="session")
def window() -> Any:
    """The window, made once."""
    from kivy.config import Config

    Config.set("graphics", "maxfps", "0")
    from kivy.base import EventLoop, runTouchApp
    from kivy.uix.widget import Widget

    from field_client.ui.theme import use_fonts

    use_fonts()
    runTouchApp(Widget(), embedded=True)
    gc.collect()
    gc.freeze()  # Kivy's half a million objects need no second look
    return EventLoop.window


@pytest.fixture
def uncollected(window: Any) -> Iterator[None]:
    """No garbage is collected meanwhile, as while an officer works; looking for it among all
    that these tests made costs as much as the tests. What left is taken apart afterwards."""
    gc.disable()
    yield
    take_apart_what_left()
    if next(UNCOLLECTED) % COLLECT_EVERY == 0:
        gc.collect()
        gc.freeze()
    gc.enable()


@pytest.fixture
def tablet(window: Any, uncollected: None) -> Iterator[Table]:
    """A fresh shell in the window, in Chinese, by day."""
    from field_client.ui.leaving import let_go
    from field_client.ui.shell import Shell
    from tests.hands import Hands

    recorder = Recorder()
    shell = Shell(recorder)
    shell.use_language("zh_CN")
    shell.use_theme("day")
    for child in list(window.children):
        window.remove_widget(child)
    window.add_widget(shell)
    yield Table(shell, Hands(drawing=False), recorder.calls)
    window.remove_widget(shell)
    let_go(shell)


def take_apart_what_left() -> None:
    """At once: a test runs for fewer frames than it takes, and the next is not to do it."""
    from field_client.ui import leaving

    while leaving.waiting():
        leaving._left = deque((0.0, widget) for _due, widget in leaving._left)
        leaving._step()
