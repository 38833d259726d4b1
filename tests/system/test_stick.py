"""A tablet that never meets a network: by stick alone it sends, is answered, and works on."""

from __future__ import annotations

import errno
import io
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from sqlmodel import select

from field_client.contact import answers, carried, freight, unread
from field_client.contact.answers import AnswerBroken, AnswerRefused, Cancelled
from field_client.contact.exchange import Exchange
from field_client.contact.exporting import Scope
from field_client.contact.taking import Taken
from field_client.store.stages import ALARM, CHECKPOINT, CURSOR, HALTED
from field_client.store.tables import BlobRow, NoticeRow, Stage
from field_client.tasks import open_tasks
from protocol import export, messages
from protocol.answer import (
    Answered,
    Asked,
    check_files,
    open_answered,
    seal_answer,
    sign_asked,
    take_files,
)
from protocol.errors import (
    Alarm,
    Altered,
    BadSignature,
    Malformed,
    NotForUs,
    RolledBack,
    Truncated,
    UnknownSigner,
)
from protocol.export import CHANCE
from protocol.keys import Ed25519Signer, Signer
from protocol.messages import PushAnswer
from protocol.sealing import seal
from protocol.statements import DeviceRevoked
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.devices import answering, exports, importing
from sync_server.reports.told import told
from sync_server.services import writing
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import County, FieldTablet
from tests.field_client.test_unread import archive
from tests.sync_server.web.staging import hidden
from tests.system.test_succession import every_receipt_verifies
from tests.system.test_tasks import assign


@dataclass
class Courier:
    """Whoever carries the stick between a tablet and its office."""

    tablet: FieldTablet
    county: County
    stick: Path

    def export(self, scope: Scope = Scope.UNSENT) -> Path:
        self.tablet.clock.pass_seconds(60)
        return self.tablet.tablet.exporter.write(self.stick, scope)

    def answer(self, path: Path) -> Path:
        """What ``import-export`` does, by the test's clock."""
        with (
            writing(self.county.settings, self.county.clock) as services,
            exports.opened(services, path) as opened,
        ):
            brought = importing.bring_in(services, opened)
            self.said = list(importing.tell(brought))
            made = answering.answer_to(services, opened, brought, told(services, opened.device))
        assert made is not None
        return answering.write(made, path)

    def take(self, path: Path) -> Taken:
        self.tablet.clock.pass_seconds(60)
        return self.tablet.tablet.taking.take_in(path)

    def round(self, scope: Scope = Scope.UNSENT) -> Taken:
        """Tablet, office, tablet."""
        return self.take(self.answer(self.export(scope)))

    def office(self, act: Callable[[], object]) -> None:
        """Something that the office does, with no network to the tablet."""
        self.county.start()
        act()
        self.county.stop()


