"""The log's entries in a bundle of evidence: where each stands, and what root so many of them give.

log = Entries(package, [head.size, size])
log.roots[size]              empty where entries are gone before
log.places(link.hash())      the indexes of the entries that admit a link
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from protocol.auditing import bundle
from protocol.errors import FujieError
from protocol.merkle import Frontier, leaf_hash
from protocol.package import Package
from protocol.receipt import Entry


class Entries:
    """Every entry of a bundle; ``sizes`` are those of which the root is asked. Raises Malformed."""

    def __init__(self, package: Package, sizes: Collection[int]) -> None:
        self.roots = dict.fromkeys(sizes, b"")
        self._entries: dict[int, bytes] = {}
        self._places: dict[bytes, list[int]] = defaultdict(list)
        tree, sound = Frontier(), True
        for index, data in bundle.entries(package):
            self._entries[index] = data
            entry = self.entry(index)
            if entry is not None:
                self._places[entry.link_hash].append(index)
            sound = sound and index == tree.size
            if sound:
                self._root_of(tree)
                tree.append(leaf_hash(data))
        if sound:
            self._root_of(tree)
        self.size = tree.size if sound else -1

    def entry(self, index: int) -> Entry | None:
        """An entry, if it can be read."""
        try:
            return Entry.decode(self._entries[index])
        except (FujieError, KeyError):
            return None

    def data(self, index: int) -> bytes:
        """An entry's bytes."""
        return self._entries[index]

    def places(self, link: bytes) -> Sequence[int]:
        """Where a link was admitted."""
        return self._places.get(link, ())

    def links(self, below: int) -> Iterator[bytes]:
        """The hashes of the links that entries below an index admit, each as often."""
        for link, places in self._places.items():
            for place in places:
                if place < below:
                    yield link

    def _root_of(self, tree: Frontier) -> None:
        if tree.size in self.roots:
            self.roots[tree.size] = tree.root()
