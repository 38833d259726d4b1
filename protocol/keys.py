"""Keys and signature suites, and the ids by which statements name keys.

    suite      public key                          signature             checked by
    ed25519    32 bytes (RFC 8032)                 64 bytes              PyNaCl, always there
    sm2        04 ‖ x ‖ y, 65 bytes (GM/T 0009)    r ‖ s, 64 bytes       OpenSSL, if there (sm2.py)

A key id is SHA-256(algorithm ‖ public key), the algorithm's name in ASCII. It names a key
for look-up and nothing else: who holds a key, and for what, is said by a certificate
(``credential.py``), and which algorithm a key has is never read from a message.

A key of a suite that this installation lacks is still a key: it has an id and a holder, and its
signatures raise ``Uncheckable`` instead of holding or failing. ``envelope.check`` counts them
for nobody.

>>> signer = Ed25519Signer(bytes(32))
>>> signer.verifier.verify(b"hello", signer.sign(b"hello"))
True
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import nacl.bindings
import nacl.exceptions
import nacl.signing

from protocol import sm2
from protocol.errors import Malformed

ED25519 = "ed25519"
SM2 = "sm2"


def key_id(algorithm: str, public_key: bytes) -> bytes:
    """The 32-byte id of a public key. No two algorithm names are prefixes of one another."""
    return hashlib.sha256(algorithm.encode("ascii") + public_key).digest()


@dataclass(frozen=True)
class Suite:
    """A signature algorithm. ``expect_key`` raises Malformed for what is no key of it;
    ``verify`` takes key, data and signature; ``available`` says whether it can be asked here."""

    expect_key: Callable[[bytes], None]
    verify: Callable[[bytes, bytes, bytes], bool]
    available: Callable[[], bool]


def _expect_ed25519(public_key: bytes) -> None:
    if len(public_key) != 32:
        raise Malformed(
            "expected a public key of 32 bytes, got {size}; ask for the key again",
            size=len(public_key),
        )
    # A small-order key verifies forged signatures under lenient libraries; libsodium
    # refuses it on verify, enrolment must refuse it before that (RFC 8032 §8.9).
    if not nacl.bindings.crypto_core_ed25519_is_valid_point(public_key):
        raise Malformed("expected a point of the main subgroup as key; make a new key pair")


def _verify_ed25519(public_key: bytes, data: bytes, signature: bytes) -> bool:
    if len(signature) != 64:
        return False
    try:
        nacl.bindings.crypto_sign_open(signature + data, public_key)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


SUITES: Mapping[str, Suite] = {
    ED25519: Suite(_expect_ed25519, _verify_ed25519, lambda: True),
    SM2: Suite(sm2.expect_key, sm2.verify, sm2.available),
}
"""Every suite by its algorithm's name."""


@dataclass(frozen=True)
class Verifier:
    """A public key and its algorithm, in the form that the suite's line above says."""

    algorithm: str
    public_key: bytes

    def __post_init__(self) -> None:
        suite = SUITES.get(self.algorithm)
        if suite is None:
            raise Malformed(
                "expected a key of algorithm {known}, got {algorithm}; update this program",
                known=", ".join(SUITES),
                algorithm=self.algorithm,
            )
        suite.expect_key(self.public_key)

    @cached_property
    def key_id(self) -> bytes:
        """SHA-256(algorithm ‖ public key), 32 bytes."""
        return key_id(self.algorithm, self.public_key)

    @property
    def checkable(self) -> bool:
        """Whether this installation can check this key's signatures."""
        return SUITES[self.algorithm].available()

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether this key made ``signature`` over ``data``. Releases the GIL while it checks.
        Raises Uncheckable if the suite is not available here."""
        return SUITES[self.algorithm].verify(self.public_key, data, signature)


class Signer(Protocol):
    """Whatever can sign: a key in memory, a token."""

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


class Sm2Signer:
    """An SM2 key in memory, made from a 32-byte secret. Raises Malformed, Uncheckable."""

    def __init__(self, secret: bytes) -> None:
        self._key = sm2.SecretKey(secret)
        self.verifier = Verifier(SM2, self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """A 64-byte signature r ‖ s (GM/T 0003.2), different every time."""
        return self._key.sign(data)
