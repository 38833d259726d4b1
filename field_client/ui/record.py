"""One record, to look at and to correct."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import stage_word
from field_client.ui.presenters.record import CorrectionView, RecordView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.text import Words


class CorrectionBox(Box):
    """What a later record says of this one."""

    correction = ObjectProperty(CorrectionView("", "", ""), rebind=True)


class RecordScreen(FujieScreen):
    """What it says at the left, where it stands at the right."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: RecordView = self.view
        self.fill(self.ids.lines, [Words(words=line) for line in view.lines])
        self.fill(self.ids.corrections, [CorrectionBox(correction=c) for c in view.corrections])

    def stage(self, view: RecordView) -> str:
        """How far the record has come, in a word."""
        return stage_word(_, view.stage)


load_kv(__file__)
