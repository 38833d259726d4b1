"""Who may sign what: agencies, staff, officers, devices and their keys, folded from the log.

    agency_registered      by the agency's root key: opens the agency
    device_enrolled        by the issuer: a device's key and its journal
    staff_registered       by the issuer: a person of the office
    officer_registered     by the issuer or a registrar: an officer, or a change of standing
    officer_credentialed   by the issuer: an officer's key on one device
    numbers_granted        by the issuer or a registrar: a block of numbers, a delegated seal
    device_revoked         by the issuer or a registrar: trusted no longer
    reference_published    by the issuer: the newest version that devices may cite

The fold is pure and only the writer runs it, on the office's accepted records in the order of
the log. A record signed by nobody who may say it stays in the log and changes nothing here.
Keys stay known after a revocation, because what was signed before still has to verify.

>>> Registry().verifier(bytes(32)) is None
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch

from protocol import credential
from protocol.credential import IssuerClaims
from protocol.envelope import Lookup
from protocol.errors import FujieError
from protocol.keys import ED25519, Verifier
from protocol.statements import (
    AgencyRegistered,
    DeviceEnrolled,
    DeviceRevoked,
    NumbersGranted,
    OfficerCredentialed,
    OfficerRegistered,
    ReferencePublished,
    StaffRegistered,
    Statement,
    Unknown,
)
from protocol.vocabulary import StaffRole

KINDS = (
    "agency_registered",
    "device_enrolled",
    "staff_registered",
    "officer_registered",
    "officer_credentialed",
    "numbers_granted",
    "device_revoked",
    "reference_published",
)
"""The kinds that change anything here."""

OFFICE = "office"
"""The name of the device that is the server itself."""


@dataclass(frozen=True)
class Agency:
    """An agency with its two keys; ``record`` is the statement that registered it."""

    record: AgencyRegistered
    root: Verifier
    issuer: IssuerClaims
    index: int


@dataclass(frozen=True)
class Staff:
    """A person of the office."""

    agency: str
    account: str
    name: str
    role: StaffRole
    key: Verifier
    index: int


@dataclass(frozen=True)
class Device:
    """A tablet, or the office itself. ``revoked_at`` is when trust ended, in ms."""

    agency: str
    name: str
    key: Verifier
    journal: bytes
    certificate: bytes
    index: int
    revoked_at: int | None = None


@dataclass(frozen=True)
class OfficerKey:
    """An officer's key on one device."""

    agency: str
    cert_no: str
    device: str
    key: Verifier
    credential: bytes
    index: int


@dataclass(frozen=True)
class OfficerChange:
    """One registration of an officer: the first, or a later change of standing."""

    record: OfficerRegistered
    index: int


@dataclass(frozen=True)
class Grant:
    """A block of numbers; ``record_hash`` is what issuing statements cite."""

    record: NumbersGranted
    record_hash: bytes
    index: int


