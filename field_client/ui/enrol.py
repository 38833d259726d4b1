"""Enrolment: the four facts, then a PIN for each officer, then what was received."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Message, RuleNote
from field_client.ui.presenters.enrol import EnrolView, passphrase_hint
from field_client.ui.presenters.unlock import OfficerTile
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made


class EnrolScreen(FujieScreen):
    """Keys are made on this tablet; they never leave it."""

    first_pin = StringProperty("")
    shown_stage = StringProperty("")

    def on_kv_post(self, _base: Any) -> None:
        """Show the stage of the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: EnrolView = self.view
        if view.stage != self.shown_stage:
            self.shown_stage = view.stage
            part = {"device": "EnrolDevice", "officers": "EnrolOfficers", "done": "EnrolDone"}
            self._part = made(part[view.stage], screen=self)
            if view.stage == "officers":  # at once: upright the button stands on the keys
                self._part.add_pad(self)
            self.fill(self.ids.stage, [self._part])
        self._part.view = view

    def hint(self, phrase: str) -> RuleNote:
        """What the passphrase still needs."""
        return passphrase_hint(_, phrase)

    def submit(self) -> None:
        """Enrol, once the passphrase is long enough; its note says so otherwise."""
        ids = self._part.ids
        phrase = ids.passphrase.text
        if self.hint(phrase).level == "block":
            ids.passphrase.ids.entry.focus = True
            return
        self.actions.enrol(ids.server.text, ids.code.text, ids.device_name.text, phrase)

    def pin(self, pin: str) -> None:
        """The first time it is remembered, the second time it must be the same."""
        if not self.view.chosen:
            self._part.said = Message(
                "warning", _("Choose the officer first"), _("Nothing is set.")
            )
            return
        if not self.first_pin:
            self.first_pin = pin
            self._part.said = None
            return
        first, self.first_pin = self.first_pin, ""
        if first != pin:
            self._part.said = Message(
                "warning", _("The two PINs differ"), _("Nothing is set. Start again.")
            )
            return
        code = self._part.ids.officer_code.text if self.view.ask_code else ""
        self.actions.set_pin(self.view.chosen, pin, code)


class EnrolStep(Box):
    """One thing that enrolment does."""

    icon = StringProperty("")
    words = StringProperty("")


class EnrolPart(Box):
    """One stage; laid out in enrol.kv."""

    view = ObjectProperty(EnrolView(), rebind=True)
    screen = ObjectProperty(None)
    said = ObjectProperty(None, allownone=True, rebind=True)


class EnrolOfficers(EnrolPart):
    """A PIN for each officer. ``nobody`` has the name that is looked for."""

    nobody = BooleanProperty(False)
    _entry: Any = None
    _ready: frozenset[str] = frozenset()

    def add_pad(self, screen: EnrolScreen) -> None:
        """The keys, at the right or below."""
        self.add_widget(made("EnrolPad", screen=screen))

    def on_view(self, *_args: Any) -> None:
        """Fill in the people, with who is ready."""
        if "officers" not in self.ids:
            return
        if self.view.ready != self._ready:  # a code counts once
            self._ready = self.view.ready
            self.ids.officer_code.ids.entry.text = ""
        self._look_for()
        self.ids.officers.clear_widgets()
        for officer in self.view.officers:
            self.ids.officers.add_widget(self._tile(officer))

    def _look_for(self) -> None:
        """Of a long roster one looks for a name."""
        view = self.view
        if view.many and self._entry is None:
            self._entry = made("EntryBox", name="look_for", hint=_("Name or certificate number"))
            self._entry.bind(on_edit=lambda _e, text: self.screen.actions.look_for_officer(text))
            self.ids.looking.add_widget(self._entry)
        if self._entry is not None:
            self._entry.value = view.sought
        self.nobody = bool(view.sought) and not view.officers

    def _tile(self, officer: OfficerTile) -> Any:
        ready = officer.officer_id in self.view.ready
        tile = made(
            "OfficerTileButton",
            name=f"officer.{officer.officer_id}",
            officer_name=officer.name,
            detail=_("PIN set") if ready else _("PIN to be set"),
            photo=officer.photo,
            active=officer.officer_id == self.view.chosen,
            after="check" if ready else "",
        )
        tile.bind(on_release=lambda _t: self._choose(officer.officer_id))
        return tile

    def _choose(self, officer_id: str) -> None:
        self.screen.first_pin = ""
        self.screen.actions.choose_officer(officer_id)


load_kv(__file__)
