"""What the server publishes by TUF, read by a client that knows nothing of us."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import Updater

from protocol.credential import open_issuer
from protocol.keys import ED25519, Verifier
from protocol.reference import Reference, open_reference
from protocol.statements import DeviceRevoked, OfficerRegistered, Statement
from protocol.vocabulary import Standing
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.commands import catalogue
from sync_server.reference import portraits, tufrepo
from sync_server.services import Services, writing
from sync_server.settings import Settings
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet

AGENCY = demo.AGENCY.id
HOUR_MS = 3_600_000


@dataclass
class TurnedClock:
    """A clock that a test turns, from now on."""

    ahead_ms: int = 0
    boot: bytes = bytes(16)

    def now(self) -> int:
        return system_clock().now() + self.ahead_ms

    def monotonic(self) -> int:
        return self.now()


def updater(url: str, folder: Path, bootstrap: bytes | None = None) -> Updater:
    """python-tuf's own client with its own HTTP library, nothing of it changed."""
    base = f"{url}/tuf/{AGENCY}/"
    root = bootstrap or httpx.get(f"{base}1.root.json", trust_env=False).content
    folder.mkdir(exist_ok=True)
    return Updater(str(folder), base, str(folder), f"{base}targets/", bootstrap=root)


def bundle_of(client: Updater) -> bytes:
    client.refresh()
    told = client.get_targetinfo(tufrepo.TARGET)
    assert told is not None
    return Path(client.download_target(told)).read_bytes()


def opened(services: Services, bundle: bytes) -> Reference:
    return open_reference(bundle, services.facts.registry.agencies[AGENCY].issuer.verifier, 0)


def state(services: Services, kind: type[Statement], **fields: object) -> None:
    """The issuer states something of the registry."""
    said = kind(agency=AGENCY, at=services.clock.now(), salt=os.urandom(16).hex(), **fields)
    services.office.state(said, [services.keyring.issuer(AGENCY)])


def suspend(services: Services, cert_no: str) -> None:
    line = services.facts.registry.officers[AGENCY, cert_no][-1].record
    fields = {name: getattr(line, name) for name in line.__struct_fields__}
    for name in ("agency", "at", "salt", "case", "v"):
        fields.pop(name, None)
    fields |= {"standing": Standing.SUSPENDED, "effective_at": services.clock.now() - 1}
    state(services, OfficerRegistered, **fields)


def version(services: Services) -> int:
    return services.facts.registry.references[AGENCY]


def served(services: Services) -> int:
    data = tufrepo.read(services.db, AGENCY, "timestamp.json")
    assert data is not None
    return int(json.loads(data)["signed"]["version"])


# ── read by others ──────────────────────────────────────────────────────────────────────────


def test_an_unpatched_client_reads_the_reference_data(server: Server, tmp_path: Path) -> None:
    """Root, timestamp, snapshot, targets, bundle: over HTTP, by python-tuf with urllib3."""
    bundle = bundle_of(updater(server.url, tmp_path / "client"))
    root = json.loads((tmp_path / "client" / "root.json").read_bytes())["signed"]
    (key_id,) = root["roles"]["root"]["keyids"]
    agency = Verifier(ED25519, bytes.fromhex(root["keys"][key_id]["keyval"]["public"]))
    (issuer_id,) = root["roles"]["targets"]["keyids"]
    issuer = Verifier(ED25519, bytes.fromhex(root["keys"][issuer_id]["keyval"]["public"]))
    reference = open_reference(bundle, issuer, 0)
    assert open_issuer(reference.issuers[0].certificate, agency).verifier == issuer
    assert reference.officer(demo.OFFICERS[0]) is not None


def test_what_never_changes_may_be_kept_and_what_does_may_not(server: Server) -> None:
    """Proxies keep numbered files for ever, the newest for seconds, and no absence at all."""
    base = f"{server.url}/tuf/{AGENCY}/"
    told = {
        name: httpx.get(base + name, trust_env=False)
        for name in ("timestamp.json", "1.root.json", "2.root.json", "pending")
    }
    assert "immutable" in told["1.root.json"].headers["cache-control"]
    assert told["timestamp.json"].headers["cache-control"] == "public, max-age=30"
    for missing in ("2.root.json", "pending"):
        assert told[missing].status_code == 404
        assert "public" not in told[missing].headers.get("cache-control", "")


def test_another_agency_has_no_repository_here(server: Server) -> None:
    answer = httpx.get(f"{server.url}/tuf/11990124MB0000002B/timestamp.json", trust_env=False)
    assert answer.status_code == 404


