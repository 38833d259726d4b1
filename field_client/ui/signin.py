"""The second officer comes on duty on the same tablet."""

from __future__ import annotations

from typing import Any

from field_client.ui.presenters.unlock import SigninView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen, made


class SigninScreen(FujieScreen):
    """Choose the colleague at the left, PIN at the right."""

    def on_kv_post(self, _base: Any) -> None:
        """The people, then the keys, which stand below all of them upright."""
        self.later(self._lay_first)
        self.bring("body", "SigninEntry")

    def _lay_first(self) -> None:
        """The people at once: what is pressed stands below them."""
        self._bring("body", "SigninChoice", (0, 1))
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: SigninView = self.view
        self.fill(
            self.ids.officers, [self._tile(officer, view.chosen) for officer in view.officers]
        )

    def _tile(self, officer: Any, chosen: str) -> Any:
        tile = made(
            "OfficerTileButton",
            name=f"officer.{officer.officer_id}",
            officer_name=officer.name,
            detail=officer.number,
            photo=officer.photo,
            active=officer.officer_id == chosen,
        )
        tile.bind(on_release=lambda _t: self.actions.choose_officer(officer.officer_id))
        return tile


load_kv(__file__)
