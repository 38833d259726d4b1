"""Settings and duty: who is on duty, hand over, letters, printer, practice, this tablet."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.settings import (
    SettingsView,
    handover_note,
    languages,
    printer_note,
    texts,
    themes,
)
from field_client.ui.presenters.unlock import OfficerTile
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made


class SettingsScreen(FujieScreen):
    """Cards in two columns, in one where the tablet is held upright."""

    def on_kv_post(self, _base: Any) -> None:
        """Fill in what is chosen from."""
        self._part: Any = None
        self.later(self._lay_first, self._lay_handover)
        self.bring("left", "SettingsPractice")  # how one hands over, above it, may be long
        self.later(self._lay_display, self._to_handover)  # upright it stands below all of these

    def _lay_first(self) -> None:
        """With who is on duty at once: what is pressed stands below them."""
        self._bring("left", "SettingsDuty", None)
        self._lay_duty()
        self.bind(view=self._lay)

    def _to_handover(self) -> None:
        """Who came to hand over sees how, without looking for it."""
        if self.view.handing and self._part is not None:
            self.ids.scroll.scroll_to(self._part.ids.go, padding=20, animate=False)

    def _lay(self, *_args: Any) -> None:
        self.later(self._lay_duty, self._lay_handover)

    def _lay_display(self) -> None:
        self._bring("right", "SettingsDisplay", None)
        ids = self.ids
        ids.language.choices, ids.theme.choices, ids.text.choices = (
            languages(),
            themes(_),
            texts(_),
        )

    def _lay_duty(self) -> None:
        self.fill(self.ids.duty, [self._on_duty(one) for one in self.view.duty])

    def _lay_handover(self) -> None:
        view: SettingsView = self.view
        if (view.handover is None) == (self._part is not None):
            self._part = made("HandOverPart", screen=self, view=view) if view.handover else None
            self.fill(self.ids.handover, [self._part] if self._part else [])
        if self._part is not None:
            self._part.view = view

    def _on_duty(self, officer: OfficerTile) -> Any:
        row = made("DutyRow", officer=officer)
        row.ids.off.name = f"off.{officer.officer_id}"
        row.ids.off.bind(on_release=lambda _b: self.actions.sign_off(officer.officer_id))
        return row

    def printer_words(self, view: SettingsView) -> str:
        """In place of the list of printers."""
        return printer_note(_, view)

    def practice_words(self, view: SettingsView) -> str:
        """What practice is, or how to end it."""
        if view.practice.inside:
            return _("You are practising. Nothing here is real and nothing leaves this tablet.")
        return _(
            "Practice with made-up officers and records of its own. Nothing of it reaches the "
            "office; every page says that it is practice."
        )


class DutyRow(Box):
    """An officer on duty, and the way off."""

    def __init__(self, officer: OfficerTile, **kwargs: Any) -> None:
        self.officer = officer
        super().__init__(**kwargs)


class HandOverPart(Box):
    """Who goes on with the inspection, and why."""

    def __init__(self, screen: SettingsScreen, view: SettingsView, **kwargs: Any) -> None:
        self.screen = screen
        self._view = view
        super().__init__(**kwargs)
        self.ids.reason.bind(on_edit=lambda _w, value: screen.actions.edit_handover(value))
        self._lay()

    @property
    def view(self) -> SettingsView:
        """What is shown."""
        return self._view

    @view.setter
    def view(self, view: SettingsView) -> None:
        self._view = view
        self._lay()

    def _lay(self) -> None:
        over = self._view.handover
        assert over is not None
        self.ids.case.words = over.case
        self.ids.reason.value = over.reason
        self.ids.note.note = handover_note(_, over)
        self.ids.go.closed = bool(over.missing)
        self.ids.who.clear_widgets()
        for officer in self._view.duty:
            tick = made(
                "TickRow",
                name=f"goes_on.{officer.officer_id}",
                word=_("{officer} goes on with it").format(officer=officer.name),
                on=officer.officer_id in over.going_on,
            )
            tick.bind(
                on_release=lambda _t, who=officer.officer_id: self.screen.actions.tick_going_on(who)
            )
            self.ids.who.add_widget(tick)


load_kv(__file__)
