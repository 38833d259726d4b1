"""Where the records are, how full the disk is, and what ties the tablet to the log."""

from __future__ import annotations

from typing import Any

from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.widget import Widget

from field_client.ui.presenters.common import Chip
from field_client.ui.presenters.journey import JourneyView
from field_client.ui.presenters.sync import PipelineTile, VerdictRow
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import made
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.surface import Card
from field_client.ui.widgets.text import text_width


class PipelineCard(Pressable):
    """One stage: word, shape, count; a press lists what stands there."""

    tile = ObjectProperty(PipelineTile("saved", "", "", ""), rebind=True)
    narrow = BooleanProperty(False)
    tight = BooleanProperty(False)
    """No room for the shape beside the word: it stands under it."""

    def fitting(self, word: str, size: float, room: float) -> float:
        """The size of letters in which a word is whole; no larger than ``size``."""
        wanted = text_width(word, size, True) * 1.06
        return size if room < size or wanted <= room else size * room / wanted


class SyncPipeline(Box):
    """All stages, left to right."""

    tiles = ObjectProperty(())
    actions = ObjectProperty(None, allownone=True)
    narrow = BooleanProperty(False)

    def on_narrow(self, *_args: Any) -> None:
        """Held upright: the same, smaller."""
        self.on_tiles()

    def on_tiles(self, *_args: Any) -> None:
        """Lay them out anew, with an arrow between two."""
        self.clear_widgets()
        for at, tile in enumerate(self.tiles):
            if at:
                self.add_widget(made("PipelineArrow"))
            self.add_widget(self._card(tile))

    def _card(self, tile: PipelineTile) -> PipelineCard:
        card = PipelineCard(name=f"stage.{tile.stage}", tile=tile, narrow=self.narrow)
        card.bind(on_release=lambda _c: self.actions.list_stage(tile.stage))
        return card


class JourneyCard(Card):
    """What is left of something that takes a while: words, a bar, and a way to stop it."""

    journey = ObjectProperty(JourneyView(""), rebind=True)
    actions = ObjectProperty(None, allownone=True)

    def press(self) -> None:
        """The one button."""
        if self.journey.fix is not None:
            self.actions.fix(self.journey.fix.key)


class Gauge(Widget):  # type: ignore[misc]
    """Shares of the disk: what must stay, what may go."""

    used = NumericProperty(0)
    releasable = NumericProperty(0)


class VerdictLine(Pressable):
    """One record, and what the centre answered; a press looks at it."""

    row = ObjectProperty(VerdictRow("", "", "", Chip("", "")), rebind=True)


class ProofLine(Box):
    """A hash for human eyes: in groups, with what it stands for."""

    word = StringProperty("")
    code = StringProperty("")


class ChipRow(Box):
    """Several chips side by side."""

    chips = ListProperty()

    def on_chips(self, *_args: Any) -> None:
        """Lay them out anew."""
        self.clear_widgets()
        for chip in self.chips:
            box = made("ChipBox")
            box.take(chip)
            self.add_widget(box)


load_kv(__file__)
