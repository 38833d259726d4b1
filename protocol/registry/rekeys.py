"""How the keys of devices and officers change. Part of the registry's fold, pure.

    device_key_asked      by the issuer or a registrar: the device is to make itself a new key
    device_rekeyed        by the issuer: the new key and its certificate; the journal goes on
    officer_key_retired   by the issuer or a registrar: an officer's key counts no more from a time

A former key stays known, because what it signed stays in the log; requests, cards and marks by it
count no more (``guard.py``, ``web/verify.py``). No key ever comes back, and none changes hands:
a certificate for a key that somebody holds already changes nothing here.

The office's own device may be given one and the same key by several agencies of one server.
"""

from __future__ import annotations

from dataclasses import replace

from protocol import credential
from protocol.errors import FujieError
from protocol.registry.roster import OFFICE, Agency, FormerKey, Registry
from protocol.statements import DeviceKeyAsked, DeviceRekeyed, OfficerKeyRetired


def asked(registry: Registry, statement: DeviceKeyAsked) -> Registry:
    """The registry after somebody who may say it asked a device for a new key."""
    name = (statement.agency, statement.device)
    device = registry.devices.get(name)
    if device is None or device.key_asked or device.revoked_at is not None:
        return registry
    wanted = replace(device, key_asked=True)
    return replace(registry, devices={**registry.devices, name: wanted})


def rekeyed(registry: Registry, statement: DeviceRekeyed, agency: Agency, index: int) -> Registry:
    """The registry after the agency's issuer certified another key of a device."""
    name = (statement.agency, statement.device)
    device = registry.devices.get(name)
    try:
        claims = credential.open_device(statement.certificate, agency.issuer)
        key = claims.verifier
    except FujieError:
        return registry
    shared = statement.device == OFFICE and _an_office_has(registry, key.key_id)
    if (
        device is None
        or claims.name != statement.device
        or (key.key_id in registry.keys and not shared)
        or key.key_id in device.keys_at(0)
    ):
        return registry
    before = FormerKey(device.key, device.certificate, index, statement.at)
    made = replace(
        device,
        key=key,
        certificate=statement.certificate,
        former=(before, *device.former),
        key_asked=False,
    )
    return replace(
        registry,
        devices={**registry.devices, name: made},
        keys={**registry.keys, key.key_id: key},
        device_keys={**registry.device_keys, key.key_id: name},
    )


def retired(registry: Registry, statement: OfficerKeyRetired) -> Registry:
    """The registry after somebody who may say it retired an officer's key. Once: a second
    statement does not move the time."""
    key_id = bytes.fromhex(statement.key)
    held = registry.officer_keys.get(key_id)
    if (
        held is None
        or (held.agency, held.cert_no) != (statement.agency, statement.cert_no)
        or held.retired_at is not None
    ):
        return registry
    gone = replace(held, retired_at=statement.effective_at)
    return replace(registry, officer_keys={**registry.officer_keys, key_id: gone})


def _an_office_has(registry: Registry, key_id: bytes) -> bool:
    return any(
        device.name == OFFICE and device.key.key_id == key_id
        for device in registry.devices.values()
    )
