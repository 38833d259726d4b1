"""The reference data that an agency publishes to its devices: composed, signed, stated.

    compose    (P) roster, devices and keys of the registry, with the catalogue → one version
    publish    signs it with the issuer's key, keeps the bundle, states ``reference_published``

A new version goes out whenever the registry has changed in what devices need to know. The
bundle is kept before the statement is made: a bundle without statement is never handed out and
is replaced by the next one, a statement without bundle cannot be.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocol.keys import Signer
from protocol.reference import (
    AgencyInfo,
    CalendarYear,
    IssuerEntry,
    Item,
    OfficerKey,
    Parameters,
    PublicationRow,
    Reference,
    RosterDevice,
    RosterOfficer,
    Template,
    sign_reference,
)
from protocol.registry.registry import Registry
from protocol.statements import OfficerRegistered, ReferencePublished
from sync_server.log.journal import OfficeJournal
from sync_server.store import bundles
from sync_server.store.db import Database


@dataclass(frozen=True)
class Catalogue:
    """What an agency works with, besides its people and devices."""

    templates: Sequence[Template]
    items: Sequence[Item]
    matrix: Sequence[PublicationRow]
    years: Sequence[CalendarYear]
    parameters: Parameters = field(default_factory=Parameters)


@dataclass(frozen=True)
class LogTrust:
    """What devices are told about the log: its keys in force (verifier key texts), those that
    are in other hands, and the witnesses of whom ``quorum`` must have cosigned."""

    keys: Sequence[str]
    lost: Sequence[str] = ()
    witnesses: Sequence[str] = ()
    quorum: int = 0


def compose(
    registry: Registry,
    agency: str,
    version: int,
    at: int,
    catalogue: Catalogue,
    log: LogTrust,
) -> Reference:
    """One version of an agency's reference data as of ``at`` (ms). Photos are named in it and are
    files of their own (``portraits.py``)."""
    registered = registry.agencies[agency].record
    info = AgencyInfo(
        id=agency,
        name=registered.name,
        short_name=registered.short_name,
        region=registered.region,
        region_name=registered.region_name,
        government=registered.government,
        court=registered.court,
        hotline=registered.hotline,
        address=registered.address,
        bank=registered.bank,
    )
    return Reference(
        version=version,
        issued_at=at,
        agency=info,
        items=list(catalogue.items),
        officers=_officers(registry, agency, at),
        devices=_devices(registry, agency),
        templates=list(catalogue.templates),
        years=list(catalogue.years),
        matrix=list(catalogue.matrix),
        parameters=catalogue.parameters,
        log_keys=list(log.keys),
        log_keys_lost=list(log.lost),
        witnesses=list(log.witnesses),
        witness_quorum=log.quorum,
        issuers=[
            IssuerEntry(certificate=one.certificate, root_key=one.root.public_key.hex())
            for one in registry.agencies[agency].issuers
        ],
    )


def publish(
    db: Database, office: OfficeJournal, issuer: Signer, reference: Reference, at: int
) -> bytes:
    """Sign a version, keep it and state it. Returns the bundle."""
    bundle = sign_reference(reference, issuer)
    agency = reference.agency.id
    with db.private() as session:
        bundles.keep(session, agency, reference.version, bundle)
    statement = ReferencePublished(
        agency=agency,
        at=at,
        salt=secrets.token_hex(16),
        version=reference.version,
        sha256=hashlib.sha256(bundle).hexdigest(),
    )
    office.state(statement, [issuer])
    return bundle


def _officers(registry: Registry, agency: str, at: int) -> list[RosterOfficer]:
    keys: dict[str, list[OfficerKey]] = {}
    for key_id, made in registry.officer_keys.items():
        if made.agency == agency:
            held = OfficerKey(
                key_id=key_id.hex(),
                device=made.device,
                credential=made.credential,
                retired_at=made.retired_at or 0,
            )
            keys.setdefault(made.cert_no, []).append(held)
    return [_officer(line, keys.get(line.cert_no, [])) for line in registry.roster(agency, at)]


def _officer(line: OfficerRegistered, keys: list[OfficerKey]) -> RosterOfficer:
    return RosterOfficer(
        cert_no=line.cert_no,
        name=line.name,
        unit=line.unit,
        position=line.position,
        category=line.category,
        field=line.field,
        region=line.region,
        region_name=line.region_name,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
        photo=line.photo,
        issuer_kind=line.issuer_kind,
        filing=line.filing,
        standing=line.standing,
        effective_at=line.effective_at,
        credentials=keys,
    )


def _devices(registry: Registry, agency: str) -> list[RosterDevice]:
    return [
        RosterDevice(
            name=device.name,
            certificate=device.certificate,
            revoked_at=device.revoked_at or 0,
            former=[one.certificate for one in device.former],
            suspended_at=device.suspended_at or 0,
        )
        for device in registry.devices.values()
        if device.agency == agency
    ]
