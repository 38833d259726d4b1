"""How a tablet, and then an officer's key on it, come to be known.

    office   a one-time code for the tablet (``codes.py``), read out or typed
    tablet   sends its key, sealed with the code; the code itself does not travel
    office   device_enrolled, numbers_granted … in its journal, then new reference data
    tablet   gets certificate, roots, reference and grants, sealed with the same code

An officer's key is certified in the same way, by a code of the officer's own and in a request
that the tablet signs; the credential holds for that key on that tablet alone. A key that the
officer had there before is retired in the same breath: who needs a new one has lost the old one,
or its PIN.
"""

from __future__ import annotations

import hmac
import secrets

from protocol import messages
from protocol.calendar import day_start, read_day
from protocol.credential import OfficerClaims, issue_device, issue_officer
from protocol.errors import BadSignature, Refused
from protocol.keys import ED25519, Signer, Verifier
from protocol.messages import (
    DeviceAdmitted,
    DeviceWanted,
    OfficerAdmitted,
    OfficeRecord,
    OfficerWanted,
    code_tag,
    possession,
    seal_with_code,
)
from protocol.registry.registry import OFFICE, Device
from protocol.statements import (
    DeviceEnrolled,
    OfficerCredentialed,
    OfficerRegistered,
    Statement,
)
from protocol.vocabulary import Standing
from sync_server.devices import codes, grants, replenishing
from sync_server.devices.codes import BadCode
from sync_server.devices.rekeying import DAY_MS, device_claims, keys_of, retirement
from sync_server.log.journal import Stated
from sync_server.services import Services
from sync_server.store.tables import EnrolCodeRow, RecoveryRow

_WRONG = "this one-time code is wrong, used or expired; type it again, or ask for a new one"


def admit_device(services: Services, wanted: DeviceWanted) -> DeviceAdmitted:
    """Enrol a tablet. Raises BadCode, BadSignature, Refused."""
    now = services.clock.now()
    row = _device_code(services, wanted, now)
    key = Verifier(ED25519, wanted.public_key)
    if not key.verify(possession("device", wanted.nonce, wanted.journal), wanted.proof):
        raise BadSignature("this tablet did not prove that it has its key; start over on it")
    with codes.used(services.db, row.code, key.key_id), replenishing.one_at_a_time:
        _expect_new(services, row.agency, wanted, key)
        issuer = services.keyring.issuer(row.agency)
        told = _device_statements(services, row.agency, wanted, issuer, now)
        stated = services.office.state_all(told)
        reference = services.publish_reference(row.agency)
    admitted = _admitted(services, row.agency, wanted, reference, stated)
    return seal_with_code(admitted, row.code, "device")


def admit_officer(services: Services, device: Device, wanted: OfficerWanted) -> OfficerAdmitted:
    """Certify an officer's key on a tablet. Raises BadCode, BadSignature, Refused."""
    now = services.clock.now()
    data = wanted.cert_no.encode() + wanted.public_key
    found = [
        row
        for row in codes.open_codes(services.db, "officer", wanted.cert_no, now)
        if row.agency == device.agency
        and hmac.compare_digest(code_tag(row.code, "officer", data), wanted.code_tag)
    ]
    if not found:
        raise BadCode(_WRONG)
    key = Verifier(wanted.algorithm, wanted.public_key)
    _expect_suite(services, device, wanted.cert_no, key)
    proved = possession("officer", device.key.key_id, wanted.cert_no.encode())
    if not key.verify(proved, wanted.proof):
        raise BadSignature("this tablet did not prove that it has its key; start over on it")
    officer = _officer(services, device, wanted.cert_no, now)
    _expect_own_key(services, device, wanted.cert_no, key)
    with codes.used(services.db, found[0].code, key.key_id):
        issuer = services.keyring.issuer(device.agency)
        credential = issue_officer(issuer, _claims(officer, device, key))
        statement = OfficerCredentialed(
            agency=device.agency,
            at=now,
            salt=_salt(),
            cert_no=wanted.cert_no,
            device=device.name,
            credential=credential,
        )
        gone = [
            retirement(one, "replaced", now)
            for one in keys_of(services, device.agency, wanted.cert_no, device.name)
            if one.key != key and key.algorithm in (ED25519, one.key.algorithm)
        ]
        told: list[Statement] = [statement, *gone]
        services.office.state_all([(one, [issuer]) for one in told])
        services.publish_reference(device.agency)
    return OfficerAdmitted(at=services.clock.now(), credential=credential)


def keep_recovery(services: Services, device: Device, sealed: bytes) -> None:
    """Keep a tablet's vault key as it was sealed to the agency's recovery key. The first one
    stays: whoever gets hold of the tablet later cannot put rubbish in its place."""
    if not 48 < len(sealed) <= 512:
        raise Refused(
            "expected a sealed key of 49 to 512 bytes, got {size}; seal it again",
            size=len(sealed),
        )
    row = RecoveryRow(device=device.name, sealed=sealed, at=services.clock.now())
    with services.db.private() as session:
        if session.get(RecoveryRow, device.name) is None:
            session.add(row)


