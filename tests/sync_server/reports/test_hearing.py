"""What tablets said last is told as by reading every contact, and costs what came since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from protocol.auditing import heard as words
from protocol.auditing.heard import Heard
from sync_server.devices import closing, heard
from sync_server.reports import hearing
from sync_server.reports.hearing import NAME, Hearing
from tests.cast import AGENCY
from tests.sync_server.reports.simulated import County, simulated
from tests.sync_server.rotting import alter_in


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    with simulated(tmp_path / "data", 3) as made:
        yield made


def contact(county: County, *tablets: int) -> None:
    """Something new of each, and a contact."""
    for tablet in tablets:
        county.tablets[tablet].inspection()
        county.clock.set(county.clock.now() + 60_000)
        county.send(county.tablets[tablet])


def told(county: County, kept: Hearing) -> dict[str, Heard]:
    """What is told; the same as from the first contact on."""
    said = kept.last(county.services, AGENCY, county.services.facts.head.size)
    registry = county.services.facts.registry
    with county.services.db.engine.connect() as connection:
        mine = [one for one in registry.devices.values() if one.agency == AGENCY]
        rows = heard.contacts(connection, AGENCY)
        assert said == words.last_contacts(registry, AGENCY, mine, rows, former=True)
    return said


def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The contacts that are looked through from now on."""
    rows: list[int] = []
    whole = heard.contacts

    def watched(
        connection: Connection, agency: str, below: int | None = None, above: int = -1
    ) -> Iterator[tuple[int, bytes]]:
        for row in whole(connection, agency, below, above):
            rows.append(row[0])
            yield row

    monkeypatch.setattr(heard, "contacts", watched)
    return rows


def test_a_look_costs_what_came_since_also_with_a_tablet_that_says_nothing(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last word, and that another has none, is known from before."""
    kept, size = Hearing(county.services.settings.data), 0
    contact(county, 0, 1, 1, 1)
    assert set(told(county, kept)) == {"YX-T01", "YX-T02"}
    size = county.services.facts.head.size
    contact(county, 1, 1)
    rows = read(monkeypatch)
    kept.last(county.services, AGENCY, county.services.facts.head.size)
    assert len(rows) == 2
    assert min(rows) >= size
    rows.clear()
    kept.last(county.services, AGENCY, county.services.facts.head.size)
    assert rows == []
    monkeypatch.undo()
    assert set(told(county, kept)) == {"YX-T01", "YX-T02"}


def test_a_start_goes_on_with_what_was_heard(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of its own, in which nothing has to be believed: of another program it is as none."""
    data = county.services.settings.data
    monkeypatch.setattr(hearing, "SAVE_AFTER", 1)
    contact(county, 0, 1)
    said = told(county, Hearing(data))
    rows = read(monkeypatch)
    assert Hearing(data).last(county.services, AGENCY, county.services.facts.head.size) == said
    assert rows == []
    (data / NAME).write_bytes(b"of another program")
    assert Hearing(data).last(county.services, AGENCY, county.services.facts.head.size) == said
    assert len(rows) > 0


def test_a_log_that_is_another_is_heard_from_its_beginning(county: County) -> None:
    """The entry up to which was heard is gone: it was set back, or is a restored one."""
    kept = Hearing(county.services.settings.data)
    contact(county, 0, 1)
    told(county, kept)
    size = county.services.facts.head.size
    contact(county, 2)
    assert len(told(county, kept)) == 3
    assert set(kept.last(county.services, AGENCY, size)) == {"YX-T01", "YX-T02"}
    with county.services.db.writer.begin() as connection:
        alter_in(connection, size - 1, entry=None)
    assert len(told(county, kept)) == 3


def test_a_tablet_with_another_journal_was_heard_of_in_the_one_before(county: County) -> None:
    """Until it speaks of the new one: nobody may read that it was never heard of."""
    kept, tablet = Hearing(county.services.settings.data), county.tablets[0]
    contact(county, 0, 1)
    before = told(county, kept)
    assert set(before) == {"YX-T01", "YX-T02"}
    close(county, tablet.name)
    assert told(county, kept) == told(county, Hearing(county.services.settings.data)) == before


def close(county: County, name: str) -> None:

    device = county.services.facts.registry.devices[AGENCY, name]
    closing.close_journal(county.services, device, "另开一本", [])
