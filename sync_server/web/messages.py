"""Messages over HTTP: bounded bodies in, verified; msgpack out.

A body is bounded twice before it is read as anything: on the wire, and again unpacked. Zstd
says in its frame how large it will become, and a frame that says too much, or nothing, is not
believed.
"""

from typing import Any

import zstandard
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from protocol import messages
from protocol.messages import Message
from protocol.registry.registry import Device
from sync_server.log.guard import Wanted
from sync_server.log.reading import unpack
from sync_server.services import Services

MSGPACK = "application/vnd.msgpack"
PACK_FROM = 512
"""Bytes from which on an answer is packed."""
LEVEL = 1
"""Of packing: what can be packed in an answer are hashes that come again, which any level finds."""

Web = Request[Any, Any, Any]


async def asked(
    request: Web, services: Services, *, whenever: bool = False, former: bool = False
) -> tuple[Device, bytes]:
    """The device that signed this request, and the body unpacked. ``whenever`` it was signed, and
    by a ``former`` key too. From here on it cannot be sent again, also after a crash."""
    device, body, encoding = await packed(request, services, whenever=whenever, former=former)
    await services.guard.written()
    return device, unpack(body, encoding)


async def packed(
    request: Web, services: Services, *, whenever: bool = False, former: bool = False
) -> tuple[Device, bytes, str]:
    """The same with the body as it came, and how it is packed; for what appends to the log, whose
    commit says that it was sent."""
    body = await request.body()
    scope = request.scope
    wanted = Wanted(
        method=request.method,
        authority=request.headers.get("host", ""),
        path=scope["raw_path"].partition(b"?")[0].decode("ascii", "replace"),
        query=scope["query_string"].decode("ascii", "replace"),
        headers=request.headers,
        body=body,
    )
    device = services.guard.device(wanted, whenever=whenever, former=former)
    return device, body, request.headers.get("content-encoding", "")


def answer(request: Web, message: Message) -> ASGIApp:
    """A message as the answer, packed if the one who asked takes it so."""
    body, headers = messages.encode(message), []
    takes = request.headers.get("accept-encoding", "")
    if len(body) >= PACK_FROM and "zstd" in (one.strip() for one in takes.split(",")):
        body, headers = zstandard.compress(body, LEVEL), [(b"content-encoding", b"zstd")]
    headers.append((b"content-type", MSGPACK.encode()))
    headers.append((b"content-length", str(len(body)).encode()))

    # Bytes and their headers: a ``Response`` asks of each answer what it could be besides.
    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return told
