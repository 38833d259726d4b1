"""Keys of the staff: what a person of the office signs with, opened by that person's password.

    key     Argon2id(password, salt)                      32 bytes
    wrapped XSalsa20-Poly1305(key, the seed of the signing key)       libsodium's secret box

The server holds the wrapped seed and a separate Argon2id string to check sign-ins with. Who
can read the database cannot sign for anybody without guessing a password at Argon2id's cost;
who controls the running server can use a key while its owner signs, and that is said in the
threat model. What a guess costs is kept with each key, so that an office can ask for more
(``FUJIE_ARGON2``) and older keys still open: each gets the new cost with its next password.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import nacl.exceptions
import nacl.pwhash
import nacl.secret
from sqlmodel import Session

from protocol.errors import Refused
from protocol.keys import Ed25519Signer
from sync_server.store.tables import AccountRow, StaffKeyRow

MIB = 1 << 20


@dataclass(frozen=True)
class Cost:
    """What Argon2id takes (RFC 9106), one lane: ``passes`` over ``memory`` bytes."""

    passes: int
    memory: int


INTERACTIVE = Cost(2, 64 * MIB)
COSTS = {
    "interactive": INTERACTIVE,
    "moderate": Cost(3, 256 * MIB),
    "cheapest": Cost(1, 8192),  # only for tests: guessing costs nothing
}


class WrongPassword(Refused):
    """The password does not open this person's key."""


def wrap_key(account: str, password: str, seed: bytes, cost: Cost = INTERACTIVE) -> StaffKeyRow:
    """The row that keeps a signing key's 32-byte seed under a password."""
    salt = secrets.token_bytes(nacl.pwhash.argon2id.SALTBYTES)
    box = nacl.secret.SecretBox(_derive(password, salt, cost))
    return StaffKeyRow(
        account=account,
        salt=salt,
        passes=cost.passes,
        memory=cost.memory,
        wrapped=bytes(box.encrypt(seed)),
        public_key=Ed25519Signer(seed).verifier.public_key,
    )


def open_seed(row: StaffKeyRow, password: str) -> bytes:
    """The seed of a person's signing key. Raises WrongPassword."""
    box = nacl.secret.SecretBox(_derive(password, row.salt, Cost(row.passes, row.memory)))
    try:
        return bytes(box.decrypt(row.wrapped))
    except nacl.exceptions.CryptoError:
        raise WrongPassword("this password does not open your signing key; type it again") from None


def open_key(row: StaffKeyRow, password: str) -> Ed25519Signer:
    """A person's signing key. Raises WrongPassword."""
    return Ed25519Signer(open_seed(row, password))


def hash_password(password: str, cost: Cost = INTERACTIVE) -> str:
    """The string that sign-ins are checked against (Argon2id); it names its own cost."""
    return nacl.pwhash.argon2id.str(password.encode(), cost.passes, cost.memory).decode()


def check_password(stored: str, password: str) -> bool:
    """Whether ``password`` is the one that ``stored`` was made from."""
    try:
        return bool(nacl.pwhash.verify(stored.encode(), password.encode()))
    except nacl.exceptions.InvalidkeyError:
        return False


def add_account(
    session: Session,
    agency: str,
    account: str,
    name: str,
    role: str,
    password: str,
    cost: Cost = INTERACTIVE,
) -> Ed25519Signer:
    """Make an account and its signing key; returns the key."""
    seed = secrets.token_bytes(32)
    hashed = hash_password(password, cost)
    session.add(AccountRow(account=account, agency=agency, name=name, role=role, password=hashed))
    session.add(wrap_key(account, password, seed, cost))
    return Ed25519Signer(seed)


def _derive(password: str, salt: bytes, cost: Cost) -> bytes:
    return nacl.pwhash.argon2id.kdf(32, password.encode(), salt, cost.passes, cost.memory)
