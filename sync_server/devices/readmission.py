"""Readmitting a tablet of which a successor lacks what was certified after the backup.

The tablet's export brings it: the device's certificate (it was enrolled, or got a new key) and the
credentials of the officers' keys on it. All are signed by the agency's issuer, so that the office
recognises its own word; it states again what is missing, and the tablet goes on as what it is. Its
records come by themselves, each with the signatures that it always had.

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
from protocol.registry.registry import Agency
from protocol.statements import DeviceEnrolled, DeviceRekeyed, OfficerCredentialed, Statement
from sync_server.devices import grants
from sync_server.devices.replenishing import one_at_a_time
from sync_server.services import Services

Told = tuple[Statement, list[Signer]]


def readmit(services: Services, path: Path) -> tuple[str, list[str]]:
    """State again what the export shows to have been certified: the device's name, and the
    certificate numbers of the officers whose keys were lost. Raises Refused, and what the
    export or a certificate fails by."""
    if not services.facts.successions():
        raise Refused(
            "this log succeeds no other, so it lost no enrolment; give the tablet a code: "
            "fujie-server enrol-device"
        )
    exported = _read(services, path)
    assert exported.manifest is not None  # ``unseal`` begins with it
    said = exported.manifest
    agency = services.sequencer.registry.agencies.get(said.agency)
    if agency is None:
        raise Refused("no agency {agency} is registered here", agency=said.agency)
    issuer = services.keyring.issuer(said.agency)
    officers = list(_officers(services, exported, agency, said.device))
    with one_at_a_time:
        told: list[Told] = [
            (one, [issuer]) for one in (*_device(services, exported, agency), *officers)
        ]
        if not told:
            raise Refused(
                "the log knows all that this export shows to have been certified for {device}; its "
                "records are adopted: fujie-server adopt",
                device=said.device,
            )
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


def _device(services: Services, exported: Exported, agency: Agency) -> Iterator[Statement]:
    """The device as it was enrolled, with the journal that it writes, the last of the export,
    and new numbers; or its newer key. Nothing if it is known so."""
    assert exported.manifest is not None
    said, now = exported.manifest, services.clock.now()
    registry = services.sequencer.registry
    known = registry.devices.get((said.agency, said.device))
    issuer = credential.issuer_of(exported.certificate, agency.issuer_claims)
    claims = credential.open_device(exported.certificate, issuer)
    keys = [claims.verifier, *([known.key, *(one.key for one in known.former)] if known else [])]
    found = list(branches(exported, {key.key_id: key for key in keys}))
    if claims.name != said.device or not found or (known and known.revoked_at is not None):
        raise Refused(
            "expected the certificate and the journal of {device}, which is not revoked, in its "
            "export, got {got}; export all of the tablet once more",
            device=said.device,
            got=claims.name,
        )
    is_known = known is not None and claims.verifier.key_id in registry.keys
    if not is_known and issuer.key_id != agency.issuer.key_id:
        raise Refused(
            "expected the certificate of {device} by the issuer in force, got one by a former "
            "issuer, who enrols nobody; readmit tablets before the issuer is rotated",
            device=said.device,
        )
    if known is None:
        yield DeviceEnrolled(
            agency=said.agency,
            at=now,
            salt=_salt(),
            device=said.device,
            certificate=exported.certificate,
            journal=found[-1].journal.hex(),
        )
        yield from grants.grants_for(registry, said.agency, said.device, now, _salt)
    elif claims.verifier.key_id not in registry.keys:
        yield DeviceRekeyed(
            agency=said.agency,
            at=now,
            salt=_salt(),
            device=said.device,
            certificate=exported.certificate,
        )


def _officers(
    services: Services, exported: Exported, agency: Agency, device: str
) -> Iterator[OfficerCredentialed]:
    """The credentials, by the issuer in force, for keys on this device of officers who are on the
    roster; others are passed over."""
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
        if issuer.key_id != agency.issuer.key_id:
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
