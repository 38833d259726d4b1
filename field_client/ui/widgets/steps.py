"""An inspection's way: the next step, the line of steps, the timeline of what is done."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_client.ui.presenters.inspection import NextStep, Step, TimelineRow
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.press import Pressable


class StepMark(Box):
    """One step of the line."""

    word = StringProperty("")
    state = StringProperty("later")


class StepLine(Box):
    """The steps of a legal procedure, left to right."""

    steps = ObjectProperty(())

    def on_steps(self, *_args: Any) -> None:
        """Lay them out anew, with a bar between two."""
        self.clear_widgets()
        steps: tuple[Step, ...] = self.steps
        for at, step in enumerate(steps):
            if at:
                self.add_widget(StepBar(done=step.state != "later"))
            self.add_widget(StepMark(word=step.word, state=step.state))


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


load_kv(__file__)
