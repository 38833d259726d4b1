"""For whoever watches the server: does it live, can it work, and how much does it do.

    GET /health     200 as long as the process answers; looks at nothing
    GET /ready      200 if it can take records, 503 if it cannot; JSON says which part fails
    GET /metrics    Prometheus; with the bearer token of FUJIE_METRICS_TOKEN, else there is none

``/ready`` asks for what a push needs: a database that answers and holds the head that the writer
signed last, a writer whose last commit was taken, room on the disk. Nothing here names anybody.
"""

import asyncio
import resource
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import CancelledError

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError
from sync_server.log.append import Append
from sync_server.projections.tables import POSITION
from sync_server.services import Services
from sync_server.store.blobs import ROOM
from sync_server.store.tables import BLOB, CHECKPOINT, METADATA
from sync_server.web.messages import Web
from sync_server.web.meters import Meters
from sync_server.web.problems import NoSuchThing

PROBE_S = 2.0
"""How long a writer whose last commit failed may take to show that it writes again."""
NEVER = {"cache-control": "no-store"}
TEXT = "text/plain; version=0.0.4"


@get("/health", sync_to_thread=False)
def health() -> Response[str]:
    """That there is somebody."""
    return Response("ok\n", media_type="text/plain", headers=NEVER)


@get("/ready")
async def ready(services: NamedDependency[Services]) -> Response[dict[str, object]]:
    """Whether records can be taken, and what stands in the way."""
    checks = {name: await asyncio.to_thread(check, services) for name, check in CHECKS.items()}
    whole = all(checks.values())
    said: dict[str, object] = {"ready": whole, **checks}
    return Response(said, status_code=200 if whole else 503, headers=NEVER)


@get("/metrics")
async def metrics(request: Web, services: NamedDependency[Services]) -> Response[str]:
    """What is counted, for who knows the token."""
    token = services.settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise NoSuchThing("there is no page at this address; start from the home page")
    meters: Meters = request.app.state.meters
    gauges = await asyncio.to_thread(_gauges, services)
    said = "".join(f"{line}\n" for line in meters.lines(gauges))
    return Response(said, media_type=TEXT, headers=NEVER)


class _Probe:
    def run(self, append: Append) -> None:
        pass


def _database(services: Services) -> bool:
    try:
        with services.db.engine.connect() as connection:
            newest = connection.execute(select(func.max(CHECKPOINT.c.size))).scalar()
    except (SQLAlchemyError, OSError):
        return False
    return int(newest or 0) >= services.sequencer.head.size > 0


def _writer(services: Services) -> bool:
    """A disk or a database that can be read may refuse to be written to: after a commit that
    failed, one that writes nothing but a nonce is tried."""
    writer = services.sequencer
    if not writer.is_writing or writer.is_certain:
        return writer.is_writing
    writer.note_nonce("ready", 0)
    probe = writer.submit(_Probe())
    try:
        probe.result(PROBE_S)
    except (FujieError, TimeoutError, CancelledError):
        probe.cancel()
        return False
    return True


def _disk(services: Services) -> bool:
    return shutil.disk_usage(services.settings.data).free >= ROOM


CHECKS: dict[str, Callable[[Services], bool]] = {
    "database": _database,
    "writer": _writer,
    "disk": _disk,
}


def _gauges(services: Services) -> dict[str, float]:
    """What stands now."""
    uploads = METADATA.tables["upload"]
    head = services.sequencer.head
    registry = services.sequencer.registry
    with services.db.engine.connect() as connection:
        wanted = select(func.count()).select_from(BLOB).where(BLOB.c.stored_index.is_(None))
        folded = connection.execute(select(POSITION.c.next)).scalar()
        made = {
            "blobs_wanted": connection.execute(wanted).scalar_one(),
            "uploads_open": connection.execute(
                select(func.count()).select_from(uploads)
            ).scalar_one(),
        }
    memory = resource.getrusage(resource.RUSAGE_SELF)
    return {name: float(value) for name, value in made.items()} | {
        "log_entries": float(head.size),
        "log_witnessed_entries": float(services.cosigned.newest().size),
        "projections_behind_entries": float(head.size - (folded or 0)),
        "devices": float(sum(one.revoked_at is None for one in registry.devices.values())),
        "disk_free_bytes": float(shutil.disk_usage(services.settings.data).free),
        "memory_peak_bytes": float(memory.ru_maxrss * 1024),
        "cpu_seconds": memory.ru_utime + memory.ru_stime,
    }


HANDLERS = (health, ready, metrics)
