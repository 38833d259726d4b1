"""The server's own keys, as files: 32-byte seeds in hex, mode 0600.

    <data>/keys/log.key               signs checkpoints, and nothing else
    <data>/keys/office.key            the office's device key: automatic facts, refusals
    <data>/keys/<agency>.issuer.key   certifies devices and officers, signs reference data
    <data>/root/<agency>.root.key     certifies the issuer; to be taken off this machine
    <data>/root/<agency>.recovery.key opens sealed vault keys; to be taken off this machine

The last two are written at founding and read by ``recover-vault`` only. No key of a person of
the staff is here: those are wrapped by the person's own password (``staffkeys.py``).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey

from protocol.errors import FujieError
from protocol.keys import Ed25519Signer
from sync_server.files import write_durably
from sync_server.settings import Settings


class NoKey(FujieError):
    """A key file is missing or is none."""


@dataclass(frozen=True)
class Keyring:
    """The keys of a running server; issuers by agency."""

    log: Ed25519Signer
    office: Ed25519Signer
    issuers: dict[str, Ed25519Signer]

    def issuer(self, agency: str) -> Ed25519Signer:
        """The key that certifies for ``agency``. Raises NoKey."""
        if agency not in self.issuers:
            raise NoKey(
                "expected an issuer key of agency {agency} in the folder of keys, found none; "
                "put it back from where it is kept",
                agency=agency,
            )
        return self.issuers[agency]


def load_keyring(settings: Settings) -> Keyring:
    """Read the keys. Raises NoKey, which names the file."""
    suffix = ".issuer.key"
    issuers = {
        path.name.removesuffix(suffix): read_signer(path)
        for path in sorted(settings.keys.glob(f"*{suffix}"))
    }
    log = read_signer(settings.keys / "log.key")
    return Keyring(log, read_signer(settings.keys / "office.key"), issuers)


def make_server_keys(settings: Settings) -> None:
    """Make the log's and the office's keys; refuses to touch any that are there."""
    for name in ("log", "office"):
        _new_key(settings.keys / f"{name}.key")


def make_agency_keys(settings: Settings, agency: str) -> tuple[Ed25519Signer, PrivateKey]:
    """Make an agency's keys. Returns its root and its recovery key; the issuer's is on disk."""
    _new_key(settings.keys / f"{agency}.issuer.key")
    root = _new_key(settings.root / f"{agency}.root.key")
    recovery = _new_key(settings.root / f"{agency}.recovery.key")
    return Ed25519Signer(root), PrivateKey(recovery)


def read_signer(path: Path) -> Ed25519Signer:
    """The signing key in a file. Raises NoKey."""
    return Ed25519Signer(read_seed(path))


def read_seed(path: Path) -> bytes:
    """The 32 bytes in a key file. Raises NoKey."""
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        seed = b""
    if len(seed) != 32:
        raise NoKey(
            "expected a key of 64 hex digits in {file}; put it back from where it is kept",
            file=str(path),
        )
    return seed


def _new_key(path: Path) -> bytes:
    if path.exists():
        raise NoKey(
            "expected no key in {file} yet; an existing key is never overwritten", file=str(path)
        )
    seed = secrets.token_bytes(32)
    write_durably(path, seed.hex().encode() + b"\n")
    return seed
