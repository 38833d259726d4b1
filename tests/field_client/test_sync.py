"""Contacts with the real server: all that was saved drains, whatever the day was like."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
from sqlmodel import Session, select

from field_client.contact import batches
from field_client.contact.inventory import open_journal
from field_client.errors import NoNetwork, ServerUnclear, VaultError
from field_client.store.tables import (
    BlobRow,
    JournalRow,
    LinkRow,
    ReceiptRow,
    Stage,
    StatementRow,
)
from protocol import chain
from protocol.engine import Pushed
from protocol.statements import (
    BlobRef,
    FileArchived,
)
from protocol.vocabulary import DocumentKind, Retention
from tests.field_client.county import HOUR_MS, County, FieldTablet
from tests.field_client.talk import grant_2027, only, receipts, respond, state_office, verified


def test_a_whole_inspection_drains(tablet: FieldTablet, county: County) -> None:
    """Saved without a server, then every record is receipted and every blob stored."""
    inspection = tablet.whole_inspection()
    assert set(tablet.stages()) == {Stage.SAVED}
    county.start()
    tablet.contact()
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    assert verified(tablet) == len(inspection.state.records)
    status = tablet.tablet.sync.status()
    assert (status.unsent, status.blobs_outstanding, status.trouble) == (0, 0, None)
    assert status.online
    assert status.contact_at is not None
    for ref in inspection.state.blobs:
        assert county.services is not None
        assert county.services.blobs.check(bytes.fromhex(ref.sha256))


def test_the_thread_sends_by_itself(tablet: FieldTablet, online: County) -> None:
    """A record that becomes durable wakes sync; nobody presses anything."""
    changed = threading.Event()

    def watch() -> None:
        if tablet.stages() == [Stage.STORED]:
            changed.set()

    tablet.tablet.sync.on_change(watch)
    tablet.tablet.sync.start()
    tablet.open()
    assert changed.wait(30)


def test_the_next_link_bears_the_servers_time(tablet: FieldTablet, online: County) -> None:
    """The received time of the newest verified receipt, which never goes back."""
    tablet.open()
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        received = session.exec(select(ReceiptRow.received_at)).one()
        session.expunge_all()
    later = tablet.open()
    (link,) = [one.link for one in later.state.records]
    assert link.server_at >= received > 0


def test_numbers_arrive_by_pull(tablet: FieldTablet, online: County) -> None:
    """A block for this tablet is kept once; what was used stays used."""
    journal = tablet.tablet.journal
    grant_2027(online)
    tablet.contact()
    tablet.contact()
    assert journal.next_number(DocumentKind.SPOT_DECISION, 2027).label == "云市监当罚〔2027〕1号"


def test_an_archived_file_holds_what_was_admitted_before_it(
    tablet: FieldTablet, online: County
) -> None:
    """A record of the case that comes later is sent like any other, and is not archived."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    tablet.contact()
    state_office(
        online,
        FileArchived,
        case=inspection.case.hex(),
        package=BlobRef(sha256="00" * 32, size=1, media_type="application/zip"),
        retention=Retention.YEARS_10,
        archive_no="1",
        documents=0,
        pages=0,
        media=0,
    )
    tablet.hear(inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [Stage.ARCHIVED] * 3 + [Stage.STORED]


def test_a_day_without_a_server_then_all_drains(tablet: FieldTablet, county: County) -> None:
    """Each attempt says so and waits longer; nothing is lost and nothing is sent twice."""
    for _ in range(6):
        tablet.open()
        tablet.contact()
        tablet.clock.pass_seconds(3600)
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, NoNetwork)
    assert (status.online, status.unsent) == (False, 6)
    assert tablet.stages() == [Stage.SAVED] * 6  # nothing left the tablet: nothing says "sent"
    county.start()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED] * 6
    assert verified(tablet) == 6


def test_records_take_less_on_the_wire_than_they_have(tablet: FieldTablet, county: County) -> None:
    """At most 0.6 of their envelopes, both ways: pushes are packed, and answered in a few words."""
    inspection = tablet.opened_and_notified()
    for _ in range(30):
        tablet.hear(inspection)
    county.start()
    took: list[tuple[str, int]] = []

    def weigh(request: httpx.Request, response: httpx.Response) -> None:
        if request.url.path == "/v1/push":
            packed = request.headers.get("content-encoding", "")
            took.append((packed, len(request.content) + len(response.extensions["raw"])))

    county.meddler.answer = weigh
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        raw = sum(len(one) for one in session.exec(select(StatementRow.envelope)))
    assert {packed for packed, _ in took} == {"zstd"}
    assert sum(size for _, size in took) <= 0.6 * raw
    assert Stage.SAVED not in tablet.stages()


