"""The officer's ID card, shown to the party. All else is locked meanwhile."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.party import PartyScreen
from field_client.ui.presenters.card import CardView, OfficerSwitch
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import made


class CardScreen(PartyScreen):
    """Face, renewing code, the two officers, one main button."""

    def on_kv_post(self, _base: Any) -> None:
        """Fill in the two officers."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: CardView = self.view
        self.fill(self.ids.officers, [self._switch(officer) for officer in view.officers])

    def _switch(self, officer: OfficerSwitch) -> Any:
        tile = made(
            "OfficerTileButton",
            name=f"officer.{officer.officer_id}",
            officer_name=officer.name,
            detail=_("Shown now") if officer.shown else _("Tap to see this card"),
            photo=officer.photo,
            active=officer.shown,
            after="eye" if officer.shown else "chevron-right",
        )
        tile.bind(on_release=lambda _t: self.actions.show_officer(officer.officer_id))
        return tile


load_kv(__file__)
