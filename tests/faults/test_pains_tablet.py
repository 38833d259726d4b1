"""Pains that a person with the tablet in hand reported of other systems, each by its name.

test_refused_records_still_counted_as_sent              …
test_one_bad_queued_item_that_only_a_wipe_removes       a record, and a file
test_a_failed_upload_retried_only_at_the_next_write     the network's return is enough
test_an_acknowledgement_that_hides_a_rejection          the screen says what was noted, and why
test_items_with_failed_signatures_discarded             kept at both ends, and in an export
"""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from field_client.contact.exporting import Scope
from field_client.store.tables import BlobRow, LinkRow, ReceiptRow, Stage
from protocol.envelope import decode, record_hash
from protocol.export import Kind, Part, unseal
from protocol.keys import Verifier
from protocol.receipt import Reason, Verdict
from protocol.reference import Parameters
from protocol.statements import DeviceRevoked, StatementTaken
from sync_server import demo
from sync_server.devices import adoption, exports
from sync_server.reports import integrity
from sync_server.services import reading, writing
from tests.field_client.conftest import (
    clock,
    county,
    morning,
    online,
    shop,
    tablet,
    typesetter,
)
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import Stage as Running
from tests.field_client.test_forks import damage, sync_screen
from tests.system.test_tasks import person

__all__ = ["clock", "county", "morning", "online", "shop", "tablet", "typesetter"]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def revoke(county: County) -> None:
    """The office revokes YX-T07."""
    assert county.services is not None
    said = DeviceRevoked(
        agency=demo.AGENCY.id,
        at=county.clock.now(),
        salt="0" * 32,
        device=demo.DEVICE,
        reason="遗失",
        effective_at=county.clock.now(),
    )
    county.services.office.state(said, [county.services.keyring.issuer(demo.AGENCY.id)])


def tiles(view: object) -> list[str]:
    """The counts of the five stages, as the sync screen shows them."""
    return [tile.count for tile in view.tiles]  # type: ignore[attr-defined]


def parts(county: County, path: Path) -> list[Part]:
    """An export, opened by its office."""
    with reading(county.settings, county.clock) as services:
        key = bytes(services.keyring.exchange)  # type: ignore[arg-type]
    return list(unseal(io.BytesIO(path.read_bytes()).read, key))


# ── refused records still counted as sent ────────────────────────────────────────────────


def test_refused_records_still_counted_as_sent(tablet: FieldTablet, online: County) -> None:
    """What the office refused is *saved*, counts as unsent, and the screen says so."""
    tablet.contact()
    revoke(online)
    tablet.opened_and_notified()
    tablet.contact()
    assert tablet.tablet.sync.status().halted == "revoked_device"
    assert tablet.stages() == [Stage.SAVED] * 3
    assert tablet.tablet.sync.status().unsent == 3
    assert tiles(sync_screen(tablet)) == ["3", "0", "0", "0", "0"]


def test_nothing_is_said_to_be_sent_before_there_is_a_connection(
    tablet: FieldTablet, online: County
) -> None:
    """Not even for a moment: whoever looks while no network is found sees *saved*."""
    tablet.contact()
    tablet.opened_and_notified()
    seen: list[list[Stage]] = []
    online.meddler.unplugged = True
    tell = online.meddler.handle_request

    def looked(request: httpx.Request) -> httpx.Response:
        seen.append(tablet.stages())
        return tell(request)

    online.meddler.handle_request = looked  # type: ignore[method-assign]
    tablet.tablet.sync.contact()
    assert seen
    assert all(stages == [Stage.SAVED] * 3 for stages in seen)


def test_a_revoked_tablet_offers_its_export_and_a_registrar_adopts_it(
    tablet: FieldTablet, online: County, stick: Path
) -> None:
    """All the way on the screen: the refusal, the offer, the file; then the office lets it in, and
    the integrity report says how it came."""
    tablet.contact()
    revoke(online)
    tablet.opened_and_notified()
    tablet.contact()
    running = Running.of(tablet, sticks=(stick,))
    running.unlock()
    running.look_at_sync()
    alarm = running.view.alarm
    assert (alarm.title, alarm.fixes[0].key) == ("本平板已不再受信任", "export_unsent")
    running.do.fix(alarm.fixes[0].key)
    running.work()
    assert running.told.tone == "success"
    running.close()
    tablet.restart()
    (path,) = stick.glob("*.export")
    registrar = person(online, "tangyining")[1]
    online.stop()
    with (
        writing(online.settings, online.clock) as services,
        exports.opened(services, path, whole=True) as export,
    ):
        (done,) = adoption.adopt(services, export, registrar, "吊销后交回")
        assert (len(done.links), done.in_place) == (3, True)
    with reading(online.settings, online.clock) as services:
        device = services.facts.registry.device_named(demo.DEVICE)
        assert device is not None
        found = integrity.report(services, device, Parameters()).findings
    (told,) = [one for one in found if one.code == "adopted"]
    assert told.zh.startswith("0000至0002号由唐一宁")
    assert "吊销后交回" in told.zh


# ── one bad queued item that only a wipe removes ─────────────────────────────────────────


