"""What users of the field's other systems lost of their photos and films, each as a test.

uploads that restart from zero        a missing attachment shown as present
metadata stripped from photos         one bad blob blocks others
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from field_client.documents import Typesetter
from field_client.store import skipped
from field_client.store.journal import Saved
from field_client.store.tables import BlobRow, Stage
from sync_server.log.namings import Blob
from tests.field_client import county as c
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import County, FieldTablet
from tests.films import blob_of, film, kept
from tests.proxy import Proxy

MIB = 1 << 20


@pytest.fixture
def line(county: County) -> Iterator[Proxy]:
    """A real line to the county's server, which runs."""
    county.start()
    with Proxy(county.port) as line:
        yield line


@pytest.fixture
def wired(
    line: Proxy,
    county: County,
    morning: Path,
    tmp_path: Path,
    clock: TurnedClock,
    shop: Path,
    typesetter: Typesetter,
) -> Iterator[FieldTablet]:
    """The tablet, which reaches its server over that line."""
    folder = c.copied(morning / "tablet", tmp_path / "tablet")
    made = FieldTablet.start(folder, clock, replace(county, port=line.port), shop, typesetter)
    yield made
    made.tablet.close()


def row(tablet: FieldTablet, saved: Saved) -> BlobRow:
    """What the tablet keeps of a recording."""
    with tablet.tablet.vault.session() as session:
        return session.get_one(BlobRow, blob_of(saved)[0])


def at_the_office(county: County, saved: Saved) -> bytes | None:
    """The bytes that the office stores under a recording's hash; None where it stores none."""
    assert county.services is not None
    name, _ = blob_of(saved)
    path = county.services.blobs.path(name)
    return path.read_bytes() if path.is_file() else None


def contacts(tablet: FieldTablet, times: int) -> None:
    """Contacts, each after the longest wait."""
    for _ in range(times):
        tablet.contact()
        tablet.clock.pass_seconds(3600)


def test_uploads_that_restart_from_zero(wired: FieldTablet, line: Proxy, county: County) -> None:
    """A film through six cuts, the program and the server started anew in between: what is sent
    again is at most a chunk for each cut, and the stored film is the recorded one."""
    inspection = wired.opened_and_notified()
    contacts(wired, 2)
    size, before = 24 * MIB, line.up
    saved = film(wired, inspection, size, seed=24)
    chunks = county.meddler.chunks
    chunks.clear()
    for number in range(6):
        line.cut(up=3 * MIB + 77_777)
        while line.cuts <= number:
            contacts(wired, 1)
        if number == 2:
            wired.restart()
        if number == 4:
            county.stop()
            county.start()
    contacts(wired, 3)
    assert row(wired, saved).stage == Stage.STORED
    assert chunks[0][0] == 0
    for (offset, length), (following, _) in pairwise(chunks):
        assert following in (offset, offset + length)
    assert 0 < line.up - before - size <= 6 * max(length for _, length in chunks)
    held = at_the_office(county, saved)
    assert held is not None
    assert hashlib.sha256(held).digest() == blob_of(saved)[0]


def test_a_missing_attachment_shown_as_present(tablet: FieldTablet, online: County) -> None:
    """The record is at the office, its photo is not: neither side says that it is stored, the
    tablet counts it as outstanding, and the office knows what it waits for."""
    inspection = tablet.opened_and_notified()
    saved = tablet.photo(inspection)

    def unreachable(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        wanted = request.url.path.startswith(("/v1/uploads", "/v1/blobs"))
        return httpx.Response(502) if wanted else None

    online.meddler.answer = unreachable
    contacts(tablet, 3)
    assert tablet.stages()[-1] == Stage.RECEIPTED
    assert row(tablet, saved).stage in (Stage.SAVED, Stage.SENT)
    assert tablet.tablet.sync.status().blobs_outstanding >= 1
    assert online.services is not None
    wanted = {blob.sha256 for blob in online.services.facts.wanted()}
    assert blob_of(saved)[0] in wanted
    online.meddler.answer = None
    contacts(tablet, 3)
    assert set(tablet.stages()) == {Stage.STORED}
    assert tablet.tablet.sync.status().blobs_outstanding == 0


def test_metadata_stripped_from_photos(tablet: FieldTablet, online: County, tmp_path: Path) -> None:
    """A photo with camera, time and place in its EXIF arrives with each of its bytes: nothing on
    the way opens it, and the record's hash is of the whole file."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nanchang Optics", "NC-7"
    exif[0x9003] = "2026:07:07 09:12:00"
    exif.get_ifd(0x8825)[2] = (27.0, 48.0, 12.5)
    Image.new("RGB", (64, 48), (200, 30, 30)).save(tmp_path / "label.jpg", exif=exif)
    taken = (tmp_path / "label.jpg").read_bytes()
    inspection = tablet.opened_and_notified()
    saved = kept(tablet, inspection, taken)
    contacts(tablet, 3)
    held = at_the_office(online, saved)
    assert held == taken
    (tmp_path / "held.jpg").write_bytes(held)
    with Image.open(tmp_path / "held.jpg") as read:
        assert read.getexif()[0x010F] == "Nanchang Optics"
        assert read.getexif().get_ifd(0x8825)[2] == (27.0, 48.0, 12.5)


def test_one_bad_blob_blocks_others(tablet: FieldTablet, online: County) -> None:
    """One file is damaged here, one is refused by the office, one is answered by a fault each time
    it is asked for: the fourth is stored, and each of the three has its reason, after a restart of
    the program too."""
    inspection = tablet.opened_and_notified()
    damaged, refused, failing, good = (
        kept(tablet, inspection, bytes([number]) * (1000 + number)) for number in range(4)
    )
    path = tablet.tablet.settings.blobs_dir / row(tablet, damaged).path
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    names = [blob_of(one)[0] for one in (refused, failing)]

    def hold(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path != "/v1/uploads":
            return None
        return httpx.Response(500) if names[1] in request.content else None

    online.meddler.answer = hold
    assert online.services is not None
    real = online.services.facts.namings

    def namings(sha256: bytes, *of: Any) -> list[Blob]:
        return [] if sha256 == names[0] else real(sha256, *of)

    object.__setattr__(online.services.facts, "namings", namings)
    contacts(tablet, 8)
    assert row(tablet, good).stage == Stage.STORED
    for bad in (damaged, refused, failing):
        assert row(tablet, bad).stage in (Stage.SAVED, Stage.SENT)
        assert at_the_office(online, bad) is None
    tablet.restart()
    with tablet.tablet.vault.session() as session:
        reasons = skipped.skipped(session)
    assert set(reasons) == {blob_of(damaged)[0], blob_of(refused)[0]}
    assert "was changed after it was recorded" in str(reasons[blob_of(damaged)[0]])
    assert reasons[blob_of(refused)[0]].facts["status"] == 409
    object.__setattr__(online.services.facts, "namings", real)
    online.meddler.answer = None
    contacts(tablet, 4)
    assert {row(tablet, one).stage for one in (refused, failing)} == {Stage.STORED.value}
    with tablet.tablet.vault.session() as session:
        assert set(skipped.skipped(session)) == {blob_of(damaged)[0]}
