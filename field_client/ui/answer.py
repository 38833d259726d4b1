"""The party reads what was done and signs, or says why not; an attestor signs where it is away."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.answer import AnswerView, answer_label
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.overlay import ReasonSheet
from field_client.ui.widgets.text import Words
from field_client.ui.widgets.whosigns import WhoSigns  # noqa: F401  named in answer.kv


class AnswerScreen(PartyScreen):
    """What is signed at the left, the pad at the right."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._stage = ""
        self.bring("body", "AnswerHand")
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: AnswerView = self.view
        if view.stage != self._stage:  # the next person gets an empty pad
            self._stage = view.stage
            self.pad.clear()
        self.fill(self.ids.lines, [Words(words=line) for line in view.lines])

    @property
    def pad(self) -> Any:
        """Where somebody writes."""
        return self.ids.box.ids.pad

    def who(self, view: AnswerView) -> str:
        """Above the pad."""
        if view.stage == "attestor":
            return _("Signature of the attestor")
        return _("Signature of {name}").format(name=view.signer)

    def main_word(self, view: AnswerView, written: bool) -> str:
        """What is missing, or what the button does."""
        return answer_label(
            _,
            view.stage,
            written=written,
            named=bool(view.attestor.strip()),
            whole=view.signing.whole,
        )

    def submit(self) -> None:
        """Hand it over, once somebody wrote."""
        view: AnswerView = self.view
        if self.pad.written and (view.stage == "party" or view.attestor.strip()):
            self.actions.answer_signs(self.pad.handwriting())

    def refuse(self) -> None:
        """Ask for the reason, with equal weight."""
        self.add_widget(
            ReasonSheet(
                self.actions.answer_refuses,
                name="refuse",
                title=_("You may decline to sign"),
                detail=_("Tell us why; it is written down as you say it."),
                choices=self.view.refusals,
            )
        )


load_kv(__file__)
