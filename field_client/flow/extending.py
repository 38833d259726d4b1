"""A longer term for what is sealed or seized: once, by thirty days at most (ACL 25).

    held until 18 December ──── the head allows it ──── told to the party ──── 17 January

The head is asked first; then the party reads the reasons and the new day, and signs. After the
last day nothing is extended any more: the property goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from field_client import measures
from field_client.flow import terms
from field_client.flow.answering import Asked
from field_client.flow.filling import field
from field_client.flow.held import NOBODY, Held
from field_client.flow.matters import answer_to, request_for
from field_client.flow.property import ask_approval, item_line
from field_client.inspection import Answer
from field_client.store.drafts import Answers
from field_client.ui.presenters.common import Choice, Fix, RuleNote, iso_words
from protocol.reference import FieldSpec
from protocol.statements import MeasureExtended, Statement
from protocol.vocabulary import ApprovalSubject

EXTENSION = ApprovalSubject.MEASURE_EXTENSION
WHY = ("案情复杂，证据尚需进一步核实。", "检验、检测结果尚未出具，需要继续调查。")


class Extending(Held):
    """The form of a longer term."""

    @property
    def name(self) -> str:
        return f"extend.{self._record[:16]}"

    @property
    def _ends(self) -> str:
        return self._taken.statement.until_on or ""

    def _so_far(self) -> str:
        days = (self._taken.statement.from_on, self._ends)
        return " – ".join(iso_words(self._desk._, day) for day in days if day)

    def title(self) -> str:
        label = self._taken.statement.measure.label(self._desk.language)
        return self._desk._("Longer term: {measure}").format(measure=label)

    # ── fields ───────────────────────────────────────────────────────────────────────────

    def fields(self) -> list[FieldSpec]:
        taken = self._taken.statement
        held = "\n".join(item_line(n, one) for n, one in enumerate(taken.items, 1))
        return [
            field("held", "fixed", "财物", "Property", text=held),
            field("term", "fixed", "原期限", "Term so far", text=self._so_far()),
            field("approval", "choice", "机关负责人批准", "Approval by the agency's head"),
            field(
                "until_on",
                "date",
                "延长至",
                "Until",
                help_zh="期限只能延长一次，延长不得超过三十日",
                help_en="Once, and by thirty days at most",
            ),
            field("reason", "multiline", "延长的理由", "Reasons", phrases=WHY),
        ]

    def first(self) -> Answers:
        until = date.fromisoformat(self._ends) + timedelta(days=terms.HELD_DAYS)
        return {"approval": "granted" if self._granted() else "", "until_on": until.isoformat()}

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        _ = self._desk._
        closed = "" if self._granted() else _("no approval yet")
        return {"approval": (Choice("granted", _("Approved"), closed),)}

    def _granted(self) -> str:
        return terms.leave_to_extend(self._desk.case.state, self._record)

    # ── notes ────────────────────────────────────────────────────────────────────────────

    def approval(self) -> RuleNote | None:
        """What the head was asked and said, until a longer term is allowed."""
        if self._granted():
            return None
        desk, _ = self._desk, self._desk._
        state, clause = desk.case.state, desk.words("《行政强制法》第二十五条", "ACL 25")
        request = request_for(state, EXTENSION, self._record)
        said = answer_to(state, request.id, EXTENSION) if request is not None else None
        if request is None:
            title = _("The head of the agency approves a longer term first")
            text = _("Ask now; the request goes with the next contact.")
            way = Fix("ask.measure", _("Ask for approval"))
        elif said is not None and not said.granted:
            title, text = _("The head of the agency did not approve"), said.reason
            way = Fix("ask.measure", _("Ask again"))
        else:
            title = _("Approval was asked for and is awaited")
            text = _("It comes with the next contact.")
            way = Fix("sync_now", _("Try now"))
        return RuleNote("warn", title, text, clause, (way,))

    def fix(self, key: str) -> None:
        """Ask the head; or say why a warning is gone against."""
        if key != "ask.measure":
            super().fix(key)
            return
        label = EXTENSION.label(self._desk.language)
        ask_approval(self._desk, EXTENSION, self._record, label, self.refresh, phrases=WHY)

    # ── the statement ────────────────────────────────────────────────────────────────────

    def _said(self) -> dict[str, Any]:
        return {
            "measure": self._record,
            "approval": self._granted(),
            "reason": self.answer("reason"),
            "until_on": date.fromisoformat(self.answer("until_on")).isoformat(),
        }

    def proposed(self) -> Statement | None:
        """None while a field is empty, which the form says by itself."""
        if not self._granted() or not self.answer("until_on") or not self.answer("reason"):
            return None
        fields = {**self._said(), "party_act": NOBODY}
        return measures.proposed(self._desk.case, MeasureExtended, fields)

    def finished(self) -> None:
        """To the party: it is told in writing, with the reasons."""
        if not self._granted():
            self.refresh()
            return
        desk, case, said, reasons = self._desk, self._desk.case, self._said(), dict(self._reasons)

        def answered(answer: Answer) -> None:
            self.put_on_record(lambda: measures.extend(case, said, answer, reasons))

        self._answering.begin(
            Asked(
                title=self.title(),
                facts=(
                    (desk._("Term so far"), self._so_far()),
                    (desk._("Longer term"), iso_words(desk._, said["until_on"])),
                    (desk._("Reasons"), said["reason"]),
                    (desk._("Basis"), desk.words("《行政强制法》第二十五条", "ACL 25")),
                ),
                lines=tuple(item_line(n, x) for n, x in enumerate(self._taken.statement.items, 1)),
                attested="may",
                back=self.show,
            ),
            answered,
        )
