"""An agency's TUF repository, for anybody (``tufrepo.py`` says what each file is).

    GET /tuf/<agency>/timestamp.json                 application/json   for half a minute
    GET /tuf/<agency>/<N>.<role>.json                application/json   for ever
    GET /tuf/<agency>/targets/<hash>.reference.dsse  octet-stream       for ever
    GET /tuf/<agency>/portraits/<sha256>             image/…            for ever

A bundle comes packed (``deltas.py``) where the request asks for it: by zstd, or by what differs
from a bundle that the reader has. Readers look for the root after the last one by asking until
there is none: that answer is a 404 which nobody may keep. Everything here is what the agency
publishes anyway, and signed.
"""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from sync_server.reference import portraits, tufrepo
from sync_server.services import Services
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing

NEWEST = "timestamp.json"
SOON = "public, max-age=30"
FOR_EVER = "public, max-age=31536000, immutable"


@get("/tuf/{agency:str}/{name:str}")
async def metadata(
    services: NamedDependency[Services], agency: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Metadata of the repository."""
    body = await _file(services, agency, name)
    return _answer(body, "application/json", SOON if name == NEWEST else FOR_EVER)


@get("/tuf/{agency:str}/targets/{name:str}")
async def target(
    request: Web,
    services: NamedDependency[Services],
    agency: FromPath[str],
    name: FromPath[str],
) -> Response[bytes]:
    """What the metadata speak of: a bundle, under its hash; packed for whoever asks for that."""
    body = await _file(services, agency, f"targets/{name}")
    packed = await asyncio.to_thread(
        services.editions.deltas.packed, agency, name, body, request.headers
    )
    made = _answer(packed.body if packed else body, "application/octet-stream", FOR_EVER)
    made.headers["Vary"] = "Accept-Encoding, Available-Dictionary"
    if packed:
        made.headers["Content-Encoding"] = packed.coding
    return made


@get("/tuf/{agency:str}/portraits/{sha256:str}")
async def portrait(
    services: NamedDependency[Services], agency: FromPath[str], sha256: FromPath[str]
) -> Response[bytes]:
    """An officer's photo, under its hash."""
    found = await asyncio.to_thread(portraits.read, services.facts, agency, sha256)
    if found is None:
        raise NoSuchThing("there is no such file in this repository; begin with timestamp.json")
    ref, body = found
    return _answer(body, ref.media_type, FOR_EVER)


async def _file(services: Services, agency: str, name: str) -> bytes:
    found = await asyncio.to_thread(tufrepo.read, services.db, agency, name)
    if found is None:
        raise NoSuchThing("there is no such file in this repository; begin with timestamp.json")
    return found


def _answer(body: bytes, media_type: str, cache: str) -> Response[bytes]:
    return Response(body, media_type=media_type, headers={"Cache-Control": cache})


HANDLERS = [metadata, target, portrait]
