"""Keys are replaced while their holders stay: what the office certifies, refuses and repeats."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from protocol import cose, credential, envelope, messages
from protocol.card import present
from protocol.errors import Refused
from protocol.keys import Ed25519Signer, Verifier
from protocol.mark import DocumentMark, document_mark
from protocol.messages import Rekeyed, RekeyWanted, possession
from protocol.registry import registry
from protocol.registry.registry import OFFICE, Registry, Told
from protocol.statements import (
    DeviceKeyAsked,
    DeviceRekeyed,
    DeviceRevoked,
    OfficerCredentialed,
    OfficerKeyRetired,
    Statement,
)
from protocol.vocabulary import DocumentKind
from sync_server.clock import system_clock
from sync_server.devices import rekeying
from sync_server.services import reading, writing
from sync_server.web.verify import _device
from tests.cast import AGENCY, DEVICE, Recorded, seeded
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.worlds import World

NEW, OTHER = seeded("the tablet's new key"), seeded("another new key")


# ── over HTTP ────────────────────────────────────────────────────────────────────────────


def ask_for_new_key(server: Server) -> None:
    """The command, while the server is down."""
    server.stop()
    done = server.command("rotate-device-key", DEVICE)
    assert done.returncode == 0, done.stderr
    assert "next contact" in done.stdout
    server.start()


def rekey(tablet: Tablet, new: Ed25519Signer = NEW, old: Verifier | None = None) -> httpx.Response:
    """The tablet's request; ``old`` is the key that the new one takes the place of."""
    replaced = old or tablet.world.device.signer.verifier
    proof = new.sign(possession("rekey", replaced.key_id, new.verifier.key_id))
    return tablet.post("/v1/rekey", RekeyWanted(public_key=new.verifier.public_key, proof=proof))


def test_a_new_key_is_certified_when_the_office_asked(server: Server, tablet: Tablet) -> None:
    """The journal goes on; the old key is refused from then on, and the new one is taken."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:3])
    ask_for_new_key(server)
    told = [one for one in tablet.pull()[1] if isinstance(one, DeviceKeyAsked)]
    assert [one.device for one in told] == [DEVICE]
    answer = rekey(tablet)
    assert answer.status_code == 200, answer.text
    certified = messages.decode(answer.content, Rekeyed).certificate
    claims = credential.open_device(certified, tablet.certifier())
    assert (claims.name, claims.public_key) == (DEVICE, NEW.verifier.public_key)
    refused = tablet.get("/v1/pull", "cursor=0")
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unknown_key")
    tablet.use(NEW)
    assert tablet.push(items[3:]).refusal is None
    assert any(isinstance(one, DeviceRekeyed) for one in tablet.pull()[1])
    server.stop()
    assert len(server.fsck()) == 1


def test_who_asks_again_for_the_same_key_gets_the_same_certificate(
    server: Server, tablet: Tablet
) -> None:
    """By the old key, whose answer was lost, and by the new one; nothing is stated twice."""
    ask_for_new_key(server)
    first = messages.decode(rekey(tablet).content, Rekeyed)
    old = tablet.world.device.signer.verifier
    assert messages.decode(rekey(tablet).content, Rekeyed).certificate == first.certificate
    tablet.use(NEW)
    again = messages.decode(rekey(tablet, old=old).content, Rekeyed)
    assert again.certificate == first.certificate
    assert sum(isinstance(one, DeviceRekeyed) for one in tablet.pull()[1]) == 1


def test_the_old_key_may_ask_for_no_other(server: Server, tablet: Tablet) -> None:
    """A thief of the old key comes too late."""
    ask_for_new_key(server)
    assert rekey(tablet).status_code == 200
    assert rekey(tablet, OTHER).status_code == 401
    assert rekey(tablet, OTHER, old=NEW.verifier).status_code == 401


def test_a_replaced_key_gets_nothing_when_the_next_is_asked_for(
    server: Server, tablet: Tablet
) -> None:
    """A thief of a key that was replaced waits for the office to ask once more."""
    ask_for_new_key(server)
    assert rekey(tablet).status_code == 200
    ask_for_new_key(server)
    refused = rekey(tablet, OTHER, old=NEW.verifier)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unknown_key")
    tablet.use(NEW)
    assert rekey(tablet, OTHER).status_code == 200


def test_nobody_gets_a_new_key_unasked(tablet: Tablet) -> None:
    """Else a thief with the tablet's key could turn the tablet out."""
    refused = rekey(tablet)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/refused")


