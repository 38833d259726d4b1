"""What one tablet may cost the others: answers, disks, looks through a journal, lost bytes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from protocol import chain
from sync_server.clock import system_clock
from sync_server.devices import exchange
from sync_server.log.sequencer import Sequencer
from sync_server.services import writing
from sync_server.settings import Settings
from sync_server.store import blobs
from sync_server.store.blobs import Chunk, Uploads
from sync_server.web import tus
from sync_server.web.messages import Web
from sync_server.web.reviews import REVIEW_MS, Reviews
from sync_server.web.site import Site
from tests.sync_server import rotting
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_blobs import filmed_by


def test_a_page_of_a_pull_ends_before_it_is_too_large_to_be_read(
    tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long what the office wrote is: the rest comes with the next page, and nothing is
    passed over or told twice."""
    whole, told = tablet.pull()
    assert not whole.more
    monkeypatch.setattr(exchange, "PULL_BYTES", 2000)
    cursor, more, again, pages = -1, True, list[object](), 0
    while more:
        page, said = tablet.pull(cursor)
        held = sum(len(one.statement) for one in page.records)
        assert held <= 2000 or len(page.records) == 1
        assert page.cursor > cursor
        cursor, more, pages = page.cursor, page.more, pages + 1
        again += said
    assert (again, cursor) == (told, whole.cursor)
    assert pages > 1


def test_uploads_that_were_granted_one_by_one_leave_room_for_records(
    tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was free at the grant may be somebody else's by now: 507 before the reserve is touched,
    what was whole stays, and records go on being admitted."""
    film = filmed_by(tablet)
    granted = tablet.grant(film)
    assert tablet.patch(granted, 0, film[:1000]).status_code == 204
    monkeypatch.setattr(blobs, "ROOM", 1 << 60)
    assert tablet.patch(granted, 1000, film[1000:]).status_code == 507
    tablet.push([])
    monkeypatch.undo()
    assert tablet.grant(film).offset == 1000


def test_bytes_whose_writer_was_called_off_are_not_written_twice(tmp_path: Any) -> None:
    """The server ends, or a disk stands still, while a thread writes: an upload with a megabyte
    twice in it would have to begin again."""
    uploads = Uploads(Settings(tmp_path))
    upload = uploads.create()
    chunk = uploads.chunk(upload, 0, 1 << 30, None)
    begun, go = threading.Event(), threading.Event()
    real = chunk._append

    def slow(data: bytes) -> None:
        begun.set()
        go.wait()
        real(data)

    chunk._append = slow  # type: ignore[method-assign]
    sent = [bytes([n]) * (tus.BUFFER // 2) for n in range(2)]

    async def call_off() -> None:
        receiving = asyncio.create_task(tus._receive(_sending(sent), chunk))
        await asyncio.to_thread(begun.wait)
        receiving.cancel()
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await receiving

    asyncio.run(call_off())
    there = uploads.path(upload).read_bytes()
    assert b"".join(sent).startswith(there)
    assert len(there) == tus.BUFFER


def _sending(pieces: list[bytes]) -> Web:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
        await asyncio.Event().wait()

    return cast(Web, SimpleNamespace(stream=stream))


def test_an_upload_that_was_given_up_while_its_end_came_is_gone(
    tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """410, and no fault of the server's: the other request was first."""
    film = filmed_by(tablet)
    granted = tablet.grant(film)
    real = Chunk.end

    def given_up(chunk: Chunk) -> int:
        there = real(chunk)
        chunk._uploads.remove(chunk._upload)
        return there

    monkeypatch.setattr(Chunk, "end", given_up)
    assert tablet.patch(granted, 0, film).status_code == 410
    monkeypatch.undo()
    assert tablet.grant(film).offset == 0


def test_a_journal_is_looked_through_once_however_many_ask(
    server: Server, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, again and again, and when it fails: who comes meanwhile is told nothing, which
    leaves what he knew as it was."""
    server.stop()
    looks = []
    with writing(server.settings, system_clock()) as services:
        (device,) = [
            one for one in services.facts.registry.devices.values() if one.name != "office"
        ]
        reviews = Reviews(Site(services))
        real = Reviews._told

        def counted(self: Reviews, one: Any) -> Any:
            looks.append(one.name)
            if len(looks) == 2:
                raise OSError(5, "Input/output error")
            return real(self, one)

        monkeypatch.setattr(Reviews, "_told", counted)

        async def ask() -> list[Any]:
            return await asyncio.gather(*(reviews.of(device) for _ in range(20)))

        first = asyncio.run(ask())
        assert [one for one in first if one is not None] == [first[0]]
        assert asyncio.run(ask()) == [first[0]] * 20
        assert len(looks) == 1
        until, told = reviews._last[device.journal]
        reviews._last[device.journal] = until - 2 * REVIEW_MS, told
        assert asyncio.run(ask()) == [None] * 20
        assert asyncio.run(ask()) == [None] * 20
        assert len(looks) == 2


def test_what_a_device_said_while_the_disk_failed_is_stated_when_it_says_so_again(
    server: Server, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not stated, so that the same word is news."""
    items = tablet.links(tablet.world.inspection())

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Sequencer, "_write", fail)
    assert tablet.push_response(items).status_code == 503
    monkeypatch.undo()
    for _ in range(2):
        tablet.push(items)
    filed = [one.filed for one in rotting.kept(server) if one.filed is not None]
    assert [one.kind for one in filed].count("device_contacted") == 1


def test_a_link_of_the_office_that_rotted_holds_up_no_pull(
    server: Server, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others reach the tablet, also those behind a page that it would have filled."""
    whole, told = tablet.pull()
    lost = chain.decode_link(whole.records[1].link).hash()
    rotting.alter(server, rotting.place_of(server, lost), link=b"\0")
    for page in (200, 3):
        monkeypatch.setattr(exchange, "PULL_PAGE", page)
        cursor, more, again = -1, True, list[object]()
        while more:
            answer, said = tablet.pull(cursor)
            cursor, more = answer.cursor, answer.more
            again += said
        assert again == [told[0], *told[2:]]
