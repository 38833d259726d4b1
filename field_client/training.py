"""Practice: a throw-away agency on this tablet, founded by the tablet itself.

    training.found(settings, real_reference, clock)      once; then it opens like any tablet
    keys = training.keys(settings, clock)                 its passphrase and PINs are no secrets
    training.is_training(vault)                           what ``Tablet.over`` asks

The forms, items and calendar are the real ones, so that practice is worth something; everything
that trust hangs on is made here and thrown away at once: root, issuer, log and recovery keys,
the agency, its officers. So no server, tablet or ``fujie-verify`` that trusts a real agency
believes anything of it. And it has no wire: a training vault speaks through ``NoWire`` whoever
opens it (docs/adr/0033-training-is-an-agency-of-its-own.md).
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, replace

import httpx
import msgspec
import nacl.public

from field_client.contact.enrolment import ENROLMENT
from field_client.contact.reference import ReferenceShelf
from field_client.device_clock import Clock
from field_client.keys.identity import KeyStore
from field_client.keys.recovery import new_vault_key, seal_for_recovery
from field_client.keys.secret import CHEAPEST, PassphraseSecret
from field_client.settings import Settings
from field_client.store import numbers, stages
from field_client.store.tables import JournalRow
from field_client.store.vault import Vault
from protocol import messages
from protocol.calendar import local_day
from protocol.credential import (
    DeviceClaims,
    OfficerClaims,
    issue_device,
    issue_issuer,
    issue_officer,
    open_issuer,
)
from protocol.keys import Ed25519Signer, Verifier
from protocol.messages import DeviceAdmitted
from protocol.note import VerifierKey
from protocol.reference import Reference, Template, sign_reference
from protocol.roster import IssuerEntry, OfficerKey, RosterDevice, RosterOfficer
from protocol.statements import BlobRef, NumbersGranted
from protocol.vocabulary import DocumentKind, Standing

FOLDER = "training"
MARK = "training"
"""The vault's own word for it."""
AGENCY = "TRAINING"
DEVICE = "训练"
ORIGIN = "training.invalid/fujie"
ADDRESS = "https://training.invalid"
"""``.invalid`` is never resolved (RFC 6761); it also stands in every QR code."""
PASSPHRASE = "practice is no secret"
PIN = "135790"
OFFICERS = {"00000000001": "练习甲", "00000000002": "练习乙", "00000000003": "练习丙"}
YEARS_MS = 5 * 365 * 24 * 3_600_000
# The forms print their own 草稿 in the foreground; this lies behind the words of every page.
WATERMARK = (
    "#set page(background: rotate(-35deg, "
    'text(110pt, weight: "bold", fill: rgb(143, 29, 29, 70))[练习]))\n'
)


class NoWire(httpx.BaseTransport):
    """Reaches nobody."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As if there were no network, which is the truth."""
        raise httpx.ConnectError("practice reaches no server", request=request)


def settings_of(settings: Settings) -> Settings:
    """The settings of practice on the same tablet: a folder and an address of its own."""
    return replace(settings, data_dir=settings.data_dir / FOLDER, server_url=ADDRESS)


def is_there(settings: Settings) -> bool:
    """Whether practice was founded on this tablet (its real settings are given)."""
    return settings_of(settings).vault_path.exists()


def is_training(vault: Vault) -> bool:
    """Whether a vault holds practice records."""
    return vault.state(MARK) is not None


def keys(settings: Settings, clock: Clock) -> KeyStore:
    """The keys of practice; guessing them costs nothing and gains nothing."""
    secret = PassphraseSecret(PASSPHRASE, CHEAPEST)
    return KeyStore(settings_of(settings).keys_dir, secret, clock, settings.pin, CHEAPEST)


def discard(settings: Settings) -> None:
    """Throw everything of it away: records, media, keys."""
    shutil.rmtree(settings_of(settings).data_dir, ignore_errors=True)


def found(settings: Settings, real: Reference, clock: Clock) -> Reference:
    """Found practice from the real agency's forms and items, anew; returns its reference data.
    Raises DiskFull, VaultError."""
    discard(settings)
    try:
        return _found(settings_of(settings), keys(settings, clock), real, clock)
    except BaseException:
        discard(settings)
        raise


@dataclass(frozen=True)
class _Authority:
    """The keys that certify; forgotten when founding is over."""

    root: Ed25519Signer
    issuer: Ed25519Signer
    certificate: bytes
    since: int

    @property
    def until(self) -> int:
        return self.since + YEARS_MS


