"""DSSE envelopes: two forms, one record hash, and no byte that can change unnoticed."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as PeerEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Key, SSlibKey

from protocol import envelope
from protocol.envelope import Envelope, Signature
from protocol.errors import BadSignature, FujieError, Malformed, TooLarge, UnknownSigner
from protocol.keys import Ed25519Signer, Verifier
from tests.protocol.vectors import load, raised

VECTORS, KEYS = load("envelope"), load("keys")["good"]["keys"]
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
FORMS = [name for name, value in GOOD.items() if isinstance(value, dict) and "msgpack" in value]
SHEN, LU, DEVICE = (Ed25519Signer(bytes.fromhex(KEYS[n]["seed"])) for n in ("shen", "lu", "device"))
STRANGER = Ed25519Signer(bytes(32))
KNOWN = {signer.verifier.key_id: signer.verifier for signer in (SHEN, LU, DEVICE)}


def wire(name: str) -> bytes:
    return bytes.fromhex(GOOD[name]["msgpack"])


# ── good ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GOOD["pae"])
def test_what_is_signed_counts_bytes(name: str) -> None:
    """Also those of the type, which some programs count as characters."""
    good = GOOD["pae"][name]
    assert envelope.pae(good["type"], good["body"].encode()).decode() == good["pae"]


def test_signing_gives_the_envelope_of_the_vector_in_any_order_of_signers() -> None:
    body = GOOD["body"].encode()
    signers = {"one": [SHEN], "two": [LU, SHEN], "three": [DEVICE, LU, SHEN]}
    for name, these in signers.items():
        made = envelope.sign(GOOD["type"], body, these)
        assert envelope.encode(made) == wire(name)
        assert envelope.encode_json(made).decode() == GOOD[name]["json"]


@pytest.mark.parametrize("name", FORMS)
def test_both_forms_are_one_record(name: str) -> None:
    """They read as the same envelope, have one record hash and are written as they were."""
    good = GOOD[name]
    read = envelope.decode(wire(name))
    assert envelope.decode_json(good["json"].encode()) == read
    assert envelope.record_hash(read).hex() == good["record_hash"]
    assert envelope.encode(read) == wire(name)
    assert envelope.encode_json(read).decode() == good["json"]
    assert envelope.verify(read, KNOWN.get)


def test_the_order_of_the_list_does_not_make_another_record() -> None:
    assert GOOD["three_in_another_order"]["msgpack"] != GOOD["three"]["msgpack"]
    assert GOOD["three_in_another_order"]["record_hash"] == GOOD["three"]["record_hash"]


def test_a_signature_more_or_less_is_another_record() -> None:
    assert len({GOOD[name]["record_hash"] for name in ("one", "two", "three")}) == 3


def test_signers_are_counted_by_key_and_ascend() -> None:
    signed = envelope.verify(envelope.decode(wire("three_in_another_order")), KNOWN.get)
    assert [v.key_id for v in signed] == sorted(KNOWN)


def test_json_of_others_is_read_as_the_same_record() -> None:
    read = envelope.decode_json(GOOD["two_json_as_others_write_it"].encode())
    assert envelope.record_hash(read).hex() == GOOD["two"]["record_hash"]


# ── bad ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", BAD["msgpack"])
def test_a_bad_msgpack_form_is_refused(name: str) -> None:
    bad = BAD["msgpack"][name]
    with pytest.raises(raised(bad["error"])):
        envelope.decode(bytes.fromhex(bad["msgpack"]))


@pytest.mark.parametrize("name", BAD["json"])
def test_a_bad_json_form_is_refused(name: str) -> None:
    bad = BAD["json"][name]
    with pytest.raises(raised(bad["error"])):
        envelope.decode_json(bad["json"].encode())


@pytest.mark.parametrize("name", BAD["verify"])
def test_an_envelope_that_proves_nothing_is_refused(name: str) -> None:
    bad = BAD["verify"][name]
    known = {
        bytes.fromhex(key): Verifier("ed25519", bytes.fromhex(public))
        for key, public in bad["keys"].items()
    }
    read = envelope.decode(bytes.fromhex(bad["msgpack"]))
    with pytest.raises(raised(bad["error"])):
        envelope.verify(read, known.get)


def test_one_person_cannot_sign_twice() -> None:
    with pytest.raises(Malformed):
        envelope.sign(GOOD["type"], b"{}", [SHEN, SHEN])
    with pytest.raises(Malformed):
        envelope.sign(GOOD["type"], b"{}", [])


# ── every byte ───────────────────────────────────────────────────────────────────────────


def flips(data: bytes) -> list[bytes]:
    """``data`` with each bit of each byte turned, one at a time."""
    return [
        data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
        for place in range(len(data))
        for bit in range(8)
    ]


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (wire("two"), envelope.decode),
        (GOOD["two"]["json"].encode(), envelope.decode_json),
    ],
    ids=["msgpack", "json"],
)
def test_every_flipped_bit_is_refused_or_makes_another_record_that_does_not_verify(
    data: bytes, read: Callable[[bytes], Envelope]
) -> None:
    for broken in flips(data):
        try:
            changed = read(broken)
        except Malformed:
            continue
        assert envelope.record_hash(changed).hex() != GOOD["two"]["record_hash"]
        with pytest.raises((BadSignature, UnknownSigner)):
            envelope.verify(changed, KNOWN.get)


@pytest.mark.parametrize("length", range(0, len(wire("one")), 7))
def test_every_beginning_is_refused(length: int) -> None:
    with pytest.raises(Malformed):
        envelope.decode(wire("one")[:length])
    with pytest.raises(Malformed):
        envelope.decode_json(GOOD["one"]["json"].encode()[:length])


# ── bounds ───────────────────────────────────────────────────────────────────────────────


def test_a_body_may_reach_its_bound_in_both_forms_and_not_pass_it() -> None:
    signers = [Ed25519Signer(bytes([n]) * 32) for n in range(envelope.MAX_SIGNATURES)]
    largest = envelope.sign("t" * envelope.MAX_TYPE, bytes(envelope.MAX_BODY), signers)
    assert envelope.decode(envelope.encode(largest)) == largest
    assert envelope.decode_json(envelope.encode_json(largest)) == largest
    larger = envelope.sign("t", bytes(envelope.MAX_BODY + 1), [SHEN])
    with pytest.raises(TooLarge):
        envelope.decode(envelope.encode(larger))
    with pytest.raises(TooLarge):
        envelope.decode_json(envelope.encode_json(larger))
    assert envelope.decode(envelope.encode(larger), envelope.MAX_BODY + 1) == larger


def test_what_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        envelope.decode(b"\xc1" * (envelope.MAX_ENVELOPE + 1))
    with pytest.raises(TooLarge):
        envelope.decode_json(b"x" * (envelope.MAX_JSON + 1))


# ── anything ─────────────────────────────────────────────────────────────────────────────

signatures = st.lists(
    st.builds(Signature, st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=80)),
    max_size=5,
    unique_by=lambda made: made.key_id,
)
envelopes = st.builds(
    Envelope,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.binary(max_size=400),
    signatures.map(tuple),
)


@given(envelopes)
def test_any_envelope_comes_back_from_both_forms(made: Envelope) -> None:
    assert envelope.decode(envelope.encode(made)) == made
    assert envelope.decode_json(envelope.encode_json(made)) == made


@given(envelopes, st.randoms())
def test_the_record_hash_knows_a_set_of_signatures(made: Envelope, chance: Any) -> None:
    shuffled = list(made.signatures)
    chance.shuffle(shuffled)
    again = msgspec.structs.replace(made, signatures=tuple(shuffled))
    assert envelope.record_hash(again) == envelope.record_hash(made)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_by_name(data: bytes) -> None:
    for read in (envelope.decode, envelope.decode_json):
        with pytest.raises(Malformed):
            read(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["payload", "payloadType", "signatures"]), inner)
    ),
    max_leaves=8,
)


@given(json_values)
def test_arbitrary_json_is_refused_by_name(value: object) -> None:
    with pytest.raises(Malformed):
        envelope.decode_json(json.dumps(value).encode())


@given(json_values)
def test_arbitrary_msgpack_is_refused_by_name(value: object) -> None:
    try:
        data = msgspec.msgpack.encode([value, value, value])
    except OverflowError:  # a number that msgpack does not have
        return
    with pytest.raises(FujieError):
        envelope.decode(data)


# ── a reader by others ───────────────────────────────────────────────────────────────────


def peer_key(signer: Ed25519Signer) -> Key:
    public = {"public": signer.verifier.public_key.hex()}
    return SSlibKey(signer.verifier.key_id.hex(), "ed25519", "ed25519", public)


@pytest.mark.parametrize(("name", "count"), [("one", 1), ("two", 2), ("three", 3)])
def test_securesystemslib_verifies_our_json(name: str, count: int) -> None:
    theirs = PeerEnvelope.from_dict(json.loads(GOOD[name]["json"]))
    keys = [peer_key(signer) for signer in (SHEN, LU, DEVICE, STRANGER)]
    assert len(theirs.verify(keys, count)) == count
    with pytest.raises(VerificationError):
        theirs.verify(keys, count + 1)


def test_securesystemslib_refuses_our_json_with_another_body() -> None:
    changed = json.loads(GOOD["two"]["json"])
    changed["payload"] = changed["payload"].replace("e", "f", 1)
    with pytest.raises(VerificationError):
        PeerEnvelope.from_dict(changed).verify([peer_key(SHEN), peer_key(LU)], 2)


def test_we_read_what_securesystemslib_writes() -> None:
    theirs = PeerEnvelope.from_dict(json.loads(GOOD["two"]["json"]))
    read = envelope.decode_json(json.dumps(theirs.to_dict()).encode())
    assert envelope.record_hash(read).hex() == GOOD["two"]["record_hash"]
