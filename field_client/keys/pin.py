"""How many PINs may be tried, and how long one waits between them. Pure.

The first wrong PINs cost nothing, as fingers in gloves slip; from the fourth the delay grows:
30 s, 60 s, 5 min, then 15 min each time. The tenth removes the officer's keys from the tablet,
with a warning on the three before it. The delay runs on the monotonic clock within one boot.
After a restart it runs on the wall clock; a clock moved back starts the delay again instead
of ending or stretching it. A clock moved *forward* across a restart does end a delay: nothing
on a tablet without a network could tell. The count still holds.

>>> PinPolicy().delay_ms(3), PinPolicy().delay_ms(4), PinPolicy().delay_ms(9)
(0, 30000, 900000)
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.device_clock import Reading
from field_client.errors import PinTooSimple

PIN_LENGTH = range(6, 33)
NEVER = Reading(b"", 0, 0)


@dataclass(frozen=True)
class PinPolicy:
    """Limits on wrong PINs in a row, the agency's to set."""

    max_attempts: int = 10
    warn_from: int = 3
    free_attempts: int = 3
    delays_s: tuple[int, ...] = (30, 60, 300, 900)

    def delay_ms(self, wrong: int) -> int:
        """The wait after the ``wrong``-th wrong PIN in a row."""
        past = wrong - self.free_attempts
        return 0 if past < 1 else 1000 * self.delays_s[min(past, len(self.delays_s)) - 1]

    def left(self, wrong: int) -> int:
        """Attempts left before the officer's keys are removed."""
        return max(0, self.max_attempts - wrong)


@dataclass(frozen=True)
class Attempts:
    """Wrong PINs in a row, and a delay of ``delay_ms`` that began at the reading ``since``."""

    wrong: int = 0
    delay_ms: int = 0
    since: Reading = NEVER

    def remaining_ms(self, now: Reading) -> int:
        """What is left of the delay. A clock moved back after a restart gives it in full."""
        if now.boot_id == self.since.boot_id:
            passed = now.monotonic_ms - self.since.monotonic_ms
        else:
            passed = now.wall_ms - self.since.wall_ms
        return max(0, self.delay_ms - max(0, passed))

    def carried_over(self, now: Reading) -> Attempts:
        """The same attempts with what is left of the delay counted from ``now``. Kept after a
        restart, so that from then on the monotonic clock counts."""
        return Attempts(self.wrong, self.remaining_ms(now), now)

    def one_more(self, policy: PinPolicy, now: Reading) -> Attempts:
        """After another attempt, counted as wrong until the PIN is known to be right."""
        wrong = self.wrong + 1
        return Attempts(wrong, policy.delay_ms(wrong), now)


def check_new_pin(pin: str) -> None:
    """PinTooSimple for a PIN that is short, not digits, or one digit repeated."""
    if len(pin) not in PIN_LENGTH or not pin.isascii() or not pin.isdigit():
        raise PinTooSimple(
            "A PIN has {least} to {most} digits. Choose another.",
            least=PIN_LENGTH.start,
            most=PIN_LENGTH.stop - 1,
        )
    if len(set(pin)) == 1:
        raise PinTooSimple("A PIN of one repeated digit is guessed at once. Choose another.")
