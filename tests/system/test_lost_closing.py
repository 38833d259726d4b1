"""A server loses its disk, and with it the end of a tablet's journal that forked before.

the log        J1: 一 │ backup │ J1: 二, closed; J2: 三, 四
its successor  J1: 一, open; it never heard of J2

the office closes J1 once more: J3: 二, 三, 四
"""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
from sqlmodel import select

from field_client.store.tables import JournalRow, LinkRow, Stage
from sync_server import demo
from sync_server.commands import checking
from sync_server.devices import closing
from tests.field_client.county import County, FieldTablet
from tests.field_client.test_forks import sync_screen
from tests.system.test_fork import device, inspected, started
from tests.system.test_succession import (
    SECOND,
    alarmed,
    backed_up,
    both_halves_match,
    lose_the_disk,
    succeed,
    until_calm,
)


def close_journal(county: County) -> None:
    assert county.services is not None
    closing.close_journal(county.services, device(county.services), "从副本恢复")


def places(tablet: FieldTablet) -> list[int]:
    """How many links each of the tablet's journals has, in the order of the journals."""
    with tablet.tablet.vault.session() as session:
        journals = session.exec(select(JournalRow.id).order_by(JournalRow.opened_at)).all()  # type: ignore[arg-type]
        links = session.exec(select(LinkRow.journal)).all()
    return [links.count(one) for one in journals]


def leave_a_copy(tablet: FieldTablet, earlier: Path) -> None:
    """What the tablet holds is copied; then it sends an inspection that the copy has not, and
    ends."""
    tablet.tablet.close()
    shutil.copytree(tablet.folder, earlier)
    first = started(tablet, tablet.folder)
    inspected(first)
    first.contact()
    first.tablet.close()


def test_a_fork_that_was_closed_after_the_backup_is_closed_again(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """What the lost log had acknowledged of both journals is *saved* again, not *stored*, and
    reaches its successor in a third one."""
    inspected(tablet)
    tablet.contact()
    copy = backed_up(online, tmp_path / "copy")
    inspected(tablet)
    tablet.contact()
    leave_a_copy(tablet, tmp_path / "earlier")
    forked = started(tablet, tmp_path / "earlier")
    inspected(forked)
    forked.contact()
    assert forked.tablet.sync.status().halted == "rewrite"
    close_journal(online)
    until_calm(forked, 2)
    inspected(forked)
    until_calm(forked, 2)
    assert forked.tablet.sync.status().unsent == 0
    assert places(forked) == [8, 8]
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(forked, 3)
    status = forked.tablet.sync.status()
    assert (status.halted, status.unsent) == ("unknown_device", 12)
    alarm = sync_screen(forked).alarm
    assert alarm is not None
    assert "从备份恢复" in alarm.text
    close_journal(online)
    both_halves_match(online, forked)
    assert places(forked) == [4, 0, 12]
    inspected(forked)
    both_halves_match(online, forked)
    forked.tablet.close()
    tablet.tablet = started(tablet, tablet.folder).tablet


def test_a_log_that_was_put_back_before_the_closing_has_a_successor(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """What the tablet brings of the log that was taken back names a journal that this one never
    heard of; it is kept, and fsck knows whose it is."""
    inspected(tablet)
    tablet.contact()
    copy = backed_up(online, tmp_path / "copy")
    close_journal(online)
    until_calm(tablet, 2)
    inspected(tablet)
    until_calm(tablet, 2)
    assert places(tablet) == [4, 4]
    lose_the_disk(online, copy)
    online.start()
    tablet.open()
    seen = tablet.tablet.sync._exchange.history.log.checkpoint_bytes
    assert seen is not None
    alarmed(tablet)
    assert online.services is not None
    kept = online.services.facts.evidence(demo.DEVICE)
    assert {one.reason for one in kept} == {"log_set_back"}
    online.stop()
    said: list[str] = []
    assert checking.fsck(online.settings, said.append, lambda _: None) == 0, said
    succeed(online, SECOND, checkpoints=[seen])
    until_calm(tablet, 2)
    close_journal(online)
    both_halves_match(online, tablet)


def lost(request: httpx.Request, _: httpx.Response) -> httpx.Response | None:
    if request.url.path == "/v1/push":
        raise httpx.ReadError("the answer is lost", request=request)
    return None


def pushed_in_vain(tablet: FieldTablet, online: County) -> None:
    """The log has it; the tablet hears of it later, under a head that the backup has not."""
    inspected(tablet)
    online.meddler.answer = lost
    tablet.contact()
    online.meddler.answer = None


def test_what_the_successor_holds_of_a_journal_that_was_left_is_not_lost(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The tablet knows it by a head that is gone; the office's word on the journal's end is in the
    backup, and says that it is there."""
    inspected(tablet)
    tablet.contact()
    pushed_in_vain(tablet, online)
    close_journal(online)
    copy = backed_up(online, tmp_path / "copy")
    until_calm(tablet, 2)
    inspected(tablet)
    until_calm(tablet, 2)
    assert places(tablet) == [8, 4]
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    both_halves_match(online, tablet)
    assert places(tablet) == [8, 4]


def test_what_the_end_of_another_branch_does_not_tell_of_is_sent_again(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The journal ended at the office with links that this copy of the tablet never had."""
    inspected(tablet)
    tablet.contact()
    pushed_in_vain(tablet, online)
    leave_a_copy(tablet, tmp_path / "earlier")
    close_journal(online)
    copy = backed_up(online, tmp_path / "copy")
    forked = started(tablet, tmp_path / "earlier")
    inspected(forked)
    until_calm(forked, 3)
    assert places(forked) == [8, 4]
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(forked)
    assert set(forked.stages()) == {Stage.STORED}
    assert places(forked) == [4, 8]
    forked.tablet.close()
    tablet.tablet = started(tablet, tablet.folder).tablet
