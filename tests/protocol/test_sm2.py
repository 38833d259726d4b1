"""The suite SM2: the standard's example, what is refused, and what a reader without it says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import credential, envelope, sm2
from protocol.casecheck import Check, Level, holds
from protocol.cose import sign1
from protocol.credential import IssuerClaims
from protocol.errors import BadSignature, Malformed, Uncheckable, UnknownSigner
from protocol.keys import ED25519, SM2, SUITES, Sm2Signer, Verifier
from tests.casefiles import packed, verdict
from tests.protocol.vectors import load
from tests.suites import LU, SHEN, Damaged, SuitesWorld, case_parts, second_key, without_sm2

VECTORS = load("sm2")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
ROOT = Path(__file__).parent.parent.parent

SHEN_SM2 = Verifier(SM2, bytes.fromhex(GOOD["keys"]["shen"]["public_key"]))
SHEN_ED = Verifier(ED25519, bytes.fromhex(GOOD["ed25519_key"]))
KNOWN = {key.key_id: key for key in (SHEN_SM2, SHEN_ED)}


def wire(name: str) -> envelope.Envelope:
    return envelope.decode(bytes.fromhex(GOOD[name]["msgpack"]))


# ── keys and signatures ──────────────────────────────────────────────────────────────────


def test_this_installation_has_the_suite() -> None:
    assert sm2.available()
    assert SHEN_SM2.checkable


def test_the_standards_example_holds() -> None:
    told = GOOD["standard"]
    signer = Sm2Signer(bytes.fromhex(told["secret"]))
    assert signer.verifier.public_key.hex() == told["public_key"]
    message = told["message"].encode()
    assert signer.verifier.verify(message, bytes.fromhex(told["signature"]))
    assert sm2.USER_ID.decode() == GOOD["user_id"]


@pytest.mark.parametrize("name", GOOD["keys"])
def test_a_key_has_the_id_of_its_vector(name: str) -> None:
    good = GOOD["keys"][name]
    key = Sm2Signer(bytes.fromhex(good["secret"])).verifier
    assert (key.public_key.hex(), key.key_id.hex()) == (good["public_key"], good["key_id"])


@pytest.mark.parametrize("name", ["by_openssl", "by_tongsuo"])
def test_signatures_of_others_hold(name: str) -> None:
    assert SHEN_SM2.verify(GOOD["message"].encode(), bytes.fromhex(GOOD[name]))


def test_a_signature_is_another_one_each_time_and_each_holds() -> None:
    signer = Sm2Signer(bytes.fromhex(GOOD["keys"]["shen"]["secret"]))
    made = {signer.sign(b"one statement") for _ in range(64)}
    assert len(made) == 64
    assert all(len(one) == 64 and SHEN_SM2.verify(b"one statement", one) for one in made)


def test_the_openssl_program_verifies_what_is_signed_here(tmp_path: Path) -> None:
    signer = Sm2Signer(bytes.fromhex(GOOD["keys"]["shen"]["secret"]))
    key = bytes.fromhex(BAD["keys"]["as SubjectPublicKeyInfo"])
    for name, data in {
        "key": key,
        "data": b"one statement",
        "signature": sm2._der(signer.sign(b"one statement")),
    }.items():
        (tmp_path / name).write_bytes(data)
    asked = "-verify -pubin -keyform DER -inkey key -rawin -digest sm3 -in data -sigfile signature"
    for user_id, answer in ((GOOD["user_id"], 0), ("8765432187654321", 1)):
        told = [*asked.split(), "-pkeyopt", f"distid:{user_id}"]
        done = subprocess.run(["openssl", "pkeyutl", *told], cwd=tmp_path, capture_output=True)
        assert done.returncode == answer, done.stderr


def test_a_small_coordinate_is_a_key_and_its_second_spelling_is_none() -> None:
    assert Verifier(SM2, bytes.fromhex(GOOD["the_point_with_x_1"])).checkable
    with pytest.raises(Malformed):
        Verifier(SM2, bytes.fromhex(BAD["keys"]["x not below p"]))


@pytest.mark.parametrize("name", BAD["keys"])
def test_what_is_no_key_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        Verifier(SM2, bytes.fromhex(BAD["keys"][name]))


@pytest.mark.parametrize("name", BAD["signatures"])
def test_a_bad_signature_does_not_hold(name: str) -> None:
    bad = {field: bytes.fromhex(value) for field, value in BAD["signatures"][name].items()}
    assert Verifier(SM2, bad["public_key"]).verify(bad["message"], bad["signature"]) is False


@pytest.mark.parametrize(
    "secret",
    [b"", bytes(32), bytes(33), b"\xff" * 32, (sm2.ORDER - 1).to_bytes(32, "big")],
    ids=["empty", "nought", "33 bytes", "all bits", "n - 1"],
)
def test_what_is_no_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(Malformed):
        Sm2Signer(secret)


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_a_key_or_malformed(data: bytes) -> None:
    try:
        assert len(Verifier(SM2, data).key_id) == 32
    except Malformed:
        return


@given(st.binary(max_size=80), st.binary(min_size=64, max_size=64))
def test_arbitrary_bytes_are_no_signature(message: bytes, signature: bytes) -> None:
    assert SHEN_SM2.verify(message, signature) is False


def test_numbers_with_leading_noughts_keep_their_64_bytes() -> None:
    for r, s in ((1, sm2.ORDER - 1), (1 << 247, 1 << 255), (255, 256)):
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert sm2._raw(sm2._der(raw)) == raw


def test_no_name_of_a_suite_begins_another() -> None:
    names = sorted(SUITES)
    assert [a for a in names for b in names if a != b and b.startswith(a)] == []


def test_many_threads_may_verify_by_one_key() -> None:
    good = bytes.fromhex(GOOD["by_openssl"])
    message = GOOD["message"].encode()
    asked = [message, message + b"\n"] * 200
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda data: SHEN_SM2.verify(data, good), asked))
    assert told == [True, False] * 200


# ── envelopes ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["by_both", "by_ed25519_alone", "by_sm2_alone"])
def test_a_statement_verifies_by_either_suite_and_by_both(name: str) -> None:
    read = wire(name)
    signed = envelope.check(read, KNOWN.get)
    assert {key.key_id for key in signed.verified} == {one.key_id for one in read.signatures}
    assert not signed.unchecked
    assert envelope.record_hash(read).hex() == GOOD[name]["record_hash"]
    assert envelope.decode_json(GOOD[name]["json"].encode()) == read


def test_one_of_two_signatures_taken_away_is_another_record() -> None:
    names = ("by_both", "by_ed25519_alone", "by_sm2_alone")
    assert len({GOOD[name]["record_hash"] for name in names}) == 3


@pytest.mark.parametrize("name", BAD["envelopes"])
def test_every_signature_must_hold_whatever_its_suite(name: str) -> None:
    with pytest.raises(BadSignature):
        envelope.verify(
            envelope.decode(bytes.fromhex(BAD["envelopes"][name]["msgpack"])), KNOWN.get
        )


# ── certificates ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def issuer() -> IssuerClaims:
    made = load("credential")["good"]
    root = Verifier(ED25519, bytes.fromhex(made["root_key"]))
    return credential.open_issuer(bytes.fromhex(made["issuer"]), root)


def test_a_credential_certifies_an_sm2_key(issuer: IssuerClaims) -> None:
    claims = credential.open_officer(bytes.fromhex(GOOD["officer"]), issuer)
    assert claims.verifier == SHEN_SM2
    assert (claims.cert_no, claims.algorithm) == ("00992304117", SM2)


def test_an_issued_credential_comes_back() -> None:
    world = SuitesWorld()
    held = second_key(world, world.shen)
    assert credential.open_officer(held.credential, world.issuer_claims) == held.claims


@pytest.mark.parametrize("name", BAD["officers"])
def test_a_credential_with_a_bad_key_is_refused(name: str, issuer: IssuerClaims) -> None:
    with pytest.raises(Malformed):
        credential.open_officer(bytes.fromhex(BAD["officers"][name]), issuer)


def test_devices_and_issuers_have_ed25519_keys(issuer: IssuerClaims) -> None:
    with pytest.raises(Malformed):
        credential.open_device(bytes.fromhex(BAD["device"]), issuer)
    world = SuitesWorld()
    key = world.second[SHEN].signer.verifier
    with pytest.raises(Malformed):
        credential.issue_device(
            world.issuer,
            credential.DeviceClaims(
                agency="1",
                public_key=key.public_key,
                algorithm=SM2,
                valid_from=0,
                valid_until=1000,
                name="YX-T07",
            ),
        )


def test_a_code_is_signed_by_ed25519() -> None:
    with pytest.raises(Malformed):
        sign1({1: "example"}, SuitesWorld().second[SHEN].signer)


# ── case files ───────────────────────────────────────────────────────────────────────────

Change = Callable[[SuitesWorld], None]


def both(_: SuitesWorld) -> None:
    """Each officer signs by both keys."""


def damaged(world: SuitesWorld) -> None:
    """The SM2 signature of one officer does not hold."""
    world.signs[LU] = [world.lu.signer, Damaged(world.second[LU].signer)]


def one_person(world: SuitesWorld) -> None:
    """In the place of the second officer the first signs again, by both keys."""
    world.signs[LU] = world.signs[SHEN]


def second_by_sm2(world: SuitesWorld) -> None:
    """One officer signs by Ed25519, the other by SM2 alone."""
    world.signs[SHEN] = [world.shen.signer]
    world.signs[LU] = [world.second[LU].signer]


def sm2_alone(world: SuitesWorld) -> None:
    """Both sign by SM2 alone."""
    world.signs = {cert_no: [held.signer] for cert_no, held in world.second.items()}


def judged(change: Change, absent: Callable[[], None] | None = None) -> dict[str, Check]:
    """What is said of a case file; with ``absent``, by a reader who lacks the suite."""
    world = SuitesWorld()
    change(world)
    data = packed(case_parts(world, world.inspection()))
    if absent:
        absent()
    return verdict(data, world)


def refused(checks: dict[str, Check]) -> dict[str, Level]:
    return {
        check.name: check.level
        for check in checks.values()
        if check.level in (Level.FAILS, Level.LACKS)
    }


def test_a_case_file_signed_by_both_holds_and_says_so() -> None:
    checks = judged(both)
    assert holds(list(checks.values()))
    assert "every signature holds" in checks["records"].en
    assert "cannot" not in checks["records"].en


def test_one_person_with_two_keys_is_one_person() -> None:
    assert refused(judged(one_person)) == {"officers": Level.FAILS}


def test_two_persons_of_whom_one_signs_by_sm2_are_two() -> None:
    assert refused(judged(second_by_sm2)) == {}
    assert refused(judged(sm2_alone)) == {}


def test_a_damaged_sm2_signature_is_refused_beside_a_good_ed25519_one() -> None:
    assert refused(judged(damaged)) == {"records": Level.FAILS}


# ── without the suite ────────────────────────────────────────────────────────────────────


@pytest.fixture
def absent() -> Iterator[Callable[[], None]]:
    """Call it, and the suite is not here any more until the test is over."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(without_sm2())


