"""A tablet's request and the office's answer, verified by http-message-signatures (RFC 9421)."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from tests.interop.served import Served


class OneKey(HTTPSignatureKeyResolver):
    """The library's roster: whoever signs here has this key."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = Ed25519PublicKey.from_public_bytes(public_key)

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return self.public_key

    def resolve_private_key(self, key_id: str) -> Any:
        raise AssertionError(f"nobody signs here, {key_id}")


class Message:
    """As much of a request as the library asks for."""

    def __init__(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers


class Answer:
    """As much of an answer, and of the request that it is for."""

    def __init__(self, status: int, headers: dict[str, str], request: Message) -> None:
        self.status_code, self.headers, self.request = status, headers, request


def read(served: Served) -> str:
    """Both signatures hold over what went over the wire; neither with another body."""
    exchange = served.exchange
    assert exchange is not None
    asked, told = exchange.request, exchange.answer
    request = Message(asked.method, str(asked.url), dict(asked.headers))
    answer = Answer(told.status_code, dict(told.headers), request)
    _verify(exchange.device, request, "fujie", asked.content)
    _verify(exchange.office, answer, "fujie-answer", told.content)
    _expect_refused(exchange.device, request, "fujie", asked.content + b" ")
    _expect_refused(exchange.office, answer, "fujie-answer", told.content + b" ")
    return f"{asked.method} {asked.url.path} and its answer, {told.status_code}"


def _verify(key: bytes, message: Message | Answer, tag: str, body: bytes) -> None:
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=OneKey(key))
    assert verifier.verify(message, max_age=None, expect_tag=tag, body=body)


def _expect_refused(key: bytes, message: Message | Answer, tag: str, body: bytes) -> None:
    try:
        _verify(key, message, tag, body)
    except InvalidSignature:
        return
    raise AssertionError("a message with another body verifies")
