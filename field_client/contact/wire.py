"""HTTP between tablet and server: signed requests out, checked answers in.

Every request but the first enrolment carries the device's signature (RFC 9421, see
``protocol/requests.py``) over what really goes over the wire, so that an address with a path
(``https://county.example/fujie``) works like any other; bodies are msgpack, compressed by zstd
where that helps. Nothing counts as success but the expected status with the expected type of
body: a captive portal's page, a proxy's error or a cut answer is ``ServerUnclear``, and nothing
here is changed by it. Answers in msgpack are asked for packed too; where something in between
recodes them, so that their signature does not hold, they are asked for plain from then on.

    wire = Wire("http://10.0.0.2:8750", device_signer, clock)
    wire.trust(office_keys, fetch_reference)       # as soon as there is a roster
    answer = wire.post("/v1/push", push, PushAnswer)
    told = wire.tell("/v1/push", push, PushAnswer)  # the same, with its bytes and time

From then on an answer counts only under the office's signature over it and over our own request:
a result, a problem and the server's time alike. When a key is not known, newer reference data may
name it; they prove themselves, as do the log's addresses, so that these need no signed answer.
What an answer says of records still counts for nothing until receipts and envelopes prove it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

import httpx
import msgspec

from field_client.contact import packing
from field_client.contact.moments import before_it_leaves
from field_client.contact.packing import PACK_FROM, PLAIN, ZSTD, NotThere, Opened
from field_client.contact.packing import unclear as unclear
from field_client.device_clock import Clock
from field_client.errors import NoNetwork, ServerRefuses, ServerUnclear
from protocol import messages
from protocol.errors import FujieError, UnknownSigner
from protocol.keys import Signer, Verifier
from protocol.messages import Message
from protocol.requests import sign_request, verify_response

MSGPACK = "application/vnd.msgpack"
BUNDLE = "application/octet-stream"
TEXT = "text/plain"
PROBLEM = "application/problem+json"
MAX_ANSWER = 32 << 20
CLOCK_OFF_MS = 60_000
PATIENCE_S = 30.0
SLOW_LINE = 4096
"""Bytes a second of a line that is slow and not dead: so much longer an answer is waited for, since
what was sent may still stand in this tablet's own buffers."""
MOST_PATIENCE_S = 120.0
REFERENCE = "/v1/reference"

A = TypeVar("A", bound=Message)

Keys = Callable[[], Mapping[bytes, Verifier]]


class Answered(NamedTuple):
    """An answer, read whole. ``at`` is the server's clock (ms) when the office signed it, 0 when it
    is not signed; ``believed``, whether its problem counts; ``took_ms``, how long a chunk took."""

    status: int
    headers: httpx.Headers
    body: bytes
    at: int = 0
    believed: bool = True
    took_ms: int = 0

    @property
    def type(self) -> str:
        """The media type without parameters."""
        told = str(self.headers.get("content-type", ""))
        return told.partition(";")[0].strip().lower()


