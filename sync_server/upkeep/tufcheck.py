"""Whether an agency's TUF repository is the one that its tablets can follow; a part of ``fsck``.

    1.root.json → 2.root.json → …       each signed by the one before and by itself; the last names
                                        the root and the issuer that are in force
    timestamp → snapshot → targets      each by the issuer that a root names, each naming the next
    targets/<sha256>.reference.dsse     the published bundle of its version

A tablet would refuse what is wrong here, at its next contact; this says it before.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from protocol.registry.registry import Registry
from sync_server.reference import tufrepo
from sync_server.store.tables import METADATA

_ROOT = re.compile(r"([1-9]\d*)\.root\.json")
_OTHER = re.compile(r"(?:([1-9]\d*)\.(targets|snapshot)|timestamp)\.json")
Rows = Mapping[str, tuple[int, bytes]]
Published = Mapping[tuple[str, int], str]


def differences(connection: Connection, registry: Registry, published: Published) -> Iterator[str]:
    """What a reader of any agency's repository would stumble over."""
    c = METADATA.tables["tuf"].c
    for agency in (
        connection.execute(select(c.agency).distinct().order_by(c.agency)).scalars().all()
    ):
        files = select(c.name, c.version, c.body).where(c.agency == agency)
        rows = {name: (version, body) for name, version, body in connection.execute(files)}
        try:
            yield from _Repository(agency, rows, published).differences(registry)
        except (RepositoryError, ValueError, KeyError, TypeError) as fault:
            yield f"the repository of {agency} cannot be read: {str(fault)[:120]!r}"


@dataclass
class _Repository:
    agency: str
    rows: Rows
    published: Published
    roots: list[Root] = field(default_factory=list)

    def differences(self, registry: Registry) -> Iterator[str]:
        """All checks."""
        yield from self._roots(registry)
        versions = {version for version, _ in self.rows.values() if version}
        for version in sorted(versions):
            yield from self._version(version)
        yield from self._newest(max(versions, default=0))
        for name, (version, _) in sorted(self.rows.items()):
            if not self._is_known(name, version):
                yield self._says(f"{name} does not belong there")

    def _says(self, detail: str) -> str:
        return f"repository of {self.agency}: {detail}"

    def _roots(self, registry: Registry) -> Iterator[str]:
        numbers = sorted(int(hit[1]) for hit in map(_ROOT.fullmatch, self.rows) if hit)
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            yield self._says("root metadata are missing")
            return
        for number in numbers:
            read: Metadata[Any] = Metadata.from_bytes(self.rows[f"{number}.root.json"][1])
            for signed_by in (*self.roots[-1:], read.signed):
                signed_by.verify_delegate(Root.type, read.signed_bytes, read.signatures)
            if read.signed.version != number:
                yield self._says(f"{number}.root.json is another version")
            self.roots.append(read.signed)
        known = registry.agencies.get(self.agency)
        newest = self.rows[f"{numbers[-1]}.root.json"][1]
        waiting = tufrepo.PENDING in self.rows
        if known is None or not (
            waiting or tufrepo.names_keys(newest, known.root, known.issuer.verifier)
        ):
            yield self._says("the newest root metadata name other keys than those in force")

    def _version(self, version: int) -> Iterator[str]:
        targets = self._signed(f"{version}.targets.json", version)
        snapshot = self._signed(f"{version}.snapshot.json", version)
        if targets is None or snapshot is None:
            yield self._says(f"version {version} is not whole, or not signed by its issuer")
            return
        sha256 = targets["targets"][tufrepo.TARGET]["hashes"]["sha256"]
        of, body = self.rows.get(f"targets/{sha256}.{tufrepo.TARGET}", (0, b""))
        if of != version or hashlib.sha256(body).hexdigest() != sha256:
            yield self._says(f"the data of version {version} are not those that it names")
        if self.published.get((self.agency, version)) != sha256:
            yield self._says(f"version {version} names other data than were published")
        if not self._leads(snapshot["meta"]["targets.json"], f"{version}.targets.json"):
            yield self._says(f"{version}.snapshot.json names another targets.json")

    def _newest(self, version: int) -> Iterator[str]:
        stamp = self._signed("timestamp.json", version)
        if stamp is None or not self._leads(
            stamp["meta"]["snapshot.json"], f"{version}.snapshot.json"
        ):
            yield self._says("timestamp.json does not lead to the newest version")

    def _leads(self, named: Mapping[str, Any], name: str) -> bool:
        body = self.rows.get(name, (0, b""))[1]
        return bool(named["hashes"]["sha256"] == hashlib.sha256(body).hexdigest())

    def _signed(self, name: str, version: int) -> Mapping[str, Any] | None:
        """What a file says, if it is of this version and an issuer of ours signed it."""
        if name not in self.rows or self.rows[name][0] != version:
            return None
        read: Metadata[Any] = Metadata.from_bytes(self.rows[name][1])
        role = read.signed.type
        if read.signed.version != version or role not in name:
            return None
        for root in reversed(self.roots):
            try:
                root.verify_delegate(role, read.signed_bytes, read.signatures)
            except RepositoryError:
                continue
            said: Mapping[str, Any] = json.loads(self.rows[name][1])["signed"]
            return said
        return None

    def _is_known(self, name: str, version: int) -> bool:
        if name == tufrepo.PENDING or _ROOT.fullmatch(name):
            return version == 0
        if name.startswith("targets/"):
            _, _, target = tufrepo.names(version, self.rows[name][1])
            return version > 0 and name == target
        hit = _OTHER.fullmatch(name)
        return hit is not None and hit[1] in (None, str(version))
