"""How a tablet comes to belong to an agency, and an officer to a tablet.

    office    gives one-time codes: one for the tablet, one for each officer
    tablet    key made here ── proof, sealed by code ──► certificate, trust anchors, numbers
              vault made; its key, sealed to the agency's recovery key, ──► kept at the office
    officer   PIN set, key made here ── proof, code ──► credential

The code authenticates both ways: an answer that was not sealed with it is refused, so nobody
in between can put his own root of trust into a tablet. A crash before the first officer has a
PIN leaves nothing worth keeping; the next attempt starts over with a new code.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress

from field_client.contact import proofs
from field_client.contact.reference import ReferenceShelf
from field_client.contact.wire import Wire
from field_client.device_clock import Clock
from field_client.errors import AlreadyEnrolled, EnrolmentRefused, NoNetwork, ServerUnclear
from field_client.keys.identity import KeyStore, Unlocked
from field_client.keys.recovery import new_vault_key, seal_for_recovery
from field_client.settings import Settings
from field_client.store import numbers, stages
from field_client.store.stages import SERVER_AT
from field_client.store.tables import JournalRow
from field_client.store.vault import Vault
from protocol import messages
from protocol.checkpoint import VerifierKey
from protocol.credential import (
    IssuerClaims,
    issuer_of,
    issuers_of,
    open_device,
    open_issuer,
    open_officer,
)
from protocol.keys import ED25519, Signer, Verifier
from protocol.messages import (
    DeviceAdmitted,
    DeviceWanted,
    OfficerAdmitted,
    OfficerWanted,
    RecoveryKept,
    code_tag,
    possession,
)
from protocol.reference import open_reference
from protocol.statements import NumbersGranted
from protocol.trust import TrustedLog

ENROLMENT = "enrolment"


def enrol_device(
    settings: Settings, keys: KeyStore, clock: Clock, wire: Wire, code: str, name: str
) -> tuple[Vault, bytes, DeviceAdmitted]:
    """Make this tablet's keys and vault and let the office certify them.

    Returns the open vault, its key (needed until the officers have their PINs) and what the
    office answered. Raises AlreadyEnrolled, NoNetwork, ServerRefuses, BadSignature,
    EnrolmentRefused; after an error the tablet is as empty as before.
    """
    _clear_unfinished(settings, keys)
    try:
        return _enrol(settings, keys, clock, wire, code, name)
    except BaseException:
        _clear_unfinished(settings, keys)
        raise


def _enrol(
    settings: Settings, keys: KeyStore, clock: Clock, wire: Wire, code: str, name: str
) -> tuple[Vault, bytes, DeviceAdmitted]:
    signer = keys.device.make()
    journal, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
    wanted = DeviceWanted(
        name=name,
        public_key=signer.verifier.public_key,
        journal=journal,
        nonce=nonce,
        proof=signer.sign(possession("device", nonce, journal)),
    )
    sealed = messages.seal_with_code(wanted, code, "device")
    admitted = wire.post("/v1/enrol/device", sealed, DeviceAdmitted)
    messages.check_code(admitted, code, "device")
    issuer = _expect_certified(admitted, signer, name)
    key = new_vault_key()
    vault = Vault.create(settings.vault_path, key)
    try:
        _keep(vault, admitted, issuer, journal, name, clock)
    except BaseException:
        vault.close()
        raise
    return vault, key, admitted


def entrust_recovery(keys: KeyStore, wire: Wire, admitted: DeviceAdmitted, key: bytes) -> None:
    """Seal the vault's key to the agency's recovery key, here and at the office."""
    sealed = seal_for_recovery(key, admitted.recovery_key)
    keys.device.keep_recovery(sealed)
    wire.post("/v1/enrol/recovery", RecoveryKept(sealed=sealed), RecoveryKept)


def enrol_officer(
    keys: KeyStore,
    wire: Wire,
    admitted: DeviceAdmitted,
    vault_key: bytes,
    cert_no: str,
    pin: str,
    code: str,
    issuers: Sequence[IssuerClaims] = (),
) -> Unlocked:
    """Set an officer's PIN, make the officer's key here and let the office certify it; also in
    place of one that is here already, which the office retires then.

    Raises PinTooSimple, NoNetwork, ServerRefuses, EnrolmentRefused. When the office refuses, all
    is as before, so that another code can be tried. When its answer was lost, the new key waits
    for the roster to name it (``KeyStore.settle``). The credential is by one of ``issuers``;
    while there are none, by that of the tablet's own enrolment.
    """
    unlocked = keys.add_officer(cert_no, pin, vault_key)
    verifier = unlocked.signer.verifier
    device = keys.device.signer().verifier
    try:
        answer = wire.post(
            "/v1/enrol/officer",
            OfficerWanted(
                cert_no=cert_no,
                public_key=verifier.public_key,
                proof=unlocked.signer.sign(possession("officer", device.key_id, cert_no.encode())),
                code_tag=code_tag(code, "officer", cert_no.encode() + verifier.public_key),
            ),
            OfficerAdmitted,
        )
        issuer = issuer_of(answer.credential, issuers or trust_of(admitted)[:1])
        claims = open_officer(answer.credential, issuer)
        if (claims.public_key, claims.cert_no) != (verifier.public_key, cert_no):
            raise EnrolmentRefused(
                "The office certified another key or officer than this one. Ask for a new code."
            )
    except (NoNetwork, ServerUnclear):
        raise  # perhaps it did
    except Exception:
        keys.remove_officer(cert_no)
        raise
    keys.keep_officer(cert_no)
    return unlocked


def trust_of(admitted: DeviceAdmitted) -> tuple[IssuerClaims, Verifier, list[VerifierKey]]:
    """Issuer, root and log keys out of what was received at enrolment."""
    root = Verifier(ED25519, admitted.root_key)
    issuer = open_issuer(admitted.issuer, root)
    return issuer, root, [VerifierKey.parse(admitted.log_key)]


def office_keys_of(admitted: DeviceAdmitted) -> dict[bytes, Verifier]:
    """The office's keys as the roster that came with the enrolment has them."""
    issuer, root, _ = trust_of(admitted)
    reference = open_reference(admitted.reference, issuer.verifier, 0)
    issuers = issuers_of(reference, [root], issuer.verifier) or (issuer,)
    return proofs.answering_keys(reference, issuers)


