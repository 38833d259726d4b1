"""The running server's parts, wired once; every page and command gets them from here.

One process writes: a lock on ``<data>/writer.lock`` is held as long as it does, so that two
servers, or a server and a command, never append to one log at once. Commands that only read
open the same parts without the lock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from protocol.calendar import CALENDAR_2026
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError, Refused
from protocol.keys import Ed25519Signer
from protocol.statements import BlobRef
from protocol.vocabulary import Catalogue as List
from sync_server.catalogue import load_catalogue, load_matrix
from sync_server.clock import Clock
from sync_server.keys import keyring
from sync_server.keys.keyring import Keyring
from sync_server.log import rereading
from sync_server.log.cosigning import Cosigned, read_watch
from sync_server.log.facts import Facts
from sync_server.log.guard import Guard
from sync_server.log.journal import OfficeJournal
from sync_server.log.readers import Readers
from sync_server.log.sequencer import Sequencer
from sync_server.reference import lists
from sync_server.reference.editions import Editions
from sync_server.reference.references import Catalogue, LogTrust
from sync_server.settings import Settings
from sync_server.store.blobs import BlobStore, Uploads
from sync_server.store.db import Database
from sync_server.store.files import make_folder
from sync_server.store.objects import open_blobs

RESTORING = "restoring"
"""The folder of a restore under way (``upkeep/restoring.py``)."""


class Busy(FujieError):
    """Another process writes to this folder."""


@dataclass(frozen=True)
class Services:
    """Everything that handlers and commands work with."""

    settings: Settings
    clock: Clock
    db: Database
    keyring: Keyring
    sequencer: Sequencer
    office: OfficeJournal
    facts: Facts
    blobs: BlobStore
    uploads: Uploads
    guard: Guard
    pool: ThreadPoolExecutor
    readers: Readers
    editions: Editions
    cosigned: Cosigned

    @property
    def log_keys(self) -> list[str]:
        """The log's verifier keys in force, as people hand them on; the newest last."""
        return _log_keys(self.settings, self.keyring)

    @property
    def log_key(self) -> str:
        """The newest of them."""
        return self.log_keys[-1]

    @property
    def known_log_keys(self) -> list[str]:
        """Those and the former ones, newest first; old case files are signed by them."""
        former = [key.text for key in self.keyring.former_logs if key.lost_since is None]
        mine = [text for text in former if text.startswith(f"{self.settings.origin}+")]
        return [*reversed(self.log_keys), *reversed(mine)]

    @property
    def lost_log_keys(self) -> dict[str, int]:
        """Former keys that others may have, with the time in ms since when."""
        former = self.keyring.former_logs
        lost = {key.text: key.lost_since for key in former if key.lost_since is not None}
        return {
            text: at for text, at in lost.items() if text.startswith(f"{self.settings.origin}+")
        }

    @property
    def office_key(self) -> Ed25519Signer:
        """The key of the office's device: automatic facts and refusals."""
        return self.keyring.office

    def versions(self, agency: str, which: List) -> dict[str, int]:
        """The highest version that each code or id of a list of the agency's ever had."""
        starting, registry = starting_catalogue(self.settings.catalogue), self.facts.registry
        return lists.versions(starting, registry, agency, partial(_blob, self.blobs), which)

    def publish_reference(self, agency: str) -> bytes:
        """Publish what devices of an agency need to know, as the registry has it now."""
        return self.editions.publish(agency)


def expect_none_begun(settings: Settings) -> None:
    """Raise Refused where a restore was begun and did not end: what stands in the folder is the
    lost log, or half of its successor, and takes nothing more."""
    if (settings.data / RESTORING).exists():
        raise Refused(
            "a restore was begun in {folder} and did not end; give the same fujie-server restore "
            "again",
            folder=str(settings.data),
        )


def starting_catalogue(own: Path | None = None) -> Catalogue:
    """The catalogue that comes with the program (``sync_server/catalogue``), with the files of the
    county's ``own`` folder in place of those of the same name. Raises Malformed, which names the
    file."""
    templates, items = load_catalogue(own)
    return Catalogue(templates, items, load_matrix(own), [CALENDAR_2026])


@contextmanager
def writing(settings: Settings, clock: Clock, succeeds: str = "") -> Iterator[Services]:
    """The parts with the writer running, until the block ends. ``succeeds`` is the log that this
    one goes on from, while it has no head of its own. Raises Busy, and Refused where a restore was
    begun."""
    expect_none_begun(settings)
    with holding(settings):
        keyring.ensure_exchange(settings)
        services = _open(settings, clock, succeeds)
        with services.db.holding() as held:
            if not held:
                raise Busy("another server writes to this database; stop it first")
            rereading.bring_up(services.db)
            services.sequencer.start()
            services.guard.load()
            keyring.settle(settings, services.keyring, services.sequencer.registry)
            if not succeeds:
                services.editions.mend()
            try:
                yield services
            finally:
                services.sequencer.stop()
                _close(services)


@contextmanager
def holding(settings: Settings) -> Iterator[None]:
    """Be the one process that writes to this folder. Raises Busy."""
    make_folder(settings.data)
    with (settings.data / "writer.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                "another server or command writes to {folder}; stop it first",
                folder=str(settings.data),
            ) from None
        yield


@contextmanager
def reading(settings: Settings, clock: Clock) -> Iterator[Services]:
    """The parts without a writer, for commands that run beside a server."""
    services = _open(settings, clock)
    services.sequencer.look()
    try:
        yield services
    finally:
        _close(services)


def _open(settings: Settings, clock: Clock, succeeds: str = "") -> Services:
    keys = keyring.load_keyring(settings)
    db = Database(settings.database)
    sequencer = Sequencer(db, keys.logs, settings.origin, clock, succeeds)
    blobs = open_blobs(settings)
    # A new log's office journal is named for its key: nothing has to remember it.
    office = OfficeJournal(sequencer, clock, keys.office.verifier.key_id[:16])
    facts = Facts(db, sequencer, blobs)
    catalogue = starting_catalogue(settings.catalogue)
    cosigned = Cosigned(db, sequencer, settings.origin, keys.logs, read_watch(settings.witnesses))
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        keyring=keys,
        sequencer=sequencer,
        office=office,
        facts=facts,
        blobs=blobs,
        uploads=Uploads(settings),
        guard=Guard(db, sequencer, clock),
        pool=ThreadPoolExecutor(max(2, settings.readers), "read"),
        readers=Readers(settings.readers),
        editions=Editions(
            db=db,
            office=office,
            facts=facts,
            keyring=keys,
            clock=clock,
            catalogue=lambda agency: lists.in_force(
                catalogue, sequencer.registry, agency, partial(_blob, blobs)
            ),
            log=_log_trust(settings, keys, cosigned),
        ),
        cosigned=cosigned,
    )


def _log_keys(settings: Settings, keys: Keyring) -> list[str]:
    return [VerifierKey(settings.origin, key.verifier.public_key).text() for key in keys.logs]


def _log_trust(settings: Settings, keys: Keyring, cosigned: Cosigned) -> LogTrust:
    return LogTrust(
        keys=_log_keys(settings, keys),
        lost=[one.text for one in keys.former_logs if one.lost_since is not None],
        witnesses=cosigned.watch.keys,
        quorum=cosigned.policy.quorum,
    )


def _blob(blobs: BlobStore, ref: BlobRef) -> bytes:
    sha256 = bytes.fromhex(ref.sha256)
    return blobs.path(sha256).read_bytes() if blobs.has(sha256) else b""


def _close(services: Services) -> None:
    services.pool.shutdown()
    services.readers.close()
    services.db.close()