def test_a_reader_who_began_before_a_new_version_finishes_with_the_old(
    county: Path, start_server: Callable[..., Server], tmp_path: Path
) -> None:
    """Files of a version stay while others follow, so that no reader gets a mix."""
    server = start_server(county)
    client = updater(server.url, tmp_path / "client")
    client._load_root()
    client._load_timestamp()
    server.stop()
    with writing(server.settings, system_clock()) as services:
        for _ in range(tufrepo.KEPT - 1):
            services.publish_reference(AGENCY)
    server.start()
    client._load_snapshot()
    client._load_targets("targets", "root")
    told = client.get_targetinfo(tufrepo.TARGET)
    assert told is not None
    assert Path(client.download_target(told)).stat().st_size == told.length


def test_versions_that_nobody_reads_any_more_go(county: Path, tmp_path: Path) -> None:
    """The newest few stay, and every root."""
    settings = copied(county, tmp_path)
    with writing(settings, system_clock()) as services:
        for _ in range(2 * tufrepo.KEPT):
            services.publish_reference(AGENCY)
        newest = version(services)
        names = [f"{n}.snapshot.json" for n in range(1, newest + 1)]
        kept = [n for n in names if tufrepo.read(services.db, AGENCY, n) is not None]
        assert kept == names[-tufrepo.KEPT :]
        assert tufrepo.read(services.db, AGENCY, "1.root.json") is not None


# ── when a version goes out ─────────────────────────────────────────────────────────────────


def test_a_contact_brings_nothing_new_while_nothing_changed(server: Server, tablet: Tablet) -> None:
    tablet.push([])
    before = httpx.get(f"{server.url}/tuf/{AGENCY}/timestamp.json", trust_env=False).content
    tablet.push([])
    assert httpx.get(f"{server.url}/tuf/{AGENCY}/timestamp.json", trust_env=False).content == before


def test_a_suspension_is_published_at_the_next_contact_of_any_tablet(
    county: Path, tmp_path: Path
) -> None:
    settings = copied(county, tmp_path)
    with writing(settings, system_clock()) as services:
        suspend(services, demo.OFFICERS[0])
        before = version(services)
        services.editions.renew(AGENCY)
        assert version(services) == served(services) == before + 1
        published = services.facts.reference(AGENCY)
        assert published is not None
        officer = opened(services, published[1]).officer(demo.OFFICERS[0])
        assert officer is not None
        assert officer.standing is Standing.SUSPENDED
        services.editions.renew(AGENCY)
        assert version(services) == before + 1


def test_a_suspension_for_later_is_published_when_its_time_has_come(
    county: Path, tmp_path: Path
) -> None:
    """Nobody has to state anything a second time."""
    clock = TurnedClock()
    with writing(copied(county, tmp_path), clock) as services:
        line = services.facts.registry.officers[AGENCY, demo.OFFICERS[0]][-1].record
        fields = {
            name: getattr(line, name)
            for name in line.__struct_fields__
            if name not in ("agency", "at", "salt", "case", "v")
        }
        fields |= {"standing": Standing.SUSPENDED, "effective_at": clock.now() + 13 * HOUR_MS}
        state(services, OfficerRegistered, **fields)
        services.editions.renew(AGENCY)
        standing = []
        for _ in range(2):
            published = services.facts.reference(AGENCY)
            assert published is not None
            officer = opened(services, published[1]).officer(demo.OFFICERS[0])
            assert officer is not None
            standing.append(officer.standing)
            clock.ahead_ms += 13 * HOUR_MS
            services.editions.renew(AGENCY)
        assert standing == [Standing.VALID, Standing.SUSPENDED]


def test_data_that_did_not_change_are_issued_again_before_they_are_old(
    county: Path, tmp_path: Path
) -> None:
    """Otherwise a quiet week would make every card unknown."""
    clock = TurnedClock()
    with writing(copied(county, tmp_path), clock) as services:
        before = version(services)
        services.editions.renew(AGENCY)
        assert version(services) == before
        clock.ahead_ms = 13 * HOUR_MS
        services.editions.renew(AGENCY)
        assert version(services) == before + 1


def test_a_revoked_device_is_named_in_the_next_version(county: Path, tmp_path: Path) -> None:
    with writing(copied(county, tmp_path), system_clock()) as services:
        state(services, DeviceRevoked, device="office", reason="…", effective_at=5)
        services.editions.renew(AGENCY)
        published = services.facts.reference(AGENCY)
        assert published is not None
        (office,) = [one for one in opened(services, published[1]).devices if one.name == "office"]
        assert office.revoked_at == 5


