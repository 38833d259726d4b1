"""Many inclusion proofs at once: what the leaves of one push share is told once.

    size 8, leaves 4 5 6            told: (0…3) and 7, in this order, instead of nine hashes

              root
            ┌──┴──┐
         (0…3)  ┌─┴─┐
               4 5  6 7

The hashes of the leaves are known to whoever asks; ``shared`` gives, from left to right, those of
the largest subtrees without any of them. ``paths`` puts the tree together again, compares the
root, and gives each leaf the siblings that prove it alone.

>>> leaves = {n: bytes([n]) * 32 for n in range(8)}
>>> tree = {(0, n): one for n, one in leaves.items()}
>>> for level, count in ((1, 4), (2, 2), (3, 1)):
...     for n in range(count):
...         tree[level, n] = merkle.node_hash(tree[level - 1, 2 * n], tree[level - 1, 2 * n + 1])
>>> told = shared([4, 5, 6], 8, lambda level, index: tree[level, index])
>>> told == [tree[2, 0], tree[0, 7]]
True
>>> known = {n: leaves[n] for n in (4, 5, 6)}
>>> paths(known, 8, told, tree[3, 0])[6] == [tree[0, 7], tree[1, 2], tree[2, 0]]
True
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from protocol import merkle
from protocol.errors import BadInclusion
from protocol.merkle import Get


def shared(indexes: Sequence[int], size: int, get: Get) -> list[bytes]:
    """The hashes beside these leaves of a tree of ``size``, from left to right. ``get`` as in
    ``merkle``. Raises BadInclusion for a leaf outside the tree."""
    known = _ascending(indexes, size)
    return [*_beside(known, get, 0, size, 0, len(known))] if known else []


def _beside(
    known: list[int], get: Get, low: int, high: int, first: int, last: int
) -> Iterator[bytes]:
    # No function within ``shared`` that calls itself: such a one is a ring, which holds ``get`` and
    # all that it knows until somebody looks for garbage.
    if first == last:
        yield merkle.range_hash(low, high, get)
    elif last - first < high - low:  # else all of its leaves are known
        middle, cut = _halves(known, low, high, first, last)
        yield from _beside(known, get, low, middle, first, cut)
        yield from _beside(known, get, middle, high, cut, last)


def paths(
    leaves: Mapping[int, bytes], size: int, told: Sequence[bytes], root: bytes
) -> dict[int, list[bytes]]:
    """The siblings of each of the ``leaves`` (hash by index), lowest first, if with what was
    ``told`` they give the ``root`` of ``size`` leaves. Raises BadInclusion."""
    known = _ascending(leaves, size)
    found: dict[int, list[bytes]] = {index: [] for index in known}
    left = iter(told)

    def join(low: int, high: int, first: int, last: int) -> bytes:
        if first == last:
            return next(left, b"")
        if high - low == 1:
            return leaves[low]
        middle, cut = _halves(known, low, high, first, last)
        before, after = join(low, middle, first, cut), join(middle, high, cut, last)
        for index in known[first:cut]:
            found[index].append(after)
        for index in known[cut:last]:
            found[index].append(before)
        return merkle.node_hash(before, after)

    whole = all(len(one) == 32 for one in (*told, *leaves.values()))
    if known and (not whole or join(0, size, 0, len(known)) != root or next(left, None)):
        raise BadInclusion(
            "expected entries {first} to {last} under the signed root; they are not in this log, "
            "or the answer was altered",
            first=known[0],
            last=known[-1],
        )
    return found


def _ascending(indexes: Sequence[int] | Mapping[int, bytes], size: int) -> list[int]:
    known = sorted(set(indexes))
    if known and not 0 <= known[0] <= known[-1] < size <= merkle.MAX_SIZE:
        raise BadInclusion(
            "expected a leaf below the tree's size {size}, got {index}; "
            "wait for a later checkpoint",
            size=size,
            index=known[-1],
        )
    return known


def _halves(known: list[int], low: int, high: int, first: int, last: int) -> tuple[int, int]:
    """Where a subtree is split, and which of the leaves is the first of its right half."""
    middle = low + merkle.left_size(high - low)
    return middle, bisect_left(known, middle, first, last)
