"""Officers and tablets by a registrar's word: stated, and told to tablets by reference data.

roster.register(services, registrar, line, photo, reason, mark)      an officer, new or changed
roster.stand(services, registrar, cert_no, standing, reason, mark)   suspended, valid, cancelled
roster.rest(services, registrar, device, reason, mark)               a tablet that is suspended
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

import msgspec

from protocol.errors import Refused
from protocol.keys import Signer
from protocol.portraits import BLANK
from protocol.registry.registry import OFFICE, Device
from protocol.registry.roster import LOWER
from protocol.registry.standing import Subject
from protocol.roster import LOST
from protocol.statements import (
    BlobRef,
    BlobStored,
    DeviceReinstated,
    DeviceRevoked,
    DeviceSuspended,
    OfficerRegistered,
    Statement,
)
from protocol.vocabulary import Standing
from sync_server.devices import codes
from sync_server.office import roster
from sync_server.office.roster import Line
from sync_server.office.staff import Common
from sync_server.people.staffing import Signatory
from sync_server.services import Services

_DEVICE = re.compile(r"\w[\w. ()-]{0,38}[\w)]")
"""Letters of any script, digits and a few signs: the name stands in addresses."""


class NoDevice(Refused):
    """The tablet cannot be changed like this."""


def officer(services: Services, agency: str, cert_no: str) -> OfficerRegistered | None:
    """The newest line of an officer."""
    changes = services.facts.registry.officers.get((agency, cert_no), ())
    newest = max(changes, key=lambda one: (one.record.effective_at, one.index), default=None)
    return newest.record if newest else None


def register(
    services: Services, registrar: Signatory, line: Line, photo: bytes, reason: str, mark: int
) -> None:
    """A new officer, or new details of one. Raises NotAnOfficer, Changed."""
    register_all(services, registrar, [(line, photo, reason, mark)])


def register_all(
    services: Services, registrar: Signatory, lines: Sequence[tuple[Line, bytes, str, int]]
) -> None:
    """The same for several, all of them or none; one without ``photo`` keeps the one it has. Raises
    NoPlace besides."""
    person, signer = registrar
    told: list[tuple[Statement, list[Signer]]] = []
    marks: dict[Subject, int] = {}
    kept: dict[str, bytes] = {}
    new = 0
    for line, photo, reason, mark in lines:
        known = officer(services, person.agency, line.cert_no.strip())
        ref = _photo(services, photo, known, kept)
        said = roster.registered(_common(services, person.agency), line, ref, known, reason)
        told.append((said, [signer]))
        marks["officer", person.agency, said.cert_no] = mark
        new += len(msgspec.json.encode(said)) * (known is None)
    services.editions.expect_room(person.agency, new)
    for data in kept.values():
        services.blobs.put(data)
    told += [
        (_stored(services, person.agency, sha256, len(data)), [services.office_key])
        for sha256, data in kept.items()
    ]
    services.office.state_all(told, marks=marks)
    services.publish_reference(person.agency)


def stand(
    services: Services,
    registrar: Signatory,
    cert_no: str,
    standing: Standing,
    reason: str,
    mark: int,
) -> None:
    """Another standing from now on; tablets learn it at their next contact. Raises NotAnOfficer,
    Changed."""
    person, signer = registrar
    known = officer(services, person.agency, cert_no)
    said = roster.stood(_common(services, person.agency), known, standing, reason)
    marks = {("officer", person.agency, cert_no): mark}
    services.office.state_all([(said, [signer])], marks=marks)
    services.publish_reference(person.agency)


def officer_code(services: Services, agency: str, cert_no: str) -> str:
    """The one-time code for an officer's key on a tablet. Raises NotAnOfficer."""
    known = officer(services, agency, cert_no)
    if known is None or known.standing is not Standing.VALID:
        raise roster.NotAnOfficer(
            "the certificate {cert_no} is not valid; only a valid one gets a key on a tablet",
            cert_no=cert_no,
        )
    return _code(services, agency, "officer", cert_no)


