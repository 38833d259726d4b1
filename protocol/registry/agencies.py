"""How an agency's own two keys come about and change: its root, and the issuer under it. Pure.

    agency_registered    by its root key: opens the agency; once more by the same root: new
                         details, or another issuer
    agency_described     by a registrar: what documents and pages say of it; its keys stay
    agency_rerooted      by the old root and by the new one: another root, the issuer under it

A former issuer stays known, because what it certified is what old records are verified with; it
certifies nothing new, for only the one in force is an authority (``registry.py``). So does a
former root. A key that is somebody else's already is never taken for an agency's.

>>> from protocol.registry.roster import Registry
>>> issuer_in_force(Registry(), "11990123MB0000001A", b"", None) is None
True
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from protocol import credential
from protocol.errors import FujieError
from protocol.keys import Verifier
from protocol.registry.roster import Agency, Issuer, Registry, root_of
from protocol.statements import AgencyDescribed, AgencyRegistered, AgencyRerooted

WORDS = (
    "name",
    "short_name",
    "region",
    "region_name",
    "government",
    "court",
    "hotline",
    "address",
    "bank",
)
"""What documents and pages say of an agency."""


def registered(
    registry: Registry, said: AgencyRegistered, signers: frozenset[bytes], index: int
) -> Registry:
    """The registry after a registration; the same one if its signers may not say it."""
    root, standing = root_of(said), registry.agencies.get(said.agency)
    if root is None or root.key_id not in signers or (standing and standing.root != root):
        return registry
    issuer = issuer_in_force(registry, said.agency, said.issuer, root)
    if issuer is None:
        return registry
    before = standing.issuers if standing else ()
    former = standing.former_roots if standing else ()
    described = standing.described if standing else ()
    return _with(registry, Agency(said, root, _first(issuer, before), index, former, described))


def described(registry: Registry, said: AgencyDescribed, index: int) -> Registry:
    """The registry after a registrar gave the agency other words."""
    standing = registry.agencies.get(said.agency)
    if standing is None:
        return registry
    words = {name: getattr(said, name) for name in WORDS}
    record = msgspec.structs.replace(standing.record, **words)
    return _with(registry, replace(standing, record=record, described=(*standing.described, index)))


def rerooted(registry: Registry, said: AgencyRerooted, signers: frozenset[bytes]) -> Registry:
    """The registry after a change of root: the old one names its heir, and the heir shows that
    it is there. The same registry if either did not sign."""
    root, standing = root_of(said), registry.agencies.get(said.agency)
    if standing is None or root is None or root.key_id in registry.keys:
        return registry
    if not {root.key_id, standing.root.key_id} <= signers:
        return registry
    issuer = issuer_in_force(registry, said.agency, said.issuer, root)
    if issuer is None:
        return registry
    issuers = _first(issuer, standing.issuers)
    return _with(
        registry, replace(standing, root=root, issuers=issuers, former_roots=standing.roots)
    )


def issuer_in_force(
    registry: Registry, agency: str, certificate: bytes, root: Verifier | None
) -> Issuer | None:
    """The issuer that ``root`` certified for this agency; none whose key is somebody else's."""
    if root is None:
        return None
    try:
        claims = credential.open_issuer(certificate, root)
        key_id = claims.key_id
    except FujieError:
        return None
    known = registry.agencies.get(agency)
    own = {one.claims.key_id for one in known.issuers} if known else set()
    if claims.agency != agency or (key_id in registry.keys and key_id not in own):
        return None
    return Issuer(claims, certificate, root)


def _first(issuer: Issuer, before: tuple[Issuer, ...]) -> tuple[Issuer, ...]:
    """``issuer``, then the former ones; certified anew, a key stands in one place only."""
    return (issuer, *(one for one in before if one.claims.key_id != issuer.claims.key_id))


def _with(registry: Registry, agency: Agency) -> Registry:
    root, key = agency.root, agency.issuer.verifier
    return replace(
        registry,
        agencies={**registry.agencies, agency.record.agency: agency},
        keys={**registry.keys, root.key_id: root, key.key_id: key},
    )