@pytest.mark.parametrize("cut", ["before the statement", "before the files"])
def test_a_crash_while_publishing_leaves_one_whole_version(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """Before, readers see the old one; the next start brings the new one."""
    settings = copied(county, tmp_path)

    class Cut(BaseException):
        """Power."""

    def crash(*_: object, **__: object) -> None:
        raise Cut

    with writing(settings, system_clock()) as services:
        before = version(services)
        with monkeypatch.context() as patched:
            if cut == "before the statement":
                patched.setattr(type(services.office), "state", crash)
            else:
                patched.setattr(tufrepo, "publish", crash)
            with pytest.raises(Cut):
                services.publish_reference(AGENCY)
        assert served(services) == before
    with writing(settings, system_clock()) as services:
        assert served(services) == version(services)
        if cut == "before the statement":
            assert version(services) == before
            services.publish_reference(AGENCY)
            assert served(services) == before + 1


# ── sticks ──────────────────────────────────────────────────────────────────────────────────


def test_a_stick_holds_what_the_server_serves(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Byte for byte, the newest version alone, the roots, and the photos of its officers."""
    settings, stick = copied(county, tmp_path), tmp_path / "stick"
    said: list[str] = []
    for _ in range(2):
        with writing(settings, system_clock()) as services:
            services.publish_reference(AGENCY)
        assert catalogue.export_reference(settings, stick, "", said.append) == 0
    target = stick / "tuf" / AGENCY
    assert said == [str(target)] * 2
    with writing(settings, system_clock()) as services:
        names = sorted(
            path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()
        )
        photos = [name for name in names if name.startswith("portraits/")]
        names = [name for name in names if name not in photos]
        assert [tufrepo.read(services.db, AGENCY, name) for name in names] == [
            (target / name).read_bytes() for name in names
        ]
        for name in photos:
            served = portraits.read(services.facts, AGENCY, name.removeprefix("portraits/"))
            assert served is not None
            assert served[1] == (target / name).read_bytes()
        assert len(photos) == len(demo.OFFICERS)
        newest = version(services)
    assert [name for name in names if name[0].isdigit()] == [
        "1.root.json",
        f"{newest}.snapshot.json",
        f"{newest}.targets.json",
    ]
    assert len([name for name in names if name.startswith("targets/")]) == 1


def test_anybody_may_read_the_stick(county: Path, tmp_path: Path) -> None:
    """The program keeps its own files to itself; a tablet is another user."""
    settings, stick = copied(county, tmp_path), tmp_path / "stick"
    stick.mkdir()
    before = os.umask(0o077)
    try:
        catalogue.export_reference(settings, stick, "", lambda _: None)
    finally:
        os.umask(before)
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in stick.rglob("*")}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_a_stick_pulled_out_too_early_holds_the_version_before(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever file was the last to arrive, the newest that is named is there whole."""
    settings, stick = copied(county, tmp_path), tmp_path / "stick"
    catalogue.export_reference(settings, stick, "", lambda _: None)
    with writing(settings, system_clock()) as services:
        services.publish_reference(AGENCY)
    whole = tufrepo.write_durably
    for files in range(4):
        left = files

        def pulled(path: Path, data: bytes) -> None:
            nonlocal left
            if left == 0:
                raise OSError("no such device")
            left -= 1
            whole(path, data)

        monkeypatch.setattr(tufrepo, "write_durably", pulled)
        with pytest.raises(OSError, match="no such device"):
            catalogue.export_reference(settings, stick, "", lambda _: None)
        folder = stick / "tuf" / AGENCY
        named = json.loads((folder / "timestamp.json").read_bytes())["signed"]["meta"]
        number = named["snapshot.json"]["version"]
        assert (folder / f"{number}.snapshot.json").is_file()
        assert (folder / f"{number}.targets.json").is_file()


def test_a_client_asks_for_the_root_after_the_last_and_gets_no(
    server: Server, tmp_path: Path
) -> None:
    """The one absence that the client's workflow counts on."""
    client = updater(server.url, tmp_path / "client")
    with pytest.raises(DownloadHTTPError) as missing:
        client._download_metadata("root", 512_000, 2)
    assert missing.value.status_code == 404


def copied(county: Path, tmp_path: Path) -> Settings:
    return Settings(Path(shutil.copytree(county, tmp_path / "data")))
