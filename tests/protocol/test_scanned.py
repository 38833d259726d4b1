"""A colleague's tablet judges a code by its roster alone, and nothing is valid by default."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.card import card_url, present
from protocol.errors import Malformed
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.reference import Reference
from protocol.scanned import CheckedCard, Code, check_card, check_mark
from protocol.vocabulary import DocumentKind, Standing
from tests.cast import seeded
from tests.worlds import World

BASE = "https://log.yunxi.example"
CASE = hashlib.sha256(b"a case").digest()
HOUR = 3_600_000


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def shown(world: World, at: int | None = None, **by: Any) -> str:
    device = by.get("device", world.device.signer)
    card = world.shen.credential
    return card_url(
        BASE, card, present(device, card, CASE, world.now if at is None else at, 30, bytes(8))
    )


def checked(
    world: World, text: str | None = None, now: int | None = None, **changes: Any
) -> CheckedCard:
    reference: Reference = replace(world.reference, **{"issued_at": world.now, **changes})
    at = world.now + 1000 if now is None else now
    return check_card(text or shown(world), reference, [world.issuer_claims], at)


def officers(world: World, **changes: Any) -> list[Any]:
    first, *rest = world.reference.officers
    return [replace(first, **changes), *rest]


def test_a_running_card_on_a_fresh_roster_is_valid(world: World) -> None:
    said = checked(world)
    assert (said.code, said.standing) == (Code.FRESH, Standing.VALID)
    assert said.shown is not None
    assert said.shown.officer.name == "沈知远"


def test_a_photographed_code_is_stale_and_shows_nobody(world: World) -> None:
    said = checked(world, now=world.now + 31_000)
    assert said == CheckedCard(Code.STALE)


def test_a_suspended_officer_shows_as_such_however_old_the_roster_is(world: World) -> None:
    listed = officers(world, standing=Standing.SUSPENDED, effective_at=0)
    for issued_at in (world.now, world.now - 72 * HOUR):
        said = checked(world, officers=listed, issued_at=issued_at)
        assert (said.code, said.standing) == (Code.FRESH, Standing.SUSPENDED)


def test_an_expired_certificate_shows_as_such(world: World) -> None:
    said = checked(world, officers=officers(world, valid_until="2025-01-01"))
    assert said.standing is Standing.EXPIRED


def test_past_the_agencys_limit_nobody_knows(world: World) -> None:
    said = checked(world, issued_at=world.now - 25 * HOUR)
    assert (said.code, said.standing) == (Code.FRESH, Standing.UNKNOWN)


def test_who_is_not_on_the_roster_is_unknown(world: World) -> None:
    said = checked(world, officers=[])
    assert (said.code, said.standing) == (Code.FRESH, Standing.UNKNOWN)


def test_a_revoked_tablet_shows_nobodys_card(world: World) -> None:
    devices = [replace(one, revoked_at=world.now) for one in world.reference.devices]
    assert checked(world, devices=devices) == CheckedCard(Code.UNKNOWN)


def test_a_tablet_that_is_not_on_the_roster_shows_nobodys_card(world: World) -> None:
    text = shown(world, device=seeded("another tablet"))
    assert checked(world, text) == CheckedCard(Code.UNKNOWN)


def test_another_agencys_card_is_unknown(world: World) -> None:
    reference = replace(world.reference, issued_at=world.now)
    assert check_card(shown(world), reference, [], world.now).code is Code.UNKNOWN


def test_a_changed_character_under_a_known_key_is_false_or_no_code(world: World) -> None:
    text = shown(world)
    seen = set()
    for place in range(text.index("/V/") + 3, len(text), 7):
        other = "A" if text[place] != "A" else "B"
        try:
            said = checked(world, text[:place] + other + text[place + 1 :])
        except Malformed:
            continue
        assert said.standing is Standing.UNKNOWN
        assert said.shown is None
        seen.add(said.code)
    assert Code.FALSE in seen
    assert Code.FRESH not in seen


@pytest.mark.parametrize("text", ["", "https://example.org", "HTTPS://A.EXAMPLE/D/AAAA"])
def test_a_text_that_is_no_card_is_told_as_such(world: World, text: str) -> None:
    with pytest.raises(Malformed):
        check_card(text or " ", world.reference, [world.issuer_claims], world.now)


# ── documents ────────────────────────────────────────────────────────────────────────────


def marked(world: World) -> str:
    mark = DocumentMark(
        agency=world.reference.agency.id,
        kind=DocumentKind.SPOT_DECISION,
        number="云市监当罚〔2026〕126号",
        document_id=bytes(16),
        root=bytes(32),
        at=world.now // 1000 * 1000,
    )
    return document_url(BASE, document_mark(world.device.signer, mark))


def test_a_documents_mark_says_which_document_and_which_tablet(world: World) -> None:
    said = check_mark(marked(world), world.reference, [world.issuer_claims])
    assert said.code is Code.FRESH
    assert said.mark is not None
    assert (said.mark.number, said.device) == ("云市监当罚〔2026〕126号", world.device.claims.name)
    assert not said.doubtful


def test_a_mark_from_after_the_revocation_is_doubtful_and_one_from_before_stands(
    world: World,
) -> None:
    for revoked_at, doubtful in ((world.now - HOUR, True), (world.now + HOUR, False)):
        devices = [replace(one, revoked_at=revoked_at) for one in world.reference.devices]
        said = check_mark(
            marked(world), replace(world.reference, devices=devices), [world.issuer_claims]
        )
        assert (said.code, said.doubtful) == (Code.FRESH, doubtful)


def test_a_mark_under_a_certificate_of_another_issuer_is_unknown(world: World) -> None:
    stranger = dataclasses.replace(world.issuer_claims, public_key=seeded("x").verifier.public_key)
    assert check_mark(marked(world), world.reference, [stranger]).code is Code.UNKNOWN
