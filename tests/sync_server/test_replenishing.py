"""A tablet gets its next numbers, and the seal with them, before it lacks them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest

from protocol.calendar import day_start, local_day
from protocol.chain import decode_link
from protocol.messages import PushItem
from protocol.statements import NumbersGranted, NumberVoided
from protocol.vocabulary import DocumentKind
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.devices import grants, replenishing
from sync_server.devices.replenishing import DAY_MS, LOW, Replenishing
from sync_server.services import Services, reading, writing
from tests.cast import AGENCY
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet, item

KIND = DocumentKind.SPOT_DECISION
TODAY = local_day(system_clock().now())


class Later:
    """The machine's clock, set on."""

    def __init__(self) -> None:
        self._real, self.by = system_clock(), 2 * DAY_MS
        self.boot, self.monotonic = self._real.boot, self._real.monotonic

    def now(self) -> int:
        return self._real.now() + self.by

    def set(self, day: date) -> None:
        self.by = day_start(day) + DAY_MS // 2 - self._real.now()


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def voids(server: Server, tablet: Tablet) -> list[PushItem]:
    """By these the tablet voids so many of its decisions' numbers that few are left."""
    server.stop()
    with writing(server.settings, system_clock()) as services:
        (grant,) = [
            one
            for one in services.sequencer.registry.grants
            if (one.record.device, one.record.document) == (demo.DEVICE, KIND)
        ]
    server.start()
    world, count = tablet.world, grants.BLOCK - LOW + 1
    world.now = max(world.now, system_clock().now())
    made = []
    for serial in range(grant.record.first, grant.record.first + count):
        void = NumberVoided(
            agency=AGENCY,
            at=world.now,
            salt=f"{serial:032x}",
            document=KIND,
            number=grant.record.pattern.replace("{n}", str(serial)),
            grant=grant.record_hash.hex(),
            reason="打印时损坏",
        )
        made.append(item(world.state(void, world.shen, world.lu)))
    return made


@pytest.fixture
def used(tablet: Tablet, voids: list[PushItem]) -> int:
    """How many numbers the office knows to be voided."""
    tablet.push(voids)
    return len(voids)


def without_statements(items: list[PushItem]) -> list[PushItem]:
    return [PushItem(link=one.link) for one in items]


def again(tablet: Tablet, items: list[PushItem]) -> list[PushItem]:
    """The same records by new links."""
    world = tablet.world
    links = [decode_link(one.link) for one in items]
    return [
        PushItem(
            link=world.link(link.record, link.case_tag, world.device).encode(),
            statement=one.statement,
        )
        for link, one in zip(links, items, strict=True)
    ]


def push(tablet: Tablet, items: list[PushItem]) -> None:
    """Push; every one of them is in the log then."""
    assert len(tablet.push(items).admitted) == len(items)


def voided(said: Iterable[object]) -> int:
    return sum(isinstance(one, NumberVoided) for one in said)


@pytest.fixture
def services(server: Server, clock: Later) -> Iterator[Services]:
    server.stop()
    with writing(server.settings, clock) as made:
        yield made


def blocks(services: Services, year: int, kind: DocumentKind = KIND) -> list[NumbersGranted]:
    return [
        one.record
        for one in services.sequencer.registry.grants
        if (one.record.document, one.record.device, one.record.year) == (kind, demo.DEVICE, year)
    ]


def test_a_tablet_with_numbers_and_seal_left_gets_none(services: Services, tablet: Tablet) -> None:
    Replenishing()(services)
    assert len(blocks(services, TODAY.year)) == 1


def test_numbers_that_run_low_are_followed_by_the_next_block_once(
    used: int, services: Services, clock: Later
) -> None:
    job = Replenishing()
    job(services)
    first, second = blocks(services, TODAY.year)
    assert second.first > first.last
    assert second.sealed_until == second.at + grants.SEAL_MS
    assert len(blocks(services, TODAY.year, DocumentKind.CORRECTION_ORDER)) == 1
    clock.by += 2 * DAY_MS
    job(services)
    Replenishing()(services)
    assert len(blocks(services, TODAY.year)) == 2


