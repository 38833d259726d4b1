"""Signing: the party first, then each officer by handwriting and PIN."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.common import number_words
from field_client.ui.presenters.sign import Advice, OfficerSign, SignView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.overlay import PinSheet, ReasonSheet, TextSheet
from field_client.ui.widgets.page import PageReader


class AdviceBox(Box):
    """One thing to know before signing."""

    advice = ObjectProperty(Advice("", "", ""), rebind=True)


class SignerSlot(Box):
    """One officer's place under the document."""

    title = StringProperty("")
    words = StringProperty("")
    state = StringProperty("waiting")
    hand = ObjectProperty(None, allownone=True)


class SignScreen(PartyScreen):
    """One pad; whose turn it is stands above it."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._turn = ""
        self._pin: PinSheet | None = None
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: SignView = self.view
        turn = f"{view.stage}.{view.current}"
        if turn != self._turn:  # the next person gets an empty pad
            self._turn = turn
            self.pad.clear()
            self._close_pin()
            advice = view.advice if view.stage == "party" else ()
            self.fill(self.ids.advice, [AdviceBox(advice=one) for one in advice])
        self.fill(self.ids.slots, [self._slot(officer) for officer in view.officers])
        if self._pin is not None:
            self._pin.tell(view.message)

    def _slot(self, officer: OfficerSign) -> SignerSlot:
        turn = self.view.stage == "officers" and officer.officer_id == self.view.current
        state = "signed" if officer.signed else "turn" if turn else "waiting"
        words = {
            "signed": "" if officer.handwriting else _("Signed"),
            "turn": _("Signs now"),
            "waiting": _("To sign: hand to {name}").format(name=officer.name),
        }
        title = _("Officer {name} {number}").format(
            name=officer.name, number=number_words(officer.number)
        )
        return SignerSlot(title=title, state=state, words=words[state], hand=officer.handwriting)

    @property
    def pad(self) -> Any:
        """Where somebody writes."""
        return self.ids.box.ids.pad

    def officer(self, view: SignView) -> OfficerSign:
        """Whose turn it is."""
        found = (one for one in view.officers if one.officer_id == view.current)
        return next(found, OfficerSign("", "", "", False))

    def who(self, view: SignView) -> str:
        """Above the pad."""
        if view.stage == "party":
            return _("Signature of {name}").format(name=view.party)
        return _("Signature of officer {name}").format(name=self.officer(view).name)

    def main_word(self, view: SignView, written: bool) -> str:
        """What is missing, or what the button does."""
        if view.busy:
            return view.busy
        if not written:
            return _("Please sign on the line above")
        if view.stage == "party":
            return _("I have read it: sign")
        return _("Confirm with PIN, {name}").format(name=self.officer(view).name)

    def submit(self) -> None:
        """The party's hand goes as it is; an officer's goes with the PIN."""
        if not self.pad.written or self.view.busy:
            return
        if self.view.stage == "party":
            self.actions.party_signs(self.pad.handwriting())
        else:
            self._ask_pin(self.officer(self.view))

    def _ask_pin(self, officer: OfficerSign) -> None:
        self._close_pin()
        hand = self.pad.handwriting()
        self._pin = PinSheet(
            lambda pin: self.actions.officer_signs(officer.officer_id, pin, hand),
            self.view.pin_length,
            name="sign.pin",
            title=_("{name}, confirm with your PIN").format(name=officer.name),
            detail=_("Your key signs this document; nobody else can do it."),
        )
        self.add_widget(self._pin)

    def _close_pin(self) -> None:
        if self._pin is not None:
            self._pin.close()
            self._pin = None

    def refuse(self) -> None:
        """Ask for the reason, with equal weight."""
        self.add_widget(
            ReasonSheet(
                self.actions.party_refuses,
                name="refuse",
                title=_("You may decline to sign"),
                detail=_("Tell us why; it is written down as you say it."),
                choices=self.view.refusals,
            )
        )

    def object_to(self) -> None:
        """The party's own words."""
        self.add_widget(
            TextSheet(
                self.actions.party_objects,
                name="object",
                title=_("Your objection"),
                detail=_("It is written into the document in your words."),
                words=self.view.objection,
            )
        )

    def read(self) -> None:
        """The whole document, large."""
        self.add_widget(
            PageReader(name="reader", title=self.view.frame.title, pages=self.view.pages)
        )


load_kv(__file__)
