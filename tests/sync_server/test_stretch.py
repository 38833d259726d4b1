"""A push of which nothing needs to be said is taken by columns, and comes to what it would have
come to one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from protocol import envelope
from protocol.chain import EMPTY, Head, Link
from protocol.keys import Verifier
from protocol.messages import PushItem
from protocol.registry.registry import Registry
from sync_server.log import rows, stretch
from sync_server.log.append import Append
from sync_server.log.intake import Checked, verify
from sync_server.log.leaves import Leaf
from sync_server.log.packed import unpacked, unpacked_filed
from sync_server.log.rows import Rows
from sync_server.log.standing import OPEN, JournalHead, Standing
from sync_server.log.stretch import Stretch
from tests.worlds import World

OFFICE = b"o" * 16
NOW = 1_790_000_000_000


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def registry(world: World) -> Registry:
    """One that knows the cast."""
    keys: list[Verifier] = [one.signer.verifier for one in (world.shen, world.lu, world.device)]
    return Registry(version=7, keys={key.key_id: key for key in keys})


@pytest.fixture(scope="module")
def items(world: World, registry: Registry) -> list[Checked]:
    """An inspection's records, with what they name, from the first link on."""
    pushed = [
        PushItem(link=one.link.encode(), statement=envelope.encode(one.envelope))
        for one in world.inspection().records
        if one.link.journal == world.device.journal
    ]
    read = [verify(one, registry) for one in pushed]
    return [one for one in read if isinstance(one, Checked) and not one.reasons]


def beginning(items: list[Checked], head: Head = EMPTY, state: str = OPEN) -> Append:
    """A commit that begins where the journal of ``items`` ends at ``head``."""
    journal = items[0].link.journal
    known = JournalHead(journal, "YX-T07", "agency", head, state)
    before = Standing(journals={journal: known}, offices=(OFFICE,))
    return Append(before, Nobody(), NOW)  # type: ignore[arg-type]


class Nobody:
    """A database that must not be asked."""


def leaves_of(made: Rows) -> list[Leaf]:
    """What the rows say, as they are written, however many they are. What they are found under is
    what stands in them."""
    found, kinds, cases = list[Leaf](), set[Any](), set[Any]()
    for first, count, journal, sequence, entries, links, filed, statements in (
        run.values() for run in made.runs
    ):
        said = unpacked_filed(filed, count)
        columns = (unpacked(entries, count), unpacked(links, count), said)
        for number, one in enumerate(zip(*columns, unpacked(statements, count), strict=True)):
            entry, link, filed_as, statement = one
            at = (first + number, entry or b"", journal, sequence + number, link or b"")
            found.append(Leaf(*at, filed_as, statement))
        kinds |= {(one.kind, one.agency, first) for one in said if one}
        cases |= {(one.case, first) for one in said if one and one.case}
    assert made.kinds == kinds
    assert made.cases == cases
    assert [leaf.entry for leaf in found] == made.entries
    return found


def what_it_came_to(append: Append) -> tuple[Any, ...]:
    made = append.rows
    others = made.amended, made.late, made.evidence, made.blob, made.stored
    known = append.journals, append.touched, append.tree.root()
    return leaves_of(made), others, known


def test_a_stretch_comes_to_what_its_items_come_to(
    items: list[Checked], registry: Registry
) -> None:
    """The same rows of the same tables, the same head of the journal and of the log."""
    stretch = joined(items, registry)
    assert stretch is not None
    together, alone = beginning(items), beginning(items)
    new = together.follow(stretch)
    places = [alone.add(item) for item in items]
    assert what_it_came_to(together) == what_it_came_to(alone)
    (one,), (other,) = together.rows.runs, alone.rows.runs
    assert one.values() == other.values()
    assert together.rows.blob
    assert together.rows.cases
    assert new == {place.index: place.entry for place in places}


