"""Reference data on their way to a tablet: what it follows, and what it refuses by name.

The repository lies in a folder, as on a stick; ``Agency`` writes it with the server's own code
and any keys that a test gives it. The same attacks over the network go through the meddler.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
from securesystemslib.signer._key import CRYPTO_IMPORT_ERROR
from tuf.api.metadata import Metadata, Root

from field_client.contact import sticks
from field_client.contact.reference import TUF, ReferenceShelf
from field_client.contact.repository import keys_of
from field_client.contact.sticks import fresh
from field_client.errors import (
    NoNetwork,
    NoRepository,
    ReferenceRefused,
    ServerUnclear,
)
from field_client.store.vault import Vault
from field_client.ui import i18n
from field_client.ui.presenters.common import error_words
from protocol.credential import issue_issuer, open_issuer
from protocol.errors import Expired, FujieError, UnknownSigner
from protocol.keys import Ed25519Signer
from protocol.reference import AgencyInfo, IssuerEntry, Reference, sign_reference
from sync_server.reference import tufrepo
from tests.field_client.conftest import MORNING, TurnedClock
from tests.field_client.county import County, FieldTablet

AGENCY = "11990123MB0000001A"
YEAR_MS = 366 * 24 * 3_600_000
LATER = MORNING + 20 * YEAR_MS
INFO = AgencyInfo(
    id=AGENCY,
    name="云溪县市场监督管理局",
    short_name="云市监",
    region="990123",
    region_name="云溪县",
    government="云溪县人民政府",
    court="云溪县人民法院",
    hotline="0799-5550100",
    address="云溪县青石镇人民路1号",
    bank="云溪县农村商业银行",
)


def key() -> Ed25519Signer:
    return Ed25519Signer(secrets.token_bytes(32))


@dataclass
class Agency:
    """An agency that publishes into a folder. ``roots`` sign, ``threshold`` of them."""

    folder: Path
    roots: list[Ed25519Signer] = field(default_factory=lambda: [key()])
    issuer: Ed25519Signer = field(default_factory=key)
    threshold: int = 1
    version: int = 0
    root_version: int = 0
    until: int = LATER
    issuers: list[IssuerEntry] = field(default_factory=list)

    def certificate(self) -> bytes:
        public = self.issuer.verifier.public_key
        return issue_issuer(self.roots[0], public, AGENCY, MORNING - YEAR_MS, LATER)

    def name_issuer(self) -> None:
        """The issuer in force, before the former ones."""
        root_key = self.roots[0].verifier.public_key.hex()
        self.issuers.insert(0, IssuerEntry(certificate=self.certificate(), root_key=root_key))

    def reroot(self, signers: list[Ed25519Signer]) -> None:
        """The next root metadata, signed by ``signers``."""
        self.root_version += 1
        self.name_issuer()
        data = tufrepo.root_json(
            self.root_version,
            [one.verifier for one in self.roots],
            self.issuer.verifier,
            signers,
            self.until,
            self.threshold,
        )
        self.put(f"{self.root_version}.root.json", data)

    def publish(self, **changes: object) -> bytes:
        """The next version; returns its bundle."""
        self.version += 1
        reference = Reference(
            version=self.version, issued_at=MORNING, agency=INFO, issuers=self.issuers
        )
        bundle = sign_reference(msgspec.structs.replace(reference, **changes), self.issuer)
        files = tufrepo.version_files(self.version, bundle, self.issuer, self.until)
        for name, data in files.items():
            self.put(name, data)
        return bundle

    def put(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def bundle_path(self) -> Path:
        newest = json.loads((self.folder / f"{self.version}.targets.json").read_bytes())
        sha256 = newest["signed"]["targets"][tufrepo.TARGET]["hashes"]["sha256"]
        return self.folder / "targets" / f"{sha256}.{tufrepo.TARGET}"

    def copy(self, name: str) -> Agency:
        """The same agency, going on in another folder: another day's stick, or an attacker's."""
        folder = self.folder.with_name(name)
        shutil.copytree(self.folder, folder)
        return Agency(
            folder,
            list(self.roots),
            self.issuer,
            self.threshold,
            self.version,
            self.root_version,
            self.until,
            list(self.issuers),
        )


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    made = Agency(tmp_path / "stick")
    made.reroot(made.roots)
    made.publish()
    return made


@dataclass
class Shelf:
    """A tablet's shelf, enrolled at version 1 of an agency, as a program just started has it."""

    vault: Vault
    agency: Agency
    work: Path
    clock: TurnedClock

    def __post_init__(self) -> None:
        self.root = self.agency.roots[0].verifier
        self.issuer = open_issuer(self.agency.certificate(), self.root)
        self.now = self.restart()
        self.now.put(self.agency.bundle_path().read_bytes())

    def restart(self) -> ReferenceShelf:
        self.now = ReferenceShelf(self.vault, self.root, self.issuer, self.work, self.clock)
        return self.now

    def read(self, agency: Agency) -> None:
        self.now.fetch_from(agency.folder)

    def all(self) -> tuple[object, ...]:
        """All that a refused repository must leave as it was, in memory and on the disk."""
        again = ReferenceShelf(self.vault, self.root, self.issuer, self.work, self.clock)
        for one in (self.now, again):
            yielded = (one.current, one.issuers, one.roots, self.vault.state(TUF))
        return (*yielded, self.now.current, self.now.roots, sorted(self.work.rglob("*")))