def test_without_the_suite_a_key_still_has_its_id_and_its_holder(
    absent: Callable[[], None], issuer: IssuerClaims
) -> None:
    absent()
    key = credential.open_officer(bytes.fromhex(GOOD["officer"]), issuer).verifier
    assert key.key_id.hex() == GOOD["keys"]["shen"]["key_id"]
    assert not key.checkable
    with pytest.raises(Uncheckable):
        key.verify(b"", bytes.fromhex(GOOD["by_openssl"]))
    with pytest.raises(Uncheckable):
        Sm2Signer(bytes.fromhex(GOOD["keys"]["shen"]["secret"]))


def test_without_the_suite_forms_are_still_judged(absent: Callable[[], None]) -> None:
    absent()
    for name in ("in DER", "r is 0", "s is n", "63 bytes", "empty"):
        bad = BAD["signatures"][name]
        assert SHEN_SM2.verify(b"", bytes.fromhex(bad["signature"])) is False
    for name in ("compressed", "hybrid", "without the 04", "an Ed25519 key"):
        with pytest.raises(Malformed):
            Verifier(SM2, bytes.fromhex(BAD["keys"][name]))


def test_without_the_suite_a_signature_counts_for_nobody_and_refuses_nothing(
    absent: Callable[[], None],
) -> None:
    absent()
    both_, alone = wire("by_both"), wire("by_sm2_alone")
    assert envelope.verify(both_, KNOWN.get) == (SHEN_ED,)
    assert envelope.check(both_, KNOWN.get).unchecked == (SHEN_SM2,)
    assert envelope.check(alone, KNOWN.get) == envelope.Signed((), (SHEN_SM2,))
    with pytest.raises(Uncheckable, match="sm2"):
        envelope.verify(alone, KNOWN.get)


