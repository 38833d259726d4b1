"""The documents of the inspection on the tablet: filled in, read, signed, handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from protocol.calendar import local_day
from tests.cast import HEARD
from tests.demo.touch import PARTY_SIGNS, Touch

FINDINGS = (
    "现场检查时，该单位正在营业。散装食品区货架上陈列红枣、核桃、黄豆、花生、绿豆、香菇、木耳等"
    "7种散装商品，均未标明价格，现场未见价签、价目表。店长周明禾在场陪同检查。"
)
FACTS = (
    "检查发现，你单位经营的红枣等7种散装商品未标明价格。店长周明禾当场承认上述商品自上架起"
    "未设置价签。"
)
FINE = "500"
DEFENCE = "新货昨天刚上架，价签还没有来得及打印，我们马上补上。"
REPLY = "经复核，当事人提出的理由不影响对违法事实的认定，不予采纳。"
TO_CORRECT = "对所售散装商品逐一明码标价，价签应当标明品名、计价单位和价格。"
ASKED = (
    ("这7种散装商品是什么时候上架的？", "昨天下午到的货，晚上上的架。"),
    ("为什么没有标价签？", "价签机坏了，还没有来得及打印。"),
)


class Papers(Touch):
    """What is written down and signed."""

    # ── the inspection record ────────────────────────────────────────────────────────────

    def begin_record(self, cut: int) -> None:
        """Start writing the record; the story kills the tablet in the middle of a sentence."""
        self.tap_main("form")
        self._form()
        self.hands.type("findings", FINDINGS[:cut])
        self.hands.wait_for(lambda: self.app.program.routes.writing.keeper.settled)
        self.shot("11-form-draft")

    def draft(self) -> dict[str, str]:
        """What of the record's draft is still there."""
        self.tap_main("form")
        return {"findings": self._field("findings")}

    def finish_record(self) -> None:
        """Complete, read, signed by the party and both officers."""
        self._form()
        self.hands.type("recusal", HEARD)
        self.hands.type("findings", FINDINGS)
        self._printed()
        self.shot("13-record-form")
        self.hands.tap("main")

    # ── the interview ────────────────────────────────────────────────────────────────────

    def interview(self, id_no: str, asked: Sequence[Sequence[str]] = ASKED) -> dict[str, int]:
        """Who is asked, the first question out of the guide, the others typed; read over."""
        hands = self.hands
        hands.wait_for("inspection", timeout=60)
        hands.tap("act.interview")
        hands.wait_for("interview")
        for key, words in (
            ("interviewee", PARTY_SIGNS),
            ("interviewee_id", id_no),
            ("relation", "店长"),
            ("recusal", HEARD),
        ):
            hands.type(key, words)
        hands.tap("tab.talk")
        hands.tap("guide.0.0")
        self._answer("看清楚了。")
        for question, answer in asked:
            hands.type("line", f"{question}\n")
            self._answer(answer)
        self.shot("15-interview")
        hands.tap("tab.check")
        hands.wait_for(lambda: bool(self.view.preview.pages), timeout=60)
        hands.tap("read_by")
        hands.tap("read_by.被询问人自己阅读")
        self.shot("16-interview-read-over")
        hands.tap("main")
        hands.wait_for("sign", timeout=60)
        return {"questions": 1 + len(asked), "pages": len(self.view.pages)}

    def _answer(self, words: str) -> None:
        self.hands.wait_for(lambda: self.view.part == "a")
        self.hands.type("line", f"{words}\n")
        self.hands.wait_for(lambda: self.view.part == "q")

    # ── the order to correct ─────────────────────────────────────────────────────────────

    def order_correction(self, days: int) -> None:
        """What is to be put right until which day."""
        hands = self.hands
        hands.wait_for("inspection", timeout=60)
        hands.tap("act.correction")
        self._form()
        hands.type("measure", TO_CORRECT)
        hands.tap("deadline.calendar")
        hands.wait_for("date.confirm")
        until = local_day(self.app.program.desk.clock.wall_ms()) + timedelta(days=days)
        while hands.seek(f"date.{until}") is None:
            hands.tap("date.later")
        hands.tap(f"date.{until}")
        hands.tap("date.confirm")
        self._printed()
        hands.wait_for(lambda: self.view.ready, timeout=30)
        self.shot("18-correction-form")
        hands.tap("main")

    def document(self, kind: str) -> dict[str, Any]:
        """A document that was issued: its number, its pages, and how it is sealed."""
        self.hands.wait_for("inspection", timeout=60)
        found = [
            one
            for one in self.app.program.desk.case.state.documents
            if one.issued.statement.document.value == kind
        ]
        issued = found[-1].issued.statement
        return {
            "number": issued.number,
            "pages": issued.pages,
            "seal": issued.seal or "",
            "served": bool(found[-1].served),
        }

    # ── the decision on the spot ─────────────────────────────────────────────────────────

    def hear(self) -> None:
        """The party is told what is intended, and heard."""
        hands = self.hands
        hands.wait_for("inspection", timeout=60)
        hands.tap("act.statement")
        self._form()
        hands.type("fine", FINE)
        hands.type("defence", DEFENCE)
        hands.type("reply", REPLY)
        self.shot("20-hearing")
        self.tap_main("inspection")

    def decide(self, too_much: str, fine: str) -> dict[str, Any]:
        """The decision: first over the ceiling, which is stopped, then within it."""
        hands = self.hands
        hands.tap("act.decision")
        self._form()
        hands.type("facts", FACTS)
        hands.type("fine", too_much)
        self._printed()
        hands.wait_for(lambda: not self.view.ready)
        self.shot("21-decision-blocked")
        blocked = [note.title for note in self.view.all_notes if note.level == "block"]
        hands.type("fine", fine)
        self._printed()
        hands.wait_for(lambda: self.view.ready, timeout=30)
        self.shot("22-decision-form")
        hands.tap("main")
        return {"blocked": blocked}

    # ── signing and handing over ─────────────────────────────────────────────────────────

    def sign(self, pins: dict[str, str], shot: str) -> dict[str, int]:
        """The party, then each officer by hand and PIN; both keys sign in one step. How many
        hands the party gave: one under every page that asks for it, one under the whole."""
        hands, party = self.hands, 0
        hands.wait_for("sign", timeout=60)
        while self.view.stage == "party":
            turn = self.view.turn.key
            self.ink(PARTY_SIGNS)
            if not party:
                self.shot(f"{shot}-party")
            hands.tap("main")
            hands.wait_for(lambda turn=turn: self.view.turn.key != turn, timeout=60)
            party += 1
        for cert_no, pin in pins.items():
            hands.wait_for(lambda who=cert_no: self.view.current == who, timeout=60)
            self.ink(self.officer_name(cert_no))
            self.shot(f"{shot}-{cert_no[-3:]}")
            hands.tap("main")
            hands.wait_for("sign.pin")
            hands.pin(pin)
            hands.wait_for(lambda who=cert_no: self._has_signed(who), timeout=60)
        return {"hands": party}

    def serve(self) -> None:
        """Handed over on the spot; the receiver signs."""
        self.hands.wait_for("serve", timeout=60)
        self.ink(PARTY_SIGNS)
        self.shot("24-serve")
        self.tap_main("inspection")

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _form(self) -> None:
        """Wait for the form, and until its last field stands: nothing moves any more."""
        self.hands.wait_for("form")
        screen = self.app.root.screen
        self.hands.wait_for(lambda: len(screen.ids.fields.children) == len(self.view.fields))

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