@pytest.fixture
def shelf(vault: Vault, agency: Agency, tmp_path: Path, clock: TurnedClock) -> Shelf:
    return Shelf(vault, agency, tmp_path / "work", clock)


# ── what is followed ────────────────────────────────────────────────────────────────────────


def test_a_newer_version_is_taken_and_stays_after_a_restart(shelf: Shelf, agency: Agency) -> None:
    agency.publish()
    shelf.read(agency)
    assert shelf.now.version == shelf.restart().version == 2
    assert list(shelf.work.iterdir()) == []


def test_the_same_version_again_fetches_no_bundle(shelf: Shelf, agency: Agency) -> None:
    """What is here already is not asked for."""
    shelf.read(agency)
    agency.bundle_path().unlink()
    shelf.read(agency)
    assert shelf.now.version == 1


def test_versions_may_be_skipped(shelf: Shelf, agency: Agency) -> None:
    """A tablet that lay in a drawer."""
    for _ in range(9):
        agency.publish()
    shelf.read(agency)
    assert shelf.now.version == 10


def test_a_new_issuer_is_followed_on_the_roots_word(shelf: Shelf, agency: Agency) -> None:
    """The former one still vouches for what the data list of it."""
    shelf.read(agency)
    before = shelf.issuer
    agency.issuer = key()
    agency.reroot(agency.roots)
    agency.publish()
    shelf.read(agency)
    for one in (shelf.now, shelf.restart()):
        assert [issuer.verifier for issuer in one.issuers] == [
            agency.issuer.verifier,
            before.verifier,
        ]


def test_a_new_root_is_followed_through_the_old_one(shelf: Shelf, agency: Agency) -> None:
    """Twice between two contacts; then the newest root counts, also after a restart."""
    shelf.read(agency)
    for _ in range(2):
        old = agency.roots
        agency.roots = [key()]
        agency.reroot([*agency.roots, *old])
    agency.publish()
    shelf.read(agency)
    assert shelf.now.roots == shelf.restart().roots == (agency.roots[0].verifier,)


def test_a_tablet_enrolled_after_a_new_root_begins_there(
    vault: Vault, agency: Agency, tmp_path: Path, clock: TurnedClock
) -> None:
    """Its root key is not the first one that the repository knows."""
    old = agency.roots
    agency.roots = [key()]
    agency.reroot([*agency.roots, *old])
    agency.publish()
    late = Shelf(vault, agency, tmp_path / "work", clock)
    agency.publish()
    late.read(agency)
    assert late.now.version == 3


def test_two_of_three_roots_sign_the_next_one(shelf: Shelf, agency: Agency) -> None:
    """From one root to three, of which any two decide; then two of them bring the next."""
    shelf.read(agency)
    one, two, three = agency.roots[0], key(), key()
    agency.roots, agency.threshold = [one, two, three], 2
    agency.reroot([one, two])
    agency.publish()
    shelf.read(agency)
    assert set(shelf.now.roots) == {signer.verifier for signer in agency.roots}
    four = key()
    agency.roots = [two, three, four]
    agency.reroot([two, three])
    agency.publish()
    shelf.read(agency)
    assert set(shelf.now.roots) == {two.verifier, three.verifier, four.verifier}


