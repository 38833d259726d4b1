"""Every touch to the flow it belongs to. Implements ``ui/actions.py``.

    shell = Shell(careful(Routes(desk, typesetter)))

``careful``: what goes wrong while a screen is being made is told on a sheet, and the screen
that was shown stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec import structs

from field_client.contact.exporting import Scope
from field_client.flow import display
from field_client.flow.passages import Passages
from field_client.ui.actions import Actions
from field_client.ui.handwriting import Handwriting
from protocol.errors import FujieError
from protocol.vocabulary import Outcome


class Routes(Passages):
    """What the screens may ask for, passed on to the flow it belongs to."""

    _ticked = ""

    # ── start and ticking ────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """The locked tablet, or enrolment on a new one."""
        if self.desk.faces().officers:
            self._unlocking.show()
        else:
            self._enrolling.show()

    def tick(self) -> None:
        """Clocks, ages and the sync corner move on although nobody touches anything."""
        shown: dict[str, Callable[[], None]] = {
            "unlock": self._unlocking.refresh,
            "signin": self._unlocking.refresh,
            "today": self._today.refresh,
            "inspection": self._inspecting.refresh,
            "card": self._showing.refresh,
            "sync": self._syncing.refresh,
        }
        try:
            shown.get(self.desk.shell.current, lambda: None)()
        except FujieError as error:
            if self._ticked != error.template:  # told once, not with every tick
                self._ticked = error.template
                self.desk.tell(error)

    def stop(self) -> None:
        """The program ends: a recording is ended and saved, work under way is waited for."""
        self._capturing.leave()
        self._checking.leave()
        self._capturing.stop_video()
        self.desk.close()

    # ── everywhere ───────────────────────────────────────────────────────────────────────

    def go(self, tab: str) -> None:
        """A tab of the rail."""
        doors: dict[str, Callable[[], None]] = {
            "today": self._today.show,
            "inspection": self._to_inspection,
            "card": self._showing.show,
            "sync": self._syncing.show,
        }
        if tab in doors and not self._party_holds():
            self._capturing.leave()
            self._checking.leave()
            doors[tab]()

    def back(self) -> None:
        """To where the screen was opened from."""
        current = self.desk.shell.current
        if self._party_holds():
            self._ask_pin()
        elif current == "form":
            self._form.leave()
        elif current == "today":
            self._today.back()
        elif current == "sign":
            self._signing.leave()
        elif current == "capture":
            self._capturing.finish()
        elif current == "check":
            self._checking.finish()
        elif current == "signin" or self.desk.inspection is None:
            self._today.show()
        else:
            self._to_inspection()

    def lock(self) -> None:
        """Lock now."""
        self._capturing.leave()
        self._checking.leave()
        self._signing.forget()
        self._unlocking.lock()

    def fix(self, key: str) -> None:
        """A way out that a note or sheet offers."""
        doors: dict[str, Callable[[], None]] = {
            "keep_rescued": self._inspecting.keep_rescued,
            "show_cards": self._showing.show,
            "sign_in_second": self.bring_second,
            "evidence": self._capturing.show,
            "from_stick": self._syncing.from_stick,
            "export_unsent": lambda: self._syncing.to_stick(Scope.UNSENT),
            "export_all": lambda: self._syncing.to_stick(Scope.ALL),
        }
        if key in ("sync_now", "update_roster"):
            if self.desk.tablet is not None:
                self._syncing.now()
        elif self._party_holds():
            self._ask_pin()
        elif key.startswith("close."):
            self._inspecting.close_as(Outcome(key.removeprefix("close.")))
        elif key in doors:
            doors[key]()
        else:
            self.writing.fix(key)

    def dismiss(self) -> None:
        """A sheet was read; nothing else is waiting for it."""

    def leave_party(self, pin: str) -> None:
        """An officer takes the tablet back."""
        left = self._to_inspection
        if self.desk.shell.current == "sign":
            left = self._signing.leave
        self._unlocking.leave_party(pin, self._refresh_party, left)

    def set_language(self, language: str) -> None:
        """Another language, on the screen that is shown; kept for the next start."""
        current = self.desk.shell.current
        self.desk.shell.use_language(language)
        if self.desk.tablet is not None:
            self.desk.tablet.wire.speak(language)
        kept = display.chosen(self.desk.settings)
        display.keep(self.desk.settings, structs.replace(kept, language=language))
        self._reshow(current)

    def set_theme(self, name: str) -> None:
        """Day or night; kept for the next start."""
        self.desk.shell.use_theme(name)
        kept = display.chosen(self.desk.settings)
        display.keep(self.desk.settings, structs.replace(kept, theme=name))

    # ── unlock, signin, enrol ────────────────────────────────────────────────────────────

    def choose_officer(self, officer_id: str) -> None:
        """Whose PIN follows."""
        if self.desk.shell.current == "enrol":
            self._enrolling.choose(officer_id)
        else:
            self._unlocking.choose(officer_id)

    def unlock(self, officer_id: str, pin: str, passphrase: str) -> None:
        """Open the tablet."""
        self._unlocking.unlock(officer_id, pin, passphrase)

    def sign_in(self, officer_id: str, pin: str) -> None:
        """The second officer."""
        self._unlocking.sign_in(officer_id, pin)

    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol the tablet."""
        self._enrolling.enrol(server, code, device_name, passphrase)

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer's PIN and key."""
        self._enrolling.set_pin(officer_id, pin, code)

    def finish_enrolment(self) -> None:
        """Every officer is ready."""
        self._enrolling.finish()

    # ── today ────────────────────────────────────────────────────────────────────────────

    def new_inspection(self) -> None:
        """The form."""
        self._today.new()

    def edit_new(self, key: str, value: str) -> None:
        """A field of it."""
        self._today.edit(key, value)

    def open_inspection(self) -> None:
        """Open it."""
        self._today.open()

    def resume(self, inspection_id: str) -> None:
        """Go on with one."""
        self._today.resume(inspection_id)

    def bring_second(self) -> None:
        """Ask for the second officer; who has no keys here yet is enrolled first."""
        if self._unlocking.absent:
            self._unlocking.show_signin()
        else:
            self._enrolling.more(self.desk.officers[0])

    def renew_officer(self) -> None:
        """An officer whose PIN or key file is lost gets a new key, by a code of the office."""
        self._enrolling.more(self.desk.officers[0])

    def act(self, key: str) -> None:
        """The next step or a further act."""
        self._inspecting.act(key)

    def check_code(self) -> None:
        """Scan a code."""
        self._checking.show()

    def scan_again(self) -> None:
        """The next code."""
        self._checking.show()

    # ── card, notice, capture ────────────────────────────────────────────────────────────

    def show_officer(self, officer_id: str) -> None:
        """The other card."""
        self._showing.choose(officer_id)

    def renew_qr(self, officer_id: str) -> None:
        """A fresh code."""
        self._showing.renew(officer_id)

    def record_card_shown(self) -> None:
        """Put it on record."""
        self._showing.record()

    def tick_read_aloud(self, on: bool) -> None:
        """Read aloud and explained."""
        self._notifying.tick(on)

    def acknowledge_notice(self, hand: Handwriting) -> None:
        """Signed for."""
        self._notifying.acknowledge(hand)

    def refuse_notice(self, reason: str, note: str) -> None:
        """Not signed, and why."""
        self._notifying.refuse(reason, note)

    def take_photo(self) -> None:
        """One still."""
        self._capturing.photo()

    def start_video(self) -> None:
        """Begin a clip."""
        self._capturing.start_video()

    def stop_video(self) -> None:
        """End it."""
        self._capturing.stop_video()

    def edit_capture(self, key: str, value: str) -> None:
        """A label."""
        self._capturing.edit(key, value)

    def finish_capture(self) -> None:
        """Enough taken."""
        self._capturing.finish()

    # ── form, sign, serve, sync ──────────────────────────────────────────────────────────

    def edit_field(self, key: str, value: str) -> None:
        """A field of the form shown."""
        self._form.edit(key, value)

    def save_draft(self) -> None:
        """Leave the form; what was typed stays."""
        self.back()

    def finish_form(self) -> None:
        """To signing, or on record."""
        self._form.finish()

    def party_signs(self, hand: Handwriting) -> None:
        """The party's hand."""
        self._signing.party_signs(hand)

    def party_objects(self, text: str) -> None:
        """The party's own words go into the record before anybody signs it."""
        self._signing.party_objects(text)

    def party_refuses(self, reason: str, note: str) -> None:
        """The party does not sign."""
        self._signing.party_refuses(reason, note)

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer's hand and key."""
        self._signing.officer_signs(officer_id, pin, hand)

    def edit_serve(self, key: str, value: str) -> None:
        """A field of the service."""
        self._serving.edit(key, value)

    def serve(self, hand: Handwriting | None) -> None:
        """Handed over."""
        self._serving.serve(hand)

    def sync_now(self) -> None:
        """Try now."""
        self._syncing.now()


class _Careful:
    """Routes whose every method is guarded."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def __getattr__(self, name: str) -> Callable[..., None]:
        asked = getattr(self._routes, name)

        def told(*values: Any) -> None:
            self._routes.desk.guarded(lambda: asked(*values))

        return told


def careful(routes: Routes) -> Actions:
    """The routes as screens get them."""
    return cast(Actions, _Careful(routes))
