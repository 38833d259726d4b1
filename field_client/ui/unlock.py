"""The closed tablet: who it is, the PIN, what keeps running and what waits."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _, language
from field_client.ui.presenters.unlock import OfficerTile, UnlockView
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.overlay import Sheet


class OfficerSheet(Sheet):
    """Choose who is unlocking."""

    def __init__(self, officers: tuple[OfficerTile, ...], chosen: str, choose: Any) -> None:
        super().__init__(name="officers")
        self._then = choose
        for officer in officers:
            tile = made(
                "OfficerTileButton",
                name=f"officer.{officer.officer_id}",
                officer_name=officer.name,
                detail=officer.number,
                photo=officer.photo,
                active=officer.officer_id == chosen,
            )
            tile.bind(on_release=lambda _t, who=officer.officer_id: self._choose(who))
            self.ids.officers.add_widget(tile)

    def _choose(self, officer_id: str) -> None:
        self.close()
        self._then(officer_id)


class UnlockScreen(FujieScreen):
    """PIN and, on a tablet without a keystore, the device's passphrase."""

    def on_kv_post(self, _base: Any) -> None:
        """The tablet itself, whose PIN it is, the keys."""
        self.bring("body", "UnlockHome", "UnlockEntry")
        self.bring("entry", "UnlockPad")

    def officer(self, view: UnlockView) -> OfficerTile:
        """Whose PIN is being typed."""
        found = (tile for tile in view.officers if tile.officer_id == view.chosen)
        return next(found, OfficerTile("", "", ""))

    def closed(self, view: UnlockView) -> bool:
        """Whether this officer cannot try now."""
        return view.locked or view.wiped or view.lost

    def who_words(self, view: UnlockView) -> str:
        """Under the name: what to do, or the certificate number when nothing can be done."""
        if self.closed(view):
            return self.officer(view).number
        return _("Enter your {n} digit PIN").format(n=view.pin_length)

    def submit(self, pin: str) -> None:
        """All digits are there."""
        phrase = self.ids.passphrase.text if self.view.ask_passphrase else ""
        self.actions.unlock(self.view.chosen, pin, phrase)

    def switch_officer(self) -> None:
        """Choose another officer."""
        view = self.view
        self.add_widget(OfficerSheet(view.officers, view.chosen, self.actions.choose_officer))

    def forgot(self) -> None:
        """The ways in, in words."""
        phrase = self.ids.passphrase.text if self.view.ask_passphrase else ""
        self.actions.forgot_pin(phrase)

    def other_language(self) -> str:
        """The language to switch to, by its own name in every language."""
        return "English" if language() == "zh_CN" else "中文"

    def switch_language(self) -> None:
        """Chinese to English and back."""
        self.actions.set_language("en" if language() == "zh_CN" else "zh_CN")

    def switch_theme(self) -> None:
        """Day to night and back."""
        self.actions.set_theme("night" if theme.name == "day" else "day")


load_kv(__file__)
