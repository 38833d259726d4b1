"""The view of a log moves forward only; two histories are caught and can be shown to others."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import envelope, merkle
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint, sign_checkpoint
from protocol.errors import (
    Alarm,
    BadConsistency,
    BadSignature,
    FujieError,
    Malformed,
    RolledBack,
    SplitView,
    UnknownSigner,
)
from protocol.keys import Ed25519Signer
from protocol.succession import SUCCESSION_TYPE, Succession, follow, sign_succession
from protocol.trust import TrustedLog
from protocol.witness import NOBODY

ORIGIN = "log.yunxi.example/fujie"
SUCCESSOR = "log2.yunxi.example/fujie"
log_signer = Ed25519Signer(b"log key, for tests only, 32 byte")
next_signer = Ed25519Signer(b"next log key, for tests 32 bytes")
agency_root = Ed25519Signer(b"agency root, for tests, 32 bytes")
log_key = VerifierKey(ORIGIN, log_signer.verifier.public_key)
successor_key = VerifierKey(SUCCESSOR, next_signer.verifier.public_key)


class Log:
    """A whole log in memory. ``fork`` grows another history from one of its sizes."""

    def __init__(self, size: int, story: str = "true", common: int = 0) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        for number in range(size):
            told = story if number >= common else "true"
            leaf = merkle.leaf_hash(f"{told} {number}".encode())
            for level, index, stored in merkle.stored_hashes(number, leaf, self.get):
                self.rows[level, index] = stored

    def get(self, level: int, index: int) -> bytes:
        return self.rows[level, index]

    def root(self, size: int) -> bytes:
        return merkle.Frontier.load(size, self.get).root()

    def head(self, size: int) -> bytes:
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.root(size)), log_signer)

    def proof(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, self.get)


log = Log(40)


def view_at(size: int) -> TrustedLog:
    return TrustedLog(ORIGIN, [log_key], log.head(size))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6).map(sorted))
def test_a_view_moves_forward_with_proofs(sizes: list[int]) -> None:
    view = TrustedLog(ORIGIN, [log_key])
    view.advance(log.head(sizes[0]))
    for old, new in itertools.pairwise(sizes):
        assert view.advance(log.head(new), log.proof(old, new)).size == new
    assert view.size == sizes[-1]
    assert view.checkpoint_bytes == log.head(sizes[-1])
    again = TrustedLog(ORIGIN, [log_key], view.checkpoint_bytes)
    assert again.checkpoint == view.checkpoint


def test_a_view_before_its_first_checkpoint_is_empty() -> None:
    view = TrustedLog(ORIGIN, [log_key])
    assert (view.size, view.checkpoint, view.checkpoint_bytes) == (0, None, None)


def test_from_an_empty_log_every_log_follows() -> None:
    view = TrustedLog(ORIGIN, [log_key], log.head(0))
    assert view.advance(log.head(7)).size == 7


def test_two_heads_of_one_size_are_proof_by_themselves() -> None:
    """Anyone with the log's key can check the evidence, without this program's word."""
    view = view_at(10)
    other = Log(10, "false", common=4)
    with pytest.raises(SplitView) as caught:
        view.advance(other.head(10))
    assert caught.value.conclusive
    assert isinstance(caught.value, Alarm)
    first, second = (open_checkpoint(each, [log_key], ORIGIN) for each in caught.value.evidence)
    assert first.size == second.size
    assert first.root != second.root
    assert view.checkpoint_bytes == log.head(10)


def test_a_longer_history_that_does_not_continue_is_a_split_view() -> None:
    other = Log(20, "false", common=4)
    view = view_at(10)
    for proof in (other.proof(10, 20), log.proof(10, 20), [], [bytes(32)] * 3):
        with pytest.raises(SplitView) as caught:
            view.advance(other.head(20), proof)
        assert not caught.value.conclusive
        assert caught.value.evidence == (log.head(10), other.head(20))
    assert view.size == 10


def test_a_shorter_log_is_rolled_back() -> None:
    view = view_at(10)
    with pytest.raises(RolledBack) as caught:
        view.advance(log.head(9), log.proof(9, 10))
    assert caught.value.evidence == (log.head(10), log.head(9))
    assert view.size == 10


def test_a_head_by_another_key_or_of_another_log_changes_nothing() -> None:
    view = view_at(10)
    root = merkle.Frontier.load(11, log.get).root()
    with pytest.raises(UnknownSigner):
        view.advance(sign_checkpoint(Checkpoint(ORIGIN, 11, root), next_signer))
    with pytest.raises(UnknownSigner):
        view.advance(sign_checkpoint(Checkpoint(SUCCESSOR, 11, root), log_signer))
    assert view.size == 10


def test_a_saved_head_that_was_altered_is_refused_on_loading() -> None:
    saved = log.head(10).replace(b"\n10\n", b"\n11\n")
    with pytest.raises(BadSignature):
        TrustedLog(ORIGIN, [log_key], saved)


@given(st.integers(1, 40), st.data())
def test_an_earlier_receipt_s_head_is_confirmed(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, size))
    view = view_at(size)
    assert view.confirm(log.head(earlier), log.proof(earlier, size)).size == earlier
    assert view.size == size


def test_an_earlier_head_of_another_history_is_a_split_view() -> None:
    other = Log(6, "false", common=4)
    with pytest.raises(SplitView) as caught:
        view_at(10).confirm(other.head(6), log.proof(6, 10))
    assert caught.value.evidence == (other.head(6), log.head(10))


def test_a_later_head_cannot_be_confirmed() -> None:
    with pytest.raises(BadConsistency, match="advance"):
        view_at(10).confirm(log.head(11))
    with pytest.raises(BadConsistency):
        TrustedLog(ORIGIN, [log_key]).confirm(log.head(1))


def succession(**changes: object) -> Succession:
    plain = Succession(
        predecessor=ORIGIN,
        successor=SUCCESSOR,
        checkpoints=[log.head(6).decode(), log.head(8).decode()],
        keys=[successor_key.text()],
        at=1_790_000_000_000,
        why="磁盘损坏，第 8 条以后的记录无法恢复",
    )
    return msgspec.structs.replace(plain, **changes)


def test_a_succession_leads_to_the_new_log() -> None:
    followed = follow(
        view_at(10), sign_succession(succession(), agency_root), [agency_root.verifier]
    )
    assert followed.taken_over == 8
    assert followed.log.origin == SUCCESSOR
    assert followed.log.size == 0
    head = Checkpoint(SUCCESSOR, 1, bytes(32))
    assert followed.log.advance(sign_checkpoint(head, next_signer)) == head
    with pytest.raises(UnknownSigner):
        followed.log.advance(log.head(11))


def test_a_succession_without_a_known_head_takes_nothing_over() -> None:
    signed = sign_succession(succession(checkpoints=[]), agency_root)
    for view in (view_at(10), TrustedLog(ORIGIN, [log_key])):
        assert follow(view, signed, [agency_root.verifier]).taken_over == 0


def test_a_succession_that_contradicts_what_was_seen_is_a_split_view() -> None:
    other = Log(10, "false", common=4)
    signed = sign_succession(succession(checkpoints=[other.head(10).decode()]), agency_root)
    with pytest.raises(SplitView):
        follow(view_at(10), signed, [agency_root.verifier])
    assert follow(view_at(9), signed, [agency_root.verifier]).taken_over == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"predecessor": "log.other.example/fujie"},
        {"successor": ORIGIN},
        {"keys": [log_key.text()]},
        {"keys": ["nonsense"]},
        {"keys": []},
        {"checkpoints": ["nonsense"]},
        {"checkpoints": [sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), next_signer).decode()]},
    ],
    ids=[
        "another predecessor",
        "no new origin",
        "keys of the old log",
        "no key",
        "no keys",
        "no checkpoint",
        "a checkpoint by another key",
    ],
)
def test_a_succession_that_does_not_fit_is_refused(changes: dict[str, object]) -> None:
    signed = sign_succession(succession(**changes), agency_root)
    with pytest.raises(FujieError):
        follow(view_at(10), signed, [agency_root.verifier])


def test_only_the_agency_root_names_a_successor() -> None:
    with pytest.raises(UnknownSigner):
        follow(view_at(10), sign_succession(succession(), log_signer), [agency_root.verifier])


def test_every_byte_of_a_succession_counts() -> None:
    signed = sign_succession(succession(), agency_root)
    for place in range(len(signed)):
        damaged = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises(FujieError):
            follow(view_at(10), damaged, [agency_root.verifier])


def test_another_signed_thing_of_the_root_is_no_succession() -> None:
    body = msgspec.json.encode(succession())
    other = envelope.sign("application/vnd.fujie.statement+json", body, [agency_root])
    with pytest.raises(Malformed, match=SUCCESSION_TYPE.replace("+", r"\+")):
        follow(view_at(10), envelope.encode(other), [agency_root.verifier])


# ── keys of former times, and lost ones ──────────────────────────────────────────────────

new_signer = Ed25519Signer(b"the log's new key, for tests 32b")
new_key = VerifierKey(ORIGIN, new_signer.verifier.public_key)


def by_new(size: int) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, log.root(size)), new_signer)


def rotated(size: int, *lost: VerifierKey) -> TrustedLog:
    """A view that saw ``size`` under the old key, and is told of the new one."""
    view = view_at(size)
    view.trust([new_key], NOBODY, lost)
    return view


def test_a_former_key_signs_nothing_new_and_its_heads_stay_good() -> None:
    view = rotated(10)
    with pytest.raises(UnknownSigner):
        view.advance(log.head(20), log.proof(10, 20))
    view.advance(by_new(20), log.proof(10, 20))
    assert view.confirm(log.head(7), log.proof(7, 20)).size == 7
    again = TrustedLog(ORIGIN, [new_key], log.head(10), former=view.former)
    assert again.size == 10


def test_a_fork_by_a_former_key_is_an_alarm_and_by_a_lost_one_is_not_believed() -> None:
    other = Log(40, "another", common=3)
    for view, error in [(rotated(10), SplitView), (rotated(10, log_key), BadConsistency)]:
        view.advance(by_new(20), log.proof(10, 20))
        with pytest.raises(error):
            view.confirm(other.head(7), log.proof(7, 20))
        assert view.confirm(log.head(7), log.proof(7, 20)).size == 7


def test_during_the_overlap_either_key_is_enough_and_none_is_former() -> None:
    view = view_at(10)
    view.trust([log_key, new_key], NOBODY)
    assert view.former == ()
    assert view.advance(by_new(20), log.proof(10, 20)).size == 20
    assert view.advance(log.head(30), log.proof(20, 30)).size == 30


def test_keys_of_another_log_change_no_key() -> None:
    view = view_at(10)
    view.trust([successor_key], NOBODY)
    assert view.verifiers == (log_key,)


def test_a_key_that_is_lost_is_not_in_force_though_it_is_named() -> None:
    view = view_at(10)
    view.trust([log_key, new_key], NOBODY, [log_key])
    assert (view.verifiers, view.lost) == ((new_key,), (log_key,))
    with pytest.raises(UnknownSigner):
        view.advance(log.head(20), log.proof(10, 20))


def test_a_key_that_is_in_force_again_is_neither_former_nor_lost() -> None:
    view = rotated(10, log_key)
    assert (view.former, view.lost) == ((), (log_key,))
    view.trust([log_key], NOBODY)
    assert (view.verifiers, view.former, view.lost) == ((log_key,), (new_key,), ())
