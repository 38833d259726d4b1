"""The beginning of an agency on this server: keys, registry, people, reference data.

    1  keys: the log's and the office's, then the agency's root, issuer and recovery key
    2  agency_registered, signed by the root; the log's first entry opens the office's journal
    3  device_enrolled for the office itself, signed by the issuer
    4  staff with their wrapped keys, officers with their photos, numbers already used on paper
    5  the first version of the reference data, in a TUF repository of the root's

Steps 2 to 4 are one commit: an agency exists whole or not at all. What a crash may leave are
key files that nothing names; founding again refuses to overwrite them and says which.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.calendar import local_day
from protocol.credential import DeviceClaims, issue_device, issue_issuer
from protocol.errors import FujieError, Refused
from protocol.keys import Signer
from protocol.registry.registry import OFFICE
from protocol.statements import (
    AgencyRegistered,
    BlobRef,
    BlobStored,
    DeviceEnrolled,
    NumbersGranted,
    OfficerRegistered,
    StaffRegistered,
    Statement,
)
from protocol.vocabulary import DocumentKind, StaffRole
from sync_server.clock import Clock
from sync_server.devices import grants
from sync_server.keys import staffkeys
from sync_server.keys.keyring import make_agency_keys, make_server_keys, read_signer
from sync_server.office.roster import picture_type
from sync_server.reference import tufrepo
from sync_server.services import Services, expect_none_begun, writing
from sync_server.settings import Settings
from sync_server.store.files import make_folder

YEAR_MS = 366 * 24 * 3_600_000
ISSUER_MS = 10 * YEAR_MS

Told = tuple[Statement, list[Signer]]


@dataclass(frozen=True)
class AgencyPlan:
    """An agency as it is to be registered; ``id`` is its social credit code."""

    id: str
    name: str
    short_name: str
    region: str
    region_name: str
    government: str
    court: str
    hotline: str
    address: str
    bank: str


@dataclass(frozen=True)
class StaffPlan:
    """A person of the office, and the first password, to be changed by that person."""

    account: str
    name: str
    role: StaffRole
    password: str


@dataclass(frozen=True)
class OfficerPlan:
    """An officer of the roster. ``photo`` is a PNG or a JPEG."""

    cert_no: str
    name: str
    unit: str
    position: str
    category: str
    field: str
    valid_from: str
    valid_until: str
    photo: bytes


@dataclass(frozen=True)
class Plan:
    """All that a new agency starts with. ``used`` are the last numbers given on paper."""

    agency: AgencyPlan
    staff: Sequence[StaffPlan]
    officers: Sequence[OfficerPlan]
    used: dict[DocumentKind, int]


def is_founded(settings: Settings) -> bool:
    """Whether this folder holds a server's keys."""
    return (settings.keys / "log.key").exists()


def found(settings: Settings, clock: Clock, plan: Plan) -> None:
    """Found an agency in an empty folder. Raises NoKey if keys are there already, Refused
    where a restore was begun, or for a photo that no tablet would show."""
    expect_none_begun(settings)
    for officer in plan.officers:
        _expect_photo(officer)
    make_folder(settings.data)
    make_server_keys(settings)
    root, recovery = make_agency_keys(settings, plan.agency.id)
    with writing(settings, clock) as services:
        register(services, plan, root, bytes(recovery.public_key))


def register(services: Services, plan: Plan, root: Signer, recovery: bytes) -> None:
    """Register an agency, whose keys have been made, with its people, in one commit; then publish
    its first reference data. ``recovery`` is the public half of its recovery key."""
    issuer = services.keyring.issuer(plan.agency.id)
    now = services.clock.now()
    told = _agency(services, plan.agency, root, issuer, recovery, now)
    for person in plan.staff:
        told.append(_staff(services, plan.agency, person, issuer, now))
    for officer in plan.officers:
        told += _officer(services, plan.agency, officer, issuer, now)
    told += [
        (_used_up(plan.agency, document, last, now), [issuer])
        for document, last in plan.used.items()
    ]
    services.office.state_all(told)
    expires = services.clock.now() + 2 * ISSUER_MS
    first = tufrepo.root_json(1, [root.verifier], issuer.verifier, [root], expires)
    tufrepo.keep_root(services.db, plan.agency.id, first)
    services.publish_reference(plan.agency.id)


