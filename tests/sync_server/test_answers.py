"""Every answer to a signed request is signed by the office, as other programs read it too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from protocol.errors import MissingSignature, Unverified
from protocol.keys import Verifier
from protocol.requests import verify_response
from sync_server.clock import system_clock
from tests.sync_server.tablet import Tablet

DAY_MS = 86_400_000


@dataclass
class Answered:
    """An answer, and the headers of the request that it is for."""

    response: httpx.Response
    asked: dict[str, str]


def get(tablet: Tablet, path: str, query: str = "", at: int | None = None) -> Answered:
    asked = tablet.headers("GET", path, query, b"", at)
    target = f"{path}?{query}" if query else path
    return Answered(tablet.http.get(target, headers=asked), asked)


def post(tablet: Tablet, path: str, body: bytes) -> Answered:
    asked = tablet.headers("POST", path, "", body)
    return Answered(tablet.http.post(path, content=body, headers=asked), asked)


def signed_at(tablet: Tablet, answered: Answered) -> int:
    """The time under the office's signature. Raises Unverified."""
    office: Verifier = tablet.office_key()
    response = answered.response
    return verify_response(
        response.status_code,
        response.headers,
        response.content,
        {office.key_id: office}.get,
        answered.asked,
    ).at


def replayed(tablet: Tablet) -> Answered:
    first = get(tablet, "/v1/pull", "cursor=0")
    return Answered(tablet.http.get("/v1/pull?cursor=0", headers=first.asked), first.asked)


def forged(tablet: Tablet) -> Answered:
    asked = tablet.headers("GET", "/v1/pull", "cursor=0", b"")
    return Answered(tablet.http.get("/v1/pull?cursor=1", headers=asked), asked)


@pytest.mark.parametrize(
    ("status", "ask"),
    [
        (200, lambda tablet: get(tablet, "/v1/pull", "cursor=0")),
        (304, lambda tablet: get(tablet, "/v1/reference", "have=999999")),
        (400, lambda tablet: get(tablet, "/v1/pull", "cursor=x")),
        (400, lambda tablet: post(tablet, "/v1/push", b"rubbish")),
        (401, lambda tablet: get(tablet, "/v1/pull", "cursor=0", at=1_700_000_000_000)),
        (401, forged),
        (404, lambda tablet: get(tablet, "/v1/nothing")),
        (405, lambda tablet: get(tablet, "/v1/push")),
        (409, replayed),
    ],
    ids=[
        "pull",
        "nothing newer",
        "malformed query",
        "malformed body",
        "stale",
        "altered request",
        "no such address",
        "no such method",
        "sent before",
    ],
)
def test_a_signed_request_gets_a_signed_answer(
    tablet: Tablet, status: int, ask: Callable[[Tablet], Answered]
) -> None:
    """Whatever the answer is; its time is the server's, and there is one time alone."""
    answered = ask(tablet)
    assert answered.response.status_code == status
    assert abs(signed_at(tablet, answered) - system_clock().now()) < 60_000
    assert len(answered.response.headers.get_list("fujie-time")) == 1


def test_an_answer_is_to_no_other_request(tablet: Tablet) -> None:
    """The same question asked twice has two answers."""
    first, second = (get(tablet, "/v1/pull", "cursor=0") for _ in range(2))
    with pytest.raises(Unverified):
        signed_at(tablet, Answered(first.response, second.asked))


def test_what_was_not_signed_is_not_answered_with_a_signature(tablet: Tablet) -> None:
    """Pages, the log's addresses, and a request that somebody forgot to sign."""
    for path in ("/v1/pull", "/log/checkpoint", "/"):
        assert "signature" not in tablet.http.get(path).headers
    asked = tablet.headers("GET", "/log/checkpoint", "", b"")
    answered = Answered(tablet.http.get("/log/checkpoint", headers=asked), asked)
    with pytest.raises(MissingSignature):
        signed_at(tablet, answered)


@pytest.mark.parametrize("signature", ["", "fujie=:AAAA:", "ü", "x" * 5000, "fujie"])
def test_a_signature_that_is_none_brings_the_server_to_nothing(
    tablet: Tablet, signature: str
) -> None:
    """It is refused like any other, signed or not."""
    asked = {"signature": signature.encode().decode("latin-1"), "signature-input": "x"}
    response = tablet.http.get(
        "/v1/pull?cursor=0", headers={k: v.encode("latin-1") for k, v in asked.items()}
    )
    assert response.status_code in (400, 401, 413)


def test_a_reference_is_given_whatever_the_tablets_clock_says(tablet: Tablet) -> None:
    """It proves itself; all else is refused to a clock that is off, with a signed time."""
    office = system_clock().now()
    for at in (office - 400 * DAY_MS, office + 400 * DAY_MS):
        assert get(tablet, "/v1/reference", "have=0", at=at).response.status_code == 200
        assert get(tablet, "/v1/pull", "cursor=0", at=at).response.status_code == 401


# ── another program ──────────────────────────────────────────────────────────────────────


class Message:
    """As much of request and answer as the independent library asks for."""

    def __init__(self, url: str, answered: Answered) -> None:
        self.method, self.url, self.headers = "GET", url, dict(answered.asked)


class Response:
    """The answer, with its request."""

    def __init__(self, url: str, answered: Answered) -> None:
        self.status_code = answered.response.status_code
        self.headers = dict(answered.response.headers)
        self.request = Message(url, answered)


class TheOffice(HTTPSignatureKeyResolver):
    """The office's device key, out of the reference data."""

    def __init__(self, office: Verifier) -> None:
        self.office = office

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == self.office.key_id.hex()
        return Ed25519PublicKey.from_public_bytes(self.office.public_key)

    def resolve_private_key(self, key_id: str) -> None:
        raise KeyError(key_id)


@pytest.mark.parametrize("at", [None, 1_700_000_000_000], ids=["answer", "problem"])
def test_an_independent_library_reads_what_the_server_serves(
    tablet: Tablet, at: int | None
) -> None:
    """http-message-signatures verifies the answer over the request, off the wire."""
    answered = get(tablet, "/v1/pull", "cursor=0", at)
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=TheOffice(tablet.office_key())
    )
    message = Response(f"{tablet.url}/v1/pull?cursor=0", answered)
    (result,) = verifier.verify(
        message, max_age=None, expect_tag="fujie-answer", body=answered.response.content
    )
    covered = set(result.covered_components)
    assert {'"@status"', '"fujie-time"', '"signature";req'} <= covered