def test_without_the_suite_what_can_be_checked_must_hold(absent: Callable[[], None]) -> None:
    absent()
    for bad in BAD["envelopes"].values():
        read = envelope.decode(bytes.fromhex(bad["msgpack"]))
        if bad["without"]:
            with pytest.raises(BadSignature):
                envelope.verify(read, KNOWN.get)
        else:
            assert envelope.verify(read, KNOWN.get) == (SHEN_ED,)


def test_without_the_suite_a_key_under_another_id_is_unknown(absent: Callable[[], None]) -> None:
    absent()
    alias = bytes(32)
    (made,) = wire("by_sm2_alone").signatures
    renamed = envelope.Envelope(
        GOOD["type"], GOOD["body"].encode(), (envelope.Signature(alias, made.signature),)
    )
    with pytest.raises(UnknownSigner):
        envelope.check(renamed, {alias: SHEN_SM2}.get)


def test_without_the_suite_a_case_file_signed_by_both_holds_and_says_what_was_left_out(
    absent: Callable[[], None],
) -> None:
    checks = judged(both, absent)
    assert holds(list(checks.values()))
    assert "of a suite not here" in checks["records"].en
    assert "本机没有" in checks["records"].zh


def test_without_the_suite_one_person_with_two_keys_is_one_person(
    absent: Callable[[], None],
) -> None:
    assert refused(judged(one_person, absent)) == {"officers": Level.FAILS}


