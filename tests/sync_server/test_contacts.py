"""What a device says of itself arrives late, twice and in another order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from protocol.chain import Head
from protocol.registry.registry import OFFICE
from sync_server.devices import heard
from sync_server.devices.contacts import Latest
from sync_server.log import leaves
from sync_server.log.rows import write_heads
from sync_server.log.standing import JournalHead
from sync_server.store.db import Database
from tests.sync_server.conftest import BOTH
from tests.sync_server.stretches import One, journal, lay, said

STORES = BOTH
ISSUER, DEVICE = 1, 2
CONTACT = said("device_contacted")
LOG = [
    [One(ISSUER, "a", CONTACT)],
    [One(ISSUER, "b", CONTACT), One(ISSUER, "other", said("blob_stored"))],
    [One(DEVICE, "x", said("document_issued")), One(DEVICE, "a", CONTACT), One(DEVICE, "b")],
    [One(DEVICE, "c"), One(DEVICE, "c", CONTACT), One(DEVICE, "c", CONTACT)],
    [One(ISSUER, "d", said("device_contacted", agency="qs"))],
    [One(DEVICE, "b", CONTACT), One(DEVICE, "y", said("document_issued"))],
]
A, B, C = (0, b"what a says"), (1, b"what b says"), (7, b"what c says")
TABLET, OTHER, BOOT, NEXT = b"tablet", b"other", b"first boot", b"second boot"


def test_a_word_that_was_long_on_its_way_does_not_replace_a_newer_one() -> None:
    """Within one boot the device's own monotonic clock tells which is newer."""
    latest = Latest()
    assert latest.takes(TABLET, BOOT, 5_000)
    assert not latest.takes(TABLET, BOOT, 4_999)
    assert latest.takes(TABLET, BOOT, 5_000)
    assert latest.takes(OTHER, BOOT, 1)


def test_after_another_boot_the_clock_begins_again_and_the_device_is_still_heard() -> None:
    """An older boot's late word may stand until the next contact, and never for longer."""
    latest = Latest()
    assert latest.takes(TABLET, BOOT, 900_000)
    assert latest.takes(TABLET, NEXT, 10)
    assert latest.takes(TABLET, BOOT, 900_001)
    assert latest.takes(TABLET, NEXT, 20)
    assert not latest.takes(TABLET, NEXT, 15)


@pytest.fixture
def connection(tables: Database) -> Iterator[Connection]:
    with tables.writer.begin() as opened:
        write_heads(opened, [JournalHead(journal(ISSUER), OFFICE, "yx", Head(4, bytes(32)))])
        yield opened


@pytest.mark.parametrize(
    ("below", "above", "told"),
    [
        (None, -1, [C, B, A]),
        (11, -1, [C, B, A]),
        (8, -1, [C, B, A]),
        (7, -1, [B, A]),
        (5, -1, [B, A]),
        (1, -1, [A]),
        (None, 0, [C, B]),
        (None, 1, [C]),
        (None, 7, []),
        (7, 1, []),
    ],
)
def test_an_old_contact_that_somebody_sends_again_is_none(
    connection: Connection, below: int | None, above: int, told: list[tuple[int, bytes]]
) -> None:
    """Else a tablet's last word would be whichever of its words a finder of the bytes chose."""
    lay(connection, LOG)
    assert list(heard.contacts(connection, "yx", below, above)) == told


def test_contacts_are_read_as_they_are_asked_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county has a hundred thousand of them, and the newest few tell what is asked."""
    lay(connection, [[One(ISSUER, str(number), CONTACT)] for number in range(200)])
    read, whole = list[int](), leaves._leaves

    def watched(row, inside):  # type: ignore[no-untyped-def]
        read.append(row.first)
        return whole(row, inside)

    monkeypatch.setattr(leaves, "_leaves", watched)
    found = heard.contacts(connection, "yx")
    assert [next(found)[0] for _ in range(3)] == [199, 198, 197]
    assert len(read) < 20
    assert len(list(found)) == 197
    assert sorted(read) == list(range(200))