def device_code(services: Services, agency: str, name: str) -> str:
    """The one-time code for a new tablet. Raises NoDevice."""
    name = name.strip()
    if not _DEVICE.fullmatch(name) or name == OFFICE or name.startswith(LOWER):
        raise NoDevice(
            "expected a name of 2 to 40 characters such as YX-T07, got {name}; choose another",
            name=name[:60],
        )
    if (agency, name) in services.facts.registry.devices:
        raise NoDevice(
            "a device of the name {name} was enrolled before; a name is never used again, choose "
            "another",
            name=name,
        )
    return _code(services, agency, "device", name)


def rest(
    services: Services, registrar: Signatory, name: str, reason: str, mark: int, *, suspend: bool
) -> None:
    """Suspend a tablet, or let it go on. Raises NoDevice, Changed."""
    device = _device(services, registrar, name, reason)
    if (device.suspended_at is not None) == suspend:
        raise NoDevice("the tablet {name} stands like this already", name=name)
    common = _common(services, device.agency)
    said: Statement
    if suspend:
        said = DeviceSuspended(
            agency=common.agency,
            at=common.at,
            salt=common.salt,
            device=name,
            reason=reason.strip(),
            effective_at=common.at,
        )
    else:
        said = DeviceReinstated(
            agency=common.agency,
            at=common.at,
            salt=common.salt,
            device=name,
            reason=reason.strip(),
        )
    _say(services, registrar, device, said, mark)


def revoke(
    services: Services, registrar: Signatory, name: str, reason: str, mark: int, *, lost: bool
) -> None:
    """Trust a tablet no longer, for good; a ``lost`` one locks at its next contact. Raises
    NoDevice, Changed."""
    device = _device(services, registrar, name, reason)
    common = _common(services, device.agency)
    said = DeviceRevoked(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        device=name,
        reason=f"{LOST}：{reason.strip()}" if lost else reason.strip(),
        effective_at=common.at,
    )
    _say(services, registrar, device, said, mark)


def _say(
    services: Services, registrar: Signatory, device: Device, said: Statement, mark: int
) -> None:
    marks = {("device", device.agency, device.name): mark}
    services.office.state_all([(said, [registrar[1]])], marks=marks)
    services.publish_reference(device.agency)


def _device(services: Services, registrar: Signatory, name: str, reason: str) -> Device:
    agency = registrar[0].agency
    device = services.facts.registry.devices.get((agency, name))
    if device is None or name == OFFICE:
        raise NoDevice("there is no such tablet in your agency; choose one from the list")
    if device.revoked_at is not None:
        raise NoDevice("the tablet {name} is revoked for good; enrol another one", name=name)
    if not reason.strip():
        raise NoDevice("the reason is empty; say why, for the record")
    return device


def _photo(
    services: Services, photo: bytes, known: OfficerRegistered | None, kept: dict[str, bytes]
) -> BlobRef | None:
    if not photo and known is not None:
        return None
    data = photo or BLANK
    media_type = roster.picture_type(data)
    sha256 = hashlib.sha256(data).hexdigest()
    kept[sha256] = data
    return BlobRef(sha256=sha256, size=len(data), media_type=media_type)


def _stored(services: Services, agency: str, sha256: str, size: int) -> BlobStored:
    common = _common(services, agency)
    return BlobStored(agency=agency, at=common.at, salt=common.salt, sha256=sha256, size=size)


def _code(services: Services, agency: str, purpose: codes.Purpose, subject: str) -> str:
    now, lifetime = services.clock.now(), services.settings.code_ms
    return codes.new_code(services.db, agency, purpose, subject, now, lifetime)


def _common(services: Services, agency: str) -> Common:
    return Common(agency, services.clock.now(), secrets.token_hex(16))
