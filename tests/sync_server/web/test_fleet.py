"""The page of tablets: nobody has to guess which one is behind, and why."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import update

from protocol.statements import blobs_of
from sync_server.devices import doubts
from sync_server.log.standing import FORKED
from sync_server.reports import fleet
from sync_server.reports.fleet import PAUSED_MS, Need
from sync_server.reports.hearing import Hearing
from sync_server.store.tables import EVIDENCE, JOURNAL, UploadRow
from tests.cast import DEVICE, START
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.staging import DAY_MS, NOW, Office
from tests.worlds import World

PAGE = "/supervision/progress"


@pytest.fixture
def enrolled(tmp_path: Path) -> tuple[Office, Tablet]:
    """A county whose one tablet has made no contact yet."""
    office = Office(tmp_path / "data")
    office.found()
    office.start()
    tablet = Tablet(office.url, World())
    tablet.enrol(office.code("device", DEVICE))
    tablet.enrol_officers(office.code)
    yield office, tablet  # type: ignore[misc]
    office.stop()


def only(office: Office) -> fleet.Standing:
    assert office.services is not None
    reference = office.services.facts.registry
    (agency,) = reference.agencies
    hearing = Hearing(office.services.settings.data)
    (found,) = fleet.devices(office.services, hearing, agency, fleet.Parameters())
    return found


def shown(office: Office, language: str = "zh") -> str:
    client = office.signed_in("fangqiuyan")
    client.cookies.set("lang", language)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def half_sent(office: Office, tablet: Tablet) -> int:
    """An inspection of which the first three records are sent; how many are not."""
    case = staging.inspection(tablet.world)
    links = tablet.links(case)
    office.clock.set(tablet.world.now + 60_000)
    tablet.push(links[:3])
    return len(links) - 3


def test_a_tablet_that_never_made_contact_needs_somebody(
    enrolled: tuple[Office, Tablet],
) -> None:
    office, _ = enrolled
    assert only(office).need is Need.SILENT
    assert "失联" in shown(office)
    assert "还没有联系过" in shown(office)


def test_a_tablet_that_is_behind_says_by_how_much(enrolled: tuple[Office, Tablet]) -> None:
    """Records and files, by its own signed word and by what has arrived."""
    office, tablet = enrolled
    left = half_sent(office, tablet)
    line = only(office)
    assert (line.need, line.behind) == (Need.BEHIND, left)
    assert f"还有 {left} 条记录在平板上" in shown(office)
    assert f"{left} records are still on it" in shown(office, "en")


def test_an_upload_under_way_is_shown_with_its_bytes_and_how_long_the_rest_takes(
    enrolled: tuple[Office, Tablet],
) -> None:
    office, tablet = enrolled
    case = staging.inspection(tablet.world)
    office.clock.set(tablet.world.now + 60_000)
    tablet.push(tablet.links(case))
    named = [ref for one in case.records for ref in blobs_of(one.statement)]
    data = max((case.blobs[ref.sha256] for ref in named), key=len)
    granted = tablet.grant(data)
    half = len(data) // 2
    assert tablet.patch(granted, 0, data[:half]).status_code == 204
    (one,) = only(office).arriving
    assert (one.there, one.size) == (half, len(data))
    assert one.left_ms is not None
    assert f'<progress max="{len(data)}" value="{half}">' in shown(office)
    assert only(office).need is Need.BEHIND
    # A tablet of another agency may bear the same name.
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        connection.execute(update(UploadRow).values(agency="11990124MB0000002B"))
    assert only(office).arriving == ()


def test_what_came_days_ago_says_nothing_of_how_long_the_rest_takes(
    enrolled: tuple[Office, Tablet],
) -> None:
    """Half of it lay here when the tablet asked for it again; a quarter came in ten seconds."""
    office, tablet = enrolled
    case = staging.inspection(tablet.world)
    tablet.push(tablet.links(case))
    named = [ref for one in case.records for ref in blobs_of(one.statement)]
    data = max((case.blobs[ref.sha256] for ref in named), key=len)
    quarter = len(data) // 4
    assert tablet.patch(tablet.grant(data), 0, data[: 2 * quarter]).status_code == 204
    granted = tablet.grant(data)
    assert office.services is not None
    asked_at = office.services.clock.now()
    (path,) = office.services.settings.uploads.iterdir()
    os.utime(path, (0, asked_at / 1000))
    office.clock.set(asked_at + 12_000)
    (one,) = only(office).arriving
    assert (one.there, one.coming, one.left_ms) == (2 * quarter, True, None)
    assert tablet.patch(granted, 2 * quarter, data[2 * quarter : 3 * quarter]).status_code == 204
    os.utime(path, (0, (asked_at + 10_000) / 1000))
    (one,) = only(office).arriving
    assert one.left_ms == pytest.approx(10_000, rel=0.1)
    office.clock.set(asked_at + 10_000 + PAUSED_MS)
    (one,) = only(office).arriving
    assert (one.coming, one.left_ms) == (False, None)


def test_a_tablet_that_has_sent_all_is_level(public: Office) -> None:
    line = only(public)
    assert line.need is Need.LEVEL
    assert "与中心一致" in shown(public)


def test_one_that_is_long_silent_comes_before_one_that_is_level(public: Office) -> None:
    public.clock.set(NOW + 8 * DAY_MS)
    assert only(public).need is Need.SILENT


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_journal_with_two_branches_is_said_to_be_stopped(public: Office, language: str) -> None:
    assert public.services is not None
    with public.services.db.writer.begin() as connection:
        mine = JOURNAL.c.journal == World().device.journal
        assert connection.execute(JOURNAL.update().where(mine).values(state=FORKED)).rowcount == 1
    assert only(public).need is Need.STOPPED
    words = {"zh": "两个分支", "en": "two branches"}
    assert words[language] in shown(public, language)


def test_a_log_that_was_set_back_is_said_on_the_line_of_who_saw_it(public: Office) -> None:
    assert public.services is not None
    world = World()
    brought(public, Tablet(public.url, world), "an elder log")
    assert only(public).need is not Need.STOPPED  # its succession has settled that
    brought(public, Tablet(public.url, world), public.services.settings.origin)
    assert only(public).need is Need.STOPPED
    assert "数据库被换成了旧的" in shown(public)


def brought(office: Office, tablet: Tablet, origin: str) -> None:
    """The office has kept a head of this log that the tablet brought."""
    data = tablet.inventory(checkpoint=f"{origin}\n999\n")
    row = {"hash": hashlib.sha256(data).digest(), "device": DEVICE, "at": START, "link": data}
    row |= {"journal": tablet.world.device.journal, "reason": doubts.REASON, "statement": None}
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        connection.execute(EVIDENCE.insert().values(**row))


def test_it_is_for_those_who_supervise(public: Office) -> None:
    """The registrar and the supervisor; not the archivist, and nobody who is not signed in."""
    assert public.signed_in("tangyining").get(PAGE).status_code == 200
    assert public.signed_in("xuwen").get(PAGE).status_code == 403
    assert "/office/login" in str(public.client().get(PAGE).url)
