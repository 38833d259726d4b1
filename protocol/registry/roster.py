"""What the registry holds: agencies, staff, officers, devices, keys and number blocks. Values.

    registry.verifier(key_id)                the key of this id, if the log vouches for it
    registry.device(key_id)                  the device that holds it
    registry.officer_at(agency, no, at, n)   the roster's line in force at a time, as known below n

Standing has two times: from when a fact holds, and at which index of the log it was recorded.
How these values come about is in ``registry.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from protocol.credential import IssuerClaims
from protocol.envelope import Lookup
from protocol.errors import FujieError
from protocol.keys import ED25519, Verifier
from protocol.statements import (
    AgencyRegistered,
    AgencyRerooted,
    CatalogueChanged,
    EvidenceAdopted,
    JournalClosed,
    NumbersGranted,
    OfficerRegistered,
    Statement,
    Unknown,
)
from protocol.vocabulary import StaffRole

OFFICE = "office"
"""The name of the device that is the server itself."""
LOWER = "lower-"
"""How the names of those devices begin that are servers of a lower level: each pushes its office's
journal, with what it published (``sync_server/upstream/``)."""


@dataclass(frozen=True)
class Issuer:
    """A key with which an agency certifies: its certificate, and the root that signed that."""

    claims: IssuerClaims
    certificate: bytes
    root: Verifier


@dataclass(frozen=True)
class Agency:
    """An agency with its two keys; ``record`` is the statement that registered it, with the words
    that the entries ``described`` gave it since. ``issuers`` begin with the one in force; the
    former ones still vouch for what they certified."""

    record: AgencyRegistered
    root: Verifier
    issuers: tuple[Issuer, ...]
    index: int
    former_roots: tuple[Verifier, ...] = ()
    described: tuple[int, ...] = ()

    @property
    def issuer(self) -> IssuerClaims:
        """The issuer in force."""
        return self.issuers[0].claims

    @property
    def issuer_claims(self) -> tuple[IssuerClaims, ...]:
        """The issuer in force, then the former ones."""
        return tuple(one.claims for one in self.issuers)

    @property
    def roots(self) -> tuple[Verifier, ...]:
        """The root in force, then the former ones."""
        return (self.root, *self.former_roots)


@dataclass(frozen=True)
class Staff:
    """A person of the office, since the entry ``index``; ``before`` is as what until then. Who
    has ``ended`` is none any more."""

    agency: str
    account: str
    name: str
    role: StaffRole
    key: Verifier
    index: int
    before: Staff | None = None
    ended: bool = False

    def at(self, index: int) -> Staff | None:
        """The person as the log knew it below ``index``."""
        one: Staff | None = self
        while one is not None and one.index >= index:
            one = one.before
        return one


@dataclass(frozen=True)
class FormerKey:
    """A key that a device had until it was given another one, at ``until``, an index of the log,
    and ``at`` (ms). What it signed before still verifies."""

    key: Verifier
    certificate: bytes
    until: int
    at: int


@dataclass(frozen=True)
class Device:
    """A tablet, or the office itself. ``revoked_at`` is when trust ended, in ms, ``suspended_at``
    when it began to rest; ``key_asked`` says that it is to make itself a new key. ``changed`` is
    the entry that changed its standing last. ``rests`` are all times at which it rested, until when
    (ms), None for one that lasts."""

    agency: str
    name: str
    key: Verifier
    journal: bytes
    certificate: bytes
    index: int
    revoked_at: int | None = None
    former: tuple[FormerKey, ...] = ()
    key_asked: bool = False
    suspended_at: int | None = None
    changed: int = -1
    rests: tuple[tuple[int, int | None], ...] = ()

    def is_trusted(self, at: int) -> bool:
        """Whether its word counts at ``at`` (ms): neither revoked nor suspended then."""
        ends = (self.revoked_at, self.suspended_at)
        return not any(one is not None and one <= at for one in ends)

    @property
    def is_lower(self) -> bool:
        """Whether this is the server of a lower level."""
        return self.name.startswith(LOWER)

    def keys_at(self, index: int) -> dict[bytes, Verifier]:
        """The device's keys that count for what the log holds at ``index``, by key id."""
        counting = [one.key for one in self.former if index <= one.until]
        return {key.key_id: key for key in (self.key, *counting)}

    def certificates(self) -> tuple[bytes, ...]:
        """The certificate of the key in force, then those of the former ones."""
        return (self.certificate, *(one.certificate for one in self.former))


