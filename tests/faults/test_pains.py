"""Pains that users of the field's best systems reported, each by its name: what lies between
tablet and server, and what a crash leaves.

test_a_failed_pull_that_empties_local_files          whatever comes in place of the answer
test_a_crash_that_wedges_the_queue                   between "sent" and the answer
test_a_duplicate_race                                the same push from twelve lines at once
test_a_saved_item_too_large_to_send                  told when it is saved; behind it all goes on
test_wrong_clocks                                    years off, set back and forth meanwhile
test_a_draft_recovered_into_another_case             it stays in its own
test_a_crash_that_loses_all                          a torn write takes the act under way, no more
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlmodel import col, select

from field_client.contact.wire import Wire
from field_client.errors import TextTooLong
from field_client.store.drafts import Drafts
from field_client.store.tables import LinkRow, ReceiptRow, Stage, StatementRow
from field_client.store.vault import TABLES
from protocol import chain
from protocol.envelope import MAX_BODY
from protocol.messages import Push, PushAnswer, PushItem
from protocol.vocabulary import DocumentKind
from sync_server.log import leaves
from tests.faults.cutting import Cutting
from tests.field_client.county import HOUR_MS, County, FieldTablet, copied
from tests.field_client.talk import grant_2027, verified
from tests.proxy import CANNED, Proxy

DAY_MS = 24 * HOUR_MS
LONGEST = 100_000
"""Characters of one text."""

RECORD = DocumentKind.SITE_INSPECTION_RECORD
GREETING = ("contact_at", "server_at", "checkpoint")
"""Single values that the push before the pull may move on."""


def test_a_failed_pull_that_empties_local_files(
    tablet: FieldTablet, online: County, line: Proxy, cut: Cutting
) -> None:
    """A portal, an error, half an answer: tasks, numbers, records and media are as they were."""
    tablet.photo(tablet.opened_and_notified())
    cut.goes_on()
    grant_2027(online)
    before = _everything(tablet)
    for said in CANNED.values():
        line.answer(said, only=b"GET /v1/pull")
        tablet.contact()
        assert tablet.tablet.sync.status().trouble is not None
        assert _everything(tablet) == before
    line.mend()
    for at in range(0, 300, 60):
        line.answer(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n" + bytes(at), only=b"GET")
        tablet.contact()
        assert _everything(tablet) == before
    line.mend()
    tablet.clock.pass_seconds(400)
    cut.goes_on()
    journal = tablet.tablet.journal
    assert journal.next_number(DocumentKind.SPOT_DECISION, 2027).label == "云市监当罚〔2027〕1号"


@pytest.mark.parametrize("admitted", [False, True])
def test_a_crash_that_wedges_the_queue(
    tablet: FieldTablet, line: Proxy, tmp_path: Path, admitted: bool
) -> None:
    """The power goes while a push is under way, before the server has it or after: what was
    marked as sent is sent again, and what was saved since follows it."""
    tablet.opened_and_notified()
    if admitted:
        line.cut(down=10)
    else:
        line.cut(up=900)
    tablet.contact()
    assert set(tablet.stages()) == {Stage.SENT}
    again = _after_power_cut(tablet, tmp_path, line)
    try:
        again.open()
        again.contact()
        assert set(again.stages()) == {Stage.STORED}
        assert verified(again) == 4
    finally:
        again.tablet.close()


def test_a_duplicate_race(tablet: FieldTablet, online: County) -> None:
    """The same links twelve times at once, some of them in part: each is in the log once, and
    everybody hears the same."""
    tablet.opened_and_notified()
    exchange = tablet.tablet.sync._exchange
    with tablet.tablet.vault.session() as session:
        rows = session.exec(
            select(LinkRow.link, StatementRow.envelope)
            .join(StatementRow, col(StatementRow.record_hash) == col(LinkRow.record_hash))
            .order_by(col(LinkRow.sequence))
        ).all()
    items = [PushItem(link=link, statement=statement) for link, statement in rows]
    heard: list[PushAnswer] = []
    together = threading.Barrier(12)

    def send(count: int) -> None:
        wire = Wire(online.url, exchange.device.signer, tablet.clock)
        asked = Push(inventory=exchange._inventory(), items=items[:count], seen=0)
        together.wait()
        heard.append(wire.post("/v1/push", asked, PushAnswer))
        wire.close()

    senders = [threading.Thread(target=send, args=(1 + n % 3,)) for n in range(12)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(heard) == 12
    said = [[(one.index, one.entry) for one in answer.admitted] for answer in heard]
    assert sorted(map(len, said)) == sorted([1, 2, 3] * 4)
    assert all(one == max(said, key=len)[: len(one)] for one in said)
    assert online.services is not None
    with online.services.db.reading() as session:
        links = [entry[1:33] for _, entry in leaves.entries(session.connection(), 0)]
    ours = [chain.decode_link(link).hash() for link, _ in rows]
    assert links.count(ours[0]) == 1
    assert len(set(links)) == len(links)
    assert [link for link in links if link in ours] == ours
    tablet.contact()
    assert verified(tablet) == 3


def test_a_saved_item_too_large_to_send(tablet: FieldTablet, online: County) -> None:
    """What no server would take is not saved, and says so at once; the largest that is saved goes,
    and what is behind it too."""
    inspection = tablet.opened_and_notified()
    with pytest.raises(TextTooLong, match="takes at most 1048576"):
        inspection.hear("拟罚款500元。", "长" * (MAX_BODY // 3), "不予采纳。")
    assert tablet.stages() == [Stage.SAVED] * 3
    with pytest.raises(TextTooLong, match="at most 100000 characters"):
        inspection.hear("拟罚款500元。", "长" * (LONGEST + 1), "不予采纳。")
    assert tablet.stages() == [Stage.SAVED] * 3
    inspection.hear("罚" * LONGEST, "长" * LONGEST, "不" * LONGEST)
    tablet.hear(inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED] * 5
    assert verified(tablet) == 5


@pytest.mark.parametrize("off_ms", [-400 * DAY_MS, -9 * HOUR_MS, 9 * HOUR_MS, 400 * DAY_MS])
def test_wrong_clocks(tablet: FieldTablet, online: County, off_ms: int) -> None:
    """The tablet's clock is set wrong in the middle of a day and right again, and media go too:
    the order holds, each link bears what the tablet believed, the log bears the server's time."""
    inspection = tablet.opened_and_notified()
    tablet.clock.wall += off_ms
    online.clock.ahead_ms = -off_ms
    said = tablet.hear(inspection)
    tablet.photo(inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.tablet.sync.status().trouble is None
    tablet.clock.wall -= off_ms
    online.clock.ahead_ms = 0
    tablet.hear(inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED] * 6
    assert verified(tablet) == 6
    right = tablet.clock.wall
    assert abs(said.link.wall_at - right) > abs(off_ms) - HOUR_MS
    with tablet.tablet.vault.session() as session:
        links = session.exec(select(LinkRow).order_by(col(LinkRow.sequence))).all()
        received = session.exec(select(ReceiptRow.received_at)).all()
    assert [row.sequence for row in links] == list(range(6))
    assert max(abs(at - right) for at in received) < HOUR_MS


def test_a_draft_recovered_into_another_case(
    tablet: FieldTablet, tmp_path: Path, online: County
) -> None:
    """Two inspections, the same form in both, the power goes: each finds its own words again, and
    a case without a draft finds none."""
    first, second, third = (tablet.opened_and_notified() for _ in range(3))
    typed = {first: "货架上7种散装商品未标明价格。", second: "秤未检定。"}
    for inspection, words in typed.items():
        Drafts(tablet.tablet.vault, inspection.case, tablet.clock).keep(RECORD, {"findings": words})
    again = _after_power_cut(tablet, tmp_path)
    try:
        for inspection in (third, second, first):
            resumed = again.tablet.office.resume(inspection.case, again.officers)
            drafts = Drafts(again.tablet.vault, resumed.case, again.clock)
            words = typed.get(inspection)
            assert drafts.typed(RECORD) == ({"findings": words} if words else {})
            assert (
                again.desk(resumed).answers(RECORD).get("findings", "")
                != typed[second if inspection is first else first]
            )
    finally:
        again.tablet.close()


@pytest.mark.parametrize("torn", [1, 700, 4096, 9000])
def test_a_crash_that_loses_all(
    tablet: FieldTablet, tmp_path: Path, online: County, torn: int
) -> None:
    """The last bytes that were written are torn: the act under way is gone, everything before it
    is there, the journal goes on, and all of it is sent."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    kept = [record.hash for record in inspection.state.records]
    log = tablet.tablet.settings.vault_path.with_name("vault.db-wal")
    before = log.stat().st_size
    tablet.hear(inspection)
    after = log.stat().st_size
    assert after > before, "the log was written anew; the test tears nothing"

    def tear(folder: Path) -> None:
        path = folder / log.relative_to(tablet.folder)
        path.write_bytes(path.read_bytes()[: after - min(torn, after - before)])

    again = _after_power_cut(tablet, tmp_path, tear=tear)
    try:
        resumed = again.tablet.office.resume(inspection.case, again.officers)
        assert [record.hash for record in resumed.state.records] == kept
        again.hear(resumed)
        again.contact()
        again.contact()
        assert again.stages() == [Stage.STORED] * 5
        assert verified(again) == 5
    finally:
        again.tablet.close()


# ── help ─────────────────────────────────────────────────────────────────────────────────


def _everything(tablet: FieldTablet) -> dict[str, object]:
    """Every row of the vault but what a greeting moves, and every file of the tablet's media."""
    with tablet.tablet.vault.session() as session:
        rows: dict[str, object] = {
            table.name: sorted(
                repr(tuple(row))
                for row in session.connection().execute(table.select())
                if row[0] not in GREETING
            )
            for table in TABLES
        }
    rows["files"] = sorted(one.name for one in tablet.tablet.settings.blobs_dir.iterdir())
    rows["reference"] = tablet.tablet.shelf.version
    return rows


def _after_power_cut(
    tablet: FieldTablet, tmp_path: Path, line: Proxy | None = None, tear: object = None
) -> FieldTablet:
    """The program on what lay on the disk in that moment, started again after a boot."""
    folder = copied(tablet.folder, tmp_path / "after")
    if callable(tear):
        tear(folder)
    tablet.clock.reboot()
    again = FieldTablet.start(folder, tablet.clock, tablet.county, tablet.media, tablet.typesetter)
    if line is not None:
        line.mend()
    return again