def test_a_key_that_is_not_proved_or_not_free_is_refused(server: Server, tablet: Tablet) -> None:
    """Its private half must be there, and nobody else's key is ever taken."""
    ask_for_new_key(server)
    wrong = RekeyWanted(public_key=NEW.verifier.public_key, proof=bytes(64))
    assert tablet.post("/v1/rekey", wrong).status_code == 401
    assert rekey(tablet, tablet.world.shen.signer).status_code == 409  # type: ignore[arg-type]
    assert rekey(tablet).status_code == 200


def test_a_revoked_tablet_gets_no_new_key(server: Server) -> None:
    """It could not use one."""
    server.stop()
    with writing(server.settings, system_clock()) as services:
        world = World()
        statement = registry_revocation(world)
        issuer = services.keyring.issuer(AGENCY)
        services.office.state(statement, [issuer])
        with pytest.raises(Refused, match="revoked"):
            rekeying.ask(services, AGENCY, DEVICE)


def registry_revocation(world: World) -> Statement:
    now = system_clock().now()
    return DeviceRevoked(
        agency=AGENCY,
        at=now,
        salt=world.salt(),
        device=DEVICE,
        reason="遗失",
        effective_at=now,
    )


def test_the_office_gets_itself_a_new_key(server: Server, tablet: Tablet) -> None:
    """Its journal goes on, tablets know the new one by the next reference data, old facts hold."""
    before = tablet.office_key()
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:2])
    server.stop()
    done = server.command("rotate-device-key", OFFICE)
    assert done.returncode == 0, done.stderr
    server.start()
    assert tablet.push(items[2:]).refusal is None
    response = tablet.get("/v1/reference", "have=0")
    office = tablet.office_key(response.content)
    assert office != before
    assert f'keyid="{office.key_id.hex()}"' in response.headers["signature-input"]
    server.stop()
    assert len(server.fsck()) == 1
    with reading(server.settings, system_clock()) as services:
        made = services.facts.registry.devices[AGENCY, OFFICE]
        assert [one.key for one in made.former] == [before]


def test_the_offices_new_key_is_in_force_after_a_crash_too(server: Server) -> None:
    """The statement is in the log and the file still beside its place: the next start moves it."""
    server.stop()
    path = server.settings.keys / "office.key"
    old = path.read_bytes()
    assert server.command("rotate-device-key", OFFICE).returncode == 0
    new = path.read_bytes()
    path.with_name("office.key.next").write_bytes(new)
    path.write_bytes(old)
    with writing(server.settings, system_clock()) as services:
        assert path.read_bytes() == new
        known = services.facts.registry.devices[AGENCY, OFFICE].key
        assert services.office_key.verifier == known


def test_an_officers_keys_are_retired_by_a_command(server: Server, tablet: Tablet) -> None:
    """With a reason, which is stated; again there is nothing left to retire."""
    server.stop()
    cert_no = tablet.world.shen.cert_no
    command = ("retire-officer-key", cert_no, "--reason", "调离")
    done = server.command(*command)
    assert (done.returncode, done.stdout[:1]) == (0, "1")
    assert server.command(*command).returncode != 0
    with reading(server.settings, system_clock()) as services:
        keys = services.facts.registry.officer_keys.values()
        assert {one.cert_no: one.retired_at is None for one in keys} == {
            cert_no: False,
            tablet.world.lu.cert_no: True,
        }
        reference = services.facts.reference(AGENCY)
        assert reference is not None


# ── codes by former keys ─────────────────────────────────────────────────────────────────


def test_cards_are_presented_by_the_key_in_force_and_marks_stay_marked(known: Registry) -> None:
    """A presentation by the old key is nobody's; a document that the old key marked is proved."""
    world = World()
    after = registry.apply(known, rekeyed(world, NEW))
    mark = DocumentMark(AGENCY, DocumentKind.SPOT_DECISION, "1", bytes(16), bytes(32), world.now)
    old = document_mark(world.device.signer, mark)
    assert _device(after, cose.kid(old), None) is not None
    for signer, found in ((world.device.signer, False), (NEW, True)):
        shown = present(signer, b"card", bytes(32), world.now, 30, bytes(8))
        assert (_device(after, cose.kid(shown), world.now) is not None) == found


# ── the fold ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def known() -> Registry:
    """What the office's first records amount to."""
    folded = Registry()
    for record in World().registrations:
        folded = registry.apply(folded, told(record))
    return folded