def test_one_of_three_roots_decides_nothing(shelf: Shelf, agency: Agency) -> None:
    one, two, three = agency.roots[0], key(), key()
    agency.roots, agency.threshold = [one, two, three], 2
    agency.reroot([one, two])
    agency.publish()
    shelf.read(agency)
    before = shelf.all()
    agency.roots, agency.threshold = [three], 1
    agency.reroot([three])
    agency.publish()
    with pytest.raises(ReferenceRefused, match="not signed by the keys"):
        shelf.read(agency)
    assert shelf.all() == before


# ── what is refused ─────────────────────────────────────────────────────────────────────────

Attack = Callable[[Agency], None]


def flipped(pattern: str) -> Attack:
    """Another byte in the middle of each file of this name."""

    def attack(agency: Agency) -> None:
        for path in agency.folder.glob(pattern.format(v=agency.version)):
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)

    return attack


def replaced(pattern: str, by: bytes) -> Attack:
    def attack(agency: Agency) -> None:
        for path in agency.folder.glob(pattern.format(v=agency.version)):
            path.write_bytes(by)

    return attack


def old_bundle(agency: Agency) -> None:
    """Yesterday's bundle under today's name."""
    newest, agency.version = agency.bundle_path(), agency.version - 1
    shutil.copy(agency.bundle_path(), newest)
    agency.version += 1


def old_snapshot(agency: Agency) -> None:
    """Yesterday's list of files under today's name."""
    v = agency.version
    shutil.copy(agency.folder / f"{v - 1}.snapshot.json", agency.folder / f"{v}.snapshot.json")


def missing(pattern: str) -> Attack:
    def attack(agency: Agency) -> None:
        for path in agency.folder.glob(pattern.format(v=agency.version)):
            path.unlink()

    return attack


def by_a_former_issuer(agency: Agency) -> None:
    """Whoever got hold of a key that was replaced publishes with it."""
    former = agency.issuer
    agency.issuer = key()
    agency.reroot(agency.roots)
    agency.issuer = former
    agency.publish()


def by_a_root_of_nobodys(agency: Agency) -> None:
    """A root that names itself the next one."""
    agency.roots = [key()]
    agency.reroot(agency.roots)
    agency.publish()


def expired(agency: Agency) -> None:
    agency.until = 1_600_000_000_000
    agency.publish()


def without_end(agency: Agency) -> None:
    """A file that is longer than its signed length."""
    with agency.bundle_path().open("ab") as file:
        file.write(bytes(1 << 20))


def without_bundle(agency: Agency) -> None:
    """Metadata that name something else."""
    name = tufrepo.TARGET
    tufrepo.TARGET = "other.dsse"
    try:
        agency.publish()
    finally:
        tufrepo.TARGET = name


