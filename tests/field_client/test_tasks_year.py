"""A task at the turn of the year: its count is of one year, in the county's time."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from field_client.store.office import Opening, counted
from field_client.ui.presenters.common import LEGAL_ZONE
from protocol.case import Record
from protocol.rules import Level, judge
from tests.protocol import measured, yunxi

LAST = int(dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=LEGAL_ZONE).timestamp() * 1000)
FIRST = LAST + 1000  # 1 January, 00:00 in the county, 16:00 of the day before at Greenwich


def given() -> Record:
    """Given on 31 December: two inspections of the year, of two that are allowed."""
    said = replace(measured.task(2, 2), at=LAST)
    return replace_record(yunxi.whole_inspection().records[0], said)


def replace_record(record: Record, said: object) -> Record:
    return Record(record.hash, said, record.signers, record.link, 40)  # type: ignore[arg-type]


def opened(at: int, place: int | None) -> Opening:
    return Opening(bytes([at % 251]) * 32, replace(yunxi.open_inspection(), at=at), place)


@pytest.mark.parametrize(
    ("at", "times"),
    [(LAST, 3), (FIRST, 1), (0, 3)],
    ids=["in its last second", "in the first of the next year", "as given"],
)
def test_what_is_counted_is_of_the_year_of_the_inspection(at: int, times: int) -> None:
    """Three of the old year: two the office knew, one came since. One of the new one."""
    before = [opened(LAST, 12), opened(LAST, 41), opened(FIRST, 13)]
    said = counted(given(), before, at)
    assert said is not None
    assert said.yearly_count == times


def test_the_first_of_january_is_not_over_the_cap_of_december() -> None:
    task = counted(given(), [], 0)
    for at, warned in ((LAST, True), (FIRST, False)):
        opening = replace(yunxi.open_inspection(task="aa" * 32), at=at)
        found = judge(opening, None, yunxi.REFERENCE, at, task=task)
        asked = [one for one in found if (one.rule.id, one.level) == ("IN-2", Level.WARN)]
        assert bool(asked) is warned
