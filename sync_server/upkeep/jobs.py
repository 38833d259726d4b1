"""What time makes due, done beside the answers as long as the server runs.

    every so often ──▶ one thread: uploads whose time is over, nonces that no request can use any
                       more, sign-ins from long ago, who asked the office and was answered,
                       the search's entries of what is over, tablets that need numbers;
                       stored files read again

A job judges by the server's clock what is due, so that nothing is lost by a server that stood
still, and a second run finds nothing to do. Whatever goes wrong in one is logged, keeps no other
from its turn, and is tried again at the next.

    with running(services):
        uvicorn.run(...)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlmodel import col, delete, update

from protocol.calendar import local_day
from sync_server.devices import spool, stored
from sync_server.devices.replenishing import Replenishing
from sync_server.projections import fulltext
from sync_server.services import Services
from sync_server.store.desktables import PublicRequestRow
from sync_server.store.tables import NonceRow, SessionRow, SignInRow
from sync_server.upkeep import destroying, fixity

MINUTE_S = 60.0
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SIGN_INS_MS = 200 * DAY_MS
"""Who signed in is kept longer than the half year that the Cybersecurity Law asks for."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """Something to be done every so often."""

    name: str
    every_s: float
    work: Callable[[Services], None]


def forget_nonces(services: Services) -> None:
    """Requests that are too old to be sent again need not be remembered."""
    now = services.clock.now()
    with services.db.private() as session:
        session.exec(delete(NonceRow).where(col(NonceRow.expires_at) < now))


def forget_sign_ins(services: Services) -> None:
    """Sessions that have ended, and sign-ins from long ago."""
    now = services.clock.now()
    with services.db.private() as session:
        session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
        session.exec(delete(SignInRow).where(col(SignInRow.at) < now - SIGN_INS_MS))


def forget_contacts(services: Services) -> None:
    """Who asked the office something, some time after it was answered; and from where, at once."""
    now, row = services.clock.now(), PublicRequestRow
    with services.db.private() as session:
        long_ago = (col(row.at) <= now - HOUR_MS, col(row.sender).is_not(None))
        session.exec(update(row).where(*long_ago).values(sender=None))
        until = now - services.settings.contact_days * DAY_MS
        answered = (col(row.answered_at) <= until, col(row.erased_at).is_(None))
        session.exec(update(row).where(*answered).values(name="", contact="", erased_at=now))


def forget_ended(services: Services) -> None:
    """Publications whose time is over need not be looked through any more."""
    today = local_day(services.clock.now()).isoformat()
    with services.db.engine.connect() as connection:
        over = fulltext.ended(connection, today)
    if over:
        with services.db.writer.begin() as connection:
            fulltext.drop(connection, over)


JOBS = (
    Job("destructions", 60 * MINUTE_S, destroying.CarryingOut()),
    Job("expired uploads", 10 * MINUTE_S, stored.forget_expired),
    Job("exports read halfway", 60 * MINUTE_S, spool.forget_old),
    Job("blocks of numbers", 60 * MINUTE_S, Replenishing()),
    Job("old nonces", 10 * MINUTE_S, forget_nonces),
    Job("old sign-ins", 60 * MINUTE_S, forget_sign_ins),
    Job("contacts of the public", 60 * MINUTE_S, forget_contacts),
    Job("display that is over", 60 * MINUTE_S, forget_ended),
    Job("objects that are gone", 24 * 60 * MINUTE_S, fixity.look_for_objects),
    Job("files read again", 6 * 60 * MINUTE_S, fixity.check_all),
)


@contextmanager
def running(services: Services, jobs: Sequence[Job] = JOBS) -> Iterator[None]:
    """Do each job now, and every so often until the block ends."""
    end = threading.Event()
    thread = threading.Thread(target=_run, args=(services, jobs, end), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _run(services: Services, jobs: Sequence[Job], end: threading.Event) -> None:
    due = dict.fromkeys(range(len(jobs)), time.monotonic())
    while due and not end.wait(max(0.0, min(due.values()) - time.monotonic())):
        number = min(due, key=lambda one: due[one])
        due[number] = time.monotonic() + jobs[number].every_s
        _do(jobs[number], services)


def _do(job: Job, services: Services) -> None:
    try:
        job.work(services)
    except Exception as fault:  # a thread that ended would leave all the others undone
        log.error("a job failed", job=job.name, kind=type(fault).__name__, exc_info=fault)
