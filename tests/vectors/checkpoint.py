"""Vectors of signed notes and checkpoints, over a log of five entries."""

import hashlib

import nacl.signing

from tests.vectors.materials import (
    AT,
    LOG,
    NEXT_LOG,
    ORIGIN,
    ROOT,
    SUCCESSOR,
    Vectors,
    b64,
    public,
    seed,
    sign,
)
from tests.vectors.merkle import leaf, root


def note_id(name: str, key: nacl.signing.SigningKey) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + b"\x01" + public(key)).digest()[:4]


def vkey(name: str, key: nacl.signing.SigningKey) -> str:
    return f"{name}+{note_id(name, key).hex()}+{b64(bytes([1]) + public(key))}"


def note(text: str, name: str, *keys: nacl.signing.SigningKey) -> str:
    lines = [f"— {name} {b64(note_id(name, key) + sign(key, text.encode()))}\n" for key in keys]
    return text + "\n" + "".join(lines)


def head(leaves: list[bytes], origin: str = ORIGIN) -> str:
    return f"{origin}\n{len(leaves)}\n{b64(root(leaves))}\n"


def entry(number: int, reasons: bytes = b"") -> bytes:
    """Version, link hash, record hash, received time, verdict, reasons."""
    link = hashlib.sha256(f"link {number}".encode()).digest()
    record = hashlib.sha256(f"record {number}".encode()).digest()
    at = (AT + number * 1000).to_bytes(8, "big")
    return b"\x01" + link + record + at + bytes([2 if reasons else 1, len(reasons)]) + reasons


ENTRIES = [entry(number, bytes([1, 5]) if number == 3 else b"") for number in range(8)]
LEAVES = [leaf(each) for each in ENTRIES]


def build() -> Vectors:
    text = head(LEAVES[:5])
    plain = note(text, ORIGIN, LOG)
    line = plain.rpartition("\n\n")[2]
    signed = b64(note_id(ORIGIN, LOG) + sign(LOG, text.encode()))
    good = {
        "seed": seed("log").hex(),
        "next_seed": seed("next log").hex(),
        "origin": ORIGIN,
        "key": vkey(ORIGIN, LOG),
        "next_key": vkey(ORIGIN, NEXT_LOG),
        "key_id": note_id(ORIGIN, LOG).hex(),
        "text": text,
        "note": plain,
        "both_keys": note(text, ORIGIN, LOG, NEXT_LOG),
        "with_witness": plain + f"— witness.example/w1 {b64(bytes(76))}\n",
        "empty_log": note(head([]), ORIGIN, LOG),
    }
    bad = {
        "root with a flipped bit": (
            plain.replace(text, head([*LEAVES[:4], bytes(32)])),
            "BadSignature",
        ),
        "size changed": (plain.replace("\n5\n", "\n6\n"), "BadSignature"),
        "another origin, own key": (
            note(head(LEAVES[:5], SUCCESSOR), ORIGIN, LOG),
            "UnknownSigner",
        ),
        "signed by a stranger": (note(text, ORIGIN, ROOT), "UnknownSigner"),
        "signed under another name": (note(text, "witness.example/w1", LOG), "UnknownSigner"),
        "size with a leading zero": (
            note(text.replace("\n5\n", "\n05\n"), ORIGIN, LOG),
            "Malformed",
        ),
        "root of 31 bytes": (note(f"{ORIGIN}\n5\n{b64(bytes(31))}\n", ORIGIN, LOG), "Malformed"),
        "empty log with a root": (
            note(f"{ORIGIN}\n0\n{b64(bytes(32))}\n", ORIGIN, LOG),
            "Malformed",
        ),
        "two lines only": (note(f"{ORIGIN}\n5\n", ORIGIN, LOG), "Malformed"),
        "no signature": (text + "\n", "Malformed"),
        "no last newline": (plain[:-1], "Malformed"),
        "carriage returns": (plain.replace("\n", "\r\n"), "Malformed"),
        "a hyphen for the dash": (plain.replace("—", "-"), "Malformed"),
        "signature without padding": (plain.replace("=\n", "\n"), "Malformed"),
        "unused bits set in base64": (plain.replace(signed, respelt(signed)), "Malformed"),
        "a signature too many": (plain + line * 64, "TooLarge"),
    }
    return {
        "good": good,
        "bad": {name: {"note": bytes_, "error": error} for name, (bytes_, error) in bad.items()},
    }


def respelt(text: str) -> str:
    """The same bytes in base64, with the unused bits of the last character set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    kept = text.rstrip("=")
    return kept[:-1] + alphabet[alphabet.index(kept[-1]) + 1] + text[len(kept) :]