def test_one_bad_queued_item_that_only_a_wipe_removes(
    tablet: FieldTablet, online: County, stick: Path
) -> None:
    """A damaged record holds up nothing; it can be looked at, and what is left of it exported."""
    tablet.opened_and_notified()
    record = damage(tablet, 1, gone=False)
    tablet.contact()
    assert tablet.tablet.sync.status().unsent == 0
    running = Running.of(tablet, sticks=(stick,))
    running.unlock()
    running.look_at_sync()
    running.do.open_item(record.hex())
    assert (running.screen, running.view.title) == ("item", "损坏的记录")
    running.do.fix("export_all")
    running.work()
    running.close()
    tablet.restart()
    (path,) = stick.glob("*.export")
    assert sum(part.kind == Kind.STATEMENT for part in parts(online, path)) == 3


def test_one_bad_queued_file_that_only_a_wipe_removes(
    tablet: FieldTablet, online: County, stick: Path
) -> None:
    """Its file is cut: the others are stored, and the screen names it, with why and a way out."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    tablet.clip(inspection)
    with tablet.tablet.vault.session() as session:
        bad = session.exec(select(BlobRow).where(BlobRow.media_type == "image/jpeg")).one()
    file = tablet.tablet.settings.blobs_dir / bad.path
    file.write_bytes(file.read_bytes()[:-20])
    tablet.contact()
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        rows = session.exec(select(BlobRow).where(col(BlobRow.named)))
        stages = {row.sha256: Stage(row.stage) for row in rows}
    assert stages.pop(bad.sha256) in (Stage.SAVED, Stage.SENT)
    assert set(stages.values()) == {Stage.STORED}
    view = sync_screen(tablet)
    (note,) = [note for note in view.notes if "留在本机" in note.title]
    assert note.text
    assert [fix.key for fix in note.fixes] == ["export_unsent"]
    path = tablet.tablet.exporter.write(stick, Scope.UNSENT)
    assert Part(Kind.BLOB, b"") in parts(online, path)  # what is left of it, under no name


# ── a failed upload retried only at the next write ───────────────────────────────────────


@pytest.fixture
def kernel(tablet: FieldTablet) -> Iterator[socket.socket]:
    """The kernel's end of the socket by which the tablet's program hears of its network."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    tablet.tablet.network._events = lambda: theirs
    yield ours
    tablet.tablet.network.stop()
    ours.close()


def test_a_failed_upload_retried_only_at_the_next_write(
    tablet: FieldTablet, online: County, kernel: socket.socket
) -> None:
    """The network comes back, and the upload goes on: nobody writes, nobody presses anything."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    failed, stored = threading.Event(), threading.Event()

    def answer(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path != "/v1/uploads" and request.method != "PATCH":
            return None
        failed.set()
        raise httpx.ReadError("the line is gone", request=request)

    def look() -> None:
        if set(tablet.stages()) == {Stage.STORED}:
            stored.set()

    online.meddler.answer = answer
    tablet.tablet.sync.on_change(look)
    tablet.tablet.start()
    assert failed.wait(timeout=30)
    online.meddler.answer = None
    assert Stage.RECEIPTED in tablet.stages() or Stage.SAVED in tablet.stages()
    for _ in range(60):
        address = struct.pack("=IHHIIBBBBI", 24, 20, 0, 0, 0, 2, 24, 0, 0, 2)
        kernel.send(address)
        if stored.wait(timeout=1):
            break
    assert stored.is_set()


# ── an acknowledgement that hides a rejection; items with failed signatures discarded ────


class Forger:
    """Signs with nothing behind it."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier

    def sign(self, data: bytes) -> bytes:
        return bytes(64)


def badly_signed(tablet: FieldTablet) -> bytes:
    """A record of the case whose signature does not verify; its hash."""
    inspection = tablet.opened_and_notified()
    journal = tablet.tablet.journal
    said = journal.stamp(
        StatementTaken,
        inspection.case,
        told="拟罚款500元。",
        defence="没来得及。",
        reply="予以采纳。",
    )
    forged = Forger(tablet.shen.signer.verifier)
    return journal.save(said, [forged, tablet.lu.signer]).record


def test_an_acknowledgement_that_hides_a_rejection(tablet: FieldTablet, online: County) -> None:
    """A receipt whose verdict is *flagged* is shown as that, with its reason, in the list and on
    the record's own screen; the list counts it apart."""
    record = badly_signed(tablet)
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        link = session.exec(select(LinkRow).where(LinkRow.record_hash == record)).one()
        receipt = session.get(ReceiptRow, link.link_hash)
    assert receipt is not None
    assert receipt.verdict == Verdict.FLAGGED
    view = sync_screen(tablet)
    (row,) = [row for row in view.rows if row.key == record.hex()]
    assert (row.chip.word, row.detail) == ("提示", Reason.BAD_SIGNATURE.zh)
    assert [chip.word for chip in view.verdicts] == ["通过 3", "提示 1"]
    running = Running.of(tablet)
    running.unlock()
    running.look_at_sync()
    running.do.open_item(record.hex())
    assert Reason.BAD_SIGNATURE.zh in running.view.notes[0].title
    running.close()
    tablet.restart()


def test_items_with_failed_signatures_discarded(
    tablet: FieldTablet, online: County, stick: Path
) -> None:
    """The record is in the log as it came, with its envelope; it stays here and in an export."""
    record = badly_signed(tablet)
    tablet.open()
    tablet.contact()
    assert online.services is not None
    held = online.services.facts.envelope(record)
    assert held is not None
    assert record_hash(decode(held)) == record
    assert tablet.tablet.sync.status().unsent == 0
    path = tablet.tablet.exporter.write(stick, Scope.ALL)
    bodies = [part.body for part in parts(online, path) if part.kind == Kind.STATEMENT]
    assert record in {record_hash(decode(body)) for body in bodies}
