"""Vectors of witnesses: cosignatures, and what they are asked (tlog-cosignature, tlog-witness)."""

import hashlib
import struct

import nacl.signing

from tests.vectors.checkpoint import LEAVES, head, note
from tests.vectors.materials import AT, LOG, NEXT_LOG, ORIGIN, Vectors, b64, public, seed, sign
from tests.vectors.merkle import subproof

FIRST, SECOND = "witness.example/w1", "witness.example/w2"
W1 = nacl.signing.SigningKey(seed("witness 1"))
W2 = nacl.signing.SigningKey(seed("witness 2"))
SECONDS = AT // 1000


def short_id(name: str, key: nacl.signing.SigningKey) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + b"\x04" + public(key)).digest()[:4]


def vkey(name: str, key: nacl.signing.SigningKey) -> str:
    return f"{name}+{short_id(name, key).hex()}+{b64(bytes([4]) + public(key))}"


def message(text: str, seconds: int = SECONDS) -> str:
    return f"cosignature/v1\ntime {seconds}\n{text}"


def line(text: str, name: str, key: nacl.signing.SigningKey, seconds: int = SECONDS) -> str:
    signature = struct.pack(">Q", seconds) + sign(key, message(text, seconds).encode())
    return f"— {name} {b64(short_id(name, key) + signature)}\n"


def submission(old: int, proof: list[bytes], checkpoint: str) -> str:
    return f"old {old}\n" + "".join(b64(part) + "\n" for part in proof) + "\n" + checkpoint


def cosignatures() -> dict[str, dict[str, object]]:
    """Notes that a reader who asks for one of the two witnesses refuses."""
    text = head(LEAVES[:5])
    plain = note(text, ORIGIN, LOG)
    good = line(text, FIRST, W1)
    raw = short_id(FIRST, W1) + struct.pack(">Q", SECONDS) + sign(W1, message(text).encode())
    later = short_id(FIRST, W1) + struct.pack(">Q", SECONDS + 1) + raw[12:]
    plainly = short_id(FIRST, W1) + struct.pack(">Q", SECONDS) + sign(W1, text.encode())
    as_log = hashlib.sha256(f"{FIRST}\n".encode() + b"\x01" + public(W1)).digest()[:4]
    stranger = nacl.signing.SigningKey(seed("witness 3"))
    made = {
        "no cosignature": (plain, "Unwitnessed"),
        "a stranger's cosignature": (plain + line(text, FIRST, stranger), "Unwitnessed"),
        "under another name": (plain + line(text, "witness.example/w9", W1), "Unwitnessed"),
        "of type 1": (
            plain + f"— {FIRST} {b64(as_log + sign(W1, text.encode()))}\n",
            "Unwitnessed",
        ),
        "another time than was signed": (plain + f"— {FIRST} {b64(later)}\n", "BadSignature"),
        "signed without its header": (plain + f"— {FIRST} {b64(plainly)}\n", "BadSignature"),
        "of another head": (plain + line(head(LEAVES[:4]), FIRST, W1), "BadSignature"),
        "cut short": (plain + f"— {FIRST} {b64(raw[:-1])}\n", "BadSignature"),
        "a byte too long": (plain + f"— {FIRST} {b64(raw + bytes(1))}\n", "BadSignature"),
        "without a time": (plain + f"— {FIRST} {b64(raw[:4] + raw[12:])}\n", "BadSignature"),
        "past 2^63 seconds": (plain + line(text, FIRST, W1, 1 << 63), "BadSignature"),
        "no signature of the log": (text + "\n" + good, "UnknownSigner"),
    }
    return {name: {"note": each, "error": error} for name, (each, error) in made.items()}


def submissions() -> dict[str, dict[str, object]]:
    """What a witness that cosigned size 3 last answers, by status."""
    text = head(LEAVES[:5])
    proof, checkpoint = subproof(3, LEAVES[:5]), note(text, ORIGIN, LOG)
    good = submission(3, proof, checkpoint)
    other = note(head([*LEAVES[:2], LEAVES[7], *LEAVES[3:5]]), ORIGIN, LOG)
    forked = note(head([*LEAVES[:2], LEAVES[7]]), ORIGIN, LOG)
    strange = head(LEAVES[:5], "log.example/other")
    empty = f"{ORIGIN}\n0\n{b64(bytes(32))}\n"
    made = {
        "no old line": (good.partition("\n")[2], 400),
        "an old size with a leading zero": (good.replace("old 3", "old 03"), 400),
        "an old size above the new one": (submission(6, [], checkpoint), 400),
        "no empty line": (good.replace("\n\n" + ORIGIN, "\n" + ORIGIN), 400),
        "a proof of 31 bytes": (submission(3, [proof[0][:31], *proof[1:]], checkpoint), 400),
        "64 lines of proof": (submission(3, proof * 16, checkpoint), 400),
        "no signature lines": (submission(3, proof, text + "\n"), 400),
        "a checkpoint of two lines": (
            submission(3, proof, note(f"{ORIGIN}\n5\n", ORIGIN, LOG)),
            400,
        ),
        "an unknown origin": (
            submission(3, proof, note(strange, "log.example/other", LOG)),
            404,
        ),
        "by an unknown key": (submission(3, proof, note(text, ORIGIN, NEXT_LOG)), 403),
        "a broken signature": (good.replace("\n5\n", "\n6\n"), 403),
        "another old size": (submission(2, subproof(2, LEAVES[:5]), checkpoint), 409),
        "an old size of zero": (submission(0, [], checkpoint), 409),
        "no proof": (submission(3, [], checkpoint), 422),
        "a proof in another order": (submission(3, proof[::-1], checkpoint), 422),
        "a proof too long": (submission(3, [*proof, proof[0]], checkpoint), 422),
        "another history": (submission(3, proof, other), 422),
        "another head of the same size": (submission(3, [], forked), 409),
        "a proof of the same size": (
            submission(3, proof[:1], note(head(LEAVES[:3]), ORIGIN, LOG)),
            422,
        ),
    }
    return {name: {"body": body, "status": status} for name, (body, status) in made.items()} | {
        "an empty log with a root": {
            "body": submission(0, [], note(empty, ORIGIN, LOG)),
            "status": 422,
            "first": True,
        },
        "a proof from nothing": {
            "body": submission(0, proof[:1], checkpoint),
            "status": 422,
            "first": True,
        },
    }


def build() -> Vectors:
    text = head(LEAVES[:5])
    plain = note(text, ORIGIN, LOG)
    good = {
        "seeds": [seed("witness 1").hex(), seed("witness 2").hex()],
        "keys": [vkey(FIRST, W1), vkey(SECOND, W2)],
        "at": AT,
        "message": message(text),
        "line": line(text, FIRST, W1),
        "note": plain + line(text, FIRST, W1),
        "by_two": plain + line(text, FIRST, W1) + line(text, SECOND, W2, SECONDS + 4),
        "seen": note(head(LEAVES[:3]), ORIGIN, LOG),
        "submission": submission(3, subproof(3, LEAVES[:5]), plain),
        "first_submission": submission(0, [], note(head(LEAVES[:3]), ORIGIN, LOG)),
    }
    return {"good": good, "bad": {"cosignatures": cosignatures(), "submissions": submissions()}}
