"""Every touch to the flow it belongs to, and from one screen to the next.

Implements ``ui/actions.py``. A flow does not know the others: where its screen leads to when it
is done is decided here.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Rendered, Typesetter
from field_client.flow.capturing import Capturing
from field_client.flow.desk import Desk
from field_client.flow.enrolling import Enrolling
from field_client.flow.hearing import Hearing
from field_client.flow.inspecting import Inspecting
from field_client.flow.notifying import Notifying
from field_client.flow.serving import Serving
from field_client.flow.showing import Showing
from field_client.flow.signing import Signing
from field_client.flow.syncing import Syncing
from field_client.flow.today import Today
from field_client.flow.unlocking import Unlocking
from field_client.flow.writing import Writing
from field_client.issuing import Issuing, Prepared
from field_client.journal import Saved
from field_client.ui import i18n
from field_client.ui.handwriting import Handwriting
from field_client.ui.theme import theme
from protocol.vocabulary import DocumentKind


class Routes:
    """What the screens may ask for (``ui/actions.py``), passed on to the flow it belongs to."""

    def __init__(self, desk: Desk, typesetter: Typesetter) -> None:
        self._desk = desk
        self._typesetter = typesetter
        self._unlocking = Unlocking(desk, self._entered)
        self._enrolling = Enrolling(desk, self._unlocking.show)
        self._today = Today(desk, self._to_inspection)
        self._showing = Showing(desk, self._leave_screen)
        self._notifying = Notifying(desk, self._leave_screen)
        self._capturing = Capturing(desk, self._to_inspection)
        self.writing = Writing(desk, self._sign, self._to_inspection)
        self._hearing = Hearing(desk, self._to_inspection)
        self._signing = Signing(desk, self._serve_or_leave, self._back_to_form)
        self._serving = Serving(desk, self._leave_screen)
        self._syncing = Syncing(desk)
        self._inspecting = Inspecting(
            desk,
            {
                "identity": self._showing.show,
                "rights": self._notifying.show,
                "evidence": self._capturing.show,
                "record": lambda: self._write(DocumentKind.SITE_INSPECTION_RECORD),
                "statement": self._hearing.show,
                "decision": lambda: self._write(DocumentKind.SPOT_DECISION),
                "service": lambda: self._serving.resume(self._issuing()),
            },
        )

    # ── start and ticking ────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """The locked tablet, or enrolment on a new one."""
        if self._desk.faces().officers:
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
        shown.get(self._desk.shell.current, lambda: None)()

    # ── everywhere ───────────────────────────────────────────────────────────────────────

    def go(self, tab: str) -> None:
        """A tab of the rail."""
        doors: dict[str, Callable[[], None]] = {
            "today": self._today.show,
            "inspection": self._to_inspection,
            "card": self._showing.show,
            "sync": self._syncing.show,
        }
        if tab in doors:
            doors[tab]()

    def back(self) -> None:
        """To where the screen was opened from."""
        current = self._desk.shell.current
        if current == "form":
            (self._hearing if self._hearing.shown else self.writing).leave()
        elif current == "today":
            self._today.back()
        elif current == "sign":
            self._signing.leave()
        elif current == "capture":
            self._capturing.finish()
        elif current == "signin" or self._desk.inspection is None:
            self._today.show()
        else:
            self._to_inspection()

    def lock(self) -> None:
        """Lock now."""
        self._unlocking.lock()

    def fix(self, key: str) -> None:
        """A way out that a note or sheet offers."""
        if key == "sync_now":
            self._syncing.now()
        elif key == "keep_rescued":
            self._inspecting.keep_rescued()
        elif key == "show_cards":
            self._showing.show()
        else:
            self.writing.fix(key)

    def dismiss(self) -> None:
        """A sheet was read; nothing else is waiting for it."""

    def leave_party(self, pin: str) -> None:
        """An officer takes the tablet back."""
        current = self._desk.shell.current
        refresh = {
            "card": self._showing.refresh,
            "notice": self._notifying.refresh,
            "sign": self._signing.refresh,
        }[current]
        left = self._signing.leave if current == "sign" else self._to_inspection
        self._unlocking.leave_party(pin, refresh, left)

    def set_language(self, language: str) -> None:
        """Another language, on the screen that is shown."""
        i18n.set_language(language)
        self._reshow()

    def set_theme(self, name: str) -> None:
        """Day or night."""
        theme.use(name)

    # ── unlock, signin, enrol ────────────────────────────────────────────────────────────

    def choose_officer(self, officer_id: str) -> None:
        """Whose PIN follows."""
        if self._desk.shell.current == "enrol":
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
        """Ask for the second officer."""
        self._unlocking.show_signin()

    def act(self, key: str) -> None:
        """The next step or a further act."""
        self._inspecting.act(key)

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
        (self._hearing if self._hearing.shown else self.writing).edit(key, value)

    def save_draft(self) -> None:
        """Leave the form; what was typed stays."""
        self.back()

    def finish_form(self) -> None:
        """To signing, or on record."""
        (self._hearing if self._hearing.shown else self.writing).finish()

    def party_signs(self, hand: Handwriting) -> None:
        """The party's hand."""
        self._signing.party_signs(hand)

    def party_objects(self, text: str) -> None:
        """The party's own words go into the record before anybody signs it."""
        self._signing.leave()
        self.writing.edit("objection", text)

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

    # ── between screens ──────────────────────────────────────────────────────────────────

    def _entered(self) -> None:
        if self._desk.inspection is not None:
            self._to_inspection()
        else:
            self._today.show()

    def _to_inspection(self) -> None:
        if self._desk.inspection is None:
            self._today.show()
        else:
            self._inspecting.show()

    def _leave_screen(self) -> None:
        """An act of the party's is on record: back to the officers' timeline."""
        self._to_inspection()

    def _issuing(self) -> Issuing:
        return Issuing(self._desk.case, self._typesetter)

    def _write(self, kind: DocumentKind) -> None:
        self.writing.show(self._issuing(), kind)

    def _sign(self, prepared: Prepared) -> None:
        self._signing.begin(self._issuing(), prepared)

    def _back_to_form(self, prepared: Prepared) -> None:
        self.writing.show(self._issuing(), prepared.kind)

    def _serve_or_leave(self, saved: Saved, prepared: Prepared, made: Rendered) -> None:
        if prepared.decision is not None:
            self._serving.begin(self._issuing(), saved, prepared, made)
        else:
            self._to_inspection()

    def _reshow(self) -> None:
        screens: dict[str, Callable[[], None]] = {
            "unlock": self._unlocking.show,
            "enrol": self._enrolling.show,
            "today": self._today.show,
            "inspection": self._inspecting.show,
            "sync": self._syncing.show,
            "card": self._showing.show,
            "notice": self._notifying.show,
        }
        screens.get(self._desk.shell.current, lambda: None)()