def _agency(
    services: Services,
    plan: AgencyPlan,
    root: Signer,
    issuer: Signer,
    recovery: bytes,
    now: int,
) -> list[Told]:
    certified = issue_issuer(
        root, issuer.verifier.public_key, plan.id, now - YEAR_MS, now + ISSUER_MS
    )
    registered = AgencyRegistered(
        agency=plan.id,
        at=now,
        salt=secrets.token_hex(16),
        name=plan.name,
        short_name=plan.short_name,
        region=plan.region,
        region_name=plan.region_name,
        government=plan.government,
        court=plan.court,
        hotline=plan.hotline,
        address=plan.address,
        bank=plan.bank,
        root_key=root.verifier.public_key.hex(),
        issuer=certified,
        recovery_key=recovery.hex(),
    )
    office = read_signer(services.settings.keys / "office.key").verifier
    claims = DeviceClaims(
        agency=plan.id,
        public_key=office.public_key,
        valid_from=now - YEAR_MS,
        valid_until=now + ISSUER_MS,
        name=OFFICE,
    )
    enrolled = DeviceEnrolled(
        agency=plan.id,
        at=now,
        salt=secrets.token_hex(16),
        device=OFFICE,
        certificate=issue_device(issuer, claims),
        journal=services.office.journal.hex(),
    )
    return [(registered, [root]), (enrolled, [issuer])]


def _staff(
    services: Services, agency: AgencyPlan, person: StaffPlan, issuer: Signer, now: int
) -> Told:
    with services.db.private() as session:
        key = staffkeys.add_account(
            session,
            agency.id,
            person.account,
            person.name,
            person.role.value,
            person.password,
            staffkeys.COSTS[services.settings.argon2],
        )
    statement = StaffRegistered(
        agency=agency.id,
        at=now,
        salt=secrets.token_hex(16),
        account=person.account,
        name=person.name,
        role=person.role,
        public_key=key.verifier.public_key.hex(),
    )
    return statement, [issuer]


def _officer(
    services: Services, agency: AgencyPlan, officer: OfficerPlan, issuer: Signer, now: int
) -> list[Told]:
    sha256 = services.blobs.put(officer.photo)
    photo = BlobRef(
        sha256=sha256.hex(), size=len(officer.photo), media_type=picture_type(officer.photo)
    )
    registered = OfficerRegistered(
        agency=agency.id,
        at=now,
        salt=secrets.token_hex(16),
        cert_no=officer.cert_no,
        name=officer.name,
        unit=officer.unit,
        position=officer.position,
        category=officer.category,
        field=officer.field,
        region=agency.region,
        region_name=agency.region_name,
        valid_from=officer.valid_from,
        valid_until=officer.valid_until,
        photo=photo,
    )
    stored = BlobStored(
        agency=agency.id, at=now, salt=secrets.token_hex(16), sha256=photo.sha256, size=photo.size
    )
    return [(registered, [issuer]), (stored, [services.office_key])]


def _expect_photo(officer: OfficerPlan) -> None:
    try:
        picture_type(officer.photo)
    except FujieError as fault:
        raise Refused("the photo of {name}: {fault}", name=officer.name, fault=fault) from None


def _used_up(agency: AgencyPlan, document: DocumentKind, last: int, now: int) -> NumbersGranted:
    year = local_day(now).year
    return NumbersGranted(
        agency=agency.id,
        at=now,
        salt=secrets.token_hex(16),
        device=OFFICE,
        document=document,
        year=year,
        first=1,
        last=last,
        pattern=grants.pattern(agency.short_name, document, year),
    )
