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
from protocol.receipt import Reason
from protocol.registry.registry import Registry
from sync_server.log.append import Append
from sync_server.log.intake import BadLink, Checked, verify
from sync_server.log.standing import OPEN, JournalHead, Standing
from sync_server.log.stretch import joined
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


def what_it_came_to(append: Append) -> tuple[Any, ...]:
    return append.rows, append.journals, append.touched, append.tree.root()


def test_a_stretch_comes_to_what_its_items_come_to(items: list[Checked]) -> None:
    """The same rows of the same tables, the same head of the journal and of the log."""
    stretch = joined(items, 7)
    assert stretch is not None
    together, alone = beginning(items), beginning(items)
    new = together.follow(stretch)
    places = [alone.add(item) for item in items]
    assert what_it_came_to(together) == what_it_came_to(alone)
    assert together.rows.blob
    assert new == {place.index: place.entry for place in places}


def test_two_that_follow_one_another_share_a_commit(items: list[Checked]) -> None:
    """The second begins where the first one ended, in the same commit."""
    first, second = joined(items[:3], 7), joined(items[3:], 7)
    assert first is not None
    assert second is not None
    together, alone = beginning(items), beginning(items)
    new = together.follow(first) | together.follow(second)
    for item in items:
        alone.add(item)
    assert what_it_came_to(together) == what_it_came_to(alone)
    assert list(new) == [*range(len(items))]


def test_a_record_that_two_links_name_is_kept_once(items: list[Checked]) -> None:
    """Under the first of them."""
    first, second = items[:2]
    stretch = joined([first, linked_anew(first, second.link._replace(record=first.link.record))], 7)
    assert stretch is not None
    append = beginning(items)
    append.follow(stretch)
    assert [row[1] for row in append.rows.statement.values()] == [0]


def test_one_by_one_it_says_the_same(items: list[Checked]) -> None:
    """All but who signed, which matters for nothing that is in a stretch."""
    stretch = joined(items, 7)
    assert stretch is not None
    assert stretch.items() == [msgspec.structs.replace(item, signers=()) for item in items]


def test_what_needs_to_be_judged_is_no_stretch(items: list[Checked]) -> None:
    """Nothing, a gap, another predecessor, another journal, a doubt, no statement, no link, and
    whatever changes who is who."""
    first, second, third = items[:3]
    doubted = msgspec.structs.replace(second, reasons=(Reason.UNKNOWN_SIGNER,))
    assert second.said is not None
    told = msgspec.structs.replace(second.said, kind="officer_credentialed")
    for other in (
        third,
        linked_anew(second, second.link._replace(previous=b"\1" * 32)),
        linked_anew(second, second.link._replace(journal=bytes(16))),
        doubted,
        msgspec.structs.replace(second, statement=None, said=None),
        msgspec.structs.replace(second, said=told),
        BadLink("short"),
    ):
        assert joined([first, other], 7) is None
    assert joined([], 7) is None


def linked_anew(item: Checked, link: Link) -> Checked:
    return msgspec.structs.replace(item, link=link, link_bytes=link.encode(), link_hash=link.hash())
