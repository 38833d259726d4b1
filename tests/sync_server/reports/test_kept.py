"""What is kept between two looks says the same as reading everything again."""

from pathlib import Path
from random import Random

import pytest

from protocol.auditing import devices
from protocol.findings import document
from protocol.statements import JournalClosed
from sync_server.log import leaves
from sync_server.reports import county as county_report
from sync_server.reports import keeping, moments
from sync_server.reports import kept as kept_reports
from sync_server.reports.kept import KEEP_MS, Kept
from sync_server.reports.rows import Rows
from tests.cast import AGENCY, START
from tests.sync_server.reports import faults
from tests.sync_server.reports.simulated import DAY, HOUR, County, simulated


@pytest.fixture
def county(tmp_path: Path):
    with simulated(tmp_path / "data", 3) as made:
        made.day()
        yield made


def again(county: County) -> bytes:
    """The report made from nothing."""
    moment = moments.now(county.services)
    return document.encode(county_report.report(county.services, AGENCY, moment))


def test_whatever_comes_it_says_what_a_report_from_nothing_says(county: County) -> None:
    """Records, contacts, standings, answers, a fork, silence."""
    kept = Kept(county.services)
    one, two, three = county.tablets
    random = Random(5)
    steps = [
        lambda: None,
        lambda: faults.overridden(county, one, random),
        lambda: county.send(one),
        lambda: county.standing(two.officers[0], faults.Standing.SUSPENDED, START - 2 * HOUR),
        lambda: county.send(three, length=9, unsent=3),
        lambda: faults.fork(county, two),
        lambda: county.clock.set(county.clock.now() + 9 * DAY),
    ]
    for step in steps:
        step()
        county.clock.set(county.clock.now() + HOUR)
        assert document.encode(kept.document(AGENCY)) == again(county)


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which devices are looked through from now on."""
    looked: list[str] = []
    whole, on = devices.report_at, devices.going_on
    monkeypatch.setattr(
        devices,
        "report_at",
        lambda context, device: looked.append(device.name) or whole(context, device),
    )
    monkeypatch.setattr(
        devices,
        "going_on",
        lambda context, device, before: looked.append(device.name) or on(context, device, before),
    )
    return looked


def test_a_device_of_which_nothing_came_is_not_looked_through_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, looked = Kept(county.services), watched(monkeypatch)
    kept.document(AGENCY)
    assert sorted(looked) == ["YX-T01", "YX-T02", "YX-T03", "office"]
    looked.clear()
    kept.document(AGENCY)
    assert looked == []
    county.tablets[1].inspection()
    county.clock.set(county.clock.now() + 60_000)
    county.send(county.tablets[1])
    kept.document(AGENCY)
    assert sorted(looked) == ["YX-T02", "office"]
    looked.clear()
    county.clock.set(county.clock.now() + KEEP_MS)
    kept.document(AGENCY)
    assert len(looked) == 4


def test_a_change_of_one_officer_concerns_the_tablets_that_he_or_she_used(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another standing, and reference data that say so; later on lists alone."""
    kept, looked = Kept(county.services), watched(monkeypatch)
    kept.document(AGENCY)
    looked.clear()
    county.clock.set(county.clock.now() + 60_000)
    county.standing(county.tablets[1].officers[0], faults.Standing.SUSPENDED, START - 2 * HOUR)
    county.services.publish_reference(AGENCY)
    made = document.encode(kept.document(AGENCY))
    assert sorted(looked) == ["YX-T02", "office"]
    assert made == again(county)
    county.clock.set(county.clock.now() + 60_000)
    county.services.publish_reference(AGENCY)
    looked.clear()
    made = document.encode(kept.document(AGENCY))
    assert looked == ["office"]
    assert made == again(county)


