"""Pains that users of the field's best systems reported, each by its name: the server's side.

test_a_push_lost_between_accepted_and_applied   the server is killed while it answers
test_success_shown_for_a_deleted_target         another server stands at the old address
test_a_restored_server                          tablets notice, follow, and send again
test_nobody_knows_which_device_is_behind        files that are still to come, a long silence
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from field_client.contact.batches import Batches
from field_client.documents import Typesetter
from field_client.store.tables import Stage
from protocol.reference import Parameters
from sync_server import demo
from sync_server.reports import fleet
from sync_server.reports.fleet import Need
from sync_server.reports.hearing import Hearing
from sync_server.settings import ORIGIN
from sync_server.upkeep.backup import backup
from sync_server.upkeep.restoring import Restore, restore
from sync_server.web.phrases import Phrases
from tests.field_client import county as c
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import only, respond
from tests.field_client.test_forks import close_journal, swap
from tests.system.running import Running
from tests.system.test_fork import started
from tests.system.test_succession import both_halves_match, until_calm

DAY_S = 24 * 3600


def test_a_push_lost_between_accepted_and_applied(
    tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """SIGKILL when the server has the push and cannot write yet, and after it wrote, before the
    answer is heard: nothing counts as received that is not there, and what is there is not there
    twice."""
    county = Running.founded(tmp_path)
    county.start()
    tablet = county.tablet("YX-T07", shop, typesetter)
    try:
        tablet.opened_and_notified()
        before = entries(county)
        with no_writing(county) as free:
            taken: list[str] = []

            def killed_in_between(request: httpx.Request) -> None:
                taken.append(request.url.path)
                for _ in range(2):  # it reads what came before it answers what comes after
                    httpx.get(f"{county.url}/log/key", verify=False).raise_for_status()
                county.kill()
                free()

            when_sent(tablet, "/v1/push", killed_in_between)
            tablet.contact()
        assert taken == ["/v1/push"]
        assert entries(county) == before
        assert set(tablet.stages()) == {Stage.SENT}
        assert tablet.tablet.sync.status().unsent == 3
        county.start()
        assert entries(county) == before
        tablet.restart()

        def killed(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
            if request.url.path != "/v1/push":
                return None
            county.kill()
            raise httpx.ReadError("the answer is lost", request=request)

        tablet.opened_and_notified()
        tablet.county.meddler.answer = killed
        tablet.contact()
        tablet.county.meddler.answer = None
        assert entries(county) > before
        assert tablet.tablet.sync.status().unsent > 0
        county.start()
        both_halves_match(county, tablet, "YX-T07")
    finally:
        tablet.tablet.close()
        county.stop()


def entries(county: County) -> int:
    """How many entries the log has on the disk."""
    with closing(sqlite3.connect(county.settings.data / "fujie.db")) as base:
        return int(base.execute("SELECT sum(length) FROM stretch").fetchone()[0])


@contextmanager
def no_writing(county: County) -> Iterator[Callable[[], None]]:
    """Nobody writes into the county's database until the block ends, or it is freed."""
    with closing(sqlite3.connect(county.settings.data / "fujie.db", isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        yield base.rollback


def when_sent(tablet: FieldTablet, path: str, do: Callable[[httpx.Request], None]) -> None:
    """Do something once, when the last byte of the next request to ``path`` has left."""
    line = tablet.county.meddler._tcp
    whole, done = line.handle_request, list[str]()

    def handle(request: httpx.Request) -> httpx.Response:
        told = request.extensions.get("trace", lambda *_: None)

        def seen(step: str, facts: object) -> None:
            told(step, facts)
            if step == "http11.send_request_body.complete" and not done:
                done.append(step)
                do(request)

        if request.url.path == path:
            request.extensions = {**request.extensions, "trace": seen}
        return whole(request)

    line.handle_request = handle  # type: ignore[method-assign]


def test_success_shown_for_a_deleted_target(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The server's folder is gone and another county was founded in its place, under the same
    name and address: nothing more is shown as received, and nothing that is here goes."""
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    had = tablet.stages()
    assert set(had) == {Stage.STORED}
    online.stop()
    shutil.rmtree(online.folder)
    c.found(online.folder, tablet.clock)
    online.start()
    tablet.open()
    until_calm(tablet, 4)
    status = tablet.tablet.sync.status()
    assert status.trouble is not None or status.halted is not None
    assert tablet.stages()[: len(had)] == had
    assert status.unsent == len(tablet.stages()) - len(had) == 1


def test_a_restored_server(tablet: FieldTablet, online: County, tmp_path: Path) -> None:
    """What the backup lacks is sent again, by itself, and proved by the log that follows."""
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    backup(online.settings, tmp_path / "copy")
    tablet.whole_inspection()
    until_calm(tablet, 3)
    online.stop()
    shutil.move(online.folder / "root", tmp_path / "safe")
    shutil.rmtree(online.folder)
    asked = Restore(tmp_path / "copy", tmp_path / "safe")
    online.origin = restore(online.settings, online.clock, asked, lambda _: None)
    assert online.origin == f"{ORIGIN}-2"
    online.start()
    both_halves_match(online, tablet)


def standing(county: County) -> fleet.Standing:
    assert county.services is not None
    hearing = Hearing(county.settings.data)
    (found,) = fleet.devices(county.services, hearing, demo.AGENCY.id, Parameters())
    return found


@pytest.mark.parametrize("away_days", [1, 8])
def test_nobody_knows_which_device_is_behind(
    tablet: FieldTablet, online: County, away_days: int
) -> None:
    """The page of tablets does: a photo that is still to come, and a tablet that is away."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)

    def no_uploads(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
        return httpx.Response(503) if request.url.path.startswith("/v1/uploads") else None

    online.meddler.answer = no_uploads
    until_calm(tablet, 2)
    line = standing(online)
    assert (line.need, line.behind) == (Need.BEHIND, 0)
    assert line.files == line.wanted > 0
    online.meddler.answer = None
    until_calm(tablet, 3)
    assert standing(online).need is Need.LEVEL
    tablet.clock.pass_seconds(away_days * DAY_S)
    assert standing(online).need is (Need.SILENT if away_days > 7 else Need.LEVEL)


def page(county: County) -> str:
    """The page of tablets, as the supervisor reads it."""
    (person,) = [one for one in demo.STAFF if one.account == "fangqiuyan"]
    with httpx.Client(base_url=county.url, follow_redirects=True, verify=False) as client:
        client.post(
            "/office/login", data={"account": person.account, "password": person.password}
        ).raise_for_status()
        return re.sub(r"\s+", " ", client.get("/supervision/progress").text)


def test_the_page_of_tablets_counts_what_is_unsent_and_says_since_when(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the tablet said itself, in its last signed word: of four records one came through."""
    until_calm(tablet, 1)
    tablet.clock.pass_seconds(3 * 3600)
    oldest = tablet.clock.wall_ms() + 60_000
    tablet.opened_and_notified()
    tablet.clock.pass_seconds(3600)
    tablet.open()
    one_by_one = Batches.next
    monkeypatch.setattr(Batches, "next", lambda self, start, most: one_by_one(self, start, 1))

    def one_push(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
        online.meddler.unplugged = request.url.path == "/v1/push"
        return None

    online.meddler.answer = one_push
    tablet.contact()
    line = standing(online)
    assert line.said is not None
    assert (line.said.unsent, line.said.oldest_unsent_at) == (4, oldest)
    assert (line.need, line.behind, line.oldest_at) == (Need.BEHIND, 3, oldest)
    since = Phrases("zh").short(oldest)
    assert f"还有 3 条记录在平板上，最早的一条自{since}" in page(online)
    online.meddler.answer, online.meddler.unplugged = None, False
    until_calm(tablet, 2)
    assert "4 条记录都已收到" in page(online)


def test_after_a_fork_the_page_of_tablets_says_what_is_still_on_the_tablet(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """Its last word is of the journal that was closed meanwhile; a copy of it speaks of another
    branch. It was heard of all the same."""
    tablet.open()
    until_calm(tablet, 2)
    swap(tablet, lambda: shutil.copytree(tablet.folder, tmp_path / "copy"))
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    close_journal(online)
    line = standing(online)
    assert (line.need, line.behind, line.records) == (Need.LEVEL, 0, 4)
    tablet.tablet.close()
    copy = started(tablet, tmp_path / "copy")
    copy.open()
    copy.open()
    online.meddler.answer = only("/v1/pull", respond(503, b"", "text/plain"))
    copy.contact()
    line = standing(online)
    assert (line.need, line.behind, line.records) == (Need.BEHIND, 2, 4)
    online.meddler.answer = None
    until_calm(copy, 3)
    line = standing(online)
    assert (line.need, line.behind, line.records) == (Need.LEVEL, 0, 6)
    copy.tablet.close()
    tablet.tablet = started(tablet, tablet.folder).tablet
