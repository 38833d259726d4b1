"""A device's change of keys to the byte: what both keys sign, and what is said of it."""

from __future__ import annotations

import pytest

from protocol import messages
from protocol.errors import BadSignature, FujieError
from protocol.keys import ED25519, Ed25519Signer, Verifier
from protocol.messages import Rekeyed, RekeyWanted, possession
from tests.protocol.vectors import load, raised

REKEY = load("rekey")
OLD, NEW, OFFICER = (
    Ed25519Signer(bytes.fromhex(REKEY[name])) for name in ("seed", "next_seed", "officer_seed")
)
SAID = {
    "device": (OLD, bytes.fromhex(REKEY["nonce"]), bytes.fromhex(REKEY["journal"])),
    "officer": (OFFICER, OLD.verifier.key_id, REKEY["cert_no"].encode()),
    "rekey": (NEW, OLD.verifier.key_id, NEW.verifier.key_id),
}


def judge(data: bytes) -> Verifier:
    """The new key, if it is one and is proved to be there. Raises FujieError."""
    wanted = messages.decode(data, RekeyWanted)
    key = Verifier(ED25519, wanted.public_key)
    if not key.verify(possession("rekey", OLD.verifier.key_id, key.key_id), wanted.proof):
        raise BadSignature("expected a proof that the new key is there")
    return key


@pytest.mark.parametrize("purpose", SAID)
def test_what_a_key_signs_to_show_that_it_is_there(purpose: str) -> None:
    signer, *parts = SAID[purpose]
    said = possession(purpose, *parts)
    assert said.decode() == REKEY["possession"][purpose]
    assert signer.sign(said).hex() == REKEY["proofs"][purpose]


def test_a_good_change_of_keys_is_read() -> None:
    data = bytes.fromhex(REKEY["wanted"])
    assert judge(data) == NEW.verifier
    proof = bytes.fromhex(REKEY["proofs"]["rekey"])
    wanted = RekeyWanted(public_key=NEW.verifier.public_key, proof=proof)
    assert messages.encode(wanted) == data
    answer = Rekeyed(at=REKEY["at"], certificate=bytes.fromhex(REKEY["certificate"]))
    assert messages.encode(answer).hex() == REKEY["rekeyed"]
    assert messages.decode(bytes.fromhex(REKEY["rekeyed"]), Rekeyed) == answer


@pytest.mark.parametrize("name", REKEY["bad"])
def test_a_bad_change_of_keys_is_refused(name: str) -> None:
    bad = REKEY["bad"][name]
    with pytest.raises(raised(bad["error"])):
        judge(bytes.fromhex(bad["wanted"]))


def test_every_byte_of_a_proof_and_key_counts() -> None:
    data = bytes.fromhex(REKEY["wanted"])
    for place in range(len(data)):
        with pytest.raises(FujieError):
            judge(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
