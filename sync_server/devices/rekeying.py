"""Keys are replaced while their holders stay: a tablet's, the office's own, an officer's.

    office   device_key_asked, or the certificate nears its end
    tablet   a new key beside the old one; POST /v1/rekey, signed by the old, proved by the new
    office   device_rekeyed in its journal, then new reference data
    tablet   the certificate; from here on it signs with the new key

The answer may be lost: whoever asks again for the same key, by the old one or by the new, gets the
same certificate and nothing happens twice. A key that was replaced gets nothing else, whoever is
asked for a new one. A thief of the key in force gains nothing by this address unless the office has
just asked for a new key; then the two are told apart as a fork is: the tablet finds itself refused,
and people act.

The office's own key is a file (``keyring.py``): made aside, named by the statement of every agency,
put in its place by the same command or by the next start.
"""

from __future__ import annotations

import secrets
import threading

from protocol.credential import DeviceClaims, issue_device, issuer_of, open_device
from protocol.errors import BadSignature, Refused
from protocol.keys import ED25519, Signer, Verifier
from protocol.messages import Rekeyed, RekeyWanted, possession
from protocol.registry.registry import Device, OfficerKey
from protocol.registry.roster import OFFICE
from protocol.statements import (
    DeviceKeyAsked,
    DeviceRekeyed,
    OfficerKeyRetired,
    Statement,
)
from sync_server.keys import keyring
from sync_server.log.guard import Superseded, superseded
from sync_server.services import Services

DAY_MS = 24 * 3_600_000
DEVICE_MS = 3 * 365 * DAY_MS
BACKDATED_MS = 10 * 60_000
"""Certificates begin a little earlier, for tablets whose clocks are behind."""
NEAR_MS = 60 * DAY_MS
"""How long before its certificate's end a tablet may ask for a new key by itself."""

_one_at_a_time = threading.Lock()


def ask(services: Services, agency: str, name: str) -> None:
    """Ask a tablet to make itself a new key at its next contact. Raises Refused."""
    device = _device(services, agency, name)
    if device.revoked_at is not None:
        raise Refused("device {name} is revoked; a new key would not help it", name=name)
    if device.key_asked:
        return
    statement = DeviceKeyAsked(agency=agency, at=services.clock.now(), salt=_salt(), device=name)
    services.office.state(statement, [services.keyring.issuer(agency)])


def admit(
    services: Services, device: Device, wanted: RekeyWanted, by_former: Superseded | None = None
) -> Rekeyed:
    """Certify a tablet's new key, or say again that it is; all that a request ``by_former`` key
    gets is the second. Raises BadSignature, Refused, Superseded."""
    # Two requests at once, of a tablet that lost its patience or of a thief: one key comes of it.
    with _one_at_a_time:
        now_is = services.sequencer.registry.devices[device.agency, device.name]
        if now_is.key != device.key:
            by_former = by_former or superseded(device, device.key.key_id)
        return _admit(services, now_is, wanted, by_former)


def _admit(
    services: Services, device: Device, wanted: RekeyWanted, by_former: Superseded | None
) -> Rekeyed:
    now = services.clock.now()
    key = Verifier(ED25519, wanted.public_key)
    replaced = device.former[0].key if device.key == key and device.former else device.key
    proved = possession("rekey", replaced.key_id, key.key_id)
    if not key.verify(proved, wanted.proof):
        raise BadSignature("this tablet did not prove that it has its new key; let it try again")
    if device.key == key:
        return Rekeyed(at=now, certificate=device.certificate)
    if by_former is not None:
        raise by_former
    _expect_due(services, device, now)
    if services.sequencer.registry.verifier(key.key_id) is not None:
        raise Refused("this key is known already; let the tablet make another one")
    issuer = services.keyring.issuer(device.agency)
    certificate = issue_device(issuer, device_claims(device.agency, device.name, key, now))
    statement = DeviceRekeyed(
        agency=device.agency,
        at=now,
        salt=_salt(),
        device=device.name,
        certificate=certificate,
    )
    services.office.state(statement, [issuer])
    services.publish_reference(device.agency)
    return Rekeyed(at=services.clock.now(), certificate=certificate)


def rotate_office(services: Services) -> None:
    """Give the office's own device a new key. Raises NoKey."""
    new, now = keyring.new_office(services.settings), services.clock.now()
    agencies = services.sequencer.registry.agencies
    told: list[tuple[Statement, list[Signer]]] = []
    for agency in agencies:
        issuer = services.keyring.issuer(agency)
        statement = DeviceRekeyed(
            agency=agency,
            at=now,
            salt=_salt(),
            device=OFFICE,
            certificate=issue_device(issuer, device_claims(agency, OFFICE, new.verifier, now)),
        )
        told.append((statement, [issuer]))
    services.office.state_all(told)
    keyring.settle(services.settings, services.keyring, services.sequencer.registry)
    for agency in agencies:
        services.publish_reference(agency)


def keys_of(services: Services, agency: str, cert_no: str, device: str = "") -> list[OfficerKey]:
    """An officer's keys in force, on one device or on all."""
    return [
        one
        for one in services.sequencer.registry.officer_keys.values()
        if (one.agency, one.cert_no) == (agency, cert_no)
        and one.retired_at is None
        and device in ("", one.device)
    ]


def retirement(one: OfficerKey, reason: str, now: int) -> OfficerKeyRetired:
    """The statement that an officer's key counts no more from ``now`` on (ms)."""
    return OfficerKeyRetired(
        agency=one.agency,
        at=now,
        salt=_salt(),
        cert_no=one.cert_no,
        key=one.key.key_id.hex(),
        reason=reason,
        effective_at=now,
    )


def retire(services: Services, agency: str, cert_no: str, device: str, reason: str) -> int:
    """Retire an officer's keys on one device, or on all; how many there were. Raises Refused."""
    held = keys_of(services, agency, cert_no, device)
    if not held:
        raise Refused(
            "officer {cert_no} has no key in force there; see the officer's page for the others",
            cert_no=cert_no,
        )
    now, issuer = services.clock.now(), services.keyring.issuer(agency)
    services.office.state_all([(retirement(one, reason, now), [issuer]) for one in held])
    services.publish_reference(agency)
    return len(held)


def device_claims(agency: str, name: str, key: Verifier, now: int) -> DeviceClaims:
    """What a device's new certificate says, made at ``now`` (ms)."""
    return DeviceClaims(
        agency=agency,
        public_key=key.public_key,
        valid_from=now - BACKDATED_MS,
        valid_until=now + DEVICE_MS,
        name=name,
    )


def _expect_due(services: Services, device: Device, now: int) -> None:
    if device.revoked_at is not None and device.revoked_at <= now:
        raise Refused("device {name} is revoked; a new key would not help it", name=device.name)
    issuers = services.sequencer.registry.agencies[device.agency].issuer_claims
    held = open_device(device.certificate, issuer_of(device.certificate, issuers))
    if not device.key_asked and held.valid_until - now > NEAR_MS:
        raise Refused(
            "nobody asked device {name} for a new key; let the office ask for one first",
            name=device.name,
        )


def _device(services: Services, agency: str, name: str) -> Device:
    device = services.sequencer.registry.devices.get((agency, name))
    if device is None:
        raise Refused("no device {name} is enrolled; check its name", name=name)
    return device


def _salt() -> str:
    return secrets.token_hex(16)
