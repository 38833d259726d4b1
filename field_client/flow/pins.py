"""How a PIN went, in the words of the four screens that ask for one.

refused = Refused.of(error, clock)      a wrong PIN, a delay, a wipe; or any other error
refused.state(clock)                    what the PIN pad shows now; a delay runs out by itself
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.device_clock import Clock
from field_client.errors import PinLocked, WrapWiped, WrongPin
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import Message, Problem, error_words
from field_client.ui.presenters.unlock import PinState, pin_message
from protocol.errors import FujieError

MINUTE = 60_000


@dataclass(frozen=True)
class Refused:
    """The last attempt. ``until`` is on the monotonic clock, ms, which nobody sets."""

    error: FujieError
    until: int | None = None

    @classmethod
    def of(cls, error: FujieError, clock: Clock) -> Refused:
        """What an attempt raised, with the time until which no other is judged."""
        wait = None
        if isinstance(error, PinLocked):
            wait = error.wait_ms
        elif isinstance(error, WrongPin) and error.until is not None:
            wait = error.until - clock.wall_ms()
        return cls(error, None if wait is None else clock.monotonic_ms() + wait)

    def state(self, clock: Clock) -> PinState:
        """What the pad shows now."""
        left = self.error.left if isinstance(self.error, WrongPin) else None
        if isinstance(self.error, WrapWiped):
            return PinState(wiped=True)
        if self.until is None:
            return PinState(tries_left=left)
        wait = self.until - clock.monotonic_ms()
        if wait <= 0:
            return PinState()
        return PinState(tries_left=left, locked_minutes=-(-wait // MINUTE))

    def message(self, desk: Desk) -> Message | None:
        """What happened and what to do, in the language shown."""
        if isinstance(self.error, (WrongPin, PinLocked, WrapWiped)):
            return pin_message(desk._, self.state(desk.clock))
        return Message("danger", error_words(desk._, self.error))


def warn_of_wipe(desk: Desk, error: FujieError) -> None:
    """A sheet, once few attempts are left: what the last one costs, and whom to ask."""
    if isinstance(error, WrongPin) and error.wipes_in is not None:
        desk.shell.tell(
            Problem(desk._("Only a few attempts are left"), error_words(desk._, error), "warning")
        )
