"""Blobs in a real S3 server: there before they are called stored, fetched when asked for."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync_server.clock import system_clock
from sync_server.services import writing
from sync_server.settings import BadSetting, Settings, read_settings
from sync_server.store.blobs import BlobStore
from sync_server.store.objects import MirroredBlobs, open_blobs
from sync_server.upkeep import fixity
from tests.cast import AGENCY
from tests.ports import free_port

DATA = os.urandom(20 << 20)  # more than two parts
NAME = hashlib.sha256(DATA).digest()
KEY, SECRET = "yunxi", "sesame-open-sesame"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A seaweedfs on this machine with one bucket and one key."""
    folder = tmp_path_factory.mktemp("s3")
    identity = {
        "name": "server",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or "weed"
    command = [
        *(weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"),
        *("-master.telemetry=false", "-volume.max=4", "-master.volumeSizeLimitMB=256"),
        *(f"-{name}.port={number}" for name, number in ports.items()),
        *(f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}"),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    settings = Settings(
        folder / "none",
        objects="s3://fujie/yunxi",
        s3_endpoint=f"http://127.0.0.1:{ports['s3']}",
        s3_key=KEY,
        s3_secret=SECRET,
    )
    try:
        _bucket(settings)
        yield settings
    finally:
        process.kill()  # asked to end it takes its time, and nothing of it is kept
        process.wait()


def _bucket(settings: Settings) -> None:
    """Wait for the server, and make the bucket: the first blob does both."""
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    root = S3Store(
        "fujie",
        config={
            "endpoint": settings.s3_endpoint,
            "region": "us-east-1",
            "access_key_id": KEY,
            "secret_access_key": SECRET,
        },
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{settings.s3_endpoint}/status", timeout=1).close()
            obstore.put(root, "begin", b"")
            return
        except (BaseError, OSError, urllib.error.URLError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.fixture
def blobs(s3: Settings, tmp_path: Path) -> MirroredBlobs:
    """A server's blobs over that S3, its folder empty."""
    made = open_blobs(replace(s3, data=tmp_path, objects=f"s3://fujie/{tmp_path.name}"))
    assert isinstance(made, MirroredBlobs)
    return made


def upload(folder: Path, data: bytes = DATA) -> Path:
    """A whole upload, verified."""
    path = folder / "uploads" / "one"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_blob_is_in_both_places_and_comes_back_when_the_folder_is_lost(
    blobs: MirroredBlobs, tmp_path: Path
) -> None:
    """In parts there, whole here; without the folder it is fetched and is the same."""
    blobs.take(upload(tmp_path), NAME)
    assert blobs.place(NAME).read_bytes() == DATA
    assert blobs.check(NAME)
    shutil.rmtree(tmp_path / "blobs")
    assert blobs.has(NAME)
    assert blobs.path(NAME).read_bytes() == DATA


def test_an_object_that_is_lost_or_rotten_is_put_right_from_the_copy_at_hand(
    blobs: MirroredBlobs,
) -> None:
    """And the copy at hand from the object; what is whole nowhere stays as it is."""
    import obstore

    name = blobs.put(b"a small one")
    there = f"{name.hex()[:2]}/{name.hex()}"
    obstore.put(blobs._store, f"{name.hex()[:2]}/readme.txt", b"of somebody else")
    assert blobs.names(name[0]) == {name}
    obstore.delete(blobs._store, there)
    assert blobs.names(name[0]) == set()
    assert not blobs.check(name)
    assert blobs.mend(name)
    assert blobs.check(name)
    blobs.place(name).write_bytes(b"a small 0ne")
    assert not blobs.check(name)
    assert blobs.mend(name)
    assert blobs.place(name).read_bytes() == b"a small one"
    obstore.put(blobs._store, there, b"a small 0ne")
    blobs.place(name).unlink()
    assert not blobs.mend(name)


def test_a_lost_object_is_on_record_within_a_day_and_sent_again(
    s3: Settings, inspected_county: Path, tmp_path: Path
) -> None:
    """One that is whole at hand comes back, and the next reading says so; one that is whole nowhere
    is named until somebody puts it back."""
    import obstore

    shutil.copytree(inspected_county, tmp_path / "data")
    settings = replace(s3, data=tmp_path / "data", objects=f"s3://fujie/{tmp_path.name}")
    with writing(settings, system_clock()) as services:
        blobs = services.blobs
        assert isinstance(blobs, MirroredBlobs)
        for place in settings.blobs.glob("*/*"):
            blobs._send(bytes.fromhex(place.name), place)
        fixity.look_for_objects(services)
        assert fixity.history(services, AGENCY) == []
        lost, gone = sorted(one.sha256 for one in fixity.held(services, AGENCY))[:2]
        for name in (lost, gone):
            obstore.delete(blobs._store, f"{name.hex()[:2]}/{name.hex()}")
        blobs.place(gone).unlink()
        fixity.look_for_objects(services)
        said = fixity.history(services, AGENCY)[0].said
        assert (said.damaged, said.missing) == ([lost.hex()], [gone.hex()])
        assert blobs.check(lost)
        fixity.check(services, AGENCY)
        said = fixity.history(services, AGENCY)[0].said
        assert sorted(said.checked) == sorted([lost.hex(), gone.hex()])
        assert (said.damaged, said.missing) == ([], [gone.hex()])


def test_what_was_never_stored_is_not_there(blobs: MirroredBlobs) -> None:
    """Asked for, it is a path where nothing is."""
    other = hashlib.sha256(b"other").digest()
    assert not blobs.has(other)
    assert not blobs.check(other)
    assert not blobs.path(other).exists()


def test_an_object_that_rotted_is_found_and_never_believed(
    blobs: MirroredBlobs, tmp_path: Path
) -> None:
    """The copy at hand is whole, the one that counts is not: the reading says so; and without
    the copy at hand nothing false is handed out."""
    import obstore

    name = blobs.put(b"a small one")
    assert blobs.check(name)
    obstore.put(blobs._store, f"{name.hex()[:2]}/{name.hex()}", b"a small 0ne")
    assert not blobs.check(name)
    blobs.place(name).unlink()
    assert not blobs.path(name).exists()


def test_what_is_destroyed_is_gone_from_both(blobs: MirroredBlobs) -> None:
    """And a second time nothing happens."""
    name = blobs.put(b"to be destroyed")
    for _ in range(2):
        blobs.forget(name)
        assert not blobs.has(name)


def test_without_the_object_store_nothing_is_called_stored(s3: Settings, tmp_path: Path) -> None:
    """As with a disk that fails: an error, and no blob; the tablet sends it again."""
    away = replace(s3, data=tmp_path, s3_endpoint=f"http://127.0.0.1:{free_port()}")
    blobs = open_blobs(away)
    with pytest.raises(OSError, match="object store"):
        blobs.take(upload(tmp_path, b"few"), hashlib.sha256(b"few").digest())
    assert not blobs.place(hashlib.sha256(b"few").digest()).exists()


def test_settings_name_the_store_and_keep_its_secret(tmp_path: Path) -> None:
    """The folder alone by default; the secret stands in a file and in no representation."""
    (tmp_path / "secret").write_text("sesame\n")
    asked = {
        "FUJIE_OBJECTS": "s3://fujie/yunxi/",
        "FUJIE_S3_SECRET": str(tmp_path / "secret"),
        "FUJIE_S3_KEY": "yunxi",
    }
    settings = read_settings(asked)
    assert (settings.objects, settings.s3_secret) == ("s3://fujie/yunxi", "sesame")
    assert "sesame" not in repr(settings)
    assert type(open_blobs(read_settings({}))) is BlobStore
    for wrong in ("fujie", "s3://", "s3://Fujie", "file:///x"):
        with pytest.raises(BadSetting, match="FUJIE_OBJECTS"):
            read_settings({"FUJIE_OBJECTS": wrong})
    with pytest.raises(BadSetting, match="FUJIE_S3_SECRET"):
        read_settings({"FUJIE_S3_SECRET": str(tmp_path / "none")})
