"""What only this tablet knows, mixed into every key so that a copied disk is not enough.

A TPM or keystore answers ``mix(salt)`` with an HMAC under a key that never leaves it, and
guessing a PIN then needs the tablet itself. Where there is none (every machine this version
was tried on) ``PassphraseSecret`` stands in: a passphrase typed once after each start. A thief
of the disk must then guess passphrase and PIN, each guess at Argon2id's price; twelve
characters are what makes that hopeless, the PIN alone is not.

>>> len(PassphraseSecret("correct horse battery", CHEAPEST).mix(bytes(16)))
32
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from field_client.errors import PassphraseTooShort

LEAST_PASSPHRASE = 12
SALT_SIZE = 16
MIB = 1 << 20


@dataclass(frozen=True)
class Argon2Profile:
    """Argon2id parameters (RFC 9106), one lane: ``passes`` over ``memory`` bytes."""

    name: str
    passes: int
    memory: int

    def derive(self, password: bytes, salt: bytes) -> bytes:
        """A 32-byte key from a password and a 16-byte salt."""
        from nacl.pwhash import argon2id  # the settings name a profile long before one is used

        return argon2id.kdf(32, password, salt, opslimit=self.passes, memlimit=self.memory)


INTERACTIVE = Argon2Profile("interactive", 3, 256 * MIB)  # 0.8 s on a 2-core desktop
CHEAPEST = Argon2Profile("cheapest", 1, 8192)  # only for tests: guessing costs nothing
PROFILES = {profile.name: profile for profile in (INTERACTIVE, CHEAPEST)}


class DeviceSecret(Protocol):
    """A secret bound to this tablet."""

    @property
    def name(self) -> str:
        """Kind and parameters, kept beside the keys so that a change of either is named."""

    def mix(self, salt: bytes) -> bytes:
        """32 bytes that only this secret makes from this 16-byte salt, always the same."""


class PassphraseSecret:
    """A passphrase in place of a TPM or keystore. Refuses fewer than 12 characters."""

    def __init__(self, passphrase: str, profile: Argon2Profile = INTERACTIVE) -> None:
        if len(passphrase) < LEAST_PASSPHRASE:
            raise PassphraseTooShort(
                "This tablet has no key store, so its passphrase must have at least {least} "
                "characters, and this one has {got}. Enter a longer one.",
                least=LEAST_PASSPHRASE,
                got=len(passphrase),
            )
        self._passphrase = passphrase.encode("utf-8")
        self._profile = profile
        self._mixed: dict[bytes, bytes] = {}

    @property
    def name(self) -> str:
        """``passphrase/<profile>``."""
        return f"passphrase/{self._profile.name}"

    def mix(self, salt: bytes) -> bytes:
        """Argon2id(passphrase, salt); kept in memory, as it is asked for at every unlock."""
        if salt not in self._mixed:
            self._mixed[salt] = self._profile.derive(self._passphrase, salt)
        return self._mixed[salt]


def subkey(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose: BLAKE2b(purpose) keyed by ``key`` (RFC 7693 §2.9).

    A wrap opened under another purpose's subkey fails, so wraps cannot be swapped in a file.
    """
    import nacl.bindings

    return nacl.bindings.crypto_generichash_blake2b_salt_personal(
        purpose.encode("utf-8"), 32, key, b"", b"fujie/subkey/v1\n"
    )