class Told(NamedTuple, Generic[A]):
    """An answer, how many bytes of body were sent for it, and how long it took to come (ms)."""

    answer: A
    sent: int
    took_ms: int


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
        self._local = threading.local()
        self._packed = True
        self._keys: Keys | None = None
        self._renew: Callable[[], object] = lambda: None
        # Redirects are not followed: a signed request is meant for this server and no other.
        self._http = httpx.Client(
            base_url=self.address,
            timeout=_patience(0),
            follow_redirects=False,
            transport=transport,
            trust_env=False,
            headers={"accept-encoding": PLAIN},  # signed is what goes over the wire
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def speak(self, language: str) -> None:
        """``zh_CN`` or ``en``: in which the server should say what is wrong."""
        self._http.headers["accept-language"] = language.replace("_", "-")

    def trust(self, keys: Keys, renew: Callable[[], object]) -> None:
        """From now on believe answers by ``keys`` alone; ``renew`` may bring newer ones."""
        self._keys, self._renew = keys, renew

    def sign_with(self, signer: Signer) -> None:
        """From now on sign requests with another key."""
        self._signer = signer

    def server_is_at(self, at: int) -> None:
        """Remember how far this tablet's clock is off, so that a wrong clock recovers."""
        self._ahead_ms = at - self._clock.wall_ms()

    def post(self, path: str, message: Message, answer: type[A]) -> A:
        """Send a message and read the answer. Raises NoNetwork, ServerRefuses, ServerUnclear."""
        return self.tell(path, message, answer).answer

    def tell(
        self,
        path: str,
        message: Message,
        answer: type[A],
        leaving: Callable[[], None] = lambda: None,
    ) -> Told[A]:
        """As ``post``, measured. ``leaving`` is called when there is a connection, before the
        first byte leaves; not at all without one."""
        body = messages.encode(message)
        headers = {"content-type": MSGPACK}
        if len(body) >= PACK_FROM:
            body = packing.pack(body)
            headers["content-encoding"] = ZSTD
        began = self._clock.monotonic_ms()
        self._local.leaving = leaving
        try:
            answered = self._asked("POST", path, headers, body)
        finally:
            self._local.leaving = None
        took = self._clock.monotonic_ms() - began
        return Told(self._read(answered, answer), len(body), took)

    def get(self, path: str, query: str, answer: type[A]) -> A:
        """Ask and read the answer. Raises as ``post``."""
        return self._read(self._asked("GET", f"{path}?{query}", {}, b""), answer)

    def get_bytes(self, path: str, query: str) -> bytes | None:
        """Ask for bytes that prove themselves; None when the server says that there is nothing
        newer (304)."""
        answered = self._request("GET", f"{path}?{query}", {}, b"")
        return None if answered.status == 304 else _expect(answered, BUNDLE)

    def get_text(self, path: str, query: str) -> str:
        """Ask for plain text that proves itself. Raises as ``post``."""
        body = _expect(self._request("GET", f"{path}?{query}", {}, b""), TEXT)
        return body.decode("utf-8", "replace")

    def pieces(
        self, path: str, not_there: NotThere, headers: dict[str, str], read: Opened
    ) -> Iterator[bytes]:
        """A public file that proves itself, as ``read`` makes it of content coding and raw pieces.
        Raises NoNetwork, ServerUnclear, and ``not_there`` for any other status than success."""
        try:
            with self._http.stream("GET", path, headers=headers) as response:
                if response.status_code != 200:
                    raise not_there(response.status_code)
                coding = response.headers.get("content-encoding", PLAIN)
                assert isinstance(response.stream, httpx.SyncByteStream)
                yield from read(coding, iter(response.stream))
        except httpx.RequestError as fault:
            raise _no_network(fault) from None

    def patch(self, path: str, headers: dict[str, str], body: list[bytes]) -> Answered:
        """A chunk of an upload, authorised by its token instead of a signature, and so answered
        without one: its problems are nobody's word."""
        if not path.startswith("/") or path.startswith("//"):
            # Evidence goes to this server and no other.
            raise unclear("an upload to {path}", path=path[:40])
        sized = headers | {"content-length": str(sum(map(len, body)))}
        request = self._http.build_request("PATCH", path, headers=sized, content=body)
        began = self._clock.monotonic_ms()
        answered = self._exchange(request)
        took = self._clock.monotonic_ms() - began
        return answered._replace(believed=self._keys is None, took_ms=took)

    def _asked(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        """The answer to a request for a message, unpacked."""
        asked = headers | {"accept": MSGPACK, "accept-encoding": ZSTD if self._packed else PLAIN}
        answered = self._request(method, target, asked, body)
        if not answered.believed and answered.type == MSGPACK:
            self._packed = False
        if answered.headers.get("content-encoding", PLAIN) == ZSTD and answered.believed:
            return answered._replace(body=packing.unpack(answered.body, MAX_ANSWER))
        return answered

    def _request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        """One signed request, tried a second time when only the clock was wrong."""
        answered = self._send(method, target, headers, body)
        if answered.status == 401 and self._learn_time(answered):
            answered = self._send(method, target, headers, body)
        return answered

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        request = self._http.build_request(method, target, headers=headers, content=body)
        signer = self._signer
        if signer is not None:
            path, _, query = request.url.raw_path.decode("ascii").partition("?")
            request.headers.update(
                sign_request(
                    method,
                    request.url.netloc.decode("ascii"),
                    path,
                    query,
                    headers,
                    body,
                    signer,
                    self._clock.wall_ms() + self._ahead_ms,
                    secrets.token_hex(16),
                )
            )
        answered = self._exchange(request)
        if self._keys is None:
            return answered
        at = self._signed_at(request, answered)
        return answered._replace(at=at, believed=at > 0)

    def _signed_at(self, request: httpx.Request, answered: Answered, again: bool = True) -> int:
        """The server's clock under the office's signature, or 0 for an answer without one."""
        assert self._keys is not None
        try:
            said = answered.status, answered.headers, answered.body
            return verify_response(*said, self._keys().get, request.headers).at
        except UnknownSigner:
            if not again or request.url.path.endswith(REFERENCE):
                return 0
            with suppress(FujieError):  # who cannot be asked for newer keys has not answered
                self._renew()
            return self._signed_at(request, answered, again=False)
        except FujieError:
            return 0

    def _exchange(self, request: httpx.Request) -> Answered:
        request.extensions["timeout"] = _patience(
            int(request.headers.get("content-length", 0))
        ).as_dict()
        leaving: Callable[[], None] | None = getattr(self._local, "leaving", None)
        if leaving is not None:
            request.extensions["trace"] = before_it_leaves(leaving)
        try:
            response = self._http.send(request, stream=True)
            try:
                return Answered(response.status_code, response.headers, _whole(response))
            finally:
                response.close()
        except httpx.RequestError as fault:
            raise _no_network(fault) from None

    def _learn_time(self, answered: Answered) -> bool:
        """Whether the answer told a time that differs enough to explain the refusal."""
        told = str(answered.at) if self._keys else answered.headers.get("fujie-time", "")
        if not (told.isascii() and told.isdigit() and 1 < len(told) < 16):
            return False
        before = self._ahead_ms
        self.server_is_at(int(told))
        return abs(self._ahead_ms - before) > CLOCK_OFF_MS

    def _read(self, answered: Answered, answer: type[A]) -> A:
        body = _expect(answered, MSGPACK)
        if not answered.believed:
            raise unclear("an answer that the office did not sign")
        try:
            return messages.decode(body, answer)
        except FujieError as fault:
            raise unclear(fault) from None


def _no_network(fault: httpx.RequestError) -> NoNetwork:
    return NoNetwork(
        "The server cannot be reached. Everything is saved on this tablet and is sent "
        "as soon as there is a network.",
        fault=str(fault),
        nothing_left=isinstance(fault, (httpx.ConnectError, httpx.ConnectTimeout)),
    )


def _patience(size: int) -> httpx.Timeout:
    """How long to wait for the answer to a request with a body of so many bytes."""
    return httpx.Timeout(min(PATIENCE_S + size / SLOW_LINE, MOST_PATIENCE_S), connect=10.0)


def refused(answered: Answered) -> ServerRefuses | ServerUnclear:
    """The error for an answer that is no success: a problem that the office named, or nonsense."""
    if answered.believed and 400 <= answered.status < 500 and answered.type == PROBLEM:
        return ServerRefuses(
            "The server refuses: {detail}", detail=_detail(answered), status=answered.status
        )
    return unclear("status {status}, {type}", status=answered.status, type=answered.type[:80])


def _whole(response: httpx.Response) -> bytes:
    """The body as it came over the wire. Raises ServerUnclear for one that was recoded."""
    asked = (PLAIN, response.request.headers.get("accept-encoding", PLAIN))
    if response.headers.get("content-encoding", PLAIN) not in asked:
        raise unclear("an answer in an encoding that was not asked for")
    body = bytearray()
    assert isinstance(response.stream, httpx.SyncByteStream)
    for piece in response.stream:
        body += piece
        if len(body) > MAX_ANSWER:
            raise unclear("more than {size} MiB", size=MAX_ANSWER >> 20)
    return bytes(body)


def _expect(answered: Answered, media_type: str) -> bytes:
    """The body of a success of the expected type, and nothing else."""
    if answered.status != 200 or answered.type != media_type:
        raise refused(answered)
    return answered.body


def _detail(answered: Answered) -> str:
    try:
        told = msgspec.json.decode(answered.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return f"{answered.status}"
    return str(told.get("detail") or told.get("title") or answered.status)[:500]
