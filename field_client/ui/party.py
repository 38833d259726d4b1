"""While the party holds the tablet: nothing else opens, and taking it back asks for a PIN."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.common import PartyLock
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.overlay import LeaveSheet


class PartyScreen(FujieScreen):
    """A screen whose view has a ``lock``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._leaving: LeaveSheet | None = None
        self.bind(view=self._watch_lock)
        if self.view.lock.asking or self.view.lock.message is not None:
            self.later(self._watch_lock)

    def ask_leave(self) -> None:
        """An officer wants the tablet back."""
        lock: PartyLock = self.view.lock
        if self._leaving is None or self._leaving.parent is None:
            self._leaving = LeaveSheet(
                self.actions.leave_party,
                lock.pin_length,
                name="leave",
                officers=lock.officers,
                detail=_("The officer enters the PIN; until then nothing else opens."),
            )
            self.add_widget(self._leaving)
        if lock.message is not None:  # it stands until the next PIN, whatever is renewed meanwhile
            self._leaving.tell(lock.message)

    def _watch_lock(self, *_args: Any) -> None:
        lock: PartyLock = self.view.lock
        if lock.asking or lock.message is not None:
            self.ask_leave()
