"""One record of the timeline in full: what it says, who signed it, where it stands."""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow import timeline
from field_client.flow.desk import Desk
from field_client.flow.matters import matters
from field_client.flow.property import item_line
from field_client.store.tables import Stage
from field_client.ui.presenters.common import clock_words, date_words
from field_client.ui.presenters.record import CorrectionView, RecordView
from protocol.case import CaseState, TimelineEntry
from protocol.statements import (
    ApprovalAsked,
    Corrected,
    DocumentIssued,
    MeasureEnded,
    MeasureTaken,
    MediaCaptured,
    StatementTaken,
)
from protocol.timeline import capital


class Recounting:
    """The record screen."""

    def __init__(self, desk: Desk, correct: Callable[[str], None]) -> None:
        self._desk = desk
        self._correct = correct
        self._record = ""

    def show(self, record: str) -> None:
        """Look at a record of the inspection under way."""
        self._record = record
        self.reshow()

    def reshow(self) -> None:
        """The same again."""
        state = self._desk.case.state
        entry = next((one for one in state.timeline if one.record.hex() == self._record), None)
        if entry is not None:
            self._desk.shell.show("record", self._view(state, entry))

    def correct(self) -> None:
        """Begin a correction of it."""
        self._correct(self._record)

    def _view(self, state: CaseState, entry: TimelineEntry) -> RecordView:
        desk = self._desk
        stage = timeline.stages(desk, desk.case.case).get(entry.record, Stage.SAVED)
        way, way_word = self._way(state)
        return RecordView(
            frame=desk.frame(desk._("A record"), desk.case.opening.party.name),
            title=desk.words(entry.zh, capital(entry.en)),
            detail=timeline.detail(desk, entry),
            facts=self._facts(state, entry),
            stage=stage.value,
            stage_detail=self._came(stage),
            corrections=tuple(self._corrections(state)),
            correct=desk._("Correct this record") if self._own(state, entry) else "",
            lines=tuple(line for line in self._lines(state) if line),
            way=way,
            way_word=way_word,
        )

    def _way(self, state: CaseState) -> tuple[str, str]:
        """Where the record leads: an open matter is settled, document and recording are shown."""
        _ = self._desk._
        ways = (f"end.{self._record}", f"ask.{self._record}")
        open_ = next((one.key for one in matters(self._desk, state) if one.key in ways), "")
        if open_:
            return open_, _("Settle it now")
        said = next(one.statement for one in state.records if one.id == self._record)
        if isinstance(said, DocumentIssued):
            return f"view.{self._record}", _("Read the document")
        if isinstance(said, MediaCaptured):
            return f"play.{self._record}", _("Look at the recording")
        return "", ""

    def _facts(self, state: CaseState, entry: TimelineEntry) -> tuple[tuple[str, str], ...]:
        desk, reference = self._desk, self._desk.open_tablet.shelf.current
        names = []
        for key in _signers(state, entry):
            officer = reference.officer_of_key(key.hex(), entry.at)
            names.append(officer.name if officer else desk._("the office"))
        when = f"{date_words(desk._, entry.at)} {clock_words(entry.at)}"
        rows = (
            (desk._("Time"), when),
            (desk._("Signed by"), desk._(", ").join(dict.fromkeys(names))),
            (desk._("Step"), entry.step.heading(desk.language) if entry.step else ""),
            (desk._("Record no."), entry.record.hex()[:16]),
        )
        return tuple((label, value) for label, value in rows if value)

    def _came(self, stage: Stage) -> str:
        _ = self._desk._
        return {
            Stage.SAVED: _("On this tablet, encrypted"),
            Stage.SENT: _("On its way to the centre"),
            Stage.RECEIPTED: _("In the centre's log, proved"),
            Stage.STORED: _("The centre holds it with all its files"),
            Stage.ARCHIVED: _("In a sealed case file"),
        }[stage]

    def _lines(self, state: CaseState) -> list[str]:
        """What does not fit on the timeline's line."""
        said = next(one.statement for one in state.records if one.id == self._record)
        if isinstance(said, MeasureTaken):
            items = [item_line(n, one) for n, one in enumerate(said.items, 1)]
            return [*items, said.basis, said.told, said.defence, said.reply]
        if isinstance(said, MeasureEnded):
            return [*(item_line(n, one) for n, one in enumerate(said.items, 1)), said.reason]
        if isinstance(said, StatementTaken):
            return [said.told, said.defence, said.reply]
        if isinstance(said, ApprovalAsked):
            return [said.reason]
        if isinstance(said, Corrected):
            return [said.text]
        return []

    def _corrections(self, state: CaseState) -> list[CorrectionView]:
        return [
            CorrectionView(clock_words(one.statement.at), one.statement.reason, one.statement.text)
            for one in state.corrections
            if one.statement.record == self._record
        ]

    def _own(self, state: CaseState, entry: TimelineEntry) -> bool:
        """What the office stated is the office's to correct."""
        reference = self._desk.open_tablet.shelf.current
        signed = (reference.officer_of_key(k.hex(), entry.at) for k in _signers(state, entry))
        return any(signed) and bool(self._desk.duty)


def _signers(state: CaseState, entry: TimelineEntry) -> tuple[bytes, ...]:
    return next(one.signers for one in state.records if one.hash == entry.record)
