"""A tablet that was restored from a copy parts from the centre; the office resolves it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from field_client.errors import OtherHistory
from field_client.store.tables import (
    JournalRow,
    LinkRow,
    NoticeRow,
    ReceiptRow,
    ReplacedLinkRow,
    Stage,
    StatementRow,
)
from field_client.ui.presenters.sync import SyncView
from protocol import chain
from protocol.chain import decode_link
from protocol.messages import Refusal
from protocol.statements import JournalClosed
from sync_server import demo
from sync_server.devices import closing
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import Stage as Running
from tests.field_client.meddler import reconnected
from tests.field_client.talk import altered_push, as_office, state_office


@pytest.fixture
def restored(tablet: FieldTablet, online: County, tmp_path: Path) -> FieldTablet:
    """A tablet that sent one inspection, was copied, sent another, and was put back."""
    tablet.opened_and_notified()
    tablet.contact()
    copy = tmp_path / "copy"
    swap(tablet, lambda: shutil.copytree(tablet.folder, copy))
    tablet.opened_and_notified()
    tablet.contact()

    def restore() -> None:
        shutil.rmtree(tablet.folder)
        shutil.copytree(copy, tablet.folder)

    swap(tablet, restore)
    return tablet


def swap(tablet: FieldTablet, between: Callable[[], object]) -> None:
    """Do something to the tablet's folder while its program does not run."""
    tablet.tablet.close()
    between()
    tablet.county.meddler = reconnected(tablet.county.meddler)
    again = FieldTablet.start(
        tablet.folder, tablet.clock, tablet.county, tablet.media, tablet.typesetter
    )
    tablet.tablet, tablet.shen, tablet.lu = again.tablet, again.shen, again.lu


def close_journal(online: County) -> None:
    """The office decides."""
    services = online.services
    assert services is not None
    device = services.sequencer.registry.device_named(demo.DEVICE)
    assert device is not None
    closing.close_journal(services, device, "从副本恢复")


def journals(tablet: FieldTablet) -> list[JournalRow]:
    with tablet.tablet.vault.session() as session:
        return list(session.exec(select(JournalRow).order_by(col(JournalRow.opened_at))))


def links(tablet: FieldTablet, journal: bytes) -> list[LinkRow]:
    with tablet.tablet.vault.session() as session:
        found = select(LinkRow).where(LinkRow.journal == journal).order_by(col(LinkRow.sequence))
        return list(session.exec(found))


def test_a_restored_tablet_is_refused_with_proof_and_halts(restored: FieldTablet) -> None:
    """The notice keeps the link that the centre holds; with ours it proves the fork."""
    restored.open()
    restored.contact()
    assert restored.tablet.sync.status().halted == "rewrite"
    with restored.tablet.vault.session() as session:
        (kept,) = session.exec(select(NoticeRow).where(NoticeRow.kind == "refusal"))
        refusal = msgspec.json.decode(kept.body, type=Refusal)
        held = bytes.fromhex(refusal.held)
        place = decode_link(held).sequence
        ours = session.exec(select(LinkRow.link).where(LinkRow.sequence == place)).one()
    assert chain.check_fork(held, ours) == place


def test_a_restored_tablet_goes_on_when_the_office_closed_its_journal(
    restored: FieldTablet, online: County
) -> None:
    """Its new records arrive in the successor, under new links; numbers, cases and drafts go on."""
    inspection = restored.opened_and_notified()
    restored.contact()
    unsent = restored.tablet.sync.status().unsent
    close_journal(online)
    restored.contact()
    status = restored.tablet.sync.status()
    assert (status.halted, status.unsent, status.trouble) == (None, 0, None)
    former, successor = journals(restored)
    assert (former.open, successor.open) == (False, True)
    again = links(restored, successor.id)
    assert len(again) == successor.length == unsent
    assert chain.follow(decode_link(row.link) for row in again).hash == successor.head_hash
    with restored.tablet.vault.session() as session:
        for row in again:
            assert session.get(ReceiptRow, row.link_hash) is not None
        replaced = session.exec(
            select(ReplacedLinkRow).order_by(col(ReplacedLinkRow.sequence))
        ).all()
    assert [one.record_hash for one in replaced] == [row.record_hash for row in again]
    assert [one.again for one in replaced] == [row.link_hash for row in again]
    restored.hear(inspection)
    restored.contact()
    assert restored.tablet.sync.status().unsent == 0
    assert len(restored.tablet.journal.records(inspection.case)) == 4


