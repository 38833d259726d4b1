"""An inspection's way: the next step, the line of steps, the timeline of what is done."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.inspection import NextStep, Step, TimelineRow, in_sight
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.text import text_width

# dp: a tick with its gap, both sides of the step that comes now, a bar with the gaps around it
TICK, PADDING, BETWEEN = 28, 28, 32


class StepMark(Box):
    """One step of the line."""

    word = StringProperty("")
    state = StringProperty("later")


class StepLine(Box):
    """The steps of a legal procedure, left to right."""

    steps = ObjectProperty(())
    room = NumericProperty(0)
    """Pixels that they may take together; what has no room is counted."""

    def __init__(self, **kwargs: Any) -> None:
        self._shown: tuple[Step, ...] = ()
        lay = Clock.create_trigger(self._lay, 0)  # once the room is known
        super().__init__(**kwargs)
        self.bind(steps=lay, room=lay)
        lay()

    def _fits(self, steps: tuple[Step, ...]) -> bool:
        marks = sum(mark_width(step) for step in steps)
        return bool(marks + (len(steps) - 1) * dp(BETWEEN) <= self.room)

    def _lay(self, *_args: Any) -> None:
        """Lay them out anew, with a bar between two."""
        shown = in_sight(_, self.steps, self._fits)
        if shown == self._shown:
            return
        self._shown = shown
        self.clear_widgets()
        for at, step in enumerate(shown):
            if at:
                self.add_widget(StepBar(done=step.state != "later"))
            self.add_widget(StepMark(word=step.word, state=step.state))


def mark_width(step: Step) -> float:
    """Pixels that a step takes on the line."""
    now = step.state == "now"
    tick = dp(TICK) if step.state == "done" else 0.0
    return float(text_width(step.word, theme.label, now) + dp(PADDING if now else 0) + tick + 1)


class StepBar(Box):
    """The bar between two steps."""

    done = BooleanProperty(False)


class NextStepBox(Box):
    """What the law asks for next, with the one big button; under the words where they are large
    and the box is narrow."""

    step = ObjectProperty(NextStep("", "", "", "", "", ""), rebind=True)
    steps = ObjectProperty(())
    actions = ObjectProperty(None, allownone=True)
    stacked = BooleanProperty(False)


class TimelineItem(Pressable):
    """One act on record: when, what, where its record stands; a press looks at it."""

    row = ObjectProperty(TimelineRow("", "", "", "saved"), rebind=True)
    stage_word = StringProperty("")
    wanted = NumericProperty(0)  # its height, so that all of it is seen


load_kv(__file__)
