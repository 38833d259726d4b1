"""Vectors of a view that moves forward, of split views, and of a succession."""

import msgspec
import nacl.signing

from tests.vectors.checkpoint import LEAVES, head, note, vkey
from tests.vectors.materials import (
    AT,
    LOG,
    NEXT_LOG,
    ORIGIN,
    ROOT,
    SUCCESSOR,
    Vectors,
    hexes,
    key_id,
    public,
    sign,
)
from tests.vectors.merkle import leaf, subproof


def succession_envelope(body: bytes, key: nacl.signing.SigningKey, kind: str) -> str:
    pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(body), body)
    return msgspec.msgpack.encode([kind, body, [[key_id(key), sign(key, pae)]]]).hex()


def build() -> Vectors:
    kind = "application/vnd.fujie.succession+json"
    notes = {size: note(head(LEAVES[:size]), ORIGIN, LOG) for size in (3, 5, 8)}
    told = {
        "predecessor": ORIGIN,
        "successor": SUCCESSOR,
        "checkpoints": [notes[5]],
        "keys": [vkey(SUCCESSOR, NEXT_LOG)],
        "at": AT,
        "why": "磁盘损坏，第 5 条以后的记录无法恢复",
        "v": 1,
    }
    body = msgspec.json.encode(told)
    other = LEAVES[:2] + [leaf(b"another story %d" % number) for number in range(6)]
    good = {
        "origin": ORIGIN,
        "key": vkey(ORIGIN, LOG),
        "first": notes[3],
        "second": notes[5],
        "second_proof": hexes(subproof(3, LEAVES[:5])),
        "third": notes[8],
        "third_proof": hexes(subproof(5, LEAVES)),
        "root_key": public(ROOT).hex(),
        "succession_body": body.decode(),
        "succession": succession_envelope(body, ROOT, kind),
        "taken_over": 5,
    }
    back = msgspec.json.encode({**told, "successor": ORIGIN})
    split_five = note(head(other[:5]), ORIGIN, LOG)
    return {
        "good": good,
        "bad": {
            "advance": {
                "one size, two roots": {
                    "note": split_five,
                    "proof": [],
                    "error": "SplitView",
                    "conclusive": True,
                },
                "another history": {
                    "note": note(head(other), ORIGIN, LOG),
                    "proof": hexes(subproof(5, other)),
                    "error": "SplitView",
                    "conclusive": False,
                },
                "proof left out": {
                    "note": notes[8],
                    "proof": [],
                    "error": "SplitView",
                    "conclusive": False,
                },
                "shorter than before": {"note": notes[3], "proof": [], "error": "RolledBack"},
            },
            "follow": {
                "signed by the log": {
                    "succession": succession_envelope(body, LOG, kind),
                    "error": "UnknownSigner",
                },
                "of another type": {
                    "succession": succession_envelope(body, ROOT, "application/json"),
                    "error": "Malformed",
                },
                "under the old name": {
                    "succession": succession_envelope(back, ROOT, kind),
                    "error": "Malformed",
                },
                "from another history": {
                    "succession": succession_envelope(
                        msgspec.json.encode({**told, "checkpoints": [split_five]}), ROOT, kind
                    ),
                    "error": "SplitView",
                },
            },
        },
    }
