"""Vectors of tiles: paths, and a log of 300 entries as files, from the words of tlog-tiles."""

import hashlib

from tests.vectors.checkpoint import entry, head, note
from tests.vectors.materials import LOG, ORIGIN, Vectors, flip
from tests.vectors.merkle import leaf, root

SIZE = 300
ENTRIES = [entry(number) for number in range(SIZE)]
LEAVES = [leaf(each) for each in ENTRIES]

PATHS = {
    "tile/0/000": [0, 0, 256],
    "tile/0/000.p/5": [0, 0, 5],
    "tile/1/273.p/112": [1, 273, 112],
    "tile/0/x001/x234/067": [0, 1234067, 256],
    "tile/2/x001/000": [2, 1000, 256],
    "tile/entries/000": [None, 0, 256],
    "tile/entries/x001/234.p/1": [None, 1234, 1],
}

BAD_PATHS = {
    "a level with a leading zero": "tile/00/000",
    "a level of 64": "tile/64/000",
    "a level below zero": "tile/-1/000",
    "a group of two digits": "tile/0/67",
    "a group of four digits": "tile/0/0067",
    "an x on the last group": "tile/0/x067",
    "no x on a first group": "tile/0/001/067",
    "a first group of zeros": "tile/0/x000/067",
    "a width of zero": "tile/0/000.p/0",
    "a width with a leading zero": "tile/0/000.p/05",
    "a full tile written as partial": "tile/0/000.p/256",
    "a width without a number": "tile/0/000.p/",
    "digits of another script": "tile/0/٠٠٠",
    "another kind": "tile/data/000",
    "a slash too many": "tile/0/000/",
    "no prefix": "0/000",
    "past 2^63 leaves": "tile/7/x001/000",
    "past every tree": "tile/0/" + "x999/" * 8 + "999",
}


def bundle(entries: list[bytes]) -> bytes:
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def files() -> dict[str, bytes]:
    """Every tile of a tree of 300 leaves; of ``tile/1`` its one full tile below."""
    return {
        "tile/0/000": b"".join(LEAVES[:256]),
        "tile/0/001.p/44": b"".join(LEAVES[256:]),
        "tile/1/000.p/1": root(LEAVES[:256]),
        "tile/entries/000": bundle(ENTRIES[:256]),
        "tile/entries/001.p/44": bundle(ENTRIES[256:]),
    }


def damaged() -> dict[str, dict[str, str]]:
    """A file put in the place of another, and the error that reading the whole log meets."""
    good = files()
    hashes, entries = good["tile/0/001.p/44"], good["tile/entries/001.p/44"]
    swapped = hashes[32:64] + hashes[:32] + hashes[64:]
    made = {
        "a leaf hash of the edge is flipped": ("tile/0/001.p/44", flip(hashes, 40), "BadTile"),
        "two leaf hashes are swapped": ("tile/0/001.p/44", swapped, "BadTile"),
        "a hash is cut off": ("tile/0/001.p/44", hashes[:-32], "Malformed"),
        "a hash too many": ("tile/0/001.p/44", hashes + hashes[:32], "Malformed"),
        "the parent's hash is flipped": (
            "tile/1/000.p/1",
            flip(good["tile/1/000.p/1"], 0),
            "BadTile",
        ),
        "an entry is changed": ("tile/entries/001.p/44", flip(entries, 100), "BadTile"),
        "an entry is longer than its bundle": (
            "tile/entries/001.p/44",
            b"\xff" + entries[1:],
            "Malformed",
        ),
        "a bundle lacks its last entry": (
            "tile/entries/001.p/44",
            bundle(ENTRIES[256:-1]),
            "Malformed",
        ),
        "a byte behind the bundle": ("tile/entries/001.p/44", entries + b"\0", "Malformed"),
    }
    return {
        name: {"path": path, "hex": data.hex(), "error": error}
        for name, (path, data, error) in made.items()
    }


def build() -> Vectors:
    small = files()
    good = {
        "paths": PATHS,
        "listing": "".join(f"{path}  {len(data):,} bytes\n" for path, data in small.items()),
        "checkpoint": note(head(LEAVES), ORIGIN, LOG),
        "top": small["tile/1/000.p/1"].hex(),
        "first_entry": bundle(ENTRIES[:1]).hex(),
        "sha256": {path: hashlib.sha256(data).hexdigest() for path, data in small.items()},
    }
    return {"good": good, "bad": {"paths": BAD_PATHS, "files": damaged()}}
