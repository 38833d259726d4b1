"""One-time codes for tablets and officers, lost tablets, the way into one that nobody can open.

$ fujie-server enrol-device YX-T07
7K2M-QX4D-9RTB-W3FN
"""

from __future__ import annotations

import secrets
from pathlib import Path

import nacl.exceptions
import nacl.public

from protocol.errors import Refused
from protocol.roster import LOST
from protocol.statements import DeviceRevoked
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.devices import codes, readmission
from sync_server.devices.codes import Purpose
from sync_server.keys.keyring import read_seed
from sync_server.services import Services, reading, writing
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.store.tables import RecoveryRow


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("enrol-device", help="print a one-time code for a tablet")
    one.add_argument("name", help="the tablet's name, such as YX-T07")
    one.add_argument("--agency", default="", help="its agency, if there are several")
    command(one, lambda s, a, say: enrol(s, "device", a.name, a.agency, say))

    one = add_parser("enrol-officer", help="print a one-time code for an officer's key on a tablet")
    one.add_argument("cert_no", help="the officer's certificate number")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    command(one, lambda s, a, say: enrol(s, "officer", a.cert_no, a.agency, say))

    one = add_parser("readmit", help="enrol again a tablet whose enrolment a lost log knew")
    one.add_argument("file", type=Path, help="the export of all that the tablet holds")
    command(one, lambda s, a, say: readmit(s, a.file, say))

    one = add_parser("revoke-device", help="trust a tablet no longer, from now on")
    one.add_argument("device", help="the tablet's name")
    one.add_argument("--reason", required=True, help="why, in words that go on record")
    one.add_argument(
        "--lost", action="store_true", help="it is lost: it locks, and forgets who may open it"
    )
    command(one, lambda s, a, say: revoke(s, a.device, a.reason, a.lost, say))

    one = add_parser("recover-vault", help="open a tablet's vault key with the recovery key")
    one.add_argument("device", help="the tablet's name")
    one.add_argument("key", type=Path, help="the agency's recovery key file")
    command(one, lambda s, a, say: recover_vault(s, a.device, a.key, say))


def enrol(settings: Settings, purpose: Purpose, subject: str, agency: str, say: Say) -> int:
    """Print a one-time code for a device or an officer."""
    with reading(settings, system_clock()) as services:
        chosen = the_agency(services, agency)
        known = (chosen, subject) in services.facts.registry.officers
        if purpose == "officer" and not known:
            raise Refused("no officer {cert_no} is on the roster", cert_no=subject)
        code = codes.new_code(
            services.db,
            chosen,
            purpose,
            subject,
            services.clock.now(),
            settings.code_ms,
        )
    say(code)
    return 0


def readmit(settings: Settings, file: Path, say: Say) -> int:
    """Enrol again, in a successor, a tablet that was enrolled after the backup."""
    with writing(settings, system_clock()) as services:
        device, officers = readmission.readmit(services, file)
    say(f"{device}: enrolled again, with the keys of {len(officers)} officers")
    return 0


def revoke(settings: Settings, name: str, reason: str, lost: bool, say: Say) -> int:
    """Trust a tablet no longer. A lost one learns it at its next contact, and locks."""
    with writing(settings, system_clock()) as services:
        device = services.sequencer.registry.device_named(name)
        if device is None:
            raise Refused("no device {device} is enrolled here", device=name)
        now = services.clock.now()
        said = DeviceRevoked(
            agency=device.agency,
            at=now,
            salt=secrets.token_hex(16),
            device=device.name,
            reason=f"{LOST}：{reason}" if lost else reason,
            effective_at=now,
        )
        services.office.state(said, [services.keyring.issuer(device.agency)])
        services.publish_reference(device.agency)
    say(f"{name}: revoked" + (", reported lost" if lost else ""))
    return 0


def recover_vault(settings: Settings, device: str, key: Path, say: Say) -> int:
    """Open a tablet's vault key with the agency's recovery key, for a tablet nobody can open."""
    database = Database(settings.database)
    with database.reading() as session:
        row = session.get(RecoveryRow, device)
    database.close()
    if row is None:
        raise Refused("no vault key of device {device} is kept here", device=device)
    try:
        opened = nacl.public.SealedBox(nacl.public.PrivateKey(read_seed(key))).decrypt(row.sealed)
    except nacl.exceptions.CryptoError:
        raise Refused(
            "the key in {file} does not open this vault; use the agency's recovery key",
            file=str(key),
        ) from None
    say(opened.hex())
    return 0


def the_agency(services: Services, agency: str) -> str:
    """The agency that is meant; the only one needs no naming. Raises Refused."""
    known = sorted(services.facts.registry.own_agencies)
    if agency and agency not in known:
        raise Refused("no agency {agency} is registered here", agency=agency)
    if not agency and len(known) != 1:
        raise Refused("expected --agency, one of {known}", known=", ".join(known))
    return agency or known[0]