def test_what_was_used_is_read_few_at_a_time(
    used: int, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is after a start; and once."""
    monkeypatch.setattr(replenishing, "BATCH", 7)
    job = Replenishing()
    assert voided(job._unread(services)) == used
    assert list(job._unread(services)) == []


def test_a_statement_that_came_after_its_link_counts_once(
    server: Server, tablet: Tablet, voids: list[PushItem]
) -> None:
    """Where it came before its place was read, and where it came behind that."""
    job = Replenishing()
    with reading(server.settings, system_clock()) as services:
        tablet.push(without_statements(voids))
        tablet.push(voids[:2])
        assert voided(job._unread(services)) == 2
        tablet.push(voids[:5])
        tablet.push(voids[:5])
        assert voided(job._unread(services)) == 3
        tablet.push(voids)
        assert voided(job._unread(services)) == len(voids) - 5
        assert voided(job._unread(services)) == 0


def test_what_comes_late_while_others_are_read_counts_once(
    server: Server, tablet: Tablet, voids: list[PushItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replenishing, "BATCH", 1)
    job = Replenishing()
    with reading(server.settings, system_clock()) as services:
        tablet.push([*voids[:3], *without_statements(voids[3:9])])
        under_way = job._unread(services)
        first = [next(under_way)]
        tablet.push(voids[:4])
        assert voided([*first, *under_way]) == 3
        assert voided(job._unread(services)) == 1


@pytest.mark.parametrize("batch", [1, 3, 500])
def test_a_record_that_came_by_several_links_counts_once(
    server: Server,
    tablet: Tablet,
    voids: list[PushItem],
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
) -> None:
    """Whether it was read between them, and whichever of them brought what it says."""
    monkeypatch.setattr(replenishing, "BATCH", batch)
    job = Replenishing()
    with reading(server.settings, system_clock()) as services:
        push(tablet, [*voids[:4], *without_statements(voids[4:])])
        push(tablet, again(tablet, voids[:2]))
        assert voided(job._unread(services)) == 4
        push(tablet, without_statements(again(tablet, voids[1:3])))
        push(tablet, again(tablet, voids[:4]))
        push(tablet, again(tablet, voids[:1]))
        assert voided(job._unread(services)) == 0
        push(tablet, again(tablet, voids[5:6]))
        push(tablet, voids[4:6])
        push(tablet, again(tablet, voids[4:6]))
        assert voided(job._unread(services)) == 2
        push(tablet, voids)
        push(tablet, again(tablet, voids))
        assert voided(job._unread(services)) == len(voids) - 6
        assert voided(job._unread(services)) == 0


def test_a_reading_that_broke_off_begins_anew(
    used: int, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had counted by then is not counted twice."""
    job, rows, calls = Replenishing(), replenishing._rows, iter(range(99))

    def failing(*asked: Any) -> Any:
        if next(calls) == 3:
            raise OSError("the disk")
        return rows(*asked)

    with monkeypatch.context() as patch:
        patch.setattr(replenishing, "BATCH", 7)
        patch.setattr(replenishing, "_rows", failing)
        with pytest.raises(OSError, match="the disk"):
            job(services)
    job(services)
    assert job._used.total() == used


def test_the_seal_is_lent_again_to_a_tablet_that_works(
    used: int, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For all kinds that are handed over on the spot, however many numbers are left."""
    monkeypatch.setattr(replenishing, "LOW", 0)
    monkeypatch.setattr(replenishing, "SEAL_ENDS_MS", 2 * grants.SEAL_MS)
    Replenishing()(services)
    for kind in grants.WORDS:
        assert len(blocks(services, TODAY.year, kind)) == (2 if kind in grants.SEALED else 1)


def test_a_tablet_that_rests_keeps_its_numbers_without_a_new_seal(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replenishing, "SEAL_ENDS_MS", 2 * grants.SEAL_MS)
    Replenishing()(services)
    assert len(blocks(services, TODAY.year)) == 1


def test_numbers_of_the_new_year_come_in_december(services: Services, clock: Later) -> None:
    clock.set(date(TODAY.year + 1, 12, 2))
    Replenishing()(services)
    for kind in grants.WORDS:
        (block,) = blocks(services, TODAY.year + 2, kind)
        assert (block.first, block.last) == (1, grants.BLOCK)
        assert f"〔{TODAY.year + 2}〕" in block.pattern
