"""A certificate authority for trying things out: its seals look like an agency's, and bind nobody.

    <data>/keys/seal-test-root.p12        the authority itself
    <data>/keys/seal-test-time.p12        its time-stamp service
    <data>/keys/seal-test-<agency>.p12    an agency's seal

Each is made when it is first asked for. Every name says 测试, so that nobody takes such a seal for
a real one; whoever has certificates of a licensed authority names their folder in FUJIE_SEALS.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync_server.store.files import write_durably

AUTHORITY = "符节测试签章机构（无法律效力）"
TIME = "符节测试时间戳服务（无法律效力）"
YEARS = timedelta(days=3650)
_one_at_a_time = threading.Lock()
"""Two that seal for the first time would make two authorities of one name."""
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def authority(keys: Path) -> bytes:
    """The authority's own certificate and key (PKCS#12, no password)."""
    path = keys / "seal-test-root.p12"
    if not path.exists():
        key = _new_key()
        made = _certificate(AUTHORITY, key, AUTHORITY, key, _usage(signs=True))
        write_durably(path, _packed("root", key, made, []))
    return path.read_bytes()


def time_service(keys: Path) -> bytes:
    """The time-stamp service's certificate and key."""
    return _issued(keys, "time", TIME, stamps=True)


def seal(keys: Path, agency: str, name: str) -> bytes:
    """An agency's certificate and key; ``name`` is what its seal says."""
    return _issued(keys, agency, f"{name}（测试）")


def _issued(keys: Path, stem: str, name: str, *, stamps: bool = False) -> bytes:
    path = keys / f"seal-test-{stem}.p12"
    with _one_at_a_time:
        _make(keys, path, stem, name, stamps=stamps)
    return path.read_bytes()


def _make(keys: Path, path: Path, stem: str, name: str, *, stamps: bool) -> None:
    if not path.exists():
        root_key, root, _ = pkcs12.load_key_and_certificates(authority(keys), None)
        assert isinstance(root_key, ec.EllipticCurvePrivateKey)
        assert root is not None
        # The stamper that stands in for a service knows RSA alone.
        key: _Key = rsa.generate_private_key(65537, 2048) if stamps else _new_key()
        made = _certificate(name, key, AUTHORITY, root_key, _usage(), stamps=stamps)
        write_durably(path, _packed(stem, key, made, [root]))


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str,
    key: _Key,
    issuer: str,
    issuer_key: _Key,
    usage: x509.KeyUsage,
    *,
    stamps: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    root = issuer_key is key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A test's clock may stand a while behind this machine's.
        .not_valid_before(now - YEARS)
        .not_valid_after(now + YEARS)
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    if stamps:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True
        )
    return builder.sign(issuer_key, hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )


def _usage(*, signs: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=not signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _packed(name: str, key: _Key, made: x509.Certificate, chain: list[x509.Certificate]) -> bytes:
    return pkcs12.serialize_key_and_certificates(name.encode(), key, made, chain, NoEncryption())
