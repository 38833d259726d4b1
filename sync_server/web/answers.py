"""Every answer to a signed request is signed in turn (RFC 9421; ``protocol/requests.py``).

    tablet   POST /v1/push, Signature: fujie=:…:
    server   200, Fujie-Time, Content-Digest, Signature over "@status" … "signature";req

A tablet believes a time and a problem by this signature alone, so that a portal's page or a
proxy's error is never taken for the office's word. The office's device key signs, which the
reference data name. It signs whatever the answer is: whether the request's own signature held is
in the answer, and an answer to a signature that somebody invented is of use to nobody.

Signed is what goes over the wire, so the answer is held until it is whole. Nothing behind this may
change it any more; a proxy in front that compresses is not asked to by the tablet.
"""

from __future__ import annotations

import asyncio

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import FujieError
from protocol.httpsig import MAX_FIELD
from protocol.requests import sign_response
from sync_server.services import Services

PLACE = "/v1/"
LARGE = 1 << 18
"""Bytes of a body from which on hashing it would hold up others."""


def signing(app: ASGIApp, services: Services) -> ASGIApp:
    """``app``, whose answers to signed requests under ``/v1/`` are signed."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if asked := _signature(scope):
            await app(scope, receive, _Held(services, asked, send).take)
        else:
            await app(scope, receive, send)

    return handle


class _Held:
    """One answer, until it is whole."""

    def __init__(self, services: Services, asked: str, send: Send) -> None:
        self._services = services
        self._asked = {"signature": asked}
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def take(self, message: Message) -> None:
        """Keep what belongs to the answer; send all of it after its last part."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message["body"]
            if not message["more_body"]:
                await self._finish(self._start, message)
        else:
            await self._send(message)

    async def _finish(self, start: Message, last: Message) -> None:
        assert start["type"] == "http.response.start"
        assert last["type"] == "http.response.body"
        body = bytes(self._body)
        given = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]
        }
        if len(body) < LARGE:
            added = self._sign(start["status"], given, body)
        else:
            added = await asyncio.to_thread(self._sign, start["status"], given, body)
        more = [(name.lower().encode(), value.encode("ascii")) for name, value in added.items()]
        start["headers"] = [*start["headers"], *more]
        last["body"] = body
        await self._send(start)
        await self._send(last)

    def _sign(self, status: int, headers: dict[str, str], body: bytes) -> dict[str, str]:
        """The headers to add; none to a signature that is no field of ours, and is refused."""
        services = self._services
        try:
            return sign_response(
                status, headers, body, services.office_key, services.clock.now(), self._asked
            )
        except FujieError:
            return {}


def _signature(scope: Scope) -> str:
    """The Signature field of a request for tablets; empty where there is none to answer."""
    if not scope["path"].startswith(PLACE):
        return ""
    lines = [value for name, value in scope["headers"] if name == b"signature"]
    field = b", ".join(lines).decode("latin-1")
    return field if len(field) <= MAX_FIELD else ""
