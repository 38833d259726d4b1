"""What stands around every screen: top bar, rail, recording mark, sync corner.

``OfficerScreen`` has the rail; ``PartyScreen`` has none and says that all else is locked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.metrics import dp
from kivy.properties import (
    AliasProperty,
    BooleanProperty,
    ListProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from field_client.ui.leaving import hold_back
from field_client.ui.presenters.common import Chip, Frame, Tab
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.fitting import Fitting
from field_client.ui.widgets.press import Pressable

NARROW = 860  # dp


class RailButton(Pressable):
    """A place: icon and word."""

    icon = StringProperty("")
    word = StringProperty("")
    active = BooleanProperty(False)


class Rail(Box):
    """The left edge: places above, the lock below."""

    tabs = ListProperty()
    active = StringProperty("")
    actions = ObjectProperty(None, allownone=True)

    def on_kv_post(self, _base: Any) -> None:
        """Fill in once all properties stand."""
        self.bind(tabs=self._lay, active=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        places = self.ids.places
        places.clear_widgets()
        for tab in self.tabs:
            places.add_widget(self._button(tab))

    def _button(self, tab: Tab) -> RailButton:
        button = RailButton(
            name=f"tab.{tab.key}", icon=tab.icon, word=tab.word, active=tab.key == self.active
        )
        button.bind(on_release=lambda _b: self.actions.go(tab.key))
        return button


class TopBar(Box):
    """Head line at the left; marks, the screen's own buttons and the sync corner at the right."""

    frame = ObjectProperty(Frame("", "", Chip("", "")), rebind=True)
    actions = ObjectProperty(None, allownone=True)
    back = BooleanProperty(False)
    party = BooleanProperty(False)
    quiet = BooleanProperty(False)  # the screen shows the recording mark itself
    marks = ListProperty()
    stacked = AliasProperty(lambda self: self.width < dp(NARROW), bind=["width"], cache=True)
    """The marks stand under the head line, where the tablet is held upright."""


class FujieScreen(Screen):  # type: ignore[misc]
    """A screen knows its view and the actions, and nothing else."""

    view = ObjectProperty(None, rebind=True)
    actions = ObjectProperty(None)
    narrow = AliasProperty(lambda self: self.width < self.height, bind=["size"], cache=True)
    """Held upright: what stands side by side goes one under the other."""

    def __init__(self, **kwargs: Any) -> None:
        self._made_in = Clock.frames
        hold_back()
        self._makers: deque[Callable[[], None]] = deque()
        self._go_on = Clock.create_trigger(self._make_one, 0)
        super().__init__(**kwargs)
        self._fitting = Fitting(self)

    @property
    def coming(self) -> bool:
        """Whether parts of it are still to be made, or it was made in this very frame, which has
        worked enough."""
        return bool(self._makers) or self._made_in == Clock.frames

    def later(self, *makers: Callable[[], None]) -> None:
        """Make parts of the screen one a frame, so that what stands around them is there at
        once and no frame takes long."""
        self._makers.extend(makers)
        self._go_on()

    def _make_one(self, *_args: Any) -> None:
        if self.parent is None:  # it was left before all of it was there
            self._makers.clear()
        elif self._makers:
            self._made_in = Clock.frames
            hold_back()
            self._makers.popleft()()
            self._go_on()

    def hurry(self) -> None:
        """Make all of it now."""
        while self._makers:
            self._makers.popleft()()

    def bring(
        self, box: str, *parts: str, more: bool = False, beside: float = 0, below: float = 1
    ) -> None:
        """Make parts that have a rule of their own, one a frame, into the box of that id. What is
        still to come of them, or ``more`` than them, keeps its room, so that nothing stands
        elsewhere for a frame: all that is left, or ``beside`` dp at the right and a share
        ``below`` upright."""
        for part in parts:
            rest = (beside, below) if more or part != parts[-1] else None
            self.later(partial(self._bring, box, part, rest))

    def _bring(self, box: str, part: str, rest: tuple[float, float] | None) -> None:
        brought = made(part, screen=self)
        self.ids.update(brought.ids)
        take_room(self.ids[box], brought)
        if rest is not None:
            self.ids[box].add_widget(Rest(*rest, narrow=self.narrow))

    def fill(self, box: Any, widgets: list[Any]) -> None:
        """Put widgets into a box in place of what was there."""
        box.clear_widgets()
        for widget in widgets:
            box.add_widget(widget)


class Part(Box):
    """A part of a screen with a rule of its own: a frame makes it. Ids in it are the screen's."""

    screen = ObjectProperty(None, rebind=True)


class Rest(Widget):  # type: ignore[misc]
    """The room of what a box is still to get."""

    def __init__(self, beside: float, below: float = 1, *, narrow: bool) -> None:
        fixed = bool(beside) and not narrow
        hint = None if fixed else 1, below if narrow else 1
        super().__init__(size_hint=hint, width=dp(beside))


def take_room(box: Any, brought: Any) -> None:
    """Put a part into a box, where room was kept for it."""
    for rest in [one for one in box.children if isinstance(one, Rest)]:
        box.remove_widget(rest)
    box.add_widget(brought)


def made(part: str, /, **properties: Any) -> Any:
    """A widget whose class exists in .kv only."""
    return Factory.get(part)(**properties)


load_kv(__file__)
