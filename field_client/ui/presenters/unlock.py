"""Unlock and sign-in: who, how many PIN digits, what went wrong and how many tries are left.

>>> pin_message(str, PinState(tries_left=4)).title
'Wrong PIN, 4 tries left'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import (
    Chip,
    Message,
    Translate,
    age_words,
    clock_words,
    day_words,
    plural,
    sync_corner,
)


@dataclass(frozen=True, slots=True)
class OfficerTile:
    """One person who may unlock: credential number, name, photo (PNG or JPEG bytes)."""

    officer_id: str
    name: str
    number: str
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class PinState:
    """How the last PIN went; all empty before the first try."""

    tries_left: int | None = None
    locked_minutes: int | None = None
    wiped: bool = False


@dataclass(frozen=True, slots=True)
class UnlockView:
    """The closed tablet. ``practice`` is the PIN of everybody in practice, which is no secret;
    ``kept`` says what becomes of its records meanwhile; where it is ``lost`` nobody is asked for
    a PIN."""

    clock: str
    day: str
    footer: str
    officers: tuple[OfficerTile, ...]
    chosen: str
    corner: Chip
    message: Message | None = None
    locked: bool = False
    wiped: bool = False
    waiting: bool = True
    kept: str = ""
    lost: bool = False
    recording: str = ""
    pin_length: int = 6
    ask_passphrase: bool = False
    busy: str = ""
    practice: str = ""


@dataclass(frozen=True, slots=True)
class SigninView:
    """A colleague comes on duty on the same tablet: the second officer, or a ``further`` one;
    ``first_name`` names those who are."""

    officers: tuple[OfficerTile, ...]
    chosen: str
    first_name: str
    corner: Chip
    further: bool = False
    message: Message | None = None
    locked: bool = False
    pin_length: int = 6
    busy: str = ""


def pin_message(_: Translate, state: PinState) -> Message | None:
    """What to tell after a PIN did not open; None before the first try."""
    if state.wiped:
        return Message(
            "danger",
            _("PIN removed from this tablet"),
            _("Records are kept. Ask your bureau's administrator to restore your access."),
        )
    if state.locked_minutes is not None:
        return Message(
            "danger",
            _("PIN locked for {n} min").format(n=state.locked_minutes),
            _("No record is lost. If urgent, contact your bureau's administrator."),
        )
    if state.tries_left is None:
        return None
    return Message(
        "warning",
        plural(state.tries_left, _("Wrong PIN, {n} try left"), _("Wrong PIN, {n} tries left")),
        _("After the last one your access is removed here; records stay.")
        if state.tries_left <= 2
        else "",
    )


def unlock_view(
    _: Translate,
    *,
    now: int,
    device: str,
    agency: str,
    roster_age: int | None,
    officers: tuple[OfficerTile, ...],
    chosen: str,
    pin: PinState,
    pending: int | None,
    oldest_at: int | None,
    online: bool = False,
    recording: str = "",
    ask_passphrase: bool = False,
    busy: str = "",
) -> UnlockView:
    """The unlock screen (``roster_age`` in ms, None when no roster was ever fetched). ``pending``
    is None where the vault was not opened since the start: then nobody knows what waits."""
    roster = (
        _("roster never fetched")
        if roster_age is None
        else _("roster updated {age}").format(age=age_words(_, roster_age))
    )
    return UnlockView(
        clock=clock_words(now),
        day=day_words(_, now),
        footer=_("Device {device} · {agency} · {roster}").format(
            device=device, agency=agency, roster=roster
        ),
        officers=officers,
        chosen=chosen,
        corner=Chip("lock", _("Unlock to see what waits for sync"))
        if pending is None
        else sync_corner(_, pending=pending, oldest_at=oldest_at, now=now, online=online),
        message=pin_message(_, pin),
        locked=pin.locked_minutes is not None,
        wiped=pin.wiped,
        waiting=pending != 0,
        kept=_kept_words(_, pending),
        recording=recording,
        ask_passphrase=ask_passphrase,
        busy=busy,
    )


def _kept_words(_: Translate, pending: int | None) -> str:
    """What becomes of the records while the tablet is locked."""
    if pending is None:
        return _("Encrypted on this tablet. Unlock it once after a start: then sync goes on.")
    if pending:
        return _("Encrypted on this tablet; sent when there is a network")
    return _("The centre has every record of this tablet")
