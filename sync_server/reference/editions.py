"""When a new version of the reference data goes out, and that it goes out whole.

    editions.publish(agency)     a new version now
    editions.renew(agency)       one if the registry has changed, or the last one grows old
    editions.expect_room(agency, more)      asked before the log says what makes it longer

``renew`` is asked at each contact of a tablet, so that a suspension takes effect at the next one,
and so that data which did not change are still known to be fresh: half of ``stale_ms`` after its
issue a version is followed by another.

A version is in four places, in this order: the bundle's row, the statement in the log, the TUF
repository, and then on tablets. What a crash leaves behind is finished by ``mend`` at the next
start: a bundle without statement is replaced, a statement without files gets another version.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from protocol.errors import FujieError, Refused
from protocol.keys import Ed25519Signer
from protocol.reference import MAX_REFERENCE, Reference, open_reference
from protocol.registry.registry import Registry
from sync_server.clock import Clock
from sync_server.keys.keyring import Keyring
from sync_server.log.facts import Facts
from sync_server.log.journal import OfficeJournal
from sync_server.reference import references, tufrepo
from sync_server.reference.deltas import Deltas
from sync_server.reference.references import Catalogue, LogTrust
from sync_server.store.db import Database

ROOM = 512 << 10
"""Bytes that lists and roster leave free, so that a suspension, a key, a tablet always goes out."""


class NoPlace(Refused):
    """Lists or officers that the reference data would not hold."""


class Editions:
    """The one who publishes; two at once would take the same number."""

    def __init__(
        self,
        db: Database,
        office: OfficeJournal,
        facts: Facts,
        keyring: Keyring,
        clock: Clock,
        catalogue: Callable[[str], Catalogue],
        log: LogTrust,
    ) -> None:
        self.db = db
        self.office = office
        self.facts = facts
        self.keyring = keyring
        self.clock = clock
        self.catalogue = catalogue
        self.log = log
        self.deltas = Deltas(db)
        self._lock = threading.Lock()
        # By agency: the registry's version that the newest edition was compared with, and the
        # time from which another is due.
        self._known: dict[str, tuple[int, int]] = {}

    def publish(self, agency: str) -> bytes:
        """Publish what devices of an agency need to know, as the registry has it now."""
        with self._lock:
            return self._publish(agency)

    def is_fresh(self, agency: str) -> bool:
        """Whether the newest edition is known to say what the registry says, and to be new
        enough. Never waits."""
        known = self._known.get(agency)
        return bool(known and known[0] == self._registry.version and self.clock.now() < known[1])

    def renew(self, agency: str) -> None:
        """Publish another version if the newest says something else than the registry, or is
        half as old as it may become. A lower level's agency publishes its own."""
        with self._lock:
            if self.is_fresh(agency) or agency not in self._registry.own_agencies:
                return
            newest, now = self._newest(agency), self.clock.now()
            if newest is None or self._is_due(newest, now) or self._differs(newest, now):
                self._publish(agency)
            else:
                self._remember(newest)

    def expect_room(self, agency: str, more: int) -> None:
        """Raises NoPlace where ``more`` bytes would leave less than ``ROOM``: what stands in the
        log and fits in no version would keep every later one from the tablets."""
        size = len(msgspec.json.encode(self.compose(agency, 1, self.clock.now()))) + more
        if more > 0 and size > MAX_REFERENCE - ROOM:
            raise NoPlace(
                "with this the tablets would have to hold {size} bytes of lists and officers, "
                "expected at most {most}; shorten it, nothing was changed",
                size=size,
                most=MAX_REFERENCE - ROOM,
            )

    def mend(self) -> None:
        """Finish what a crash cut short."""
        with self._lock:
            for agency, known in self._registry.own_agencies.items():
                published = self._registry.references.get(agency)
                issuer = known.issuer.verifier
                if tufrepo.is_behind(self.db, agency, published, known.root, issuer):
                    self._publish(agency)

    def compose(self, agency: str, version: int, at: int) -> Reference:
        """One version of the reference data as of ``at`` (ms); nothing is published."""
        composed = references.compose(
            self._registry, agency, version, at, self.catalogue(agency), self.log
        )
        return msgspec.structs.replace(composed, exchange_key=self.keyring.exchange_public)

    @property
    def _registry(self) -> Registry:
        return self.facts.registry

    def _publish(self, agency: str) -> bytes:
        version = self._registry.references.get(agency, 0) + 1
        reference = self.compose(agency, version, self.clock.now())
        issuer = self.keyring.issuer(agency)
        bundle = references.publish(self.db, self.office, issuer, reference, reference.issued_at)
        self._to_tuf(agency, version, bundle, issuer)
        self._remember(reference)
        return bundle

    def _to_tuf(self, agency: str, version: int, bundle: bytes, issuer: Ed25519Signer) -> None:
        if not tufrepo.exists(self.db, agency):
            return  # founded by an older version; the first rotation makes a repository
        known = self._registry.agencies[agency]
        files = tufrepo.version_files(version, bundle, issuer, known.issuer.valid_until)
        tufrepo.publish(self.db, agency, version, files, known.root, issuer.verifier)

    def _newest(self, agency: str) -> Reference | None:
        found = self.facts.reference(agency)
        try:
            issuer = self._registry.agencies[agency].issuer.verifier
            return open_reference(found[1], issuer, 0) if found else None
        except FujieError:
            return None  # by an issuer that is no longer in force

    def _is_due(self, newest: Reference, now: int) -> bool:
        return not newest.issued_at <= now < _due(newest)

    def _differs(self, newest: Reference, now: int) -> bool:
        said = self.compose(newest.agency.id, newest.version, now)
        return msgspec.structs.replace(said, issued_at=newest.issued_at) != newest

    def _remember(self, reference: Reference) -> None:
        self._known[reference.agency.id] = (self._registry.version, _due(reference))


def _due(reference: Reference) -> int:
    return reference.issued_at + reference.parameters.stale_ms // 2