def told(record: Recorded) -> Told:
    signers = [made.key_id for made in record.envelope.signatures]
    return Told(record.statement, signers, envelope.record_hash(record.envelope), record.index)


def by_issuer(statement: Statement, index: int = 1000) -> Told:
    return Told(statement, [World().issuer.verifier.key_id], bytes(32), index)


def certificate(world: World, new: Verifier, name: str = DEVICE) -> bytes:
    claims = rekeying.device_claims(AGENCY, name, new, world.now)
    return credential.issue_device(world.issuer, claims)


def rekeyed(world: World, new: Ed25519Signer, index: int = 1000) -> Told:
    said = DeviceRekeyed(
        **world.said(), device=DEVICE, certificate=certificate(world, new.verifier)
    )
    return by_issuer(said, index)


def nothing_said(world: World) -> Iterator[Statement]:
    """What changes no key."""
    free = certificate(world, NEW.verifier)
    yield DeviceRekeyed(**world.said(), device="YX-T99", certificate=free)
    yield DeviceRekeyed(**world.said(), device="office", certificate=free)
    yield DeviceRekeyed(**world.said(), device=DEVICE, certificate=b"rubbish")
    for taken in (world.shen.signer, world.office.signer, world.device.signer, world.issuer):
        made = certificate(world, taken.verifier)
        yield DeviceRekeyed(**world.said(), device=DEVICE, certificate=made)
    yield DeviceKeyAsked(**world.said(), device="YX-T99")
    key = world.shen.signer.verifier.key_id.hex()
    retired = {"reason": "…", "effective_at": world.now}
    yield OfficerKeyRetired(**world.said(), cert_no=world.lu.cert_no, key=key, **retired)
    yield OfficerKeyRetired(**world.said(), cert_no=world.lu.cert_no, key="00" * 32, **retired)


@pytest.mark.parametrize("number", range(10))
def test_what_names_nobody_or_somebody_elses_key_changes_nothing(
    known: Registry, number: int
) -> None:
    statement = list(nothing_said(World()))[number]
    assert registry.apply(known, by_issuer(statement)) is known


def test_only_who_may_say_it_changes_keys(known: Registry) -> None:
    """The tablet itself, its officers and the office's device are nobody here."""
    world = World()
    retired = OfficerKeyRetired(
        **world.said(),
        cert_no=world.lu.cert_no,
        key=world.lu.signer.verifier.key_id.hex(),
        reason="…",
        effective_at=world.now,
    )
    asked = DeviceKeyAsked(**world.said(), device=DEVICE)
    for one in (rekeyed(world, NEW).statement, retired, asked):
        for signer in (world.device, world.office, world.lu):
            by = Told(one, [signer.signer.verifier.key_id], bytes(32), 1000)
            assert registry.apply(known, by) is known
        assert registry.apply(known, by_issuer(one)) is not known  # type: ignore[arg-type]


def test_a_former_key_counts_below_its_end_and_never_comes_back(known: Registry) -> None:
    """The device is found by either key; what the log held before still verifies."""
    world = World()
    after = registry.apply(known, rekeyed(world, NEW))
    old, new = world.device.signer.verifier, NEW.verifier
    made = after.devices[AGENCY, DEVICE]
    assert after.device(old.key_id) is after.device(new.key_id) is made
    assert after.verifier(old.key_id) == old
    assert (set(made.keys_at(1000)), set(made.keys_at(1001))) == (
        {old.key_id, new.key_id},
        {new.key_id},
    )
    assert made.journal == known.devices[AGENCY, DEVICE].journal
    assert registry.apply(after, rekeyed(world, world.device.signer, 1001)) is after  # type: ignore[arg-type]


def test_a_retired_officers_key_stays_retired(known: Registry) -> None:
    """Its time is the first one's, and no credential brings it back."""
    world = World()
    key = world.lu.signer.verifier.key_id

    def gone(at: int) -> Told:
        return by_issuer(
            OfficerKeyRetired(
                **world.said(),
                cert_no=world.lu.cert_no,
                key=key.hex(),
                reason="遗失",
                effective_at=at,
            )
        )

    after = registry.apply(known, gone(5))
    assert after.officer_keys[key].retired_at == 5
    assert registry.apply(after, gone(9)) is after
    again = OfficerCredentialed(
        **world.said(),
        cert_no=world.lu.cert_no,
        device=DEVICE,
        credential=after.officer_keys[key].credential,
    )
    assert registry.apply(after, by_issuer(again)) is after
