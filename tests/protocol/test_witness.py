"""A cosignature is one witness's word on one head, and a policy counts witnesses, not lines."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint, open_note, sign_checkpoint
from protocol.errors import BadSignature, FujieError, Malformed, TooLarge, Unwitnessed
from protocol.keys import Ed25519Signer
from protocol.merkle import Frontier, consistency_proof, leaf_hash, stored_hashes
from protocol.note import read_lines
from protocol.witness import Policy, WitnessKey, cosign, with_lines
from protocol.witnessing import (
    NotConsistent,
    NotTheLogs,
    OtherRoot,
    OtherSize,
    Seen,
    Submission,
    UnknownLog,
    contradicts,
    judge,
    signed_head,
)
from tests.protocol.vectors import load, raised

VECTORS = load("witness")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
ORIGIN = "log.yunxi.example/fujie"
LOG = VerifierKey.parse(load("checkpoint")["good"]["key"])
BOTH = Policy.parse(GOOD["keys"], 2)
ONE = Policy.parse(GOOD["keys"], 1)
SIGNERS = [Ed25519Signer(bytes.fromhex(seed)) for seed in GOOD["seeds"]]
STATUS: dict[type[FujieError], int] = {
    Malformed: 400,
    TooLarge: 400,
    NotTheLogs: 403,
    UnknownLog: 404,
    OtherSize: 409,
    OtherRoot: 409,
    NotConsistent: 422,
}

# The documentation of tlog-cosignature prints this line; the key behind it is not published.
DOCUMENTED = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_standards_example_has_the_time_that_it_says() -> None:
    (line,) = read_lines(DOCUMENTED)
    assert (line.name, line.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert int.from_bytes(line.signature[:8], "big") == 1679315147
    assert len(line.signature) == 72


def test_good_cosignatures_are_made_and_believed() -> None:
    key = WitnessKey.parse(GOOD["keys"][0])
    text = open_note(GOOD["note"].encode(), [LOG]).text
    assert cosign(text, key.name, SIGNERS[0], GOOD["at"]) == GOOD["line"]
    assert key.text() == GOOD["keys"][0]
    (made,) = ONE.check(open_note(GOOD["note"].encode(), [LOG]))
    assert (made.witness, made.at) == (key, GOOD["at"])


def test_two_witnesses_give_the_time_at_which_the_quorum_had_seen_it() -> None:
    note = open_note(GOOD["by_two"].encode(), [LOG])
    found = BOTH.check(note)
    assert [one.at for one in found] == [GOOD["at"], GOOD["at"] + 4000]
    assert BOTH.time(found) == GOOD["at"] + 4000
    assert ONE.time(found) == GOOD["at"]
    assert Policy().time(()) is None
    assert open_checkpoint(GOOD["by_two"].encode(), [LOG], ORIGIN, BOTH).size == 5


@pytest.mark.parametrize("name", BAD["cosignatures"])
def test_a_bad_cosignature_is_refused_by_name(name: str) -> None:
    bad = BAD["cosignatures"][name]
    with pytest.raises(raised(bad["error"])):
        open_checkpoint(bad["note"].encode(), [LOG], ORIGIN, ONE)


def test_one_of_two_witnesses_is_not_enough_and_no_reproach() -> None:
    with pytest.raises(Unwitnessed) as caught:
        open_checkpoint(GOOD["note"].encode(), [LOG], ORIGIN, BOTH)
    assert caught.value.facts == {"quorum": 2, "count": 1}
    assert open_checkpoint(GOOD["note"].encode(), [LOG], ORIGIN).size == 5


def test_a_witness_who_signs_twice_counts_once() -> None:
    text = open_note(GOOD["note"].encode(), [LOG]).text
    again = cosign(text, "witness.example/w1", SIGNERS[0], GOOD["at"] - 9000)
    note = with_lines(GOOD["note"].encode(), [again])
    with pytest.raises(Unwitnessed):
        open_checkpoint(note, [LOG], ORIGIN, BOTH)
    assert ONE.cosignatures(open_note(note, [LOG]))[0].at == GOOD["at"] - 9000


def test_a_witness_with_an_old_and_a_new_key_counts_once() -> None:
    """While it changes its key a policy names both, and it signs with both: it is one witness."""
    newer = Ed25519Signer(b"\x77" * 32)
    key = WitnessKey("witness.example/w1", newer.verifier.public_key)
    text = open_note(GOOD["note"].encode(), [LOG]).text
    note = with_lines(GOOD["note"].encode(), [cosign(text, key.name, newer, GOOD["at"] - 2000)])
    three = Policy.parse([*GOOD["keys"], key.text()], 2)
    (one,) = three.cosignatures(open_note(note, [LOG]))
    assert one.at == GOOD["at"] - 2000
    with pytest.raises(Unwitnessed):
        open_checkpoint(note, [LOG], ORIGIN, three)
    with pytest.raises(Malformed):
        Policy.parse([*GOOD["keys"], key.text()], 3)


def test_a_line_is_not_written_twice() -> None:
    note = GOOD["note"].encode()
    assert with_lines(note, [GOOD["line"]]) == note


def test_every_byte_of_a_cosignature_counts() -> None:
    note = GOOD["note"].encode()
    start = note.rindex(b"\xe2\x80\x94")
    for place in range(start, len(note)):
        for mask in (0x01, 0x20, 0x80):
            damaged = note[:place] + bytes([note[place] ^ mask]) + note[place + 1 :]
            with pytest.raises(FujieError):
                open_checkpoint(damaged, [LOG], ORIGIN, ONE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "witness.example/w1",
        GOOD["keys"][0].replace("w1", "w2"),
        GOOD["keys"][0][:-4],
        LOG.text(),
        "witness.example/w1+00000000+BA==",
        GOOD["keys"][0].replace("witness", "wit ness"),
    ],
)
def test_what_is_no_witness_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        WitnessKey.parse(text)


def test_a_policy_names_each_witness_once_and_asks_for_no_more_than_there_are() -> None:
    for keys, quorum in [(GOOD["keys"] * 2, 1), (GOOD["keys"], 3), (GOOD["keys"], -1)]:
        with pytest.raises(Malformed):
            Policy.parse(keys, quorum)
    renamed = WitnessKey("other.example", WitnessKey.parse(GOOD["keys"][0]).public_key)
    with pytest.raises(Malformed):
        Policy.parse([GOOD["keys"][0], renamed.text()], 1)


# ── what a witness is asked ──────────────────────────────────────────────────────────────


def seen_three() -> Seen:
    head = open_checkpoint(GOOD["seen"].encode(), [LOG], ORIGIN)
    return Seen(head.size, head.root)


def answer(body: bytes, seen: Seen) -> int:
    """The status that a witness answers with."""
    try:
        asked = Submission.decode(body)
        judge(asked, signed_head(asked, {ORIGIN: [LOG]}), seen)
    except FujieError as fault:
        return STATUS[type(fault)]
    return 200


def test_good_submissions_are_cosigned() -> None:
    assert answer(GOOD["submission"].encode(), seen_three()) == 200
    assert answer(GOOD["first_submission"].encode(), Seen()) == 200
    again = Submission(3, (), GOOD["seen"].encode())
    assert answer(again.encode(), seen_three()) == 200


def test_a_submission_survives() -> None:
    for name in ("submission", "first_submission"):
        body = GOOD[name].encode()
        assert Submission.decode(body).encode() == body


@pytest.mark.parametrize("name", BAD["submissions"])
def test_a_bad_submission_has_its_status(name: str) -> None:
    bad = BAD["submissions"][name]
    seen = Seen() if bad.get("first") else seen_three()
    assert answer(bad["body"].encode(), seen) == bad["status"]


def test_the_size_that_was_cosigned_last_is_named() -> None:
    asked = Submission.decode(BAD["submissions"]["an old size of zero"]["body"].encode())
    with pytest.raises(OtherSize) as caught:
        judge(asked, signed_head(asked, {ORIGIN: [LOG]}), seen_three())
    assert caught.value.size == 3


def test_two_heads_of_one_size_contradict_one_another() -> None:
    asked = Submission.decode(BAD["submissions"]["another head of the same size"]["body"].encode())
    head = signed_head(asked, {ORIGIN: [LOG]})
    assert contradicts(head, seen_three())
    assert not contradicts(head, Seen())


def test_a_size_past_the_bound_and_a_body_past_the_bound_are_refused() -> None:
    for body in (
        b"old 9223372036854775808\n\nx",
        b"old 0\n\n" + bytes(1 << 18),
        b"old 1\n\xff\n\nx",
    ):
        assert answer(body, Seen()) == 400


@given(st.binary(max_size=400))
def test_any_bytes_are_answered_by_name(data: bytes) -> None:
    assert answer(data, Seen()) in STATUS.values()


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_witness_cosigns_exactly_what_continues(old: int, new: int) -> None:
    rows: dict[tuple[int, int], bytes] = {}
    heads = [Checkpoint(ORIGIN, 0, Seen().root)]
    tree = Frontier()
    for number in range(40):
        leaf = leaf_hash(bytes([number]))
        for level, index, each in stored_hashes(number, leaf, lambda *at: rows[at]):
            rows[level, index] = each
        tree.append(leaf)
        heads.append(Checkpoint(ORIGIN, tree.size, tree.root()))
    proof = consistency_proof(old, new, lambda *at: rows[at]) if 0 < old <= new else []
    signer = Ed25519Signer(bytes(32))
    key = VerifierKey(ORIGIN, signer.verifier.public_key)
    asked = Submission(old, tuple(proof), sign_checkpoint(heads[new], signer))
    head = signed_head(asked, {ORIGIN: [key]})
    if old > new:
        with pytest.raises(Malformed):
            judge(asked, head, Seen(old, heads[old].root))
        return
    judge(asked, head, Seen(old, heads[old].root))
    if old:
        forked = Seen(old, bytes(32))
        with pytest.raises(NotConsistent):
            judge(asked, head, forked)


def test_a_cosignature_in_the_future_of_all_numbers_is_refused() -> None:
    blob = base64.b64decode(GOOD["line"].split()[-1])
    late = base64.b64encode(blob[:4] + b"\xff" * 8 + blob[12:]).decode()
    note = GOOD["note"].replace(GOOD["line"].split()[-1], late)
    with pytest.raises(BadSignature):
        open_checkpoint(note.encode(), [LOG], ORIGIN, ONE)