def test_without_the_suite_a_person_who_signs_by_sm2_alone_is_not_counted_and_not_accused(
    absent: Callable[[], None],
) -> None:
    checks = judged(second_by_sm2, absent)
    assert refused(checks) == {"officers": Level.LACKS}
    assert "fujie[sm]" in checks["officers"].en


def test_without_the_suite_statements_signed_by_sm2_alone_are_lacking(
    absent: Callable[[], None],
) -> None:
    checks = judged(sm2_alone, absent)
    assert refused(checks) == {"records": Level.LACKS}
    assert checks["officers"].level is Level.NOT_RUN


def test_without_the_suite_a_damaged_signature_is_not_noticed_and_not_counted(
    absent: Callable[[], None],
) -> None:
    assert refused(judged(damaged, absent)) == {}


@pytest.mark.parametrize("blocked", [True, False], ids=["without cffi", "with it"])
def test_the_program_reads_a_case_file_with_and_without_the_suite(
    tmp_path: Path, blocked: bool
) -> None:
    world = SuitesWorld()
    (tmp_path / "case.zip").write_bytes(packed(case_parts(world, world.inspection())))
    (tmp_path / "trust.json").write_bytes(world.trust_json())
    program = (
        "import sys\n"
        + ("sys.modules['cffi'] = None\n" if blocked else "")
        + "from protocol.__main__ import main\n"
        "sys.exit(main(['case.zip', '--trust', 'trust.json', '--lang', 'en']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("of a suite not here" in done.stdout) is blocked


def test_nobody_loads_openssl_who_meets_no_sm2_key() -> None:
    program = (
        "import sys; from protocol.keys import Ed25519Signer; s = Ed25519Signer(bytes(32)); "
        "assert s.verifier.verify(b'', s.sign(b'')); sys.exit('cffi' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0


def test_a_library_that_fails_the_standards_example_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answer in (False, True):  # one that refuses all, one that takes all

        def verify(*_: object, answer: bool = answer) -> bool:
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(sm2._OpenSSL, "verify", verify)
            sm2._openssl.cache_clear()
            assert not sm2.available()
        sm2._openssl.cache_clear()
    assert sm2.available()


@pytest.mark.parametrize("name", ["libcrypto.so.404", "libc.so.6"])
def test_a_machine_without_openssl_3_lacks_the_suite(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sm2, "_LIBRARY", name)
    sm2._openssl.cache_clear()
    assert not sm2.available()
    monkeypatch.undo()
    sm2._openssl.cache_clear()
