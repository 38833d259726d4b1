"""The Merkle tree of the log: RFC 6962 hashing, and the proofs over it.

    leaf = SHA-256(0x00 ‖ data)        node = SHA-256(0x01 ‖ left ‖ right)         RFC 6962 §2.1

A log stores one hash for every *perfect* subtree, addressed by (level, index): the hash at
(level, index) covers the leaves index·2^level up to (index + 1)·2^level. Appending adds a
few of them (``stored_hashes``) and none ever changes. A tree of five leaves stores these;
its root joins (2, 0) and (0, 4), and is itself not stored until the subtree is full:

    level 2      (2,0)
    level 1   (1,0)   (1,1)
    level 0  0,0 0,1 0,2 0,3 0,4

Every function that reads takes ``get(level, index) -> bytes``: the 32-byte stored hash. It
is asked only for perfect subtrees inside the size at hand; what it raises passes through.

>>> tree = Frontier()
>>> for word in (b"card", b"notice", b"decision"):
...     tree.append(leaf_hash(word))
>>> tree.root() == node_hash(node_hash(leaf_hash(b"card"), leaf_hash(b"notice")), tree.hashes[-1])
True
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from protocol.errors import BadConsistency, BadInclusion, Malformed

Get = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree with no leaf (RFC 6962 §2.1)."""

MAX_SIZE = (1 << 63) - 1
"""The largest tree, so that a size fits every database's signed integer."""

# Begun once and copied: with OpenSSL hashes as short as these take a sixth less.
_LEAF, _NODE = hashlib.sha256(b"\x00"), hashlib.sha256(b"\x01")


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 6962 §2.1. The log's data are encoded entries."""
    hasher = _LEAF.copy()
    hasher.update(data)
    return hasher.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1."""
    hasher = _NODE.copy()
    hasher.update(left + right)
    return hasher.digest()


class Frontier:
    """The least that must be kept to append: one hash for each perfect subtree on the right edge.

    ``hashes`` runs from the largest subtree to the smallest, one for each bit set in ``size``.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        kept = list(hashes)
        if not 0 <= size <= MAX_SIZE or len(kept) != size.bit_count():
            raise Malformed(
                "expected one hash for each bit set in size {size}, got {count}; "
                "load the frontier again from the stored hashes",
                size=size,
                count=len(kept),
            )
        self.size = size
        self._hashes = kept

    @classmethod
    def load(cls, size: int, get: Get) -> "Frontier":
        """The frontier of the first ``size`` leaves, read from stored hashes."""
        return cls(size, (get(level, index) for level, index in _cover(0, size)))

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The kept subtrees' hashes, the largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at index ``size``."""
        carry, merges = leaf, self.size
        while merges & 1:
            carry = node_hash(self._hashes.pop(), carry)
            merges >>= 1
        self._hashes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """The tree head's root hash, 32 bytes."""
        return _fold(self._hashes) if self._hashes else EMPTY_ROOT


def stored_hashes(index: int, leaf: bytes, get: Get) -> list[tuple[int, int, bytes]]:
    """What appending the leaf hash ``leaf`` as number ``index`` adds to the store.

    Returns (level, index, hash) triples from the leaf upward; none replaces an older one.
    ``get`` must know the hashes of the first ``index`` leaves.
    """
    added = [(0, index, leaf)]
    level, here = 0, leaf
    while index & 1:
        here = node_hash(get(level, index - 1), here)
        level, index = level + 1, index >> 1
        added.append((level, index, here))
    return added


