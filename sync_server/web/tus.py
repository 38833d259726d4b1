"""Resumable uploads: tus 1.0.0 with creation, checksum, termination and expiration.

    POST   /v1/blobs        201, Location     the upload that the bearer's token was made for
    HEAD   /v1/blobs/<id>   200, Upload-Offset, Upload-Length
    PATCH  /v1/blobs/<id>   204, Upload-Offset     409 wrong offset, 460 wrong checksum
    DELETE /v1/blobs/<id>   204                    410 from then on, and after Upload-Expires
    OPTIONS                 204, what this server can do

A token comes from ``POST /v1/uploads``, for one blob, named by its SHA-256. So any tus client
that sends it as a bearer header uploads and resumes, and none can store another blob. Metadata
is bounded and not kept: what a blob is, its signed record says. ``framed`` gives every answer
here, errors too, the headers that tus asks for.
"""

import asyncio
import base64
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import cast

from litestar import Response, delete, head, patch, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod, ScopeType
from litestar.params import FromPath
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import FujieError, Malformed, TooLarge
from sync_server.devices import stored
from sync_server.services import Services
from sync_server.store.blobs import Chunk, TooMuch
from sync_server.store.checksums import Checksum
from sync_server.store.tables import UploadRow
from sync_server.web.messages import Web
from sync_server.web.problems import Gone, NoSuchThing, NotAllowed, TooSlow, WrongTus, WrongType

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
BUFFER = 1 << 20
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
METHODS = ("HEAD", "PATCH", "DELETE", "POST", "OPTIONS")
MAX_METADATA = 4096
IDLE_S = 60
"""How long a chunk may go without a byte before it counts as cut."""


@route(
    [stored.PATH, stored.PATH + "/{upload:str}"], http_method=[HttpMethod.OPTIONS], status_code=204
)
async def options(services: NamedDependency[Services]) -> Response[None]:
    """What this server can do."""
    return Response(
        None,
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(services.settings.max_blob),
            "Tus-Checksum-Algorithm": ",".join(Checksum.ALGORITHMS),
        },
    )


@post(stored.PATH, status_code=201, request_max_body_size=None)
async def create(request: Web, services: NamedDependency[Services]) -> Response[None]:
    """The upload of the bearer's token, with its first bytes if they come along. Its length is
    the blob's and no other."""
    _expect_version(request)
    token = _token(request)
    row = await asyncio.to_thread(stored.upload_by_token, services, token)
    if row is None:
        raise NotAllowed("this token is not known; ask for a new one with a signed request")
    _expect_open(services, row, token)
    _expect_length(request, services, row)
    await asyncio.to_thread(services.uploads.interrupt, row.upload)
    there = await asyncio.to_thread(_offset, services, row)
    if there == 0 and _is_chunk(request):
        there = await _chunk(request, services, row, 0)
    # Relative, so that it leads to the same server by whatever way that was reached.
    place = "" if request.url.path.endswith("/") else "blobs/"
    headers = _moved(row, there) | {"Location": f"{place}{row.upload}"}
    return Response(None, status_code=201, headers=headers)


