"""Vectors of keys: their ids, what they sign, and what must be refused as a key."""

import hashlib

import nacl.bindings
import nacl.signing

from tests.vectors.materials import DEVICE, Vectors, flip, key_id, public, seed, sign

SHEN = nacl.signing.SigningKey(seed("00992304117"))
LU = nacl.signing.SigningKey(seed("00992304132"))
MESSAGE = "云溪县市场监督管理局"

ORDER = (1 << 252) + 27742317777372353535851937790883648493  # RFC 8032 §5.1, L
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

# RFC 8032 §7.1, TEST 3
RFC_SEED = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
RFC_KEY = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
RFC_SIGNATURE = (
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def stretched(signature: bytes) -> bytes:
    """The same signature with S + L, which lenient libraries take (RFC 8032 §5.1.7)."""
    s = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + s.to_bytes(32, "little")


def build() -> Vectors:
    message = MESSAGE.encode()
    signature = sign(SHEN, message)
    bad_keys = {
        "the neutral point": ("ed25519", bytes([1]) + bytes(31)),
        "a point of order 4": ("ed25519", bytes(32)),
        "a point of order 8": ("ed25519", ORDER_8),
        "a good key with a point of order 8 added": (
            "ed25519",
            nacl.bindings.crypto_core_ed25519_add(public(SHEN), ORDER_8),
        ),
        "a second spelling of the neutral point": (
            "ed25519",
            ((1 << 255) - 19 + 1).to_bytes(32, "little"),
        ),
        "a point that is not on the curve": ("ed25519", bytes([2]) + bytes(31)),
        "31 bytes": ("ed25519", public(SHEN)[:31]),
        "33 bytes": ("ed25519", public(SHEN) + b"\0"),
        "an algorithm that is not known": ("sm9", public(SHEN)),
        "an Ed25519 key as SM2": ("sm2", public(SHEN)),
        "an algorithm in capitals": ("ED25519", public(SHEN)),
    }
    bad_signatures = {
        "a flipped bit in R": (SHEN, message, flip(signature, 0)),
        "a flipped bit in S": (SHEN, message, flip(signature, 32)),
        "S + L": (SHEN, message, stretched(signature)),
        "over another message": (SHEN, message + b"\n", signature),
        "by another key": (LU, message, signature),
        "63 bytes": (SHEN, message, signature[:63]),
        "65 bytes": (SHEN, message, signature + b"\0"),
        "empty": (SHEN, message, b""),
    }
    return {
        "good": {
            "keys": {
                name: {
                    "algorithm": "ed25519",
                    "seed": bytes(key).hex(),
                    "public_key": public(key).hex(),
                    "key_id": key_id(key).hex(),
                }
                for name, key in {"shen": SHEN, "lu": LU, "device": DEVICE}.items()
            },
            "preimage": (b"ed25519" + public(SHEN)).hex(),
            "another_algorithm": hashlib.sha256(b"sm2" + public(SHEN)).hexdigest(),
            "message": MESSAGE,
            "signature": signature.hex(),
            "rfc8032": {
                "seed": RFC_SEED,
                "public_key": RFC_KEY,
                "message": "af82",
                "signature": RFC_SIGNATURE,
            },
        },
        "bad": {
            "keys": {
                name: {"algorithm": algorithm, "public_key": key.hex()}
                for name, (algorithm, key) in bad_keys.items()
            },
            "signatures": {
                name: {"public_key": public(key).hex(), "message": data.hex(), "signature": s.hex()}
                for name, (key, data, s) in bad_signatures.items()
            },
        },
    }
