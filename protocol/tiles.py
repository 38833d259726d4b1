"""Tiles: the log as files that never change (c2sp.org/tlog-tiles).

    tile/0/x001/x234/067          256 leaf hashes, 8,192 bytes: those of the leaves from
                                  1234067·256 on
    tile/1/000.p/17               17 hashes, each of a full tile below; a tree of 70,000 has it
    tile/entries/273.p/112        112 entries, each behind its length (u16, big-endian)

Tile ``n`` of level ``l`` holds the stored hashes (``merkle.py``) of level 8·l from n·256 on.
A full tile is 256 wide and stays what it is; the rightmost ones are partial, ``.p/<width>``.
A number is written in groups of three digits, all but the last after an ``x``.

``TiledLog`` reads a log through its tiles and believes none of them: the partial tiles of the
right edge must give the checkpoint's root, each full tile the hash that its parent has of it,
each entry the leaf hash in its tile. A monitor that walks ``entries`` has seen every leaf.

>>> Tile(0, 1234067).path
'tile/0/x001/x234/067'
>>> Tile.parse("tile/entries/273.p/112")
Tile(level=None, index=273, width=112)
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from protocol.checkpoint import Checkpoint
from protocol.errors import BadTile, Malformed, TooLarge
from protocol.merkle import EMPTY_ROOT, MAX_SIZE, Frontier, leaf_hash, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes, or entries, of a full tile."""

MAX_LEVEL = 63
MAX_ENTRY = (1 << 16) - 1
MAX_PATH = 60

_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """Which tile: ``level`` None for a bundle of entries; ``width`` 256 if it is full."""

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        low = self.level or 0
        if not 0 <= low <= MAX_LEVEL or not 0 < self.width <= WIDTH or self.index < 0:
            raise Malformed(
                "expected a tile of level 0 to 63, 1 to 256 wide, got level {level}, {width} wide; "
                "ask for a tile that the checkpoint's size gives",
                level=low,
                width=self.width,
            )
        if (self.index * WIDTH + self.width) << (HEIGHT * low) > MAX_SIZE:
            raise Malformed(
                "expected a tile inside 2^63 leaves, got number {index} of level {level}; "
                "ask for a tile that the checkpoint's size gives",
                index=self.index,
                level=low,
            )

    @property
    def path(self) -> str:
        """Where it is served, behind the log's prefix."""
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{number}" + ("" if self.full else f".p/{self.width}")

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """The tile of a path; one tile has one path. Raises Malformed."""
        found = _PATH.fullmatch(path) if len(path) <= MAX_PATH and path.isascii() else None
        tile = found and cls(
            None if found[1] == "entries" else int(found[1]),
            int(found[2].replace("x", "").replace("/", "")),
            int(found[3] or WIDTH),
        )
        if tile is None or tile.path != path:
            raise Malformed(
                "expected a tile's path such as tile/0/x001/067.p/8, got {path}; "
                "write its number in groups of three digits",
                path=path[:80],
            )
        return tile

    @property
    def full(self) -> bool:
        """Whether it will never change."""
        return self.width == WIDTH

    @property
    def first(self) -> tuple[int, int]:
        """(level, index) of its first stored hash; of its first leaf for a bundle."""
        return HEIGHT * (self.level or 0), self.index * WIDTH

    def exists(self, size: int) -> bool:
        """Whether a tree of ``size`` leaves has all that this tile holds."""
        level, first = self.first
        return first + self.width <= size >> level


