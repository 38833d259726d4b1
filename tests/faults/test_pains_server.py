"""Pains that users of the field's best systems reported, each by its name: the server's side.

test_a_push_lost_between_accepted_and_applied   the server is killed while it answers
test_success_shown_for_a_deleted_target         another server stands at the old address
test_a_restored_server                          tablets notice, follow, and send again
test_nobody_knows_which_device_is_behind        files that are still to come, a long silence
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import httpx
import pytest

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
from tests.field_client import county as c
from tests.field_client.county import County, FieldTablet
from tests.system.running import Running
from tests.system.test_succession import both_halves_match, until_calm

DAY_S = 24 * 3600


def test_a_push_lost_between_accepted_and_applied(
    tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """SIGKILL in the midst of the push, and after it, before the answer is heard: nothing counts
    as received that is not there, and what is there is not there twice."""
    county = Running.founded(tmp_path)
    county.start()
    tablet = county.tablet("YX-T07", shop, typesetter)
    try:
        tablet.opened_and_notified()
        timer = threading.Timer(0.01, county.kill)
        timer.start()
        tablet.contact()
        timer.join()
        county.start()

        def killed(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
            if request.url.path != "/v1/push":
                return None
            county.kill()
            raise httpx.ReadError("the answer is lost", request=request)

        tablet.opened_and_notified()
        tablet.county.meddler.answer = killed
        tablet.contact()
        tablet.county.meddler.answer = None
        assert tablet.tablet.sync.status().unsent > 0
        county.start()
        both_halves_match(county, tablet, "YX-T07")
    finally:
        tablet.tablet.close()
        county.stop()


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
