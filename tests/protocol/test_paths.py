"""Many leaves proved at once: the same proofs as each alone, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import merkle
from protocol.errors import BadInclusion
from protocol.paths import paths, shared

SIZES = st.integers(1, 80)


def grown(size: int) -> tuple[dict[tuple[int, int], bytes], bytes]:
    """The stored hashes of a tree, and its root."""
    hashes: dict[tuple[int, int], bytes] = {}

    def get(level: int, index: int) -> bytes:
        return hashes[level, index]

    for index in range(size):
        leaf = merkle.leaf_hash(b"%d" % index)
        for level, place, value in merkle.stored_hashes(index, leaf, get):
            hashes[level, place] = value
    return hashes, merkle.Frontier.load(size, get).root()


@given(SIZES, st.data())
def test_each_leaf_gets_the_proof_that_it_would_have_alone(size: int, data: st.DataObject) -> None:
    hashes, root = grown(size)
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    get = lambda level, index: hashes[level, index]  # noqa: E731
    told = shared(indexes, size, get)
    found = paths({n: hashes[0, n] for n in indexes}, size, told, root)
    assert found == {n: merkle.inclusion_proof(n, size, get) for n in indexes}


@given(SIZES, st.data())
def test_no_other_leaf_place_size_or_hash_is_believed(size: int, data: st.DataObject) -> None:
    hashes, root = grown(size)
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    leaves = {n: hashes[0, n] for n in indexes}
    told = shared(indexes, size, lambda level, index: hashes[level, index])
    one = data.draw(st.sampled_from(indexes))
    wrong = [
        (leaves | {one: bytes(32)}, size, told, root),
        (leaves, size, [*told, bytes(32)], root),
        (leaves, size, told, bytes(32)),
    ]
    # In a tree of another size the same hashes may well prove another place, which is why a head
    # signs its size and its root together; in this one they prove no other.
    turned = {size - 1 - n: leaf for n, leaf in leaves.items()}
    if turned != leaves:
        wrong.append((turned, size, told, root))
    if told:
        wrong += [
            (leaves, size, told[:-1], root),
            (leaves, size, [told[0][:31], *told[1:]], root),
            (leaves, size, [bytes(32), *told[1:]], root),
        ]
    for asked in wrong:
        with pytest.raises(BadInclusion):
            paths(*asked)


def test_a_leaf_outside_the_tree_is_refused() -> None:
    for index in (-1, 3):
        with pytest.raises(BadInclusion):
            shared([index], 3, lambda level, index: bytes(32))
        with pytest.raises(BadInclusion):
            paths({index: bytes(32)}, 3, [], bytes(32))


def test_nothing_asked_is_nothing_told() -> None:
    assert shared([], 7, lambda level, index: bytes(32)) == []
    assert paths({}, 7, [], bytes(32)) == {}