def _found(own: Settings, store: KeyStore, real: Reference, clock: Clock) -> Reference:
    now = clock.wall_ms()
    root, issuer = _signer(), _signer()
    since = now - 24 * 3_600_000
    certificate = issue_issuer(root, issuer.verifier.public_key, AGENCY, since, since + YEARS_MS)
    authority = _Authority(root, issuer, certificate, since)
    device = store.device.make()
    device_claims = DeviceClaims(
        agency=AGENCY,
        public_key=device.verifier.public_key,
        valid_from=since,
        valid_until=authority.until,
        name=DEVICE,
    )
    vault_key = new_vault_key()
    form = real.officers[0]
    officers = [
        _officer(cert_no, name, form, store, vault_key, authority)
        for cert_no, name in OFFICERS.items()
    ]
    device_certificate = issue_device(issuer, device_claims)
    log_key = VerifierKey(ORIGIN, _signer().verifier.public_key).text()
    reference = _reference(real, officers, device_certificate, authority, log_key, now)
    recovery = bytes(nacl.public.PrivateKey.generate().public_key)
    store.device.keep_recovery(seal_for_recovery(vault_key, recovery))
    admitted = DeviceAdmitted(
        at=now,
        agency=AGENCY,
        root_key=root.verifier.public_key,
        issuer=certificate,
        certificate=device_certificate,
        recovery_key=recovery,
        log_key=log_key,
        origin=ORIGIN,
        address=ADDRESS,
        reference=sign_reference(reference, issuer),
        grants=[],
    )
    with Vault.create(own.vault_path, vault_key).closing() as vault:
        _fill(vault, admitted, root.verifier, clock)
    return reference


def _fill(vault: Vault, admitted: DeviceAdmitted, root: Verifier, clock: Clock) -> None:
    now = clock.wall_ms()
    with vault.transaction() as session:
        session.add(
            JournalRow(id=secrets.token_bytes(16), agency=AGENCY, device=DEVICE, opened_at=now)
        )
        stages.put(session, MARK, b"1")
        stages.put(session, ENROLMENT, messages.encode(admitted))
        for place, kind in enumerate(DocumentKind):
            numbers.keep_grant(session, _block(kind, now), secrets.token_bytes(32), place)
    issuer = open_issuer(admitted.issuer, root)
    ReferenceShelf(vault, root, issuer, vault.path.parent / "tuf", clock).put(admitted.reference)


def _block(kind: DocumentKind, now: int) -> NumbersGranted:
    year = local_day(now).year
    return NumbersGranted(
        agency=AGENCY,
        at=now,
        salt=secrets.token_hex(16),
        device=DEVICE,
        document=kind,
        year=year,
        first=1,
        last=9999,
        pattern=f"训练{kind.zh}〔{year}〕{{n}}号",
        sealed_until=now + YEARS_MS,
    )


def _reference(
    real: Reference,
    officers: list[RosterOfficer],
    device: bytes,
    authority: _Authority,
    log_key: str,
    now: int,
) -> Reference:
    agency = msgspec.structs.replace(
        real.agency, id=AGENCY, name=f"{real.agency.name}（训练）", short_name="训练"
    )
    return msgspec.structs.replace(
        real,
        version=1,
        issued_at=now,
        agency=agency,
        officers=officers,
        devices=[RosterDevice(name=DEVICE, certificate=device)],
        templates=[_marked(one) for one in real.templates],
        # Nobody renews the roster of practice; that it grows old is no lesson.
        parameters=msgspec.structs.replace(real.parameters, stale_ms=YEARS_MS),
        log_keys=[log_key],
        log_keys_lost=[],
        witnesses=[],
        witness_quorum=0,
        issuers=[
            IssuerEntry(
                certificate=authority.certificate,
                root_key=authority.root.verifier.public_key.hex(),
            )
        ],
        exchange_key="",
    )


def _marked(template: Template) -> Template:
    """The same form with 练习 across every page."""
    return msgspec.structs.replace(template, source=WATERMARK + template.source)


def _officer(
    cert_no: str,
    name: str,
    form: RosterOfficer,
    store: KeyStore,
    vault_key: bytes,
    authority: _Authority,
) -> RosterOfficer:
    """A made-up officer who may do what the real ones may, with keys on this tablet."""
    made = store.add_officer(cert_no, PIN, vault_key)
    store.keep_officer(cert_no)
    claims = OfficerClaims(
        agency=AGENCY,
        public_key=made.signer.verifier.public_key,
        valid_from=authority.since,
        valid_until=authority.until,
        cert_no=cert_no,
        name=name,
        unit=form.unit,
        position=form.position,
        category=form.category,
        field=form.field,
        region=form.region,
        device=DEVICE,
    )
    held = OfficerKey(
        key_id=made.signer.verifier.key_id.hex(),
        device=DEVICE,
        credential=issue_officer(authority.issuer, claims),
    )
    return msgspec.structs.replace(
        form,
        cert_no=cert_no,
        name=name,
        photo=BlobRef(sha256="00" * 32, size=0, media_type="image/png"),
        photo_bytes=b"",
        standing=Standing.VALID,
        effective_at=authority.since,
        auxiliary=False,
        credentials=[held],
    )


def _signer() -> Ed25519Signer:
    return Ed25519Signer(secrets.token_bytes(32))
