"""What the log's vectors are made of: keys that anybody can make, and their signatures.

Computed with hashlib and libsodium from the standards' words, not by the code under test.
"""

import base64
import hashlib
from typing import Any

import nacl.signing

ORIGIN = "log.yunxi.example/fujie"
SUCCESSOR = "log2.yunxi.example/fujie"
AT = 1_790_000_000_000
NONCE = "00112233445566778899aabbccddeeff"

Vectors = dict[str, Any]


def seed(name: str) -> bytes:
    """A test key's seed; anybody can make it, so it signs nothing but vectors."""
    return hashlib.sha256(f"fujie/vectors/{name}".encode()).digest()


LOG = nacl.signing.SigningKey(seed("log"))
NEXT_LOG = nacl.signing.SigningKey(seed("next log"))
ROOT = nacl.signing.SigningKey(seed("agency root"))
DEVICE = nacl.signing.SigningKey(seed("YX-T07"))
OFFICE = nacl.signing.SigningKey(seed("office"))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public(key: nacl.signing.SigningKey) -> bytes:
    return bytes(key.verify_key)


def key_id(key: nacl.signing.SigningKey) -> bytes:
    return hashlib.sha256(b"ed25519" + public(key)).digest()


def sign(key: nacl.signing.SigningKey, data: bytes) -> bytes:
    return key.sign(data).signature


def hexes(parts: list[bytes]) -> list[str]:
    return [part.hex() for part in parts]


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
