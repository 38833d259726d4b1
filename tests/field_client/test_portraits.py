"""Officers' photos on the tablet: fetched once, verified by their hash, kept, never made up."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from field_client.contact import portraits
from field_client.contact.portraits import WITHIN_MS
from field_client.contact.repository import Online, Stick
from field_client.flow.lockscreen import read
from field_client.store.portraits import Portrait
from field_client.ui.presenters.check import Result
from protocol.portraits import apart, where
from protocol.reference import RosterOfficer
from protocol.statements import BlobRef
from protocol.vocabulary import Standing
from sync_server.commands.catalogue import export_reference
from sync_server.portraits import portrait
from tests.field_client.county import SHEN, County, FieldTablet
from tests.field_client.flowing import Stage


def folder(tablet: FieldTablet) -> Path:
    return tablet.folder / "portraits"


def entry(tablet: FieldTablet, cert_no: str = SHEN) -> RosterOfficer:
    found = tablet.tablet.shelf.current.officer(cert_no)
    assert found is not None
    return found


def shown(tablet: FieldTablet) -> Portrait:
    return tablet.tablet.shelf.portraits.of(entry(tablet))


def asked(county: County) -> list[str]:
    return [line for line in county.meddler.asked if "/portraits/" in line]


@pytest.fixture
def bare(tablet: FieldTablet) -> FieldTablet:
    """The tablet without any photo yet."""
    shutil.rmtree(folder(tablet))
    return tablet


# ── on their way ─────────────────────────────────────────────────────────────────────────


def test_photos_come_with_the_first_contact_and_never_again(
    bare: FieldTablet, online: County
) -> None:
    """Both officers', by their hash; over a restart and a newer roster too."""
    assert shown(bare) == Portrait(to_come=True)
    bare.contact()
    assert shown(bare).data == portrait(0)
    assert len(asked(online)) == len(apart(bare.tablet.shelf.current.officers)) == 2
    before = bare.tablet.shelf.version
    assert online.services is not None
    online.services.publish_reference(bare.tablet.admitted.agency)
    bare.restart()
    bare.contact()
    assert bare.tablet.shelf.version == before + 1
    assert shown(bare).data == portrait(0)
    assert len(asked(online)) == 2


