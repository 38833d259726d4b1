"""A record is looked at: how far it came, what keeps it, which of its files are at the centre."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from field_client.contact import unread
from field_client.store.tables import BlobRow, LinkRow, ReceiptRow, StatementRow
from protocol.errors import RolledBack
from protocol.messages import Found, PullAnswer
from protocol.receipt import Reason, Verdict
from tests.field_client.county import County, FieldTablet
from tests.field_client.flowing import Stage

AT = 1_784_162_400_000  # ms


@pytest.fixture
def stage(tablet: FieldTablet, online: County) -> Iterator[Stage]:
    """What was sent and receipted, then a photo without network."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    tablet.contact()
    online.stop()
    tablet.photo(inspection)
    running = Stage.of(tablet)
    running.unlock()
    running.look_at_sync()
    yield running
    running.close()
    tablet.restart()


def waiting(stage: Stage) -> str:
    """The key of the one record that waits."""
    stage.do.list_stage("saved")
    stage.work()
    (row,) = stage.view.rows
    return str(row.key)


def test_the_list_begins_with_what_the_centre_answered(stage: Stage) -> None:
    assert stage.view.listed == "中心核对结果"
    assert {row.chip.word for row in stage.view.rows} == {"通过"}
    assert len(stage.view.rows) == 3


def test_a_tile_lists_what_stands_there_and_a_second_touch_the_answers_again(
    stage: Stage,
) -> None:
    stage.do.list_stage("saved")
    stage.work()
    assert (stage.view.listed, [row.title for row in stage.view.rows]) == (
        "已保存",
        ["已取证：照片"],
    )
    assert [tile.chosen for tile in stage.view.tiles] == [True, False, False, False, False]
    stage.do.list_stage("saved")
    stage.work()
    assert stage.view.listed == "中心核对结果"


def test_what_was_seen_last_stands_there_until_it_is_counted_anew(stage: Stage) -> None:
    counted = [tile.count for tile in stage.view.tiles]
    stage.do.go("today")
    stage.do.go("sync")
    assert [tile.count for tile in stage.view.tiles] == counted
    stage.do.go("sync")
    assert len(stage.worker.waiting) == 1  # one look at a time
    stage.work()
    assert [tile.count for tile in stage.view.tiles] == counted


def test_another_shift_is_shown_nothing_until_it_is_counted(stage: Stage) -> None:
    stage.do.lock()
    stage.unlock()
    stage.do.go("sync")
    assert {tile.count for tile in stage.view.tiles} == {"…"}
    assert stage.view.rows == ()
    stage.work()
    assert stage.view.tiles[0].count == "1"
    assert stage.view.rows


def test_what_was_counted_for_a_shift_that_is_over_is_dropped(stage: Stage) -> None:
    stage.do.go("sync")
    stage.do.lock()
    stage.work()
    assert stage.screen == "unlock"
    stage.unlock()
    stage.do.go("sync")
    assert {tile.count for tile in stage.view.tiles} == {"…"}


def test_a_waiting_record_says_where_it_stands_and_what_of_it_waits(stage: Stage) -> None:
    stage.do.open_item(waiting(stage))
    view = stage.view
    assert stage.screen == "item"
    assert [mark.reached for mark in view.way] == [True, False, False, False, False]
    (file,) = view.files
    assert (file.share, file.chip.word) == (0, "等待发送")
    assert dict(view.facts)["签名"] == "沈知远"
    assert "在中心" not in dict(view.facts)
    stage.do.back()
    assert stage.screen == "sync"


def test_a_receipted_record_names_its_place_in_the_log(stage: Stage) -> None:
    stage.do.open_item(stage.view.rows[0].key)
    assert [mark.reached for mark in stage.view.way][:3] == [True, True, True]
    assert dict(stage.view.facts)["在中心"].startswith("日志第 ")
    assert stage.view.chip.word == "通过"


