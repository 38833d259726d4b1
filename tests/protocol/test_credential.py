"""Credentials, cards and marks: proved by the chain alone, and never valid by default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import card, cose, credential, errors, mark, qr
from protocol.calendar import day_start, read_day
from protocol.credential import DeviceClaims, IssuerClaims, OfficerClaims, standing
from protocol.errors import Expired, FujieError, Malformed, UnknownSigner
from protocol.keys import ED25519, Verifier
from protocol.vocabulary import Standing
from tests.cast import AGENCY, seeded
from tests.vectors import credential as generator
from tests.worlds import World

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "credential.json").read_text("utf-8")
)
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
AT: int = GOOD["at"]
ROOT = Verifier(ED25519, bytes.fromhex(GOOD["root_key"]))
CARD, SHOWN = bytes.fromhex(GOOD["officer"]), bytes.fromhex(GOOD["presentation"])
CASE = bytes.fromhex(GOOD["case"])
DAY = 86_400_000
STALE = DAY


@pytest.fixture(scope="module")
def issuer() -> IssuerClaims:
    return credential.open_issuer(bytes.fromhex(GOOD["issuer"]), ROOT)


@pytest.fixture(scope="module")
def device(issuer: IssuerClaims) -> DeviceClaims:
    return credential.open_device(bytes.fromhex(GOOD["device"]), issuer)


# ── vectors ──────────────────────────────────────────────────────────────────────────────


def test_the_vectors_are_what_their_generator_writes() -> None:
    assert generator.build() == VECTORS


def test_the_chain_of_the_vectors_holds(issuer: IssuerClaims, device: DeviceClaims) -> None:
    officer = credential.open_officer(CARD, issuer)
    assert (officer.name, officer.cert_no, officer.agency) == ("沈知远", "00992304117", AGENCY)
    assert officer.public_key.hex() == GOOD["officer_key"]
    shown = card.open_card(GOOD["card_url"], {issuer.key_id[:8]: issuer}.get, lambda _: device, AT)
    assert shown.officer == officer
    assert shown.presentation == card.open_presentation(SHOWN, CARD, device, AT, CASE)


def test_our_own_bytes_are_those_of_the_vectors(issuer: IssuerClaims) -> None:
    officer = credential.open_officer(CARD, issuer)
    signer = seeded("nobody")
    theirs, ours = CARD[:-64], credential.issue_officer(signer, officer)[:-64]
    kid = signer.verifier.key_id[:8]
    assert ours.replace(kid, issuer.key_id[:8]) == theirs
    assert card.card_url("https://log.yunxi.example/", CARD, SHOWN) == GOOD["card_url"]
    made = mark.document_url("https://log.yunxi.example", bytes.fromhex(GOOD["mark"]))
    assert made == GOOD["document_url"]


def opener(what: str, issuer: IssuerClaims, device: DeviceClaims) -> Callable[[str], object]:
    return {
        "officer": lambda data: credential.open_officer(bytes.fromhex(data), issuer),
        "presentation": lambda data: card.open_presentation(
            bytes.fromhex(data), CARD, device, AT, CASE
        ),
        "card_url": card.parse_card_url,
        "mark": lambda data: mark.open_mark(bytes.fromhex(data), device),
    }[what]


@pytest.mark.parametrize("name", BAD)
def test_each_bad_vector_meets_its_error(
    name: str, issuer: IssuerClaims, device: DeviceClaims
) -> None:
    bad = BAD[name]
    with pytest.raises(getattr(errors, bad["error"])) as met:
        opener(bad["what"], issuer, device)(bad["data"])
    assert type(met.value).__name__ == bad["error"]


# ── every byte ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("what", ["officer", "presentation", "mark"])
def test_no_byte_may_change(
    what: str, bit: int, issuer: IssuerClaims, device: DeviceClaims
) -> None:
    read, data = opener(what, issuer, device), bytes.fromhex(GOOD[what])
    read(data.hex())
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << bit
        with pytest.raises(FujieError):
            read(changed.hex())


def test_no_character_of_a_code_may_change(issuer: IssuerClaims, device: DeviceClaims) -> None:
    text = GOOD["card_url"]
    for place in range(text.index("/V/") + 3, len(text)):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(FujieError):
            card.open_card(
                text[:place] + other + text[place + 1 :],
                {issuer.key_id[:8]: issuer}.get,
                {device.key_id[:8]: device}.get,
                AT,
            )


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    for candidate in (data, b"\xd2" + data, b"\xd2\x84" + data):
        with pytest.raises(FujieError):
            cose.open1(candidate, ROOT)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_is_refused_by_name(text: str) -> None:
    for candidate in (text, f"HTTPS://A.EXAMPLE/V/{text}"):
        with pytest.raises(FujieError):
            card.parse_card_url(candidate)


@given(st.binary(min_size=1, max_size=1200))
def test_an_address_carries_any_bytes(data: bytes) -> None:
    text = qr.address("http://127.0.0.1:8750", "V", data)
    assert qr.payload(text, "V") == data
    assert qr.payload(text.rpartition("/")[2], "V") == data
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@pytest.mark.parametrize(
    "base", ["", "log.example", "https://", "https://a b", "https://ex_ample?x", "ftp://a"]
)
def test_an_address_that_no_phone_opens_is_refused(base: str) -> None:
    with pytest.raises(Malformed, match="verification address"):
        qr.address(base, "V", b"x")


# ── another reader ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("what", "by"), [("issuer", "root"), ("officer", "issuer")])
def test_a_reader_of_other_libraries_verifies_our_message(what: str, by: str) -> None:
    """RFC 9052 followed with cbor2 and OpenSSL, and none of our code."""
    message = cbor2.loads(bytes.fromhex(GOOD[what]))
    protected, unprotected, payload, signature = message.value
    assert message.tag == 18
    assert dict(unprotected) == {}
    assert cbor2.loads(protected)[1] == -8
    if by == "root":
        key = bytes.fromhex(GOOD["root_key"])
    else:
        key = cbor2.loads(cbor2.loads(bytes.fromhex(GOOD["issuer"])).value[2])[8][1][-2]
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    assert cbor2.loads(payload)[1] == AGENCY


# ── size ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("what", "version"), [("card_url", 17), ("document_url", 12)])
def test_the_codes_stay_small_enough_to_scan(what: str, version: int) -> None:
    code = segno.make(GOOD[what], error="m", boost_error=False)
    assert code.mode == "alphanumeric"
    assert code.version <= version


# ── time ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("age", [0, 1, 29_999, -5_000])
def test_a_presentation_holds_for_its_ttl(age: int, device: DeviceClaims) -> None:
    assert card.open_presentation(SHOWN, CARD, device, AT + age, CASE).issued_at == AT


@pytest.mark.parametrize("age", [30_000, DAY, -5_001, -DAY])
def test_outside_it_it_has_expired(age: int, device: DeviceClaims) -> None:
    with pytest.raises(Expired, match="show the card"):
        card.open_presentation(SHOWN, CARD, device, AT + age, CASE)


def test_a_credential_holds_from_its_first_to_before_its_last_moment(issuer: IssuerClaims) -> None:
    credential.expect_current(issuer.valid_from, issuer)
    credential.expect_current(issuer.valid_until - 1, issuer)
    for at in (issuer.valid_from - 1, issuer.valid_until):
        with pytest.raises(Expired):
            credential.expect_current(at, issuer)


def test_a_card_on_another_device_is_refused(issuer: IssuerClaims, device: DeviceClaims) -> None:
    other = replace(device, name="YX-T08")
    with pytest.raises(UnknownSigner, match="own device"):
        card.open_card(GOOD["card_url"], lambda _: issuer, lambda _: other, AT)


def test_a_device_that_nobody_vouches_for_is_refused(issuer: IssuerClaims) -> None:
    with pytest.raises(UnknownSigner, match="no agency or device"):
        card.open_card(GOOD["card_url"], lambda _: issuer, lambda _: None, AT)


@pytest.mark.parametrize(("nonce", "ttl"), [(b"short", 30), (bytes(8), 0), (bytes(8), 301)])
def test_a_presentation_that_nobody_would_accept_is_not_made(nonce: bytes, ttl: int) -> None:
    with pytest.raises(Malformed):
        card.present(seeded("device"), CARD, CASE, AT, ttl, nonce)


# ── standing ─────────────────────────────────────────────────────────────────────────────


def judged(**changes: Any) -> Standing:
    world = World()
    entry = world.reference.officers[0]
    given = {
        "card": world.shen.claims,
        "entry": entry,
        "issued": world.now,
        "now": world.now + 1000,
        **changes,
    }
    if isinstance(changes.get("entry"), dict):
        given["entry"] = msgspec.structs.replace(entry, **changes["entry"])
    return standing(given["card"], given["entry"], given["issued"], given["now"], STALE)


def test_a_card_on_a_fresh_roster_is_valid() -> None:
    assert judged() is Standing.VALID


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entry": None}, Standing.UNKNOWN),
        ({"entry": {"cert_no": "00992304132"}}, Standing.UNKNOWN),
        ({"entry": {"standing": Standing.UNKNOWN}}, Standing.UNKNOWN),
        ({"entry": {"standing": Standing.SUSPENDED}}, Standing.SUSPENDED),
        ({"entry": {"standing": Standing.CANCELLED}}, Standing.CANCELLED),
        ({"entry": {"standing": Standing.EXPIRED}}, Standing.EXPIRED),
        ({"entry": {"valid_until": "2026-11-17"}}, Standing.EXPIRED),
        ({"entry": {"valid_from": "2026-11-19"}}, Standing.UNKNOWN),
        ({"entry": {"effective_at": 1 << 50}}, Standing.UNKNOWN),
        ({"entry": {"auxiliary": True}}, Standing.UNKNOWN),
        ({"entry": {"credentials": []}}, Standing.UNKNOWN),
        ({"issued": 0}, Standing.UNKNOWN),
        ({"issued": 1 << 50}, Standing.UNKNOWN),
        ({"issued": 0, "entry": {"standing": Standing.SUSPENDED}}, Standing.SUSPENDED),
        ({"now": day_start(read_day("2029-05-01"))}, Standing.EXPIRED),
        ({"now": day_start(read_day("2024-04-30"))}, Standing.UNKNOWN),
    ],
)
def test_anything_less_is_not_valid(changes: dict[str, Any], expected: Standing) -> None:
    assert judged(**changes) is expected


def test_a_roster_goes_stale_just_past_its_age() -> None:
    world = World()
    assert judged(now=world.now + STALE) is Standing.VALID
    assert judged(now=world.now + STALE + 1) is Standing.UNKNOWN


# ── issuing ──────────────────────────────────────────────────────────────────────────────


def test_what_is_issued_opens_to_what_was_asked() -> None:
    world = World()
    opened = credential.open_officer(world.shen.credential, world.issuer_claims)
    assert opened == world.shen.claims
    assert credential.open_device(world.device.certificate, world.issuer_claims) == (
        world.device.claims
    )


def test_an_issuer_of_one_agency_cannot_certify_for_another() -> None:
    world = World()
    stranger: OfficerClaims = replace(world.shen.claims, agency="11990124MB0000002B")
    data = credential.issue_officer(world.issuer, stranger)
    with pytest.raises(UnknownSigner, match="own agency"):
        credential.open_officer(data, world.issuer_claims)


def test_a_card_is_no_device_and_no_issuer() -> None:
    world = World()
    with pytest.raises(Malformed):
        credential.open_device(world.shen.credential, world.issuer_claims)
    with pytest.raises(UnknownSigner):
        credential.open_issuer(world.device.certificate, world.root.verifier)


def test_presentations_name_card_and_case_by_half_a_hash() -> None:
    assert card.digest16(b"x") == hashlib.sha256(b"x").digest()[:16]
