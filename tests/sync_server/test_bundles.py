"""Earlier versions of the reference data take little room, and are read as they were signed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, select

from protocol.statements import ReferencePublished
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.services import Services, writing
from sync_server.store import bundles
from sync_server.store.bundles import EVERY, WHOLE
from sync_server.store.tables import METADATA, ReferenceRow
from tests.sync_server.conftest import BOTH, Server

STORES = BOTH
AGENCY = demo.AGENCY.id


@pytest.fixture
def inspected(inspected_county: Path, copy_server: Callable[..., Server]) -> Server:
    return copy_server(inspected_county)


def published(services: Services) -> dict[int, str]:
    """What the log says of each version."""
    said = [one.statement for one in services.facts.of_kind("reference_published")]
    return {one.version: one.sha256 for one in said if isinstance(one, ReferencePublished)}


def kept(services: Services) -> dict[int, bytes]:
    """The rows as they are."""
    with services.db.reading() as session:
        return dict(session.exec(select(ReferenceRow.version, ReferenceRow.bundle)).all())


def test_earlier_versions_are_small_and_read_as_they_were(inspected: Server) -> None:
    with writing(inspected.settings, system_clock()) as services:
        while services.facts.registry.references[AGENCY] < WHOLE + 3:
            services.publish_reference(AGENCY)
        rows, said = kept(services), published(services)
        with services.db.engine.connect() as connection:
            read = {one: bundles.read(connection, AGENCY, one) for one in said}
    assert {one: hashlib.sha256(data or b"").hexdigest() for one, data in read.items()} == said
    whole = {one for one, data in rows.items() if data == read[one]}
    newest = max(rows)
    assert whole == {1, *range(newest - WHOLE + 1, newest + 1)}
    assert all(len(rows[one]) < len(rows[1]) / 5 for one in rows.keys() - whole)
    (summary,) = inspected.fsck()
    assert summary.endswith("hold")


def test_what_the_small_ones_refer_to_is_missed_when_it_goes(inspected: Server) -> None:
    """Each of them is named, as the one that went."""
    with writing(inspected.settings, system_clock()) as services:
        while services.facts.registry.references[AGENCY] < WHOLE + 2:
            services.publish_reference(AGENCY)
    inspected.sql("DELETE FROM reference WHERE version = 1")
    told = [line for line in inspected.fsck() if "is not the published one" in line]
    assert [line.split()[3] for line in told] == ["1", "2"]


def test_the_first_of_so_many_stays_whole_and_none_refers_to_one_that_is_not_there() -> None:
    """A succession passes versions over: what follows the gap is whole."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.tables["reference"].create(engine)
    data = {one: random.Random(0).randbytes(3000) + str(one).encode() for one in range(1, 140)}
    gone = 2 * EVERY
    with Session(engine) as session:
        for number, bundle in data.items():
            if number != gone:
                bundles.keep(session, AGENCY, number, bundle)
        rows = dict(session.exec(select(ReferenceRow.version, ReferenceRow.bundle)).all())
        assert {one: bundles.read(session, AGENCY, one) for one in rows} == {
            one: data[one] for one in rows
        }
        assert bundles.read(session, AGENCY, gone) is None
    whole = {one for one, kept in rows.items() if kept == data[one]}
    assert whole == {1, EVERY, gone - WHOLE, *range(gone + 1, 140)}