def test_nothing_that_was_acknowledged_moves(restored: FieldTablet, online: County) -> None:
    """What has its receipt stays in the journal that was closed, under the same link."""
    before = [row.link_hash for row in links(restored, journals(restored)[0].id)]
    restored.open()
    restored.contact()
    close_journal(online)
    restored.contact()
    assert [row.link_hash for row in links(restored, journals(restored)[0].id)] == before


def test_the_closed_branch_is_kept_at_the_office(restored: FieldTablet, online: County) -> None:
    """What the tablet had sent before it was restored stays in the log, and what was refused is
    evidence."""
    assert online.services is not None
    restored.open()
    restored.contact()
    refused = [row.link for row in links(restored, journals(restored)[0].id)][-1]
    close_journal(online)
    restored.contact()
    assert refused in [one.link for one in online.services.facts.evidence(demo.DEVICE)]
    known = online.services.sequencer.journal(journals(restored)[0].id)
    assert known is not None
    assert known.head.length > len(links(restored, journals(restored)[0].id))


def test_a_restored_tablet_with_nothing_new_asks_what_to_do(
    restored: FieldTablet, online: County
) -> None:
    """The centre names a head that is not its own; the office's closure is found at once."""
    restored.contact()
    assert isinstance(restored.tablet.sync.status().trouble, OtherHistory)
    close_journal(online)
    restored.contact()
    assert restored.tablet.sync.status().trouble is None
    assert [one.open for one in journals(restored)] == [False, True]


def test_a_journal_closed_beforehand_is_left_at_the_next_contact(
    tablet: FieldTablet, online: County
) -> None:
    """Without a fork too: what was not sent yet goes into the successor."""
    tablet.open()
    tablet.contact()
    close_journal(online)
    tablet.open()
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert (status.halted, status.unsent) == (None, 0)
    assert [one.length for one in journals(tablet)] == [2, 1]


def test_a_closure_survives_a_restart(restored: FieldTablet, online: County) -> None:
    restored.open()
    restored.contact()
    close_journal(online)
    restored.restart()
    restored.contact()
    restored.restart()
    restored.open()
    restored.contact()
    assert (restored.tablet.sync.status().unsent, journals(restored)[1].length) == (0, 2)


def test_a_fork_that_the_refusal_does_not_prove_stops_nothing(
    restored: FieldTablet, online: County
) -> None:
    """A centre that names our own link as the contradiction is not believed."""
    restored.open()
    ours = links(restored, journals(restored)[0].id)[0].link
    assert online.services is not None
    key = online.services.office_key
    online.meddler.answer = as_office(
        online, altered_push(lambda answer: with_held(answer, ours, key))
    )
    restored.contact()
    status = restored.tablet.sync.status()
    assert status.halted is None
    assert "where the centre's link is ours" in str(status.trouble)
    online.meddler.answer = None
    restored.contact()
    assert restored.tablet.sync.status().halted == "rewrite"


def with_held(answer: object, held: bytes, key: object) -> object:
    from protocol import envelope
    from protocol.messages import REFUSAL_TYPE

    signed = envelope.decode(answer.refusal)  # type: ignore[attr-defined]
    refusal = msgspec.json.decode(signed.body, type=Refusal)
    body = msgspec.json.encode(msgspec.structs.replace(refusal, held=held.hex()))
    again = envelope.encode(envelope.sign(REFUSAL_TYPE, body, [key]))  # type: ignore[list-item]
    return msgspec.structs.replace(answer, refusal=again)  # type: ignore[type-var]


# ── damaged records ──────────────────────────────────────────────────────────────────────


def damage(tablet: FieldTablet, place: int, *, gone: bool) -> bytes:
    """Spoil, or remove, the statement of the link at a place; its record hash."""
    with tablet.tablet.vault.transaction() as session:
        link = session.exec(select(LinkRow).where(LinkRow.sequence == place)).one()
        row = session.get(StatementRow, link.record_hash)
        assert row is not None
        if gone:
            session.delete(row)
        else:
            row.envelope = row.envelope[:-1] + bytes([row.envelope[-1] ^ 1])
            session.add(row)
        return link.record_hash


