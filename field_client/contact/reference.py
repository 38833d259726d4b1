"""The reference data on the tablet: the newest verified bundle, kept in the vault.

A bundle comes at enrolment, and from then on through the agency's TUF repository
(``repository.py``): from the server, or from a stick. It is verified against the issuer in force
before it replaces an older one, and an older one never replaces a newer. Which issuer and which
roots are in force is said by the newest root metadata, kept beside the bundle in one transaction.

    shelf = ReferenceShelf(vault, root, issuer, work)
    shelf.fetch(wire)                # a newer one, if there is any
    shelf.fetch_from(folder)         # the same from a stick, without any network
    shelf.current.items              # protocol.reference.Reference
    shelf.issuers, shelf.roots       # whose certificates count
    shelf.portraits.of(entry)        # an officer's photo, a file of its own
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
from sqlmodel import Session, col, delete, select

from field_client.contact import portraits, repository
from field_client.contact.repository import Fetched, Held, Keys, Online, Stick
from field_client.contact.wire import Wire
from field_client.device_clock import Clock
from field_client.errors import NoReference, NoRepository
from field_client.store import stages
from field_client.store.portraits import Portraits
from field_client.store.tables import ReferenceRow
from field_client.store.vault import Vault
from protocol.credential import IssuerClaims, issuers_of
from protocol.keys import Verifier
from protocol.portraits import FOLDER
from protocol.reference import Reference, open_reference

TUF = "tuf"
"""The name of the newest verified TUF metadata among the vault's single values."""


class ReferenceShelf:
    """The bundles of one tablet. Safe for use by several threads."""

    def __init__(
        self, vault: Vault, root: Verifier, issuer: IssuerClaims, work: Path, clock: Clock
    ) -> None:
        self._vault = vault
        self._enrolled = (root, issuer)
        self._work = work
        self._clock = clock
        self._lock = threading.Lock()
        self._fetching = threading.RLock()
        self._photos = threading.Lock()
        self.portraits = Portraits(work.with_name(FOLDER))
        held = vault.state(TUF)
        self._held = msgspec.msgpack.decode(held, type=Held) if held else None
        self._keys = self._named_by(self._held)
        self._current: Reference | None = None
        self._issuers: tuple[IssuerClaims, ...] = (issuer,)
        row = self._newest()
        if row is not None:
            self._current = open_reference(row.bundle, self._keys.issuer, 0)
            self._issuers = self._certified(self._current, self._keys)

    @property
    def current(self) -> Reference:
        """The newest verified reference data. Raises NoReference before the first."""
        if self._current is None:
            raise NoReference(
                "This tablet has no roster and no item list yet. Connect it to the server once."
            )
        return self._current

    @property
    def version(self) -> int:
        """The version at hand, 0 for none."""
        return self._current.version if self._current else 0

    @property
    def issuers(self) -> tuple[IssuerClaims, ...]:
        """The agency's issuers: the one in force, then the former ones, which vouch for what they
        certified as far as the reference data still list it."""
        return self._issuers

    @property
    def roots(self) -> tuple[Verifier, ...]:
        """The agency's root key in force; several where it has several."""
        return self._keys.roots

    def put(self, bundle: bytes) -> Reference:
        """Verify a bundle and keep it. Raises what ``open_reference`` raises; then nothing
        has changed."""
        with self._lock:
            return self._keep(bundle, self._held, self._keys)

    def fetch(self, wire: Wire) -> None:
        """Fetch a newer bundle, if the server has one. Raises what ``repository.refresh`` and
        ``put`` raise; then nothing has changed."""
        with self._fetching:
            agency = self._enrolled[1].agency
            try:
                self._adopt(self._refreshed(Online(wire, agency, self._clock, self.version)))
            except NoRepository:
                if self._held is not None:
                    raise
                self._fetch_bare(wire)

    def fetch_from(self, folder: Path) -> None:
        """The same from a folder that holds the agency's repository, and the photos with it."""
        with self._fetching:
            self._adopt(self._refreshed(Stick(folder)))
        self._take_photos(Stick(folder), "", None)

    def fetch_photos(
        self, wire: Wire, device: str, within_ms: int | None = portraits.WITHIN_MS
    ) -> int:
        """Fetch officers' photos that are still to come, first of those who have keys on this
        ``device``; returns how many came. Raises what ``portraits.fetch`` raises."""
        source = Online(wire, self._enrolled[1].agency, self._clock)
        return self._take_photos(source, device, within_ms)

    def _take_photos(self, source: Online | Stick, device: str, within_ms: int | None) -> int:
        held, clock = self.portraits, self._clock
        with self._photos:
            return portraits.fetch(held, self.current, source, device, clock, within_ms)

    def _fetch_bare(self, wire: Wire) -> None:
        """From a server of before TUF, as long as this tablet never saw a repository."""
        bundle = wire.get_bytes("/v1/reference", f"have={self.version}")
        if bundle is not None:
            self.put(bundle)

    def _refreshed(self, source: Online | Stick) -> Fetched:
        row = self._newest()
        bundle = row.bundle if row else b""
        return repository.refresh(self._held, self._enrolled[0], source, self._work, bundle)

    def _adopt(self, fetched: Fetched) -> None:
        if fetched.held == self._held:
            return
        with self._lock:
            self._keep(fetched.bundle, fetched.held, self._named_by(fetched.held))

    def _keep(self, bundle: bytes, held: Held | None, keys: Keys) -> Reference:
        reference = open_reference(bundle, keys.issuer, self.version)
        issuers = self._certified(reference, keys)
        newer = reference.version > self.version or (
            held != self._held and reference != self._current
        )
        if newer or held != self._held:
            with self._vault.transaction() as session:
                if held is not None:
                    stages.put(session, TUF, msgspec.msgpack.encode(held))
                if newer:
                    self._put_row(session, reference, bundle)
            self.portraits.tidy(reference.officers)
        if newer or self._current is None:
            self._current = reference
        self._held, self._keys, self._issuers = held, keys, issuers
        return self._current

    def _put_row(self, session: Session, reference: Reference, bundle: bytes) -> None:
        session.exec(delete(ReferenceRow).where(col(ReferenceRow.version) < self.version))
        session.merge(
            ReferenceRow(version=reference.version, bundle=bundle, issued_at=reference.issued_at)
        )

    def _named_by(self, held: Held | None) -> Keys:
        root, issuer = self._enrolled
        return repository.keys_of(held.root) if held else Keys((root,), issuer.verifier)

    def _certified(self, reference: Reference, keys: Keys) -> tuple[IssuerClaims, ...]:
        """The issuers that the data name; before they named any, the enrolment's."""
        return issuers_of(reference, keys.roots, keys.issuer) or (self._enrolled[1],)

    def _newest(self) -> ReferenceRow | None:
        with self._vault.session() as session:
            return session.exec(
                select(ReferenceRow).order_by(col(ReferenceRow.version).desc()).limit(1)
            ).first()
