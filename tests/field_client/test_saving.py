"""What a save asks of the vault: little, whatever the case holds, and anew each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from field_client.inspection import Inspection
from field_client.store import stages
from field_client.store.journal import Journal
from field_client.store.tables import JournalRow, LinkRow
from protocol import chain, statements
from protocol.chain import Head, Link
from protocol.statements import StatementTaken
from sync_server import demo
from sync_server.devices import closing
from tests.field_client.county import County, FieldTablet

LATER = 4_000_000_000_000


@contextmanager
def asked() -> Iterator[list[str]]:
    """The first words of what any database is asked meanwhile."""
    found: list[str] = []

    def note(*told: object) -> None:
        found.append(" ".join(str(told[2]).split()[:3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def journals(tablet: FieldTablet) -> list[JournalRow]:
    with tablet.tablet.vault.session() as session:
        return list(session.exec(select(JournalRow).order_by(col(JournalRow.opened_at))))


def links(tablet: FieldTablet, journal: bytes) -> list[Link]:
    with tablet.tablet.vault.session() as session:
        found = select(LinkRow.link).where(LinkRow.journal == journal)
        rows = session.exec(found.order_by(col(LinkRow.sequence))).all()
    return [chain.decode_link(row) for row in rows]


def test_a_save_is_one_question_two_rows_and_a_head(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """However many records the case has, and however many wait to be sent."""
    for _ in range(12):
        tablet.hear(inspection)
        with asked() as found:
            tablet.hear(inspection)
        assert found == [
            "BEGIN IMMEDIATE",
            "SELECT journals.id, journals.length,",
            "INSERT INTO statements",
            "INSERT INTO links",
            "UPDATE journals SET",
        ]


def test_a_save_reads_no_record_of_its_case_again(
    tablet: FieldTablet, inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is its own body, as it is signed."""
    tablet.hear(inspection)
    read: list[bytes] = []
    decode: Callable[[bytes], object] = statements.decode

    def noted(body: bytes) -> object:
        read.append(body)
        return decode(body)

    monkeypatch.setattr(statements, "decode", noted)
    saved = tablet.hear(inspection)
    assert set(read) == {statements.encode(saved.statement)}


def test_a_save_follows_what_another_wrote_meanwhile(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Head, server time and tag are those of the vault when the link is made."""
    first = tablet.hear(inspection).link
    other = Journal(tablet.tablet.vault, tablet.clock, lambda: tablet.tablet.shelf.current)
    between = other.save(
        other.stamp(StatementTaken, inspection.case, told="拟罚款", defence="无", reply="知悉"),
        inspection.signers,
    ).link
    with tablet.tablet.vault.transaction() as session:
        stages.put_later(session, stages.SERVER_AT, LATER)
    last = tablet.hear(inspection).link
    (row,) = journals(tablet)
    assert chain.follow(links(tablet, row.id)) == Head(row.length, row.head_hash)
    assert links(tablet, row.id)[-3:] == [first, between, last]
    assert (between.server_at, last.server_at) == (first.server_at, LATER)
    assert first.case_tag == between.case_tag == last.case_tag == links(tablet, row.id)[0].case_tag


def test_a_save_after_the_journal_was_closed_goes_into_the_successor(
    tablet: FieldTablet, county: County
) -> None:
    """The next act of a case that is open on the screen bears its tag in the other journal, and
    is judged by what the case amounts to, from both."""
    county.start()
    inspection = tablet.opened_and_notified()
    before = tablet.hear(inspection).link
    tablet.contact()
    services = county.services
    assert services is not None
    device = services.sequencer.registry.device_named(demo.DEVICE)
    assert device is not None
    closing.close_journal(services, device, "从副本恢复")
    tablet.contact()
    after = tablet.hear(inspection).link
    former, successor = journals(tablet)
    assert (before.journal, after.journal) == (former.id, successor.id)
    assert (former.open, successor.open) == (False, True)
    assert (after.sequence, after.case_tag) == (0, before.case_tag)
    assert chain.follow(links(tablet, successor.id)) == Head(1, successor.head_hash)
    assert len(inspection.state.statements) == 2
