"""The frozen repositories: what the tablet follows and refuses, and that the server writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from field_client.contact.reference import TUF, ReferenceShelf
from field_client.store.vault import Vault
from protocol.credential import open_issuer
from protocol.errors import FujieError
from protocol.keys import ED25519, Ed25519Signer, Verifier
from sync_server.reference import tufrepo
from tests.field_client.conftest import TurnedClock
from tests.protocol.vectors import load
from tests.vectors import generate_log
from tests.vectors.materials import seed

VECTORS = load("tuf")
GOOD = VECTORS["good"]
UNTIL = int(datetime(2099, 12, 31, tzinfo=UTC).timestamp() * 1000)


def laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    """The files of a repository; bundles are in hex, an empty file is none."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_bytes(bytes.fromhex(text) if name.startswith("targets/") else text.encode())
    return folder


@pytest.fixture
def shelf(vault: Vault, tmp_path: Path, clock: TurnedClock) -> ReferenceShelf:
    """A tablet that was enrolled with the first root and has followed the first repository."""
    root = Verifier(ED25519, bytes.fromhex(GOOD["root_key"]))
    issuer = open_issuer(bytes.fromhex(GOOD["issuer_certificate"]), root)
    made = ReferenceShelf(vault, root, issuer, tmp_path / "work", clock)
    made.fetch_from(laid_out(tmp_path / "first", GOOD["first"]))
    assert made.version == 7
    return made


def test_the_vectors_are_as_their_generator_writes_them() -> None:
    path = Path(generate_log.__file__).parent / "tuf.json"
    assert path.read_text(encoding="utf-8") == generate_log.render("tuf")


def test_a_change_of_issuer_and_root_is_followed(shelf: ReferenceShelf, tmp_path: Path) -> None:
    shelf.fetch_from(laid_out(tmp_path / "second", GOOD["second"]))
    assert shelf.version == 8
    told = GOOD["second_keys"]
    assert [root.public_key.hex() for root in shelf.roots] == told["roots"]
    assert [issuer.public_key.hex() for issuer in shelf.issuers] == told["issuers"]


@pytest.mark.parametrize("name", VECTORS["bad"])
def test_a_bad_repository_is_refused(
    shelf: ReferenceShelf, vault: Vault, tmp_path: Path, name: str
) -> None:
    files = GOOD["second"] | VECTORS["bad"][name]
    before = shelf.current, shelf.issuers, shelf.roots, vault.state(TUF)
    with pytest.raises(FujieError):
        shelf.fetch_from(laid_out(tmp_path / "bad", files))
    assert (shelf.current, shelf.issuers, shelf.roots, vault.state(TUF)) == before


def test_the_server_writes_the_same_bytes() -> None:
    """From the same keys, versions and days."""
    root, issuer = Ed25519Signer(seed("agency root")), Ed25519Signer(seed("issuer"))
    first = dict(GOOD["first"])
    (bundle,) = (bytes.fromhex(first[name]) for name in first if name.startswith("targets/"))
    made = tufrepo.version_files(7, bundle, issuer, UNTIL)
    made["1.root.json"] = tufrepo.root_json(1, [root.verifier], issuer.verifier, [root], UNTIL)
    assert {name: data for name, data in made.items() if name.endswith(".json")} == {
        name: text.encode() for name, text in first.items() if name.endswith(".json")
    }
    next_root = Ed25519Signer(seed("next agency root"))
    next_issuer = Ed25519Signer(seed("next issuer")).verifier
    second = tufrepo.root_json(2, [next_root.verifier], next_issuer, [next_root, root], UNTIL)
    assert second.decode() == GOOD["second"]["2.root.json"]
