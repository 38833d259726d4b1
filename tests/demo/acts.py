"""What the two officers and the party do on the tablet, by touch, typing and handwriting."""

from __future__ import annotations

import time
from typing import Any

from sqlmodel import col, select

from field_client.contact.sync import SyncStatus
from field_client.store.tables import LinkRow, Stage
from protocol.vocabulary import DocumentKind
from tests.demo.papers import Papers
from tests.demo.touch import PARTY_SIGNS
from tests.hands import NotThere


class Officers(Papers):
    """Both officers at one tablet."""

    # ── at the office ────────────────────────────────────────────────────────────────────

    def enrol(
        self,
        server: str,
        code: str,
        device: str,
        passphrase: str,
        officers: list[dict[str, str]],
    ) -> None:
        """The tablet, then each officer with a PIN."""
        hands = self.hands
        hands.wait_for("enrol")
        for field, text in (
            ("server", server),
            ("code", code),
            ("device_name", device),
            ("passphrase", passphrase),
        ):
            hands.type(field, text)
        self.shot("01-enrol")
        hands.tap("main")
        hands.wait_for("officer_code", timeout=60)
        for one in officers:
            hands.tap(f"officer.{one['cert_no']}")
            hands.type("officer_code", one["code"])
            hands.pin(one["pin"])
            hands.pin(one["pin"])
            hands.wait_for(lambda who=one["cert_no"]: who in self.view.ready, timeout=60)
        self.shot("02-enrolled")
        hands.tap("main")
        hands.wait_for("unlock")

    # ── on duty ──────────────────────────────────────────────────────────────────────────

    def unlock(self, cert_no: str, pin: str, passphrase: str = "", shot: str = "") -> None:
        """The first officer opens the tablet."""
        hands = self.hands
        hands.wait_for("unlock")
        if self.view.ask_passphrase:
            hands.type("passphrase", passphrase)
        self._choose(cert_no)
        hands.pin(pin[:-1])
        if shot:
            self.shot(shot)
        hands.pin(pin[-1])
        hands.wait_for("today", timeout=60)
        self.listen()

    def wrong_pin(self, cert_no: str, pin: str, passphrase: str, shot: str) -> None:
        """A slip of the finger: told, counted, nothing lost."""
        hands = self.hands
        hands.wait_for("unlock")
        if self.view.ask_passphrase:
            hands.type("passphrase", passphrase)
        self._choose(cert_no)
        hands.pin(pin)
        hands.wait_for(lambda: self.view.message is not None, timeout=60)
        self.shot(shot)

    def second(self, cert_no: str, pin: str) -> None:
        """The second officer comes on duty on the same tablet."""
        hands = self.hands
        hands.tap("second")
        hands.wait_for("signin")
        hands.pin(pin)
        hands.wait_for("today", timeout=60)

    def open_inspection(self, **form: str) -> dict[str, str]:
        """From a listed item."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("party_name")
        hands.tap(f"item.{form.pop('item')}")
        hands.tap(f"party_class.{form.pop('party_class')}")
        for name, text in form.items():
            hands.type(name, text)
        return self._opened()

    def receive_task(self) -> dict[str, str]:
        """What the office asks for comes with a contact; who waits for it asks for one."""
        hands, until = self.hands, time.monotonic() + 60
        while not self.view.tasks:
            if time.monotonic() > until:
                raise NotThere(f"expected a task of the office, got {self._status()}")
            hands.tap("tab.sync")
            hands.tap("main")
            hands.rest(0.5)
            hands.tap("tab.today")
            hands.wait_for("today")
            hands.rest(0.5)
        self.shot("04-today")
        (task,) = self.view.tasks
        return {"title": task.title, "count": task.count}

    def open_task(self) -> dict[str, str]:
        """From the office's task: party, place and item are filled in."""
        hands = self.hands
        hands.tap(f"task.{self.view.tasks[0].key}")
        hands.wait_for("party_name")
        return self._opened()

    def _opened(self) -> dict[str, str]:
        self.shot("05-new-inspection")
        self.tap_main("inspection")
        self.shot("06-timeline")
        return self.case()

    def show_cards(self) -> dict[str, str]:
        """Both cards, the code, and the record that they were shown."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("card")
        hands.rest(0.6)
        self.shot("07-card-first")
        other = next(one.officer_id for one in self.view.officers if not one.shown)
        hands.tap(f"officer.{other}")
        hands.tap("uniform")
        hands.rest(0.4)
        self.shot("08-card-second")
        hands.tap("main")
        hands.wait_for("inspection", timeout=30)
        return {}

    def notify_rights(self) -> None:
        """Read out, ticked, signed by the party."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("notice")
        hands.tap("read_aloud")
        self.ink(PARTY_SIGNS)
        self.shot("09-rights-notice")
        hands.tap("main")
        hands.wait_for("inspection", timeout=30)

    def refuse_rights(self, reason: str) -> None:
        """The party does not sign the notice and says why."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("notice")
        hands.tap("read_aloud")
        hands.tap("refuse")
        hands.tap(f"reason.{reason}")
        hands.tap("done")
        hands.wait_for("inspection", timeout=30)

    def capture(self, purpose: str, seconds: float = 3.0) -> None:
        """A photo and a clip with their five facts."""
        hands = self.hands
        hands.tap("act.evidence")
        hands.wait_for("capture")
        hands.type("purpose", purpose)
        hands.rest(0.8)
        before = len(self.view.shots)
        hands.tap("main")
        hands.wait_for(lambda: len(self.view.shots) == before + 1, timeout=30)
        hands.rest(0.5)
        hands.tap("video")
        hands.wait_for(lambda: self.view.recording != "")
        hands.rest(seconds)
        self.shot("10-capture")
        hands.tap("video")
        hands.wait_for(lambda: len(self.view.shots) == before + 2, timeout=60)
        hands.tap("done")
        hands.wait_for("inspection")

    def resume(self) -> dict[str, Any]:
        """After a restart: the inspection is in the list; say what it holds."""
        hands = self.hands
        tile = self.view.inspections[0]
        hands.tap(f"resume.{tile.inspection_id}")
        hands.wait_for("inspection")
        self.shot("12-resumed")
        return {"records": self.records(), **self.case()}

    def close(self) -> dict[str, Any]:
        """The inspection ends: how, and what is still missing; say what was made on it."""
        hands = self.hands
        self.tap_main("closing")
        if not self.view.outcome:
            hands.tap("outcome.penalised_on_spot")
        hands.wait_for(lambda: self.view.ready)
        self.shot("25-closing")
        self.tap_main("inspection")
        self.shot("26-closed")
        closed = self.app.program.desk.case.state.closed is not None
        return {"closed": closed, "records": self.records(), "pdfs": self._pdfs(), **self.case()}

    def card_again(self, shot: str) -> None:
        """Show the card once more, for the citizen's telephone."""
        hands = self.hands
        hands.tap("tab.inspection")
        hands.wait_for("inspection")
        hands.tap("tab.card")
        hands.wait_for("card")
        hands.rest(0.6)
        self.shot(shot)

    def take_back(self, pin: str) -> None:
        """An officer takes the tablet back from the party by PIN."""
        hands = self.hands
        hands.tap("leave")
        hands.pin(pin)
        hands.wait_for("inspection", timeout=30)

    # ── sync ─────────────────────────────────────────────────────────────────────────────

    def look_at_sync(self, shot: str) -> dict[str, Any]:
        """The sync screen as it stands."""
        self.hands.tap("tab.sync")
        self.hands.wait_for("sync")
        self.shot(shot)
        return self._status()

    def sync(self, until: str, shot: str, timeout: float = 120) -> dict[str, Any]:
        """Wait until every record has reached a stage."""
        hands, wanted, again = self.hands, Stage(until), 0.0
        if hands.seek("sync") is None:
            hands.tap("tab.sync")
            hands.wait_for("sync")
        until = time.monotonic() + timeout
        while not self._all_at(wanted) or self._status()["halted"]:
            if time.monotonic() > until:
                raise NotThere(f"expected every record {wanted}, got {self._status()}")
            if time.monotonic() >= again:  # what the server keeps it says the next time
                hands.tap("main")
                again = time.monotonic() + 2
            hands.rest(0.1)
        counts = self._status()["counts"]
        told = [f"{counts.get(tile.stage, 0):,}" for tile in self.view.tiles]
        self.app.program.routes.tick()
        # It is counted beside the window: seen is what was so a moment ago.
        hands.wait_for(lambda: [tile.count for tile in self.view.tiles] == told)
        self.shot(shot)
        return self._status()

    def alarmed(self, shot: str, timeout: float = 60) -> dict[str, Any]:
        """Wait until the tablet is sure that the centre took back what it signed."""
        hands, until = self.hands, time.monotonic() + timeout
        if hands.seek("sync") is None:
            hands.tap("tab.sync")
            hands.wait_for("sync")
        while self._status()["halted"] != "alarm":
            if time.monotonic() > until:
                raise NotThere(f"expected an alarm, got {self._status()}")
            hands.tap("main")
            hands.rest(0.5)
        self.app.program.routes.tick()
        hands.wait_for(lambda: self.view.alarm is not None)
        self.shot(shot)
        return self._status()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _choose(self, cert_no: str) -> None:
        if self.view.chosen != cert_no:
            self.app.program.routes.choose_officer(cert_no)
            self.hands.pump()

    def _pdfs(self) -> dict[str, str]:
        """The documents' PDFs, as the party got them."""
        from field_client.store.captures import open_blob
        from field_client.store.tables import BlobRow

        paths = {}
        self.shots.mkdir(parents=True, exist_ok=True)
        for one in self.app.program.desk.case.state.documents:
            issued = one.issued.statement
            with self.tablet.vault.session() as session:
                row = session.get(BlobRow, bytes.fromhex(issued.pdf.sha256))
            path = self.shots / f"{DocumentKind(issued.document).zh}.pdf"
            path.write_bytes(open_blob(self.tablet.settings.blobs_dir, row).all())
            paths[issued.document.value] = str(path)
        return paths

    def _all_at(self, stage: Stage) -> bool:
        with self.tablet.vault.session() as session:
            stages = session.exec(select(LinkRow.stage).order_by(col(LinkRow.sequence))).all()
        return bool(stages) and all(Stage(one).rank >= stage.rank for one in stages)

    def _status(self) -> dict[str, Any]:
        status: SyncStatus = self.tablet.sync.status()
        return {
            "counts": {stage.value: count for stage, count in status.counts.items()},
            "unsent": status.unsent,
            "trouble": str(status.trouble) if status.trouble else "",
            "halted": status.halted or "",
        }