def test_when_witnesses_saw_the_log_concerns_missing_links_alone(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.alter(county, county.tablets[0].records[2].hash, link=None)
    kept, looked = Kept(county.services), watched(monkeypatch)
    assert kept.document(AGENCY)["counts"]["act"] == 1
    looked.clear()
    seen = [(county.services.facts.head.size, county.clock.now())]
    monkeypatch.setattr(Rows, "witnessed", lambda _: seen)
    made = document.encode(kept.document(AGENCY))
    assert looked == ["YX-T01"]
    assert made == again(county)


def test_a_tablet_that_comes_to_write_another_journal_is_heard_anew(county: County) -> None:
    """The others' last words stay; its own counts no more for the new journal."""
    kept = Kept(county.services)
    kept.document(AGENCY)
    two = county.tablets[1]
    county.clock.set(county.clock.now() + 60_000)
    county.state(
        JournalClosed(
            agency=AGENCY,
            at=county.clock.now(),
            salt="07" * 16,
            device=two.name,
            journal=two.journal.hex(),
            length=two.head.length,
            head=two.head.hash.hex(),
            reason="换机",
            successor="ab" * 16,
        )
    )
    assert document.encode(kept.document(AGENCY)) == again(county)


def test_many_links_take_turns_in_being_looked_through_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest first, one at least at each look; in the end each had its turn."""
    kept = Kept(county.services)
    kept.document(AGENCY)
    looked = watched(monkeypatch)
    monkeypatch.setattr(kept_reports, "AGAIN", 12)
    county.clock.set(county.clock.now() + KEEP_MS)
    turns = []
    for _ in range(4):
        kept.document(AGENCY)
        turns.append(list(looked))
        looked.clear()
    assert turns == [["YX-T01", "YX-T02"], ["YX-T03"], ["office"], []]


def test_a_row_that_is_taken_away_shows_at_the_next_look(county: County) -> None:
    kept = Kept(county.services)
    assert kept.document(AGENCY)["counts"]["act"] == 0
    gone = county.tablets[0].records[2].hash
    faults.remove(county, gone)
    assert [one["code"] for _, one in document.findings_of(kept.document(AGENCY))] == [
        "statement_missing"
    ]


def test_the_office_is_gone_on_with_behind_what_was_looked_through(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its journal grows with whatever anybody does; only what is new is read and hashed."""
    kept, read = Kept(county.services), []
    kept.document(AGENCY)
    real = Rows.links
    monkeypatch.setattr(
        Rows,
        "links",
        lambda self, journal, first=0: read.append((journal, first)) or real(self, journal, first),
    )
    office = county.services.sequencer.offices[-1]
    for _ in range(3):
        there = len(real(Rows(county.services, moments.now(county.services)), office))
        read.clear()
        county.clock.set(county.clock.now() + 60_000)
        county.tablets[1].inspection()
        county.send(county.tablets[1])
        made = document.encode(kept.document(AGENCY))
        assert (office, there) in read
        assert made == again(county)


def test_what_is_altered_or_taken_out_of_the_office_behind_it_is_found(county: County) -> None:
    """An altered row when its turn comes, one that is gone at the next look."""
    kept = Kept(county.services)
    kept.document(AGENCY)
    office = county.services.sequencer.offices[-1]
    with county.services.db.engine.connect() as connection:
        (leaf,) = leaves.links(connection, office, 3, 3)
    other = leaf.link[:-1] + bytes([leaf.link[-1] ^ 1])
    faults.alter(county, leaf.link_hash, link=other)
    county.clock.set(county.clock.now() + KEEP_MS)
    found = {one["code"] for _, one in document.findings_of(kept.document(AGENCY))}
    assert found >= {"chain_broken", "entry_missing"}
    county.clock.set(county.clock.now() + 60_000)
    county.send(county.tablets[0])
    assert document.encode(kept.document(AGENCY)) == again(county)
    faults.alter(county, leaf.link_hash, link=None)
    found = {one["code"] for _, one in document.findings_of(kept.document(AGENCY))}
    assert "link_missing" in found


def alter(county: County) -> None:
    """Another last byte in a record of a case, in the database."""
    record = county.tablets[0].records[2]
    faults.alter(county, record.hash, statement=record.envelope[:-1] + b"x")


def test_what_is_altered_in_a_case_shows_when_its_turn_comes(county: County) -> None:
    kept = Kept(county.services)
    kept.document(AGENCY)
    alter(county)
    county.clock.set(county.clock.now() + KEEP_MS)
    assert document.encode(kept.document(AGENCY)) == again(county)


def test_what_says_that_it_was_read_later_than_now_is_read_again(county: County) -> None:
    """Somebody wrote into the file, or the clock was set back."""
    county.clock.set(county.clock.now() + 9 * DAY)
    before = Kept(county.services)
    before.document(AGENCY)
    before.save()
    county.clock.set(county.clock.now() - 9 * DAY)
    alter(county)
    assert document.encode(Kept(county.services).document(AGENCY)) == again(county)


def test_a_start_goes_on_with_what_was_looked_through_before(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what came since is read; what was taken away meanwhile shows all the same."""
    before = Kept(county.services)
    before.document(AGENCY)
    before.save()
    looked = watched(monkeypatch)
    county.clock.set(county.clock.now() + 60_000)
    assert document.encode(Kept(county.services).document(AGENCY)) == again(county)
    looked.clear()
    Kept(county.services).document(AGENCY)
    assert looked == []
    county.tablets[1].inspection()
    county.send(county.tablets[1])
    Kept(county.services).document(AGENCY)
    assert sorted(looked) == ["YX-T02", "office"]
    gone = county.tablets[0].records[2].hash
    faults.remove(county, gone)
    faults.remove(county, county.tablets[2].records[2].hash)
    found = document.findings_of(Kept(county.services).document(AGENCY))
    assert ("YX-T01", "statement_missing") in {(of, one["code"]) for of, one in found}


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 40])
def test_what_was_kept_and_cannot_be_read_is_made_again(county: County, data: bytes) -> None:
    (county.services.settings.data / keeping.NAME).write_bytes(data)
    assert document.encode(Kept(county.services).document(AGENCY)) == again(county)
