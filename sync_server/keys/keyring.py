"""The server's own keys, as files: 32-byte seeds in hex, mode 0600.

    <data>/keys/log.key               signs checkpoints, and nothing else
    <data>/keys/log-<name>.key        the same for a successor; <name> is of its origin's hash
    <data>/keys/log.key.next          signs them too, while it takes the other's place
    <data>/keys/log.former            public halves of the log's former keys
    <data>/keys/office.key            the office's device key: automatic facts, refusals
    <data>/keys/exchange.key          opens what tablets export to a stick (X25519)
    <data>/keys/<agency>.issuer.key   certifies devices and officers, signs reference data
    <data>/root/<agency>.root.key     certifies the issuer; to be taken off this machine
    <data>/root/<agency>.recovery.key opens sealed vault keys; to be taken off this machine

The last two are written at founding and read by rotations and ``recover-vault`` only. No key of a
person of the staff is here: those are wrapped by the person's own password (``staffkeys.py``).

A new issuer or root is made as ``<name>.next``, named by a statement, and only then put in force:
after a crash in between, the log says which of the two files counts.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey

from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError
from protocol.keys import Ed25519Signer, Verifier
from protocol.registry.roster import OFFICE, Registry
from sync_server.settings import Settings
from sync_server.store.files import sync_folder, write_durably


class NoKey(FujieError):
    """A key file is missing or is none."""


@dataclass(frozen=True)
class FormerLogKey:
    """A log key that signs nothing any more (verifier key text); ``lost_since`` (ms) where it
    may be in other hands."""

    text: str
    lost_since: int | None = None


@dataclass
class Keyring:
    """The keys of a running server; issuers by agency. ``settle`` alone changes it."""

    log: Ed25519Signer
    office: Ed25519Signer
    issuers: dict[str, Ed25519Signer]
    next_log: Ed25519Signer | None = None
    former_logs: tuple[FormerLogKey, ...] = ()
    exchange: PrivateKey | None = None

    @property
    def exchange_public(self) -> str:
        """The key that exports are sealed to, in hex."""
        return bytes(self.exchange.public_key).hex() if self.exchange else ""

    @property
    def logs(self) -> tuple[Ed25519Signer, ...]:
        """The keys that sign every head: two while one takes the other's place, the newer last."""
        return (self.log,) if self.next_log is None else (self.log, self.next_log)

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
    path = log_file(settings.keys, settings.origin)
    return Keyring(
        read_signer(path),
        read_signer(settings.keys / "office.key"),
        issuers,
        read_signer(_next(path)) if _next(path).exists() else None,
        _former_logs(settings),
        PrivateKey(read_seed(_exchange(settings))) if _exchange(settings).exists() else None,
    )


def ensure_exchange(settings: Settings) -> None:
    """Make the key that exports are sealed to, in a folder whose server was founded without."""
    if not _exchange(settings).exists():
        _new_key(_exchange(settings))


def _exchange(settings: Settings) -> Path:
    return settings.keys / "exchange.key"


def new_log_key(settings: Settings) -> None:
    """Make the key that signs beside the log's from the next start on; one that is there stays."""
    _prepared(log_file(settings.keys, settings.origin))


def retire_log_key(settings: Settings, lost_since: int | None = None) -> None:
    """Put the newer key of the log alone in force. First the old one's public half is noted, so
    that what it signed can be checked for ever; then the new file takes its place. Again after a
    crash in between, it does the rest."""
    path = log_file(settings.keys, settings.origin)
    old = VerifierKey(settings.origin, read_signer(path).verifier.public_key).text()
    known = _former_logs(settings)
    if old not in {one.text for one in known}:
        lines = [_former_line(one) for one in (*known, FormerLogKey(old, lost_since))]
        write_durably(settings.keys / "log.former", "".join(lines).encode())
    os.replace(_next(path), path)
    sync_folder(path.parent)