@pytest.mark.parametrize("hours", [-30, 7])
def test_a_clock_wrong_by_hours_recovers_by_the_servers_time(
    tablet: FieldTablet, county: County, hours: int
) -> None:
    """The server refuses the first request and tells its time; the second one is signed by it."""
    county.clock.ahead_ms = hours * HOUR_MS
    county.start()
    tablet.open()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]
    assert county.meddler.asked[:2] == ["POST /v1/push", "POST /v1/push"]
    assert "POST /v1/push" not in county.meddler.asked[2:]


def test_a_gap_is_closed_by_sending_again(tablet: FieldTablet, online: County) -> None:
    """A tablet that believes that more is there than the server holds goes back by itself."""
    tablet.opened_and_notified()
    with tablet.tablet.vault.transaction() as session:
        for row in session.exec(select(LinkRow).where(LinkRow.sequence < 2)).all():
            row.stage = Stage.RECEIPTED.value
            session.add(row)
    tablet.restart()
    tablet.contact()
    assert verified(tablet) == 3


def test_an_answer_lost_on_its_way_back_does_no_harm(tablet: FieldTablet, online: County) -> None:
    """The server admitted the links already: sent again, they get their receipts."""
    tablet.opened_and_notified()

    def lose(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    online.meddler.answer = only("/v1/push", lose)
    tablet.contact()
    assert receipts(tablet) == 0
    online.meddler.answer = None
    tablet.restart()
    tablet.contact()
    assert verified(tablet) == 3


def test_paused_media_wait_over_a_restart_and_records_go_on(
    tablet: FieldTablet, online: County
) -> None:
    """Until somebody lets them go on; then they arrive, and nothing is left."""
    tablet.tablet.sync.pause()
    tablet.restart()
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert status.paused
    assert (status.unsent, status.progress.remaining_ms) == (0, None)
    assert status.blobs_outstanding > 0
    tablet.tablet.sync.resume()
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert (status.paused, status.blobs_outstanding) == (False, 0)
    assert set(tablet.stages()) == {Stage.STORED}


def test_progress_counts_from_where_something_was_left_for_the_first_time(
    tablet: FieldTablet, online: County
) -> None:
    """Records and files together, in items and bytes; what is saved meanwhile adds to the whole."""
    sync = tablet.tablet.sync
    tablet.open()
    first = sync.status().progress
    assert (first.items_done, first.items_total) == (0, 1)
    tablet.open()
    both = sync.status().progress
    assert (both.items_done, both.items_total) == (0, 2)
    assert both.bytes_total > first.bytes_total > 0
    tablet.contact()
    done = sync.status().progress
    assert (done.items_done, done.items_total) == (2, 2)
    assert done.bytes_done == done.bytes_total == both.bytes_total


def test_half_of_a_file_that_is_there_is_half_of_its_bytes(tablet: FieldTablet) -> None:
    """Items count when they are whole."""
    tablet.photo(tablet.opened_and_notified())
    before = tablet.tablet.sync.status().progress
    with tablet.tablet.vault.transaction() as session:
        photo = session.exec(select(BlobRow).where(BlobRow.media_type == "image/jpeg")).one()
        photo.uploaded_offset = half = photo.size // 2
        session.add(photo)
    now = tablet.tablet.sync.status().progress
    assert (now.bytes_done, now.bytes_total) == (half, before.bytes_total)
    assert (now.items_done, now.items_total) == (0, before.items_total)


def test_the_corner_is_told_without_asking_the_vault(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window asks with every view, and waits for nothing; what was saved is in it at once."""
    sync, vault = tablet.tablet.sync, tablet.tablet.vault

    def told() -> tuple[int, int | None]:
        with monkeypatch.context() as shut:
            shut.setattr(vault, "session", None)
            return sync.waiting()[:2]

    before = told()
    tablet.open()
    tablet.open()
    status = sync.status()
    assert status.unsent == before[0] + 2
    assert told() == (status.unsent, status.oldest_unsent_at)
    sync.count()
    assert told() == (status.unsent, status.oldest_unsent_at)
    tablet.contact()
    assert told() == (0, None)
    tablet.open()
    assert told()[0] == sync.status().unsent == 1


def test_a_record_is_pushed_while_a_chunk_is_under_way(tablet: FieldTablet, online: County) -> None:
    """The county holds its answer to the chunk back; the record is receipted meanwhile."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    held, go_on = threading.Event(), threading.Event()

    def hold(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        held.set()
        assert go_on.wait(30)
        return response

    online.meddler.answer = lambda request, response: (
        hold(request, response) if request.method == "PATCH" else None
    )
    pushed = threading.Event()
    sync = tablet.tablet.sync
    sync.on_change(lambda: sync.status().unsent or not held.is_set() or pushed.set())
    sync.start()
    assert held.wait(30)
    pushed.clear()
    tablet.open()
    assert pushed.wait(30)
    assert sync.status().blobs_outstanding > 0
    go_on.set()
    sync.stop()


def test_who_stops_sync_is_alone_with_the_vault(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the next push is being read; the vault is closed in order then."""
    tablet.opened_and_notified()
    rows, reading = batches._rows, threading.Event()

    def slowly(session: Session, start: int) -> object:
        found = rows(session, start)
        if start:
            reading.set()
            time.sleep(0.2)
        return found

    monkeypatch.setattr(batches, "_rows", slowly)
    tablet.tablet.sync._exchange.push(0, 1)
    assert reading.wait(timeout=10)
    tablet.tablet.sync.stop()
    assert not any(one.name == "sync-ahead" for one in threading.enumerate())


def test_what_follows_a_push_is_read_while_it_is_under_way(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second push of three finds its records read, and nobody who saves waits for that."""
    tablet.opened_and_notified()
    exchange = tablet.tablet.sync._exchange
    read: list[int] = []
    rows, vault = batches._rows, tablet.tablet.vault

    def counted(session: Session, start: int) -> object:
        read.append(start)
        return rows(session, start)

    monkeypatch.setattr(batches, "_rows", counted)
    said = exchange.push(0, 1)
    assert isinstance(said, Pushed)
    assert said.acknowledged == 1
    assert exchange._batches._reading is not None
    assert exchange._batches._reading.thread is not None
    exchange._batches._reading.thread.join()
    assert read == [0, 1]
    with monkeypatch.context() as patch:
        patch.setattr(batches, "_rows", lambda *_: pytest.fail("they were read already"))
        patch.setattr(type(vault), "transaction", lambda _: pytest.fail("somebody waits for this"))
        first = exchange._batches.next(1, 1)
    assert [chain.decode_link(link).sequence for link, _ in first] == [1]
    assert [len(exchange._batches.next(start, 1 << 20)) for start in (1, 2, 3)] == [2, 1, 0]


def test_what_was_read_ahead_is_used_for_its_place_and_journal_alone(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gap was named, another journal was opened, or reading failed: read again."""
    tablet.opened_and_notified()
    ahead = tablet.tablet.sync._exchange._batches

    def read_ahead(start: int) -> None:
        ahead.ahead(start)
        assert ahead._reading is not None
        assert ahead._reading.thread is not None
        ahead._reading.thread.join()

    read_ahead(2)
    assert len(ahead.next(0, 1 << 20)) == 3
    with monkeypatch.context() as patch:
        patch.setattr(batches, "_rows", lambda *_: 1 / 0)
        read_ahead(1)
    assert len(ahead.next(1, 1 << 20)) == 2
    read_ahead(1)
    with tablet.tablet.vault.transaction() as session:
        journal = open_journal(session)
        journal.open = False
        session.add(journal)
        session.flush()
        session.add(
            JournalRow(id=bytes(16), agency=journal.agency, device=journal.device, opened_at=1)
        )
    assert ahead.next(1, 1 << 20) == []


def test_sync_goes_on_when_a_watcher_fails(tablet: FieldTablet, online: County) -> None:
    """Whoever looks on ends nothing: what is saved later is sent all the same."""
    failed, changed = threading.Event(), threading.Event()

    def watch() -> None:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError
        if tablet.stages() == [Stage.STORED]:
            changed.set()

    tablet.tablet.sync.on_change(watch)
    tablet.tablet.sync.start()
    assert failed.wait(30)
    tablet.open()
    assert changed.wait(30)


def test_sync_goes_on_when_the_vault_cannot_be_read_for_a_moment(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stick changed is taken as it stood then; what was saved since goes with the next
    greeting."""
    held = tablet.tablet.sync
    held.anew()

    def broken(_: object) -> object:
        raise VaultError("…")

    monkeypatch.setattr("field_client.contact.sync.standing", broken)
    tablet.open()
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]


def test_the_trouble_with_a_photo_that_was_let_wait_is_told_no_more(
    tablet: FieldTablet, online: County
) -> None:
    """Nobody tries it, and records go well: the screen does not say otherwise."""
    tablet.opened_and_notified()
    online.meddler.answer = only("/v1/uploads", respond(500, b"", "text/plain"))
    tablet.contact()
    sync = tablet.tablet.sync
    assert isinstance(sync.status().trouble, ServerUnclear)
    sync.pause()
    tablet.contact()
    assert sync.status().trouble is None
    sync.resume()
    online.meddler.answer = None
    tablet.contact()
    assert sync.status().trouble is None
    assert set(tablet.stages()) == {Stage.STORED}
