"""Ending an inspection: the rules are asked for the outcome chosen, and name what is missing."""

from __future__ import annotations

from collections.abc import Callable

from field_client import measures
from field_client.flow.desk import Desk
from field_client.flow.matters import matters
from field_client.flow.overriding import OVERRIDE, Judged, ask_why
from field_client.ui.presenters.closing import ClosingView, MissingStep, closing_label
from field_client.ui.presenters.common import Choice, Fix, Message, Problem, RuleNote
from protocol.case import CaseState
from protocol.rules import Judgement, missing
from protocol.statements import InspectionClosed
from protocol.vocabulary import DocumentKind, Outcome


class Closing:
    """The closing screen."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._case = b""
        self._outcome: Outcome | None = None
        self._note = ""
        self._reasons: dict[str, str] = {}

    def show(self) -> None:
        """What is missing, and the outcomes. A recording under way is stopped first."""
        desk = self._desk
        if desk.recording:
            desk.shell.tell(
                Problem(
                    desk._("A recording is running"),
                    desk._("Stop it first, so that it belongs to this inspection."),
                    "warning",
                    (Fix("evidence", desk._("To the camera")),),
                )
            )
            return
        if self._case != desk.case.case:
            self._case, self._note, self._reasons = desk.case.case, "", {}
            self._outcome = None
        if desk.case.state.decisions:
            self._outcome = Outcome.PENALISED_ON_SPOT
        desk.shell.show("closing", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("closing", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "closing":
            self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """The outcome or the note."""
        if key == "outcome":
            self._outcome = Outcome(value)
        elif key == "note":
            self._note = value
        self.refresh()

    def fix(self, key: str) -> None:
        """Why officers go on against a warning."""
        rule = key.removeprefix(OVERRIDE)

        def then(why: str) -> None:
            self._reasons[rule] = why
            self.refresh()

        if key.startswith(OVERRIDE):
            ask_why(self._desk, self._judgements(), rule, then)

    def close(self) -> None:
        """End it with the outcome that was chosen."""
        desk, case, outcome = self._desk, self._desk.case, self._outcome
        if outcome is None or not self._view().ready:
            self.refresh()
            return
        note, reasons = self._note.strip(), dict(self._reasons)
        desk.work(
            lambda: measures.close(case, outcome, note, reasons),
            lambda _: self._done(),
            waiting=desk._("Putting it on record…"),
        )

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _judgements(self) -> list[Judgement]:
        if self._outcome is None:
            return []
        case = self._desk.case
        proposed = measures.proposed(
            case, InspectionClosed, {"outcome": self._outcome, "note": self._note.strip()}
        )
        return case.office.journal.consider(proposed)

    def _view(self) -> ClosingView:
        desk, state = self._desk, self._desk.case.state
        judged = Judged(desk, self._judgements(), self._reasons)
        outcome = self._outcome.label(desk.language) if self._outcome else ""
        steps, open_matters = self._steps(state), matters(desk, state)
        notes = (*judged.notes, *self._unordered(state))
        clear = not steps and not notes and not open_matters
        return ClosingView(
            frame=desk.frame(desk._("End the inspection"), desk.case.opening.party.name),
            steps=steps,
            notes=notes,
            matters=open_matters,
            outcomes=tuple(self._choice(one, state) for one in Outcome),
            outcome=self._outcome.value if self._outcome else "",
            note=self._note,
            main_label=closing_label(
                desk._, blocks=judged.blocks, reasons=len(judged.unanswered), outcome=outcome
            ),
            ready=bool(self._outcome) and not judged.blocks and not judged.unanswered,
            message=Message("success", desk._("Everything that the law asks for is done"))
            if clear
            else None,
        )

    def _steps(self, state: CaseState) -> tuple[MissingStep, ...]:
        desk = self._desk
        left = missing(state, desk.open_tablet.shelf.current, desk.clock.wall_ms())
        return tuple(
            MissingStep(
                one.key,
                desk.words(one.zh, one.en),
                desk.words(one.clause, one.clause_en),
                desk._("Do it now"),
            )
            for one in left
            if one.required and not one.afterwards and one.key != "close"
        )

    def _unordered(self, state: CaseState) -> tuple[RuleNote, ...]:
        """That a correction was ordered is chosen, and no paper of the inspection orders one: at a
        re-check above all, whose order is another inspection's. No clause wants it in writing, so
        that it is told and stands in nobody's way."""
        desk, ordering = self._desk, (DocumentKind.CORRECTION_ORDER, DocumentKind.RESULT_NOTICE)
        if self._outcome is not Outcome.CORRECTED or any(
            one.issued.statement.document in ordering for one in state.documents
        ):
            return ()
        return (
            RuleNote(
                "warn",
                desk._("No order to correct was issued"),
                desk._(
                    "What is still to be corrected is ordered in writing. What a re-check found "
                    "corrected is no problem found; say so in the note."
                ),
                desk.words("《行政处罚法》第二十八条", "APL 28"),
                (Fix("paper.correction_order", desk._("Write the order")),),
            ),
        )

    def _choice(self, outcome: Outcome, state: CaseState) -> Choice:
        desk = self._desk
        decided = bool(state.decisions)
        closed = ""
        if outcome is Outcome.PENALISED_ON_SPOT and not decided:
            closed = desk._("no decision was made")
        elif outcome is not Outcome.PENALISED_ON_SPOT and decided:
            closed = desk._("a decision was made on the spot")
        return Choice(outcome.value, outcome.heading(desk.language), closed)