def enrolled(vault: Vault) -> DeviceAdmitted:
    """What this tablet received at its enrolment."""
    stored = vault.state(ENROLMENT)
    if stored is None:
        raise EnrolmentRefused("This tablet is not enrolled. Ask the office for a one-time code.")
    return messages.decode(stored, DeviceAdmitted)


def _expect_certified(admitted: DeviceAdmitted, signer: Signer, name: str) -> IssuerClaims:
    """The issuer's claims, when all that the office answered fits together and this tablet."""
    root = Verifier(ED25519, admitted.root_key)
    issuer = open_issuer(admitted.issuer, root)
    device = open_device(admitted.certificate, issuer)
    if (device.public_key, device.name) != (signer.verifier.public_key, name):
        raise EnrolmentRefused(
            "The office certified another key than this tablet's. Ask for a new code."
        )
    reference = open_reference(admitted.reference, issuer.verifier, 0)
    log = VerifierKey.parse(admitted.log_key)
    if {issuer.agency, reference.agency.id} != {admitted.agency} or log.name != admitted.origin:
        raise EnrolmentRefused(
            "The office's answer names two agencies or logs. Ask the office to check its server."
        )
    return issuer


def _keep(
    vault: Vault,
    admitted: DeviceAdmitted,
    issuer: IssuerClaims,
    journal: bytes,
    name: str,
    clock: Clock,
) -> None:
    log = TrustedLog(admitted.origin, [VerifierKey.parse(admitted.log_key)])
    proved = [proofs.office_record(record, log, [issuer], {}) for record in admitted.grants]
    with vault.transaction() as session:
        session.add(
            JournalRow(id=journal, agency=admitted.agency, device=name, opened_at=clock.wall_ms())
        )
        stages.put(session, ENROLMENT, messages.encode(admitted))
        for one in proved:
            stages.put_later(session, SERVER_AT, one.receipt.entry.received_at)
            if isinstance(one.statement, NumbersGranted) and one.statement.device == name:
                numbers.keep_grant(session, one.statement, one.record, one.receipt.index)
    root = Verifier(ED25519, admitted.root_key)
    ReferenceShelf(vault, root, issuer, vault.path.parent / "tuf", clock).put(admitted.reference)


def _clear_unfinished(settings: Settings, keys: KeyStore) -> None:
    """Remove what an enrolment left that nobody ever unlocked; refuse to touch anything else."""
    if not keys.device.exists:
        return
    if keys.officers():
        raise AlreadyEnrolled("This tablet has keys already; they are not overwritten.")
    with suppress(FileNotFoundError):
        shutil.rmtree(settings.keys_dir)
    for path in settings.data_dir.glob(f"{settings.vault_path.name}*"):
        path.unlink()
