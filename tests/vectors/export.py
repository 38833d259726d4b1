"""Vectors of exports: one small one, byte for byte, and what is none.

Made with libsodium's own calls from the description, not by the code under test: the sealed box
from its parts, the stream with the header given.
"""

import hashlib
import json
import struct
from typing import Any

import nacl.bindings as sodium

from tests.vectors import chain
from tests.vectors.materials import AT, Vectors, flip, seed

MAGIC = b"fujie/export/v1\n"
OFFICE, OTHER = seed("exchange"), seed("another office")
EPHEMERAL, KEY = seed("export's ephemeral key"), seed("export's stream key")
HEADER = seed("export's stream header")[:24]
MESSAGE, FINAL, REKEY = 0, 3, 2
BLOB = "询问录音".encode()

Part = tuple[int, bytes]


def parts() -> list[Part]:
    said = {
        "agency": "11990123MB0000001A",
        "device": "YX-T07",
        "made_at": AT,
        "scope": "unsent",
        "program": "fujie-field/0.1",
        "v": 1,
    }
    links = [chain.encode(one) for one in chain.journal()[2:]]
    return [
        (1, json.dumps(said, separators=(",", ":")).encode()),
        *((4, link) for link in links),
        (6, BLOB[:5]),
        (6, BLOB[5:]),
        (7, hashlib.sha256(BLOB).digest()),
        (99, b"a kind of later days"),
    ]


def row(made: list[Part], count: int | None = None) -> bytes:
    """All parts and the end."""
    end = (8, struct.pack(">Q", len(made) if count is None else count))
    return b"".join(struct.pack(">BI", kind, len(body)) + body for kind, body in [*made, end])


def box(recipient: bytes) -> bytes:
    """crypto_box_seal of the stream's key."""
    public = sodium.crypto_scalarmult_base(EPHEMERAL)
    nonce = hashlib.blake2b(public + recipient, digest_size=24).digest()
    return public + bytes(sodium.crypto_box(KEY, nonce, recipient, EPHEMERAL))


def frames(plain: list[tuple[bytes, int]]) -> bytes:
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, HEADER, KEY)
    made = b""
    for data, tag in plain:
        sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, data, None, tag)
        made += struct.pack(">I", len(sealed)) + sealed
    return made


def export(plain: list[tuple[bytes, int]], recipient: bytes = OFFICE) -> bytes:
    return MAGIC + box(sodium.crypto_scalarmult_base(recipient)) + HEADER + frames(plain)


def build() -> Vectors:
    plain = row(parts())
    whole = export([(plain, FINAL)])
    good = {
        "office_key": OFFICE.hex(),
        "office_public": sodium.crypto_scalarmult_base(OFFICE).hex(),
        "chance": (EPHEMERAL + KEY + HEADER).hex(),
        "parts": [{"kind": kind, "body": body.hex()} for kind, body in parts()],
        "manifest": parts()[0][1].decode(),
        "plain": plain.hex(),
        "export": whole.hex(),
        "in_three_frames": export(
            [(plain[:7], MESSAGE), (plain[7:100], MESSAGE), (plain[100:], FINAL)]
        ).hex(),
    }
    return {"good": good, "bad": bad(plain, whole)}


def bad(plain: bytes, whole: bytes) -> dict[str, Any]:
    manifest, *others = parts()
    cases = {
        "empty": (b"", "Malformed"),
        "another file": (b"PK\x03\x04" + whole[4:], "Malformed"),
        "a later version": (whole.replace(b"/v1\n", b"/v2\n", 1), "Malformed"),
        "only its beginning": (whole[:60], "Truncated"),
        "no frame": (whole[:120], "Truncated"),
        "cut within a frame": (whole[:-1], "Truncated"),
        "cut between frames": (export([(plain[:200], MESSAGE)]), "Truncated"),
        "no end part": (export([(plain[:-13], FINAL)]), "Truncated"),
        "sealed to another office": (export([(plain, FINAL)], OTHER), "NotForUs"),
        "the box altered": (flip(whole, 50), "NotForUs"),
        "the header altered": (flip(whole, 100), "Altered"),
        "a frame altered": (flip(whole, 130), "Altered"),
        "two frames exchanged": (exchanged(plain), "Altered"),
        "a frame of more than 65,536 bytes": (
            whole[:120] + struct.pack(">I", (1 << 16) + 18) + whole[124:],
            "TooLarge",
        ),
        "a frame shorter than its tag": (
            whole[:120] + struct.pack(">I", 16) + whole[124:],
            "TooLarge",
        ),
        "an empty frame in between": (
            export([(plain[:50], MESSAGE), (b"", MESSAGE), (plain[50:], FINAL)]),
            "Malformed",
        ),
        "a frame that rekeys": (export([(plain[:50], REKEY), (plain[50:], FINAL)]), "Malformed"),
        "a byte behind the last frame": (whole + b"\0", "Malformed"),
        "a part behind the end": (export([(plain + plain[-13:], FINAL)]), "Malformed"),
        "another count": (export([(row(parts(), 4), FINAL)]), "Malformed"),
        "no manifest": (export([(row(others), FINAL)]), "Malformed"),
        "two manifests": (export([(row([manifest, *parts()]), FINAL)]), "Malformed"),
        "a link behind a piece": (
            export([(row([manifest, (6, BLOB), others[0]]), FINAL)]),
            "Malformed",
        ),
        "a link of 154 bytes": (
            export([(row([manifest, (4, bytes(154))]), FINAL)]),
            "TooLarge",
        ),
        "a part that says it is huge": (
            export([(row([manifest])[:-13] + struct.pack(">BI", 6, (1 << 20) + 1), FINAL)]),
            "TooLarge",
        ),
    }
    return {name: {"export": data.hex(), "error": error} for name, (data, error) in cases.items()}


def exchanged(plain: bytes) -> bytes:
    whole = export([(plain[:50], MESSAGE), (plain[50:100], MESSAGE), (plain[100:], FINAL)])
    first, second = whole[120 : 120 + 71], whole[191 : 191 + 71]
    return whole[:120] + second + first + whole[262:]
