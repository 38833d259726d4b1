"""Real sockets: whatever the line does, the tablet shows no success that was not, and goes on."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

import httpx
import pytest

from field_client.errors import NoNetwork, ServerUnclear
from field_client.store.tables import Stage
from sync_server import demo
from tests.faults.cutting import SMALL, Cutting, What
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import film_of
from tests.proxy import CANNED, Proxy, Way

SEED = 20260707


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("what", ["push", "upload"])
def test_a_line_cut_at_any_byte_loses_nothing_and_shows_nothing_that_was_not(
    cut: Cutting, what: What, way: Way
) -> None:
    """Some bytes by a seed; ``make fuzz`` cuts at each."""
    size = cut.measure(what)[way == "down"]
    chance = random.Random(f"{SEED} {what} {way}")
    places = [1, *chance.sample(range(2, size), 3), size]
    assert sum(cut.attempt(what, way, at, reset=at % 2 == 1) for at in places) >= 4


@pytest.mark.parametrize("said", CANNED)
def test_an_answer_that_is_not_the_servers_is_no_success(
    tablet: FieldTablet, cut: Cutting, line: Proxy, said: str
) -> None:
    """Push, pull, reference, upload: each request is answered by somebody else in its turn."""
    inspection = tablet.opened_and_notified()
    line.answer(CANNED[said])
    tablet.photo(inspection)
    tablet.tablet.sync.contact()
    assert line.answered == 1
    trouble = tablet.tablet.sync.status().trouble
    assert isinstance(trouble, NoNetwork if said == "garbage" else ServerUnclear)
    assert set(tablet.stages()) <= {Stage.SAVED, Stage.SENT}
    for only in (b"GET /v1/pull", b"GET /v1/reference", b"POST /v1/uploads", b"PATCH"):
        tablet.clock.pass_seconds(400)
        line.answer(CANNED[said], only=only, times=1)
        tablet.tablet.sync.contact()
        cut.expect_honest()
    line.mend()
    tablet.clock.pass_seconds(400)
    cut.goes_on()


def test_a_line_that_stalls_is_given_up_and_tried_again(
    tablet: FieldTablet, cut: Cutting, line: Proxy
) -> None:
    tablet.open()
    line.stall()
    tablet.contact()
    assert isinstance(tablet.tablet.sync.status().trouble, NoNetwork)
    assert tablet.stages() == [Stage.SENT]
    line.flow()
    cut.goes_on()


def test_an_answer_that_comes_too_late_costs_a_contact_and_nothing_else(
    tablet: FieldTablet, cut: Cutting, online: County
) -> None:
    """Each request of a contact in its turn: the server did what it was asked, and the tablet had
    stopped waiting. The record is *stored* once the word on its film was heard, in the next
    contact, and in this one nothing is made of an answer that was not."""
    inspection = tablet.opened_and_notified()
    found: list[str] = []
    hit = True
    while hit:
        late, before = _Late(len(found)), len(online.meddler.asked)
        film_of(tablet, inspection, SMALL)
        online.meddler.answer = late
        tablet.tablet.sync.contact()
        online.meddler.answer = None
        cut.expect_honest()
        hit = late.left < 0
        if hit:
            found.append(online.meddler.asked[before + len(found)])
            assert isinstance(tablet.tablet.sync.status().trouble, NoNetwork)
            assert tablet.stages()[-1] in (Stage.SENT, Stage.RECEIPTED)
        tablet.clock.pass_seconds(400)
        cut.goes_on()
    asked = [one.split("/")[1:3] for one in found]
    for what in ("push", "pull", "uploads", "blobs"):
        assert ["v1", what] in asked
    assert ["tuf", demo.AGENCY.id] in asked


@dataclass
class _Late:
    """One answer comes too late: that behind the ``left`` next ones."""

    left: int

    def __call__(self, request: httpx.Request, response: httpx.Response) -> None:
        self.left -= 1
        if self.left == -1:
            raise httpx.ReadTimeout("timed out", request=request)


def test_after_every_kind_of_trouble_sync_goes_on_without_anybody(
    tablet: FieldTablet, line: Proxy
) -> None:
    """The thread alone, by the tablet's clock: a 500, a portal, a cut; then all is there."""
    stored = threading.Event()

    def watch() -> None:
        if set(tablet.stages()) == {Stage.STORED}:
            stored.set()

    for said in ("500", "captive portal"):
        line.answer(CANNED[said], times=1)
        tablet.open()
        tablet.tablet.sync.contact()
    line.cut(up=100)
    tablet.tablet.sync.on_change(watch)
    tablet.tablet.sync.start()
    waited = 0
    while not stored.wait(0.2) and waited < 100:
        tablet.clock.pass_seconds(30)
        waited += 1
    assert stored.is_set()
