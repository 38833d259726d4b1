"""Around every screen: the rail, the way back, sheets, language, theme."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from field_client.camera import viewfinder
from field_client.contact.exporting import Scope
from field_client.flow import display
from field_client.flow.overriding import ACTS
from field_client.flow.passages import Passages
from protocol.errors import FujieError


class Everywhere(Passages):
    """Around every screen: the rail, the way back, sheets, language, theme."""

    _ticked = ""

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
            "today": self._today.tick,
            "inspection": self._inspecting.refresh,
            "card": self._showing.refresh,
            "sync": self._syncing.refresh,
            "recordings": self._viewing.refresh,
            "item": self._looking.refresh,
        }
        try:
            self._practising.attend()
            self._losing.attend()
            shown.get(self.desk.shell.current, lambda: None)()
            self._capturing.tick()
            self._storing.tick()
        except FujieError as error:
            if self._ticked != error.template:  # told once, not with every tick
                self._ticked = error.template
                self.desk.tell(error)

    def stop(self) -> None:
        """The program ends: a recording is ended and saved, work under way is waited for."""
        self._let_go()
        self._capturing.stop_video()
        self._importing.cancel()
        self.desk.close()
        viewfinder.let_go()
        self._practising.leave()

    def go(self, tab: str) -> None:
        """A tab of the rail."""
        doors: dict[str, Callable[[], None]] = {
            "today": self._today.show,
            "inspection": self._to_inspection,
            "card": self._showing.show,
            "sync": self._syncing.show,
            "settings": self._setting.show,
        }
        if tab in doors and not self._party_holds():
            self._let_go()
            doors[tab]()

    def back(self) -> None:
        """To where the screen was opened from."""
        current = self.desk.shell.current
        ways: dict[str, Callable[[], None]] = {
            "form": self._form.leave,
            "today": self._today.back,
            "sign": self._signing.leave,
            "capture": self._capturing.finish,
            "recordings": self._viewing.back,
            "viewer": self._viewing.back,
            "importing": self._importing.back,
            "check": self._checking.finish,
            "item": self._syncing.show,
            "interview": self._interviewing.leave,
        }
        if self._party_holds():
            self._ask_pin()
        elif current in ways:
            ways[current]()
        elif self._visits.back(current) or self.reading.back(current):
            return
        elif current == "signin" or self.desk.inspection is None:
            self._today.show()
        else:
            self._to_inspection()

    def lock(self) -> None:
        """Lock now."""
        self._lock()

    def fix(self, key: str) -> None:
        """A way out that a note or sheet offers."""
        doors: dict[str, Callable[[], None]] = {
            "keep_rescued": self._inspecting.keep_rescued,
            "show_cards": self._show_cards,
            "sign_in_second": self._bring_second,
            "hand_over": self._setting.hand,
            "evidence": lambda: self._inspecting.act("evidence"),
            "record_measure": self._record_measure,
            "explain_break": self._capturing.explain,
            "explain_breaks": self._capturing.explain_all,
            "from_stick": self._syncing.from_stick,
            "from_answer": self._syncing.from_answer,
            "stick_stop": self._syncing.stop_stick,
            "media_pause": self._syncing.pause,
            "media_resume": self._syncing.resume,
            "export_unsent": lambda: self._syncing.to_stick(Scope.UNSENT),
            "export_all": lambda: self._syncing.to_stick(Scope.ALL),
        }
        if key in ("sync_now", "update_roster"):
            self._sync_now()
        elif self._party_holds():
            self._ask_pin()
        elif self.desk.shell.current == "unlock":
            return  # what went wrong behind the lock is told; its ways on lie behind it too
        elif key in doors:
            doors[key]()
        elif key in ACTS:
            self._inspecting.act(ACTS[key])
        elif key.startswith(("paper.", "serve.", "approval", "measure")):
            self._inspecting.act(key)
        elif self.desk.shell.current == "today" or key.startswith("today."):
            self._today.fix(key)
        elif self._way(key) or self._visits.fix(key):
            return
        else:
            self.writing.fix(key)

    def _show_cards(self) -> None:
        """For the act on the screen that is shown, which is come back to."""
        current = self.desk.shell.current
        self._capturing.leave()
        self._showing.show_from(self._asking, lambda: self._asked_again(current))

    def _asked_again(self, current: str) -> None:
        """This screen once more; what stopped it may be on record now."""
        if current == "form" and self._form is self.writing:
            self.writing.again()
        elif current == "interview":
            self._interviewing.judge_again()
        else:
            self._reshow(current)

    @property
    def _asking(self) -> str:
        """The screen that asks for the cards; the form of a measure is one of its own."""
        current = self.desk.shell.current
        measured = current == "form" and self._form is self._visits.measuring
        return "measure" if measured else current

    def _way(self, key: str) -> bool:
        """A way that one screen's flow knows: to a document, a recording, an interview's hands."""
        way, _, what = key.partition(".")
        if way == "view":
            self.reading.door(key)
        elif way == "play":
            self._viewing.open(what)
        elif way == "interview":
            self._interviewing.fix(key)
        return way in ("view", "play", "interview")

    def _sync_now(self) -> None:
        """Whoever asks for it, behind the lock too."""
        if self.desk.tablet is not None:
            self._syncing.now()

    def answer(self, key: str, words: str) -> None:
        """The words that a sheet asked for."""
        asked, self.desk.asked = self.desk.asked, None
        if asked is not None and asked[0] == key:
            asked[1](words)

    def dismiss(self) -> None:
        """A sheet was read; nothing else is waiting for it."""

    def leave_party(self, officer_id: str, pin: str) -> None:
        """An officer takes the tablet back."""
        left = self._to_inspection
        if self.desk.shell.current == "sign":
            left = self._signing.leave
        elif self.desk.shell.current == "answer":
            left = self._visits.answering.leave
        elif self.desk.shell.current == "card" and self.desk.inspection is not None:
            left = self._showing.leave
        self._unlocking.leave_party(officer_id, pin, self._refresh_party, left)

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