ATTACKS = {
    "a byte of timestamp": (flipped("timestamp.json"), "damaged|not signed"),
    "a byte of snapshot": (flipped("{v}.snapshot.json"), "damaged"),
    "a byte of targets": (flipped("{v}.targets.json"), "damaged"),
    "a byte of the bundle": (flipped("targets/*"), "damaged"),
    "no JSON": (replaced("timestamp.json", b"<html>"), "damaged"),
    "deep JSON": (replaced("timestamp.json", b"[" * 16_000), "damaged"),
    "mix and match, bundle": (old_bundle, "damaged"),
    "mix and match, snapshot": (old_snapshot, "damaged"),
    "no bundle": (missing("targets/*"), "404"),
    "no snapshot": (missing("{v}.snapshot.json"), "404"),
    "another target": (without_bundle, "damaged"),
    "a former issuer": (by_a_former_issuer, "not signed by the keys"),
    "a root by nobody": (by_a_root_of_nobodys, "not signed by the keys"),
    "expired": (expired, "expired by this tablet's clock"),
    "endless bundle": (without_end, "do not come to an end"),
    "endless timestamp": (replaced("timestamp.json", b" " * 100_000), "do not come to an end"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_name_and_changes_nothing(
    shelf: Shelf, agency: Agency, name: str
) -> None:
    """A good repository was followed before; today's has been tampered with."""
    shelf.read(agency)
    before, (attack, words) = shelf.all(), ATTACKS[name]
    agency.publish()
    good = agency.copy("good")
    attack(agency)
    with pytest.raises(ReferenceRefused, match=words):
        shelf.read(agency)
    assert shelf.all() == before
    shelf.read(good)
    assert shelf.now.version == 2


def test_an_older_stick_is_refused_as_older(shelf: Shelf, agency: Agency) -> None:
    """Rollback: also after a restart, and when only the root is newer."""
    old = agency.copy("old")
    agency.publish()
    shelf.read(agency)
    before = shelf.all()
    for _ in range(2):
        with pytest.raises(ReferenceRefused, match="older than what this tablet has seen"):
            shelf.read(old)
        assert shelf.all() == before
        shelf.restart()


def test_metadata_that_were_lost_do_not_let_an_older_bundle_in(
    shelf: Shelf, agency: Agency
) -> None:
    """The tablet's own check stands behind TUF's."""
    old = agency.copy("old")
    agency.publish()
    shelf.now.put(agency.bundle_path().read_bytes())
    assert shelf.vault.state(TUF) is None
    with pytest.raises(Expired):
        shelf.read(old)
    assert shelf.now.version == 2


def test_the_repository_of_another_agency_is_refused(
    shelf: Shelf, agency: Agency, tmp_path: Path
) -> None:
    """Its first root is not the one that this tablet's enrolment authenticated."""
    other = Agency(tmp_path / "other")
    other.reroot(other.roots)
    other.publish()
    before = shelf.all()
    with pytest.raises(ReferenceRefused, match="not signed by the keys"):
        shelf.read(other)
    shelf.read(agency)
    with pytest.raises(ReferenceRefused, match="not signed by the keys"):
        shelf.read(other)
    assert shelf.now.current == before[0]


def test_a_first_root_that_names_our_key_without_its_signature_is_refused(
    shelf: Shelf, agency: Agency
) -> None:
    """Naming a key is easy."""
    stranger = key()
    issuer, root = stranger.verifier, [agency.roots[0].verifier]
    agency.put("1.root.json", tufrepo.root_json(1, root, issuer, [stranger], LATER))
    with pytest.raises(ReferenceRefused):
        shelf.read(agency)


def test_a_first_root_of_several_keys_is_not_ours(shelf: Shelf, agency: Agency) -> None:
    """The enrolment authenticated one key, alone."""
    both = [agency.roots[0], key()]
    data = tufrepo.root_json(1, [one.verifier for one in both], agency.issuer.verifier, both, LATER)
    agency.put("1.root.json", data)
    with pytest.raises(ReferenceRefused):
        shelf.read(agency)


def test_an_issuer_that_the_root_did_not_certify_is_refused(shelf: Shelf, agency: Agency) -> None:
    """The metadata and the certificate must agree on who is in force."""
    shelf.read(agency)
    before = shelf.all()
    stranger = key()
    public = agency.issuer.verifier.public_key
    certificate = issue_issuer(stranger, public, AGENCY, MORNING, LATER)
    root_key = stranger.verifier.public_key.hex()
    agency.publish(issuers=[IssuerEntry(certificate=certificate, root_key=root_key)])
    with pytest.raises(UnknownSigner, match="that root"):
        shelf.read(agency)
    other = issue_issuer(agency.roots[0], key().verifier.public_key, AGENCY, MORNING, LATER)
    root_key = agency.roots[0].verifier.public_key.hex()
    agency.publish(issuers=[IssuerEntry(certificate=other, root_key=root_key)])
    with pytest.raises(UnknownSigner, match="in force"):
        shelf.read(agency)
    assert shelf.all() == before


def test_a_folder_without_a_repository_says_so(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(NoRepository):
        shelf.now.fetch_from(tmp_path / "nothing")


def test_a_repository_that_went_away_is_not_taken_for_none(shelf: Shelf, agency: Agency) -> None:
    """Once followed, a missing one is a fault, and no way back to anything weaker."""
    shelf.read(agency)
    shutil.rmtree(agency.folder)
    with pytest.raises(ReferenceRefused, match="damaged"):
        shelf.read(agency)


def test_a_pipe_in_place_of_a_file_does_not_hold_the_tablet_up(
    shelf: Shelf, agency: Agency
) -> None:
    """A stick may hold anything."""
    (agency.folder / "timestamp.json").unlink()
    os.mkfifo(agency.folder / "timestamp.json")
    with pytest.raises(ReferenceRefused, match="damaged"):
        shelf.read(agency)


def test_what_a_killed_program_left_is_cleared_away(shelf: Shelf, agency: Agency) -> None:
    (shelf.work / "left").mkdir(parents=True)
    (shelf.work / "left" / "timestamp.json").write_text("{}")
    shelf.read(agency)
    assert list(shelf.work.iterdir()) == []


def test_signatures_are_checked_by_cryptography() -> None:
    """Without it the library would fall back to slow Python, and say nothing."""
    assert CRYPTO_IMPORT_ERROR is None


def test_every_refusal_is_told_in_chinese(shelf: Shelf, agency: Agency) -> None:
    """In the officer's language, with what to do."""
    i18n.set_language("zh_CN")
    expired(agency)
    with pytest.raises(FujieError) as refused:
        shelf.read(agency)
    assert "请核对时钟" in error_words(i18n._, refused.value)


def test_root_metadata_name_roots_and_the_one_issuer(agency: Agency) -> None:
    data = (agency.folder / "1.root.json").read_bytes()
    assert keys_of(data) == ((agency.roots[0].verifier,), agency.issuer.verifier)
    root = Metadata[Root].from_bytes(data)
    root.signed.add_key(tufrepo.tuf_key(key().verifier), "targets")
    with pytest.raises(ReferenceRefused):
        keys_of(root.to_bytes())


# ── over the network ────────────────────────────────────────────────────────────────────────


def answering(name: str, content: Callable[[], Iterator[bytes]]) -> object:
    """The meddler's answer to requests for files whose path ends like this."""

    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return content()

    def answer(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
        if not request.url.path.endswith(name):
            return None
        return httpx.Response(200, stream=Stream())

    return answer


def test_endless_data_end_at_their_bound(tablet: FieldTablet, online: County) -> None:
    """Not when the disk is full."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 16
            yield bytes(1 << 16)

    online.meddler.answer = answering("timestamp.json", endless)  # type: ignore[assignment]
    with pytest.raises(ReferenceRefused, match="do not come to an end"):
        tablet.tablet.shelf.fetch(tablet.tablet.wire)
    assert sent <= 1 << 17


def test_data_that_hardly_come_are_given_up(tablet: FieldTablet, online: County) -> None:
    """A byte each ten seconds would keep a tablet from its records all day."""

    def trickle() -> Iterator[bytes]:
        while True:
            tablet.clock.pass_seconds(10)
            yield b" "

    before = tablet.clock.monotonic
    online.meddler.answer = answering("timestamp.json", trickle)  # type: ignore[assignment]
    with pytest.raises(ReferenceRefused, match="hardly come at all"):
        tablet.tablet.shelf.fetch(tablet.tablet.wire)
    assert tablet.clock.monotonic - before <= 60_000


def test_a_cut_connection_is_no_network_and_nothing_more(
    tablet: FieldTablet, online: County
) -> None:
    def cut() -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("cut")

    online.meddler.answer = answering("timestamp.json", cut)  # type: ignore[assignment]
    with pytest.raises(NoNetwork):
        tablet.tablet.shelf.fetch(tablet.tablet.wire)


def test_a_portals_page_is_not_the_server(tablet: FieldTablet, online: County) -> None:
    online.meddler.answer = lambda request, _: httpx.Response(302, headers={"location": "/login"})
    with pytest.raises(ServerUnclear):
        tablet.tablet.shelf.fetch(tablet.tablet.wire)


def test_a_server_of_before_tuf_still_gives_its_bundle(
    morning: Path, tablet: FieldTablet, online: County
) -> None:
    """A tablet that never saw a repository asks as it did before; one that did does not."""
    assert online.services is not None
    tablet.tablet.vault.set_state(TUF, b"")
    shelf = tablet.tablet.shelf
    shelf._held = None
    version = shelf.version
    online.services.publish_reference(AGENCY)

    def none(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
        return httpx.Response(404) if request.url.path.startswith("/tuf/") else None

    online.meddler.answer = none
    shelf.fetch(tablet.tablet.wire)
    assert shelf.version == version + 1
    online.meddler.answer = None
    shelf.fetch(tablet.tablet.wire)
    online.meddler.answer = none
    with pytest.raises(ServerUnclear):
        shelf.fetch(tablet.tablet.wire)


def test_a_folder_that_the_system_will_not_look_into_holds_no_data(tmp_path: Path) -> None:
    """A broken stick, or one whose folders are somebody else's, stops no screen."""
    assert sticks.with_repository([tmp_path], "x" * 300) is None
    assert fresh(tmp_path / ("x" * 300), "export", ".export").name == "export.export"
