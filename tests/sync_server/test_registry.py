"""The registry's fold: who may say what, and that nobody's key or journal becomes another's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from protocol import credential, envelope
from protocol.keys import Ed25519Signer
from protocol.registry import registry
from protocol.registry.registry import Registry, Told
from protocol.statements import (
    DeviceEnrolled,
    JournalClosed,
    OfficerCredentialed,
    StaffRegistered,
    Statement,
)
from protocol.vocabulary import StaffRole
from tests.cast import DEVICE, Recorded
from tests.worlds import World


@pytest.fixture
def world() -> World:
    """The small world with its registrations."""
    return World()


@pytest.fixture
def known(world: World) -> Registry:
    """What the office's first records amount to."""
    folded = Registry()
    for record in world.registrations:
        folded = registry.apply(folded, told(record))
    return folded


def told(record: Recorded) -> Told:
    """A record as the fold sees it."""
    signers = [made.key_id for made in record.envelope.signatures]
    return Told(record.statement, signers, envelope.record_hash(record.envelope), record.index)


def signed(statement: Statement, *keys: bytes) -> Told:
    """A statement with these signers, behind all others."""
    return Told(statement, keys, bytes(32), 1000)


def test_the_first_records_name_everybody(world: World, known: Registry) -> None:
    """Agency, two devices, four of the staff, two officers with their keys."""
    people = (world.shen, world.lu, *world.staff, world.device, world.office)
    assert all(known.verifier(one.signer.verifier.key_id) for one in people)
    assert (len(known.devices), len(known.staff), len(known.officer_keys)) == (2, 4, 2)


def claims_of_others(world: World) -> Iterator[Statement]:
    """Registrations that would give away what is somebody's already."""
    shen, lu, device = world.shen, world.lu, world.device
    of_lu = credential.issue_officer(
        world.issuer, credential.OfficerClaims(**{**vars_of(lu.claims), "public_key": key(shen)})
    )
    yield OfficerCredentialed(**world.said(), cert_no=lu.cert_no, device=DEVICE, credential=of_lu)
    yield StaffRegistered(
        **world.said(),
        account="another",
        name="另一人",
        role=StaffRole.PUBLISHER,
        public_key=key(world.publisher).hex(),
    )
    for name, public_key, journal in (
        ("YX-T08", key(device), bytes(16)),
        (
            "YX-T08",
            bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            device.journal,
        ),
        (
            DEVICE,
            bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            bytes(16),
        ),
    ):
        claims = credential.DeviceClaims(
            **{**vars_of(device.claims), "public_key": public_key, "name": name}
        )
        yield DeviceEnrolled(
            **world.said(),
            device=name,
            certificate=credential.issue_device(world.issuer, claims),
            journal=journal.hex(),
        )


@pytest.mark.parametrize("number", range(5))
def test_a_key_or_journal_never_changes_hands(world: World, known: Registry, number: int) -> None:
    """Not even by the issuer's own word: it would change who signed what is in the log."""
    statement = list(claims_of_others(world))[number]
    assert registry.apply(known, signed(statement, world.issuer.verifier.key_id)) is known


def test_the_same_registration_again_is_taken(world: World, known: Registry) -> None:
    """A new role of the same person and a renewed certificate of the same device are changes."""
    issuer = world.issuer.verifier.key_id
    for record in world.registrations:
        if isinstance(record.statement, DeviceEnrolled | StaffRegistered | OfficerCredentialed):
            assert registry.apply(known, signed(record.statement, issuer)) is not known


def test_only_the_issuer_registers_keys(world: World, known: Registry) -> None:
    """A tablet that states a registration changes nothing."""
    for record in world.registrations:
        by_device = signed(record.statement, world.device.signer.verifier.key_id)
        assert registry.apply(known, by_device) is known


def test_only_the_issuer_closes_a_journal(world: World, known: Registry) -> None:
    """A tablet believes the issuer alone, so a registrar's word alone ends nothing here either:
    otherwise a tablet would be refused as closed and never hear of its successor."""
    device = world.device
    closed = JournalClosed(
        **world.said(),
        device=DEVICE,
        journal=device.journal.hex(),
        length=0,
        head="00" * 32,
        reason="分叉",
        successor="0f" * 16,
    )
    registrar = Ed25519Signer(hashlib.sha256(b"registrar").digest())
    staff = StaffRegistered(
        **world.said(),
        account="tangyining",
        name="唐一宁",
        role=StaffRole.REGISTRAR,
        public_key=registrar.verifier.public_key.hex(),
    )
    issuer = world.issuer.verifier.key_id
    staffed = registry.apply(known, signed(staff, issuer))
    by_registrar = signed(closed, registrar.verifier.key_id)
    assert registry.apply(staffed, by_registrar) is staffed
    both = signed(closed, registrar.verifier.key_id, issuer)
    assert device.journal in registry.apply(staffed, both).closed


def key(person: object) -> bytes:
    """A person's public key."""
    return person.signer.verifier.public_key  # type: ignore[attr-defined,no-any-return]


def vars_of(claims: object) -> dict[str, object]:
    """The fields of a value."""
    return {name: getattr(claims, name) for name in claims.__dataclass_fields__}  # type: ignore[attr-defined]
