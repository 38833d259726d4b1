"""A tablet believes the office's signature: for results, for problems and for the time of day."""

from __future__ import annotations

import gzip

import httpx
import msgspec
import pytest

from field_client.contact.wire import MSGPACK, PROBLEM, Wire
from field_client.errors import ServerRefuses, ServerUnclear
from field_client.store.tables import Stage
from protocol.keys import Ed25519Signer
from protocol.messages import OfficerWanted, PullAnswer
from protocol.requests import sign_response
from tests.field_client.county import HOUR_MS, County, FieldTablet
from tests.field_client.talk import Answer, altered_push, only, receipts, respond

YEAR_MS = 365 * 24 * HOUR_MS
NOWHERE = OfficerWanted(cert_no="00992304199", public_key=bytes(32), proof=b"", code_tag=bytes(32))


def problem(status: int, detail: str = "…") -> Answer:
    """A problem as the server words it, which somebody else wrote."""
    body = msgspec.json.encode({"type": "/problems/refused", "status": status, "detail": detail})
    return respond(status, body, PROBLEM, fujie_time="1")


@pytest.mark.parametrize("hours", [1, -1, 365 * 24, -365 * 24])
def test_a_clock_off_by_an_hour_or_a_year_recovers(
    tablet: FieldTablet, county: County, hours: int
) -> None:
    """The refusal is signed, so its time counts; the second request is made by it."""
    county.clock.ahead_ms = hours * HOUR_MS
    county.start()
    tablet.open()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]
    assert county.meddler.asked[:2] == ["POST /v1/push", "POST /v1/push"]
    assert "POST /v1/push" not in county.meddler.asked[2:]


def test_a_time_that_the_office_did_not_sign_is_not_learnt(
    tablet: FieldTablet, online: County
) -> None:
    """Somebody in between cannot set the clock of a tablet's requests."""
    tablet.open()
    online.meddler.answer = only("/v1/push", problem(401))
    tablet.contact()
    assert online.meddler.asked.count("POST /v1/push") == 1
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)
    online.meddler.answer = None
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_a_problem_that_the_office_did_not_sign_is_nobodys_word(
    tablet: FieldTablet, online: County, status: int
) -> None:
    """Signed by the office it is a refusal; from anywhere else it is no answer at all."""
    online.meddler.answer = problem(status, "your tablet is blocked, call 0799-…")
    with pytest.raises(ServerUnclear):
        tablet.tablet.wire.post("/v1/enrol/officer", NOWHERE, OfficerWanted)
    online.meddler.answer = None
    with pytest.raises(ServerRefuses):
        tablet.tablet.wire.post("/v1/enrol/officer", NOWHERE, OfficerWanted)


def test_an_answer_captured_earlier_is_refused(tablet: FieldTablet, online: County) -> None:
    """Each answer is to one request: yesterday's pull cannot be played back today."""
    kept: list[httpx.Response] = []

    def keep(request: httpx.Request, response: httpx.Response) -> None:
        raw = httpx.ByteStream(response.extensions["raw"])
        kept.append(httpx.Response(response.status_code, stream=raw, headers=response.headers))

    wire = tablet.tablet.wire
    online.meddler.answer = keep
    assert wire.get("/v1/pull", "cursor=0", PullAnswer).records
    online.meddler.answer = lambda request, response: kept[0]
    with pytest.raises(ServerUnclear):
        wire.get("/v1/pull", "cursor=0", PullAnswer)


def test_an_answer_altered_on_its_way_is_refused(tablet: FieldTablet, online: County) -> None:
    """Also where nothing inside would have shown it, and with the office's headers around it."""
    tablet.open()

    def altered(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        changed = altered_push(lambda answer: msgspec.structs.replace(answer, at=answer.at + 1))
        made = changed(request, response)
        if made is None:
            return None
        return httpx.Response(200, content=made.content, headers=dict(response.headers))

    online.meddler.answer = altered
    tablet.contact()
    assert receipts(tablet) == 0
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)


def test_an_answer_by_another_key_is_refused(tablet: FieldTablet, online: County) -> None:
    """Also by a key of this agency that is not the office's, after the roster was asked for."""
    wire = tablet.tablet.wire
    stranger = Ed25519Signer(bytes(32))
    body = b"\x83"

    def forge(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path != "/v1/pull":
            return None
        typed = {"content-type": MSGPACK}
        added = sign_response(200, typed, body, stranger, online.clock.now(), request.headers)
        return httpx.Response(200, content=body, headers=typed | added)

    online.meddler.answer = forge
    online.meddler.asked.clear()
    with pytest.raises(ServerUnclear):
        wire.get("/v1/pull", "cursor=0", PullAnswer)
    assert online.meddler.asked[0] == "GET /v1/pull"
    assert {asked.partition("/tuf/")[1] for asked in online.meddler.asked[1:]} == {"/tuf/"}


def test_an_answer_that_was_recoded_is_none_and_the_next_is_asked_for_plain(
    tablet: FieldTablet, online: County
) -> None:
    """What is signed is what goes over the wire: who unpacks it in between breaks the signature,
    and cannot do so twice."""
    asked: list[str] = []

    def unpacked(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path not in ("/v1/push", "/v1/pull"):
            return None
        asked.append(request.headers["accept-encoding"])
        headers = {k: v for k, v in response.headers.items() if k != "content-encoding"}
        return httpx.Response(200, content=response.content, headers=headers)

    tablet.opened_and_notified()
    online.meddler.answer = unpacked
    tablet.contact()
    tablet.contact()
    plain = asked.index("identity")
    assert (set(asked[:plain]), set(asked[plain:])) == ({"zstd"}, {"identity"})
    assert tablet.tablet.sync.status().unsent == 0


def test_an_encoding_that_nobody_asked_for_is_no_answer(
    tablet: FieldTablet, online: County
) -> None:
    def squeezed(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path != "/v1/pull":
            return None
        headers = dict(response.headers) | {"content-encoding": "gzip"}
        body = gzip.compress(response.content)
        return httpx.Response(200, stream=httpx.ByteStream(body), headers=headers)

    online.meddler.answer = squeezed
    with pytest.raises(ServerUnclear):
        tablet.tablet.wire.get("/v1/pull", "cursor=0", PullAnswer)


def test_before_there_is_a_roster_the_code_authenticates(
    tablet: FieldTablet, online: County
) -> None:
    """A wire that trusts nobody yet takes problems as they come: enrolment needs its words."""
    wire = Wire(online.url, None, tablet.clock, online.meddler)
    online.meddler.answer = problem(403, "wrong code")
    with pytest.raises(ServerRefuses, match="wrong code"):
        wire.post("/v1/enrol/officer", NOWHERE, OfficerWanted)


def test_reference_data_prove_themselves(tablet: FieldTablet, online: County) -> None:
    """A tablet whose clock is a year off gets them at once, as it may need them to know who
    tells it the time."""
    online.clock.ahead_ms = YEAR_MS
    tablet.tablet.shelf.fetch(tablet.tablet.wire)
    assert "/v1/reference" not in " ".join(online.meddler.asked)
