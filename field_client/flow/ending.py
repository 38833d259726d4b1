"""What becomes of property under a measure, and the party's wish that officers step back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from field_client import measures
from field_client.flow import terms
from field_client.flow.answering import Answering, Asked
from field_client.flow.desk import Desk
from field_client.flow.filling import Filling, field
from field_client.flow.held import NOBODY, Held
from field_client.flow.property import item_line
from field_client.inspection import Answer
from field_client.store.drafts import Answers
from field_client.ui.presenters.common import Choice, Fix, RuleNote
from protocol.calendar import local_day
from protocol.reference import FieldSpec
from protocol.statements import MeasureEnded, Statement
from protocol.vocabulary import Measure, MeasureEnd

# What may become of property that was preserved as evidence (APL 56), and of what was sealed or
# seized (ACL 27, 28), as far as officers do it on the spot.
ENDS = {
    Measure.PRESERVATION: (
        MeasureEnd.EVIDENCE_KEPT,
        MeasureEnd.TESTED,
        MeasureEnd.TO_MEASURE,
        MeasureEnd.RELEASED,
        MeasureEnd.TRANSFERRED,
    ),
    Measure.SEAL: (MeasureEnd.RELEASED, MeasureEnd.TRANSFERRED),
    Measure.SEIZE: (MeasureEnd.RELEASED, MeasureEnd.TRANSFERRED),
}


class Ending(Held):
    """The outcome of one measure."""

    @property
    def name(self) -> str:
        return f"end.{self._record[:16]}"

    def title(self) -> str:
        label = self._taken.statement.measure.label(self._desk.language)
        return self._desk._("End of {measure}").format(measure=label)

    def fields(self) -> list[FieldSpec]:
        items = self._taken.statement.items
        held = "\n".join(item_line(n, one) for n, one in enumerate(items, 1))
        return [
            field("held", "fixed", "财物", "Property", text=held),
            field("end", "choice", "处理结果", "What becomes of it"),
            field("on", "date", "处理日期", "Day"),
            field(
                "reason",
                "multiline",
                "理由",
                "Reasons",
                phrases=("证据已经提取，不需要继续保存。", "期限届满，依法解除。"),
            ),
        ]

    def first(self) -> Answers:
        return {"on": local_day(self._desk.clock.wall_ms()).isoformat()}

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        ends = ENDS.get(self._taken.statement.measure, tuple(MeasureEnd))
        return {"end": tuple(Choice(one.value, one.heading(self._desk.language)) for one in ends)}

    def notes(self) -> tuple[RuleNote, ...]:
        """What is sealed or seized may be held longer, once."""
        desk, _ = self._desk, self._desk._
        if not terms.extendable(desk.case.state, self._taken):
            return ()
        return (
            RuleNote(
                "warn",
                _("The term may be extended once, by 30 days at most"),
                _("The head of the agency approves it, and the party is told why."),
                desk.words("《行政强制法》第二十五条", "ACL 25"),
                (Fix(f"extend.{self._record}", _("Extend the term")),),
            ),
        )

    def _said(self) -> dict[str, Any]:
        return {
            "measure": self._record,
            "end": MeasureEnd(self.answer("end")),
            "items": [],
            "on": self.answer("on"),
            "place": self._desk.case.opening.place,
            "approval": None,
            "reason": self.answer("reason"),
        }

    def proposed(self) -> Statement | None:
        if not self.answer("end") or not self.answer("on"):
            return None
        fields = {**self._said(), "party_act": NOBODY}
        return measures.proposed(self._desk.case, MeasureEnded, fields)

    def finished(self) -> None:
        """To the party."""
        desk, case, said, reasons = self._desk, self._desk.case, self._said(), dict(self._reasons)

        def answered(answer: Answer) -> None:
            self.put_on_record(lambda: measures.end(case, said, answer, reasons))

        items = self._taken.statement.items
        self._answering.begin(
            Asked(
                title=self.title(),
                facts=(
                    (desk._("Outcome"), said["end"].heading(desk.language)),
                    (desk._("Day"), said["on"]),
                    (desk._("Reasons"), said["reason"]),
                ),
                lines=tuple(item_line(n, one) for n, one in enumerate(items, 1)),
                attested="may",
                back=self.show,
            ),
            answered,
        )


class Recusing(Filling):
    """The party asks that officers step back; the head decides, and the work goes on (APL 43)."""

    def __init__(self, desk: Desk, done: Callable[[], None], answering: Answering) -> None:
        super().__init__(desk, done)
        self._answering = answering

    @property
    def name(self) -> str:
        return "recusal"

    def title(self) -> str:
        return self._desk._("Recusal asked for")

    def fields(self) -> list[FieldSpec]:
        return [
            field("officers", "choice", "申请回避的执法人员", "Who should step back"),
            field(
                "reason",
                "multiline",
                "当事人说的理由",
                "Reasons as the party says them",
                help_zh="如实写明；回避由机关负责人决定，决定之前不停止调查",
                help_en="As it was said. The head decides; until then the work goes on (APL 43)",
                phrases=("与当事人有直接利害关系。", "与案件有其他关系，可能影响公正执法。"),
            ),
        ]

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        desk = self._desk
        each = [Choice(one, desk.officer_name(one)) for one in desk.case.state.officers]
        both = Choice(",".join(one.key for one in each), desk._("All of them"))
        return {"officers": (*each, both)}

    def _said(self) -> dict[str, Any]:
        return {"officers": self.answer("officers").split(","), "reason": self.answer("reason")}

    def go_on(self) -> str:
        return self._desk._("The party checks and signs")

    def finished(self) -> None:
        """To the party."""
        desk, case, said = self._desk, self._desk.case, self._said()

        def answered(answer: Answer) -> None:
            self.put_on_record(lambda: measures.ask_recusal(case, said, answer))

        names = desk._(", ").join(map(desk.officer_name, said["officers"]))
        self._answering.begin(
            Asked(
                title=self.title(),
                facts=((desk._("Officers"), names), (desk._("Reasons"), said["reason"])),
                lines=(desk._("The head of the agency decides. Until then the work goes on."),),
                attested="never",
                back=self.show,
            ),
            answered,
        )
