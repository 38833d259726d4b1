"""Into practice and back: another folder, other keys, another vault behind the same screens.

While practice lasts the real tablet stays open behind it if it was, locked, so that its sync goes
on; nothing of either reaches the other (``field_client/training.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from field_client import training
from field_client.flow import display, lockscreen, losing
from field_client.flow.desk import Desk
from field_client.keys.identity import KeyStore
from field_client.settings import Settings
from field_client.tablet import Tablet
from field_client.ui.presenters.common import Problem
from field_client.ui.presenters.settings import Practice


@dataclass(frozen=True)
class _Real:
    """What stands aside meanwhile."""

    settings: Settings
    keys: KeyStore | None
    tablet: Tablet | None


class Practising:
    """Training mode of one running program. ``locked`` shows the locked screen."""

    def __init__(self, desk: Desk, lock: Callable[[], None], refresh: Callable[[], None]) -> None:
        self._desk = desk
        self._lock = lock
        self._refresh = refresh
        self._real: _Real | None = None

    def state(self) -> Practice:
        """For the settings screen."""
        settings = self._real.settings if self._real else self._desk.settings
        return Practice(inside=self._real is not None, there=training.is_there(settings))

    def enter(self) -> None:
        """To practice; founded first where there is none, from the forms at hand."""
        desk = self._desk
        if self._real is not None or self._recording():
            return
        if training.is_there(desk.settings):
            self._switch()
        elif desk.tablet is None:
            desk.shell.tell(
                Problem(
                    desk._("Unlock the tablet once first"),
                    desk._("Practice takes the forms from this tablet. Unlock it, then practise."),
                    "warning",
                )
            )
        else:
            settings, shelf, clock = desk.settings, desk.tablet.shelf, desk.clock

            def job() -> None:
                made = training.found(settings, shelf.current, clock)
                own = training.settings_of(settings)
                lockscreen.keep(own, made, shelf.portraits, training.DEVICE)

            desk.work(
                job,
                lambda _: self._switch(),
                waiting=desk._("Making an agency to practise with…"),
            )

    def ask_leave(self) -> None:
        """Back by hand. What is being recorded is stopped first: its mark would stand over a
        real inspection, in which nothing is recorded."""
        if not self._recording():
            self.leave()

    def leave(self) -> None:
        """Back to the real tablet, locked. What was practised stays until it is thrown away."""
        real, desk = self._real, self._desk
        if real is None:
            return
        if desk.tablet is not None:
            desk.tablet.close()
        display.keep(real.settings, display.chosen(desk.settings))
        self._real = None
        desk.settings, desk.keys, desk.tablet = real.settings, real.keys, real.tablet
        desk.training = False
        desk.shell.use_training(False)
        self._lock()

    def attend(self) -> None:
        """With every tick: a tablet that was reported lost practises no more."""
        tablet = self._real.tablet if self._real is not None else None
        if tablet is not None and losing.reported(tablet.vault):
            self.leave()

    def discard(self) -> None:
        """Throw everything of it away; who is in it leaves it first."""
        if self._real is not None and self._recording():
            return
        self.leave()
        training.discard(self._desk.settings)
        self._refresh()

    def _recording(self) -> bool:
        """Whether something is being recorded, which is told then."""
        desk = self._desk
        if desk.recording:
            desk.shell.tell(
                Problem(
                    desk._("A recording is running"),
                    desk._("Stop it first, so that it belongs to this inspection."),
                    "warning",
                )
            )
        return bool(desk.recording)

    def _switch(self) -> None:
        desk = self._desk
        self._real = _Real(desk.settings, desk.keys, desk.tablet)
        own = training.settings_of(desk.settings)
        display.keep(own, display.chosen(desk.settings))
        desk.settings, desk.keys = own, training.keys(desk.settings, desk.clock)
        desk.tablet, desk.training = None, True
        desk.shell.use_training(True)
        self._lock()
        desk.shell.tell(
            Problem(
                desk._("You are in practice"),
                desk._(
                    "The officers here are made up; the PIN of each is {pin}. Nothing of it is "
                    "real, and nothing leaves this tablet."
                ).format(pin=training.PIN),
                "accent",
            )
        )
