"""An agency changes its issuer, and its root: what counts from then on, what counts as before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlmodel import delete

from protocol.credential import issue_issuer
from protocol.keys import Ed25519Signer
from protocol.statements import AgencyRerooted, NumbersGranted
from protocol.vocabulary import DocumentKind
from sync_server import demo
from sync_server.__main__ import main
from sync_server.clock import system_clock
from sync_server.keys import keyring
from sync_server.reference import tufrepo
from sync_server.services import Services, writing
from sync_server.settings import Settings
from sync_server.store.tables import TufRow
from sync_server.upkeep import rotation
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_tuf import AGENCY, bundle_of, opened, served, updater, version
from tests.worlds import World

Rotate = Callable[[Services, str, Path], None]
ROTATIONS = pytest.mark.parametrize(
    "rotate", [rotation.rotate_issuer, rotation.rotate_root], ids=["issuer", "root"]
)


@pytest.fixture
def settings(county: Path, tmp_path: Path) -> Settings:
    return Settings(Path(shutil.copytree(county, tmp_path / "data")))


def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, *arguments: str) -> int:
    monkeypatch.setenv("FUJIE_DATA", str(settings.data))
    return main(arguments)


# ── what an operator does ───────────────────────────────────────────────────────────────────


def test_issuer_and_root_are_replaced_by_a_command_each(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old issuer's key is gone, the old root's lies beside the new one, the log holds."""
    before = (settings.keys / f"{AGENCY}.issuer.key").read_bytes()
    assert run(monkeypatch, settings, "rotate-issuer") == 0
    assert "issuer" in capsys.readouterr().out
    assert (settings.keys / f"{AGENCY}.issuer.key").read_bytes() != before
    assert len(list(settings.keys.iterdir())) == len({*settings.keys.glob("*.key")})
    old = (settings.root / f"{AGENCY}.root.key").read_bytes()
    assert run(monkeypatch, settings, "rotate-root") == 0
    assert "trust.json anew" in capsys.readouterr().out
    (former,) = settings.root.glob("*.former")
    assert former.read_bytes() == old
    assert run(monkeypatch, settings, "fsck") == 0