def _former_logs(settings: Settings) -> tuple[FormerLogKey, ...]:
    path = settings.keys / "log.former"
    lines = path.read_text().splitlines() if path.exists() else []
    return tuple(
        FormerLogKey(text, int(since) if since else None)
        for text, _, since in (line.partition(" lost ") for line in lines)
    )


def _former_line(one: FormerLogKey) -> str:
    return f"{one.text}\n" if one.lost_since is None else f"{one.text} lost {one.lost_since}\n"


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


def new_issuer(settings: Settings, agency: str) -> Ed25519Signer:
    """The key that is to be the agency's next issuer, under a name that nobody loads; one that a
    crash left there is taken again. ``settle`` puts it in force."""
    return _prepared(settings.keys / f"{agency}.issuer.key")


def new_office(settings: Settings) -> Ed25519Signer:
    """The same for the next key of the office's own device."""
    return _prepared(settings.keys / "office.key")


def new_root(folder: Path, agency: str) -> Ed25519Signer:
    """The same for the agency's next root, in the folder of its root key."""
    return _prepared(root_file(folder, agency))


def root_file(folder: Path, agency: str) -> Path:
    """Where an agency's root key lies in the root's folder."""
    return folder / f"{agency}.root.key"


def settle(settings: Settings, keys: Keyring, registry: Registry) -> None:
    """Put a prepared key, an issuer's or the office's, in force when the log names it; the old one
    is gone then."""
    for agency, known in registry.agencies.items():
        path = settings.keys / f"{agency}.issuer.key"
        if _is(_next(path), known.issuer.verifier):
            os.replace(_next(path), path)
            sync_folder(path.parent)
            keys.issuers[agency] = read_signer(path)
    path = settings.keys / "office.key"
    offices = [one.key for (_, name), one in registry.devices.items() if name == OFFICE]
    if any(_is(_next(path), key) for key in offices):
        os.replace(_next(path), path)
        sync_folder(path.parent)
        keys.office = read_signer(path)


def settle_root(folder: Path, agency: str, root: Verifier) -> None:
    """The same for a root; the old one's key stays beside it as ``.former``, for its keepers to
    destroy when every tablet has followed."""
    path = root_file(folder, agency)
    if not _is(_next(path), root):
        return
    if path.exists():
        old = read_signer(path).verifier.key_id.hex()[:8]
        os.replace(path, path.with_name(f"{path.name}.{old}.former"))
    os.replace(_next(path), path)
    sync_folder(folder)


def _prepared(path: Path) -> Ed25519Signer:
    waiting = _next(path)
    return Ed25519Signer(read_seed(waiting) if waiting.exists() else _new_key(waiting))


def _next(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _is(path: Path, verifier: Verifier) -> bool:
    return path.exists() and read_signer(path).verifier == verifier


def log_file(folder: Path, origin: str) -> Path:
    """The key of the log of this name: a successor's has a file of its own, so that no file ever
    changes its meaning."""
    own = _successor_file(folder, origin)
    return own if own.exists() else folder / "log.key"


def new_log(settings: Settings, origin: str) -> Ed25519Signer:
    """The key of a successor of this name; one that a crash left there is taken again."""
    path = _successor_file(settings.keys, origin)
    return Ed25519Signer(read_seed(path) if path.exists() else _new_key(path))


def has_log(settings: Settings, origin: str) -> bool:
    """Whether a successor of this name has its key here."""
    return _successor_file(settings.keys, origin).exists()


def is_held(settings: Settings, name: str, verifier: Verifier) -> bool:
    """Whether the key file of this name, or the one prepared to take its place, holds this key."""
    path = settings.keys / name
    return _is(path, verifier) or _is(_next(path), verifier)


def _successor_file(folder: Path, origin: str) -> Path:
    return folder / f"log-{hashlib.sha256(origin.encode()).hexdigest()[:16]}.key"


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
