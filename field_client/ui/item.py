"""One record: its way to the archive, the centre's answer, its files, its proof."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty

from field_client.ui.presenters.common import Chip
from field_client.ui.presenters.item import FileLine, ItemView, WayMark
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.surface import NoteBox


class WayBox(Box):
    """One stage: shape, word, when."""

    mark = ObjectProperty(WayMark("saved", "", "", False), rebind=True)


class FileBox(Box):
    """One file and how much of it is at the centre."""

    file = ObjectProperty(FileLine("", "", 0, Chip("", "")), rebind=True)


class ItemScreen(FujieScreen):
    """Shows one record; nothing on it changes anything."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bring("what", "ItemWay")
        self.bring("body", "ItemFacts")
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: ItemView = self.view
        self.fill(self.ids.way, [WayBox(mark=mark) for mark in view.way])
        notes = [NoteBox(note=note, actions=self.actions) for note in view.notes]
        self.fill(self.ids.notes, notes)
        self.fill(self.ids.files, [FileBox(file=one) for one in view.files])


load_kv(__file__)
