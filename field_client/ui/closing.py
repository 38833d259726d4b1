"""Ending an inspection: what is missing stands at the left, how it ended at the right."""

from __future__ import annotations

from typing import Any

from kivy.properties import AliasProperty, ObjectProperty

from field_client.ui.inspection import MatterRow
from field_client.ui.presenters.closing import ClosingView, MissingStep
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.press import Pressable, level
from field_client.ui.widgets.surface import NoteBox


class MissingRow(Pressable):
    """One step that is not done, and the way to it."""

    step = ObjectProperty(MissingStep("", "", "", ""), rebind=True)


class ClosingScreen(FujieScreen):
    """What did not change is not made again, so that the cursor stays in the note."""

    open = AliasProperty(
        lambda self: bool(self.view and (self.view.steps or self.view.notes or self.view.matters)),
        bind=["view"],
    )
    """Whether anything is still missing."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._laid: dict[str, Any] = {}
        self.later(self._lay_end, self._lay_first)

    def _lay_end(self) -> None:
        """With the outcomes at once: what is written stands below them, under the finger."""
        self._bring("end", "ClosingEnd", None)
        self._lay_outcomes()

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: ClosingView = self.view
        self._part("steps", view.steps, lambda: [self._step(one) for one in view.steps])
        self._part(
            "notes", view.notes, lambda: [NoteBox(note=n, actions=self.actions) for n in view.notes]
        )
        self.later(self._lay_matters, self._lay_outcomes)

    def _lay_matters(self) -> None:
        matters = self.view.matters
        self._part("matters", matters, lambda: [self._matter(one) for one in matters])

    def _lay_outcomes(self) -> None:
        view: ClosingView = self.view
        self._part("outcomes", view.outcomes, lambda: [self._outcome(o) for o in view.outcomes])
        for tile in self.ids.outcomes.children:
            tile.chosen = tile.key == view.outcome
        self._even()

    def _part(self, name: str, value: Any, make: Any) -> None:
        if name not in self._laid or self._laid[name] != value:
            self._laid[name] = value
            self.fill(self.ids[name], make())

    def _step(self, step: MissingStep) -> MissingRow:
        row = MissingRow(name=f"act.{step.key}", step=step)
        row.bind(on_release=lambda _r: self.actions.act(step.key))
        return row

    def _matter(self, matter: Any) -> MatterRow:
        row = MatterRow(name=f"fix.{matter.key}", matter=matter)
        row.bind(on_release=lambda _r: self.actions.fix(matter.key))
        return row

    def _outcome(self, choice: Any) -> Any:
        tile = made(
            "OptionTile",
            name=f"outcome.{choice.key}",
            key=choice.key,
            word=choice.word,
            closed=choice.closed,
        )
        tile.bind(on_release=self._chosen, wanted=self._even)
        return tile

    def _even(self, *_args: Any) -> None:
        """Outcomes side by side are of one height."""
        grid = self.ids.outcomes
        level(grid.children, beside=grid.cols > 1)

    def _chosen(self, tile: Any) -> None:
        if not tile.closed:
            self.actions.edit_closing("outcome", tile.key)

    def submit(self) -> None:
        """End it, unless something stands against it (the button says what)."""
        if self.view.ready:
            self.actions.close_inspection()


load_kv(__file__)
