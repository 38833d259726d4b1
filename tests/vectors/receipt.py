"""Vectors of entries and receipts."""

from tests.vectors.checkpoint import ENTRIES, LEAVES, head, note, vkey
from tests.vectors.materials import AT, LOG, ORIGIN, ROOT, Vectors, b64
from tests.vectors.merkle import path


def proof_text(extra: bytes, index: int, proof: list[bytes], signed: str) -> str:
    lines = ["c2sp.org/tlog-proof@v1", f"extra {b64(extra)}", f"index {index}"]
    return "\n".join([*lines, *map(b64, proof), "", signed])


def build() -> Vectors:
    signed = note(head(LEAVES[:5]), ORIGIN, LOG)
    siblings = path(2, LEAVES[:5])
    text = proof_text(ENTRIES[2], 2, siblings, signed)
    good = {
        "origin": ORIGIN,
        "key": vkey(ORIGIN, LOG),
        "link_hash": ENTRIES[2][1:33].hex(),
        "record_hash": ENTRIES[2][33:65].hex(),
        "received_at": AT + 2000,
        "entry": ENTRIES[2].hex(),
        "flagged_entry": ENTRIES[3].hex(),
        "leaf": LEAVES[2].hex(),
        "receipt": text,
        "only_leaf": proof_text(ENTRIES[0], 0, [], note(head(LEAVES[:1]), ORIGIN, LOG)),
    }
    later = ENTRIES[2][:72] + b"\xff" + ENTRIES[2][73:]
    bad = {
        "another entry": (proof_text(ENTRIES[1], 2, siblings, signed), "BadInclusion"),
        "another time": (proof_text(later, 2, siblings, signed), "BadInclusion"),
        "another index": (proof_text(ENTRIES[2], 3, siblings, signed), "BadInclusion"),
        "index past the size": (proof_text(ENTRIES[2], 5, siblings, signed), "BadInclusion"),
        "siblings reversed": (proof_text(ENTRIES[2], 2, siblings[::-1], signed), "BadInclusion"),
        "checkpoint of a stranger": (
            proof_text(ENTRIES[2], 2, siblings, note(head(LEAVES[:5]), ORIGIN, ROOT)),
            "UnknownSigner",
        ),
        "checkpoint before the entry": (
            proof_text(ENTRIES[2], 2, [], note(head(LEAVES[:2]), ORIGIN, LOG)),
            "BadInclusion",
        ),
        "without extra": (text.replace(f"extra {b64(ENTRIES[2])}\n", ""), "Malformed"),
        "another version": (text.replace("proof@v1", "proof@v2"), "Malformed"),
        "index with a leading zero": (text.replace("index 2", "index 02"), "Malformed"),
        "without a checkpoint": (text.partition("\n\n")[0], "Malformed"),
        "entry of a later version": (
            proof_text(b"\x02" + ENTRIES[2][1:], 2, siblings, signed),
            "Malformed",
        ),
        "accepted with a reason": (
            proof_text(ENTRIES[2][:-1] + b"\x01\x01", 2, siblings, signed),
            "Malformed",
        ),
        "a byte after the entry": (
            proof_text(ENTRIES[2] + b"\x00", 2, siblings, signed),
            "Malformed",
        ),
    }
    return {
        "good": good,
        "bad": {name: {"receipt": each, "error": error} for name, (each, error) in bad.items()},
    }
