"""Keys that change while their holders stay: an agency's issuer and its root, a device's, and an
officer's that counts no more.

$ fujie-server rotate-issuer --root /media/safe
issuer 3f9c… in force; tablets follow at their next contact
$ fujie-server rotate-device-key YX-T07
YX-T07 makes itself a new key at its next contact
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from protocol.registry.roster import OFFICE, Agency
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.enrolling import the_agency
from sync_server.devices import rekeying
from sync_server.services import Services, writing
from sync_server.settings import Settings
from sync_server.upkeep import rotation


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("rotate-issuer", help="replace the issuer's key, with the root key at hand")
    one.add_argument("--root", type=Path, help="the folder of the root key (default <data>/root)")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    command(one, lambda s, a, say: rotate_issuer(s, a.root, a.agency, say))

    one = add_parser("rotate-root", help="replace the agency's root key, signed by the old one")
    one.add_argument("--root", type=Path, help="the folder of the root key (default <data>/root)")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    command(one, lambda s, a, say: rotate_root(s, a.root, a.agency, say))

    one = add_parser("rotate-device-key", help="have a tablet, or the office, sign with a new key")
    one.add_argument("name", help="the tablet's name, or office for the server's own device")
    one.add_argument("--agency", default="", help="its agency, if there are several")
    command(one, lambda s, a, say: rotate_device_key(s, a.name, a.agency, say))

    one = add_parser("retire-officer-key", help="let an officer's keys count no more from now on")
    one.add_argument("cert_no", help="the officer's certificate number")
    one.add_argument("--device", default="", help="on this tablet alone (default: on all)")
    one.add_argument("--reason", required=True, help="why; it is stated in the log")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    command(one, retire_officer_key)


def rotate_issuer(settings: Settings, root: Path | None, agency: str, say: Say) -> int:
    """Replace an agency's issuer; no server may run meanwhile."""
    known = _rotate(settings, root, agency, rotation.rotate_issuer)
    say(f"issuer {known.issuer.key_id.hex()} in force; tablets follow at their next contact")
    say("make a backup now: an older one holds a key that tablets will no longer believe")
    return 0


def rotate_root(settings: Settings, root: Path | None, agency: str, say: Say) -> int:
    """Replace an agency's root; no server may run meanwhile."""
    folder = root or settings.root
    known = _rotate(settings, root, agency, rotation.rotate_root)
    say(f"root {known.root.public_key.hex()} in force; tablets follow at their next contact")
    say("make a backup now: an older one holds a key that tablets will no longer believe")
    say(f"take {folder} off this machine, and hand out trust.json anew: fujie-server trust")
    return 0


def rotate_device_key(settings: Settings, name: str, agency: str, say: Say) -> int:
    """Have a device make itself a new key; no server may run meanwhile."""
    with writing(settings, system_clock()) as services:
        if name == OFFICE:
            rekeying.rotate_office(services)
            say(f"office key {services.office_key.verifier.key_id.hex()} in force")
        else:
            rekeying.ask(services, the_agency(services, agency), name)
            say(f"{name} makes itself a new key at its next contact")
    return 0


def retire_officer_key(settings: Settings, told: argparse.Namespace, say: Say) -> int:
    """Retire an officer's keys; no server may run meanwhile."""
    with writing(settings, system_clock()) as services:
        agency = the_agency(services, told.agency)
        count = rekeying.retire(services, agency, told.cert_no, told.device, told.reason)
    say(f"{count} key(s) of officer {told.cert_no} count no more from now on")
    return 0


def _rotate(
    settings: Settings,
    root: Path | None,
    agency: str,
    rotate: Callable[[Services, str, Path], None],
) -> Agency:
    with writing(settings, system_clock()) as services:
        chosen = the_agency(services, agency)
        rotate(services, chosen, root or settings.root)
        return services.facts.registry.agencies[chosen]