def inclusion_proof(index: int, size: int, get: Get) -> list[bytes]:
    """The siblings that lead from leaf ``index`` to the root of ``size`` leaves, lowest first.

    RFC 6962 §2.1.1, PATH(m, D[n]). Raises BadInclusion if the leaf lies outside the tree.
    """
    _expect_leaf(index, size)
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + left_size(high - low)
        if index < middle:
            proof.append(range_hash(middle, high, get))
            high = middle
        else:
            proof.append(range_hash(low, middle, get))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, get: Get) -> list[bytes]:
    """The hashes that show the first ``old`` leaves to be a prefix of the first ``new``.

    RFC 6962 §2.1.2, PROOF(m, D[n]); empty if the sizes are equal. Raises BadConsistency unless
    0 < old ≤ new: every tree continues the empty one, so a proof of that would prove nothing.
    """
    _expect_sizes(old, new)
    proof: list[bytes] = []
    low, high = 0, new
    while high != old:
        middle = low + left_size(high - low)
        if old <= middle:
            proof.append(range_hash(middle, high, get))
            high = middle
        else:
            proof.append(range_hash(low, middle, get))
            low = middle
    # The old root is known to the reader; a subtree that is only its right part is not.
    if low > 0:
        proof.append(range_hash(low, high, get))
    return proof[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash ``leaf`` is number ``index`` of the tree (``size``, ``root``).

    RFC 9162 §2.1.3.2. Raises BadInclusion.
    """
    _expect_leaf(index, size)
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise BadInclusion("expected a shorter inclusion proof; ask for the receipt again")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or computed != root or not _all_hashes([leaf, *proof]):
        raise BadInclusion(
            "the proof does not lead from leaf {index} to the signed root of {size} leaves; "
            "ask for the receipt again, and keep this one",
            index=index,
            size=size,
        )


def check_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree (``new``, ``new_root``) continues the tree (``old``, ``old_root``).

    RFC 9162 §2.1.4.2. Raises BadConsistency; an ``old`` of 0 is refused.
    """
    _expect_sizes(old, new)
    if old == new:
        holds = not proof and old_root == new_root and _all_hashes([new_root])
    else:
        roots = _consistent_roots(old, new, proof, old_root)
        holds = roots == (old_root, new_root) and _all_hashes([old_root, *proof])
    if not holds:
        raise BadConsistency(
            "the proof does not lead from {old} leaves to {new}; ask for the proof again, "
            "and keep both checkpoints",
            old=old,
            new=new,
        )


def _consistent_roots(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes] | None:
    """The two roots that the proof yields, or None if it has the wrong length."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # A perfect old tree is a stored subtree of the new one: the path starts at its root.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return None
    old_side = new_side = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_side, new_side = node_hash(sibling, old_side), node_hash(sibling, new_side)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_side = node_hash(new_side, sibling)
        node, last = node >> 1, last >> 1
    return (old_side, new_side) if last == 0 else None


def _all_hashes(parts: Sequence[bytes]) -> bool:
    # Two parts of 31 and 33 bytes would hash as two of 32 do.
    return all(len(part) == 32 for part in parts)


def _expect_leaf(index: int, size: int) -> None:
    if not 0 <= index < size <= MAX_SIZE:
        raise BadInclusion(
            "expected a leaf below the tree's size {size}, got {index}; "
            "wait for a later checkpoint",
            size=size,
            index=index,
        )


def _expect_sizes(old: int, new: int) -> None:
    if not 0 < old <= new <= MAX_SIZE:
        raise BadConsistency(
            "expected an old size from 1 to the new size {new}, got {old}; "
            "take the newer checkpoint as the newer",
            new=new,
            old=old,
        )


def left_size(size: int) -> int:
    """The largest power of two smaller than ``size``, for size > 1 (RFC 6962 §2.1, k)."""
    return 1 << ((size - 1).bit_length() - 1)


def _cover(low: int, high: int) -> list[tuple[int, int]]:
    """The perfect subtrees that tile [low, high), for a ``low`` where a subtree may start."""
    tiles = []
    while low < high:
        level = (high - low).bit_length() - 1
        tiles.append((level, low >> level))
        low += 1 << level
    return tiles


def range_hash(low: int, high: int, get: Get) -> bytes:
    """The hash of the leaves from ``low``, where a subtree may start, up to ``high``."""
    return _fold([get(level, index) for level, index in _cover(low, high)])


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Join subtrees from the right, the smallest first."""
    joined = hashes[-1]
    for left in hashes[-2::-1]:
        joined = node_hash(left, joined)
    return joined
