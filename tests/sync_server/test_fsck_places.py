"""fsck where a record stands at several entries, or at another than it came with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from protocol import envelope
from protocol.chain import NO_CASE
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.messages import PushItem
from sync_server.log.leaves import Leaf
from sync_server.store.db import Database
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.rotting import alter, kept
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_stores import migrations


@pytest.fixture
def server(enrolled_county: Path, copy_server: Callable[..., Server]) -> Iterator[Server]:
    """A running server that knows one tablet."""
    made = copy_server(enrolled_county)
    made.start()
    yield made
    made.stop()


def push(tablet: Tablet, signed: Envelope, *, bare: bool = False) -> None:
    """Push the next link of a record, with its statement or ``bare``."""
    link = tablet.world.link(envelope.record_hash(signed), NO_CASE, tablet.world.device)
    statement = None if bare else envelope.encode(signed)
    tablet.push([PushItem(link=link.encode(), statement=statement)])


def signed_by(tablet: Tablet, body: bytes) -> Envelope:
    return envelope.sign(STATEMENT_TYPE, body, [tablet.world.shen.signer])


def a_photo(tablet: Tablet) -> Envelope:
    """A statement that names a blob."""
    photo = {"sha256": "5a" * 32, "size": 3, "media_type": "image/png"}
    said = tablet.world.said() | {"kind": "odd", "photo": photo}
    return signed_by(tablet, json.dumps(said).encode())


def places(server: Server, signed: Envelope) -> list[Leaf]:
    """The leaves of a record."""
    return [one for one in kept(server) if one.record_hash == envelope.record_hash(signed)]


def test_a_statement_that_came_with_two_links_stands_at_both(server: Server) -> None:
    """The record is where it came first: without that one, the second takes its place unseen by
    whoever reads, and seen by fsck."""
    tablet = tablet_of(server)
    signed = a_photo(tablet)
    for _ in range(2):
        push(tablet, signed)
    first, second = places(server, signed)
    assert first.statement == second.statement == envelope.encode(signed)
    assert server.fsck()[-1].endswith("hold")
    server.stop()
    with closing(Database(server.settings.database)) as database:  # where it stood once
        migrations(database, "0024", back=True)
        migrations(database, "head")
    assert [one.statement for one in places(server, signed)] == [first.statement, None]
    assert server.fsck()[-1].endswith("hold")
    alter(server, first.index, statement=None, filed=None)
    assert f"statements: the statement of entry {first.index}, which came with it, is missing" in (
        server.fsck()
    )


def test_a_link_without_a_statement_that_another_brings_is_no_difference(server: Server) -> None:
    """And where it stands is what the log says: put where it did not come, it is named."""
    tablet = tablet_of(server)
    signed = a_photo(tablet)
    push(tablet, signed, bare=True)
    push(tablet, signed)
    before, after = places(server, signed)
    assert (before.statement, before.filed) == (None, None)
    assert server.fsck()[-1].endswith("hold")
    alter(server, before.index, statement=after.statement, filed=after.filed)
    record = envelope.record_hash(signed).hex()
    assert f"statements: the statement {record} came after its link and is not numbered so" in (
        server.fsck()
    )


def test_a_signed_statement_that_nobody_can_read_is_no_difference(server: Server) -> None:
    """It came with its link, and is filed as what cannot be read."""
    tablet = tablet_of(server)
    signed = signed_by(tablet, b"no statement")
    push(tablet, signed)
    (leaf,) = places(server, signed)
    assert leaf.statement == envelope.encode(signed)
    assert server.fsck()[-1].endswith("hold")
    alter(server, leaf.index, statement=None, filed=None)
    said = f"statements: what came with entry {leaf.index} is kept nowhere"
    assert said in server.fsck()
