"""The officer's ID card, shown to the party. All else is locked meanwhile."""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.metrics import dp
from kivy.properties import AliasProperty, BooleanProperty, ObjectProperty, OptionProperty

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.card import CardView, OfficerSwitch
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import made
from field_client.ui.widgets.overlay import Sheet

LOW = 780  # dp


class CardScreen(PartyScreen):
    """Face, renewing code, the officers, one main button; or the same as a badge."""

    turned = BooleanProperty(False)
    """Towards somebody on the other side of a counter."""
    asked = BooleanProperty(False)
    """On a badge: somebody asked for the code."""
    low = AliasProperty(lambda self: self.height < dp(LOW), bind=["height"], cache=True)
    """In practice's frame: what stands under each other moves closer."""

    def on_kv_post(self, _base: Any) -> None:
        """Fill in the face and the officers."""
        self._part: Any = None
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay, asked=self._lay)
        self._lay_part()
        self.later(self._lay_officers)

    def _lay(self, *_args: Any) -> None:
        self._lay_part()
        self._lay_officers()

    def _lay_part(self) -> None:
        view: CardView = self.view
        kind = "WornPart" if view.worn and not self.asked else "CardPart"
        if type(self._part).__name__ != kind:
            self._part = made(kind, screen=self, view=view)
            self.fill(self.ids.part, [self._part])
            if kind == "CardPart":
                self.later(self._lay_code)
        self._part.view = view

    def _lay_code(self) -> None:
        """Into the room that the face leaves it, if that still stands there."""
        if isinstance(self._part, CardPart) and not self._part.ids.code.children:
            self._part.ids.code.add_widget(CardCode(card=self._part))

    def _lay_officers(self) -> None:
        self.fill(self.ids.officers, [self._switch(one) for one in self.view.officers])

    def _switch(self, officer: OfficerSwitch) -> Any:
        tile = made(
            "OfficerTileButton",
            name=f"officer.{officer.officer_id}",
            officer_name=officer.name,
            detail=_("Shown now") if officer.shown else _("Tap to see it"),
            photo=officer.photo,
            active=officer.shown,
            after="eye" if officer.shown else "chevron-right",
        )
        tile.bind(on_release=lambda _t: self.actions.show_officer(officer.officer_id))
        return tile

    def main_words(self, view: CardView) -> str:
        """The main button, by its result."""
        if not view.inspecting:
            return _("Hide the code") if self.asked else _("Show the code to scan")
        return _("On record: card shown") if view.recorded else _("Seen by the party: record it")

    def main_act(self) -> None:
        """On patrol there is nothing to record yet; the code is shown instead."""
        if not self.view.inspecting:
            self.asked = not self.asked
        else:
            self.actions.record_card_shown()

    def change(self) -> None:
        """Another step, person or place than what stands there."""
        self.add_widget(ShowingSheet(self.view, self.actions))

    def tick_uniform(self) -> None:
        """In uniform and with the badge on: the officers' own word, given at each showing."""
        self.actions.edit_showing("uniform", "" if self.view.uniform else "yes")

    def wear(self) -> None:
        """As a badge, or in full; in between, the code that somebody asked for."""
        if self.view.worn and self.view.inspecting and not self.asked:
            self.asked = True
            return
        self.asked = False
        self.actions.edit_showing("worn", "" if self.view.worn else "yes")

    def on_turned(self, *_args: Any) -> None:
        """The whole window, touches too; this screen alone."""
        Window.rotation = 180 if self.turned else 0

    def on_parent(self, _screen: Any, parent: Any) -> None:
        """Whoever is shown next stands upright."""
        if parent is None:
            self.turned = False


class ShownPart(Box):
    """What is shown of the card; laid out in card.kv."""

    view = ObjectProperty(None, rebind=True)
    screen = ObjectProperty(None)


class CardPart(ShownPart):
    """The whole card, and room for the code: a frame of its own makes that."""


class CardCode(Box):
    """The code beside a card or, held upright, below it."""

    card = ObjectProperty(None, rebind=True)


class WornPart(ShownPart):
    """The badge: who, in letters that are read in passing. Held upright they stand in the middle,
    as the photo does."""

    halign = OptionProperty("left", options=["left", "center"])


class ShowingSheet(Sheet):
    """Step, person and place, as they will be recorded."""

    def __init__(self, view: CardView, actions: Any) -> None:
        super().__init__(name="showing")
        self._actions = actions
        steps, whom, place = self.ids.steps, self.ids.whom, self.ids.place
        steps.choices, steps.chosen = view.steps, view.step
        whom.value, place.value = view.to_whom, view.place
        steps.bind(on_choose=self._chosen)
        whom.bind(on_edit=lambda _w, value: actions.edit_showing("to_whom", value))
        place.bind(on_edit=lambda _w, value: actions.edit_showing("place", value))

    def _chosen(self, picker: Any, key: str) -> None:
        picker.chosen = key
        self._actions.edit_showing("step", key)


load_kv(__file__)
