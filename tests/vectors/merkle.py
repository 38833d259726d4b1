"""Vectors of the tree: roots and proofs as RFC 6962 §2.1 defines them, recursively."""

import hashlib

from tests.vectors.materials import Vectors, flip, hexes


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), root(leaves[k:])]
    return [*path(m - k, leaves[k:]), root(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), root(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), root(leaves[:k])]


def build() -> Vectors:
    """The eight leaves that Certificate Transparency's implementations share."""
    texts = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    data = [bytes.fromhex(text) for text in [*texts, "606162636465666768696a6b6c6d6e6f"]]
    leaves = [leaf(each) for each in data]
    inclusion = [
        {"index": index, "size": size, "proof": hexes(path(index, leaves[:size]))}
        for index, size in [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (4, 5), (6, 7)]
    ]
    consistency = [
        {"old": old, "new": new, "proof": hexes(subproof(old, leaves[:new]))}
        for old, new in [(1, 1), (1, 8), (6, 8), (2, 5), (4, 8), (3, 7), (7, 8)]
    ]
    good = {
        "data": hexes(data),
        "leaves": hexes(leaves),
        "roots": hexes([root(leaves[:size]) for size in range(9)]),
        "inclusion": inclusion,
        "consistency": consistency,
    }
    proof, old_proof = path(5, leaves), subproof(6, leaves)
    inclusions = {
        "another leaf": (leaves[4], 5, 8, proof),
        "another index": (leaves[5], 4, 8, proof),
        "index past the end": (leaves[5], 8, 8, proof),
        "another size": (leaves[5], 5, 6, proof),
        "a hash too few": (leaves[5], 5, 8, proof[:-1]),
        "a hash too many": (leaves[5], 5, 8, [*proof, bytes(32)]),
        "a flipped bit": (leaves[5], 5, 8, [*proof[:-1], flip(proof[-1], 31)]),
        "from the root downward": (leaves[5], 5, 8, proof[::-1]),
        "a short hash": (leaves[5], 5, 8, [*proof[:-1], proof[-1][:31]]),
    }
    consistencies = {
        "old size of zero": (0, 8, [], root([])),
        "old size past the new": (8, 6, old_proof, root(leaves)),
        "another old root": (6, 8, old_proof, root(leaves[:5])),
        "a hash too few": (6, 8, old_proof[:-1], root(leaves[:6])),
        "a hash too many": (6, 8, [*old_proof, bytes(32)], root(leaves[:6])),
        "a flipped bit": (6, 8, [flip(old_proof[0], 0), *old_proof[1:]], root(leaves[:6])),
        "no proof": (6, 8, [], root(leaves[:6])),
        "a proof between equal sizes": (8, 8, [bytes(32)], root(leaves)),
    }
    bad = {
        "inclusion": {
            name: {"leaf": one.hex(), "index": index, "size": size, "proof": hexes(parts)}
            for name, (one, index, size, parts) in inclusions.items()
        },
        "consistency": {
            name: {"old": old, "new": new, "proof": hexes(parts), "old_root": old_root.hex()}
            for name, (old, new, parts, old_root) in consistencies.items()
        },
    }
    return {"good": good, "bad": bad}