@head(stored.PATH + "/{upload:str}")
async def offset(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """How much is there. Who asks has lost the request before, which ends."""
    row = await _upload(request, services, upload)
    await asyncio.to_thread(services.uploads.interrupt, upload)
    there = await asyncio.to_thread(_offset, services, row)
    return Response(
        None,
        headers=_headers(row)
        | {
            "Upload-Offset": str(there),
            "Upload-Length": str(row.size),
        },
    )


@patch(stored.PATH + "/{upload:str}", status_code=204, request_max_body_size=None)
async def append(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """The next chunk. What arrives is kept even if the connection breaks."""
    row = await _upload(request, services, upload)
    if not _is_chunk(request):
        raise WrongType("expected a body of type {kind}", kind=CHUNK_TYPE)
    there = await _chunk(request, services, row, _number(request, "upload-offset"))
    return Response(None, status_code=204, headers=_moved(row, there))


@delete(stored.PATH + "/{upload:str}", status_code=204)
async def terminate(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """The client gives the upload up."""
    row = await _upload(request, services, upload)
    await asyncio.to_thread(stored.end, services, row)
    return Response(None, status_code=204)


async def _chunk(request: Web, services: Services, row: UploadRow, at: int) -> int:
    """Append a request's body at an offset, and settle what is whole then; the new offset."""
    checksum = _checksum(request.headers.get("upload-checksum", ""))
    comes = _number(request, "content-length") if "content-length" in request.headers else 0
    if at + comes > row.size:
        raise TooMuch(
            "expected at most {bound} bytes in this upload; send what was announced",
            bound=row.size,
        )
    if at == row.size and await asyncio.to_thread(_is_whole, services, row):
        return at
    try:
        chunk = await asyncio.to_thread(services.uploads.chunk, row.upload, at, row.size, checksum)
    except FileNotFoundError:
        raise _ended() from None
    await _receive(request, chunk)
    there = await asyncio.to_thread(chunk.end)
    if there == row.size:
        try:
            await asyncio.to_thread(stored.settle, services, row)
        except FileNotFoundError:  # given up just now, or its time ended
            raise _ended() from None
    return there


async def _receive(request: Web, chunk: Chunk) -> None:
    buffer = _Buffer()
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(IDLE_S) as idle:
            async for piece in request.stream():
                buffer.held += piece
                if len(buffer.held) >= BUFFER:
                    await asyncio.to_thread(chunk.write, buffer.taken())
                idle.reschedule(now() + IDLE_S)
        await asyncio.to_thread(chunk.write, buffer.taken())
    except TimeoutError:
        await asyncio.to_thread(_keep, chunk, buffer.taken())
        raise TooSlow(
            "nothing came for {seconds} s; go on from the offset", seconds=IDLE_S
        ) from None
    except BaseException:
        await asyncio.shield(asyncio.to_thread(_keep, chunk, buffer.taken()))
        raise


class _Buffer:
    """Bytes that nobody has begun to write. Whoever waits for a write may be called off while it
    goes on in its thread: what it was given must not be written again behind it."""

    def __init__(self) -> None:
        self.held = bytearray()

    def taken(self) -> bytes:
        """All of them, once."""
        data, self.held = bytes(self.held), bytearray()
        return data


def _keep(chunk: Chunk, rest: bytes) -> None:
    """What came before a cut stays; whatever goes wrong here, the cut is what is told."""
    try:
        with suppress(FujieError, OSError):
            chunk.write(rest)
    finally:
        chunk.cut()


async def _upload(request: Web, services: Services, upload: str) -> UploadRow:
    _expect_version(request)
    token = _token(request)
    row = await asyncio.to_thread(stored.upload_of, services, upload, token)
    if row is None:
        raise NoSuchThing("no upload of this id and token; ask for one with a signed request")
    _expect_open(services, row, token)
    return row


def _expect_open(services: Services, row: UploadRow, token: str) -> None:
    now = services.clock.now()
    if row.expires_at <= now:
        raise _ended()
    if stored.token_ends(token) <= now:
        raise NotAllowed("this token's time is over; ask for a new one with a signed request")


def _ended() -> Gone:
    return Gone("this upload has ended; ask for a new one with a signed request")


def _offset(services: Services, row: UploadRow) -> int:
    try:
        return services.uploads.offset(row.upload)
    except FileNotFoundError:
        if services.blobs.has(row.sha256):
            return row.size
        raise _ended() from None


def _is_whole(services: Services, row: UploadRow) -> bool:
    """Whether an upload became a blob: its own bytes came, not only some with their hash."""
    return not services.uploads.path(row.upload).exists() and services.blobs.has(row.sha256)


def _expect_length(request: Web, services: Services, row: UploadRow) -> None:
    """Raises Malformed, TooLarge for a creation that is not the token's upload."""
    if "upload-defer-length" in request.headers:
        raise Malformed(
            "expected Upload-Length; this server takes no upload of which the length is not known"
        )
    if len(request.headers.get("upload-metadata", "")) > MAX_METADATA:
        raise Malformed("expected at most {bound} bytes of metadata", bound=MAX_METADATA)
    length, most = _number(request, "upload-length"), services.settings.max_blob
    if length > most:
        raise TooLarge(
            "expected a blob of at most {bound} bytes, got {size}", bound=most, size=length
        )
    if length != row.size:
        raise Malformed(
            "expected an upload of {size} bytes as the record names, got {length}",
            size=row.size,
            length=length,
        )


def _is_chunk(request: Web) -> bool:
    told = request.headers.get("content-type", "").partition(";")[0]
    return told.strip().lower() == CHUNK_TYPE


def _expect_version(request: Web) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongTus("expected Tus-Resumable: {version}; update this program", version=VERSION)


def _token(request: Web) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAllowed("expected a bearer token; ask for one with a signed request")
    return token


def _number(request: Web, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Malformed("expected a whole number in {name}, got {value}", name=name, value=text)
    return int(text)


def _checksum(text: str) -> Checksum | None:
    if not text:
        return None
    algorithm, _, encoded = text.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError:  # no base64, or no ASCII
        digest = b""
    if algorithm not in Checksum.ALGORITHMS or not digest:
        raise Malformed(
            "expected a checksum by one of {known}, got {got}",
            known=", ".join(Checksum.ALGORITHMS),
            got=algorithm[:40],
        )
    return Checksum(algorithm, digest)


def _headers(row: UploadRow) -> dict[str, str]:
    expires = datetime.fromtimestamp(row.expires_at / 1000, UTC)
    return {"Upload-Expires": format_datetime(expires, usegmt=True)}


def _moved(row: UploadRow, there: int) -> dict[str, str]:
    return _headers(row) | {"Upload-Offset": str(there)}


def framed(app: ASGIApp) -> ASGIApp:
    """``app``, whose answers about uploads bear the headers of tus, and which believes a method
    that a client could not send as such and names in ``X-HTTP-Method-Override``."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not is_ours(scope["path"]):
            await app(scope, receive, send)
            return
        sent = scope["method"]
        told = dict(scope["headers"]).get(b"x-http-method-override", sent.encode())
        method = told.decode("latin-1").upper()
        if method in METHODS:
            scope = cast(Scope, {**scope, "method": method})

        async def frame(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = _frame(method, message["status"])
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await app(scope, receive, frame)

    return handle


def is_ours(path: str) -> bool:
    """Whether an address is one of an upload, or of them all."""
    return path == stored.PATH or path.startswith(stored.PATH + "/")


def _frame(method: str, status: int) -> list[tuple[bytes, bytes]]:
    added = [(b"tus-resumable", VERSION.encode())]
    if status == 412:
        added.append((b"tus-version", VERSION.encode()))
    if status == 401:
        added.append((b"www-authenticate", b"Bearer"))
    if method == "HEAD":
        added.append((b"cache-control", b"no-store"))
    return added


HANDLERS = [options, create, offset, append, terminate]
