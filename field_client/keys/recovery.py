"""The vault's key, sealed so that the agency alone can open it.

At enrolment the key is sealed to the agency's recovery key (X25519, libsodium's sealed box).
Whatever happens to PINs and passphrase, the office opens the records with it, and no officer's
or operator's secret takes part.

>>> private = nacl.public.PrivateKey.generate()
>>> key = new_vault_key()
>>> recover_vault_key(seal_for_recovery(key, bytes(private.public_key)), bytes(private)) == key
True
"""

from __future__ import annotations

import secrets

import nacl.exceptions
import nacl.public

from field_client.errors import RecoveryFailed


def new_vault_key() -> bytes:
    """A fresh 32-byte key for a vault."""
    return secrets.token_bytes(32)


def seal_for_recovery(vault_key: bytes, recovery_public: bytes) -> bytes:
    """The vault's key for the holder of the agency's X25519 key (32 bytes); 80 bytes."""
    box = nacl.public.SealedBox(nacl.public.PublicKey(recovery_public))
    return bytes(box.encrypt(vault_key))


def recover_vault_key(sealed: bytes, recovery_private: bytes) -> bytes:
    """At the office: the vault's key, by the agency's X25519 private key. RecoveryFailed."""
    try:
        box = nacl.public.SealedBox(nacl.public.PrivateKey(recovery_private))
        return bytes(box.decrypt(sealed))
    except nacl.exceptions.CryptoError as error:
        raise RecoveryFailed(
            "This recovery key does not open the tablet's sealed vault key. Use the agency's "
            "recovery key that was valid when the tablet was enrolled."
        ) from error


def read_code(typed: str) -> bytes:
    """The vault's key as somebody typed it in, from what the office reads out. RecoveryFailed."""
    code = "".join(typed.split()).lower()
    if len(code) != 64 or set(code) - set("0123456789abcdef"):
        raise RecoveryFailed(
            "expected the 64 letters and digits that your administrator reads out, got "
            "{length}; ask for them again",
            length=len(code),
        )
    return bytes.fromhex(code)
