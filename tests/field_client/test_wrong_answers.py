"""An office that signs what is wrong, and a line that alters what goes up: nothing is believed that
does not fit, nothing is lost, and the next good answer goes on."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from msgspec.structs import replace

from field_client.contact import progress
from field_client.contact.progress import Meter
from field_client.errors import ServerUnclear
from field_client.store.tables import Stage
from protocol import messages
from protocol.engine import Media, Pushed, SyncState
from protocol.messages import PullAnswer, PushAnswer
from protocol.pacing import Pace
from protocol.statements import BlobRef, FileArchived
from protocol.vocabulary import Retention
from tests.field_client.county import County, FieldTablet
from tests.field_client.meddler import Meddler
from tests.field_client.talk import (
    MSGPACK,
    altered_push,
    as_office,
    film_of,
    grant_2027,
    only,
    state_office,
    verified,
)

MIB = 1 << 20


# ── answers ──────────────────────────────────────────────────────────────────────────────


def without_receipts(answer: PushAnswer, _: bytes) -> PushAnswer:
    return replace(answer, admitted=[], runs=[], beside=[])


def holding_one_less(answer: PushAnswer, second: bytes) -> PushAnswer:
    return replace(answer, length=2, head=second)


@pytest.mark.parametrize("change", [without_receipts, holding_one_less])
def test_an_answer_that_does_not_account_for_each_link_is_none(
    tablet: FieldTablet, online: County, change: Callable[[PushAnswer, bytes], PushAnswer]
) -> None:
    """It is told as unclear until an answer accounts for all; the head is one that is ours."""
    _, second, _ = tablet.opened_and_notified().state.records
    other = altered_push(lambda answer: change(answer, second.link.hash()))
    online.meddler.answer = as_office(online, other)
    tablet.contact()
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)
    online.meddler.answer = None
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None
    assert set(tablet.stages()) == {Stage.STORED}
    assert verified(tablet) == 3


def backwards(answer: PullAnswer) -> PullAnswer:
    return replace(answer, cursor=0, records=[])


def in_a_circle(answer: PullAnswer) -> PullAnswer:
    return replace(answer, cursor=0, records=[], more=True)


@pytest.mark.parametrize(("change", "cursor"), [(backwards, None), (in_a_circle, 0)])
def test_a_pull_that_leads_nowhere_is_no_answer(
    tablet: FieldTablet,
    online: County,
    change: Callable[[PullAnswer], PullAnswer],
    cursor: int | None,
) -> None:
    """Back before where the tablet stands, or to where it stands with more to come."""
    tablet.open()
    tablet.contact()
    tablet.contact()
    exchange = tablet.tablet.sync._exchange
    stands = exchange.history.log.size - 1

    def answer(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        made = messages.encode(change(messages.decode(response.content, PullAnswer)))
        return httpx.Response(200, content=made, headers={"content-type": MSGPACK})

    online.meddler.answer = as_office(online, only("/v1/pull", answer))
    with pytest.raises(ServerUnclear, match="place 0 after place"):
        exchange.pull(stands if cursor is None else cursor)
    online.meddler.answer = None
    grant_2027(online)
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None


def test_receipts_that_come_again_take_no_stage_back(tablet: FieldTablet, online: County) -> None:
    """The file is archived; a push from the beginning on is answered as the first time."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    state_office(
        online,
        FileArchived,
        case=inspection.case.hex(),
        package=BlobRef(sha256="00" * 32, size=1, media_type="application/zip"),
        retention=Retention.YEARS_10,
        archive_no="1",
        documents=0,
        pages=0,
        media=0,
    )
    tablet.contact()
    assert tablet.stages() == [Stage.ARCHIVED] * 3
    heard = tablet.tablet.sync._exchange.push(0)
    assert isinstance(heard, Pushed)
    assert heard.acknowledged == 3
    assert tablet.stages() == [Stage.ARCHIVED] * 3


# ── what goes up ─────────────────────────────────────────────────────────────────────────


class Flipping(Meddler):
    """A line on which one bit of the second chunk changes, once."""

    flipped = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and request.headers["upload-offset"] == str(MIB):
            body = bytearray(request.read())
            if not self.flipped:
                body[4711] ^= 1
                self.flipped = True
            request = httpx.Request(
                request.method, request.url, headers=request.headers, content=bytes(body)
            )
        return super().handle_request(request)


@pytest.fixture
def flipping(county: County) -> Flipping:
    """Before the tablet is started, which keeps its line."""
    county.meddler = line = Flipping()
    return line


def test_a_chunk_that_was_altered_on_its_way_costs_that_chunk_alone(
    flipping: Flipping, tablet: FieldTablet, online: County
) -> None:
    """Its checksum tells the server at once; nothing before it is sent again."""
    film_of(tablet, tablet.opened_and_notified(), 3 * MIB)
    for _ in range(3):
        tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    assert flipping.flipped
    offsets = [offset for offset, length in flipping.chunks if length > 100_000]
    assert offsets[:2] == [0, MIB]
    assert offsets.count(0) == 1
    assert offsets.count(MIB) == 2


# ── what is told ─────────────────────────────────────────────────────────────────────────


def test_how_long_the_rest_takes_is_told_only_while_it_goes() -> None:
    """Not without a network, not while somebody lets media wait, and not behind a refusal."""
    left = Meter().at(items=2, size=500_000)
    goes = SyncState(pace=Pace(rate=100_000, trip_ms=50))
    told = progress._progress(goes, left, online=True)
    assert told.remaining_ms == 5_050
    stands = (
        (goes, False),
        (SyncState(pace=goes.pace, media=Media(paused=True)), True),
        (SyncState(pace=goes.pace, halted="fork"), True),
    )
    for state, online in stands:
        assert progress._progress(state, left, online=online).remaining_ms is None