def test_who_has_keys_here_comes_first(bare: FieldTablet, online: County) -> None:
    """On a line that is slow, what is not reached in time comes at the next contact."""
    shelf = bare.tablet.shelf
    officers = shelf.current.officers
    far = msgspec.structs.replace(officers[0], credentials=[])
    roster = msgspec.structs.replace(shelf.current, officers=[far, officers[1]])

    def slow(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        bare.clock.pass_seconds(1 + WITHIN_MS // 1000)
        return response

    online.meddler.answer = slow
    source = Online(bare.tablet.wire, bare.tablet.admitted.agency, bare.clock)
    device = bare.tablet.office.device_name
    assert portraits.fetch(shelf.portraits, roster, source, device, bare.clock) == 1
    assert set(shelf.portraits.held()) == {officers[1].photo.sha256}
    assert portraits.fetch(shelf.portraits, roster, source, device, bare.clock) == 1
    assert set(shelf.portraits.held()) == set(apart(officers))


@pytest.mark.parametrize(
    "body", [b"<html>sign in to this network</html>", b"", portrait(1), portrait(0) + b"\0"]
)
def test_other_bytes_are_no_photo_and_hold_nothing_up(
    bare: FieldTablet, online: County, body: bytes
) -> None:
    """A captive portal's page, another's face, one byte more: not shown, and asked for again."""
    name = where(entry(bare).photo)

    def other(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        return httpx.Response(200, content=body) if request.url.path.endswith(name) else None

    online.meddler.answer = other
    inspection = bare.opened_and_notified()
    bare.contact()
    assert shown(bare) == Portrait(to_come=True)
    assert bare.tablet.sync.status().online
    assert inspection.state.shown
    online.meddler.answer = None
    bare.contact()
    assert shown(bare).data == portrait(0)


@pytest.mark.parametrize("body", [portrait(1), portrait(0) + b"\0"])
def test_one_photo_in_other_bytes_keeps_none_of_the_others_away(
    bare: FieldTablet, online: County, body: bytes
) -> None:
    """Whichever comes first on the roster, the next ones come."""
    name = where(entry(bare).photo)

    def other(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        return httpx.Response(200, content=body) if request.url.path.endswith(name) else None

    online.meddler.answer = other
    bare.contact()
    named = set(apart(bare.tablet.shelf.current.officers))
    assert set(bare.tablet.shelf.portraits.held()) == named - {entry(bare).photo.sha256}


def test_a_photo_that_is_damaged_at_the_office_is_not_there(
    bare: FieldTablet, online: County
) -> None:
    """It is asked for once, as one that is lost."""
    assert online.services is not None
    path = online.services.blobs.path(bytes.fromhex(entry(bare).photo.sha256))
    path.chmod(0o600)
    path.write_bytes(portrait(0)[:-1] + b"\0")
    for _ in range(3):
        bare.contact()
    assert shown(bare) == Portrait(to_come=True)
    assert len(asked(online)) == 2


def test_what_the_office_lacks_is_asked_for_once(bare: FieldTablet, online: County) -> None:
    """In each version of the roster: a server that has lost a photo is not asked every minute."""
    assert online.services is not None
    online.services.blobs.path(bytes.fromhex(entry(bare).photo.sha256)).unlink()
    for _ in range(3):
        bare.contact()
    assert shown(bare) == Portrait(to_come=True)
    assert len(asked(online)) == 2
    online.services.publish_reference(bare.tablet.admitted.agency)
    bare.contact()
    bare.contact()
    assert len(asked(online)) == 3


def test_a_photo_that_was_altered_on_the_tablet_is_none_and_comes_again(
    tablet: FieldTablet, online: County
) -> None:
    path = folder(tablet) / entry(tablet).photo.sha256
    path.write_bytes(portrait(1)[: entry(tablet).photo.size].ljust(entry(tablet).photo.size))
    assert shown(tablet) == Portrait(to_come=True)
    tablet.contact()
    assert shown(tablet).data == portrait(0)


def test_a_photo_that_nobody_bears_any_more_goes(tablet: FieldTablet, online: County) -> None:
    """With the newer roster; and what a crash left of one goes with it."""
    (folder(tablet) / ("ab" * 32 + ".part")).write_bytes(b"half")
    (folder(tablet) / ("cd" * 32)).write_bytes(b"former")
    assert online.services is not None
    online.services.publish_reference(tablet.tablet.admitted.agency)
    tablet.contact()
    assert {path.name for path in folder(tablet).iterdir()} == set(
        apart(tablet.tablet.shelf.current.officers)
    )


def test_a_full_disk_costs_the_photo_and_nothing_else(
    bare: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the room that half of it took."""
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.parent != folder(bare):
            return write(path, data)
        write(path, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        inspection = bare.opened_and_notified()
        bare.contact()
    assert inspection.state.shown
    assert bare.tablet.sync.status().online
    assert shown(bare) == Portrait(to_come=True)
    assert list(folder(bare).iterdir()) == []
    bare.contact()
    assert shown(bare).data == portrait(0)


def test_what_stands_in_the_folders_place_costs_the_photos_and_nothing_else(
    bare: FieldTablet, online: County
) -> None:
    folder(bare).write_bytes(b"in the place of the folder")
    inspection = bare.opened_and_notified()
    bare.contact()
    assert inspection.state.shown
    assert bare.tablet.sync.status().online
    assert shown(bare) == Portrait(to_come=True)


def test_a_newer_roster_leaves_a_photo_alone_that_is_being_written(
    tablet: FieldTablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick is read while a contact brings photos."""
    held, roster = tablet.tablet.shelf.portraits, tablet.tablet.shelf.current.officers
    tidying = threading.Thread(target=held.tidy, args=(roster,))
    replace = os.replace

    def slow(part: Path, path: Path) -> None:
        tidying.start()
        tidying.join(0.2)
        replace(part, path)

    monkeypatch.setattr(os, "replace", slow)
    held.keep(entry(tablet).photo, portrait(0))
    tidying.join()
    assert shown(tablet).data == portrait(0)


# ── without a network ────────────────────────────────────────────────────────────────────


def test_a_stick_with_reference_data_brings_the_photos(
    bare: FieldTablet, county: County, tmp_path: Path
) -> None:
    said: list[str] = []
    export_reference(county.settings, tmp_path / "stick", "", said.append)
    target = Path(said[0])
    assert {path.name for path in (target / "portraits").iterdir()} == set(
        apart(bare.tablet.shelf.current.officers)
    )
    (target / "portraits" / "stray").write_bytes(b"")
    (target / where(entry(bare).photo)).write_bytes(b"cut")
    export_reference(county.settings, tmp_path / "stick", "", said.append)
    assert not (target / "portraits" / "stray").exists()
    bare.tablet.shelf.fetch_from(target)
    assert shown(bare).data == portrait(0)


def test_a_stick_without_photos_brings_the_roster_all_the_same(
    bare: FieldTablet, county: County, tmp_path: Path
) -> None:
    """As programs of before wrote it."""
    said: list[str] = []
    export_reference(county.settings, tmp_path / "stick", "", said.append)
    shutil.rmtree(Path(said[0]) / "portraits")
    bare.tablet.shelf.fetch_from(Path(said[0]))
    assert shown(bare) == Portrait(to_come=True)
    assert (
        portraits.fetch(
            bare.tablet.shelf.portraits,
            bare.tablet.shelf.current,
            Stick(Path(said[0])),
            "",
            bare.clock,
            None,
        )
        == 0
    )


def test_a_bundle_of_before_brought_its_photos(tablet: FieldTablet) -> None:
    """They are shown as they are, and nothing is fetched for them."""
    before = msgspec.structs.replace(
        entry(tablet), photo=BlobRef(sha256="ab" * 32, size=9, media_type="image/png"),
        photo_bytes=b"\x89PNG before",
    )  # fmt: skip
    held = tablet.tablet.shelf.portraits
    assert held.of(before) == Portrait(b"\x89PNG before")
    assert held.lacking([before]) == []


# ── on the screen ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


@pytest.fixture
def faceless(bare: FieldTablet) -> Iterator[Stage]:
    """The same on a tablet to which no photo has come."""
    made = Stage.of(bare)
    yield made
    made.close()


def scanned(stage: Stage) -> Result:
    """What the tablet says of a colleague's card."""
    office = stage.desk.open_tablet.office
    checking = stage.routes._checking
    checking.read(stage.desk.case.card_code(office.face(stage.desk.officers[0])))
    stage.work()
    assert checking._result is not None
    return checking._result


def roster(stage: Stage, **changes: object) -> None:
    """Another roster on the tablet."""
    shelf = stage.desk.open_tablet.shelf
    officers = [msgspec.structs.replace(one, **changes) for one in shelf.current.officers]
    shelf._current = msgspec.structs.replace(shelf.current, officers=officers)


def test_the_card_bears_the_photo_and_so_does_the_locked_screen(stage: Stage) -> None:
    stage.notified()
    stage.routes._showing.show()
    assert (stage.view.face.photo, stage.view.face.photo_note) == (portrait(0), "")
    assert [one.photo for one in stage.view.officers] == [portrait(0), portrait(1)]
    assert [one.photo for one in read(stage.desk.settings).officers] == [portrait(0), portrait(1)]


def test_a_card_whose_photo_is_still_to_come_says_so(faceless: Stage) -> None:
    faceless.notified()
    faceless.routes._showing.show()
    assert faceless.view.face.photo is None
    assert faceless.view.face.photo_note == "照片尚未传到本机，请同时出示纸质证件。"
    assert [one.photo for one in faceless.view.officers] == [None, None]


def test_a_card_without_a_photo_on_the_roster_says_so(stage: Stage) -> None:
    stage.notified()
    roster(stage, photo=BlobRef(sha256="00" * 32, size=0, media_type="image/png"))
    stage.routes._showing.show()
    assert stage.view.face.photo_note == "名册上没有照片，请同时出示纸质证件。"


def test_a_colleagues_valid_card_is_compared_with_the_photo(stage: Stage) -> None:
    stage.notified()
    result = scanned(stage)
    assert (result.chip.word, result.chip.tone) == ("有效", "success")
    assert result.photo == portrait(0)


def test_a_colleagues_valid_card_is_no_success_without_a_face(faceless: Stage) -> None:
    """Who looks at it is told that nobody was compared, and what to ask for instead; what is
    worse than that is said first."""
    faceless.notified()
    result = scanned(faceless)
    assert (result.chip.word, result.chip.tone) == ("有效，但无照片", "warning")
    assert "尚未传到本机" in result.text
    assert "纸质证件" in result.text
    assert ("姓名", "沈知远") in result.facts
    roster(faceless, standing=Standing.SUSPENDED)
    assert scanned(faceless).chip.tone == "danger"
