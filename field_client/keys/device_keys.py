"""The device's own keys, under the device secret alone.

    device secret ─ mixed with the file's salt → root ─┬─ the device's signing seed
                                                       ├─ the seal of every key file
                                                       └─ what is mixed into officers' PINs

No PIN takes part, so sync goes on while the officer's keys are locked.

    device = DeviceKeys(settings.keys_dir, PassphraseSecret("twelve or more"))
    signer = device.make()       # once, at enrolment
    signer = device.signer()     # after every start
    signer = device.prepare()    # a new key beside the one in force; the same one until …
    device.adopt()               # … it takes that one's place

Each of these is one durable write of one file, so a crash leaves the key before it or the key
after it, and never none.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec.structs
import nacl.exceptions
import nacl.secret

from field_client.errors import AlreadyEnrolled, WrongPassphrase
from field_client.keys import keyfiles
from field_client.keys.keyfiles import DeviceFile
from field_client.keys.secret import SALT_SIZE, DeviceSecret, subkey
from protocol.keys import Ed25519Signer


@dataclass
class CurrentKey:
    """The device's key in force, for whoever signs with it: take ``signer`` once for each
    signature, as another may take its place in between."""

    signer: Ed25519Signer


class DeviceKeys:
    """``<folder>/device.json`` and what can be done with it."""

    def __init__(self, folder: Path, secret: DeviceSecret) -> None:
        self._path = folder / "device.json"
        self._secret = secret

    @property
    def exists(self) -> bool:
        """Whether this tablet has keys of its own."""
        return self._path.exists()

    def make(self) -> Ed25519Signer:
        """Make the device's signing key. AlreadyEnrolled when there is one; never replaced."""
        if self.exists:
            raise AlreadyEnrolled("This tablet has keys already; they are not overwritten.")
        salt, seed = secrets.token_bytes(SALT_SIZE), secrets.token_bytes(32)
        root, signer = self._secret.mix(salt), Ed25519Signer(seed)
        file = DeviceFile(
            version=keyfiles.VERSION,
            secret=self._secret.name,
            salt=salt,
            seed=wrap(subkey(root, "device seed"), seed),
            public_key=signer.verifier.public_key,
        )
        keyfiles.write(self._path, file, subkey(root, "mac"))
        return signer

    def signer(self) -> Ed25519Signer:
        """The device's signer. WrongPassphrase when the secret is not this tablet's."""
        file, root = self._open()
        return Ed25519Signer(unwrap(subkey(root, "device seed"), file.seed))

    def prepare(self) -> Ed25519Signer:
        """The key that waits to take the place of the one in force; made now if there is none."""
        file, root = self._open()
        if file.next_seed:
            return Ed25519Signer(unwrap(subkey(root, "device seed"), file.next_seed))
        seed = secrets.token_bytes(32)
        signer = Ed25519Signer(seed)
        file = msgspec.structs.replace(
            file,
            next_seed=wrap(subkey(root, "device seed"), seed),
            next_public_key=signer.verifier.public_key,
        )
        keyfiles.write(self._path, file, subkey(root, "mac"))
        return signer

    def adopt(self) -> Ed25519Signer:
        """Put the waiting key in force, and forget the one before; again: the key in force."""
        file, root = self._open()
        if file.next_seed:
            file = msgspec.structs.replace(
                file,
                seed=file.next_seed,
                public_key=file.next_public_key,
                next_seed=b"",
                next_public_key=b"",
            )
            keyfiles.write(self._path, file, subkey(root, "mac"))
        return Ed25519Signer(unwrap(subkey(root, "device seed"), file.seed))

    def keep_recovery(self, sealed: bytes) -> None:
        """Keep a copy of the sealed vault key here, for the office when it has the tablet."""
        file, root = self._open()
        file = msgspec.structs.replace(file, recovery=sealed)
        keyfiles.write(self._path, file, subkey(root, "mac"))

    def recovery(self) -> bytes:
        """The sealed vault key (empty before enrolment). Needs no secret: it is sealed."""
        return keyfiles.peek(self._path, DeviceFile).recovery

    def mac_key(self) -> bytes:
        """The 32-byte key that seals key files."""
        return subkey(self._open()[1], "mac")

    def unlock_part(self) -> bytes:
        """The 32 bytes of the device secret that go into every officer's unlock key."""
        return subkey(self._open()[1], "unlock")

    def _open(self) -> tuple[DeviceFile, bytes]:
        peeked = keyfiles.peek(self._path, DeviceFile)
        if peeked.secret != self._secret.name:
            raise WrongPassphrase(
                "This tablet's keys were made with {expected}, and it is set to {got}. "
                "Set it back.",
                expected=peeked.secret,
                got=self._secret.name,
            )
        root = self._secret.mix(peeked.salt)
        file = keyfiles.read(self._path, DeviceFile, subkey(root, "mac"))
        if file is None:
            raise WrongPassphrase(
                "This passphrase does not open the tablet's keys. Enter it again. If it is surely "
                "right, the key file was changed: ask the office to enrol this tablet again."
            )
        return file, root


def wrap(key: bytes, secret: bytes) -> bytes:
    """XSalsa20-Poly1305 with a random nonce in front (libsodium's secretbox)."""
    return bytes(nacl.secret.SecretBox(key).encrypt(secret))


def unwrap(key: bytes, wrapped: bytes) -> bytes:
    """What ``wrap`` took. Raises nacl.exceptions.CryptoError under any other key."""
    return bytes(nacl.secret.SecretBox(key).decrypt(wrapped))
