"""The tasks that the office gave this tablet: assigned, not withdrawn, not begun here.

    for task in open_tasks(vault):
        task.said.party.name      云溪县禾穗食品有限公司
        task.times, task.said.yearly_cap      2, 2      (this inspection would be the second)
        task.counted_in                       0         (a count of this year; else its year)
        office.open(task.opening(number, cause), officers, reasons={…})

A task is a record of the office, proved like all that is pulled; it stands until the office
withdraws it. That it was begun on another tablet is not known here: the office says so by
withdrawing it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import select

from field_client.inspection import Opening
from field_client.store import office
from field_client.store.office import Counted
from field_client.store.tables import BegunRow
from field_client.store.vault import Vault
from protocol.calendar import local_day
from protocol.statements import TaskAssigned, TaskWithdrawn


@dataclass(frozen=True)
class Task:
    """One task: its record id (hex) and what the office said, with what was inspected since."""

    id: str
    counted: Counted

    @property
    def said(self) -> TaskAssigned:
        """What the office said."""
        return self.counted.said

    @property
    def times(self) -> int:
        """Which inspection of the party in this year it would be, as far as is known here: 1 is
        the first."""
        here = self.counted.here
        return (self.said.yearly_count if here is None else here) + 1

    @property
    def over_cap(self) -> bool:
        """Whether it would go above the party's cap for the year (IN-2); a cap of 0 is none."""
        return self.counted.full

    @property
    def counted_in(self) -> int:
        """The year that the office's count is of, where that is an earlier one; else 0."""
        return local_day(self.said.at).year if self.counted.here is not None else 0

    def opening(self, number: str, cause: str) -> Opening:
        """What the form is filled with, so that nobody types it again."""
        return Opening(
            party=self.said.party,
            place=self.said.place,
            item=self.said.item,
            number=number,
            cause=cause,
            task=self.id,
        )


def open_tasks(vault: Vault, now: int = 0) -> list[Task]:
    """The tasks that are still to do, the most urgent first, those without a day last; counted
    for the year of ``now`` (ms), or of the task itself."""
    with vault.session() as session:
        withdrawn = {
            one.statement.task
            for one in office.of_kind(session, TaskWithdrawn)
            if isinstance(one.statement, TaskWithdrawn)
        }
        begun = set(session.exec(select(BegunRow.task)).all())
        given, opened = office.of_kind(session, TaskAssigned), office.openings(session)
        found = [
            Task(one.id, known)
            for one in given
            if one.id not in withdrawn | begun and (known := office.counted(one, opened, now))
        ]
    return sorted(found, key=lambda task: (task.said.due_on or "9999-12-31", task.said.number))
