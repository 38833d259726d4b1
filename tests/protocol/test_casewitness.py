"""A case file says by when others had seen the log's head, if the reader asks for witnesses."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from protocol.casecheck import Check, Level, verify_zip
from protocol.casefile import CaseFileParts
from protocol.casetrust import read_trust
from protocol.checkpoint import Checkpoint, open_note, sign_checkpoint
from protocol.errors import Malformed
from protocol.keys import Ed25519Signer
from protocol.note import VerifierKey
from protocol.witness import WitnessKey, cosign, with_lines
from tests.casefiles import case_parts, packed
from tests.cast import ORIGIN
from tests.worlds import World

W1, W2 = Ed25519Signer(b"\x21" * 32), Ed25519Signer(b"\x22" * 32)
K1 = WitnessKey("w1.example", W1.verifier.public_key)
K2 = WitnessKey("w2.example", W2.verifier.public_key)
SEEN = 1_794_963_700_000


@pytest.fixture(scope="module")
def case() -> tuple[World, CaseFileParts]:
    """A world with one whole inspection, and the parts of its file."""
    world = World()
    return world, case_parts(world, world.inspection())


def under(parts: CaseFileParts, note: bytes, **more: Any) -> bytes:
    """The file with another note over the same head."""
    records = [
        replace(one, receipt=one.receipt.replace(parts.checkpoint, note)) for one in parts.records
    ]
    return packed(parts, checkpoint=note, records=records, **more)


def cosigned(note: bytes, world: World, *witnesses: tuple[Ed25519Signer, str, int]) -> bytes:
    text = open_note(note, [world.log.key]).text
    return with_lines(note, [cosign(text, name, signer, at) for signer, name, at in witnesses])


def judged(world: World, data: bytes, **more: object) -> dict[str, Check]:
    trust = json.loads(world.trust_json()) | more
    checks = verify_zip(io.BytesIO(data), read_trust(json.dumps(trust).encode()))
    return {check.name: check for check in checks}


def test_who_asks_for_no_witness_is_told_that_the_log_alone_says_when(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    check = judged(world, packed(parts))["witnesses"]
    assert (check.level, check.title_zh) == (Level.HOLDS, "见证")
    assert "没有要求" in check.zh


def test_a_quorum_of_witnesses_gives_an_independent_time(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    lines = (W1, K1.name, SEEN), (W2, K2.name, SEEN + 5000)
    data = under(parts, cosigned(parts.checkpoint, world, *lines))
    keys = [K1.text(), K2.text()]
    both = judged(world, data, witnesses=keys, quorum=2)
    assert all(check.ok for check in both.values())
    assert "2026-11-18 09:01:45" in both["witnesses"].zh
    one = judged(world, data, witnesses=keys, quorum=1)["witnesses"]
    assert "2026-11-18 09:01:40" in one.en
    none = judged(world, data, witnesses=[K2.text()])["witnesses"]
    assert "2026-11-18 09:01:45" in none.zh


def test_a_file_without_its_witnesses_lacks_them_and_is_not_false(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    data = under(parts, cosigned(parts.checkpoint, world, (W1, K1.name, SEEN)))
    keys = [K1.text(), K2.text()]
    found = judged(world, data, witnesses=keys, quorum=2)
    assert found["witnesses"].level is Level.LACKS
    assert [name for name, check in found.items() if not check.ok] == ["witnesses"]


def test_a_broken_cosignature_fails(case: tuple[World, CaseFileParts]) -> None:
    world, parts = case
    note = with_lines(parts.checkpoint, [cosign("another\n", K1.name, W1, SEEN)])
    found = judged(world, under(parts, note), witnesses=[K1.text()], quorum=0)
    assert found["witnesses"].level is Level.FAILS


def test_what_a_lost_key_signed_counts_if_witnesses_saw_it_before(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    new = VerifierKey(ORIGIN, Ed25519Signer(b"\x23" * 32).verifier.public_key).text()
    old = world.log.key.text()
    seen = under(parts, cosigned(parts.checkpoint, world, (W1, K1.name, SEEN)))
    asks = {"log": new, "witnesses": [K1.text()], "quorum": 1}
    before = judged(world, seen, **asks, lost={old: SEEN + 1})
    assert all(check.ok for check in before.values())
    after = judged(world, seen, **asks, lost={old: SEEN})
    assert after["checkpoint"].level is Level.FAILS
    alone = judged(world, packed(parts), **asks, lost={old: SEEN + 1})
    assert alone["checkpoint"].level is Level.FAILS
    unknown = judged(world, seen, **asks)
    assert unknown["signature"].level is Level.FAILS


def test_a_head_that_a_key_in_force_signed_too_is_believed(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    signer = Ed25519Signer(b"\x23" * 32)
    new = VerifierKey(ORIGIN, signer.verifier.public_key).text()
    text = open_note(parts.checkpoint, [world.log.key]).text
    both = sign_checkpoint(Checkpoint.parse(text), world.log_signer, signer)
    lost = {world.log.key.text(): 1}
    assert judged(world, under(parts, both, log=signer), log=new, lost=lost)["checkpoint"].ok


def test_who_has_a_lost_key_signs_no_new_case_file_over_a_good_head(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    signer = Ed25519Signer(b"\x23" * 32)
    new = VerifierKey(ORIGIN, signer.verifier.public_key).text()
    old = world.log.key.text()
    text = open_note(parts.checkpoint, [world.log.key]).text
    note = sign_checkpoint(Checkpoint.parse(text), signer)
    forged = judged(world, under(parts, note), log=new, lost={old: 1})
    assert forged["checkpoint"].level is Level.FAILS
    seen = with_lines(note, [cosign(text, K1.name, W1, SEEN)])
    asks = {"log": new, "witnesses": [K1.text()]}
    assert judged(world, under(parts, seen), **asks, lost={old: SEEN + 1})["checkpoint"].ok
    late = judged(world, under(parts, seen), **asks, lost={old: SEEN})
    assert late["checkpoint"].level is Level.FAILS


def test_a_lost_key_is_lost_though_it_is_named_as_the_logs_too(
    case: tuple[World, CaseFileParts],
) -> None:
    world, parts = case
    old = world.log.key.text()
    new = VerifierKey(ORIGIN, W2.verifier.public_key).text()
    seen = under(parts, cosigned(parts.checkpoint, world, (W1, K1.name, SEEN)))
    for keys in (old, [old, new]):
        asks = {"log": keys, "witnesses": [K1.text()]}
        assert judged(world, seen, **asks, lost={old: SEEN + 1})["checkpoint"].ok
        found = judged(world, seen, **asks, lost={old: SEEN})
        assert found["checkpoint"].level is Level.FAILS


@pytest.mark.parametrize(
    "more",
    [
        {"witnesses": ["w1"]},
        {"witnesses": [K1.text()], "quorum": 2},
        {"quorum": 1},
        {"witnesses": [K1.text(), K1.text()]},
        {"lost": {"k": 1}},
        {"lost": {VerifierKey("other", W1.verifier.public_key).text(): 1}},
        {"log": []},
    ],
)
def test_a_trust_file_that_makes_no_sense_is_refused(
    case: tuple[World, CaseFileParts], more: dict[str, object]
) -> None:
    with pytest.raises(Malformed):
        judged(case[0], b"", **more)