@pytest.fixture
def courier(tablet: FieldTablet, county: County, tmp_path: Path) -> Courier:
    """The server is never reached: it does not even run."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return Courier(tablet, county, folder)


def state(tablet: FieldTablet) -> tuple[object, ...]:
    """What an answer that was refused must leave as it was."""
    vault = tablet.tablet.vault
    kept = [vault.state(name) for name in (CHECKPOINT, CURSOR, HALTED, ALARM)]
    return (*kept, tablet.stages(), tablet.tablet.shelf.version)


# ── all the way ──────────────────────────────────────────────────────────────────────────


def test_a_whole_inspection_reaches_the_office_and_is_archived_by_stick_alone(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """Saved, receipted, stored with its media, archived; each receipt verifies, and nothing was
    ever said to be sent."""
    inspection = tablet.whole_inspection()
    count = len(tablet.stages())
    path = courier.export()
    assert set(tablet.stages()) == {Stage.SAVED}
    taken = courier.take(courier.answer(path))
    assert (taken.receipts, taken.stored, taken.halted) == (count, count, None)
    assert set(tablet.stages()) == {Stage.STORED}
    assert every_receipt_verifies(tablet) == count
    courier.office(lambda: archive(county, inspection.case))
    again = courier.round()
    assert (again.receipts, again.stored) == (0, 0)
    assert set(tablet.stages()) == {Stage.ARCHIVED}
    with tablet.tablet.vault.session() as session:
        assert {row.stage for row in session.exec(select(BlobRow))} == {"archived"}
    assert tablet.tablet.sync.status().unsent == 0


def test_the_offices_page_does_for_a_stick_what_the_command_does(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """A real tablet's export, handed in while the server runs; the tablet takes the answer that the
    page gives, and each receipt verifies."""
    tablet.whole_inspection()
    count = len(tablet.stages())
    path = courier.export()
    county.start()
    client = httpx.Client(base_url=county.url, trust_env=False, verify=False, timeout=60)
    client.follow_redirects = True
    registrar = next(one for one in demo.STAFF if one.role is StaffRole.REGISTRAR)
    client.post(
        "/office/login", data={"account": registrar.account, "password": registrar.password}
    )
    form = {"form_token": hidden(client.get("/office/exports"), "form_token")}
    with path.open("rb") as file:
        page = client.post("/office/exports", data=form, files={"file": (path.name, file)})
    while 'http-equiv="refresh"' in page.text:
        page = client.get(page.url.path)
    assert "已全部收下" in page.text
    answer = client.get(f"{page.url.path}/answer")
    county.stop()
    path.with_suffix(".answer").write_bytes(answer.content)
    taken = courier.take(path.with_suffix(".answer"))
    assert (taken.receipts, taken.stored, taken.halted) == (count, count, None)
    assert every_receipt_verifies(tablet) == count


def test_what_reviews_found_reaches_a_tablet_without_network(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """The file of a photo is gone at the office; then it is there again."""
    tablet.photo(tablet.opened_and_notified())
    courier.round()
    assert unread.findings(tablet.tablet.vault) == []
    stored = next(one for one in sorted(county.settings.blobs.glob("*/*")))
    aside = stored.rename(stored.with_suffix(".aside"))
    courier.round()
    assert {one.code for one in unread.findings(tablet.tablet.vault)} == {"blob_missing"}
    aside.rename(stored)
    courier.round()
    assert unread.findings(tablet.tablet.vault) == []


def test_a_task_reaches_a_tablet_without_network(
    tablet: FieldTablet, courier: Courier, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assign(county, monkeypatch, tablet) == 0
    courier.round()
    (task,) = open_tasks(tablet.tablet.vault)
    assert task.said.number == "云市监检任〔2026〕57号"


def test_the_roster_comes_with_the_answer(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """A newer edition, verified as one from a server is."""
    before = tablet.tablet.shelf.version
    courier.office(lambda: county.services and county.services.publish_reference(demo.AGENCY.id))
    assert courier.round().updated
    assert tablet.tablet.shelf.version > before


def test_officers_photos_come_with_the_answer(
    tablet: FieldTablet, courier: Courier, tmp_path: Path
) -> None:
    """Those that the tablet lacks, and no others."""
    shelf = tablet.tablet.shelf
    kept, gone = (tablet.folder / "portraits" / name for name in sorted(shelf.portraits.held()))
    gone.unlink()
    tablet.open()
    answer = courier.answer(courier.export())
    key = answers.own_key(tablet.tablet.vault)
    with carried.unpacked(answer, key, tmp_path / "opened") as told:
        assert [name for name in told.digests if "portraits" in name] == [
            f"tuf/portraits/{gone.name}"
        ]
    courier.take(answer)
    assert set(shelf.portraits.held()) == {kept.name, gone.name}


def test_an_answer_brings_as_many_photos_as_it_has_room_for(
    tablet: FieldTablet, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made in memory; the next one brings the others."""
    held = tablet.tablet.shelf.portraits
    sizes = held.held()
    for name in sizes:
        (tablet.folder / "portraits" / name).unlink()
    monkeypatch.setattr(answering, "MOST_PHOTO_BYTES", sum(sizes.values()) - 1)
    tablet.open()
    for come in (1, 2):
        courier.take(courier.answer(courier.export()))
        assert len(held.held()) == come


