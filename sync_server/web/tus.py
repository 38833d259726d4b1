"""Resumable uploads: tus 1.0.0 with creation, checksum, termination and expiration.

    POST   /v1/blobs        201, Location     the upload that the bearer's token was made for
    HEAD   /v1/blobs/<id>   200, Upload-Offset, Upload-Length
    PATCH  /v1/blobs/<id>   204, Upload-Offset     409 wrong offset, 460 wrong checksum
    DELETE /v1/blobs/<id>   204
    OPTIONS                 204, what this server can do

A token comes from ``POST /v1/uploads``, for one blob, named by its SHA-256. So any tus client
that sends it as a bearer header uploads and resumes, and none can store another blob.
"""

import asyncio
import base64
from datetime import UTC, datetime
from email.utils import format_datetime

from litestar import Response, delete, head, patch, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath

from protocol.errors import Malformed
from sync_server import stored
from sync_server.blobs import Checksum, Chunk
from sync_server.services import Services
from sync_server.tables import UploadRow
from sync_server.web.messages import Web
from sync_server.web.problems import Gone, NoSuchThing, NotAllowed, WrongTus, WrongType

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
BUFFER = 1 << 20


@route(
    [stored.PATH, stored.PATH + "/{upload:str}"], http_method=[HttpMethod.OPTIONS], status_code=204
)
async def options(services: NamedDependency[Services]) -> Response[None]:
    """What this server can do."""
    return Response(
        None,
        status_code=204,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,checksum,termination,expiration",
            "Tus-Max-Size": str(services.settings.max_blob),
            "Tus-Checksum-Algorithm": ",".join(Checksum.ALGORITHMS),
        },
    )


@post(stored.PATH, status_code=201)
async def create(request: Web, services: NamedDependency[Services]) -> Response[None]:
    """The upload of the bearer's token. Its length is the blob's and no other."""
    _expect_version(request)
    row = await asyncio.to_thread(stored.upload_by_token, services, _token(request))
    if row is None:
        raise NotAllowed("this token is not known; ask for a new one with a signed request")
    length = _number(request, "upload-length")
    if length != row.size:
        raise Malformed(
            "expected an upload of {size} bytes as the record names, got {length}",
            size=row.size,
            length=length,
        )
    headers = _headers(row) | {"Location": f"{stored.PATH}/{row.upload}"}
    return Response(None, status_code=201, headers=headers)


@head(stored.PATH + "/{upload:str}")
async def offset(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """How much is there."""
    row = await _upload(request, services, upload)
    there = await asyncio.to_thread(_offset, services, row)
    return Response(
        None,
        headers=_headers(row)
        | {
            "Upload-Offset": str(there),
            "Upload-Length": str(row.size),
            "Cache-Control": "no-store",
        },
    )


@patch(stored.PATH + "/{upload:str}", status_code=204, request_max_body_size=None)
async def append(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """The next chunk. What arrives is kept even if the connection breaks."""
    row = await _upload(request, services, upload)
    if request.headers.get("content-type", "").split(";")[0] != CHUNK_TYPE:
        raise WrongType("expected a body of type {kind}", kind=CHUNK_TYPE)
    at = _number(request, "upload-offset")
    checksum = _checksum(request.headers.get("upload-checksum", ""))
    there = await asyncio.to_thread(_offset, services, row)
    if at == there == row.size and services.blobs.has(row.sha256):
        return Response(None, status_code=204, headers=_moved(row, there))
    chunk = await asyncio.to_thread(services.uploads.chunk, upload, at, row.size, checksum)
    await _receive(request, chunk)
    there = await asyncio.to_thread(chunk.end)
    if there == row.size:
        await asyncio.to_thread(stored.settle, services, row)
    return Response(None, status_code=204, headers=_moved(row, there))


@delete(stored.PATH + "/{upload:str}", status_code=204)
async def terminate(
    request: Web, services: NamedDependency[Services], upload: FromPath[str]
) -> Response[None]:
    """The client gives the upload up."""
    row = await _upload(request, services, upload)
    await asyncio.to_thread(stored.forget, services, row)
    return Response(None, status_code=204, headers={"Tus-Resumable": VERSION})


async def _receive(request: Web, chunk: Chunk) -> None:
    buffer = bytearray()
    try:
        async for piece in request.stream():
            buffer += piece
            if len(buffer) >= BUFFER:
                await asyncio.to_thread(chunk.write, bytes(buffer))
                buffer.clear()
        if buffer:
            await asyncio.to_thread(chunk.write, bytes(buffer))
    except BaseException:
        await asyncio.shield(asyncio.to_thread(_keep, chunk, bytes(buffer)))
        raise


def _keep(chunk: Chunk, rest: bytes) -> None:
    try:
        if chunk.offset + len(rest) <= chunk.limit:
            chunk.write(rest)
    finally:
        chunk.cut()


async def _upload(request: Web, services: Services, upload: str) -> UploadRow:
    _expect_version(request)
    token = _token(request)
    row = await asyncio.to_thread(stored.upload_of, services, upload, token)
    if row is None:
        raise NoSuchThing("no upload of this id and token; ask for one with a signed request")
    if row.expires_at <= services.clock.now():
        raise Gone("this upload has expired; ask for a new one with a signed request")
    return row


def _offset(services: Services, row: UploadRow) -> int:
    if services.blobs.has(row.sha256):
        return row.size
    try:
        return services.uploads.offset(row.upload)
    except FileNotFoundError:
        raise NoSuchThing("this upload is gone; ask for one with a signed request") from None


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
    return {"Tus-Resumable": VERSION, "Upload-Expires": format_datetime(expires, usegmt=True)}


def _moved(row: UploadRow, there: int) -> dict[str, str]:
    return _headers(row) | {"Upload-Offset": str(there)}


HANDLERS = [options, create, offset, append, terminate]
