"""The line to the upper level: signed requests, and answers that its office signed.

    line = Line(row, services.office_key, clock)
    line.post("/v1/push", push, PushAnswer)

Whatever is not success under the signature of the upper level's office is ``Unclear``, and nothing
is changed by it; a problem that it names is ``UpperRefuses``. It is asked as tablets ask a county
(``docs/protocol.md``); a chunk of an upload is authorised by its token instead of a signature.
Nobody is asked but the server at this address, and no answer is unpacked or waited for without
end, whoever may stand in the way.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any, TypeVar

import httpx
import zstandard

from protocol import messages
from protocol.errors import FujieError, Refused
from protocol.keys import ED25519, Signer, Verifier
from protocol.messages import MAX_MESSAGE, Message
from protocol.requests import sign_request, verify_response
from sync_server.clock import Clock

MSGPACK = "application/vnd.msgpack"
PROBLEM = "application/problem+json"
PATIENCE_S, CONNECT_S, WHOLE_S = 60.0, 10.0, 900.0
"""Seconds until something is heard, a connection stands, an answer is whole."""

A = TypeVar("A", bound=Message)


class Unreachable(FujieError):
    """The upper level cannot be reached now."""


class Unclear(FujieError):
    """An answer that is not the upper level's, or that makes no sense."""


class UpperRefuses(Refused):
    """The upper level's office says no; ``facts["status"]``."""


class Line:
    """One upper level, spoken to with this server's key."""

    def __init__(self, address: str, office: str, signer: Signer, clock: Clock) -> None:
        self._office = Verifier(ED25519, bytes.fromhex(office))
        self._signer, self._clock = signer, clock
        self._http = httpx.Client(
            base_url=address,
            timeout=httpx.Timeout(PATIENCE_S, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, path: str, message: Message, answer: type[A]) -> A:
        """Send a message, read the answer. Raises Unreachable, Unclear, UpperRefuses."""
        body = zstandard.compress(messages.encode(message), 1)
        headers = {"content-type": MSGPACK, "content-encoding": "zstd"}
        return self._read(self._signed("POST", path, "", headers, body), answer)

    def get(self, path: str, query: str, answer: type[A]) -> A:
        """Ask, read the answer. Raises as ``post``."""
        return self._read(self._signed("GET", path, query, {}, b""), answer)

    def patch(self, path: str, token: str, offset: int, chunk: bytes) -> bool:
        """Send a chunk of an upload; whether it was taken."""
        digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        headers = {
            "tus-resumable": "1.0.0",
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
            "upload-checksum": f"sha256 {digest}",
            "authorization": f"Bearer {token}",
        }
        request = self._http.build_request("PATCH", path, headers=headers, content=chunk)
        if not path.startswith("/") or request.url.netloc != self._http.base_url.netloc:
            raise _unclear("an upload to {path}", path=path[:100])
        return self._send(request).status_code == 204

    def _signed(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        asked = headers | {"accept": MSGPACK, "accept-encoding": "identity"}
        target = f"{path}?{query}" if query else path
        request = self._http.build_request(method, target, headers=asked, content=body)
        request.headers.update(
            sign_request(
                method,
                request.url.netloc.decode("ascii"),
                request.url.raw_path.decode("ascii").partition("?")[0],
                query,
                headers,
                body,
                self._signer,
                self._clock.now(),
                secrets.token_hex(16),
            )
        )
        answered = self._send(request)
        try:
            verify_response(
                answered.status_code,
                answered.headers,
                answered.content,
                {self._office.key_id: self._office}.get,
                request.headers,
            )
        except FujieError as fault:
            raise _unclear(
                "status {status}, {fault}", status=answered.status_code, fault=fault
            ) from None
        return answered

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            began = time.monotonic()
            answered = self._http.send(request, stream=True)
            try:
                packed = answered.headers.get("content-encoding", "identity")
                if packed != "identity":
                    raise _unclear("an answer in an encoding that was not asked for")
                size = 0
                pieces = []
                for piece in answered.iter_raw():
                    size += len(piece)
                    if size > MAX_MESSAGE:
                        raise _unclear("more than {size} MiB", size=MAX_MESSAGE >> 20)
                    if time.monotonic() - began > WHOLE_S:
                        raise _unclear("more than {seconds} s", seconds=round(WHOLE_S))
                    pieces.append(piece)
            finally:
                answered.close()
        except httpx.RequestError as fault:
            raise Unreachable(
                "the upper level cannot be reached ({fault}); it is tried again by itself",
                fault=str(fault)[:200],
            ) from None
        return httpx.Response(
            answered.status_code, headers=answered.headers, content=b"".join(pieces)
        )

    def _read(self, answered: httpx.Response, answer: type[A]) -> A:
        kind = answered.headers.get("content-type", "").partition(";")[0].strip()
        if answered.status_code == 200 and kind == MSGPACK:
            return messages.decode(answered.content, answer)
        if 400 <= answered.status_code < 500 and kind == PROBLEM:
            raise UpperRefuses(
                "the upper level refuses: {detail}",
                detail=_detail(answered),
                status=answered.status_code,
            )
        raise _unclear("status {status}, {type}", status=answered.status_code, type=kind[:100])


def _detail(answered: httpx.Response) -> str:
    try:
        told: Any = answered.json()
    except (ValueError, RecursionError):
        told = None
    found = told.get("detail") or told.get("title") if isinstance(told, dict) else None
    return str(found or answered.status_code)[:500]


def _unclear(fault: str, /, **facts: object) -> Unclear:
    return Unclear(
        "the upper level's answer makes no sense ({fault}); nothing was changed, it is tried again "
        "by itself",
        fault=FujieError(fault, **facts),
    )
