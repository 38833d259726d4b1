"""All that a screen may ask for. ``field_client/app.py`` implements it; a test records it.

Every method returns at once: slow work runs elsewhere and its result comes back as
``Shell.show`` or ``Shell.update``. Values typed by hand travel as ``str``; keys are those that
the view carried.

>>> "unlock" in dir(Actions)
True
"""

from __future__ import annotations

from typing import Protocol

from field_client.ui.handwriting import Handwriting


class Actions(Protocol):
    """What the officer or the party did, screen by screen."""

    # everywhere
    def go(self, tab: str) -> None:
        """A tab of the rail: today, inspection, card, sync."""

    def back(self) -> None:
        """The arrow in the top bar: to where the screen was opened from."""

    def lock(self) -> None:
        """Lock the tablet now."""

    def fix(self, key: str) -> None:
        """A button inside a rule note or a problem sheet."""

    def dismiss(self) -> None:
        """A problem sheet was read and closed."""

    def leave_party(self, pin: str) -> None:
        """An officer takes the tablet back; the last PIN's outcome comes by ``PartyLock``."""

    def set_language(self, language: str) -> None:
        """``zh_CN`` or ``en``."""

    def set_theme(self, theme: str) -> None:
        """``day`` or ``night``."""

    # unlock, signin
    def choose_officer(self, officer_id: str) -> None:
        """Whose PIN follows."""

    def unlock(self, officer_id: str, pin: str, passphrase: str) -> None:
        """Open the vault; ``passphrase`` is empty unless the view asked for it."""

    def sign_in(self, officer_id: str, pin: str) -> None:
        """The second officer comes on duty."""

    # enrol
    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol this tablet with a one-time code."""

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer sets a PIN (typed twice, equal); ``code`` only if the view asked for it."""

    def finish_enrolment(self) -> None:
        """Every officer is ready: to the unlock screen."""

    # today
    def new_inspection(self) -> None:
        """Open the form."""

    def edit_new(self, key: str, value: str) -> None:
        """``party_name``, ``uscc``, ``party_class``, ``place`` or ``item_id`` changed."""

    def open_inspection(self) -> None:
        """Open an inspection from what was filled in."""

    def resume(self, inspection_id: str) -> None:
        """Go on with an inspection of the list."""

    def bring_second(self) -> None:
        """Ask for the second officer (shows ``signin``)."""

    def renew_officer(self) -> None:
        """A new PIN and key for an officer, by a one-time code (shows ``enrol``)."""

    def check_code(self) -> None:
        """Scan somebody else's card, or a document's code (shows ``check``)."""

    # check
    def scan_again(self) -> None:
        """The verdict was read: the next code."""

    # inspection
    def act(self, key: str) -> None:
        """The next step or a further act."""

    # card
    def show_officer(self, officer_id: str) -> None:
        """Show the other officer's card."""

    def renew_qr(self, officer_id: str) -> None:
        """The ring ran out: a fresh code, please."""

    def record_card_shown(self) -> None:
        """The party has seen the card: put it on record."""

    # notice
    def tick_read_aloud(self, on: bool) -> None:
        """The officer read the notice aloud and explained it."""

    def acknowledge_notice(self, hand: Handwriting) -> None:
        """The party acknowledges by handwriting."""

    def refuse_notice(self, reason: str, note: str) -> None:
        """The party does not sign; ``note`` holds own words."""

    # capture
    def take_photo(self) -> None:
        """One still from the running picture."""

    def start_video(self) -> None:
        """Begin a clip."""

    def stop_video(self) -> None:
        """End the clip."""

    def edit_capture(self, key: str, value: str) -> None:
        """``place``, ``purpose`` or ``step`` changed."""

    def finish_capture(self) -> None:
        """Enough taken: back to the inspection."""

    # form
    def edit_field(self, key: str, value: str) -> None:
        """A field changed; called on every change, so that a draft survives anything."""

    def save_draft(self) -> None:
        """Leave the form; what was typed stays."""

    def finish_form(self) -> None:
        """The main button: to signing, or to the first thing that is missing."""

    # sign
    def party_signs(self, hand: Handwriting) -> None:
        """The party's handwriting under the document."""

    def party_objects(self, text: str) -> None:
        """The party's own words, written into the document before signing."""

    def party_refuses(self, reason: str, note: str) -> None:
        """The party does not sign."""

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer's handwriting, confirmed by PIN, so that the officer's key signs."""

    # serve
    def edit_serve(self, key: str, value: str) -> None:
        """``method``, ``addressee``, ``receiver``, ``relation`` or ``place`` changed."""

    def serve(self, hand: Handwriting | None) -> None:
        """The document was handed over."""

    # sync
    def sync_now(self) -> None:
        """Try now."""
