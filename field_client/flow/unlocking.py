"""Opening and locking the tablet, and officers coming on duty.

Locking forgets the officers' keys and leaves the vault open, so that sync goes on; the device
passphrase is asked once per start of the program, where there is no keystore to hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from field_client.errors import PinLocked, WrapWiped, WrongPin
from field_client.flow.desk import Desk
from field_client.identity import KeyStore, Unlocked
from field_client.tablet import Tablet
from field_client.ui.presenters.common import Message, Problem, error_words
from field_client.ui.presenters.unlock import (
    OfficerTile,
    PinState,
    SigninView,
    UnlockView,
    pin_message,
    unlock_view,
)
from protocol.errors import FujieError

MINUTE = 60_000


class Unlocking:
    """The unlock screen, the second officer's sign-in, and the party's lock."""

    def __init__(self, desk: Desk, entered: Callable[[], None]) -> None:
        self._desk = desk
        self._entered = entered
        self._chosen = ""
        self._pin = PinState()
        self._message: Message | None = None

    # ── views ────────────────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """The locked tablet."""
        self._desk.shell.show("unlock", self._unlock_view())

    def show_signin(self) -> None:
        """Ask for the second officer."""
        absent = [one.cert_no for one in self._desk.faces().officers if not self._on_duty(one)]
        self._choose(absent[0] if absent else "")
        self._desk.shell.show("signin", self._signin_view())

    def _unlock_view(self) -> UnlockView:
        desk, faces = self._desk, self._desk.faces()
        tiles = self._tiles()
        if self._chosen not in [tile.officer_id for tile in tiles]:
            self._choose(tiles[0].officer_id if tiles else "")
        now = desk.clock.wall_ms()
        status = desk.tablet.sync.status() if desk.tablet else None
        view = unlock_view(
            desk._,
            now=now,
            device=faces.device,
            agency=faces.agency,
            roster_age=now - faces.issued_at if faces.issued_at else None,
            officers=tiles,
            chosen=self._chosen,
            pin=self._pin,
            pending=status.unsent if status else 0,
            oldest_at=status.oldest_unsent_at if status else None,
            online=status.online if status else False,
            recording=desk.recording,
            ask_passphrase=desk.keys is None,
        )
        return _with_message(view, self._message)

    def _signin_view(self) -> SigninView:
        desk = self._desk
        first = desk.officers[0].cert_no if desk.duty else ""
        tiles = tuple(tile for tile in self._tiles() if tile.officer_id not in desk.duty)
        return SigninView(
            officers=tiles,
            chosen=self._chosen,
            first_name=desk.officer_name(first),
            corner=desk.corner(),
            message=self._message or pin_message(desk._, self._pin),
            locked=self._pin.locked_minutes is not None,
        )

    def _tiles(self) -> tuple[OfficerTile, ...]:
        return tuple(
            OfficerTile(face.cert_no, face.name, face.cert_no, face.photo or None)
            for face in self._desk.faces().officers
        )

    # ── acts ─────────────────────────────────────────────────────────────────────────────

    def choose(self, officer_id: str) -> None:
        """Another officer will type the PIN."""
        self._choose(officer_id)
        self.refresh()

    def refresh(self) -> None:
        """Newer facts for whichever of the two screens is shown."""
        if self._desk.shell.current == "signin":
            self._desk.shell.update(self._signin_view())
        elif self._desk.shell.current == "unlock":
            self._desk.shell.update(self._unlock_view())

    def unlock(self, officer_id: str, pin: str, passphrase: str) -> None:
        """Open the vault, if it is closed, and take the officer on duty."""
        desk = self._desk

        def job() -> tuple[KeyStore, Unlocked, Tablet]:
            keys = desk.keys or desk.make_keys(passphrase)
            unlocked = keys.unlock(officer_id, pin)
            tablet = desk.tablet or Tablet.open(desk.settings, keys, desk.clock, unlocked.vault_key)
            return keys, unlocked, tablet

        def then(result: tuple[KeyStore, Unlocked, Tablet]) -> None:
            desk.keys, unlocked, tablet = result
            if desk.tablet is None:
                desk.tablet = tablet
                tablet.sync.start()
            self._admit(unlocked)

        desk.work(job, then, self._refused, desk._("Checking the PIN…"))

    def sign_in(self, officer_id: str, pin: str) -> None:
        """The second officer comes on duty."""
        keys = self._desk.keys
        assert keys is not None
        self._desk.work(
            lambda: keys.unlock(officer_id, pin),
            self._admit,
            self._refused,
            self._desk._("Checking the PIN…"),
        )

    def lock(self) -> None:
        """Forget the officers' keys; sync goes on."""
        self._desk.duty.clear()
        self._desk.inspection = None
        self._pin, self._message = PinState(), None
        self.show()

    def leave_party(self, pin: str, refresh: Callable[[], None], left: Callable[[], None]) -> None:
        """An officer on duty takes the tablet back from the party by PIN."""
        desk, keys = self._desk, self._desk.keys
        assert keys is not None
        officer = desk.officers[0].cert_no

        def then(_: Unlocked) -> None:
            desk.party_message, desk.party_asking = None, False
            left()

        def failed(error: FujieError) -> None:
            desk.party_message, desk.party_asking = self._words_for(error), True
            refresh()

        desk.work(lambda: keys.unlock(officer, pin), then, failed, desk._("Checking the PIN…"))

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _admit(self, unlocked: Unlocked) -> None:
        self._pin, self._message = PinState(), None
        self._desk.duty[unlocked.cert_no] = unlocked
        self._desk.keep_faces()
        if self._desk.inspection is not None:
            self._desk.inspection.officers = self._desk.officers
        self._entered()

    def _refused(self, error: FujieError) -> None:
        self._pin, self._message = PinState(), None
        if not isinstance(error, (WrongPin, PinLocked, WrapWiped)):
            self._message = Message("danger", error_words(self._desk._, error))
        else:
            self._pin = _pin_state(error, self._desk.clock.wall_ms())
        if isinstance(error, WrongPin) and error.wipes_in is not None:
            self._desk.shell.tell(
                Problem(
                    self._desk._("Only a few attempts are left"),
                    error_words(self._desk._, error),
                    "warning",
                )
            )
        self.refresh()

    def _words_for(self, error: FujieError) -> Message:
        if isinstance(error, (WrongPin, PinLocked, WrapWiped)):
            told = pin_message(self._desk._, _pin_state(error, self._desk.clock.wall_ms()))
            if told is not None:
                return told
        return Message("danger", error_words(self._desk._, error))

    def _choose(self, officer_id: str) -> None:
        self._chosen, self._pin, self._message = officer_id, PinState(), None

    def _on_duty(self, face: object) -> bool:
        return getattr(face, "cert_no", "") in self._desk.duty


def _pin_state(error: WrongPin | PinLocked | WrapWiped, now: int) -> PinState:
    if isinstance(error, WrapWiped):
        return PinState(wiped=True)
    if isinstance(error, PinLocked):
        return PinState(locked_minutes=max(1, -(-error.wait_ms // MINUTE)))
    until = error.until
    if until is not None:
        return PinState(tries_left=error.left, locked_minutes=max(1, -(-(until - now) // MINUTE)))
    return PinState(tries_left=error.left)


def _with_message(view: UnlockView, message: Message | None) -> UnlockView:
    return replace(view, message=message) if message else view
