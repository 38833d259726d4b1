"""Readmitting a tablet that was enrolled after the backup from which a successor was opened.

The tablet's export brings what the office certified and then lost: the device's certificate and the
credentials of the officers' keys on it. All are signed by the agency's issuer, so that the office
recognises its own word; it states them again, with new blocks of numbers, and the tablet goes on
as what it is. Its records come by themselves, each with the signatures that it always had.

Only a successor readmits: in a log that lost nothing, a certificate that it does not know is none.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from protocol import credential
from protocol.errors import FujieError, Refused
from protocol.export import unseal
from protocol.exported import Exported, branches
from protocol.keys import Signer
from protocol.statements import DeviceEnrolled, OfficerCredentialed, Statement
from sync_server import grants
from sync_server.registry import Agency
from sync_server.services import Services

Told = tuple[Statement, list[Signer]]


def readmit(services: Services, path: Path) -> tuple[str, list[str]]:
    """State again what the export shows to have been certified: the device's name, and the
    certificate numbers of the officers whose keys it holds. Raises Refused, and what the
    export or a certificate fails by."""
    if not services.facts.successions():
        raise Refused(
            "this log succeeds no other, so it lost no enrolment; give the tablet a code: "
            "fujie-server enrol-device"
        )
    exported = _read(services, path)
    assert exported.manifest is not None  # ``unseal`` begins with it
    said, registry = exported.manifest, services.sequencer.registry
    agency = registry.agencies.get(said.agency)
    if agency is None or (said.agency, said.device) in registry.devices:
        raise Refused(
            "expected an export of a device that is not enrolled here, got {device} of {agency}; "
            "a known one is adopted: fujie-server adopt",
            device=said.device,
            agency=said.agency,
        )
    device = _enrolled(exported, agency, services.clock.now())
    officers = list(_officers(services, exported, agency, said.device))
    issuer = services.keyring.issuer(said.agency)
    blocks = grants.grants_for(registry, said.agency, said.device, services.clock.now(), _salt)
    told: list[Told] = [(one, [issuer]) for one in (device, *officers, *blocks)]
    services.office.state_all(told)
    services.publish_reference(said.agency)
    return said.device, [one.cert_no for one in officers]


def _read(services: Services, path: Path) -> Exported:
    key = services.keyring.exchange
    if key is None:
        raise Refused(
            "expected an exchange key in the folder of keys, found none; start the server once"
        )
    exported = Exported()
    try:
        with path.open("rb") as file:
            for part in unseal(file.read, bytes(key)):
                exported.take(part)
    except OSError as fault:
        raise Refused(
            "expected an export in {file}, got: {fault}", file=str(path), fault=str(fault.strerror)
        ) from None
    return exported


def _enrolled(exported: Exported, agency: Agency, now: int) -> DeviceEnrolled:
    """The device as it was enrolled, with the journal that it writes: the last of the export,
    which it signed."""
    assert exported.manifest is not None
    said = exported.manifest
    issuer = credential.issuer_of(exported.certificate, agency.issuer_claims)
    claims = credential.open_device(exported.certificate, issuer)
    found = list(branches(exported, {claims.verifier.key_id: claims.verifier}))
    if claims.name != said.device or not found:
        raise Refused(
            "expected the certificate and the journal of {device} in its export, got {got}; "
            "export all of the tablet once more",
            device=said.device,
            got=claims.name,
        )
    return DeviceEnrolled(
        agency=said.agency,
        at=now,
        salt=_salt(),
        device=said.device,
        certificate=exported.certificate,
        journal=found[-1].journal.hex(),
    )


def _officers(
    services: Services, exported: Exported, agency: Agency, device: str
) -> Iterator[OfficerCredentialed]:
    """The credentials for keys on this device of officers who are on the roster; others are
    passed over."""
    registry = services.sequencer.registry
    for data in exported.credentials:
        try:
            issuer = credential.issuer_of(data, agency.issuer_claims)
            claims = credential.open_officer(data, issuer)
        except FujieError:
            continue
        known = claims.verifier.key_id in registry.keys
        if known or (agency.record.agency, claims.cert_no) not in registry.officers:
            continue
        yield OfficerCredentialed(
            agency=agency.record.agency,
            at=services.clock.now(),
            salt=_salt(),
            cert_no=claims.cert_no,
            device=device,
            credential=data,
        )


def _salt() -> str:
    return secrets.token_hex(16)
