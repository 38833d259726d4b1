"""A tablet's flows with nobody's eyes and fingers: a shell that only remembers, a worker that
is asked to finish.

    stage = Stage.of(tablet)            an enrolled tablet, still locked
    stage.unlock(); stage.second()      both officers by PIN
    stage.do.open_inspection()          as the screen would ask for it
    stage.work()                        all jobs that wait; ``stage.hold`` keeps them waiting
    stage.screen, stage.view            what is shown
    stage.told                          the sheet over it
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from field_client.flow.desk import Desk
from field_client.flow.routes import Routes, careful
from field_client.keys.identity import KeyStore
from field_client.keys.secret import CHEAPEST, PassphraseSecret
from field_client.ui import i18n
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Ask, Problem
from protocol.reference import Reference
from protocol.statements import Statement
from tests.cast import HEARD, party
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN, SHOP, FieldTablet

HAND = Handwriting((tuple((0.1 + n / 50, 0.1 + n % 3 / 20, 12 * n) for n in range(12)),), 0.4)
OTHER_HAND = Handwriting((tuple((0.2 + n / 50, 0.2, 15 * n) for n in range(12)),), 0.4)
PARTY_HAND = Handwriting((tuple((0.3, 0.1 + n / 50, 9 * n) for n in range(12)),), 0.4)
HANDS = {SHEN: HAND, LU: OTHER_HAND}


@dataclass
class Shell:
    """Shows nothing and remembers everything."""

    current: str = ""
    view: Any = None
    told: Problem | None = None
    asked: Ask | None = None
    waiting: str = ""
    theme: str = "day"
    text: str = "normal"
    training: bool = False
    frames: int = 0
    played: tuple[int, int] = (0, 0)
    levels: list[float] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def show(self, name: str, view: Any) -> None:
        self.current, self.view = name, view

    def update(self, view: Any) -> None:
        if type(view) is type(self.view):
            self.view = view

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        self.frames += 1

    def show_level(self, level: float) -> None:
        self.levels.append(level)

    def show_time(self, at_ms: int, length_ms: int) -> None:
        self.played = at_ms, length_ms

    def mark(self, words: str) -> None:
        self.marks.append(words)

    def tell(self, problem: Problem | None) -> None:
        self.told = problem

    def ask(self, ask: Ask) -> None:
        self.asked = ask

    def wait(self, words: str) -> None:
        self.waiting = words

    def use_theme(self, name: str) -> None:
        self.theme = name

    def use_text(self, name: str) -> None:
        self.text = name

    def use_training(self, on: bool) -> None:
        self.training = on

    def use_language(self, language: str) -> None:
        i18n.set_language(language)
        self.current, self.view = "", None


class Worker(Executor):
    """Runs a job when the test says so, in the test's own thread."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        return future

    def run_one(self) -> None:
        future, job = self.waiting.pop(0)
        try:
            result = job()
        except Exception as error:  # noqa: BLE001  # it is the future's to tell
            future.set_exception(error)
        else:
            future.set_result(result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        while self.waiting:
            self.run_one()


@dataclass
class Stage:
    """One running program."""

    tablet: FieldTablet
    desk: Desk
    shell: Shell
    routes: Routes
    worker: Worker
    posted: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def of(cls, tablet: FieldTablet, **settings: Any) -> Stage:
        """Start the program over a tablet's folder; the fixture's own vault makes room."""
        tablet.tablet.close()
        kept = replace(tablet.tablet.settings, **settings)
        worker, posted = Worker(), []

        def make_keys(passphrase: str) -> KeyStore:
            secret = PassphraseSecret(passphrase, CHEAPEST)
            return KeyStore(kept.keys_dir, secret, tablet.clock, kept.pin, CHEAPEST)

        desk = Desk(
            settings=kept, clock=tablet.clock, post=posted.append, make_keys=make_keys, pool=worker
        )
        shell = Shell()
        desk.shell = shell
        stage = cls(tablet, desk, shell, Routes(desk, tablet.typesetter), worker, posted)
        stage.do.start()
        return stage

    def close(self) -> None:
        """The program ends; the fixture gets its vault back."""
        self.routes.stop()
        self.settle()
        if self.desk.tablet is not None:
            self.desk.tablet.close()
        i18n.set_language("zh_CN")

    # ── what is there ────────────────────────────────────────────────────────────────────

    @property
    def do(self) -> Any:
        """What a screen may ask for."""
        return careful(self.routes)

    @property
    def screen(self) -> str:
        return self.shell.current

    @property
    def view(self) -> Any:
        return self.shell.view

    @property
    def told(self) -> Problem:
        assert self.shell.told is not None, "no sheet was shown"
        return self.shell.told

    @property
    def records(self) -> list[Statement]:
        """The statements of the inspection under way."""
        return [one.statement for one in self.desk.case.state.records]

    def reference(self, change: Callable[[Reference], Reference]) -> None:
        """Another roster or form, as the office would send it."""
        shelf = self.desk.open_tablet.shelf
        shelf._current = change(shelf.current)

    # ── time and work ────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """What came back to the UI thread."""
        while self.posted:
            self.posted.pop(0)()

    def work(self) -> None:
        """Finish all jobs, and what they start."""
        self.settle()
        while self.worker.waiting:
            self.worker.run_one()
            self.settle()

    def work_beside(self) -> threading.Thread:
        """One job on a thread of its own, as a recording runs."""
        thread = threading.Thread(target=self.worker.run_one, daemon=True)
        thread.start()
        return thread

    # ── what officers do ─────────────────────────────────────────────────────────────────

    def unlock(self, cert_no: str = SHEN, pin: str = "") -> None:
        self.do.unlock(cert_no, pin or PINS[cert_no], PASSPHRASE)
        self.work()

    def second(self, pin: str = PINS[LU]) -> None:
        self.do.bring_second()
        self.do.sign_in(LU, pin)
        self.work()

    def on_duty(self) -> Stage:
        """Both officers."""
        self.unlock()
        self.second()
        assert self.screen == "today"
        return self

    def opened(self) -> Stage:
        """Both officers, and an inspection opened through the form."""
        self.on_duty()
        self.fill_in()
        self.do.open_inspection()
        self.work()
        assert self.screen == "inspection"
        return self

    def fill_in(self) -> None:
        self.do.new_inspection()
        whom = party()
        for key, value in (
            ("party_name", whom.name),
            ("uscc", whom.id_code),
            ("party_class", whom.party_class.value),
            ("legal_rep", whom.legal_rep),
            ("place", SHOP),
            ("item_id", self.view.items[0].item_id),
        ):
            self.do.edit_new(key, value)

    def notified(self) -> Stage:
        """Opened, cards shown, rights told and signed for."""
        self.opened()
        self.pass_seconds(30)
        self.do.act("identity")
        self.do.record_card_shown()
        self.work()
        self.pass_seconds(60)
        self.do.act("rights")
        self.do.tick_read_aloud(True)
        self.do.acknowledge_notice(PARTY_HAND)
        self.work()
        assert self.screen == "inspection"
        return self

    def written(self) -> Stage:
        """The record's form is filled in and printed."""
        self.notified()
        self.do.act("record")
        self.do.edit_field("recusal", HEARD)
        self.do.edit_field("findings", "货架上7种散装商品未标明价格。")
        self.work()
        return self

    def signing(self) -> Stage:
        """The record is with the party."""
        self.written()
        self.do.finish_form()
        self.work()
        assert self.screen == "sign"
        return self

    def party_signs(self) -> None:
        """Every page that bears a hand, then the whole."""
        while self.view.stage == "party":
            self.do.party_signs(PARTY_HAND)
        self.work()

    def officers_sign(self) -> None:
        for cert_no in (SHEN, LU):
            self.do.officer_signs(cert_no, PINS[cert_no], HANDS[cert_no])
            self.work()

    def decided(self, **more: str) -> Stage:
        """From told rights, or a signed record: the party is heard, and a decision on the spot is
        signed with ``more`` answers and stands before its service."""
        self.do.act("statement")
        for key, value in (("fine", "500"), ("defence", "马上改。"), ("reply", "予以采纳。")):
            self.do.edit_field(key, value)
        self.do.finish_form()
        self.work()
        self.do.act("decision")
        self.work()
        for key, value in {"facts": "7种散装商品未标明价格。", "fine": "500", **more}.items():
            self.do.edit_field(key, value)
        self.work()
        self.do.finish_form()
        self.work()
        self.party_signs()
        self.officers_sign()
        assert self.screen == "serve"
        return self

    def look_at_sync(self) -> None:
        """The sync screen, once all that it tells is there."""
        self.do.go("sync")
        self.work()

    def pass_seconds(self, seconds: int) -> None:
        self.tablet.clock.pass_seconds(seconds)


def last(stage: Stage, kind: type) -> Any:
    """The newest statement of a kind in the inspection under way."""
    return next(one for one in reversed(stage.records) if isinstance(one, kind))


def count(stage: Stage, kind: type) -> int:
    """How many statements of a kind there are in it."""
    return sum(isinstance(one, kind) for one in stage.records)
