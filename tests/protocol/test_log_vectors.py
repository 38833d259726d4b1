"""The log's frozen vectors: the good are read and written to the byte, the bad refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol import errors, httpsig, merkle
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint, sign_checkpoint
from protocol.errors import BadConsistency, BadInclusion, FujieError, SplitView
from protocol.keys import Ed25519Signer, Verifier
from protocol.receipt import Entry, Reason, Receipt, Verdict, verify_receipt
from protocol.requests import sign_request, sign_response, verify_request, verify_response
from protocol.succession import follow
from protocol.trust import TrustedLog
from tests.vectors import generate_log

VECTORS = Path(__file__).parent.parent / "vectors"


def load(subject: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((VECTORS / f"{subject}.json").read_text(encoding="utf-8"))
    return read


TREE, HEADS, RECEIPTS, TRUST, REQUESTS = map(
    load, ("merkle", "checkpoint", "receipt", "trust", "requests")
)


def raised(name: str) -> type[FujieError]:
    error = getattr(errors, name)
    assert issubclass(error, FujieError)
    return error  # type: ignore[no-any-return]


def unhex(parts: list[str]) -> list[bytes]:
    return [bytes.fromhex(part) for part in parts]


@pytest.mark.parametrize("subject", generate_log.SUBJECTS)
def test_the_generator_leaves_no_diff(subject: str) -> None:
    assert (VECTORS / f"{subject}.json").read_text(encoding="utf-8") == generate_log.render(subject)


# ── tree ─────────────────────────────────────────────────────────────────────────────────


def stored() -> dict[tuple[int, int], bytes]:
    rows: dict[tuple[int, int], bytes] = {}
    for number, data in enumerate(unhex(TREE["good"]["data"])):
        leaf = merkle.leaf_hash(data)
        for level, index, each in merkle.stored_hashes(number, leaf, lambda *at: rows[at]):
            rows[level, index] = each
    return rows


def test_good_proofs_are_made_and_pass() -> None:
    rows, good = stored(), TREE["good"]
    roots, leaves = unhex(good["roots"]), unhex(good["leaves"])
    for one in good["inclusion"]:
        index, size = one["index"], one["size"]
        proof = merkle.inclusion_proof(index, size, lambda *at: rows[at])
        assert proof == unhex(one["proof"])
        merkle.check_inclusion(leaves[index], index, size, proof, roots[size])
    for one in good["consistency"]:
        old, new = one["old"], one["new"]
        proof = merkle.consistency_proof(old, new, lambda *at: rows[at])
        assert proof == unhex(one["proof"])
        merkle.check_consistency(old, new, proof, roots[old], roots[new])


@pytest.mark.parametrize("name", TREE["bad"]["inclusion"])
def test_a_bad_inclusion_proof_is_refused(name: str) -> None:
    bad, root = TREE["bad"]["inclusion"][name], bytes.fromhex(TREE["good"]["roots"][8])
    leaf, proof = bytes.fromhex(bad["leaf"]), unhex(bad["proof"])
    with pytest.raises(BadInclusion):
        merkle.check_inclusion(leaf, bad["index"], bad["size"], proof, root)


@pytest.mark.parametrize("name", TREE["bad"]["consistency"])
def test_a_bad_consistency_proof_is_refused(name: str) -> None:
    bad, root = TREE["bad"]["consistency"][name], bytes.fromhex(TREE["good"]["roots"][8])
    old_root, proof = bytes.fromhex(bad["old_root"]), unhex(bad["proof"])
    with pytest.raises(BadConsistency):
        merkle.check_consistency(bad["old"], bad["new"], proof, old_root, root)


# ── checkpoints ──────────────────────────────────────────────────────────────────────────


def test_good_checkpoints_are_signed_and_open() -> None:
    good = HEADS["good"]
    log, following = (Ed25519Signer(bytes.fromhex(good[name])) for name in ("seed", "next_seed"))
    key = VerifierKey.parse(good["key"])
    assert key == VerifierKey(good["origin"], log.verifier.public_key)
    assert (key.key_id.hex(), key.text()) == (good["key_id"], good["key"])
    head = Checkpoint.parse(good["text"])
    assert sign_checkpoint(head, log).decode() == good["note"]
    assert sign_checkpoint(head, log, following).decode() == good["both_keys"]
    for name in ("note", "both_keys", "with_witness"):
        assert open_checkpoint(good[name].encode(), [key], good["origin"]) == head
    next_key = VerifierKey.parse(good["next_key"])
    assert open_checkpoint(good["both_keys"].encode(), [next_key], good["origin"]) == head
    assert open_checkpoint(good["empty_log"].encode(), [key], good["origin"]).size == 0


@pytest.mark.parametrize("name", HEADS["bad"])
def test_a_bad_checkpoint_is_refused(name: str) -> None:
    bad, good = HEADS["bad"][name], HEADS["good"]
    with pytest.raises(raised(bad["error"])):
        open_checkpoint(bad["note"].encode(), [VerifierKey.parse(good["key"])], good["origin"])


# ── receipts ─────────────────────────────────────────────────────────────────────────────


def check_receipt(text: str) -> Checkpoint:
    good = RECEIPTS["good"]
    link, record = unhex([good["link_hash"], good["record_hash"]])
    key = VerifierKey.parse(good["key"])
    return verify_receipt(Receipt.decode(text.encode()), link, record, [key], good["origin"])


def test_good_receipts_are_written_and_hold() -> None:
    good = RECEIPTS["good"]
    link, record = unhex([good["link_hash"], good["record_hash"]])
    entry = Entry(link, record, good["received_at"], Verdict.ACCEPTED)
    assert entry.encode().hex() == good["entry"]
    assert merkle.leaf_hash(entry.encode()).hex() == good["leaf"]
    flagged = Entry.decode(bytes.fromhex(good["flagged_entry"]))
    assert flagged.verdict is Verdict.FLAGGED
    assert flagged.reasons == (Reason.BAD_SIGNATURE, Reason.UNKNOWN_SIGNER)
    assert check_receipt(good["receipt"]).size == 5
    for name in ("receipt", "only_leaf"):
        assert Receipt.decode(good[name].encode()).encode().decode() == good[name]


@pytest.mark.parametrize("name", RECEIPTS["bad"])
def test_a_bad_receipt_is_refused(name: str) -> None:
    bad = RECEIPTS["bad"][name]
    with pytest.raises(raised(bad["error"])):
        check_receipt(bad["receipt"])


# ── trust ────────────────────────────────────────────────────────────────────────────────


def view() -> TrustedLog:
    """A reader who has come as far as the second checkpoint."""
    good = TRUST["good"]
    seen = TrustedLog(good["origin"], [VerifierKey.parse(good["key"])], good["first"].encode())
    seen.advance(good["second"].encode(), unhex(good["second_proof"]))
    return seen


def test_a_view_follows_the_good_story_to_its_successor() -> None:
    good, seen = TRUST["good"], view()
    seen.advance(good["third"].encode(), unhex(good["third_proof"]))
    assert seen.size == 8
    root = Verifier("ed25519", bytes.fromhex(good["root_key"]))
    followed = follow(seen, bytes.fromhex(good["succession"]), [root])
    assert followed.taken_over == good["taken_over"]
    assert followed.log.origin == json.loads(good["succession_body"])["successor"]


@pytest.mark.parametrize("name", TRUST["bad"]["advance"])
def test_a_bad_step_is_refused(name: str) -> None:
    bad = TRUST["bad"]["advance"][name]
    with pytest.raises(raised(bad["error"])) as caught:
        view().advance(bad["note"].encode(), unhex(bad["proof"]))
    if isinstance(caught.value, SplitView):
        assert caught.value.conclusive is bad["conclusive"]


@pytest.mark.parametrize("name", TRUST["bad"]["follow"])
def test_a_bad_succession_is_refused(name: str) -> None:
    bad = TRUST["bad"]["follow"][name]
    root = Verifier("ed25519", bytes.fromhex(TRUST["good"]["root_key"]))
    with pytest.raises(raised(bad["error"])):
        follow(view(), bytes.fromhex(bad["succession"]), [root])


# ── requests ─────────────────────────────────────────────────────────────────────────────

TARGET = ("POST", "log.yunxi.example", "/fujie/v1/push", "dry=1")
DEVICE = Ed25519Signer(bytes.fromhex(REQUESTS["good"]["seed"]))


def known_device(key_id: bytes) -> Verifier | None:
    return DEVICE.verifier if key_id == DEVICE.verifier.key_id else None


def test_a_good_request_is_signed_and_verified() -> None:
    good = REQUESTS["good"]
    body, typed = good["body"].encode(), {"Content-Type": "application/msgpack"}
    headers = typed | sign_request(*TARGET, typed, body, DEVICE, good["created"], good["nonce"])
    assert headers == good["headers"]
    verified = verify_request(*TARGET, headers, body, known_device, good["now"])
    assert (verified.nonce, verified.created) == (good["nonce"], good["created"])
    signature = httpsig.signatures(httpsig.lower_names(headers))["fujie"]
    assert DEVICE.verifier.verify(good["base"].removesuffix("\n").encode(), signature)


ANSWERS = REQUESTS["answers"]
OFFICE = Ed25519Signer(bytes.fromhex(ANSWERS["seed"]))
ASKED = {"Signature": ANSWERS["asked"]}


def test_a_good_answer_is_signed_and_verified() -> None:
    body, typed = ANSWERS["body"].encode(), {"Content-Type": "application/problem+json"}
    headers = typed | sign_response(401, typed, body, OFFICE, ANSWERS["at"], ASKED)
    assert headers == ANSWERS["headers"]
    keys = {OFFICE.verifier.key_id: OFFICE.verifier}
    assert verify_response(401, headers, body, keys.get, ASKED).at == ANSWERS["at"]
    signature = httpsig.signatures(httpsig.lower_names(headers))["fujie"]
    assert OFFICE.verifier.verify(ANSWERS["base"].removesuffix("\n").encode(), signature)


@pytest.mark.parametrize("name", ANSWERS["bad"])
def test_a_bad_answer_is_refused(name: str) -> None:
    bad, keys = ANSWERS["bad"][name], {OFFICE.verifier.key_id: OFFICE.verifier}
    with pytest.raises(raised(bad["error"])):
        verify_response(401, bad["headers"], ANSWERS["body"].encode(), keys.get, ASKED)


@pytest.mark.parametrize("name", REQUESTS["bad"])
def test_a_bad_request_is_refused(name: str) -> None:
    bad, good = REQUESTS["bad"][name], REQUESTS["good"]
    with pytest.raises(raised(bad["error"])):
        verify_request(*TARGET, bad["headers"], good["body"].encode(), known_device, good["now"])