def test_who_asks_for_no_photos_is_sent_none(
    tablet: FieldTablet, courier: Courier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of before would take an answer with them for a damaged one."""

    def of_before(asked: Asked, signer: Signer) -> bytes:
        return sign_asked(msgspec.structs.replace(asked, photos=msgspec.UNSET), signer)

    monkeypatch.setattr(freight, "sign_asked", of_before)
    for path in (tablet.folder / "portraits").iterdir():
        path.unlink()
    tablet.open()
    answer = courier.answer(courier.export())
    key = answers.own_key(tablet.tablet.vault)
    with carried.unpacked(answer, key, tmp_path / "opened") as told:
        assert not any("portraits" in name for name in told.digests)
    assert courier.take(answer).receipts


def test_receipts_come_in_runs_where_the_tablet_reads_them(
    tablet: FieldTablet, courier: Courier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One proof for all of a push. A program of before is answered link by link; either way every
    receipt verifies."""

    def of_before(asked: Asked, signer: Signer) -> bytes:
        return sign_asked(msgspec.structs.replace(asked, runs=msgspec.UNSET), signer)

    def page(answer: Path) -> PushAnswer:
        key = answers.own_key(tablet.tablet.vault)
        with carried.unpacked(answer, key, tmp_path / "opened") as told:
            (name,) = (name for name in told.digests if name.startswith("push/"))
            return messages.decode(told.file(name) or b"", PushAnswer)

    tablet.opened_and_notified()
    first = courier.answer(courier.export())
    assert (len(page(first).admitted), sum(run.count for run in page(first).runs)) == (0, 3)
    assert courier.take(first).receipts == 3
    tablet.open()
    monkeypatch.setattr(freight, "sign_asked", of_before)
    second = courier.answer(courier.export())
    assert (len(page(second).admitted), len(page(second).runs)) == (1, 0)
    assert courier.take(second).receipts == 1
    assert every_receipt_verifies(tablet) == 4


@contextmanager
def cut_off(where: object, name: str, at: int) -> Iterator[None]:
    """What is done here ends in the middle, at this call."""
    whole, calls = getattr(where, name), itertools.count(1)

    def until_then(*args: object, **more: object) -> object:
        if next(calls) == at:
            raise KeyboardInterrupt
        return whole(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, name, until_then)
        yield


def test_work_with_a_stick_that_was_cut_off_goes_on_where_it_was(
    tablet: FieldTablet, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the office, in the middle of an export, and at the tablet, in the middle of its answer:
    what was taken is not taken again."""
    tablet.opened_and_notified()
    path = courier.export()
    monkeypatch.setattr(importing, "BATCH", 2)

    with cut_off(importing, "verify", 3), pytest.raises(KeyboardInterrupt):
        courier.answer(path)
    answer = courier.answer(path)
    assert courier.said[0].endswith("1 new records, 2 were here")
    with cut_off(Exchange, "hear", 2), pytest.raises(KeyboardInterrupt):
        courier.take(answer)
    assert tablet.stages().count(Stage.SAVED) == 1
    assert courier.take(answer).receipts == 1
    assert set(tablet.stages()) == {Stage.STORED}
    assert every_receipt_verifies(tablet) == 3


def test_the_same_answer_again_changes_nothing(tablet: FieldTablet, courier: Courier) -> None:
    tablet.opened_and_notified()
    path = courier.answer(courier.export())
    courier.take(path)
    kept = state(tablet)
    taken = courier.take(path)
    assert (taken.receipts, taken.stored, taken.updated) == (0, 0, False)
    assert state(tablet) == kept


def test_what_was_saved_since_the_export_waits_for_the_next_one(
    tablet: FieldTablet, courier: Courier
) -> None:
    tablet.opened_and_notified()
    path = courier.export()
    tablet.open()
    courier.take(courier.answer(path))
    assert tablet.stages() == [*[Stage.STORED] * 3, Stage.SAVED]
    assert courier.round().receipts == 1
    assert set(tablet.stages()) == {Stage.STORED}


def test_an_answer_goes_on_from_what_the_tablet_heard_since_it_asked(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """Two exports before the first answer: the second proves itself from the first one's head."""
    tablet.opened_and_notified()
    first = courier.export()
    tablet.open()
    second = courier.export()
    answered = courier.answer(first)
    later = courier.answer(second)
    courier.take(answered)
    courier.take(later)
    assert set(tablet.stages()) == {Stage.STORED}
    assert every_receipt_verifies(tablet) == 4


def test_stick_and_network_may_take_turns(
    tablet: FieldTablet, courier: Courier, county: County
) -> None:
    """What came by stick is answered as known online, and the other way round."""
    tablet.opened_and_notified()
    courier.round()
    tablet.open()
    county.start()
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    assert tablet.tablet.sync.status().trouble is None
    county.stop()
    tablet.open()
    courier.round()
    assert set(tablet.stages()) == {Stage.STORED}
    assert every_receipt_verifies(tablet) == 5


# ── what is refused ──────────────────────────────────────────────────────────────────────


def test_an_older_answer_is_refused_and_changes_nothing(
    tablet: FieldTablet, courier: Courier
) -> None:
    tablet.opened_and_notified()
    old = courier.answer(courier.export())
    tablet.open()
    courier.round()
    kept = state(tablet)
    with pytest.raises(AnswerRefused, match="older"):
        courier.take(old)
    assert state(tablet) == kept
    assert kept[3] is None  # no alarm: the office is not to blame


def resealed(tablet: FieldTablet, path: Path, signer: Ed25519Signer, **changes: object) -> None:
    """The answer with something else in its manifest, signed by somebody and sealed again."""
    key = answers.own_key(tablet.tablet.vault)
    files: dict[str, bytes] = {}
    told = take_files(
        export.unseal(io.BytesIO(path.read_bytes()).read, key, b"fujie/answer/v1\n"),
        files.__setitem__,
    )
    body = msgspec.json.decode(msgspec.msgpack.decode(told)[1], type=Answered)
    changed = msgspec.structs.replace(body, **changes)
    recipient = answers.public(key)
    path.write_bytes(b"".join(seal_answer(changed, files, signer, recipient, os.urandom(CHANCE))))


def test_an_answer_by_nobody_of_the_office_counts_for_nothing(
    tablet: FieldTablet, courier: Courier
) -> None:
    tablet.opened_and_notified()
    path = courier.answer(courier.export())
    resealed(tablet, path, Ed25519Signer(bytes(32)))
    kept = state(tablet)
    with pytest.raises(UnknownSigner):
        courier.take(path)
    assert state(tablet) == kept


def test_another_tablets_answer_does_not_open(tablet: FieldTablet, courier: Courier) -> None:
    """It is sealed to a key that is nowhere else; and a question by another key is not ours."""
    tablet.opened_and_notified()
    path = courier.answer(courier.export())
    kept = state(tablet)
    key = answers.own_key(tablet.tablet.vault)
    tablet.tablet.vault.set_state(answers.KEY, bytes(31) + b"\1")
    with pytest.raises(NotForUs):
        courier.take(path)
    tablet.tablet.vault.set_state(answers.KEY, key)
    elsewhere = replace(tablet.tablet.taking, device_name="YX-T08")
    with pytest.raises(AnswerRefused, match="another tablet"):
        elsewhere.take_in(path)
    assert state(tablet) == kept


def test_every_kind_of_damage_is_named_and_changes_nothing(
    tablet: FieldTablet, courier: Courier
) -> None:
    tablet.opened_and_notified()
    path = courier.answer(courier.export())
    whole, kept = path.read_bytes(), state(tablet)
    cases = {
        whole[: len(whole) // 2]: Truncated,
        whole[:-1]: Truncated,
        whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]: Altered,
        b"fujie/export/v1\n" + whole[16:]: Malformed,
        b"": Malformed,
    }
    for data, error in cases.items():
        path.write_bytes(data)
        with pytest.raises(error):
            courier.take(path)
        assert state(tablet) == kept
    path.unlink()
    with pytest.raises(AnswerBroken):
        courier.take(path)
    assert not any(tablet.tablet.settings.answers_dir.iterdir())


def test_files_that_the_office_did_not_sign_are_none(tablet: FieldTablet, courier: Courier) -> None:
    answered = Answered(
        agency="a", device="d", at=1, asked="0" * 64, size=1, files={"pull/0": "1" * 64}
    )
    with pytest.raises(Altered):
        check_files(answered, {"pull/0": b"\1" * 32, "pull/1": b"\2" * 32})
    with pytest.raises((BadSignature, Malformed, NotForUs, Altered)):
        open_answered(b"\x93", {})


def test_who_stops_it_has_changed_nothing_and_goes_on_later(
    tablet: FieldTablet, courier: Courier
) -> None:
    tablet.opened_and_notified()
    asked: list[int] = []

    def at_once() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        tablet.tablet.exporter.write(courier.stick, Scope.ALL, cancelled=lambda: True)
    assert list(courier.stick.iterdir()) == []
    path = courier.answer(courier.export())
    kept = state(tablet)
    with pytest.raises(Cancelled):
        tablet.tablet.taking.take_in(path, cancelled=at_once)
    assert state(tablet) == kept
    assert courier.take(path).receipts == 3


def stopped_after(pieces: int) -> Callable[[], bool]:
    """Somebody who says stop once so many pieces were read, of what is here and of the stick."""
    asked = itertools.count()
    return lambda: next(asked) > pieces  # the first look is at how the file begins


@contextmanager
def pulled_out(path: Path, reads: int) -> Iterator[tuple[Any, int]]:
    """A file on a stick that is there for so many reads."""
    with path.open("rb") as file:
        left = itertools.count(reads, -1)

        def read(size: int) -> bytes:
            if next(left) <= 0:
                raise OSError(errno.EIO, "Input/output error")
            return file.read(size)

        yield SimpleNamespace(read=read, seek=file.seek, name=file.name), path.stat().st_size


def test_an_answer_goes_on_where_it_was_stopped_however_often_that_was(
    tablet: FieldTablet, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a person, by the program's end, by a stick that is pulled out: no byte but those of the
    last piece is read of the stick again, and what is kept is sealed as it was there."""
    tablet.opened_and_notified()
    path, kept = courier.answer(courier.export()), state(tablet)
    size, seen = path.stat().st_size, list[int]()
    monkeypatch.setattr(carried, "SYNCED", size // 8)
    for pieces in (2, 5):
        with pytest.raises(Cancelled, match="goes on from here"):
            tablet.tablet.taking.take_in(
                path, lambda far: seen.append(far.done), cancelled=stopped_after(pieces)
            )
    with monkeypatch.context() as patch:
        patch.setattr(carried, "_reading", lambda path: pulled_out(path, 2))
        with pytest.raises(AnswerBroken, match="goes on where it stopped"):
            tablet.tablet.taking.take_in(path, lambda far: seen.append(far.done))
    with cut_off(carried.os, "fsync", 1), pytest.raises(KeyboardInterrupt):
        courier.take(path)
    tablet.restart()
    assert state(tablet) == kept
    left = list(tablet.tablet.settings.answers_dir.rglob("*"))
    assert [one.read_bytes() for one in left] == [path.read_bytes()[: left[0].stat().st_size]]
    taken = tablet.tablet.taking.take_in(path, lambda far: seen.append(far.done))
    assert taken.receipts == 3
    assert [done // (size // 8) for done in seen[:7]] == [1, 2, 3, 4, 5, 6, 8]
    assert not any(tablet.tablet.settings.answers_dir.iterdir())


def test_what_was_read_of_an_answer_and_does_not_fit_is_read_anew(
    tablet: FieldTablet, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was altered here; or a newer answer lies in its place."""
    tablet.opened_and_notified()
    export = courier.export()
    path = courier.answer(export)
    monkeypatch.setattr(carried, "SYNCED", path.stat().st_size // 8)
    sealed = tablet.tablet.settings.answers_dir / carried.SEALED

    def stopped() -> None:
        with pytest.raises(Cancelled):
            tablet.tablet.taking.take_in(path, cancelled=stopped_after(4))

    stopped()
    courier.answer(export)
    first = sealed.read_bytes()
    stopped()
    assert sealed.read_bytes()[:120] != first[:120]
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    assert courier.take(path).receipts == 3


def test_what_nobody_sealed_for_this_tablet_takes_none_of_its_room(
    tablet: FieldTablet, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up where its first frame does not hold, or where an answer ends at the latest."""
    tablet.opened_and_notified()
    path = courier.answer(courier.export())
    whole, size, room = path.read_bytes(), path.stat().st_size, list[int]()
    monkeypatch.setattr(carried, "SYNCED", 512)
    for beginning in (whole[:-1], b"", whole[:500] + b"."):
        path.write_bytes(beginning)
        os.truncate(path, 1 << 26)
        with pytest.raises((Malformed, Altered)):
            tablet.tablet.taking.take_in(path, lambda far: room.append(far.done))
    path.write_bytes(whole)
    monkeypatch.setattr(carried, "MOST_SEALED", size - 1)
    with pytest.raises(Altered):
        tablet.tablet.taking.take_in(path, lambda far: room.append(far.done))
    assert max(room) < size + 512
    assert not any(tablet.tablet.settings.answers_dir.iterdir())


# ── what the office has to say ───────────────────────────────────────────────────────────


def test_a_server_that_was_rolled_back_is_caught_by_its_answer(
    tablet: FieldTablet, courier: Courier, county: County, tmp_path: Path
) -> None:
    """An alarm for good with both heads kept; nothing the tablet had is lost."""
    before = tmp_path / "before"
    shutil.copytree(county.folder, before)
    tablet.opened_and_notified()
    courier.round()
    shutil.rmtree(county.folder)
    shutil.copytree(before, county.folder)
    had = tablet.stages()
    tablet.open()
    with pytest.raises(RolledBack):
        courier.round(Scope.UNSENT)
    assert tablet.tablet.vault.state(ALARM) is not None
    assert tablet.tablet.vault.state(HALTED) == b"alarm"
    assert tablet.stages() == [*had, Stage.SAVED]


def test_a_server_that_grew_another_history_is_caught_at_once(
    tablet: FieldTablet, courier: Courier, county: County, tmp_path: Path
) -> None:
    """Its answer is signed whole: a proof in it that fails was not altered on its way."""
    before = tmp_path / "before"
    shutil.copytree(county.folder, before)
    tablet.opened_and_notified()
    courier.round()
    shutil.rmtree(county.folder)
    shutil.copytree(before, county.folder)
    with writing(county.settings, county.clock) as services:
        for _ in range(40):
            services.publish_reference(demo.AGENCY.id)
    with pytest.raises(Alarm):
        courier.round(Scope.ALL)
    assert tablet.tablet.vault.state(ALARM) is not None


def revoke(county: County, clock: TurnedClock) -> None:
    assert county.services is not None
    said = DeviceRevoked(
        agency=demo.AGENCY.id,
        at=clock.wall_ms(),
        salt="0" * 32,
        device=demo.DEVICE,
        reason="遗失",
        effective_at=clock.wall_ms(),
    )
    county.services.office.state(said, [county.services.keyring.issuer(demo.AGENCY.id)])


def test_a_revoked_tablet_learns_it_by_stick_and_keeps_what_it_has(
    tablet: FieldTablet, courier: Courier, county: County, clock: TurnedClock
) -> None:
    tablet.opened_and_notified()
    courier.office(lambda: revoke(county, clock))
    taken = courier.round()
    assert (taken.receipts, taken.halted) == (0, "revoked_device")
    assert tablet.tablet.vault.state(HALTED) == b"revoked_device"
    assert set(tablet.stages()) == {Stage.SAVED}
    with tablet.tablet.vault.session() as session:
        assert {row.kind for row in session.exec(select(NoticeRow))} >= {"refusal"}


def test_an_office_that_lacks_what_came_before_asks_for_everything(
    tablet: FieldTablet, courier: Courier, county: County, tmp_path: Path
) -> None:
    """An export of what is unsent, brought to an office that never saw the one before it."""
    tablet.opened_and_notified()
    courier.export()
    path = courier.export(Scope.ALL)
    parts = [
        part
        for part in _opened(county, path)
        if part.kind != export.Kind.LINK or _sequence(part.body) > 0
    ]
    _sealed_again(county, path, parts)
    taken = courier.take(courier.answer(path))
    assert (taken.receipts, taken.lacking) == (0, True)
    assert courier.round(Scope.ALL).receipts == 3


def _sequence(link: bytes) -> int:
    return int.from_bytes(link[17:25], "big")


def _opened(county: County, path: Path) -> list[export.Part]:
    with writing(county.settings, county.clock) as services:
        key = bytes(services.keyring.exchange)  # type: ignore[arg-type]
    return list(export.unseal(io.BytesIO(path.read_bytes()).read, key))


def _sealed_again(county: County, path: Path, parts: list[export.Part]) -> None:
    with writing(county.settings, county.clock) as services:
        key = bytes(services.keyring.exchange.public_key)  # type: ignore[union-attr]
    path.write_bytes(b"".join(seal(parts, key, os.urandom(CHANCE))))


def test_the_last_contact_is_when_the_office_answered(
    tablet: FieldTablet, courier: Courier
) -> None:
    """Not when its answer was carried here, two days later."""
    tablet.open()
    path = courier.answer(courier.export())
    answered = courier.county.clock.now()
    tablet.clock.pass_seconds(2 * 86_400)
    courier.take(path)
    assert tablet.tablet.sync.status().contact_at == answered
    courier.take(path)
    assert tablet.tablet.sync.status().contact_at == answered


def test_what_a_crash_left_of_an_answer_is_removed_at_start(tablet: FieldTablet) -> None:
    """It was opened, and lay outside the vault. What is sealed may be gone on with for a week."""
    left = tablet.tablet.settings.answers_dir / "tmp1"
    left.mkdir(parents=True)
    (left / "pull").write_bytes(b"a party's name")
    sealed = left.parent / carried.SEALED
    sealed.write_bytes(b"sealed")
    tablet.restart()
    assert list(left.parent.iterdir()) == [sealed]
    os.utime(sealed, (0, 0))
    tablet.restart()
    assert not any(left.parent.iterdir())


def test_nothing_of_an_answer_is_read_before_the_office_is_known_for_it(tmp_path: Path) -> None:
    """And a file whose name is another's folder is a file like any other."""
    told = answers.Told(tmp_path)
    told.put("pull/0", b"\xff no page")
    told.put("tuf/targets", b"a")
    told.put("tuf/targets/1.x", b"b")
    assert (told.file("tuf/targets"), told.file("tuf/targets/1.x")) == (b"a", b"b")
    told.transport(0, 0)
