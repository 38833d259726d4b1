"""The growing edge of the log's Merkle tree, held in memory by the one writer.

Adding leaves needs the hashes of the perfect subtrees on the right edge and no others
(``protocol/merkle.py``), one for each bit set in the size; so a log of a million entries is
continued from some twenty hashes. Every hash that is added is kept until the commit has written
it; together with the edge from before they prove the inclusion of the new entries without asking
the database (``at_hand``).

>>> tree = Tree()
>>> tree.extend([bytes(32), bytes(32)])
>>> sorted(tree.at_hand())
[(0, 0), (0, 1), (1, 0)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, repeat

from protocol.merkle import EMPTY_ROOT, Frontier, Get, node_hash


class AtHand(Mapping[tuple[int, int], bytes]):
    """Hashes by (level, index), looked up where they lie: of each commit few are asked for."""

    def __init__(
        self, old: Mapping[tuple[int, int], bytes], new: Sequence[tuple[int, int, list[bytes]]]
    ) -> None:
        self._old, self._new = old, new

    def __getitem__(self, at: tuple[int, int]) -> bytes:
        level, index = at
        for here, first, hashes in self._new:
            if here == level and first <= index < first + len(hashes):
                return hashes[index - first]
        return self._old[at]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        yield from self._old
        for level, first, hashes in self._new:
            yield from ((level, index) for index in range(first, first + len(hashes)))

    def __len__(self) -> int:
        return len(self._old) + sum(len(hashes) for _, _, hashes in self._new)


class Tree:
    """The tree of ``size`` leaves: its right edge, and what this commit adds to the store."""

    def __init__(self, size: int = 0, edge: dict[int, bytes] | None = None) -> None:
        self.size = size
        self._edge = edge or {}
        self._old = {(level, (size >> level) - 1): kept for level, kept in self._edge.items()}
        self._new: list[tuple[int, int, list[bytes]]] = []

    @classmethod
    def load(cls, size: int, get: Get) -> Tree:
        """The edge of the first ``size`` leaves, read from stored hashes."""
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        return cls(size, {level: get(level, (size >> level) - 1) for level in levels})

    def copy(self) -> Tree:
        """The same edge with nothing added: where the next commit starts."""
        return Tree(self.size, dict(self._edge))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes, a level at a time: a node as soon as both halves of it are there, of
        which the edge has the left one where a level's first new hash is a right half."""
        level, first, here = 0, self.size, list(leaves)
        self.size += len(here)
        while here:
            self._new.append((level, first, here))
            if first & 1:
                here = [self._edge.pop(level), *here]
            if len(here) & 1:
                self._edge[level] = here[-1]
            here = list(map(node_hash, here[::2], here[1::2]))
            level, first = level + 1, first >> 1

    def at_hand(self) -> Mapping[tuple[int, int], bytes]:
        """The hashes of the edge from before, and of what was added, by (level, index)."""
        return AtHand(self._old, self._new)

    def added(self) -> dict[tuple[int, int], bytes]:
        """The hashes that were added, by (level, index)."""
        found = dict[tuple[int, int], bytes]()
        for level, first, hashes in self._new:
            found.update(zip(zip(repeat(level), count(first)), hashes, strict=False))
        return found

    def new(self) -> list[tuple[int, int, list[bytes]]]:
        """What the store does not have yet: hashes that follow one another on a level, with the
        level and the index of the first one."""
        return self._new

    def root(self) -> bytes:
        """The root hash, 32 bytes."""
        if not self.size:
            return EMPTY_ROOT
        return Frontier(self.size, (self._edge[level] for level in sorted(self._edge)[::-1])).root()
