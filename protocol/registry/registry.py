"""Who may sign what: agencies, staff, officers, devices and their keys, folded from the log.

    agency_registered      by the agency's root key: opens the agency, or changes its issuer
    agency_rerooted        by the old root and the new: another root, and the issuer under it
    device_enrolled        by the issuer: a device's key and its journal
    staff_registered       by the issuer: a person of the office
    officer_registered     by the issuer or a registrar: an officer, or a change of standing
    officer_credentialed   by the issuer: an officer's key on one device
    numbers_granted        by the issuer or a registrar: a block of numbers, a delegated seal
    device_revoked         by the issuer or a registrar: trusted no longer
    staff_role_changed, staff_ended, device_suspended, device_reinstated
                           by a registrar (``standing.py``)
    agency_described       by a registrar: what documents and pages say of the agency
    catalogue_changed      by the issuer or a registrar: another version of a list
    device_key_asked       by the issuer or a registrar: a new key, please (``rekeys.py``)
    device_rekeyed         by the issuer: the device's new key (``rekeys.py``)
    officer_key_retired    by the issuer or a registrar: a key counts no more (``rekeys.py``)
    journal_closed         by the issuer: a device's journal ends (``journals.py``)
    evidence_adopted       by a registrar: what a device's export brought (``journals.py``)
    succession_opened      by the office's device: it writes another journal from here on
    reference_published    by the issuer: the newest version that devices may cite

The fold is pure and only the writer runs it, on the office's accepted records in the order of
the log. A record signed by nobody who may say it stays in the log and changes nothing here.
Keys stay known after a revocation, because what was signed before still has to verify. A key
has one holder for good, and so has a journal: otherwise a later registration would change who
signed what is in the log already.

>>> Registry().verifier(bytes(32)) is None
True
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch

from protocol import credential
from protocol.errors import FujieError
from protocol.keys import Verifier
from protocol.registry import agencies, journals, lower, rekeys, standing
from protocol.registry.roster import (
    OFFICE,
    Adopted,
    Agency,
    Device,
    Grant,
    Issuer,
    OfficerChange,
    OfficerKey,
    Registry,
    Staff,
    key_of,
)
from protocol.registry.told import KINDS, Told
from protocol.statements import (
    AgencyDescribed,
    AgencyRegistered,
    AgencyRerooted,
    CatalogueChanged,
    DeviceEnrolled,
    DeviceKeyAsked,
    DeviceReinstated,
    DeviceRekeyed,
    DeviceRevoked,
    DeviceSuspended,
    EvidenceAdopted,
    JournalClosed,
    NumbersGranted,
    OfficerCredentialed,
    OfficerKeyRetired,
    OfficerRegistered,
    ReferencePublished,
    StaffEnded,
    StaffRegistered,
    StaffRoleChanged,
    SuccessionOpened,
)
from protocol.vocabulary import StaffRole

__all__ = [
    "KINDS",
    "OFFICE",
    "Adopted",
    "Agency",
    "Device",
    "Grant",
    "Issuer",
    "OfficerChange",
    "OfficerKey",
    "Registry",
    "Staff",
    "Told",
    "apply",
]

LOST = 10_000
"""Versions of the reference data that a succession passes over."""


def apply(registry: Registry, told: Told) -> Registry:
    """The registry after one accepted record of the office; the same one if it says nothing
    here, or if none of its signers may say it."""
    changed = _apply(told.statement, registry, told)
    return registry if changed is registry else replace(changed, version=registry.version + 1)


@singledispatch
def _apply(statement: object, registry: Registry, told: Told) -> Registry:
    return registry


@_apply.register
def _(statement: AgencyRegistered, registry: Registry, told: Told) -> Registry:
    return agencies.registered(registry, statement, frozenset(told.signers), told.index)


@_apply.register
def _(statement: AgencyRerooted, registry: Registry, told: Told) -> Registry:
    return agencies.rerooted(registry, statement, frozenset(told.signers))


@_apply.register
def _(statement: DeviceEnrolled, registry: Registry, told: Told) -> Registry:
    agency = _authority(registry, told, statement.agency)
    if agency is None:
        return registry
    try:
        claims = credential.open_device(statement.certificate, agency.issuer)
    except FujieError:
        return registry
    key = claims.verifier
    journal = bytes.fromhex(statement.journal)
    name = (statement.agency, statement.device)
    known = registry.devices.get(name)
    if known is not None and (known.key, known.journal) != (key, journal):
        return registry
    if statement.device != OFFICE and (
        _held_by_another(
            registry, key, known.key if known else lower.key_before(registry, *name, key)
        )
        or registry.journals.get(journal, name) != name
    ):
        return registry
    device = (
        replace(known, certificate=statement.certificate)
        if known
        else Device(*name, key, journal, statement.certificate, told.index)
    )
    return replace(
        registry,
        devices={**registry.devices, name: device},
        keys={**registry.keys, key.key_id: key},
        journals={**registry.journals, journal: name},
        device_keys={**registry.device_keys, key.key_id: name},
    )


@_apply.register
def _(statement: StaffRegistered, registry: Registry, told: Told) -> Registry:
    if _authority(registry, told, statement.agency) is None:
        return registry
    key = key_of(statement.public_key)
    if key is None:
        return registry
    name = (statement.agency, statement.account)
    known = registry.staff.get(name)
    if (known and known.ended) or _held_by_another(registry, key, known.key if known else None):
        return registry
    person = Staff(*name, statement.name, statement.role, key, told.index, known)
    return replace(
        registry,
        staff={**registry.staff, name: person},
        keys={**registry.keys, key.key_id: key},
    )


@_apply.register
def _(statement: OfficerRegistered, registry: Registry, told: Told) -> Registry:
    if not _may_register(registry, told, statement.agency):
        return registry
    name = (statement.agency, statement.cert_no)
    changes = (*registry.officers.get(name, ()), OfficerChange(statement, told.index))
    return replace(registry, officers={**registry.officers, name: changes})


@_apply.register
def _(statement: OfficerCredentialed, registry: Registry, told: Told) -> Registry:
    agency = _authority(registry, told, statement.agency)
    if agency is None:
        return registry
    try:
        claims = credential.open_officer(statement.credential, agency.issuer)
    except FujieError:
        return registry
    key = claims.verifier
    held = registry.officer_keys.get(key.key_id)
    same = held and (held.agency, held.cert_no, held.device) == (
        statement.agency,
        statement.cert_no,
        statement.device,
    )
    if _held_by_another(registry, key, held.key if held and same else None):
        return registry
    if held and held.retired_at is not None:  # no key comes back
        return registry
    made = OfficerKey(
        statement.agency, statement.cert_no, statement.device, key, statement.credential, told.index
    )
    return replace(
        registry,
        officer_keys={**registry.officer_keys, key.key_id: made},
        keys={**registry.keys, key.key_id: key},
    )


@_apply.register
def _(statement: NumbersGranted, registry: Registry, told: Told) -> Registry:
    if not _may_register(registry, told, statement.agency):
        return registry
    grant = Grant(statement, told.record_hash, told.index)
    return replace(registry, grants=(*registry.grants, grant))


@_apply.register
def _(statement: DeviceRevoked, registry: Registry, told: Told) -> Registry:
    name = (statement.agency, statement.device)
    device = registry.devices.get(name)
    if device is None or not _may_register(registry, told, statement.agency):
        return registry
    revoked = replace(device, revoked_at=statement.effective_at, changed=told.index)
    return replace(registry, devices={**registry.devices, name: revoked})


@_apply.register
def _(
    statement: StaffRoleChanged | StaffEnded | DeviceSuspended | DeviceReinstated,
    registry: Registry,
    told: Told,
) -> Registry:
    if not any(_registrars(registry, told, statement.agency)):
        return registry
    return standing.changed(registry, statement, told.index)


@_apply.register
def _(statement: AgencyDescribed, registry: Registry, told: Told) -> Registry:
    may = any(_registrars(registry, told, statement.agency))
    return agencies.described(registry, statement, told.index) if may else registry


@_apply.register
def _(statement: CatalogueChanged, registry: Registry, told: Told) -> Registry:
    may = _may_register(registry, told, statement.agency)
    return standing.relisted(registry, statement, told.index) if may else registry


@_apply.register
def _(statement: DeviceKeyAsked, registry: Registry, told: Told) -> Registry:
    may = _may_register(registry, told, statement.agency)
    return rekeys.asked(registry, statement) if may else registry


@_apply.register
def _(statement: DeviceRekeyed, registry: Registry, told: Told) -> Registry:
    agency = _authority(registry, told, statement.agency)
    return rekeys.rekeyed(registry, statement, agency, told.index) if agency else registry


@_apply.register
def _(statement: OfficerKeyRetired, registry: Registry, told: Told) -> Registry:
    may = _may_register(registry, told, statement.agency)
    return rekeys.retired(registry, statement) if may else registry


@_apply.register
def _(statement: JournalClosed, registry: Registry, told: Told) -> Registry:
    if _authority(registry, told, statement.agency) is None:  # a tablet asks for the issuer's hand
        return registry
    return journals.closed(registry, statement, told.index)


@_apply.register
def _(statement: EvidenceAdopted, registry: Registry, told: Told) -> Registry:
    person = next(_registrars(registry, told, statement.agency), None)
    if person is None:
        return registry
    return journals.adopted(registry, statement, person.name, told.record_hash, told.index)


@_apply.register
def _(statement: ReferencePublished, registry: Registry, told: Told) -> Registry:
    if _authority(registry, told, statement.agency) is None:
        return registry
    return replace(
        registry, references={**registry.references, statement.agency: statement.version}
    )


@_apply.register
def _(statement: SuccessionOpened, registry: Registry, told: Told) -> Registry:
    offices = {name: one for name, one in registry.devices.items() if one.name == OFFICE}
    if not any(one.key.key_id in told.signers for one in offices.values()):
        return registry
    moved = {name: replace(one, journal=told.journal) for name, one in offices.items()}
    return replace(
        registry,
        devices={**registry.devices, **moved},
        journals={**registry.journals, told.journal: next(iter(moved))},
        # Tablets may hold versions that were lost: a reader takes nothing older than he has.
        references={
            **registry.references,
            statement.agency: registry.references.get(statement.agency, 0) + LOST,
        },
    )


def _held_by_another(registry: Registry, key: Verifier, own: Verifier | None) -> bool:
    """Whether a key is known, and not as ``own``, the one that its holder has already."""
    return key.key_id in registry.keys and key != own


def _authority(registry: Registry, told: Told, agency: str) -> Agency | None:
    """The agency, if its issuer is among the signers."""
    known = registry.agencies.get(agency)
    return known if known and known.issuer.key_id in told.signers else None


def _may_register(registry: Registry, told: Told, agency: str) -> bool:
    """Whether the issuer or a registrar of the agency is among the signers."""
    return bool(_authority(registry, told, agency)) or any(_registrars(registry, told, agency))


def _registrars(registry: Registry, told: Told, agency: str) -> Iterator[Staff]:
    """The registrars of the agency among the signers."""
    return (
        person
        for person in registry.staff.values()
        if person.agency == agency
        and person.role is StaffRole.REGISTRAR
        and not person.ended
        and person.key.key_id in told.signers
    )
