"""A witness's addresses (c2sp.org/tlog-witness).

    POST /add-checkpoint              200 with the cosignature's line, or 400 403 404 409 422
    GET  /<sha256(origin)>/checkpoint the last cosigned head of a log
    GET  /key                         the verifier key, for the log's operator and for readers
    GET  /                            who this is, for people

Whoever asks is not asked who he is: the log's signature on the head is all that counts.
"""

import asyncio
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from protocol.errors import FujieError, Malformed
from protocol.witnessing import (
    MAX_SUBMISSION,
    SIZE_TYPE,
    NotConsistent,
    NotTheLogs,
    OtherRoot,
    OtherSize,
    UnknownLog,
)
from sync_server.witness.store import Witness

TEXT = "text/plain"
STATUS: tuple[tuple[type[FujieError], int], ...] = (
    (Malformed, 400),
    (NotTheLogs, 403),
    (UnknownLog, 404),
    (OtherRoot, 409),
    (NotConsistent, 422),
)

_ABOUT = """\
{name}

见证人：为所列日志的检查点联署（c2sp.org/tlog-witness），说明何时见过，并且前后一致。
A witness: it cosigns the checkpoints of these logs, saying when it saw them, and that each
continues those before it (c2sp.org/tlog-witness).

验证密钥 verifier key
  {key}

日志 logs, and the size cosigned last
{logs}
"""


@post("/add-checkpoint", status_code=200)
async def add_checkpoint(
    request: Request[Any, Any, Any], witness: NamedDependency[Witness]
) -> Response[str]:
    """Judge a head and cosign it."""
    body = await request.body()
    try:
        return Response(await asyncio.to_thread(witness.add, body), media_type=TEXT)
    except OtherSize as fault:
        # By its own header: the framework would add a charset to the type.
        headers = {"content-type": SIZE_TYPE}
        return Response(f"{fault.size}\n", status_code=409, headers=headers, media_type=TEXT)
    except FujieError as fault:
        status = next((code for kind, code in STATUS if isinstance(fault, kind)), 500)
        return Response(f"{fault}\n", status_code=status, media_type=TEXT)


@get("/{origin_hash:str}/checkpoint")
async def newest(witness: NamedDependency[Witness], origin_hash: FromPath[str]) -> Response[bytes]:
    """The last cosigned head of a log."""
    note = witness.newest(origin_hash)
    if note is None:
        return Response(b"nothing was cosigned for this log\n", status_code=404, media_type=TEXT)
    return Response(note, media_type=TEXT, headers={"Cache-Control": "public, max-age=5"})


@get("/key")
async def key(witness: NamedDependency[Witness]) -> Response[str]:
    """The verifier key."""
    return Response(witness.key.text() + "\n", media_type=TEXT)


@get("/")
async def about(witness: NamedDependency[Witness]) -> Response[str]:
    """Who this is."""
    logs = "\n".join(f"  {origin}  {size}" for origin, size in witness.sizes().items())
    told = _ABOUT.format(name=witness.key.name, key=witness.key.text(), logs=logs)
    return Response(told, media_type=TEXT)


def _answer(_: Request[Any, Any, Any], fault: HTTPException) -> Response[str]:
    return Response(f"{fault.detail}\n", status_code=fault.status_code, media_type=TEXT)


def make_witness_app(witness: Witness) -> Litestar:
    """The ASGI application over a witness."""
    return Litestar(
        route_handlers=[add_checkpoint, newest, key, about],
        dependencies={"witness": Provide(lambda: witness, sync_to_thread=False)},
        exception_handlers={HTTPException: _answer},
        request_max_body_size=MAX_SUBMISSION,
        openapi_config=None,
        logging_config=None,
    )
