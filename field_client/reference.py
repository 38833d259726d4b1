"""The reference data on the tablet: the newest verified bundle, kept in the vault.

A bundle comes from the server (or at enrolment) as signed bytes; it is verified against the
agency's issuer before it replaces an older one, and an older one never replaces a newer.

    shelf = ReferenceShelf(vault, issuer_verifier)
    shelf.fetch(wire)                # a newer one, if there is any
    shelf.put(bundle_bytes)          # verified, durable; the one before is kept as well
    shelf.current.items              # protocol.reference.Reference
"""

from __future__ import annotations

import threading

from sqlmodel import col, delete, select

from field_client.errors import NoReference
from field_client.tables import ReferenceRow
from field_client.vault import Vault
from field_client.wire import Wire
from protocol.keys import Verifier
from protocol.reference import Reference, open_reference


class ReferenceShelf:
    """The bundles of one tablet. Safe for use by several threads."""

    def __init__(self, vault: Vault, issuer: Verifier) -> None:
        self._vault = vault
        self._issuer = issuer
        self._lock = threading.Lock()
        self._current = self._newest()

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

    def put(self, bundle: bytes) -> Reference:
        """Verify a bundle and keep it. Raises what ``open_reference`` raises; then nothing
        has changed."""
        with self._lock:
            reference = open_reference(bundle, self._issuer, self.version)
            if self._current is not None and reference.version == self.version:
                return self._current
            with self._vault.transaction() as session:
                session.exec(delete(ReferenceRow).where(col(ReferenceRow.version) < self.version))
                session.merge(
                    ReferenceRow(
                        version=reference.version, bundle=bundle, issued_at=reference.issued_at
                    )
                )
            self._current = reference
            return reference

    def fetch(self, wire: Wire) -> None:
        """Fetch a newer bundle, if the server has one. Raises what ``wire`` and ``put`` raise."""
        bundle = wire.get_bytes("/v1/reference", f"have={self.version}")
        if bundle is not None:
            self.put(bundle)

    def _newest(self) -> Reference | None:
        with self._vault.session() as session:
            row = session.exec(
                select(ReferenceRow).order_by(col(ReferenceRow.version).desc()).limit(1)
            ).first()
        return open_reference(row.bundle, self._issuer, 0) if row else None
