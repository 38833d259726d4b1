"""The rights notice: read aloud, then acknowledged by handwriting or refused with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.properties import ObjectProperty

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.notice import LegalBlock, NoticeView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.overlay import ReasonSheet
from field_client.ui.widgets.whosigns import WhoSigns  # noqa: F401  named in notice.kv


class LegalBlockBox(Box):
    """One right or duty, with its clause."""

    block = ObjectProperty(LegalBlock("", "", "", ""), rebind=True)


class NoticeScreen(PartyScreen):
    """Text at the left, the hand at the right; refusing is as large as signing."""

    def on_kv_post(self, _base: Any) -> None:
        """Fill in the blocks."""
        self._shown: tuple[LegalBlock, ...] = ()
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: NoticeView = self.view
        if view.blocks != self._shown:  # keep the reader's place otherwise
            self._shown = view.blocks
            self.ids.blocks.clear_widgets()
            self.later(*(partial(self._add, view.blocks, one) for one in view.blocks))

    def _add(self, blocks: tuple[LegalBlock, ...], block: LegalBlock) -> None:
        """One block, unless there are other ones by now."""
        if self._shown is blocks:
            self.ids.blocks.add_widget(LegalBlockBox(block=block))

    @property
    def pad(self) -> Any:
        """Where the party writes."""
        return self.ids.box.ids.pad

    def main_word(self, view: NoticeView, written: bool) -> str:
        """What is still missing, or what the button will do."""
        if not view.explained:
            return _("First read it aloud, then tick")
        if not view.signing.whole:
            return _("Write the agent's name and authority first")
        if not written:
            return _("Please sign on the line above")
        return _("I have been told: acknowledge")

    def submit(self) -> None:
        """Acknowledge once it was read aloud and signed."""
        if self.view.explained and self.pad.written:
            self.actions.acknowledge_notice(self.pad.handwriting())

    def refuse(self) -> None:
        """Ask for the reason, with equal weight."""
        self.add_widget(
            ReasonSheet(
                self.actions.refuse_notice,
                name="refuse",
                title=_("You may decline to sign"),
                detail=_("Tell us why; it is written down as you say it."),
                choices=self.view.refusals,
            )
        )


load_kv(__file__)