def _device_code(services: Services, wanted: DeviceWanted, now: int) -> EnrolCodeRow:
    for row in codes.open_codes(services.db, "device", wanted.name, now):
        try:
            messages.check_code(wanted, row.code, "device")
        except BadSignature:
            continue
        return row
    raise BadCode(_WRONG)


def _expect_new(services: Services, agency: str, wanted: DeviceWanted, key: Verifier) -> None:
    registry = services.sequencer.registry
    taken = (
        wanted.name == OFFICE
        or registry.verifier(key.key_id) is not None
        or wanted.journal in registry.journals
    )
    if taken:
        raise Refused(
            "a device of this name, key or journal is known already; start over on the tablet"
        )
    # Not even after its end: under an old name the tablet would take the old one's numbers and
    # its revocation for its own, and its vault key would stand in the old one's place.
    if (agency, wanted.name) in registry.devices:
        raise Refused(
            "a device of the name {name} was enrolled before; a name is never used again, ask for "
            "a code for another one",
            name=wanted.name,
        )


def _expect_suite(services: Services, device: Device, cert_no: str, key: Verifier) -> None:
    """A key of another suite stands beside an Ed25519 key, so that every reader can count the
    officer, and only on a server that can check what it signs."""
    if key.algorithm == ED25519:
        return
    if not key.checkable:
        raise Refused(
            "expected a key that this server can check, got {algorithm}; install fujie[sm] and "
            "OpenSSL 3 on the server",
            algorithm=key.algorithm,
        )
    held = keys_of(services, device.agency, cert_no, device.name)
    if not any(one.key.algorithm == ED25519 for one in held):
        raise Refused(
            "expected an Ed25519 key of officer {cert_no} on this tablet before one of "
            "{algorithm}, found none; have that one certified first",
            cert_no=cert_no,
            algorithm=key.algorithm,
        )


def _expect_own_key(services: Services, device: Device, cert_no: str, key: Verifier) -> None:
    registry = services.sequencer.registry
    held = registry.officer_keys.get(key.key_id)
    again = held and (held.agency, held.device, held.cert_no) == (
        device.agency,
        device.name,
        cert_no,
    )
    if registry.verifier(key.key_id) is not None and not again:
        raise Refused("this key is known already; let the tablet make another one")


def _device_statements(
    services: Services, agency: str, wanted: DeviceWanted, issuer: Signer, now: int
) -> list[tuple[Statement, list[Signer]]]:
    key = Verifier(ED25519, wanted.public_key)
    claims = device_claims(agency, wanted.name, key, now)
    enrolled = DeviceEnrolled(
        agency=agency,
        at=now,
        salt=_salt(),
        device=wanted.name,
        certificate=issue_device(issuer, claims),
        journal=wanted.journal.hex(),
    )
    registry = services.sequencer.registry
    blocks = grants.grants_for(registry, agency, wanted.name, now, _salt)
    return [(enrolled, [issuer]), *((block, [issuer]) for block in blocks)]


def _admitted(
    services: Services, agency: str, wanted: DeviceWanted, reference: bytes, stated: list[Stated]
) -> DeviceAdmitted:
    registry = services.sequencer.registry
    known = registry.agencies[agency]
    return DeviceAdmitted(
        at=services.clock.now(),
        agency=agency,
        root_key=known.root.public_key,
        issuer=known.issuers[0].certificate,
        certificate=registry.devices[agency, wanted.name].certificate,
        recovery_key=bytes.fromhex(known.record.recovery_key),
        log_key=services.log_key,
        origin=services.settings.origin,
        address=services.settings.address,
        reference=reference,
        grants=[_office_record(services, one) for one in stated[1:]],
    )


def _office_record(services: Services, stated: Stated) -> OfficeRecord:
    (linked,) = services.facts.links_of([stated.record_hash])
    return OfficeRecord(
        link=linked.link_bytes,
        statement=linked.envelope or b"",
        receipt=services.facts.receipt(linked.link_hash).encode(),
    )


def _officer(services: Services, device: Device, cert_no: str, now: int) -> OfficerRegistered:
    registry = services.sequencer.registry
    officer = registry.officer_at(device.agency, cert_no, now, services.facts.head.size)
    if officer is None or officer.standing is not Standing.VALID:
        raise Refused(
            "officer {cert_no} is not on the roster as valid; ask the registrar",
            cert_no=cert_no,
        )
    return officer


def _claims(officer: OfficerRegistered, device: Device, key: Verifier) -> OfficerClaims:
    return OfficerClaims(
        agency=device.agency,
        public_key=key.public_key,
        algorithm=key.algorithm,
        valid_from=day_start(read_day(officer.valid_from)),
        valid_until=day_start(read_day(officer.valid_until)) + DAY_MS,
        cert_no=officer.cert_no,
        name=officer.name,
        unit=officer.unit,
        position=officer.position,
        category=officer.category,
        field=officer.field,
        region=officer.region,
        device=device.name,
    )


def _salt() -> str:
    return secrets.token_hex(16)
