"""HTTP between tablet and server: signed requests out, checked answers in.

Every request but the first enrolment carries the device's signature (RFC 9421, see
``protocol/requests.py``); bodies are msgpack, compressed by zstd where that helps. Nothing
counts as success but the expected status with the expected type of body: a captive portal's
page, a proxy's error or a cut answer is ``ServerUnclear``, and nothing here is changed by it.

    wire = Wire("http://10.0.0.2:8750", device_signer, clock)
    answer = wire.post("/v1/push", push, PushAnswer)
"""

import secrets
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import zstandard

from field_client.device_clock import Clock
from field_client.errors import NoNetwork, ServerRefuses, ServerUnclear
from protocol import messages
from protocol.errors import FujieError
from protocol.keys import Signer
from protocol.messages import Message
from protocol.requests import sign_request

MSGPACK = "application/vnd.msgpack"
MAX_ANSWER = 32 << 20
COMPRESS_FROM = 512

A = TypeVar("A", bound=Message)


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
        return self._read(self.request("POST", path, "", headers, body), answer)

    def get(self, path: str, query: str, answer: type[A]) -> A:
        """Ask and read the answer. Raises as ``post``."""
        return self._read(self.request("GET", path, query, {"accept": MSGPACK}, b""), answer)

    def get_bytes(self, path: str, query: str) -> bytes | None:
        """Ask for bytes; None when the server says that there is nothing newer (304)."""
        response = self.request("GET", path, query, {}, b"")
        if response.status_code == 304:
            return None
        return _expect(response, "application/octet-stream")

    def request(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        """One signed request, tried a second time when only the clock was wrong."""
        response = self._send(method, path, query, headers, body)
        if response.status_code == 401 and self._learn_time(response):
            response = self._send(method, path, query, headers, body)
        return response

    def patch(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """A chunk of an upload, authorised by its token instead of a signature."""
        return self._exchange(
            self._http.build_request("PATCH", path, headers=headers, content=body)
        )

    def _send(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        signed = dict(headers)
        if self._signer is not None:
            signed |= sign_request(
                method,
                urlsplit(self.address).netloc,
                path,
                query,
                headers,
                body,
                self._signer,
                self._clock.wall_ms() + self._ahead_ms,
                secrets.token_urlsafe(16),
            )
        url = f"{path}?{query}" if query else path
        return self._exchange(self._http.build_request(method, url, headers=signed, content=body))

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.TransportError as fault:
            raise NoNetwork(
                "The server cannot be reached. Everything is saved on this tablet and is sent "
                "as soon as there is a network.",
                fault=str(fault),
            ) from None

    def _learn_time(self, response: httpx.Response) -> bool:
        """Whether the answer told a time that differs enough to explain the refusal."""
        told = response.headers.get("fujie-time", "")
        if not told.isdigit():
            return False
        before = self._ahead_ms
        self.server_is_at(int(told))
        return abs(self._ahead_ms - before) > 60_000

    def _read(self, response: httpx.Response, answer: type[A]) -> A:
        body = _expect(response, MSGPACK)
        try:
            return messages.decode(body, answer)
        except FujieError as fault:
            raise ServerUnclear(
                "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
                "again by itself.",
                fault=str(fault),
            ) from None


def _expect(response: httpx.Response, media_type: str) -> bytes:
    """The body of a success of the expected type, and nothing else."""
    told = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if 400 <= response.status_code < 500 and told == "application/problem+json":
        raise ServerRefuses(
            "The server refuses: {detail}", detail=_detail(response), status=response.status_code
        )
    if response.status_code != 200 or told != media_type or len(response.content) > MAX_ANSWER:
        raise ServerUnclear(
            "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
            "again by itself.",
            fault=f"{response.status_code} {told}",
        )
    return response.content


def _detail(response: httpx.Response) -> str:
    try:
        told = response.json()
    except ValueError:
        return f"{response.status_code}"
    if not isinstance(told, dict):
        return f"{response.status_code}"
    return str(told.get("detail") or told.get("title") or response.status_code)
