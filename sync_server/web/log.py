"""The log, for anybody: its newest head, its key, and proof that it only ever grows.

    GET /log/checkpoint            text/plain   the signed head (c2sp.org/tlog-checkpoint)
    GET /log/key                   text/plain   the verifier keys in force, a line each
    GET /log/consistency?old=N     text/plain   hashes, base64, a line each; to the newest head
                        &new=M                  … or to the tree of M entries
    GET /log/succession            text/plain   which logs this one goes on from, signed (DSSE)
    GET /log/receipt/<link hash>   text/plain   proof that a link is in the log
    GET /log/tile/<level>/<n>      bytes        256 hashes; .p/<w> behind it: the first w
    GET /log/tile/entries/<n>      bytes        256 entries, likewise (c2sp.org/tlog-tiles)

The log's prefix, as other programs call it, is ``/log``. A full tile never changes, and says so
to caches; a partial one and the keys are kept a minute, a head for two seconds.

Nothing here is secret: entries hold hashes and times, and name nobody.
"""

import asyncio
import base64

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from protocol.errors import Malformed
from protocol.receipt import Receipt
from protocol.succession import write_chain
from protocol.tiles import Tile
from sync_server.log.factrows import NotHeld
from sync_server.services import Services
from sync_server.web.problems import NoSuchThing

TEXT = "text/plain"  # the framework adds charset=utf-8
BYTES = "application/octet-stream"
HEAD_CACHE = "public, max-age=2"
PARTIAL_CACHE = "public, max-age=60"
FULL_CACHE = "public, max-age=31536000, immutable"


@get("/log/checkpoint")
async def checkpoint(services: NamedDependency[Services]) -> Response[bytes]:
    """The newest signed head, with its cosignatures; where a quorum of them is asked for, the
    newest that has it."""
    head = await asyncio.to_thread(services.cosigned.published)
    return _text(head.note, HEAD_CACHE)


@get("/log/key")
async def key(services: NamedDependency[Services]) -> Response[bytes]:
    """The log's verifier keys in force, a line each."""
    return _text("".join(f"{text}\n" for text in services.log_keys).encode(), PARTIAL_CACHE)


@get("/log/consistency")
async def consistency(
    services: NamedDependency[Services], old: FromQuery[int], new: FromQuery[int | None] = None
) -> Response[bytes]:
    """The proof that ``old`` entries are a prefix of ``new`` ones, or of the newest head; that
    head comes after an empty line, because it may be newer than the one last fetched."""
    head = services.facts.head
    size = head.size if new is None else new
    if not 0 < old <= size <= head.size:
        raise Malformed("expected an old size from 1 to {size}, got {old}", size=head.size, old=old)
    proof = await asyncio.to_thread(services.facts.consistency, old, head, size)
    lines = "".join(base64.b64encode(part).decode() + "\n" for part in proof)
    return _text(lines.encode() + b"\n" + head.note)


@get("/log/succession")
async def succession(services: NamedDependency[Services]) -> Response[bytes]:
    """The agencies' word that this log follows others, an envelope a line, the earliest first."""
    told = await asyncio.to_thread(services.facts.successions)
    if not told:
        raise NoSuchThing("this log goes on from no other")
    return _text(write_chain(told))


@get("/log/receipt/{link_hash:str}")
async def receipt(services: NamedDependency[Services], link_hash: FromPath[str]) -> Response[bytes]:
    """The receipt of a link."""
    try:
        name = bytes.fromhex(link_hash)
    except ValueError:
        raise NoSuchThing("expected a link's hash of 64 hex digits") from None
    made = await asyncio.to_thread(_receipt, services, name)
    return _text(made.encode())


def _receipt(services: Services, link_hash: bytes) -> Receipt:
    """Under the head that witnesses have seen, as soon as it covers the link."""
    try:
        return services.facts.receipt(link_hash, services.cosigned.published())
    except NotHeld:
        return services.facts.receipt(link_hash)


@get("/log/tile/{path:path}")
async def tile(services: NamedDependency[Services], path: FromPath[str]) -> Response[bytes]:
    """A tile of hashes or a bundle of entries."""
    try:
        asked = Tile.parse("tile" + path)
    except Malformed:
        raise NoSuchThing("expected a tile's address such as /log/tile/0/x001/067") from None
    found = await asyncio.to_thread(services.facts.tile, asked)
    if found is None:
        raise NoSuchThing("the log does not reach this tile yet; ask for its newest checkpoint")
    cache = FULL_CACHE if asked.full else PARTIAL_CACHE
    return Response(found, media_type=BYTES, headers={"Cache-Control": cache})


def _text(body: bytes, cache: str = "no-store") -> Response[bytes]:
    return Response(body, media_type=TEXT, headers={"Cache-Control": cache})


HANDLERS = [checkpoint, key, succession, consistency, receipt, tile]
