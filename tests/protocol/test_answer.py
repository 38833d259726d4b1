"""Answers on a stick: exact bytes, a name for each way of being none, proofs without a network."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import answer, merkle
from protocol.answer import (
    MAGIC,
    Answered,
    Asked,
    Hashes,
    check_files,
    file_bound,
    open_answered,
    open_asked,
    seal_answer,
    sign_asked,
    take_files,
    unseal_answer,
)
from protocol.envelope import decode, record_hash
from protocol.errors import Altered, BadConsistency, FujieError, Malformed, TooLarge
from protocol.export import Kind, Part
from protocol.keys import ED25519, Ed25519Signer, Verifier
from protocol.sealing import seal
from tests.protocol.vectors import load, raised
from tests.vectors.materials import seed

VECTORS = load("answer")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
KEY, PUBLIC = bytes.fromhex(GOOD["tablet_key"]), bytes.fromhex(GOOD["tablet_public"])
CHANCE = bytes.fromhex(GOOD["chance"])
FILES = {name: bytes.fromhex(body) for name, body in GOOD["files"].items()}
WHOLE = bytes.fromhex(GOOD["answer"])
OFFICE, DEVICE = Ed25519Signer(seed("office")), Ed25519Signer(seed("YX-T07"))


def known(key: str) -> dict[bytes, Verifier]:
    verifier = Verifier(ED25519, bytes.fromhex(GOOD[key]))
    return {verifier.key_id: verifier}


def read(data: bytes) -> tuple[Answered, dict[str, bytes]]:
    """As a tablet reads it, up to what the office signed."""
    files: dict[str, bytes] = {}
    told = take_files(unseal_answer(io.BytesIO(data).read, KEY), files.__setitem__)
    answered = open_answered(told, known("office"))
    check_files(answered, {name: hashlib.sha256(body).digest() for name, body in files.items()})
    return answered, files


def test_an_answer_is_its_vector_to_the_byte() -> None:
    answered, _ = read(WHOLE)
    sealed = seal_answer(answered, FILES, OFFICE, PUBLIC, CHANCE)
    assert b"".join(sealed) == WHOLE


def test_an_answer_opens_to_its_files_and_to_the_question_that_it_answers() -> None:
    answered, files = read(WHOLE)
    assert files == FILES
    assert (answered.device, answered.size, answered.asked) == ("YX-T07", 7, GOOD["asked"])
    asked = open_asked(files["question"], known("device"))
    assert (asked.seen, asked.cursor, asked.key) == (3, 2, GOOD["tablet_public"])
    assert record_hash(decode(files["question"])).hex() == answered.asked
    assert sign_asked(asked, DEVICE) == files["question"]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_refused_by_name(name: str) -> None:
    with pytest.raises(raised(BAD[name]["error"])) as caught:
        read(bytes.fromhex(BAD[name]["answer"]))
    assert type(caught.value).__name__ == BAD[name]["error"]


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_altered_byte_is_believed(place: int, by: int) -> None:
    with pytest.raises(FujieError):
        read(WHOLE[:place] + bytes([WHOLE[place] ^ by]) + WHOLE[place + 1 :])


@given(st.integers(0, len(WHOLE) - 1))
def test_every_cut_is_named(end: int) -> None:
    with pytest.raises(Malformed):
        read(WHOLE[:end])


def test_a_file_past_its_bound_is_refused_before_it_is_kept() -> None:
    name = "log/succession"
    pieces = [Part(Kind.PIECE, bytes(1 << 20))] * 9
    parts = [Part(Kind.MANIFEST, b"x"), *pieces, Part(Kind.FILE, name.encode())]
    data = b"".join(seal(parts, PUBLIC, CHANCE, MAGIC))
    with pytest.raises(Altered):
        read(data)
    assert file_bound(name) < 9 << 20


@pytest.mark.parametrize("name", ["", "/etc/passwd", "tuf/../x", "tuf/.x", "push/ab/0", "pull/-1"])
def test_names_that_no_answer_has_have_no_bytes(name: str) -> None:
    assert file_bound(name) == 0


def test_a_manifest_of_too_many_files_is_not_written() -> None:
    answered = Answered(agency="a", device="d", at=1, asked="0" * 64, size=1, files={})
    files = {f"pull/{n}": b"" for n in range(900)}
    with pytest.raises(TooLarge):
        list(seal_answer(answered, files, OFFICE, PUBLIC, CHANCE))


def test_a_question_is_bounded() -> None:
    asked = Asked(agency="a", device="d", at=1, key="0" * 64, origin="o")
    assert open_asked(sign_asked(asked, DEVICE), known("device")) == asked
    broken = msgspec.structs.replace(asked, key="00")
    with pytest.raises(Malformed):
        open_asked(sign_asked(broken, DEVICE), known("device"))


# ── proofs ───────────────────────────────────────────────────────────────────────────────


def test_proofs_follow_from_the_hashes() -> None:
    told = Hashes.decode(FILES["log/hashes"])
    made = GOOD["hashes"]
    assert (told.first, told.size) == (3, 7)
    assert [one.hex() for one in told.consistency(3, 7)] == made["from_3_to_7"]
    assert [one.hex() for one in told.consistency(4, 7)] == made["from_4_to_7"]
    assert told.encode() == FILES["log/hashes"]
    assert told.consistency(7, 7) == []


@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_any_two_sizes_in_the_span_are_proved(first: int, more: int, data: st.DataObject) -> None:
    """By the same hashes as a log that stores all of them, and checked as those are."""
    nodes: dict[tuple[int, int], bytes] = {}
    roots = {}
    tree = merkle.Frontier()
    for index in range(first + more):
        leaf = merkle.leaf_hash(b"%d" % index)
        for level, at, digest in merkle.stored_hashes(index, leaf, lambda lv, ix: nodes[lv, ix]):
            nodes[level, at] = digest
        tree.append(leaf)
        roots[index + 1] = tree.root()
    told = Hashes.of(first, first + more, lambda level, index: nodes[level, index])
    told = Hashes.decode(told.encode())
    old = data.draw(st.integers(first, first + more))
    new = data.draw(st.integers(old, first + more))
    proof = told.consistency(old, new)
    if old:
        merkle.check_consistency(old, new, proof, roots[old], roots[new])
    for outside in (first - 1, first + more + 1):
        with pytest.raises(BadConsistency):
            told.consistency(*sorted((outside, first)))


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its signature is judged behind its files: who can seal one must not fill a disk."""
    monkeypatch.setattr(answer, "MOST_BYTES", 3 << 20)
    kept: list[str] = []

    def endless() -> Iterator[Part]:
        for number in itertools.count():
            yield Part(Kind.PIECE, bytes(1 << 20))
            yield Part(Kind.FILE, f"pull/{number}".encode())

    with pytest.raises(Altered):
        take_files(endless(), lambda name, _: kept.append(name))
    assert kept == ["pull/0", "pull/1", "pull/2"]


@pytest.mark.parametrize("data", [b"", bytes(15), bytes(16) + b"x", bytes(8) + b"\xff" * 8])
def test_hashes_of_another_length_are_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        Hashes.decode(data)