def test_the_root_folder_may_lie_elsewhere(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken off this machine, and comes back on a stick."""
    safe = Path(shutil.move(settings.root, tmp_path / "safe"))
    assert run(monkeypatch, settings, "rotate-issuer") == 2
    assert run(monkeypatch, settings, "rotate-issuer", "--root", str(safe)) == 0
    assert run(monkeypatch, settings, "rotate-root", "--root", str(safe)) == 0
    assert not settings.root.exists()


def test_a_key_that_is_not_the_root_rotates_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.root / f"{AGENCY}.root.key").write_text("ab" * 32)
    for command in ("rotate-issuer", "rotate-root"):
        assert run(monkeypatch, settings, command) == 2
        assert "is not the root" in capsys.readouterr().err
    with writing(settings, system_clock()) as services:
        assert version(services) == 1


def test_no_rotation_while_a_server_writes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(settings, system_clock()):
        assert run(monkeypatch, settings, "rotate-issuer") == 2
    assert "stop it first" in capsys.readouterr().err


def test_after_a_new_root_a_verifier_is_given_both(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case files from before are proved by the old one."""
    out = tmp_path / "trust.json"
    assert run(monkeypatch, settings, "trust", str(out)) == 0
    first = json.loads(out.read_text())["roots"][AGENCY]
    assert run(monkeypatch, settings, "rotate-root") == 0
    assert run(monkeypatch, settings, "trust", str(out)) == 0
    new, old = json.loads(out.read_text())["roots"][AGENCY]
    assert (old, new != first) == (first, True)


# ── readers ─────────────────────────────────────────────────────────────────────────────────


def test_an_unpatched_client_follows_both_rotations(
    county: Path, start_server: Callable[..., Server], tmp_path: Path
) -> None:
    """Root 1 names root 2, and root 2 root 3; the bundle is signed by the issuer in force."""
    server = start_server(county)
    first = httpx.get(f"{server.url}/tuf/{AGENCY}/1.root.json", trust_env=False).content
    bundle_of(updater(server.url, tmp_path / "client", first))
    server.stop()
    with writing(server.settings, system_clock()) as services:
        rotation.rotate_issuer(services, AGENCY, server.settings.root)
        rotation.rotate_root(services, AGENCY, server.settings.root)
        newest = version(services)
        server_root = services.facts.registry.agencies[AGENCY].root
    server.start()
    bundle = bundle_of(updater(server.url, tmp_path / "client", first))
    followed = json.loads((tmp_path / "client" / "root.json").read_bytes())["signed"]
    assert followed["version"] == 3
    assert followed["roles"]["root"]["keyids"] == [tufrepo.tuf_key(server_root).keyid]
    server.stop()
    with writing(server.settings, system_clock()) as services:
        reference = opened(services, bundle)
    assert reference.version == newest
    assert len(reference.issuers) == 2


# ── what counts ─────────────────────────────────────────────────────────────────────────────


def test_a_former_issuer_changes_the_registry_no_more(settings: Settings) -> None:
    """Its signature verifies, so that the record stands; it says nothing here."""
    with writing(settings, system_clock()) as services:
        former = services.keyring.issuer(AGENCY)
        rotation.rotate_issuer(services, AGENCY, settings.root)
        grants = services.facts.registry.grants
        block = NumbersGranted(
            agency=AGENCY,
            at=services.clock.now(),
            salt="00" * 16,
            device="office",
            document=DocumentKind.SPOT_DECISION,
            year=2030,
            first=1,
            last=9,
            pattern="{n}",
        )
        services.office.state(block, [former])
        assert services.facts.registry.grants == grants
        services.office.state(block, [services.keyring.issuer(AGENCY)])
        assert len(services.facts.registry.grants) == len(grants) + 1


def test_a_new_root_without_the_old_ones_word_is_none(settings: Settings) -> None:
    """Nor one that is not there to say so itself."""
    with writing(settings, system_clock()) as services:
        known = services.facts.registry.agencies[AGENCY]
        old = keyring.read_signer(settings.root / f"{AGENCY}.root.key")
        new, issuer = Ed25519Signer(bytes(range(32))), known.issuer
        said = AgencyRerooted(
            agency=AGENCY,
            at=services.clock.now(),
            salt="00" * 16,
            root_key=new.verifier.public_key.hex(),
            issuer=issue_issuer(new, issuer.public_key, AGENCY, issuer.valid_from, 1 << 50),
        )
        for signers in ([new], [old]):
            services.office.state(said, signers)
            assert services.facts.registry.agencies[AGENCY] == known
        services.office.state(said, [old, new])
        assert services.facts.registry.agencies[AGENCY].root == new.verifier


def test_the_registry_is_the_same_when_it_is_folded_again(settings: Settings) -> None:
    """After a restart: roots, issuers, and whose certificate is whose."""
    with writing(settings, system_clock()) as services:
        rotation.rotate_issuer(services, AGENCY, settings.root)
        rotation.rotate_root(services, AGENCY, settings.root)
        rotation.rotate_issuer(services, AGENCY, settings.root)
        before = services.facts.registry
    with writing(settings, system_clock()) as services:
        assert services.facts.registry == before
        known = before.agencies[AGENCY]
        assert len(known.issuers) == 3
        assert len(known.roots) == 2
        assert known.issuers[1].root == known.root  # certified anew when the root changed
        assert known.issuers[2].root == known.roots[1]


def test_a_tablet_enrols_after_both(county: Path, start_server: Callable[..., Server]) -> None:
    """It gets the root and the issuer in force, and data that name the former ones."""
    server = start_server(county)
    server.stop()
    with writing(server.settings, system_clock()) as services:
        rotation.rotate_issuer(services, AGENCY, server.settings.root)
        rotation.rotate_root(services, AGENCY, server.settings.root)
        known = services.facts.registry.agencies[AGENCY]
    server.start()
    tablet = Tablet(server.url, World())
    admitted = tablet.enrol(server.code("device", demo.DEVICE))
    assert admitted.root_key == known.root.public_key
    assert admitted.issuer == known.issuers[0].certificate


# ── crashes ─────────────────────────────────────────────────────────────────────────────────


@ROTATIONS
@pytest.mark.parametrize("step", ["statement", "key file", "publication"])
def test_a_rotation_that_was_cut_is_finished_or_as_if_it_had_not_begun(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, rotate: Rotate, step: str
) -> None:
    """Whatever step came last, the server starts again, readers see one whole version, and the
    same command brings the rotation to its end."""

    class Cut(BaseException):
        """Power."""

    def crash(*_: object, **__: object) -> None:
        raise Cut

    with writing(settings, system_clock()) as services:
        roots = len(services.facts.registry.agencies[AGENCY].roots)
        with monkeypatch.context() as patched:
            if step == "statement":
                patched.setattr(type(services.office), "state", crash)
            elif step == "key file":
                patched.setattr(keyring, "settle", crash)
                whole = keyring.settle_root
                calls = iter([whole, crash])
                patched.setattr(keyring, "settle_root", lambda *a: next(calls)(*a))
            else:
                patched.setattr(type(services), "publish_reference", crash)
            with pytest.raises(Cut):
                rotate(services, AGENCY, settings.root)
    with writing(settings, system_clock()) as services:
        assert served(services) == version(services)
        services.publish_reference(AGENCY)
        rotate(services, AGENCY, settings.root)
        assert served(services) == version(services)
        known = services.facts.registry.agencies[AGENCY]
        assert services.keyring.issuer(AGENCY).verifier == known.issuer.verifier
        held = keyring.read_signer(settings.root / f"{AGENCY}.root.key").verifier
        assert held == known.root
        done = 1 if step == "statement" else 2
        if rotate is rotation.rotate_root:
            assert len(known.roots) == roots + done
        else:
            assert len(known.issuers) == 1 + done
        assert tufrepo.newest_root(services.db, AGENCY) == 1 + done


def test_a_server_of_before_tuf_gets_its_repository_with_the_first_rotation(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until then it publishes as it did, and says how to begin."""
    with writing(settings, system_clock()) as services:
        with services.db.private() as session:
            session.exec(delete(TufRow))
        services.publish_reference(AGENCY)
        assert tufrepo.read(services.db, AGENCY, "timestamp.json") is None
    assert run(monkeypatch, settings, "export-reference", str(settings.data / "stick")) == 2
    assert "rotate-issuer once" in capsys.readouterr().err
    assert run(monkeypatch, settings, "rotate-issuer") == 0
    with writing(settings, system_clock()) as services:
        assert tufrepo.newest_root(services.db, AGENCY) == 1
        assert served(services) == version(services)
