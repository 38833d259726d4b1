"""The tree agrees with RFC 6962, and no false proof passes."""

import base64
import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import merkle
from protocol.errors import BadConsistency, BadInclusion, Malformed

# The leaves and roots that Certificate Transparency's own implementations test against.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 140)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1 word for word, over leaf hashes: MTH(D[0:k]) joined with MTH(D[k:n])."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    joined = naive_root(leaves[:k]) + naive_root(leaves[k:])
    return hashlib.sha256(b"\x01" + joined).digest()


def naive_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 6962 §2.1.2, SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def leaf_hashes(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"leaf %d" % number) for number in range(count)]


def store_of(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """A log's store, filled by appending; asking for what was never stored fails."""
    rows: dict[tuple[int, int], bytes] = {}

    def get(level: int, index: int) -> bytes:
        return rows[level, index]

    for number, leaf in enumerate(leaves):
        for level, index, stored in merkle.stored_hashes(number, leaf, get):
            assert (level, index) not in rows
            rows[level, index] = stored
    return get


def test_known_roots_of_certificate_transparency() -> None:
    tree = merkle.Frontier()
    assert tree.root() == merkle.EMPTY_ROOT
    for data, root in zip(CT_LEAVES, CT_ROOTS, strict=True):
        tree.append(merkle.leaf_hash(data))
        assert tree.root().hex() == root


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    empty = base64.b64encode(merkle.EMPTY_ROOT)
    assert empty == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_a_leaf_is_never_a_node() -> None:
    """Without the prefixes a node's two children could be claimed as one leaf's data."""
    left, right = leaf_hashes(2)
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@given(sizes)
def test_appending_gives_the_naive_root(size: int) -> None:
    leaves = leaf_hashes(size)
    tree = merkle.Frontier()
    for leaf in leaves:
        tree.append(leaf)
    assert (tree.size, tree.root()) == (size, naive_root(leaves))


@given(sizes)
def test_a_frontier_loaded_from_the_store_goes_on(size: int) -> None:
    leaves = leaf_hashes(size + 1)
    tree = merkle.Frontier.load(size, store_of(leaves[:size]))
    assert tree.root() == naive_root(leaves[:size])
    again = merkle.Frontier(tree.size, tree.hashes)
    again.append(leaves[size])
    assert again.root() == naive_root(leaves)
    assert tree.size == size


def test_a_frontier_refuses_a_wrong_number_of_hashes() -> None:
    with pytest.raises(Malformed):
        merkle.Frontier(3, leaf_hashes(1))
    with pytest.raises(Malformed):
        merkle.Frontier(-1, ())


@given(sizes)
def test_stored_hashes_are_the_roots_of_perfect_subtrees(size: int) -> None:
    leaves = leaf_hashes(size)
    get = store_of(leaves)
    for level in range(size.bit_length()):
        for index in range(size >> level):
            part = leaves[index << level : (index + 1) << level]
            assert get(level, index) == naive_root(part)


@given(st.data(), sizes)
def test_inclusion_proofs_are_the_rfc_s_and_pass(data: st.DataObject, size: int) -> None:
    leaves = leaf_hashes(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, store_of(leaves))
    assert proof == naive_path(index, leaves)
    merkle.check_inclusion(leaves[index], index, size, proof, naive_root(leaves))


@given(st.data(), sizes)
def test_consistency_proofs_are_the_rfc_s_and_pass(data: st.DataObject, new: int) -> None:
    leaves = leaf_hashes(new)
    old = data.draw(st.integers(1, new))
    proof = merkle.consistency_proof(old, new, store_of(leaves))
    assert proof == naive_subproof(old, leaves, True)
    merkle.check_consistency(old, new, proof, naive_root(leaves[:old]), naive_root(leaves))


@given(st.data(), sizes)
def test_a_proof_of_an_older_size_needs_no_later_hash(data: st.DataObject, size: int) -> None:
    """A receipt for an earlier checkpoint can be made again at any later time."""
    leaves = leaf_hashes(size + 20)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, store_of(leaves))
    merkle.check_inclusion(leaves[index], index, size, proof, naive_root(leaves[:size]))