@pytest.mark.parametrize("gone", [True, False])
def test_a_damaged_record_holds_up_nothing_behind_it(
    tablet: FieldTablet, online: County, gone: bool
) -> None:
    """Its place in the chain is sent; the log flags it, and the tablet says so."""
    tablet.opened_and_notified()
    record = damage(tablet, 1, gone=gone)
    tablet.contact()
    status = tablet.tablet.sync.status()
    assert (status.unsent, status.halted, status.trouble) == (0, None, None)
    assert tablet.stages() == [Stage.STORED, Stage.RECEIPTED, tablet.stages()[2]]
    with tablet.tablet.vault.session() as session:
        noted = session.exec(select(NoticeRow).where(NoticeRow.kind == "damaged")).one()
    assert noted.record_hash == record
    services = online.services
    assert services is not None
    assert services.facts.journal(journals(tablet)[0].id)[1].envelope is None


def test_a_case_with_a_damaged_record_can_still_be_read(tablet: FieldTablet) -> None:
    """All of it but that record."""
    inspection = tablet.opened_and_notified()
    damage(tablet, 1, gone=False)
    tablet.restart()
    assert len(tablet.tablet.journal.records(inspection.case)) == 2


# ── what people see, and older programs ──────────────────────────────────────────────────────


def test_the_sync_screen_says_why_nothing_is_taken_and_how_it_goes_on(
    restored: FieldTablet, online: County
) -> None:
    """First the refusal in words, with the export as a way out; then the journal that follows."""
    restored.open()
    restored.contact()
    refused = sync_screen(restored)
    assert "从副本恢复" in refused.alarm.text
    assert [fix.key for fix in refused.alarm.fixes] == ["export_unsent"]
    close_journal(online)
    restored.contact()
    resolved = sync_screen(restored)
    assert resolved.alarm is None
    assert any("换用新的流水" in note.title for note in resolved.notes)


def sync_screen(tablet: FieldTablet) -> SyncView:
    """What the screen shows an officer who looks now."""
    running = Running.of(tablet)
    try:
        running.unlock()
        running.look_at_sync()
        view: SyncView = running.view
        return view
    finally:
        running.close()
        tablet.restart()


def test_a_vault_of_an_older_program_gets_the_tables_that_are_new(tablet: FieldTablet) -> None:
    with tablet.tablet.vault.transaction() as session:
        session.exec(text("DROP TABLE replaced_links"))  # type: ignore[call-overload]
    tablet.restart()
    with tablet.tablet.vault.session() as session:
        assert session.exec(select(ReplacedLinkRow)).all() == []


def test_the_successor_comes_after_the_former_whatever_the_clocks_said(
    restored: FieldTablet, online: County
) -> None:
    """The tablet was enrolled with a clock that was ahead; a case's records keep their order."""
    with restored.tablet.vault.transaction() as session:
        row = session.exec(select(JournalRow)).one()
        row.opened_at += 400 * 24 * 3_600_000
        session.add(row)
    restored.open()
    restored.contact()
    close_journal(online)
    restored.contact()
    assert [one.open for one in journals(restored)] == [False, True]


def test_a_closing_that_a_later_program_wrote_leaves_the_screen_standing(
    tablet: FieldTablet,
) -> None:
    """What this one cannot read is not told in words."""
    with tablet.tablet.vault.transaction() as session:
        session.add(NoticeRow(id=b"later", kind="journal_closed", body='{"v":9}', at=1))
    assert not any("换用新的流水" in note.title for note in sync_screen(tablet).notes)


def test_a_closing_that_names_a_journal_of_before_holds_up_nothing(
    tablet: FieldTablet, online: County
) -> None:
    """Nothing of it is done; what the office says after it still arrives."""
    (row,) = journals(tablet)
    state_office(
        online,
        JournalClosed,
        device=demo.DEVICE,
        journal=row.id.hex(),
        successor=row.id.hex(),
        length=0,
        head="00" * 32,
        reason="…",
    )
    tablet.open()
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None
    assert [one.open for one in journals(tablet)] == [True]
