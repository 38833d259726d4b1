"""From one screen to the next, and what the party may open: nothing.

A flow does not know the others: where its screen leads to when it is done is decided here.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Rendered, Typesetter
from field_client.flow.capturing import Capturing
from field_client.flow.checking import Checking
from field_client.flow.desk import Desk
from field_client.flow.enrolling import Enrolling
from field_client.flow.filling import Filling
from field_client.flow.hearing import Hearing
from field_client.flow.importing import Importing
from field_client.flow.inspecting import Inspecting
from field_client.flow.interviewing import Interviewing
from field_client.flow.looking import Looking
from field_client.flow.losing import Losing
from field_client.flow.notifying import Notifying
from field_client.flow.practising import Practising
from field_client.flow.reading import Reading
from field_client.flow.serving import Serving
from field_client.flow.setting import Setting
from field_client.flow.setting import Ways as SettingWays
from field_client.flow.showing import Showing
from field_client.flow.signatories import SEALED, asks
from field_client.flow.signing import Signing
from field_client.flow.storing import Storing
from field_client.flow.syncing import Syncing
from field_client.flow.today import Today
from field_client.flow.unlocking import Unlocking
from field_client.flow.viewing import Viewing
from field_client.flow.visits import Visits
from field_client.flow.writing import Writing
from field_client.issuing import Issuing, Prepared
from field_client.store.journal import Saved
from field_client.ui.presenters.settings import Practice
from protocol.errors import FujieError
from protocol.vocabulary import DocumentKind, Step


class Passages:
    """The flows of one tablet and the ways between their screens."""

    def __init__(self, desk: Desk, typesetter: Typesetter) -> None:
        self.desk = desk
        self._typesetter = typesetter
        self._unlocking = Unlocking(
            desk, self._entered, lambda key: self._enrolling.recovered(key), self._lock
        )
        self._enrolling = Enrolling(desk, self._enrolled)
        self._today = Today(desk, self._to_inspection)
        self._checking = Checking(desk, self._entered)
        self._showing = Showing(desk, self._leave_screen)
        self._notifying = Notifying(desk, self._leave_screen)
        self._storing = Storing(desk, self._refresh_storing)
        self._capturing = Capturing(desk, self._from_camera, self._storing)
        self._viewing = Viewing(desk, self._to_inspection, self._capturing.reshow)
        self._importing = Importing(desk, self._to_inspection, self._storing)
        self.writing = Writing(desk, self._sign, self._leave_form, self._sign_on)
        self.reading = Reading(
            desk, typesetter, self._issuing, lambda key: self._inspecting.act(key), self._serve
        )
        self._hearing = Hearing(desk, self._to_inspection)
        self._signing = Signing(desk, self._serve_or_leave, self._back_to_form, self._wrong_pin)
        self._serving = Serving(desk, self._leave_screen, self._record_service)
        self._interviewing = Interviewing(
            desk, self._issuing_part, self._signing, self._to_inspection
        )
        self._syncing = Syncing(desk)
        self._looking = Looking(desk)
        self._setting = Setting(desk, SettingWays(self._lock, self._showing.show, self._practice))
        self._practising = Practising(desk, self._another_tablet, self._setting.refresh)
        self._losing = Losing(
            desk, self._lock, self._unlocking.refresh, lambda scope: self._syncing.to_stick(scope)
        )
        self._visits = Visits(desk, self._to_inspection, self._fill)
        self._form: Writing | Hearing | Filling = self.writing
        self._after_camera = self._to_inspection
        self._inspecting = Inspecting(
            desk,
            {
                "identity": self._showing.show,
                "handover": self._setting.hand,
                "rights": self._notifying.show,
                "evidence": self._record_evidence,
                "gallery": self._viewing.show,
                "importing": self._importing.show,
                "record": lambda: self._write(DocumentKind.SITE_INSPECTION_RECORD),
                "statement": self._hear,
                "interview": self._interviewing.show,
                "decision": lambda: self._write(DocumentKind.SPOT_DECISION),
                "service": lambda: self._serving.resume(self._issuing()),
                "papers": self.reading.show,
                "correction": lambda: self._write(DocumentKind.CORRECTION_ORDER),
                **self._visits.doors,
            },
            {
                "paper": lambda kind: self._write(DocumentKind(kind)),
                "serve": lambda kind: self._serving.resume(self._issuing(), kind=kind),
                "identity": lambda step: self._showing.show(Step(step)),
            },
        )

    def _lock(self) -> None:
        """Whatever is under way, the locked screen."""
        self._let_go()
        self._signing.forget()
        self._serving.forget()
        self._after_camera = self._to_inspection
        self._visits.forget()
        self.desk.asked = None
        self.desk.shell.tell(None)  # a sheet would offer its ways on over the locked screen
        self._unlocking.lock()

    def _another_tablet(self) -> None:
        """Into practice or out of it: the lists of the one are not the other's."""
        self._today = Today(self.desk, self._to_inspection)
        self._lock()

    def _practice(self) -> Practice:
        return self._practising.state()

    # ── between screens ──────────────────────────────────────────────────────────────────

    def _entered(self) -> None:
        if self.desk.inspection is not None:
            self._to_inspection()
        else:
            self._today.show()

    def _to_inspection(self) -> None:
        if self.desk.inspection is None:
            self._today.show()
        else:
            self._inspecting.show()

    def _leave_screen(self) -> None:
        """An act of the party's is on record: back to the officers' timeline."""
        self._to_inspection()

    def _issuing(self) -> Issuing:
        return Issuing(self.desk.case, self._typesetter)

    def _hear(self) -> None:
        self.writing.aside()
        self._visits.aside()
        self._form = self._hearing
        self._hearing.show()

    def _fill(self, form: Filling) -> None:
        self.writing.aside()
        self._form = form

    @property
    def _tabled(self) -> Writing | Filling:
        """The form shown, where it has tables."""
        return self._form if isinstance(self._form, Filling) else self.writing

    def _leave_form(self) -> None:
        if self.reading.listed:
            self.reading.show()
        else:
            self._to_inspection()

    def _serve(self, record: str) -> None:
        self._serving.resume(self._issuing(), bytes.fromhex(record))

    def _write(self, kind: DocumentKind) -> None:
        if kind is DocumentKind.INTERVIEW_RECORD:  # it has a screen of its own
            self._interviewing.show()
            return
        self.reading.listed = False
        if self.writing.show(self._issuing(), kind):  # else the form that is shown keeps its keys
            self._visits.aside()
            self._form = self.writing

    def _sign(self, prepared: Prepared) -> None:
        self._signing.begin(self._issuing(), prepared)

    def _sign_on(self, kind: DocumentKind, kept: str) -> None:
        self._signing.resume(self._issuing(), kind, kept)

    def _issuing_part(self, part: str) -> Issuing:
        return Issuing(self.desk.case, self._typesetter, part)

    def _back_to_form(self, prepared: Prepared) -> None:
        if prepared.kind is DocumentKind.INTERVIEW_RECORD:
            self._interviewing.again()
        else:
            self._write(prepared.kind)

    def _serve_or_leave(
        self, saved: Saved, prepared: Prepared, made: Rendered, received: bool
    ) -> None:
        """To handing over, where the kind asks for it and the hand below was not its receipt;
        what the office has still to seal is read and printed first."""
        if received or not asks(prepared.kind).served:
            self._to_inspection()
        elif prepared.kind in SEALED and not prepared.seal:
            self.reading.paging.show_issued(saved.record.hex())
        else:
            self._serving.begin(self._issuing(), saved, prepared, made)

    def _record_evidence(self) -> None:
        self._after_camera = self._to_inspection
        self._capturing.show()

    def _record_service(self, what: str) -> None:
        """Photo or video of how a document is left; the camera leads back to its service."""
        self._after_camera = self._serving.again
        self._capturing.show_act(Step.SERVICE, what)

    def _record_measure(self) -> None:
        """A measure throughout; the camera leads back to its form."""
        form = self._form
        self._after_camera = form.reshow
        self._capturing.show_act(Step.MEASURE, self._visits.measuring.what)

    def _from_camera(self) -> None:
        done, self._after_camera = self._after_camera, self._to_inspection
        done()

    def _enrolled(self) -> None:
        if self.desk.duty:
            self._today.show()
        else:
            self._unlocking.show_anew()

    def _bring_second(self) -> None:
        """Ask for the second officer; who has no keys here yet is enrolled first."""
        if self._unlocking.absent:
            self._unlocking.show_signin()
        else:
            self._enrolling.more(self.desk.officers[0])

    def _let_go(self) -> None:
        """Camera, player and sticks are let go; a recording goes on."""
        self._capturing.leave()
        self._checking.leave()
        self._viewing.leave()
        self._importing.leave()

    def _refresh_storing(self) -> None:
        """Copies were let go: the screens that show them, or the room, know."""
        self._viewing.refresh()
        self._capturing.refresh()

    # ── the party's lock ─────────────────────────────────────────────────────────────────

    def _party_holds(self) -> bool:
        current = self.desk.shell.current
        if current == "answer":
            return self._visits.answering.with_party
        return current in ("card", "notice") or (current == "sign" and self._signing.with_party)

    def _ask_pin(self) -> None:
        """Everything else is closed to the party; an officer opens it by PIN."""
        self.desk.party_asking = True
        self._refresh_party()
        self.desk.party_asking = False

    def _refresh_party(self) -> None:
        refresh: dict[str, Callable[[], None]] = {
            "card": self._showing.refresh,
            "notice": self._notifying.refresh,
            "sign": self._signing.refresh,
            "answer": self._visits.answering.refresh,
        }
        refresh.get(self.desk.shell.current, lambda: None)()

    def _wrong_pin(self, officer_id: str, error: FujieError) -> bool:
        """While signing; a wipe locks the tablet."""
        locked = self._unlocking.refused(officer_id, error)
        if locked:
            self._signing.forget()
        return locked

    # ── another language ─────────────────────────────────────────────────────────────────

    def _reshow(self, current: str) -> None:
        """The screen that was shown, again from its flow's state."""
        screens: dict[str, Callable[[], None]] = {
            "unlock": self._unlocking.show,
            "signin": self._unlocking.show_signin,
            "enrol": self._enrolling.show,
            "today": self._today.show,
            "settings": self._setting.reshow,
            "inspection": self._inspecting.show,
            "sync": self._syncing.show,
            "check": self._checking.reshow,
            "item": self._looking.reshow,
            "card": self._showing.reshow,
            "notice": self._notifying.reshow,
            "capture": self._capturing.reshow,
            "recordings": self._viewing.show,
            "viewer": self._viewing.reshow,
            "importing": self._importing.reshow,
            "form": self._form.reshow,
            "sign": self._signing.reshow,
            "serve": self._serving.reshow,
            "interview": self._interviewing.reshow,
        }
        if not self.reading.reshow(current):
            screens.get(current, lambda: self._visits.reshow(current))()
