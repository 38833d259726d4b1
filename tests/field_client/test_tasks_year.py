"""A task at the turn of the year: its count is of one year, in the county's time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from field_client.carrying import case_words
from field_client.store.office import Counted, Opening, counted
from field_client.tasks import Task
from field_client.ui import i18n
from field_client.ui.presenters.common import LEGAL_ZONE
from field_client.ui.presenters.today import count_words
from protocol.case import Record
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage
from tests.field_client.office_says import task
from tests.protocol import measured, yunxi

LAST = int(dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=LEGAL_ZONE).timestamp() * 1000)
FIRST = LAST + 1000  # 1 January, 00:00 in the county, 16:00 of the day before at Greenwich


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def given() -> Record:
    """Given on 31 December: two inspections of the year, of two that are allowed."""
    said = replace(measured.task(2, 2), at=LAST)
    return replace_record(yunxi.whole_inspection().records[0], said)


def replace_record(record: Record, said: object) -> Record:
    return Record(record.hash, said, record.signers, record.link, 40)  # type: ignore[arg-type]


def told(known: Counted | None) -> Task:
    assert known is not None
    return Task("aa" * 32, known)


def opened(at: int, place: int | None) -> Opening:
    return Opening(bytes([at % 251]) * 32, replace(yunxi.open_inspection(), at=at), place)


@pytest.mark.parametrize(
    ("at", "known", "year"),
    [(LAST, 3, 0), (FIRST, 1, 2026), (0, 3, 0)],
    ids=["in its last second", "in the first of the next year", "as given"],
)
def test_what_is_counted_is_of_the_year_of_the_inspection(at: int, known: int, year: int) -> None:
    """Three of the old year: two the office knew, one came since. Of the new one this tablet knows
    its own alone, and says that the count is of the old one."""
    before = [opened(LAST, 12), opened(LAST, 41), opened(FIRST, 13)]
    found = told(counted(given(), before, at))
    assert (found.times - 1, found.counted_in) == (known, year)
    assert found.over_cap is (not year)


@pytest.mark.parametrize(
    ("mine", "zh", "en"),
    [
        (
            0,
            "机关统计的是 2026 年的次数，今年次数不详，上限 2 次",
            "The office counted 2026; this year's count is unknown, the cap is 2",
        ),
        (
            1,
            "机关统计的是 2026 年的次数，今年本机已检查 1 次，上限 2 次",
            "The office counted 2026; once this year by this tablet, the cap is 2",
        ),
        (
            2,
            "机关统计的是 2026 年的次数，今年本机已检查 2 次，上限 2 次",
            "The office counted 2026; 2 times this year by this tablet, the cap is 2",
        ),
    ],
)
def test_a_count_of_last_year_is_named_as_that(mine: int, zh: str, en: str) -> None:
    """This tablet's own inspections fill the cap without any other count."""
    found = told(counted(given(), [opened(FIRST, None)] * mine, FIRST + 1))
    for language, words in (("zh_CN", zh), ("en", en)):
        catalogue = i18n.catalogue(language)
        said = count_words(
            lambda msgid, have=catalogue: have.get(msgid, msgid),
            found.times - 1,
            found.said.yearly_cap,
            found.counted_in,
        )
        assert said == words
    assert found.over_cap is (mine == 2)


def test_the_first_of_january_is_not_over_the_cap_of_december(stage: Stage) -> None:
    """Neither warned of nor said to be below it, until this tablet's own inspections fill it."""
    stage.on_duty()
    first, second = (task(stage.desk.open_tablet, yearly_count=2, yearly_cap=1) for _ in range(2))
    stage.do.go("today")
    assert [tile.full for tile in stage.view.tasks] == [True, True]
    stage.tablet.clock.wall += 200 * 86_400_000  # July, and January
    stage.do.go("settings")
    stage.do.go("today")
    assert [tile.full for tile in stage.view.tasks] == [False, False]
    stage.do.begin_task(first)
    assert rules_told(stage) == []
    stage.do.open_inspection()
    stage.work()
    stage.do.go("today")
    stage.do.begin_task(second)
    assert rules_told(stage) == ["override.IN-2"]


def rules_told(stage: Stage) -> list[str]:
    """What a reason is asked for."""
    fixes = [fix.key for note in stage.view.form.notes for fix in note.fixes]
    return [key for key in fixes if key.startswith("override.")]


@pytest.mark.parametrize(("year", "printed"), [(2026, "3"), (2025, None)])
def test_no_notice_of_a_year_bears_the_count_of_the_one_before(
    year: int, printed: str | None
) -> None:
    """An inspection of July 2026, from a task of that year or of the one before."""
    at = int(dt.datetime(year, 6, 30, tzinfo=LEGAL_ZONE).timestamp() * 1000)
    of_year = replace(measured.task(2, 2), at=at)
    state = yunxi.whole_inspection().state()
    values = case_words(state, yunxi.REFERENCE, lambda _: None, LAST, of_year)
    assert values.get("task.yearly_count") == printed
    assert ("task.yearly_cap" in values) is bool(printed)
    assert "task.source" in values
