"""Opening and locking the tablet, and officers coming on duty.

Locking forgets the officers' keys and leaves the vault open, so that sync goes on; the device
passphrase is asked once per start of the program, where there is no keystore to hold it. The
tablet also locks itself when an officer's keys were removed after too many wrong PINs, on
whichever screen that happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from field_client import training
from field_client.errors import WrapWiped
from field_client.flow import losing, recovering
from field_client.flow.desk import Desk
from field_client.flow.pins import Refused, warn_of_wipe
from field_client.keys.identity import KeyStore, Unlocked
from field_client.tablet import Tablet
from field_client.ui.presenters.common import Ask
from field_client.ui.presenters.unlock import (
    OfficerTile,
    PinState,
    SigninView,
    UnlockView,
    unlock_view,
)
from protocol.errors import FujieError


class Unlocking:
    """The unlock screen, the second officer's sign-in, and the party's lock."""

    def __init__(
        self,
        desk: Desk,
        entered: Callable[[], None],
        recovered: Callable[[bytes], None],
        lock_all: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._entered = entered
        self._recovered = recovered
        self._lock_all = lock_all  # other flows have something to let go of, too
        self._chosen = ""
        self._refusal: Refused | None = None

    # ── views ────────────────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """The locked tablet."""
        self._desk.shell.show("unlock", self._unlock_view())

    def show_anew(self) -> None:
        """The same, after keys were made: what a former PIN did is over."""
        self._refusal = None
        self.show()

    def show_signin(self) -> None:
        """Ask for the second officer."""
        self._choose(self.absent[0] if self.absent else "")
        self._desk.shell.show("signin", self._signin_view())

    @property
    def absent(self) -> list[str]:
        """Who can come on duty: has keys here that are not wiped, and is not on duty yet."""
        keys = self._desk.keys
        here = keys.officers() if keys is not None else []
        return [one.cert_no for one in here if not one.wiped and one.cert_no not in self._desk.duty]

    def _unlock_view(self) -> UnlockView:
        desk, faces = self._desk, self._desk.faces()
        tiles = self._tiles()
        if self._chosen not in [tile.officer_id for tile in tiles]:
            self._choose(tiles[0].officer_id if tiles else "")
        now = desk.clock.wall_ms()
        waiting = desk.tablet.sync.waiting() if desk.tablet else None
        view = unlock_view(
            desk._,
            now=now,
            device=faces.device,
            agency=faces.agency,
            roster_age=now - faces.issued_at if faces.issued_at else None,
            officers=tiles,
            chosen=self._chosen,
            pin=self._pin(),
            pending=waiting.unsent if waiting else None,
            oldest_at=waiting.oldest_unsent_at if waiting else None,
            online=waiting.online if waiting else False,
            recording=desk.recording,
            ask_passphrase=desk.keys is None,
        )
        message = self._refusal.message(desk) if self._refusal else None
        if losing.is_lost(desk.settings):
            return losing.view(desk, view)
        if desk.training:
            kept = desk._(
                "Practice: nothing of it leaves this tablet. What is real goes on syncing."
            )
            view = replace(view, corner=desk.corner(), practice=training.PIN)
            return replace(view, message=message, kept=kept)
        return replace(view, message=message)

    def _signin_view(self) -> SigninView:
        desk = self._desk
        on_duty = [desk.officer_name(one.cert_no) for one in desk.officers] if desk.duty else []
        tiles = tuple(tile for tile in self._tiles() if tile.officer_id not in desk.duty)
        return SigninView(
            officers=tiles,
            chosen=self._chosen,
            first_name=desk._(", ").join(on_duty),
            corner=desk.corner(),
            further=len(on_duty) > 1,
            message=self._refusal.message(desk) if self._refusal else None,
            locked=self._pin().locked_minutes is not None or self._pin().wiped,
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
                tablet.wire.speak(desk.language)
                tablet.start()
            if not desk.training and losing.reported(tablet.vault):
                self.refresh()  # sync goes on behind it; nobody comes on duty
                return
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
        """Forget the officers' keys; sync goes on, and so does a recording."""
        desk = self._desk
        # An act under way keeps its own inspection and officers, and is signed by them.
        desk.duty.clear()
        desk.inspection, desk.party_message, desk.party_asking = None, None, False
        desk.shift += 1
        self._refusal = None
        self.show()

    def refused(self, officer_id: str, error: FujieError) -> bool:
        """A PIN that another screen asked for did not open. True when that was the last try:
        then the tablet is locked, and the locked screen says so."""
        warn_of_wipe(self._desk, error)
        if not isinstance(error, WrapWiped):
            return False
        self._lock_all()
        self._choose(officer_id)
        self._refusal = Refused.of(error, self._desk.clock)
        self.refresh()
        return True

    def leave_party(
        self, officer: str, pin: str, refresh: Callable[[], None], left: Callable[[], None]
    ) -> None:
        """An officer on duty takes the tablet back from the party by PIN."""
        desk, keys = self._desk, self._desk.keys
        assert keys is not None
        if officer not in desk.duty:
            return

        def then(_: Unlocked) -> None:
            desk.party_message, desk.party_asking = None, False
            left()

        def failed(error: FujieError) -> None:
            if self.refused(officer, error):
                return
            told = Refused.of(error, desk.clock).message(desk)
            desk.party_message, desk.party_asking = told, True
            refresh()
            # Told once: a sheet that the party closes must not come back with the next tick.
            desk.party_message, desk.party_asking = None, False

        desk.work(lambda: keys.unlock(officer, pin), then, failed, desk._("Checking the PIN…"))

    # ── nobody's PIN opens it ────────────────────────────────────────────────────────────

    def forgot(self, passphrase: str) -> None:
        """The ways in, in words; the last of them by the code that the office can recover."""
        desk = self._desk
        desk.asked = ("recover", lambda code: self._recover(code, passphrase))
        desk.shell.ask(
            Ask(
                "recover",
                desk._("You have forgotten your PIN"),
                "\n".join(
                    (
                        desk._(
                            "If a colleague can unlock this tablet: let the colleague do so, then "
                            "in Settings, Another officer signs in, New here or PIN lost; a "
                            "one-time code of the office sets a new one."
                        ),
                        desk._(
                            "If you are alone: call your administrator, who reads out this "
                            "tablet's recovery code and gives you a one-time code. No record is "
                            "lost."
                        ),
                    )
                ),
                desk._("Open with the recovery code"),
                hint=desk._("Recovery code, 64 letters and digits"),
            )
        )

    def _recover(self, code: str, passphrase: str) -> None:
        """The vault's key, as the office recovered it: to a new PIN, which takes a code more."""
        recovering.opened(self._desk, code, passphrase, self._recovered)

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _admit(self, unlocked: Unlocked) -> None:
        self._refusal = None
        self._desk.duty[unlocked.cert_no] = unlocked
        self._desk.keep_faces()
        if self._desk.inspection is not None:
            self._desk.inspection.officers = self._desk.officers
        self._entered()

    def _refused(self, error: FujieError) -> None:
        self._refusal = Refused.of(error, self._desk.clock)
        warn_of_wipe(self._desk, error)
        self.refresh()

    def _pin(self) -> PinState:
        return self._refusal.state(self._desk.clock) if self._refusal else PinState()

    def _choose(self, officer_id: str) -> None:
        self._chosen, self._refusal = officer_id, None
