"""What is on this tablet to go on with: tasks, inspections, parties; found by name or code.

    known = Known(desk)
    known.load()                          decodes what is new, away from the screen
    known.inspections(), known.tasks(), known.parties()
    found(known, "禾穗")                   rows under their headings

An inspection's party stands in its opening record, so openings are read once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from field_client.flow.desk import Desk, stage_of
from field_client.store import damaged
from field_client.store.tables import CaseRow, LinkRow, Stage, StatementRow
from field_client.tasks import Task, open_tasks
from field_client.ui.presenters.common import Chip, iso_words, moment_words
from field_client.ui.presenters.today import (
    Heading,
    InspectionTile,
    PartyTile,
    Row,
    TaskTile,
    count_words,
)
from protocol.calendar import local_day
from protocol.statements import InspectionOpened, Party

RECENT = 8
SOON_DAYS = 2


@dataclass(frozen=True)
class Visited:
    """An inspection as the tablet lists it, with its party and how far its records are."""

    case: bytes
    party: Party
    label: str
    opened_at: int
    closed: bool
    stage: Stage


class Known:
    """What the lists are made of. ``load`` may run on any thread; the rest only reads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._openings: dict[bytes, InspectionOpened] = {}
        self._visited: tuple[Visited, ...] = ()
        self._tasks: tuple[Task, ...] = ()
        self.whole = False  # every inspection of this tablet was read

    def load(self, most: int | None = None) -> None:
        """Read anew, all or the newest inspections; what was read before is not decoded again."""
        vault = self._desk.open_tablet.vault
        with vault.session() as session:
            newest = select(CaseRow).order_by(col(CaseRow.opened_at).desc())
            cases = session.exec(newest.limit(most) if most else newest).all()
            unknown = [one.case_id for one in cases if one.case_id not in self._openings]
            rows = session.exec(
                select(StatementRow).where(col(StatementRow.record_hash).in_(unknown))
            ).all()
            behind = session.exec(
                select(StatementRow.case_id, LinkRow.stage)
                .join(LinkRow, col(LinkRow.record_hash) == col(StatementRow.record_hash))
                .where(col(StatementRow.case_id).in_([one.case_id for one in cases]))
                .group_by(col(StatementRow.case_id), col(LinkRow.stage))
            ).all()
        for row in rows:
            said = damaged.readable(row)
            if isinstance(said, InspectionOpened):
                self._openings[row.record_hash] = said
        stages: dict[bytes, list[str]] = {}
        for case_id, stage in behind:
            stages.setdefault(case_id or b"", []).append(stage)
        fresh = tuple(
            Visited(
                one.case_id,
                opening.party,
                one.label,
                one.opened_at,
                one.closed_at is not None,
                stage_of(stages.get(one.case_id, [])),
            )
            for one in cases
            if (opening := self._openings.get(one.case_id)) is not None
        )
        older = [one for one in self._visited if one.case not in {x.case for x in fresh}]
        self._visited = (*fresh, *older)
        self._tasks = tuple(open_tasks(vault, self._desk.clock.wall_ms()))
        self.whole = self.whole or most is None or len(cases) < most

    def opening(self, case: bytes) -> InspectionOpened | None:
        """The opening record of an inspection on this tablet."""
        return self._openings.get(case)

    def task(self, key: str) -> Task | None:
        """The task of this record, hex."""
        return next((one for one in self._tasks if one.id == key), None)

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """Tasks that are still to be done."""
        return self._tasks

    @property
    def visited(self) -> tuple[Visited, ...]:
        """Every inspection on this tablet, the newest first."""
        return self._visited

    def parties(self, text: str = "", most: int = RECENT) -> tuple[PartyTile, ...]:
        """Parties inspected from here, each once, the latest first."""
        found: dict[str, PartyTile] = {}
        for one in self._visited:
            party = one.party
            key = party.id_code or party.name
            if key not in found and matches(text, party.name, party.id_code):
                detail = party.id_code or party.address
                found[key] = PartyTile(one.case.hex(), party.name, detail)
            if len(found) == most:
                break
        return tuple(found.values())

    # ── rows ─────────────────────────────────────────────────────────────────────────────

    def task_rows(self, text: str = "") -> tuple[TaskTile, ...]:
        """Tasks as rows, the most urgent first."""
        return tuple(
            self._task(one)
            for one in self._tasks
            if matches(text, one.said.party.name, one.said.party.id_code)
        )

    def inspection_rows(self, *, closed: bool, text: str = "") -> tuple[InspectionTile, ...]:
        """Inspections as rows, the newest first."""
        return tuple(
            self._inspection(one)
            for one in self._visited
            if one.closed is closed and matches(text, one.party.name, one.party.id_code, one.label)
        )

    def _task(self, one: Task) -> TaskTile:
        desk, task = self._desk, one.said
        item = desk.open_tablet.shelf.current.item(task.item)
        words = [task.source.heading(desk.language), item.name if item else task.item, task.number]
        return TaskTile(
            key=one.id,
            title=task.party.name,
            detail=" · ".join(word for word in words if word),
            count=count_words(desk._, one.times - 1, task.yearly_cap, one.counted_in),
            due=self._due(task.due_on),
            full=one.over_cap,
        )

    def _due(self, day: str | None) -> Chip:
        _ = self._desk._
        if not day:
            return Chip("calendar", _("No due day"))
        today = local_day(self._desk.clock.wall_ms())
        left = (date.fromisoformat(day) - today).days
        words = iso_words(_, day)
        if left < 0:
            return Chip("alert-triangle", _("Overdue since {day}").format(day=words), "danger")
        if left == 0:
            return Chip("calendar-due", _("Due today"), "warning")
        tone = "warning" if left <= SOON_DAYS else "plain"
        return Chip("calendar", _("By {day}").format(day=words), tone)  # type: ignore[arg-type]

    def _inspection(self, one: Visited) -> InspectionTile:
        desk = self._desk
        state = (
            Chip("circle-check", desk._("Closed"), "success")
            if one.closed
            else Chip("clock", desk._("Under way"), "accent")
        )
        when = moment_words(desk._, one.opened_at, desk.clock.wall_ms())
        return InspectionTile(
            one.case.hex(), one.party.name, f"{one.label} · {when}", state, one.stage.value
        )


def found(desk: Desk, known: Known, text: str) -> tuple[Row, ...]:
    """All that a search finds, under headings."""
    _ = desk._
    parts: tuple[tuple[str, tuple[Row, ...]], ...] = (
        (_("Tasks"), known.task_rows(text)),
        (_("Under way"), known.inspection_rows(closed=False, text=text)),
        (_("Finished"), known.inspection_rows(closed=True, text=text)),
        (_("New inspection of"), known.parties(text)),
    )
    rows: list[Row] = []
    for words, part in parts:
        if part:
            rows += [Heading(f"heading.{words}", words), *map(_apart, part)]
    return tuple(rows)


def _apart(row: Row) -> Row:
    """A party's row has the key of the inspection that it was seen in: told apart from it."""
    if isinstance(row, PartyTile):
        return PartyTile(f"seen.{row.key}", row.title, row.detail)
    return row


def matches(text: str, *values: str) -> bool:
    """Whether a search finds one of the values: by a part of a name, or of a code."""
    wanted = "".join(text.split()).casefold()
    return not wanted or any(wanted in "".join(one.split()).casefold() for one in values)
