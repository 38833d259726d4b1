"""The two kinds of key file, and their seal.

    keys/device.json                the device's signing seed, wrapped by the device secret
    keys/officers/<cert_no>.json    an officer's wraps and his wrong PINs in a row

A file is ``{"body": {...}, "mac": "<base64>"}``. The body's bytes are authenticated under a
key from the device secret, so that a changed wrap or counter is told from a wrong PIN, and an
altered Argon2 cost is refused before it is paid. Not promised: that an *older* whole file put
back by somebody with the tablet's disk is noticed; against him stands the device secret.

Bytes are base64 in JSON. Writes are durable (``durable.py``).
"""

import hmac
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec

from field_client.durable import UNREADABLE, write_durably
from field_client.errors import NoSuchOfficer, WrapDamaged

VERSION = 1


class DeviceFile(msgspec.Struct, frozen=True, kw_only=True):
    """The device's own keys. ``salt`` is what the device secret is mixed with. ``next_*`` is a key
    that waits to be certified (``device_keys.py``)."""

    version: int
    secret: str
    salt: bytes
    seed: bytes
    public_key: bytes
    recovery: bytes = b""
    next_seed: bytes = b""
    next_public_key: bytes = b""


class OfficerFile(msgspec.Struct, frozen=True, kw_only=True):
    """One officer's wraps; both empty once wiped. ``since_*`` is the attempt's clock reading."""

    version: int
    cert_no: str
    passes: int
    memory: int
    salt: bytes
    vault_key: bytes
    seed: bytes
    public_key: bytes
    wrong: int = 0
    delay_ms: int = 0
    since_boot: bytes = b""
    since_monotonic_ms: int = 0
    since_wall_ms: int = 0
    wiped_at: int | None = None


class _Sealed(msgspec.Struct, frozen=True):
    body: msgspec.Raw
    mac: bytes


File = TypeVar("File", DeviceFile, OfficerFile)


def write(path: Path, file: DeviceFile | OfficerFile, mac_key: bytes) -> None:
    """Seal and replace durably. Raises DiskFull; then the old file stands."""
    body = msgspec.json.encode(file)
    write_durably(path, msgspec.json.encode(_Sealed(msgspec.Raw(body), _mac(body, mac_key))))


def peek(path: Path, kind: type[File]) -> File:
    """The body before its seal is checked: only for the salt that the seal's key needs."""
    return _body(path, _sealed(path).body, kind)


def read(path: Path, kind: type[File], mac_key: bytes) -> File | None:
    """The body, or None when its seal was made under another key or broken."""
    sealed = _sealed(path)
    if not hmac.compare_digest(_mac(bytes(sealed.body), mac_key), sealed.mac):
        return None
    return _body(path, sealed.body, kind)


def damaged(path: Path) -> WrapDamaged:
    """The error for a file that this tablet did not write like this."""
    return WrapDamaged(
        "The key file {file} was changed or cut. The records are safe: ask the office "
        "to enrol this officer again.",
        file=path.name,
    )


def _sealed(path: Path) -> _Sealed:
    try:
        data = path.read_bytes()
        sealed = msgspec.json.decode(data, type=_Sealed)
    except FileNotFoundError as error:
        raise NoSuchOfficer(
            "There are no keys for {file} on this tablet. Ask the office to enrol them.",
            file=path.stem,
        ) from error
    except UNREADABLE as error:
        raise damaged(path) from error
    # Base64 with unused bits set is a second spelling of one seal.
    if msgspec.json.encode(sealed) != data:
        raise damaged(path)
    return sealed


def _body(path: Path, body: msgspec.Raw, kind: type[File]) -> File:
    try:
        file = msgspec.json.decode(bytes(body), type=kind)
    except UNREADABLE as error:
        raise damaged(path) from error
    if file.version != VERSION:
        raise WrapDamaged(
            "The key file {file} has version {version}, and this program reads {known}. "
            "Update the program.",
            file=path.name,
            version=file.version,
            known=VERSION,
        )
    return file


def _mac(body: bytes, key: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=32, person=b"fujie/keyfile/v1").digest()
