"""Targets: what the server reads. Headers of uploads, query strings, pushed items, any request.

The last one is the whole program: a request of any shape at any address over a founded county,
none of which may end in a fault of ours (500).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from litestar import Litestar, Request

from protocol import envelope
from protocol.errors import Malformed
from protocol.messages import PushItem
from protocol.registry.registry import Registry
from sync_server import demo, words
from sync_server.app import make_app
from sync_server.clock import system_clock
from sync_server.log import intake
from sync_server.projections import search
from sync_server.services import writing
from sync_server.settings import Settings
from sync_server.upkeep import founding
from sync_server.web import api, tus
from sync_server.web.problems import NotAllowed
from tests.fuzzing.files import framed, unframed
from tests.fuzzing.scene import scene
from tests.fuzzing.target import FORM, Target, text


def targets() -> list[Target]:
    """Every one of them."""
    return [*_headers(), *_words(), *_pushed(), _whole()]


def _request(headers: dict[str, bytes], query: bytes = b"") -> Request[Any, Any, Any]:
    named = [(name.encode(), value) for name, value in headers.items()]
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": named,
        "query_string": query,
        "state": {},
    }
    return Request(scope)


def _headers() -> list[Target]:
    def number(data: bytes) -> object:
        return tus._number(_request({"upload-offset": data}), "upload-offset")

    def token(data: bytes) -> object:
        return tus._token(_request({"authorization": data}))

    def whole(data: bytes) -> object:
        return api._whole(_request({}, data), "cursor", -1)

    sums = (b"sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", b"sha1 AAAA", b"md5 AA==")
    return [
        Target("tus, a number", (b"0", b"1048576", b"9" * 18), number, slow=2),
        Target("tus, a checksum", sums, text(tus._checksum)),
        Target("tus, a token", (b"Bearer abc", b"Basic abc"), token, (NotAllowed,), slow=2),
        Target("query, a number", (b"cursor=12&have=3", b"cursor=-1"), whole, slow=2),
    ]


def _words() -> list[Target]:
    languages = (b"zh-CN,zh;q=0.9,en;q=0.8", b"en", b"*;q=nan")
    asked = ("未标明价格 2026".encode(), "云市监当罚〔2026〕126号".encode(), b'"AND" OR NOT')
    return [
        Target("search, a query", asked, text(search.query)),
        Target("search, an index", asked, text(search.index)),
        Target("languages", languages, text(words.language_of)),
    ]


def _pushed() -> list[Target]:
    record = scene().record
    good = {"link": record.link.encode(), "statement": envelope.encode(record.envelope)}
    registry = Registry()

    def checked(data: bytes) -> object:
        """Intake flags and never raises: nothing that a device states is dropped."""
        try:
            files = unframed(data)
            item = PushItem(link=files["link"], statement=files.get("statement"))
        except (KeyError, Malformed):
            raise Malformed("expected a link") from None
        return intake.verify(item, registry)

    bare = {"link": good["link"]}
    return [Target("pushed item", (framed(good), framed(bare)), checked)]


# ── any request ──────────────────────────────────────────────────────────────────────────

_PLAIN = {"Accept-Language": "en", "Cookie": "lang=en; session=x"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MSGPACK = {"Content-Type": "application/vnd.msgpack"}
_SIGNED = {
    **_MSGPACK,
    "Content-Encoding": "zstd",
    "Content-Digest": "sha-256=:AA==:",
    "Signature-Input": 'fujie=("@method");created=1;keyid="00"',
    "Signature": "fujie=:AA==:",
}
_TUS = {
    "Tus-Resumable": "1.0.0",
    "Authorization": "Bearer x",
    "Upload-Offset": "0",
    "Upload-Length": "3",
    "Upload-Checksum": "sha256 AA==",
    "Content-Type": "application/offset+octet-stream",
}
_ASKED: tuple[tuple[str, dict[str, str], bytes], ...] = (
    ("GET /", _PLAIN, b""),
    ("GET /decisions?q=%E4%BB%B7&page=2&year=2026&act=penalty", _PLAIN, b""),
    ("GET /decisions/" + "0" * 64, {}, b""),
    ("GET /officers?name=a&unit=b&lang=en", _PLAIN, b""),
    ("GET /verify?code=HTTPS://LOG/V/AAAA", {}, b""),
    ("GET /V/AAAAAAAA", {}, b""),
    ("GET /D/AAAAAAAA", _PLAIN, b""),
    ("GET /log/checkpoint", {}, b""),
    ("GET /log/consistency?old=1&new=3", {}, b""),
    ("GET /log/receipt/" + "0" * 64, {}, b""),
    ("GET /log/tile/0/000.p/3", {}, b""),
    ("GET /log/tile/entries/x000/000", {}, b""),
    ("GET /v1/pull?cursor=-1", _SIGNED, b""),
    ("POST /office/signin", _FORM, b"account=hejingting&password=x&next=/office"),
    ("POST /v1/push", _SIGNED, b"\x80"),
    ("POST /v1/enrol/device", _MSGPACK, b"\x81\xa1a\xc0"),
    ("PATCH /v1/blobs/abc", _TUS, b"bytes"),
    ("POST /v1/blobs", _TUS, b""),
)


def _told(first: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{first} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class County:
    """A founded county and its application, called without a network."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fujie-hunt-")
        settings = Settings(Path(self._folder.name) / "data")
        founding.found(settings, system_clock(), demo.plan())
        self._writing = writing(settings, system_clock())
        self._app: Litestar = make_app(self._writing.__enter__())
        self._loop = asyncio.new_event_loop()

    def ask(self, data: bytes) -> int:
        """The status of the answer to a request as text. Raises Malformed where an HTTP server
        would not let it through."""
        scope, body = _scope(data)
        told: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])

        app: Callable[..., Awaitable[None]] = self._app
        self._loop.run_until_complete(app(scope, receive, send))
        return told[0]


@cache
def county() -> County:
    """Founded when the first request comes, in the process that asks."""
    return County()


def _scope(data: bytes) -> tuple[Any, bytes]:
    head, blank, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    parts = first.split(b" ")
    legal = all(32 <= byte < 127 for byte in first) and all(
        byte == 9 or 32 <= byte != 127 for line in lines for byte in line
    )
    named = [tuple(line.split(b": ", 1)) for line in lines]
    if not (blank and legal and len(parts) == 3 and parts[1][:1] == b"/"):
        raise Malformed("expected an HTTP request")
    if not parts[0].isalpha() or any(len(pair) != 2 or not pair[0] for pair in named):
        raise Malformed("expected an HTTP request")
    path, _, query = parts[1].partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": parts[0].decode(),
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in named],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    return scope, body


def _whole() -> Target:
    seeds = tuple(_told(*one) for one in _ASKED)

    def ask(data: bytes) -> object:
        status = county().ask(data)
        assert status != 500, "a fault of this server"
        return status

    return Target("server, any request", seeds, ask, FORM, slow=60)