@dataclass(frozen=True)
class Registry:
    """All that is known of keys and persons after ``version`` changes."""

    version: int = 0
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    staff: Mapping[tuple[str, str], Staff] = field(default_factory=dict)
    devices: Mapping[tuple[str, str], Device] = field(default_factory=dict)
    officers: Mapping[tuple[str, str], tuple[OfficerChange, ...]] = field(default_factory=dict)
    officer_keys: Mapping[bytes, OfficerKey] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    references: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[bytes, Verifier] = field(default_factory=dict)
    journals: Mapping[bytes, tuple[str, str]] = field(default_factory=dict)
    device_keys: Mapping[bytes, tuple[str, str]] = field(default_factory=dict)

    def verifier(self, key_id: bytes) -> Verifier | None:
        """The key of this id, if the log vouches for it."""
        return self.keys.get(key_id)

    def lookup_for(self, read: Statement | Unknown | None) -> Lookup:
        """How to find the keys under this statement. One that registers an agency brings the
        keys that it is signed with; whether to believe them is decided by ``apply``."""
        if isinstance(read, AgencyRegistered):
            root = _root_of(read)
            if root is not None:
                return lambda key_id: root if key_id == root.key_id else self.verifier(key_id)
        return self.verifier

    def device(self, key_id: bytes) -> Device | None:
        """The device that holds the key of this id."""
        name = self.device_keys.get(key_id)
        return self.devices.get(name) if name else None

    def device_of_journal(self, journal: bytes) -> Device | None:
        """The device that writes, or wrote, this journal."""
        name = self.journals.get(journal)
        return self.devices.get(name) if name else None

    def device_named(self, name: str) -> Device | None:
        """The first device of this name, whatever its agency."""
        found = (one for one in self.devices.values() if one.name == name)
        return next(found, None)

    def officer_at(
        self, agency: str, cert_no: str, at: int, index: int
    ) -> OfficerRegistered | None:
        """The roster's line in force at ``at`` (ms) as the log knew it below ``index``."""
        changes = self.officers.get((agency, cert_no), ())
        known = [c for c in changes if c.index < index and c.record.effective_at <= at]
        newest = max(known, key=lambda c: (c.record.effective_at, c.index), default=None)
        return newest.record if newest else None

    def roster(self, agency: str, at: int) -> list[OfficerRegistered]:
        """Every officer of the agency as the roster stands at ``at``, by certificate number."""
        lines = [
            self.officer_at(agency, cert_no, at, 1 << 62)
            for of, cert_no in sorted(self.officers)
            if of == agency
        ]
        return [line for line in lines if line is not None]

    def grants_of(self, device: str) -> list[Grant]:
        """The number blocks of a device, oldest first."""
        return [grant for grant in self.grants if grant.record.device == device]


@dataclass(frozen=True)
class Told:
    """A statement as the fold sees it: who signed it, and where it stands in the log."""

    statement: Statement | Unknown
    signers: Sequence[bytes]
    record_hash: bytes
    index: int


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
    root = _root_of(statement)
    standing = registry.agencies.get(statement.agency)
    # A known agency changes its details by the root that it has, never by a new one.
    if root is None or root.key_id not in told.signers or (standing and standing.root != root):
        return registry
    try:
        issuer = credential.open_issuer(statement.issuer, root)
    except FujieError:
        return registry
    key = issuer.verifier
    agency = Agency(statement, root, issuer, told.index)
    return replace(
        registry,
        agencies={**registry.agencies, statement.agency: agency},
        keys={**registry.keys, root.key_id: root, key.key_id: key},
    )


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
    device = Device(*name, key, journal, statement.certificate, told.index)
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
    key = _key(statement.public_key)
    if key is None:
        return registry
    name = (statement.agency, statement.account)
    person = Staff(*name, statement.name, statement.role, key, told.index)
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
    revoked = replace(device, revoked_at=statement.effective_at)
    return replace(registry, devices={**registry.devices, name: revoked})


@_apply.register
def _(statement: ReferencePublished, registry: Registry, told: Told) -> Registry:
    if _authority(registry, told, statement.agency) is None:
        return registry
    return replace(
        registry, references={**registry.references, statement.agency: statement.version}
    )


def _authority(registry: Registry, told: Told, agency: str) -> Agency | None:
    """The agency, if its issuer is among the signers."""
    known = registry.agencies.get(agency)
    return known if known and known.issuer.key_id in told.signers else None


def _may_register(registry: Registry, told: Told, agency: str) -> bool:
    """Whether the issuer or a registrar of the agency is among the signers."""
    if _authority(registry, told, agency):
        return True
    return any(
        person.key.key_id in told.signers
        for person in registry.staff.values()
        if person.agency == agency and person.role is StaffRole.REGISTRAR
    )


def _root_of(statement: AgencyRegistered) -> Verifier | None:
    return _key(statement.root_key)


def _key(text: str) -> Verifier | None:
    try:
        return Verifier(ED25519, bytes.fromhex(text))
    except (FujieError, ValueError):
        return None
