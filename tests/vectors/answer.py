"""Vectors of answers: a small one, byte for byte, hashes that proofs follow from, and what is none.

Made with libsodium's and hashlib's own calls from the description, not by the code under test.
"""

import hashlib
import json
import struct
from typing import Any

import nacl.bindings as sodium

from tests.vectors.envelope import preimage, signed, wire
from tests.vectors.export import EPHEMERAL, FINAL, HEADER, KEY, Part, box, frames, row
from tests.vectors.materials import AT, DEVICE, OFFICE, ORIGIN, ROOT, Vectors, flip, public, seed

MAGIC = b"fujie/answer/v1\n"
TABLET, OTHER = seed("answer key of YX-T07"), seed("answer key of another tablet")
ASKED = "application/vnd.fujie.asked+json"
ANSWERED = "application/vnd.fujie.answered+json"
LEAVES = [hashlib.sha256(b"\0" + b"entry %d" % n).digest() for n in range(7)]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def question() -> tuple[bytes, str]:
    """The question's envelope, and its record hash."""
    said = {
        "agency": "11990123MB0000001A",
        "device": "YX-T07",
        "at": AT,
        "key": sodium.crypto_scalarmult_base(TABLET).hex(),
        "origin": ORIGIN,
        "seen": 3,
        "cursor": 2,
        "v": 1,
    }
    body = json.dumps(said, separators=(",", ":")).encode()
    made = signed(ASKED, body, DEVICE)
    return wire(ASKED, body, made), hashlib.sha256(preimage(ASKED, body, made)).hexdigest()


def hashes() -> bytes:
    """Of seven leaves, from the fourth on: two subtrees before it."""
    frontier = [node(LEAVES[0], LEAVES[1]), LEAVES[2]]
    return struct.pack(">QQ", 3, 7) + b"".join(frontier + LEAVES[3:])


def files() -> dict[str, bytes]:
    return {
        "question": question()[0],
        "log/hashes": hashes(),
        "tuf/timestamp.json": b'{"signatures":[],"signed":{}}',
    }


def manifest(named: dict[str, bytes], key: Any = OFFICE) -> bytes:
    said = {
        "agency": "11990123MB0000001A",
        "device": "YX-T07",
        "at": AT + 86_400_000,
        "asked": question()[1],
        "size": 7,
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in named.items()},
        "v": 1,
    }
    body = json.dumps(said, separators=(",", ":")).encode()
    return wire(ANSWERED, body, signed(ANSWERED, body, key))


def parts(told: bytes, named: dict[str, bytes]) -> list[Part]:
    made: list[Part] = [(1, told)]
    for name, body in named.items():
        made += [(6, body), (11, name.encode())]
    return made


def answer(made: list[Part], recipient: bytes = TABLET) -> bytes:
    sealed = box(sodium.crypto_scalarmult_base(recipient))
    return MAGIC + sealed + HEADER + frames([(row(made), FINAL)])


def build() -> Vectors:
    named, told = files(), manifest(files())
    whole = answer(parts(told, named))
    low, high = node(LEAVES[0], LEAVES[1]), node(LEAVES[2], LEAVES[3])
    good = {
        "tablet_key": TABLET.hex(),
        "tablet_public": sodium.crypto_scalarmult_base(TABLET).hex(),
        "device": public(DEVICE).hex(),
        "office": public(OFFICE).hex(),
        "chance": (EPHEMERAL + KEY + HEADER).hex(),
        "manifest": told.hex(),
        "asked": question()[1],
        "files": {name: body.hex() for name, body in named.items()},
        "answer": whole.hex(),
        "hashes": {
            "leaves": [leaf.hex() for leaf in LEAVES],
            "from_3_to_7": [
                LEAVES[2].hex(),
                LEAVES[3].hex(),
                low.hex(),
                node(node(LEAVES[4], LEAVES[5]), LEAVES[6]).hex(),
            ],
            "from_4_to_7": [node(node(LEAVES[4], LEAVES[5]), LEAVES[6]).hex()],
            "root_of_4": node(low, high).hex(),
        },
    }
    return {"good": good, "bad": bad(whole, told, named)}


def bad(whole: bytes, told: bytes, named: dict[str, bytes]) -> dict[str, Any]:
    changed = named | {"tuf/timestamp.json": b"{}"}
    fewer = {name: body for name, body in named.items() if name != "log/hashes"}
    away = named | {"../vault.db": b""}
    cases = {
        "empty": (b"", "Malformed"),
        "an export": (b"fujie/export/v1\n" + whole[16:], "Malformed"),
        "cut": (whole[:-1], "Truncated"),
        "for another tablet": (answer(parts(told, named), OTHER), "NotForUs"),
        "a byte altered": (flip(whole, 400), "Altered"),
        "another file than was signed": (answer(parts(told, changed)), "Altered"),
        "a file less": (answer(parts(told, fewer)), "Altered"),
        "a file more": (answer(parts(told, named | {"pull/0": b""})), "Altered"),
        "a file with a way out": (answer(parts(manifest(away), away)), "Altered"),
        "signed by somebody else": (answer(parts(manifest(named, ROOT), named)), "UnknownSigner"),
        "a question in the manifest's place": (
            answer(parts(question()[0], named)),
            "UnknownSigner",
        ),
        "no manifest": (answer(parts(told, named)[1:]), "Malformed"),
    }
    return {name: {"answer": data.hex(), "error": error} for name, (data, error) in cases.items()}
