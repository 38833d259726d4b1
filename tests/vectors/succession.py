"""Vectors of a log's successors: followed, and refused; and of what proves that a log lied.

The predecessor came to 8 entries, and 5 of them were in the backup: the successor goes on from
these. The reader has seen 8.
"""

import json

import msgspec
import nacl.signing

from tests.vectors.checkpoint import LEAVES, head, note, vkey
from tests.vectors.materials import (
    AT,
    LOG,
    NEXT_LOG,
    OFFICE,
    ORIGIN,
    ROOT,
    SUCCESSOR,
    Vectors,
    b64,
    hexes,
    key_id,
    public,
    seed,
    sign,
)
from tests.vectors.merkle import leaf, subproof
from tests.vectors.trust import succession_envelope

KIND = "application/vnd.fujie.succession+json"
THIRD = "log3.yunxi.example/fujie"
THIRD_LOG = nacl.signing.SigningKey(seed("third log"))

NOTES = {size: note(head(LEAVES[:size]), ORIGIN, LOG) for size in (4, 5, 6, 8)}
OTHER = LEAVES[:4] + [leaf(b"another story %d" % number) for number in range(4)]
AFTER = [*LEAVES[:5], leaf(b"succession opened"), leaf(b"sent again")]
LATER = [*AFTER, leaf(b"succession opened again")]

TOLD = {
    "predecessor": ORIGIN,
    "successor": SUCCESSOR,
    "checkpoints": [NOTES[5], NOTES[8]],
    "keys": [vkey(SUCCESSOR, NEXT_LOG)],
    "at": AT,
    "why": "磁盘损坏，第 5 条以后的记录无法恢复",
    "taken_over": 5,
    "predecessor_keys": [vkey(ORIGIN, LOG)],
    "v": 2,
}
AGAIN = {
    "predecessor": SUCCESSOR,
    "successor": THIRD,
    "checkpoints": [note(head(AFTER, SUCCESSOR), SUCCESSOR, NEXT_LOG)],
    "keys": [vkey(THIRD, THIRD_LOG)],
    "at": AT + 86_400_000,
    "why": "机房失火",
    "taken_over": 7,
    "predecessor_keys": [vkey(SUCCESSOR, NEXT_LOG)],
    "v": 2,
}


def signed(changes: dict[str, object], key: nacl.signing.SigningKey = ROOT) -> str:
    return succession_envelope(msgspec.json.encode({**TOLD, **changes}), key, KIND)


def line(told: dict[str, object]) -> str:
    """The JSON form of the envelope."""
    body = msgspec.json.encode(told)
    pae = b"DSSEv1 %d %b %d %b" % (len(KIND), KIND.encode(), len(body), body)
    made = {
        "payload": b64(body),
        "payloadType": KIND,
        "signatures": [{"keyid": key_id(ROOT).hex(), "sig": b64(sign(ROOT, pae))}],
    }
    return json.dumps(made, separators=(",", ":")) + "\n"


def refused(changes: dict[str, object], error: str) -> dict[str, str]:
    return {"succession": signed(changes), "error": error}


def build() -> Vectors:
    split = note(head(OTHER), ORIGIN, LOG)
    stranger = note(head(LEAVES[:5]), ORIGIN, NEXT_LOG)
    return {
        "good": {
            "origin": ORIGIN,
            "key": vkey(ORIGIN, LOG),
            "seen": NOTES[8],
            "root_key": public(ROOT).hex(),
            "body": msgspec.json.encode(TOLD).decode(),
            "succession": signed({}),
            "taken_over": 5,
            "head": note(head(AFTER, SUCCESSOR), SUCCESSOR, NEXT_LOG),
            "proof": hexes(subproof(5, AFTER)),
            "chain": line(TOLD) + line(AGAIN),
            "chain_head": note(head(LATER, THIRD), THIRD, THIRD_LOG),
            "chain_proof": hexes(subproof(7, LATER)),
            "both_histories": signed({"checkpoints": [NOTES[5], split, NOTES[8]]}),
            "evidence": json.dumps({"evidence": [NOTES[8], split]}, ensure_ascii=False),
        },
        "bad": {
            "follow": {
                "signed by the office": {
                    "succession": signed({}, OFFICE),
                    "error": "UnknownSigner",
                },
                "of another log": refused({"predecessor": "log.other.example/fujie"}, "Malformed"),
                "under the old name": refused({"successor": ORIGIN}, "Malformed"),
                "the head taken over not named": refused({"checkpoints": [NOTES[8]]}, "Malformed"),
                "the head taken over not named first": refused(
                    {"checkpoints": [NOTES[8], NOTES[5]]}, "Malformed"
                ),
                "a head by another key": refused({"checkpoints": [stranger]}, "UnknownSigner"),
                "another history of what was seen": refused(
                    {"checkpoints": [NOTES[5], split]}, "SplitView"
                ),
                "a key of the old name": refused({"keys": [vkey(ORIGIN, LOG)]}, "UnknownSigner"),
                "no key": refused({"keys": []}, "Malformed"),
                "of a later version": refused({"v": 3}, "Malformed"),
                "less than nothing taken over": refused({"taken_over": -1}, "Malformed"),
            },
            "begin": {
                "another tree": {
                    "head": note(head(OTHER[:7], SUCCESSOR), SUCCESSOR, NEXT_LOG),
                    "proof": hexes(subproof(5, OTHER[:7])),
                    "error": "BadConsistency",
                },
                "another tree of that size": {
                    "head": note(head(OTHER[:5], SUCCESSOR), SUCCESSOR, NEXT_LOG),
                    "proof": [],
                    "error": "BadConsistency",
                },
                "shorter than what was taken over": {
                    "head": note(head(LEAVES[:4], SUCCESSOR), SUCCESSOR, NEXT_LOG),
                    "proof": [],
                    "error": "BadConsistency",
                },
                "without its proof": {
                    "head": note(head(AFTER, SUCCESSOR), SUCCESSOR, NEXT_LOG),
                    "proof": [],
                    "error": "BadConsistency",
                },
                "under the old name": {
                    "head": NOTES[8],
                    "proof": hexes(subproof(5, LEAVES)),
                    "error": "UnknownSigner",
                },
            },
            "evidence": {
                "heads of two sizes": {"evidence": [NOTES[5], NOTES[8]], "conclusive": False},
                "a shorter head later": {"evidence": [NOTES[8], NOTES[4]], "conclusive": False},
                "one head twice": {"evidence": [NOTES[8], NOTES[8]], "conclusive": False},
                "by another key": {"evidence": [NOTES[5], stranger], "error": "UnknownSigner"},
                "one head": {"evidence": [NOTES[8]], "error": "Malformed"},
            },
        },
    }
