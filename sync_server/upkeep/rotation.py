"""An agency's issuer and its root are replaced, with the root key at hand.

    rotate_issuer   a new issuer, certified by the root: the old one certifies nothing more
    rotate_root     a new root, signed by the old one and by itself; the issuer under it

    1  the new key, as a file that nobody loads (``keyring.py``)
    2  root metadata N+1 of the TUF repository, kept aside
    3  the statement, signed by the root or by both: from here on the new key counts
    4  the key's file in its place
    5  a new version of the reference data; with it the root metadata become visible

A crash before 3 changes nothing, and the same command takes up the same key. After 3 the next
start, or the same command, finishes 4 and 5.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from protocol.credential import issue_issuer
from protocol.errors import Refused
from protocol.keys import Ed25519Signer, Verifier
from protocol.registry.roster import Agency
from protocol.statements import AgencyRerooted
from sync_server.keys import keyring
from sync_server.keys.keyring import NoKey
from sync_server.reference import tufrepo
from sync_server.services import Services
from sync_server.upkeep.founding import ISSUER_MS, YEAR_MS

ROOT_MS = 2 * ISSUER_MS


def rotate_issuer(services: Services, agency: str, folder: Path) -> None:
    """Replace the issuer's key; ``folder`` holds the root's. Raises NoKey, Refused."""
    known, root = _known(services, agency), _root(services, agency, folder)
    issuer, now = keyring.new_issuer(services.settings, agency), services.clock.now()
    public = issuer.verifier.public_key
    certificate = issue_issuer(root, public, agency, now - YEAR_MS, now + ISSUER_MS)
    _keep_root(services, agency, [root], issuer.verifier)
    statement = msgspec.structs.replace(
        known.record,
        at=now,
        salt=secrets.token_hex(16),
        root_key=root.verifier.public_key.hex(),
        issuer=certificate,
    )
    services.office.state(statement, [root])
    keyring.settle(services.settings, services.keyring, services.sequencer.registry)
    services.publish_reference(agency)


def rotate_root(services: Services, agency: str, folder: Path) -> None:
    """Replace the root's key in ``folder``. Raises NoKey, Refused."""
    known, old = _known(services, agency), _root(services, agency, folder)
    new = keyring.new_root(folder, agency)
    issuer = known.issuer
    certificate = issue_issuer(
        new, issuer.public_key, agency, issuer.valid_from, issuer.valid_until
    )
    _keep_root(services, agency, [new, old], issuer.verifier)
    statement = AgencyRerooted(
        agency=agency,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        root_key=new.verifier.public_key.hex(),
        issuer=certificate,
    )
    services.office.state(statement, [old, new])
    keyring.settle_root(folder, agency, new.verifier)
    services.publish_reference(agency)


def _keep_root(
    services: Services, agency: str, signers: list[Ed25519Signer], issuer: Verifier
) -> None:
    """Make the next root metadata; the first of ``signers`` is the root that they name."""
    before = tufrepo.newest_root(services.db, agency)
    data = tufrepo.root_json(
        before + 1,
        [signers[0].verifier],
        issuer,
        signers if before else signers[:1],
        services.clock.now() + ROOT_MS,
    )
    tufrepo.keep_root(services.db, agency, data)


def _known(services: Services, agency: str) -> Agency:
    return services.sequencer.registry.agencies[agency]


def _root(services: Services, agency: str, folder: Path) -> Ed25519Signer:
    """The agency's root key in ``folder``; finishes what a crash left of an earlier rotation."""
    expected = _known(services, agency).root
    keyring.settle_root(folder, agency, expected)
    path = keyring.root_file(folder, agency)
    if not path.exists():
        raise NoKey(
            "expected the agency's root key in {file}; bring the folder that was taken off this "
            "machine, and name it with --root",
            file=str(path),
        )
    root = keyring.read_signer(path)
    if root.verifier != expected:
        raise Refused(
            "the key in {file} is not the root of agency {agency}; bring the right folder",
            file=str(path),
            agency=agency,
        )
    return root
