"""Signing: one hand after the other, on one pad; whose turn it is stands above it."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.properties import ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.common import number_words
from field_client.ui.presenters.sign import Advice, OfficerSign, SignView, hand_word, who_word
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
    """What is signed at the left, the pad at the right; refusing is as large as signing."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._turn = ""
        self._told: tuple[Advice, ...] | None = None
        self._slots: tuple[Any, ...] = ()
        self._pin: PinSheet | None = None
        self.bring("body", "SignHand")
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: SignView = self.view
        if view.turn.key != self._turn:  # the next person, or the next page, gets an empty pad
            self._turn = view.turn.key
            self.pad.clear()
            self.ids.sheet.scroll_y = 1
            self._close_pin()
        told = self._advice(view)
        if told != self._told:
            self._told = told
            self.fill(self.ids.advice, [])
            self.later(*(partial(self._advise, told, one) for one in told))
        slots = (*view.officers, view.current, view.stage)
        if slots != self._slots:
            self._slots = slots
            self._lay_slots([self._slot(officer) for officer in view.officers])
        if self._pin is not None:
            self._pin.tell(view.message)

    def _advise(self, told: tuple[Advice, ...], one: Advice) -> None:
        """The next thing to know, under those that stand; each is a frame's work."""
        if told is self._told:
            self.ids.advice.add_widget(AdviceBox(advice=one))

    def _advice(self, view: SignView) -> tuple[Advice, ...]:
        if view.stage == "attestor":
            return (
                Advice(
                    "users",
                    _("You attest to what you saw"),
                    _("That it was read out here, and that nobody of the party's side signed.")
                    if view.explained
                    else _(
                        "That it was made out here, and that nobody of the party's side signed."
                    ),
                ),
            )
        if view.stage != "party" or view.turn.page:
            return ()
        return view.advice[:2] + view.plain + view.advice[2:]

    def _lay_slots(self, told: list[dict[str, Any]]) -> None:
        """A place that stands there says what is new: who signed has worked enough already."""
        box = self.ids.slots
        if len(box.children) != len(told):
            self.fill(box, [SignerSlot(**one) for one in told])
            return
        for slot, one in zip(reversed(box.children), told, strict=True):
            for name, value in one.items():
                setattr(slot, name, value)

    def _slot(self, officer: OfficerSign) -> dict[str, Any]:
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
        return {
            "title": title,
            "state": state,
            "words": words[state],
            "hand": officer.handwriting,
        }

    # ── words ────────────────────────────────────────────────────────────────────────────

    def head(self, view: SignView) -> str:
        """Above what is signed."""
        if view.turn.page:
            return _("Page {n} of {all}").format(n=view.turn.page, all=len(view.pages))
        if view.stage == "officers":
            return _("How the party signed")
        if view.stage == "attestor":
            return _("For whoever attests")
        return _("Before you sign, please know")

    def who(self, view: SignView) -> str:
        """Above the pad."""
        return who_word(_, view)

    def asks(self, view: SignView) -> bool:
        """Whether the name of who writes is asked for."""
        return bool(view.roles) or view.attestor is not None

    def under(self, view: SignView) -> str:
        """What the hand stands for, in the words of the document."""
        if view.correction is not None:
            return _("It read “{was}”, and reads “{now}” now.").format(
                was=view.correction.was, now=view.correction.now
            )
        if view.attestor is not None:
            return _("Noted: {why}").format(why=view.attestor.why)
        return view.under

    def page(self, view: SignView) -> bytes | None:
        """The page that is signed now."""
        at = view.turn.page - 1
        return view.pages[at] if 0 <= at < len(view.pages) else None

    def main_word(self, view: SignView, begun: bool, written: bool) -> str:
        """What is missing, or what the button does."""
        return hand_word(_, view, begun=begun, written=written)

    def refuse_word(self, view: SignView) -> str:
        """The way on without a hand."""
        return _("Nobody attests") if view.stage == "attestor" else _("Do not sign")

    def may_refuse(self, view: SignView) -> bool:
        """Whether there is a way on without this hand."""
        if view.attestor is not None:
            return not view.attestor.must
        return view.stage == "party"

    # ── touches ──────────────────────────────────────────────────────────────────────────

    @property
    def pad(self) -> Any:
        """Where somebody writes."""
        return self.ids.box.ids.pad

    def submit(self) -> None:
        """The party's hand goes as it is; an officer's goes with the PIN."""
        view: SignView = self.view
        if not self.pad.written or view.busy or view.missing:
            return
        if view.stage == "officers":
            self._ask_pin(view)
        else:
            self.actions.party_signs(self.pad.handwriting())

    def _ask_pin(self, view: SignView) -> None:
        self._close_pin()
        hand = self.pad.handwriting()
        name = next((one.name for one in view.officers if one.officer_id == view.current), "")
        self._pin = PinSheet(
            lambda pin: self.actions.officer_signs(view.current, pin, hand),
            self.view.pin_length,
            name="sign.pin",
            title=_("{name}, confirm with your PIN").format(name=name),
            detail=_("Your key signs this document; nobody else can do it."),
        )
        self.add_widget(self._pin)

    def _close_pin(self) -> None:
        if self._pin is not None:
            self._pin.close()
            self._pin = None

    def refuse(self) -> None:
        """Ask for the reason, with equal weight."""
        if self.view.stage == "attestor":
            self.actions.party_refuses("nobody", "")
            return
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
