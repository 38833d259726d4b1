"""The growing edge of the log's Merkle tree, held in memory by the one writer.

Appending a leaf needs the hashes of the perfect subtrees on the right edge and no others
(``protocol/merkle.py``), one for each bit set in the size; so a log of a million entries is
continued from some twenty hashes. Every hash that an append adds is kept in ``added`` until
the commit has written it; together with the edge from before they prove the inclusion of the
new entries without asking the database.

>>> tree = Tree()
>>> tree.append(bytes(32)), tree.append(bytes(32))
(0, 1)
>>> sorted(tree.added)
[(0, 0), (0, 1), (1, 0)]
"""

from __future__ import annotations

from protocol.merkle import EMPTY_ROOT, Frontier, Get, stored_hashes


class Tree:
    """The tree of ``size`` leaves: its right edge, and what this commit adds to the store."""

    def __init__(self, size: int = 0, edge: dict[int, bytes] | None = None) -> None:
        self.size = size
        self._edge = edge or {}
        self.added: dict[tuple[int, int], bytes] = {
            (level, (size >> level) - 1): kept for level, kept in self._edge.items()
        }
        self._old = frozenset(self.added)

    @classmethod
    def load(cls, size: int, get: Get) -> Tree:
        """The edge of the first ``size`` leaves, read from stored hashes."""
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        return cls(size, {level: get(level, (size >> level) - 1) for level in levels})

    def copy(self) -> Tree:
        """The same edge with nothing added: where the next commit starts."""
        return Tree(self.size, dict(self._edge))

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash; returns its index."""
        index = self.size
        for level, place, kept in stored_hashes(index, leaf, self.get):
            self.added[level, place] = kept
            self._edge.pop(level, None)
            top = level
        self._edge[top] = self.added[top, index >> top]
        self.size += 1
        return index

    def get(self, level: int, index: int) -> bytes:
        """A stored hash of the edge or of what was added. Raises KeyError for any other."""
        return self.added[level, index]

    def new(self) -> list[tuple[int, int, bytes]]:
        """(level, index, hash) of what the store does not have yet."""
        return [(*at, kept) for at, kept in self.added.items() if at not in self._old]

    def root(self) -> bytes:
        """The root hash, 32 bytes."""
        if not self.size:
            return EMPTY_ROOT
        return Frontier(self.size, (self._edge[level] for level in sorted(self._edge)[::-1])).root()
