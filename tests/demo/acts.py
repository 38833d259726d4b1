"""What the two officers and the party do on the tablet, by touch, typing and handwriting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from field_client.app import FujieApp
from field_client.contact.sync import SyncStatus
from field_client.store.tables import LinkRow, Stage
from field_client.ui.gallery.ink import written
from protocol.vocabulary import DocumentKind
from tests.hands import Hands

FINDINGS = (
    "现场检查时，该单位正在营业。散装食品区货架上陈列红枣、核桃、黄豆、花生、绿豆、香菇、木耳等"
    "7种散装商品，均未标明价格，现场未见价签、价目表。店长周明禾在场陪同检查。"
)
FACTS = (
    "检查发现，你单位经营的红枣等7种散装商品未标明价格。店长周明禾当场承认上述商品自上架起"
    "未设置价签。"
)
DEFENCE = "新货昨天刚上架，价签还没有来得及打印，我们马上补上。"
REPLY = "经复核，当事人提出的理由不影响对违法事实的认定，不予采纳。"


class Officers:
    """Both officers at one tablet. ``say`` tells the story what became durable."""

    def __init__(self, app: FujieApp, hands: Hands, shots: Path, say: Callable[..., None]) -> None:
        self.app = app
        self.hands = hands
        self.shots = shots
        self._say = say
        self._heard: set[int] = set()

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
        self._listen()

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
        self.shot("04-today")

    def open_inspection(self, **form: str) -> dict[str, str]:
        """From a listed item."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("party_name")
        hands.tap(f"item.{form.pop('item')}")
        hands.tap(f"party_class.{form.pop('party_class')}")
        for name, text in form.items():
            hands.type(name, text)
        self.shot("05-new-inspection")
        hands.tap("main")
        hands.wait_for("inspection", timeout=30)
        self.shot("06-timeline")
        return self._case()

    def show_cards(self) -> dict[str, str]:
        """Both cards, the code, and the record that they were shown."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("card")
        hands.rest(0.6)
        self.shot("07-card-first")
        other = next(one.officer_id for one in self.view.officers if not one.shown)
        hands.tap(f"officer.{other}")
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
        hands.draw("pad", written("周明禾", aspect=self._aspect()))
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

    def begin_record(self, cut: int) -> None:
        """Start writing the record; the story kills the tablet in the middle of a sentence."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("form")
        hands.type("findings", FINDINGS[:cut])
        hands.wait_for(lambda: self.app.program.routes.writing.keeper.settled)
        self.shot("11-form-draft")

    def resume(self) -> dict[str, Any]:
        """After a restart: the inspection is in the list; say what it holds."""
        hands = self.hands
        tile = self.view.inspections[0]
        hands.tap(f"resume.{tile.inspection_id}")
        hands.wait_for("inspection")
        self.shot("12-resumed")
        return {"records": self._records(), **self._case()}

    def draft(self) -> dict[str, str]:
        """What of the record's draft is still there."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for("form")
        return {"findings": self._field("findings")}

    def finish_record(self) -> None:
        """Complete, read, signed by the party and both officers."""
        self.hands.type("findings", FINDINGS)
        self._printed()
        self.shot("13-record-form")
        self.hands.tap("main")

    def sign(self, pins: dict[str, str], shot: str) -> None:
        """The party, then each officer by hand and PIN; both keys sign in one step."""
        hands = self.hands
        hands.wait_for("sign", timeout=30)
        while self.view.stage == "party":  # every page, then the whole
            turn = self.view.turn.key
            hands.draw("pad", written("周明禾", aspect=self._aspect()))
            self.shot(f"{shot}-party")
            hands.tap("main")
            hands.wait_for(lambda turn=turn: self.view.turn.key != turn)
        for cert_no, pin in pins.items():
            hands.wait_for(lambda who=cert_no: self.view.current == who, timeout=60)
            hands.draw("pad", written(self._name(cert_no), aspect=self._aspect()))
            self.shot(f"{shot}-{cert_no[-3:]}")
            hands.tap("main")
            hands.wait_for("sign.pin")
            hands.pin(pin)
            hands.wait_for(lambda who=cert_no: self._has_signed(who), timeout=60)

    def hear(self) -> None:
        """The party is told what is intended, and heard."""
        hands = self.hands
        hands.wait_for("inspection", timeout=60)
        hands.tap("act.statement")
        hands.wait_for("form")
        hands.type("defence", DEFENCE)
        hands.type("reply", REPLY)
        self.shot("15-hearing")
        hands.tap("main")
        hands.wait_for("inspection", timeout=30)

    def decide(self, too_much: str, fine: str) -> dict[str, Any]:
        """The decision: first over the ceiling, which is stopped, then within it."""
        hands = self.hands
        hands.tap("act.decision")
        hands.wait_for("form")
        hands.type("facts", FACTS)
        hands.type("fine", too_much)
        self._printed()
        hands.wait_for(lambda: not self.view.ready)
        self.shot("16-decision-blocked")
        blocked = [note.title for note in self.view.all_notes if note.level == "block"]
        hands.type("fine", fine)
        self._printed()
        hands.wait_for(lambda: self.view.ready, timeout=30)
        self.shot("17-decision-form")
        hands.tap("main")
        return {"blocked": blocked}

    def serve(self) -> None:
        """Handed over on the spot; the receiver signs."""
        hands = self.hands
        hands.wait_for("serve", timeout=60)
        hands.draw("pad", written("周明禾", aspect=self._aspect()))
        self.shot("19-serve")
        hands.tap("main")
        hands.wait_for("inspection", timeout=30)

    def close(self) -> dict[str, Any]:
        """The inspection ends; say what was made on it."""
        hands = self.hands
        hands.tap("main")
        hands.wait_for(lambda: self.view.next_step is None, timeout=30)
        self.shot("20-closed")
        return {"records": self._records(), "pdfs": self._pdfs(), **self._case()}

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
        hands, wanted = self.hands, Stage(until)
        if hands.seek("sync") is None:
            hands.tap("tab.sync")
            hands.wait_for("sync")
        hands.tap("main")
        hands.wait_for(lambda: self._all_at(wanted), timeout=timeout)
        self.app.program.routes.tick()
        self.shot(shot)
        return self._status()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    @property
    def view(self) -> Any:
        """What the screen shows."""
        return self.app.root.screen.view

    @property
    def tablet(self) -> Any:
        """The open tablet."""
        return self.app.program.desk.open_tablet

    def shot(self, name: str) -> None:
        """A picture of the screen."""
        self.hands.shot(self.shots / f"{name}.png")
        self._say(shot=f"{name}.png")

    def _listen(self) -> None:
        """Tell the story of every statement once it is durable."""
        if id(self.tablet) in self._heard:
            return
        self._heard.add(id(self.tablet))
        self.tablet.journal.on_saved(
            lambda saved: self._say(
                saved=saved.record.hex(), kind=type(saved.statement).__struct_config__.tag
            )
        )

    def _choose(self, cert_no: str) -> None:
        if self.view.chosen != cert_no:
            self.app.program.routes.choose_officer(cert_no)
            self.hands.pump()

    def _aspect(self) -> float:
        pad = self.hands.find("pad")
        return float(pad.height / pad.width)

    def _name(self, cert_no: str) -> str:
        return str(self.app.program.desk.officer_name(cert_no))

    def _has_signed(self, cert_no: str) -> bool:
        view = self.view
        if not hasattr(view, "officers") or not hasattr(view, "stage"):
            return True  # the last one signed: the next screen is there
        return any(one.officer_id == cert_no and one.signed for one in view.officers)

    def _printed(self) -> None:
        """Wait until the preview shows what was typed last."""
        self.hands.rest(1.2)
        self.hands.wait_for(lambda: bool(self.view.preview.pages), timeout=60)

    def _field(self, key: str) -> str:
        return next((str(one.value) for one in self.view.fields if one.key == key), "")

    def _case(self) -> dict[str, str]:
        case = self.app.program.desk.case
        return {"case": case.case.hex(), "number": case.opening.number}

    def _records(self) -> list[str]:
        return [one.id for one in self.app.program.desk.case.state.records]

    def _pdfs(self) -> dict[str, str]:
        """The documents' PDFs, as the party got them."""
        from field_client.store.captures import open_blob
        from field_client.store.tables import BlobRow

        paths = {}
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