@dataclass(frozen=True)
class OfficerKey:
    """An officer's key on one device. ``retired_at`` is from when on it counts no more, in ms."""

    agency: str
    cert_no: str
    device: str
    key: Verifier
    credential: bytes
    index: int
    retired_at: int | None = None


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
class ListChange:
    """The version in force of one of the agency's lists, and the one ``before`` it."""

    record: CatalogueChanged
    index: int
    before: ListChange | None = None

    def versions(self) -> Iterator[ListChange]:
        """This one and all before it, the newest first."""
        one: ListChange | None = self
        while one is not None:
            yield one
            one = one.before


@dataclass(frozen=True)
class Closed:
    """A journal that takes no more links; ``record`` says where it ends and what follows it."""

    record: JournalClosed
    index: int


@dataclass(frozen=True)
class Adopted:
    """Links that a registrar, ``by`` name, let in from an export; ``record_hash`` is where it is
    said."""

    record: EvidenceAdopted
    by: str
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
    closed: Mapping[bytes, Closed] = field(default_factory=dict)
    adopted: tuple[Adopted, ...] = ()
    device_keys: Mapping[bytes, tuple[str, str]] = field(default_factory=dict)
    catalogues: Mapping[tuple[str, str], ListChange] = field(default_factory=dict)

    @property
    def own_agencies(self) -> dict[str, Agency]:
        """The agencies whose office is here; a province knows its counties' besides."""
        return {key: one for key, one in self.agencies.items() if (key, OFFICE) in self.devices}

    def verifier(self, key_id: bytes) -> Verifier | None:
        """The key of this id, if the log vouches for it."""
        return self.keys.get(key_id)

    def lookup_for(self, read: Statement | Unknown | None) -> Lookup:
        """How to find the keys under this statement. One that registers an agency, or gives it a
        new root, brings the key that it is signed with; whether to believe it is decided by
        ``apply``."""
        if isinstance(read, (AgencyRegistered, AgencyRerooted)):
            root = root_of(read)
            if root is not None:
                return lambda key_id: root if key_id == root.key_id else self.verifier(key_id)
        return self.keys.get

    def surely_checked(self, key_ids: Iterable[bytes]) -> bool:
        """Whether the signatures of an accepted record were all checked when it was admitted. A
        server may have accepted one beside another whose suite it lacked at that time."""
        known = (self.keys.get(key_id) for key_id in key_ids)
        return all(key is None or key.algorithm == ED25519 for key in known)

    def uncheckable(self) -> list[str]:
        """Algorithms of certified keys that this installation cannot check."""
        return sorted({key.algorithm for key in self.keys.values() if not key.checkable})

    def device(self, key_id: bytes) -> Device | None:
        """The device that holds the key of this id, or held it before it got another."""
        name = self.device_keys.get(key_id)
        return self.devices.get(name) if name else None

    def device_of_journal(self, journal: bytes) -> Device | None:
        """The device that writes, or wrote, this journal."""
        name = self.journals.get(journal)
        return self.devices.get(name) if name else None

    def journals_of(self, device: Device) -> tuple[bytes, ...]:
        """Every journal of a device, the first one first: closed, adopted, and its own."""
        name = (device.agency, device.name)
        return tuple(journal for journal, writer in self.journals.items() if writer == name)

    def adoption_of(self, journal: bytes, sequence: int) -> Adopted | None:
        """The adoption that let in this link, if it did not come by itself."""
        for one in self.adopted:
            said = one.record
            if said.journal == journal.hex() and said.first <= sequence <= said.last:
                return one
        return None

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


def root_of(statement: AgencyRegistered | AgencyRerooted) -> Verifier | None:
    """The root key that a statement names, if it is a key."""
    return key_of(statement.root_key)


def key_of(text: str) -> Verifier | None:
    """The public key in hex, if it is one."""
    try:
        return Verifier(ED25519, bytes.fromhex(text))
    except (FujieError, ValueError):
        return None
