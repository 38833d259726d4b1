"""A log read through tiles is the log that was signed, or it is refused."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import merkle
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import BadTile, FujieError, Malformed, TooLarge
from protocol.tiles import Tile, TiledLog, decode_bundle, encode_bundle, tiles_of
from tests.protocol.vectors import load, raised
from tests.vectors import tiles as made

VECTORS = load("tiles")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
ORIGIN = "log.yunxi.example/fujie"
entries = st.lists(st.binary(max_size=40), max_size=600)


class Shelf:
    """The tiles of a log, cut from its stored hashes; counts what is fetched."""

    def __init__(self, logged: list[bytes]) -> None:
        self.entries = logged
        self.rows: dict[tuple[int, int], bytes] = {}
        self.fetched: list[Tile] = []
        for number, data in enumerate(logged):
            leaf = merkle.leaf_hash(data)
            for level, index, each in merkle.stored_hashes(number, leaf, self.get):
                self.rows[level, index] = each

    def get(self, level: int, index: int) -> bytes:
        return self.rows[level, index]

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, merkle.Frontier.load(size, self.get).root())

    def fetch(self, tile: Tile) -> bytes:
        self.fetched.append(tile)
        level, first = tile.first
        if tile.level is None:
            return encode_bundle(self.entries[first : first + tile.width])
        return b"".join(self.rows[level, first + at] for at in range(tile.width))


LONG = Shelf([number.to_bytes(4, "big") for number in range(70_000)])


@pytest.mark.parametrize("path", GOOD["paths"])
def test_a_path_and_its_tile_are_one(path: str) -> None:
    tile = Tile(*GOOD["paths"][path])
    assert Tile.parse(path) == tile
    assert tile.path == path


@pytest.mark.parametrize("name", BAD["paths"])
def test_a_bad_path_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        Tile.parse(BAD["paths"][name])


@given(st.text(max_size=70))
def test_any_other_path_is_refused_by_name(path: str) -> None:
    with suppress(Malformed):
        assert Tile.parse(path).path == path


@given(st.integers(0, 6), st.integers(0, 1 << 40), st.integers(1, 256))
def test_every_tile_has_one_path(level: int, index: int, width: int) -> None:
    try:
        tile = Tile(level, index, width)
    except Malformed:
        assert (index * 256 + width) << (8 * level) > merkle.MAX_SIZE
        return
    assert Tile.parse(tile.path) == tile


def test_the_standards_example_of_seventy_thousand_leaves() -> None:
    assert [tile.path for tile in tiles_of(70_000)] == [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert Tile(0, 272).exists(70_000)
    assert not Tile(0, 273).exists(70_000)
    assert Tile(0, 273, 111).exists(70_000)
    assert not Tile(0, 273, 113).exists(70_000)
    assert Tile(1, 0).exists(70_000)
    assert not Tile(3, 0, 1).exists(70_000)


def test_a_tree_of_256_leaves_has_one_full_tile_and_one_hash_above() -> None:
    assert [tile.path for tile in tiles_of(256)] == ["tile/1/000.p/1"]


def test_the_vectors_tiles_are_those_of_the_tree() -> None:
    shelf = Shelf(made.ENTRIES)
    cut = {path: shelf.fetch(Tile.parse(path)) for path in GOOD["sha256"]}
    assert {path: hashlib.sha256(data).hexdigest() for path, data in cut.items()} == GOOD["sha256"]


def vector_log(files: dict[str, bytes]) -> TiledLog:
    key = VerifierKey.parse(load("checkpoint")["good"]["key"])
    head = open_checkpoint(GOOD["checkpoint"].encode(), [key], ORIGIN)
    return TiledLog(head, lambda tile: files[tile.path])


def test_a_monitor_reads_every_entry_of_the_vectors_log() -> None:
    assert list(vector_log(made.files()).entries()) == made.ENTRIES


@pytest.mark.parametrize("name", BAD["files"])
def test_a_damaged_tile_is_refused_by_name(name: str) -> None:
    bad = BAD["files"][name]
    with pytest.raises(raised(bad["error"])):
        list(vector_log(made.files() | {bad["path"]: bytes.fromhex(bad["hex"])}).entries())


@pytest.mark.parametrize("path", made.files())
def test_every_flipped_byte_of_a_small_tile_is_refused(path: str) -> None:
    files = made.files()
    for place in range(0, len(files[path]), 1 if len(files[path]) < 2048 else 97):
        damaged = bytearray(files[path])
        damaged[place] ^= 0x10
        with pytest.raises(FujieError):
            list(vector_log(files | {path: bytes(damaged)}).entries())


@given(entries)
def test_tiles_give_back_what_was_logged(logged: list[bytes]) -> None:
    shelf = Shelf(logged)
    tiled = TiledLog(shelf.head(len(logged)), shelf.fetch)
    assert list(tiled.entries()) == logged


@given(st.integers(1, 70_000), st.data())
def test_proofs_made_from_tiles_are_those_of_the_stored_hashes(
    size: int, data: st.DataObject
) -> None:
    shelf = LONG
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    head = shelf.head(size)
    tiled = TiledLog(head, shelf.fetch)
    proof = merkle.inclusion_proof(index, size, tiled.get)
    assert proof == merkle.inclusion_proof(index, size, shelf.get)
    merkle.check_inclusion(merkle.leaf_hash(shelf.entries[index]), index, size, proof, head.root)
    consistency = merkle.consistency_proof(old, size, tiled.get)
    assert consistency == merkle.consistency_proof(old, size, shelf.get)
    assert list(tiled.entries(index, index + 1)) == [shelf.entries[index]]


def test_a_reader_fetches_only_tiles_that_the_tree_has() -> None:
    LONG.fetched.clear()
    tiled = TiledLog(LONG.head(66_000), LONG.fetch)
    list(tiled.entries(65_000, 66_000))
    assert LONG.fetched
    assert all(tile.exists(66_000) for tile in LONG.fetched)
    with pytest.raises(Malformed):
        tiled.get(0, 66_000)


def test_tiles_of_another_log_are_refused() -> None:
    other = Shelf([b"another"] * 300)
    with pytest.raises(BadTile):
        TiledLog(LONG.head(300), other.fetch)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_survives(logged: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(logged), len(logged)) == logged


@given(st.binary(max_size=400), st.integers(1, 256))
def test_bytes_that_are_no_bundle_are_refused_by_name(data: bytes, width: int) -> None:
    with suppress(Malformed):
        assert encode_bundle(decode_bundle(data, width)) == data


def test_an_entry_longer_than_its_length_field_is_refused() -> None:
    with pytest.raises(TooLarge):
        encode_bundle([bytes(65_536)])