def test_a_flagged_record_gives_the_reason_and_what_to_do(stage: Stage) -> None:
    key = stage.view.rows[0].key
    with stage.desk.open_tablet.vault.transaction() as session:
        link = session.exec(select(LinkRow).where(LinkRow.record_hash == bytes.fromhex(key))).one()
        row = session.get(ReceiptRow, link.link_hash)
        assert row is not None
        row.verdict, row.reasons = int(Verdict.FLAGGED), bytes([Reason.BAD_SIGNATURE])
        session.add(row)
    stage.do.open_item(key)
    (note,) = stage.view.notes
    assert (note.level, stage.view.chip.word) == ("warn", "提示")
    assert Reason.BAD_SIGNATURE.zh in note.title


def test_a_damaged_record_is_shown_as_such(stage: Stage) -> None:
    key = stage.view.rows[0].key
    with stage.desk.open_tablet.vault.transaction() as session:
        row = session.get(StatementRow, bytes.fromhex(key))
        assert row is not None
        row.envelope = row.envelope[:-1] + bytes([row.envelope[-1] ^ 1])
        session.add(row)
    stage.do.open_item(key)
    assert stage.view.title == "损坏的记录"
    assert stage.view.notes[0].level == "warn"


def test_half_an_upload_shows_as_half_a_gauge(stage: Stage) -> None:
    key = waiting(stage)
    with stage.desk.open_tablet.vault.transaction() as session:
        for row in session.exec(select(BlobRow).where(BlobRow.stage == "saved")).all():
            row.uploaded_offset = row.size // 2
            session.add(row)
    stage.do.open_item(key)
    assert stage.view.files[0].share == pytest.approx(0.5, abs=0.01)


def test_the_same_record_in_the_other_language(stage: Stage) -> None:
    stage.do.open_item(waiting(stage))
    stage.do.set_language("en")
    assert (stage.screen, stage.view.frame.title) == ("item", "A record")
    stage.do.set_language("zh_CN")


def test_what_the_office_found_is_told_in_its_words_the_urgent_first(stage: Stage) -> None:
    found = [
        Found(code="flagged", severity="watch", zh="1 条存疑接收。", en="1 record is flagged."),
        Found(code="late", severity="act", zh="媒体迟到。", en="Media are late.", since=AT),
    ]
    answer = PullAnswer(at=AT, cursor=0, records=[], findings=found)
    with stage.desk.open_tablet.vault.transaction() as session:
        unread.keep_findings(session, answer)
    stage.look_at_sync()
    late, flagged = stage.view.notes[-2:]
    assert (late.level, late.text, flagged.text) == ("warn", "媒体迟到。", "1 条存疑接收。")
    assert "要处理" in late.title
    assert "起" in late.title
    stage.do.set_language("en")
    stage.work()
    assert [note.text for note in stage.view.notes[-2:]] == [
        "Media are late.",
        "1 record is flagged.",
    ]
    stage.do.set_language("zh_CN")


def test_findings_that_stand_no_longer_are_told_no_longer(stage: Stage) -> None:
    found = [Found(code="flagged", severity="watch", zh="存疑。", en="Flagged.")]
    for findings, more in ((found, 1), ([], 0)):
        with stage.desk.open_tablet.vault.transaction() as session:
            answer = PullAnswer(at=AT, cursor=0, records=[], findings=findings)
            unread.keep_findings(session, answer)
        stage.look_at_sync()
        assert [one.text for one in stage.view.notes].count("存疑。") == more


def test_an_alarm_is_told_once_and_says_what_becomes_of_the_records(stage: Stage) -> None:
    sync = stage.desk.open_tablet.sync
    alarm = RolledBack(
        "expected {origin} to hold at least {size} entries, got {got}; keep this "
        "evidence and tell the agency",
        evidence=(b"the larger head", b"the smaller one"),
        origin="log.yunxi.example/fujie",
        size=84,
        got=37,
    )
    sync._exchange.history.keep_alarm(alarm)
    sync._troubles[None] = alarm  # until the next pull
    stage.look_at_sync()
    view = stage.view
    assert view.alarm is not None
    assert "至少应有 84 个条目" in view.alarm.text
    assert "本局答复之前不再上传" in view.alarm.text
    assert [note for note in view.notes if note.level == "warn"] == []
    assert view.checkpoint_detail.startswith("最后一次相符")
