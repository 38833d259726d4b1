"""The tablets' addresses (``protocol/messages.py`` says what goes to and fro).

Every request but the first enrolment is signed by the device (RFC 9421), and every answer to it by
the office, with the server's time (``answers.py``).
"""

import asyncio

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp
from sqlalchemy.exc import SQLAlchemyError

from protocol import messages
from protocol.errors import FujieError, Malformed
from protocol.messages import (
    DeviceWanted,
    OfficerWanted,
    RecoveryKept,
    RekeyWanted,
    UploadWanted,
)
from sync_server.devices import enrolment, exchange, rekeying, stored
from sync_server.log.guard import Superseded
from sync_server.log.reading import unpack
from sync_server.logs import words_of
from sync_server.services import Services
from sync_server.web.messages import Web, answer, asked, packed
from sync_server.web.problems import log

BUNDLE = "application/octet-stream"


@post("/v1/push", status_code=200)
async def push(request: Web) -> ASGIApp:
    """The next links of a device's journal."""
    # Not as a dependency, which is resolved anew for each of the many pushes.
    services: Services = request.app.state.services
    device, body, encoding = await packed(request, services)
    contacts = request.app.state.contacts
    answered = await exchange.push(services, contacts, device, body, encoding)
    await _renew(services, device.agency)
    return answer(request, answered)


@get("/v1/pull")
async def pull(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """The office's records for a device, behind ``cursor``."""
    device, _ = await asked(request, services)
    cursor = _whole(request, "cursor", -1)
    head = await exchange.head_for(services, device, cursor)
    told = await asyncio.to_thread(exchange.pull, services, device, cursor, head)
    if request.query_params.get("findings") == "1" and not told.more:
        found = await request.app.state.reviews.of(device)
        told = msgspec.structs.replace(told, findings=found)
    return answer(request, told)


@get("/v1/reference")
async def reference(request: Web, services: NamedDependency[Services]) -> Response[bytes]:
    """The newest reference bundle of the device's agency, or 304 if it has that already."""
    device, _ = await asked(request, services, whenever=True)
    have = _whole(request, "have", 0)
    found = await asyncio.to_thread(services.facts.reference, device.agency)
    if found is None or found[0] <= have:
        return Response(b"", status_code=304, media_type=BUNDLE)
    return Response(found[1], media_type=BUNDLE)


@post("/v1/uploads", status_code=200)
async def uploads(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """Where to upload a blob that an admitted record names."""
    device, body = await asked(request, services)
    wanted = messages.decode(body, UploadWanted)
    return answer(request, await asyncio.to_thread(stored.grant, services, device, wanted))


@post("/v1/enrol/device", status_code=200)
async def enrol_device(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """A tablet asks to be enrolled; its message is sealed with a one-time code."""
    wanted = messages.decode(await _unsigned(request), DeviceWanted)
    return answer(request, await asyncio.to_thread(enrolment.admit_device, services, wanted))


@post("/v1/enrol/officer", status_code=200)
async def enrol_officer(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """An officer's key on an enrolled tablet asks for its credential."""
    device, body = await asked(request, services)
    wanted = messages.decode(body, OfficerWanted)
    return answer(
        request, await asyncio.to_thread(enrolment.admit_officer, services, device, wanted)
    )


@post("/v1/enrol/recovery", status_code=200)
async def enrol_recovery(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """A tablet entrusts its vault key, sealed to the agency's recovery key."""
    device, body = await asked(request, services)
    kept = messages.decode(body, RecoveryKept)
    await asyncio.to_thread(enrolment.keep_recovery, services, device, kept.sealed)
    return answer(request, kept)


async def _renew(services: Services, agency: str) -> None:
    """Let this contact find what the registry says by now. A push that was admitted is answered
    whatever comes of it."""
    if services.editions.is_fresh(agency):
        return
    try:
        await asyncio.to_thread(services.editions.renew, agency)
    except (FujieError, SQLAlchemyError, OSError) as fault:
        log.error("no new reference data", agency=agency, reason=words_of(fault))


@post("/v1/rekey", status_code=200)
async def rekey(request: Web, services: NamedDependency[Services]) -> ASGIApp:
    """A tablet's new key asks for its certificate, also by the key that it replaced just now."""
    by_former = None
    try:
        device, body = await asked(request, services)
    except Superseded as fault:
        by_former = fault
        device, body = await asked(request, services, former=True)
    wanted = messages.decode(body, RekeyWanted)
    return answer(
        request, await asyncio.to_thread(rekeying.admit, services, device, wanted, by_former)
    )


async def _unsigned(request: Web) -> bytes:
    return unpack(await request.body(), request.headers.get("content-encoding", ""))


def _whole(request: Web, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise Malformed(
            "expected a whole number as {name}, got {value}", name=name, value=text[:40]
        )
    return int(text)


HANDLERS = [push, pull, reference, uploads, enrol_device, enrol_officer, enrol_recovery, rekey]
