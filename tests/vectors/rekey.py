"""Vectors of what keys sign to prove that they are there, and of a device's change of keys."""

from __future__ import annotations

import nacl.signing

from tests.vectors.materials import AT, DEVICE, Vectors, key_id, public, seed, sign

NEXT = nacl.signing.SigningKey(seed("YX-T07, the next key"))
STRANGER = nacl.signing.SigningKey(seed("a stranger"))
OFFICER = nacl.signing.SigningKey(seed("沈知远"))
JOURNAL, NONCE = bytes(range(16)), bytes(range(16, 32))
CERT_NO = "00992304117"
SMALL = bytes([1]) + bytes(31)
"""A point of small order, under which anything verifies with careless libraries."""


def possession(purpose: str, *parts: bytes) -> str:
    return f"fujie/enrol/v1\n{purpose}\n" + "\n".join(part.hex() for part in parts)


def text(value: str) -> bytes:
    """A msgpack str of up to 31 bytes."""
    return bytes([0xA0 | len(value)]) + value.encode()


def binary(value: bytes) -> bytes:
    """A msgpack bin of up to 255 bytes."""
    return bytes([0xC4, len(value)]) + value


def wanted(public_key: bytes, proof: bytes) -> str:
    body = text("public_key") + binary(public_key) + text("proof") + binary(proof)
    return (b"\x82" + body).hex()


def rekeyed(at: int, certificate: bytes) -> str:
    body = text("at") + b"\xcf" + at.to_bytes(8, "big") + text("certificate") + binary(certificate)
    return (b"\x82" + body).hex()


def build() -> Vectors:
    old, new = key_id(DEVICE), key_id(NEXT)
    said = possession("rekey", old, new)
    proof = sign(NEXT, said.encode())
    enrol = possession("device", NONCE, JOURNAL)
    officer = possession("officer", old, CERT_NO.encode())
    good_key = public(NEXT)
    bad: dict[str, tuple[str, str]] = {
        "proof by the old key": (wanted(good_key, sign(DEVICE, said.encode())), "BadSignature"),
        "proof by a stranger": (wanted(good_key, sign(STRANGER, said.encode())), "BadSignature"),
        "keys in the other order": (
            wanted(good_key, sign(NEXT, possession("rekey", new, old).encode())),
            "BadSignature",
        ),
        "another device's old key": (
            wanted(good_key, sign(NEXT, possession("rekey", key_id(STRANGER), new).encode())),
            "BadSignature",
        ),
        "the proof of an enrolment": (wanted(good_key, sign(NEXT, enrol.encode())), "BadSignature"),
        "an empty proof": (wanted(good_key, b""), "BadSignature"),
        "a key of small order": (wanted(SMALL, proof), "Malformed"),
        "a key of 31 bytes": (wanted(good_key[:31], proof), "Malformed"),
        "without a proof": ((b"\x81" + text("public_key") + binary(good_key)).hex(), "Malformed"),
        "cut short": (wanted(good_key, proof)[:-2], "Malformed"),
        "text in place of a key": (
            (b"\x82" + text("public_key") + text("YX-T07") + text("proof") + binary(proof)).hex(),
            "Malformed",
        ),
    }
    return {
        "seed": seed("YX-T07").hex(),
        "next_seed": seed("YX-T07, the next key").hex(),
        "officer_seed": seed("沈知远").hex(),
        "possession": {
            "device": enrol,
            "officer": officer,
            "rekey": said,
        },
        "proofs": {
            "device": sign(DEVICE, enrol.encode()).hex(),
            "officer": sign(OFFICER, officer.encode()).hex(),
            "rekey": proof.hex(),
        },
        "nonce": NONCE.hex(),
        "journal": JOURNAL.hex(),
        "cert_no": CERT_NO,
        "wanted": wanted(good_key, proof),
        "rekeyed": rekeyed(AT, b"the certificate"),
        "at": AT,
        "certificate": b"the certificate".hex(),
        "bad": {name: {"wanted": data, "error": error} for name, (data, error) in bad.items()},
    }