def damaged_proofs(proof: list[bytes]) -> list[list[bytes]]:
    """Every flipped bit place of interest, one hash dropped, doubled, added, swapped."""
    wrong = []
    for place, part in enumerate(proof):
        for byte in (0, 15, 31):
            flipped = part[:byte] + bytes([part[byte] ^ 1]) + part[byte + 1 :]
            wrong.append([*proof[:place], flipped, *proof[place + 1 :]])
        wrong.append(proof[:place] + proof[place + 1 :])
        wrong.append([*proof[: place + 1], *proof[place:]])
    wrong.append([*proof, bytes(32)])
    wrong.append([bytes(32), *proof])
    wrong += [proof[::-1]] if proof != proof[::-1] else []
    return wrong


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 11, 16])
def test_a_damaged_inclusion_proof_is_refused(size: int) -> None:
    leaves = leaf_hashes(size)
    root, get = naive_root(leaves), store_of(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, get)
        for wrong in damaged_proofs(proof):
            with pytest.raises(BadInclusion):
                merkle.check_inclusion(leaves[index], index, size, wrong, root)


@pytest.mark.parametrize("size", [2, 3, 5, 8, 11])
def test_a_leaf_does_not_pass_at_another_place_or_size(size: int) -> None:
    leaves = leaf_hashes(size)
    root, get = naive_root(leaves), store_of(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, get)
        for other in range(size):
            if other != index:
                with pytest.raises(BadInclusion):
                    merkle.check_inclusion(leaves[index], other, size, proof, root)
                with pytest.raises(BadInclusion):
                    merkle.check_inclusion(leaves[other], index, size, proof, root)


@pytest.mark.parametrize("new", [2, 3, 4, 6, 7, 8, 13])
def test_a_damaged_consistency_proof_is_refused(new: int) -> None:
    leaves = leaf_hashes(new)
    new_root, get = naive_root(leaves), store_of(leaves)
    for old in range(1, new + 1):
        old_root = naive_root(leaves[:old])
        proof = merkle.consistency_proof(old, new, get)
        for wrong in damaged_proofs(proof):
            with pytest.raises(BadConsistency):
                merkle.check_consistency(old, new, wrong, old_root, new_root)


@given(st.data(), st.integers(2, 60))
def test_a_rewritten_history_is_not_consistent(data: st.DataObject, new: int) -> None:
    """Whoever changes one old leaf cannot prove the new tree with any hashes of it."""
    leaves = leaf_hashes(new)
    old = data.draw(st.integers(1, new - 1))
    changed = list(leaves)
    changed[data.draw(st.integers(0, old - 1))] = merkle.leaf_hash(b"another")
    proof = merkle.consistency_proof(old, new, store_of(changed))
    with pytest.raises(BadConsistency):
        merkle.check_consistency(old, new, proof, naive_root(leaves[:old]), naive_root(changed))


@pytest.mark.parametrize(
    ("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5), (1, merkle.MAX_SIZE + 1)]
)
def test_sizes_out_of_order_and_an_old_size_of_zero_are_refused(old: int, new: int) -> None:
    get = store_of(leaf_hashes(5))
    with pytest.raises(BadConsistency):
        merkle.consistency_proof(old, new, get)
    with pytest.raises(BadConsistency):
        merkle.check_consistency(old, new, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, merkle.MAX_SIZE + 1)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    leaves = leaf_hashes(5)
    with pytest.raises(BadInclusion):
        merkle.inclusion_proof(index, size, store_of(leaves))
    with pytest.raises(BadInclusion):
        merkle.check_inclusion(leaves[0], index, size, [], leaves[0])


def test_a_hash_moved_across_a_boundary_is_refused() -> None:
    """Two proof parts of 31 and 33 bytes hash alike to two of 32; their lengths are checked."""
    left, right = leaf_hashes(2)
    root = naive_root([left, right])
    with pytest.raises(BadInclusion):
        merkle.check_inclusion(left + right[:1], 0, 2, [right[1:]], root)
    with pytest.raises(BadInclusion):
        merkle.check_inclusion(b"", 0, 1, [], b"")
    with pytest.raises(BadConsistency):
        merkle.check_consistency(1, 1, [], b"", b"")
    with pytest.raises(BadConsistency):
        merkle.check_consistency(1, 2, [right[1:]], left + right[:1], root)


def test_the_frontier_is_small() -> None:
    """A log of a million entries keeps 20 hashes at most."""
    tree = merkle.Frontier((1 << 20) - 1, [bytes(32)] * 20)
    tree.append(bytes(32))
    assert len(tree.hashes) == 1
