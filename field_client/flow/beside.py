"""What happens beside the acts: a record corrected, a fine taken in cash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from field_client import measures
from field_client.documents.values import read_money
from field_client.flow.desk import Desk
from field_client.flow.filling import Filling, field
from field_client.flow.terms import calendar_of
from field_client.store.drafts import Answers
from field_client.ui.presenters.common import Choice, Problem, RuleNote
from protocol.calendar import local_day
from protocol.errors import FujieError
from protocol.reference import FieldSpec
from protocol.statements import Corrected, FineCollected, Statement
from protocol.timeline import yuan
from protocol.vocabulary import CashGround

HAND_IN_DAYS = 2  # working days, APL 71, 85


class Correcting(Filling):
    """The record stays; what is right stands beside it, with its reason."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        super().__init__(desk, done)
        self._record = ""

    def begin(self, record: str) -> None:
        """Correct a record of the inspection under way, a closed one too."""
        self._record = record
        self.show()

    @property
    def name(self) -> str:
        return f"correct.{self._record[:16]}"

    def title(self) -> str:
        return self._desk._("Correct a record")

    def fields(self) -> list[FieldSpec]:
        return [
            field("before", "fixed", "原记录", "The record as it is", text=self._before()),
            field(
                "reason",
                "text",
                "更正原因",
                "Why it is corrected",
                help_zh="例如：金额写错、地点听错",
                help_en="For example: a wrong amount, a place misheard",
            ),
            field(
                "text",
                "multiline",
                "更正为",
                "What is right",
                help_zh="写完整的正确内容；原记录保留，更正由两名执法人员签名",
                help_en="Write all of it as it should be; the record stays, both officers sign",
            ),
        ]

    def _before(self) -> str:
        desk = self._desk
        for one in desk.case.state.timeline:
            if one.record.hex() == self._record:
                title = desk.words(one.zh, one.en)
                detail = desk.words(one.detail_zh, one.detail_en)
                return f"{title}\n{detail}" if detail else title
        return ""

    def proposed(self) -> Statement | None:
        if not (self.answer("reason") and self.answer("text")):
            return None
        return measures.proposed(self._desk.case, Corrected, self._said())

    def _said(self) -> dict[str, Any]:
        return {
            "record": self._record,
            "reason": self.answer("reason"),
            "text": self.answer("text"),
        }

    def finished(self) -> None:
        case, said = self._desk.case, self._said()

        self.put_on_record(lambda: measures.correct(case, **said))


class Collecting(Filling):
    """Cash is taken only in the cases of the law, and handed in within two working days."""

    @property
    def name(self) -> str:
        return "collect"

    def title(self) -> str:
        return self._desk._("Collect the fine")

    def show(self) -> None:
        """The form, where there is a decision with a fine."""
        if self._decision() is None:
            _ = self._desk._
            self._desk.shell.tell(
                Problem(
                    _("There is no fine to collect"),
                    _("Cash is taken only for a fine that was decided on the spot."),
                    "warning",
                )
            )
            return
        super().show()

    def _decision(self) -> Any:
        found = [
            one.issued
            for one in self._desk.case.state.decisions
            if one.issued.statement.decision and one.issued.statement.decision.fine
        ]
        return found[-1] if found else None

    def fields(self) -> list[FieldSpec]:
        return [
            field("ground", "choice", "当场收缴的情形", "Why it is collected on the spot"),
            field("amount", "money", "收缴金额", "Amount collected"),
            field(
                "receipt_no",
                "text",
                "财政票据号码",
                "Number of the fiscal receipt",
                help_zh="没有国务院财政部门或者省级财政部门统一制发的专用票据，当事人有权拒缴",
                help_en="Without an official fiscal receipt the party may refuse to pay (APL 70)",
            ),
            field("hand_in_by", "date", "交至本机关的期限", "To be handed in by"),
        ]

    def first(self) -> Answers:
        desk = self._desk
        fine = self._decision().statement.decision.fine
        today = local_day(desk.clock.wall_ms())
        try:
            due = calendar_of(desk).add_working_days(today, HAND_IN_DAYS).isoformat()
        except FujieError:
            due = ""
        return {"amount": fine, "hand_in_by": due}

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        language = self._desk.language
        return {"ground": tuple(Choice(one.value, one.heading(language)) for one in CashGround)}

    def notes(self) -> tuple[RuleNote, ...]:
        _ = self._desk._
        if self._decision() is None:
            return ()
        fine = yuan(self._decision().statement.decision.fine)
        return (
            RuleNote(
                "warn",
                _("The fine is {amount} yuan; the rule is that the party pays at the bank").format(
                    amount=fine
                ),
                _("Officers take cash only in the cases of the law, against a fiscal receipt."),
                self._desk.words("《行政处罚法》第六十七条至第七十一条", "APL 67–71"),
            ),
        )

    def _said(self) -> dict[str, Any] | None:
        amount = read_money(self.answer("amount"))
        if not amount or not self.answer("ground") or not self.answer("hand_in_by"):
            return None
        return {
            "issued": self._decision().id,
            "ground": CashGround(self.answer("ground")),
            "receipt_no": self.answer("receipt_no"),
            "amount": amount,
            "hand_in_by": self.answer("hand_in_by"),
        }

    def proposed(self) -> Statement | None:
        said = self._said()
        return measures.proposed(self._desk.case, FineCollected, said) if said else None

    def finished(self) -> None:
        case, said = self._desk.case, self._said()
        if said is None:
            return

        self.put_on_record(lambda: measures.collect(case, said))