def test_two_that_follow_one_another_share_a_commit(
    items: list[Checked], registry: Registry
) -> None:
    """The second begins where the first one ended, in the same commit."""
    first, second = joined(items[:3], registry), joined(items[3:], registry)
    assert first is not None
    assert second is not None
    together, alone = beginning(items), beginning(items)
    new = together.follow(first) | together.follow(second)
    for item in items:
        alone.add(item)
    assert what_it_came_to(together) == what_it_came_to(alone)
    assert list(new) == [*range(len(items))]


@pytest.mark.parametrize("most", [1, 3, 4])
def test_a_row_takes_so_many_that_come_one_by_one(
    items: list[Checked], registry: Registry, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next begins where it ends; a stretch is one row whatever its length."""
    monkeypatch.setattr(rows, "MOST", most)
    stretch = joined(items, registry)
    assert stretch is not None
    together, alone = beginning(items), beginning(items)
    together.follow(stretch)
    for item in items:
        alone.add(item)
    assert what_it_came_to(together) == what_it_came_to(alone)
    places = range(0, len(items), most)
    assert [run.values()[:4] for run in alone.rows.runs] == [
        (first, min(most, len(items) - first), stretch.journal, first) for first in places
    ]
    assert [run.values()[1] for run in together.rows.runs] == [len(items)]


def test_one_behind_a_stretch_goes_on_in_its_row(items: list[Checked], registry: Registry) -> None:
    """Beginning with its columns as they came, packed."""
    stretch = joined(items[:2], registry)
    assert stretch is not None
    together, alone = beginning(items), beginning(items)
    together.follow(stretch)
    together.add(items[2])
    for item in items[:3]:
        alone.add(item)
    assert len(together.rows.runs) == 1
    assert what_it_came_to(together) == what_it_came_to(alone)


def test_a_record_that_two_links_name_stands_at_both(
    items: list[Checked], registry: Registry
) -> None:
    """It is where it came first; so are the blobs that it names."""
    named = {number for number, item in enumerate(items) if item.said and item.said.blobs}
    number = min(named - {len(items) - 1})
    first, second = items[number : number + 2]
    again = linked_anew(first, second.link._replace(record=first.link.record))
    stretch = joined([*items[:number], first, again], registry)
    assert stretch is not None
    together, alone = beginning(items), beginning(items)
    together.follow(stretch)
    for item in (*items[:number], first, again):
        alone.add(item)
    assert what_it_came_to(together) == what_it_came_to(alone)
    record = first.link.record
    said = [leaf for leaf in leaves_of(together.rows) if leaf.record_hash == record]
    assert [(leaf.index, leaf.statement) for leaf in said] == [
        (number, first.statement),
        (number + 1, first.statement),
    ]
    found = together.rows.record(record)
    assert found is not None
    assert found.index == number
    assert {row["index"] for key, row in together.rows.blob.items() if key[1] == record} == {number}


def test_one_by_one_it_says_the_same(items: list[Checked], registry: Registry) -> None:
    """All but who signed, which matters for nothing that is in a stretch."""
    stretch = joined(items, registry)
    assert stretch is not None
    assert stretch.items() == [msgspec.structs.replace(item, signers=()) for item in items]


def test_what_is_too_much_for_one_row_is_no_stretch(
    items: list[Checked], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads one of its records would read them all."""
    size = sum(len(item.statement or b"") for item in items)
    monkeypatch.setattr(stretch, "MOST_BYTES", size)
    assert joined(items, registry) is not None
    monkeypatch.setattr(stretch, "MOST_BYTES", size - 1)
    assert joined(items, registry) is None


def joined(items: list[Checked], registry: Registry) -> Stretch | None:
    return stretch.together([pushed(one) for one in items], registry)


def pushed(item: Checked) -> PushItem:
    return PushItem(link=item.link_bytes, statement=item.statement)


def linked_anew(item: Checked, link: Link) -> Checked:
    return msgspec.structs.replace(item, link=link, link_bytes=link.encode(), link_hash=link.hash())
