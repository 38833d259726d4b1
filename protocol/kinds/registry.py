"""What is stated about who may do what: agency, staff, officers, devices, keys, journals, the log.

One Struct per kind; ``statements.py`` is the door to all. Each says in its docstring whose
signature it needs where that is not the registrar's or the server's own:

    DeviceRekeyed(agency=…, at=…, salt=…, device="YX-T07", certificate=…)
"""

from protocol.parts import (
    BlobRef,
    Count,
    Day,
    Hex16,
    Hex32,
    Millis,
    Short,
    Statement,
    expect_days,
)
from protocol.vocabulary import Catalogue, DocumentKind, StaffRole, Standing


class AgencyRegistered(Statement, frozen=True, kw_only=True, tag="agency_registered"):
    """An enforcement agency and what its documents and pages need to name (ARL 24)."""

    name: Short
    short_name: Short
    region: Short
    region_name: Short
    government: Short
    court: Short
    hotline: Short
    address: Short
    bank: Short
    root_key: Hex32
    issuer: bytes
    recovery_key: Hex32


class AgencyDescribed(Statement, frozen=True, kw_only=True, tag="agency_described"):
    """What documents and pages say of an agency from here on (APL 39; ARL 24): its name, region,
    where to turn against its decisions, its bank. Its keys stay. Signed by a registrar."""

    name: Short
    short_name: Short
    region: Short
    region_name: Short
    government: Short
    court: Short
    hotline: Short
    address: Short
    bank: Short
    reason: Short


class StaffRegistered(Statement, frozen=True, kw_only=True, tag="staff_registered"):
    """A member of the office and the key with which this person signs."""

    account: Short
    name: Short
    role: StaffRole
    public_key: Hex32


class OfficerRegistered(Statement, frozen=True, kw_only=True, tag="officer_registered"):
    """An officer as published (T-6, H-8): the six fields, validity, standing, photo. A certificate
    that a ministry issued bears the number of its ``filing`` with the province (X-2.2b)."""

    cert_no: Short
    name: Short
    unit: Short
    position: Short
    category: Short
    field: Short
    region: Short
    region_name: Short
    valid_from: Day
    valid_until: Day
    photo: BlobRef
    issuer_kind: Short = "province"
    standing: Standing = Standing.VALID
    effective_at: Millis = 0
    reason: Short = ""
    filing: Short = ""

    def __post_init__(self) -> None:
        expect_days(self.valid_from, self.valid_until)


class OfficerCredentialed(Statement, frozen=True, kw_only=True, tag="officer_credentialed"):
    """An officer's key, made on a device, was certified (CWT of ``credential.py``)."""

    cert_no: Short
    device: Short
    credential: bytes


class OfficerKeyRetired(Statement, frozen=True, kw_only=True, tag="officer_key_retired"):
    """An officer's key counts no longer from ``effective_at`` on: another took its place, or it
    may be in other hands. Signed by the registrar."""

    cert_no: Short
    key: Hex32
    reason: Short
    effective_at: Millis


class DeviceEnrolled(Statement, frozen=True, kw_only=True, tag="device_enrolled"):
    """A device's key was certified, and its journal opened."""

    device: Short
    certificate: bytes
    journal: Hex16


class DeviceKeyAsked(Statement, frozen=True, kw_only=True, tag="device_key_asked"):
    """The office asks a device to make itself a new key at its next contact."""

    device: Short


class DeviceRekeyed(Statement, frozen=True, kw_only=True, tag="device_rekeyed"):
    """A device's new key was certified; its journal goes on unbroken. Signed by the issuer."""

    device: Short
    certificate: bytes


class DeviceRevoked(Statement, frozen=True, kw_only=True, tag="device_revoked"):
    """A device is no longer trusted from ``effective_at`` on."""

    device: Short
    reason: Short
    effective_at: Millis


class JournalClosed(Statement, frozen=True, kw_only=True, tag="journal_closed"):
    """A device's journal takes no more links after the ``length`` links that end in ``head``:
    it forked, or the device started anew. ``successor`` is the journal that the device opens
    instead, None where it opens none. Signed by the issuer; a registrar who decided signs too."""

    device: Short
    journal: Hex16
    length: Count
    head: Hex32
    reason: Short
    successor: Hex16 | None = None


class EvidenceAdopted(Statement, frozen=True, kw_only=True, tag="evidence_adopted"):
    """The links ``first`` to ``last`` of a journal, which no push could bring in, were taken
    over from the device's ``export`` by a person, the registrar, who says why."""

    device: Short
    journal: Hex16
    export: BlobRef
    first: Count
    last: Count
    reason: Short


class NumbersGranted(Statement, frozen=True, kw_only=True, tag="numbers_granted"):
    """A block of document numbers for one device; with ``sealed_until`` also the agency's
    seal, delegated for this kind until then. ``pattern`` holds ``{n}``."""

    device: Short
    document: DocumentKind
    year: Count
    first: Count
    last: Count
    pattern: Short
    sealed_until: Millis | None = None


class ReferencePublished(Statement, frozen=True, kw_only=True, tag="reference_published"):
    """A version of the reference data went out to the devices (``reference.py``)."""

    version: Count
    sha256: Hex32


class CatalogueChanged(Statement, frozen=True, kw_only=True, tag="catalogue_changed"):
    """A version of one of the agency's lists took the place of the one before (C-2, T-5)."""

    catalogue: Catalogue
    version: Count
    content: BlobRef
    reason: Short


class LogKeysChanged(Statement, frozen=True, kw_only=True, tag="log_keys_changed"):
    """The keys that sign the log from here on (verifier key texts, old and new together while
    they overlap) and those that may be in other hands, ``since`` when. Signed by the issuer."""

    keys: list[Short]
    compromised: list[Short]
    since: Millis | None = None
    reason: Short


class AgencyRerooted(Statement, frozen=True, kw_only=True, tag="agency_rerooted"):
    """The agency has a new root key, and its issuer a certificate under it. Signed by the old
    root and the new."""

    root_key: Hex32
    issuer: bytes


class SuccessionOpened(Statement, frozen=True, kw_only=True, tag="succession_opened"):
    """The first record of a successor log's office journal: the root's word (a DSSE envelope)
    that this log follows another."""

    succession: bytes
