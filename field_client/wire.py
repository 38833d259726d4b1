"""HTTP between tablet and server: signed requests out, checked answers in.

Every request but the first enrolment carries the device's signature (RFC 9421, see
``protocol/requests.py``) over what really goes over the wire, so that an address with a path
(``https://county.example/fujie``) works like any other; bodies are msgpack, compressed by zstd
where that helps. Nothing counts as success but the expected status with the expected type of
body: a captive portal's page, a proxy's error or a cut answer is ``ServerUnclear``, and nothing
here is changed by it.

    wire = Wire("http://10.0.0.2:8750", device_signer, clock)
    answer = wire.post("/v1/push", push, PushAnswer)

An answer is not signed; what it says counts for nothing until receipts, envelopes or a later
word of the log prove it. TLS keeps others from reading along and from wasting our time.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple, TypeVar

import httpx
import msgspec
import zstandard

from field_client.device_clock import Clock
from field_client.errors import NoNetwork, ServerRefuses, ServerUnclear
from protocol import messages
from protocol.errors import FujieError
from protocol.keys import Signer
from protocol.messages import Message
from protocol.requests import sign_request

MSGPACK = "application/vnd.msgpack"
BUNDLE = "application/octet-stream"
TEXT = "text/plain"
PROBLEM = "application/problem+json"
MAX_ANSWER = 32 << 20
COMPRESS_FROM = 512
CLOCK_OFF_MS = 60_000

A = TypeVar("A", bound=Message)


class Answered(NamedTuple):
    """An answer, read whole."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def type(self) -> str:
        """The media type without parameters."""
        told = str(self.headers.get("content-type", ""))
        return told.partition(";")[0].strip().lower()


class Wire:
    """One server, spoken to by one device. Safe for use by several threads."""

    def __init__(
        self,
        address: str,
        signer: Signer | None,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address = address.rstrip("/")
        self._signer = signer
        self._clock = clock
        self._ahead_ms = 0
        # Redirects are not followed: a signed request is meant for this server and no other.
        self._http = httpx.Client(
            base_url=self.address,
            timeout=httpx.Timeout(30.0, connect=10.0),
            follow_redirects=False,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def speak(self, language: str) -> None:
        """``zh_CN`` or ``en``: in which the server should say what is wrong."""
        self._http.headers["accept-language"] = language.replace("_", "-")

    def server_is_at(self, at: int) -> None:
        """Remember how far this tablet's clock is off, so that a wrong clock recovers."""
        self._ahead_ms = at - self._clock.wall_ms()

    def post(self, path: str, message: Message, answer: type[A]) -> A:
        """Send a message and read the answer. Raises NoNetwork, ServerRefuses, ServerUnclear."""
        body = messages.encode(message)
        headers = {"content-type": MSGPACK, "accept": MSGPACK}
        if len(body) >= COMPRESS_FROM:
            body = zstandard.compress(body)
            headers["content-encoding"] = "zstd"
        return _read(self._request("POST", path, headers, body), answer)

    def get(self, path: str, query: str, answer: type[A]) -> A:
        """Ask and read the answer. Raises as ``post``."""
        return _read(self._request("GET", f"{path}?{query}", {"accept": MSGPACK}, b""), answer)

    def get_bytes(self, path: str, query: str) -> bytes | None:
        """Ask for bytes; None when the server says that there is nothing newer (304)."""
        answered = self._request("GET", f"{path}?{query}", {}, b"")
        return None if answered.status == 304 else _expect(answered, BUNDLE)

    def get_text(self, path: str, query: str) -> str:
        """Ask for plain text. Raises as ``post``."""
        body = _expect(self._request("GET", f"{path}?{query}", {}, b""), TEXT)
        return body.decode("utf-8", "replace")

    def patch(self, path: str, headers: dict[str, str], body: bytes) -> Answered:
        """A chunk of an upload, authorised by its token instead of a signature."""
        if not path.startswith("/") or path.startswith("//"):
            raise unclear(f"upload to {path[:40]}")  # evidence goes to this server and no other
        return self._exchange(
            self._http.build_request("PATCH", path, headers=headers, content=body)
        )

    def _request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        """One signed request, tried a second time when only the clock was wrong."""
        answered = self._send(method, target, headers, body)
        if answered.status == 401 and self._learn_time(answered):
            answered = self._send(method, target, headers, body)
        return answered

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        request = self._http.build_request(method, target, headers=headers, content=body)
        if self._signer is not None:
            path, _, query = request.url.raw_path.decode("ascii").partition("?")
            request.headers.update(
                sign_request(
                    method,
                    request.url.netloc.decode("ascii"),
                    path,
                    query,
                    headers,
                    body,
                    self._signer,
                    self._clock.wall_ms() + self._ahead_ms,
                    secrets.token_hex(16),
                )
            )
        return self._exchange(request)

    def _exchange(self, request: httpx.Request) -> Answered:
        try:
            response = self._http.send(request, stream=True)
            try:
                return Answered(response.status_code, response.headers, _whole(response))
            finally:
                response.close()
        except httpx.DecodingError as fault:
            raise unclear(str(fault)) from None
        except httpx.RequestError as fault:
            raise NoNetwork(
                "The server cannot be reached. Everything is saved on this tablet and is sent "
                "as soon as there is a network.",
                fault=str(fault),
                nothing_left=isinstance(fault, (httpx.ConnectError, httpx.ConnectTimeout)),
            ) from None

    def _learn_time(self, answered: Answered) -> bool:
        """Whether the answer told a time that differs enough to explain the refusal."""
        told = answered.headers.get("fujie-time", "")
        if not (told.isascii() and told.isdigit() and len(told) < 16):
            return False
        before = self._ahead_ms
        self.server_is_at(int(told))
        return abs(self._ahead_ms - before) > CLOCK_OFF_MS


def unclear(fault: str) -> ServerUnclear:
    """The error for an answer that is not the server's, or that makes no sense."""
    return ServerUnclear(
        "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
        "again by itself.",
        fault=fault[:200],
    )


def refused(answered: Answered) -> ServerRefuses | ServerUnclear:
    """The error for an answer that is no success: a named problem, or nonsense."""
    if 400 <= answered.status < 500 and answered.type == PROBLEM:
        return ServerRefuses(
            "The server refuses: {detail}", detail=_detail(answered), status=answered.status
        )
    return unclear(f"{answered.status} {answered.type}")


def _whole(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_ANSWER:
            raise unclear(f"more than {MAX_ANSWER >> 20} MiB")
    return bytes(body)


def _expect(answered: Answered, media_type: str) -> bytes:
    """The body of a success of the expected type, and nothing else."""
    if answered.status != 200 or answered.type != media_type:
        raise refused(answered)
    return answered.body


def _read(answered: Answered, answer: type[A]) -> A:
    body = _expect(answered, MSGPACK)
    try:
        return messages.decode(body, answer)
    except FujieError as fault:
        raise unclear(str(fault)) from None


def _detail(answered: Answered) -> str:
    try:
        told = msgspec.json.decode(answered.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return f"{answered.status}"
    return str(told.get("detail") or told.get("title") or answered.status)[:500]
