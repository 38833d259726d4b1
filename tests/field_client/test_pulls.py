"""A pull that fails leaves everything as it was, wherever it fails."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from msgspec.structs import replace
from sqlmodel import select

from field_client.contact import unread
from field_client.contact.wire import MSGPACK
from field_client.errors import TextTooLong
from field_client.store import tables
from field_client.ui import i18n
from protocol import messages, statements
from protocol.engine import Pulled
from protocol.envelope import MAX_BODY
from protocol.errors import FujieError, Malformed, TooLarge
from protocol.messages import OfficeRecord, PullAnswer
from protocol.statements import StatementTaken
from protocol.vocabulary import DocumentKind
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import Answer, as_office, grant_2027, only


def contents(tablet: FieldTablet) -> dict[str, list[str]]:
    """All rows of the vault, by table."""
    found = {}
    with tablet.tablet.vault.session() as session:
        for table in vars(tables).values():
            if isinstance(table, type) and hasattr(table, "__table__"):
                found[table.__name__] = sorted(repr(row) for row in session.exec(select(table)))
    return found


def changed(change: Callable[[PullAnswer], PullAnswer]) -> Answer:
    """The server's answer to a pull, changed."""

    def answer(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        made = messages.encode(change(messages.decode(response.content, PullAnswer)))
        return httpx.Response(200, content=made, headers={"content-type": MSGPACK})

    return only("/v1/pull", answer)


def rotten(record: OfficeRecord, part: str) -> OfficeRecord:
    data = getattr(record, part)
    bad = data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    return replace(record, **{part: bad})


@pytest.mark.parametrize("part", ["link", "statement", "receipt"])
def test_a_pull_with_one_altered_record_changes_nothing(
    tablet: FieldTablet, online: County, part: str
) -> None:
    """At whichever place of the page it stands, also under the office's own signature."""
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    tablet.tablet.sync.contact()
    pull, cursor = tablet.tablet.sync._exchange.pull, 0
    whole = tablet.tablet.wire.get("/v1/pull", f"cursor={cursor}", PullAnswer)
    before = contents(tablet)
    for place in range(0, len(whole.records), max(1, len(whole.records) // 4)):

        def change(answer: PullAnswer, place: int = place) -> PullAnswer:
            records = list(answer.records)
            records[place] = rotten(records[place], part)
            return replace(answer, records=records)

        online.meddler.answer = as_office(online, changed(change))
        with pytest.raises(FujieError):
            pull(cursor)
        assert contents(tablet) == before


def test_a_pull_that_is_cut_changes_nothing_and_the_next_brings_all(
    tablet: FieldTablet, online: County
) -> None:
    """Cut at any byte, packed as it comes."""
    tablet.opened_and_notified()
    tablet.tablet.sync.contact()
    before = contents(tablet)
    lengths: list[int] = []

    def cut(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        raw = response.extensions["raw"]
        lengths.append(len(raw))
        headers = {k: v for k, v in response.headers.items() if k != "content-length"}
        part = raw[: len(raw) * (len(lengths) - 1) // 8]
        return httpx.Response(200, stream=httpx.ByteStream(part), headers=headers)

    online.meddler.answer = only("/v1/pull", cut)
    for _ in range(8):
        with pytest.raises(FujieError):
            tablet.tablet.sync._exchange.pull(0)
        assert contents(tablet) == before
    online.meddler.answer = None
    assert isinstance(tablet.tablet.sync._exchange.pull(0), Pulled)


def test_what_is_too_long_to_be_sent_is_told_when_it_is_saved(
    tablet: FieldTablet, online: County
) -> None:
    """Nothing of it is saved, and the longest that can be saved goes through."""
    inspection = tablet.opened_and_notified()
    length = len(tablet.stages())
    journal, case = tablet.tablet.journal, inspection.case
    signers = [one.signer for one in tablet.officers]

    def taken(size: int) -> StatementTaken:
        words = {"told": "拟罚款", "defence": "马上改", "reply": "字" * size}
        return journal.stamp(StatementTaken, case, **words)

    for size, most in ((MAX_BODY // 3, MAX_BODY), (100_001, 100_000)):
        with pytest.raises(TextTooLong) as told:
            journal.save(taken(size), signers)
        assert told.value.facts["most"] == most
        words = i18n.catalogue("zh_CN")[told.value.template].format(**told.value.facts)
        assert words.startswith(("一处文字太长", "这条记录的文字共"))
        assert str(most) in words
    assert len(tablet.stages()) == length
    longest = MAX_BODY // 3
    while True:
        try:
            statements.encode(taken(longest))
            break
        except (TooLarge, Malformed):
            longest = longest * 9 // 10
    journal.save(taken(longest), signers)
    tablet.photo(inspection)
    tablet.tablet.sync.contact()
    assert tablet.tablet.sync.status().unsent == 0


def test_what_a_review_found_comes_with_the_pull_and_goes_when_it_is_mended(
    tablet: FieldTablet, online: County
) -> None:
    """A record whose statement was lost on the tablet is flagged; the office says so in words,
    for as long as that stands. A server that says nothing of findings leaves them as they were."""
    tablet.opened_and_notified()
    with tablet.tablet.vault.transaction() as session:
        row = session.exec(select(tables.StatementRow)).first()
        assert row is not None
        row.envelope = b""
        session.add(row)
    tablet.tablet.sync.contact()
    (found,) = unread.findings(tablet.tablet.vault)
    assert (found.code, found.severity) == ("flagged", "watch")
    assert "存疑接收" in found.zh
    online.meddler.answer = as_office(online, changed(lambda told: replace(told, findings=None)))
    tablet.tablet.sync._exchange.pull(0)
    assert unread.findings(tablet.tablet.vault) == [found]
    online.meddler.answer = as_office(online, changed(lambda told: replace(told, findings=[])))
    tablet.tablet.sync._exchange.pull(0)
    assert unread.findings(tablet.tablet.vault) == []


def test_a_pull_that_waited_its_turn_passes_over_nothing_that_was_not_heard(
    tablet: FieldTablet, online: County
) -> None:
    """It was asked for behind a later place; a stick's answer took the tablet to a successor of
    the log meanwhile, and back to an earlier one."""
    grant_2027(online)
    assert online.services is not None
    tablet.tablet.sync._exchange.pull(online.services.facts.head.size)
    assert tablet.tablet.journal.next_number(DocumentKind.SPOT_DECISION, 2027).serial == 1
