"""What is signed is what goes over the wire; what comes back is measured and typed."""

from __future__ import annotations

import httpx
import pytest
import zstandard

from field_client.contact.wire import MSGPACK, Wire
from protocol import messages
from protocol.keys import Ed25519Signer
from protocol.messages import PullAnswer, RecoveryKept
from protocol.requests import verify_request
from tests.field_client.conftest import MORNING, TurnedClock

SIGNER = Ed25519Signer(bytes(32))
ADDRESSES = {
    "http://county.example": ("county.example", "/v1/enrol/recovery"),
    "https://county.example:443/": ("county.example", "/v1/enrol/recovery"),
    "http://10.0.0.2:8750": ("10.0.0.2:8750", "/v1/enrol/recovery"),
    "https://county.example/fujie": ("county.example", "/fujie/v1/enrol/recovery"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_signature_covers_the_target_as_it_is_sent(address: str, clock: TurnedClock) -> None:
    """An address with a path, or with its scheme's own port, is signed as the server sees it."""
    seen: list[httpx.Request] = []
    kept = RecoveryKept(sealed=bytes(2000))

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        body = messages.encode(kept)
        return httpx.Response(200, content=body, headers={"content-type": MSGPACK})

    wire = Wire(address, SIGNER, clock, httpx.MockTransport(server))
    assert wire.post("/v1/enrol/recovery", kept, RecoveryKept) == kept
    (request,) = seen
    authority, path = ADDRESSES[address]
    assert (request.headers["host"], request.url.path) == (authority, path)
    keys = {SIGNER.verifier.key_id: SIGNER.verifier}
    verify_request("POST", authority, path, "", request.headers, request.content, keys.get, MORNING)
    assert messages.decode(zstandard.decompress(request.content), RecoveryKept) == kept


def test_a_query_is_signed_too(clock: TurnedClock) -> None:
    """Nobody in between turns the cursor."""
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        body = messages.encode(PullAnswer(at=MORNING, cursor=7, records=[]))
        return httpx.Response(200, content=body, headers={"content-type": MSGPACK})

    wire = Wire("http://county.example", SIGNER, clock, httpx.MockTransport(server))
    assert wire.get("/v1/pull", "cursor=7", PullAnswer).cursor == 7
    (request,) = seen
    keys = {SIGNER.verifier.key_id: SIGNER.verifier}
    verify_request(
        "GET", "county.example", "/v1/pull", "cursor=7", request.headers, b"", keys.get, MORNING
    )
