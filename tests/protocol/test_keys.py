"""Key ids, and which keys and signatures are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from protocol.errors import Malformed
from protocol.keys import Ed25519Signer, Verifier, key_id
from tests.protocol.vectors import FOLDER, load
from tests.vectors import generate_core

VECTORS = load("keys")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]


@pytest.mark.parametrize("subject", generate_core.SUBJECTS)
def test_the_generator_leaves_no_diff(subject: str) -> None:
    kept = (FOLDER / f"{subject}.json").read_text(encoding="utf-8")
    assert kept == generate_core.render(subject)


@pytest.mark.parametrize("name", GOOD["keys"])
def test_a_key_has_the_id_of_its_vector(name: str) -> None:
    good = GOOD["keys"][name]
    signer = Ed25519Signer(bytes.fromhex(good["seed"]))
    assert signer.verifier.public_key.hex() == good["public_key"]
    assert signer.verifier.key_id.hex() == good["key_id"]
    assert Verifier(good["algorithm"], signer.verifier.public_key) == signer.verifier


def test_the_same_bytes_under_another_algorithm_are_another_key() -> None:
    key = bytes.fromhex(GOOD["keys"]["shen"]["public_key"])
    assert key_id("sm2", key).hex() == GOOD["another_algorithm"]
    assert key_id("ed25519", key) != key_id("sm2", key)


def test_signatures_are_those_of_the_vector_and_of_the_standard() -> None:
    shen = Ed25519Signer(bytes.fromhex(GOOD["keys"]["shen"]["seed"]))
    assert shen.sign(GOOD["message"].encode()).hex() == GOOD["signature"]
    standard = GOOD["rfc8032"]
    signer = Ed25519Signer(bytes.fromhex(standard["seed"]))
    assert signer.verifier.public_key.hex() == standard["public_key"]
    assert signer.sign(bytes.fromhex(standard["message"])).hex() == standard["signature"]


@pytest.mark.parametrize("name", BAD["keys"])
def test_what_is_no_key_is_refused_before_anybody_trusts_it(name: str) -> None:
    bad = BAD["keys"][name]
    with pytest.raises(Malformed):
        Verifier(bad["algorithm"], bytes.fromhex(bad["public_key"]))


@pytest.mark.parametrize("name", BAD["signatures"])
def test_a_bad_signature_does_not_hold(name: str) -> None:
    bad = {field: bytes.fromhex(value) for field, value in BAD["signatures"][name].items()}
    verifier = Verifier("ed25519", bad["public_key"])
    assert verifier.verify(bad["message"], bad["signature"]) is False


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_seed_has_32_bytes(size: int) -> None:
    with pytest.raises(Malformed):
        Ed25519Signer(bytes(size))


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_a_key_or_malformed(data: bytes) -> None:
    try:
        assert len(Verifier("ed25519", data).key_id) == 32
    except Malformed:
        return


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_arbitrary_bytes_are_no_signature(message: bytes, signature: bytes) -> None:
    verifier = Ed25519Signer(bytes(32)).verifier
    assert verifier.verify(message, signature) is False


@given(st.binary(max_size=60), st.integers(0, 63), st.integers(0, 255), st.booleans())
def test_a_signature_holds_where_the_library_s_own_door_says_so(
    message: bytes, place: int, put: int, other: bool
) -> None:
    signer = Ed25519Signer(bytes(32))
    made = bytearray(signer.sign(message))
    made[place] = put
    said = message + b"." if other else message
    try:
        VerifyKey(signer.verifier.public_key).verify(said, bytes(made))
        holds = True
    except BadSignatureError:
        holds = False
    assert signer.verifier.verify(said, bytes(made)) is holds