def tiles_of(size: int) -> list[Tile]:
    """The partial tiles of a tree's right edge, the lowest first: they give its root."""
    edge, level = [], 0
    while size >> (HEIGHT * level):
        count = size >> (HEIGHT * level)
        if count % WIDTH:
            edge.append(Tile(level, count // WIDTH, count % WIDTH))
        level += 1
    return edge


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length as u16. Raises TooLarge."""
    if any(len(entry) > MAX_ENTRY for entry in entries):
        raise TooLarge("expected entries of at most {bound} bytes; log a hash", bound=MAX_ENTRY)
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """Exactly ``width`` entries. Raises Malformed; proves nothing."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width and at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width or at != len(data):
        raise Malformed(
            "expected a bundle of {width} whole entries, got {size} bytes of something else; "
            "fetch it again",
            width=width,
            size=len(data),
        )
    return entries


Fetch = Callable[[Tile], bytes]
"""Whatever brings a tile's bytes; what it raises passes through."""


class TiledLog:
    """A log of one checkpoint, read through its tiles. The caller has checked the signature.

    The first look at the right edge recomputes the root. ``get`` serves ``merkle``'s proofs.
    """

    def __init__(self, checkpoint: Checkpoint, fetch: Fetch) -> None:
        self.size = checkpoint.size
        self._fetch = fetch
        self._known: dict[tuple[int, int], list[bytes]] = {}
        self._read_edge(checkpoint)

    def get(self, level: int, index: int) -> bytes:
        """A stored hash of the tree. Raises BadTile, or Malformed for what is outside."""
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        if not 0 <= index < self.size >> level:
            raise Malformed(
                "expected a hash of the tree of {size} leaves; ask for a newer checkpoint",
                size=self.size,
            )
        hashes = self._tile(tile_level, first // WIDTH)
        place = first % WIDTH
        return subtree_root(hashes[place : place + (1 << above)])

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from ``start`` to before ``stop``, each proved to be its leaf."""
        stop = self.size if stop is None else min(stop, self.size)
        while start < stop:
            number, place = divmod(start, WIDTH)
            found = self._bundle(number)[place : place + stop - start]
            yield from found
            start += len(found)

    def _bundle(self, number: int) -> list[bytes]:
        width = min(WIDTH, self.size - number * WIDTH)
        tile = Tile(None, number, width)
        entries = decode_bundle(self._fetch(tile), width)
        if [leaf_hash(entry) for entry in entries] != self._tile(0, number):
            raise _not_ours(tile)
        return entries

    def _tile(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile that is proved, full or of the right edge."""
        known = self._known.get((level, number))
        if known is None:
            tile = Tile(level, number)
            known = self._hashes(tile)
            if subtree_root(known) != self.get(HEIGHT * (level + 1), number):
                raise _not_ours(tile)
            # The walk over entries needs each leaf tile once; those above are few.
            if level:
                self._known[level, number] = known
        return known

    def _hashes(self, tile: Tile) -> list[bytes]:
        data = self._fetch(tile)
        if len(data) != tile.width * 32:
            raise Malformed(
                "expected {width} hashes in {path}, got {size} bytes; fetch it again",
                width=tile.width,
                path=tile.path,
                size=len(data),
            )
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def _read_edge(self, checkpoint: Checkpoint) -> None:
        subtrees: list[bytes] = []
        for tile in tiles_of(self.size):
            assert tile.level is not None
            hashes = self._hashes(tile)
            self._known[tile.level, tile.index] = hashes
            # One subtree for each bit of the width, the smallest at the right end.
            end = tile.width
            for bit in range(HEIGHT):
                if tile.width >> bit & 1:
                    subtrees.append(subtree_root(hashes[end - (1 << bit) : end]))
                    end -= 1 << bit
        root = Frontier(self.size, subtrees[::-1]).root() if subtrees else EMPTY_ROOT
        if root != checkpoint.root:
            raise BadTile(
                "expected tiles that give the signed root of {size} leaves, got others; keep them "
                "with the checkpoint, and tell the agency",
                size=self.size,
            )


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """The hash over a perfect subtree whose 2^n hashes these are."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _not_ours(tile: Tile) -> BadTile:
    return BadTile(
        "expected {path} to be what the checkpoint commits to, got another; keep it with the "
        "checkpoint, and tell the agency",
        path=tile.path,
    )
