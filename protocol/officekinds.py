"""What is stated in the office: who may do what, what was received, published, archived.

One Struct per kind; ``statements.py`` is the door to all. Staff sign what persons decide; the
server's own key signs what happened by itself (``device_contacted``, ``blob_stored``):

    DisclosurePublished(agency=…, at=…, salt=…, issued=…, shown=[…], masked=[…], …)   APL 48
"""

from protocol.parts import (
    BlobRef,
    Count,
    Day,
    Hex16,
    Hex32,
    Mask,
    Millis,
    Short,
    Statement,
    expect_days,
)
from protocol.vocabulary import DocumentKind, Retention, StaffRole, Standing


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


class StaffRegistered(Statement, frozen=True, kw_only=True, tag="staff_registered"):
    """A member of the office and the key with which this person signs."""

    account: Short
    name: Short
    role: StaffRole
    public_key: Hex32


class OfficerRegistered(Statement, frozen=True, kw_only=True, tag="officer_registered"):
    """An officer as published (T-6, H-8): the six fields, validity, standing, photo."""

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

    def __post_init__(self) -> None:
        expect_days(self.valid_from, self.valid_until)


class OfficerCredentialed(Statement, frozen=True, kw_only=True, tag="officer_credentialed"):
    """An officer's key, made on a device, was certified (CWT of ``credential.py``)."""

    cert_no: Short
    device: Short
    credential: bytes


class DeviceEnrolled(Statement, frozen=True, kw_only=True, tag="device_enrolled"):
    """A device's key was certified, and its journal opened."""

    device: Short
    certificate: bytes
    journal: Hex16


class DeviceRevoked(Statement, frozen=True, kw_only=True, tag="device_revoked"):
    """A device is no longer trusted from ``effective_at`` on."""

    device: Short
    reason: Short
    effective_at: Millis


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


class DeviceContacted(Statement, frozen=True, kw_only=True, tag="device_contacted"):
    """A device made contact; ``inventory`` is its signed envelope (msgpack form)."""

    device: Short
    inventory: bytes


class BlobStored(Statement, frozen=True, kw_only=True, tag="blob_stored"):
    """The server verified a blob's whole hash and its bytes are durable."""

    sha256: Hex32
    size: Count


class DisclosurePublished(Statement, frozen=True, kw_only=True, tag="disclosure_published"):
    """A decision was published, signed by the publisher and a second person (PB-3): which
    pieces are shown and which masked, the row of the publication matrix, its clause, the day
    it was due and the day display ends."""

    issued: Hex32
    title: Short
    shown: list[Short]
    masked: list[Mask]
    matrix_row: Short
    clause: Short
    due_on: Day
    display_until: Day | None

    def __post_init__(self) -> None:
        expect_days(self.due_on, self.display_until)


class DisclosureWithdrawn(Statement, frozen=True, kw_only=True, tag="disclosure_withdrawn"):
    """A publication was withdrawn, with the reason that is shown to the public (APL 48)."""

    issued: Hex32
    reason: Short
    clause: Short


class FileArchived(Statement, frozen=True, kw_only=True, tag="file_archived"):
    """A case file was closed and sealed: its package, retention and extent (AR-1, AR-2)."""

    package: BlobRef
    retention: Retention
    archive_no: Short
    documents: Count
    pages: Count
    media: Count
