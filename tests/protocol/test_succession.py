"""A log's successors are followed on the root's word and proofs; what proves a lie is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol import __main__ as verify
from protocol import errors
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError, Malformed, TooLarge, UnknownSigner
from protocol.keys import Ed25519Signer, Verifier
from protocol.misbehaviour import MAX_EVIDENCE, misbehaviour, read_evidence
from protocol.succession import (
    MAX_CHAIN,
    Succession,
    follow,
    follow_all,
    read_chain,
    sign_succession,
    write_chain,
)
from protocol.trust import TrustedLog

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "succession.json").read_text(encoding="utf-8")
)
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
KEY = VerifierKey.parse(GOOD["key"])
ROOT = Verifier("ed25519", bytes.fromhex(GOOD["root_key"]))
SUCCESSION = bytes.fromhex(GOOD["succession"])


def view() -> TrustedLog:
    return TrustedLog(GOOD["origin"], [KEY], GOOD["seen"].encode())


def unhex(parts: list[str]) -> list[bytes]:
    return [bytes.fromhex(part) for part in parts]


def test_a_successor_goes_on_with_the_tree_that_it_took_over() -> None:
    step = follow(view(), SUCCESSION, [ROOT])
    assert step.taken_over == GOOD["taken_over"] == 5
    assert step.base is not None
    head = step.begin(GOOD["head"].encode(), unhex(GOOD["proof"]))
    assert (head.size, step.log.size) == (7, 7)


def test_a_chain_of_successions_leads_to_the_last_log() -> None:
    chain = read_chain(GOOD["chain"].encode())
    assert write_chain(chain).decode() == GOOD["chain"]
    steps = follow_all(view(), chain, [ROOT])
    assert [step.taken_over for step in steps] == [5, 7]
    assert steps[-1].begin(GOOD["chain_head"].encode(), unhex(GOOD["chain_proof"])).size == 8


def test_a_reader_of_a_later_log_follows_the_rest_of_the_chain() -> None:
    first = follow(view(), SUCCESSION, [ROOT])
    first.begin(GOOD["head"].encode(), unhex(GOOD["proof"]))
    steps = follow_all(first.log, read_chain(GOOD["chain"].encode()), [ROOT])
    assert [step.taken_over for step in steps] == [7]


def test_a_reader_of_the_last_log_has_nowhere_to_go() -> None:
    last = follow_all(view(), read_chain(GOOD["chain"].encode()), [ROOT])[-1].log
    assert follow_all(last, read_chain(GOOD["chain"].encode()), [ROOT]) == []


def test_another_agency_s_word_is_passed_over_beside_one_s_own() -> None:
    other = bytes.fromhex(BAD["follow"]["signed by the office"]["succession"])
    for told in ([other, SUCCESSION], [SUCCESSION, other]):
        assert [step.taken_over for step in follow_all(view(), told, [ROOT])] == [5]
    with pytest.raises(UnknownSigner):
        follow_all(view(), [other], [ROOT])


def test_a_chain_that_comes_back_to_a_name_is_refused() -> None:
    chain = read_chain(GOOD["chain"].encode())
    last = follow_all(view(), chain, [ROOT])[-1].log
    ring = TrustedLog(last.origin, last.verifiers)
    with pytest.raises(Malformed):
        read_chain(GOOD["chain"].encode() * MAX_CHAIN)
    assert follow_all(ring, chain, [ROOT]) == []


def test_no_log_comes_after_itself_though_the_reader_came_later() -> None:
    """A name is not used twice: the way back is refused to who begins in the middle, too."""
    root, log = Ed25519Signer(bytes(32)), Ed25519Signer(bytes([1]) * 32)
    keys = {name: VerifierKey(name, log.verifier.public_key) for name in ("a", "b")}
    there, back = (
        sign_succession(
            Succession(
                predecessor=old,
                successor=new,
                checkpoints=[],
                keys=[keys[new].text()],
                at=0,
                why="",
                taken_over=0,
            ),
            root,
        )
        for old, new in (("a", "b"), ("b", "a"))
    )
    for begin in keys:
        with pytest.raises(Malformed):
            follow_all(TrustedLog(begin, [keys[begin]]), [there, back], [root.verifier])
    with pytest.raises(Malformed):  # who has left the first log needs nobody to name it
        follow_all(TrustedLog("b", [keys["b"]]), [back], [root.verifier], ["a"])


def test_a_reader_follows_where_the_agency_knows_of_both_histories() -> None:
    assert follow(view(), bytes.fromhex(GOOD["both_histories"]), [ROOT]).taken_over == 5


def raised(name: str) -> type[FujieError]:
    error: type[FujieError] = getattr(errors, name)
    return error


@pytest.mark.parametrize("name", BAD["follow"])
def test_a_bad_succession_is_refused(name: str) -> None:
    with pytest.raises(raised(BAD["follow"][name]["error"])):
        follow(view(), bytes.fromhex(BAD["follow"][name]["succession"]), [ROOT])


@pytest.mark.parametrize("name", BAD["begin"])
def test_a_head_that_is_not_the_successor_s_is_refused(name: str) -> None:
    step, bad = follow(view(), SUCCESSION, [ROOT]), BAD["begin"][name]
    with pytest.raises(raised(bad["error"])):
        step.begin(bad["head"].encode(), unhex(bad["proof"]))
    assert step.log.size == 0


@pytest.mark.parametrize("line", [b"{}\n", b"nonsense\n", b"\xff\n"])
def test_what_is_no_chain_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        read_chain(line)


# ── evidence ─────────────────────────────────────────────────────────────────────────────


def test_two_roots_for_one_size_prove_that_the_log_lied() -> None:
    found = misbehaviour(read_evidence(GOOD["evidence"].encode()), [KEY])
    assert (found.conclusive, found.sizes, found.origin) == (True, (8, 8), GOOD["origin"])


@pytest.mark.parametrize("name", BAD["evidence"])
def test_what_proves_nothing_is_not_taken_for_proof(name: str) -> None:
    bad = BAD["evidence"][name]
    data = json.dumps({"evidence": bad["evidence"]}).encode()
    if "error" in bad:
        with pytest.raises(raised(bad["error"])):
            misbehaviour(read_evidence(data), [KEY])
    else:
        assert misbehaviour(read_evidence(data), [KEY]).conclusive is False


def test_evidence_has_a_bound() -> None:
    with pytest.raises(TooLarge):
        read_evidence(b" " * (MAX_EVIDENCE + 1))
    for data in (b"", b"[]", b'{"evidence":[]}', b"\xff"):
        with pytest.raises(Malformed):
            read_evidence(data)


def test_evidence_is_judged_by_the_keys_of_one_log() -> None:
    step = follow(view(), SUCCESSION, [ROOT])
    for keys in ([], [KEY, *step.log.verifiers]):
        with pytest.raises(Malformed):
            misbehaviour([GOOD["seen"].encode()] * 2, keys)


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"log": GOOD["key"], "roots": {}}))
    return path


def test_fujie_verify_judges_a_tablet_s_evidence(
    trust: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = tmp_path / "alarm.json"
    asked = ["--evidence", str(evidence), "--trust", str(trust)]
    evidence.write_text(GOOD["evidence"])
    assert verify.main(asked) == 0
    assert "证据确凿" in capsys.readouterr().out
    assert verify.main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conclusive"] is True
    doubtful = BAD["evidence"]["heads of two sizes"]["evidence"]
    evidence.write_text(json.dumps({"evidence": doubtful}))
    assert verify.main([*asked, "--lang", "en"]) == 1
    assert "do not prove" in capsys.readouterr().out
    evidence.write_text("nonsense")
    assert verify.main(asked) == 2
