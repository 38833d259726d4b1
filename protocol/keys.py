"""Keys, and the ids by which statements name them.

A key id is SHA-256(algorithm ‖ public key), the algorithm's name in ASCII. It names a key
for look-up and nothing else: who holds a key, and for what, is said by a certificate
(``credential.py``), and which algorithm a key has is never read from a message.

>>> signer = Ed25519Signer(bytes(32))
>>> signer.verifier.verify(b"hello", signer.sign(b"hello"))
True
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import nacl.bindings
import nacl.exceptions
import nacl.signing

from protocol.errors import Malformed

ED25519 = "ed25519"


def key_id(algorithm: str, public_key: bytes) -> bytes:
    """The 32-byte id of a public key. No two algorithm names are prefixes of one another."""
    return hashlib.sha256(algorithm.encode("ascii") + public_key).digest()


@dataclass(frozen=True)
class Verifier:
    """A public key and its algorithm. ``public_key`` is 32 bytes for Ed25519 (RFC 8032)."""

    algorithm: str
    public_key: bytes

    def __post_init__(self) -> None:
        if self.algorithm != ED25519:
            raise Malformed(
                "expected a key of algorithm ed25519, got {algorithm}; update this program",
                algorithm=self.algorithm,
            )
        if len(self.public_key) != 32:
            raise Malformed(
                "expected a public key of 32 bytes, got {size}; ask for the key again",
                size=len(self.public_key),
            )
        # A small-order key verifies forged signatures under lenient libraries; libsodium
        # refuses it on verify, enrolment must refuse it before that (RFC 8032 §8.9).
        if not nacl.bindings.crypto_core_ed25519_is_valid_point(self.public_key):
            raise Malformed("expected a point of the main subgroup as key; make a new key pair")

    @cached_property
    def key_id(self) -> bytes:
        """SHA-256(algorithm ‖ public key), 32 bytes."""
        return key_id(self.algorithm, self.public_key)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether this key made ``signature`` over ``data``. Releases the GIL while it checks."""
        if len(signature) != 64:
            return False
        try:
            nacl.bindings.crypto_sign_open(signature + data, self.public_key)
        except nacl.exceptions.BadSignatureError:
            return False
        return True


class Signer(Protocol):
    """Whatever can sign: a key in memory, a token, later a second algorithm."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """A signature over ``data``."""


class Ed25519Signer:
    """An Ed25519 key in memory, made from a 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise Malformed("expected a seed of 32 bytes, got {size}", size=len(seed))
        self._key = nacl.signing.SigningKey(seed)
        self.verifier = Verifier(ED25519, bytes(self._key.verify_key))

    def sign(self, data: bytes) -> bytes:
        """A 64-byte signature (RFC 8032)."""
        return self._key.sign(data).signature
