"""The rows of the timeline, newest first, each with how far its record has come."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, select

from field_client.flow.desk import Desk
from field_client.store.tables import LinkRow, Stage, StatementRow
from field_client.ui.presenters.common import clock_words
from field_client.ui.presenters.inspection import TimelineRow
from protocol.case import CaseState, TimelineEntry
from protocol.timeline import capital, named


def rows(desk: Desk, state: CaseState, stages: Mapping[bytes, Stage]) -> tuple[TimelineRow, ...]:
    """All acts on record."""
    corrected = {one.statement.record for one in state.corrections}
    entries = list(reversed(state.timeline))
    return tuple(
        _row(desk, one, stages, one.record.hex() in corrected, (at == 0, at == len(entries) - 1))
        for at, one in enumerate(entries)
    )


def stages(desk: Desk, case: bytes) -> dict[bytes, Stage]:
    """How far each record of the case has come."""
    with desk.open_tablet.vault.session() as session:
        found = session.exec(
            select(LinkRow.record_hash, LinkRow.stage)
            .join(StatementRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
            .where(StatementRow.case_id == case)
        ).all()
    return {record: Stage(stage) for record, stage in found}


def _row(
    desk: Desk,
    entry: TimelineEntry,
    stages: Mapping[bytes, Stage],
    corrected: bool,
    ends: tuple[bool, bool],
) -> TimelineRow:
    return TimelineRow(
        time=clock_words(entry.at),
        title=desk.words(entry.zh, capital(entry.en)),
        detail=named(entry.kind, detail(desk, entry), desk.officer_name),
        # The office's own records came here with their receipts.
        stage=stages.get(
            entry.record, Stage.SAVED if entry.index is None else Stage.RECEIPTED
        ).value,
        key=entry.record.hex(),
        corrected=corrected,
        first=ends[0],
        last=ends[1],
    )


def detail(desk: Desk, entry: TimelineEntry) -> str:
    """What stands under the title, a line of its own; a name or a code stays as it is written."""
    english = entry.detail_en
    own = capital(english) if english != entry.detail_zh else english
    return desk.words(entry.detail_zh, own)
