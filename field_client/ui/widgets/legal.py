"""Legal words and what they mean, side by side; one under the other on an upright screen.

LegalSheet(title="当场行政处罚决定书", blocks=(LegalBlock(heading, text, clause, plain), …))
LegalColumns(blocks=…)       the same without a sheet, for a screen of one's own
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_client.ui.presenters.form import LegalBlock
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.overlay import Sheet

NARROW = 900  # px under which the plain words stand below


class LegalPair(Box):
    """One clause: its words at the left, the same in plain words at the right."""

    block = ObjectProperty(LegalBlock("", "", "", ""), rebind=True)
    narrow = BooleanProperty(False)


class LegalColumns(Box):
    """All blocks of a document, one a frame."""

    blocks = ObjectProperty(())

    def __init__(self, **kwargs: Any) -> None:
        self._left: list[LegalBlock] = []
        self._more = Clock.create_trigger(self._make, 0)
        super().__init__(**kwargs)
        self.bind(blocks=self._lay)
        self.bind(width=self._turn)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        self.clear_widgets()
        self._left = list(self.blocks)
        self._make()

    def _make(self, *_args: Any) -> None:
        if self._left:
            self.add_widget(LegalPair(block=self._left.pop(0), narrow=self.width < NARROW))
            self._more()

    def _turn(self, *_args: Any) -> None:
        for pair in self.children:
            pair.narrow = self.width < NARROW


class LegalSheet(Sheet):
    """The blocks over the whole screen."""

    title = StringProperty("")
    blocks = ObjectProperty(())


load_kv(__file__)
