"""The integrity report: complete when all is there, and what is missing when a row is not."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from sync_server.store.tables import BLOB, ENTRY, LINK, STATEMENT
from tests.cast import DEVICE
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office
from tests.worlds import World


def report(office: Office) -> dict[str, object]:
    """The report on the tablet, for programs."""
    client = office.signed_in("fangqiuyan")
    answer = client.get(f"/supervision/devices/{DEVICE}/report.json")
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_whole_journal_is_complete(public: Office, published: County) -> None:
    """No findings, and the pages say so."""
    assert report(public)["complete"] is True
    assert report(public)["findings"] == []
    page = public.signed_in("fangqiuyan").get("/supervision").text
    assert "没有缺失，没有改动" in page
    assert "1 / 1" in page


def where(table: Table, county: County) -> object:
    """One row of the tablet's decision, in each table of facts."""
    record = county.case.decision.hash
    return {
        "link": LINK.c.record_hash == record,
        "entry": ENTRY.c.record_hash == record,
        "statement": STATEMENT.c.record_hash == record,
    }[table.name]


@pytest.mark.parametrize(
    ("table", "code"),
    [(LINK, "link_missing"), (ENTRY, "entry_missing"), (STATEMENT, "statement_missing")],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_row_removed_by_hand_is_found(
    public: Office, published: County, table: Table, code: str
) -> None:
    """By its own name, with evidence and a remedy, at the next look."""
    assert public.services is not None
    with public.services.db.writer.begin() as connection:
        gone = connection.execute(table.delete().where(where(table, published)))
        assert gone.rowcount == 1
    found = report(public)
    assert found["complete"] is False
    findings = {one["code"]: one for one in found["findings"]}  # type: ignore[attr-defined]
    assert code in findings
    assert findings[code]["evidence"]
    client = public.signed_in("fangqiuyan")
    for path in ("/supervision", f"/supervision/devices/{DEVICE}"):
        page = client.get(path).text
        assert findings[code]["zh"] in page
        assert findings[code]["remedy_zh"] in page


def test_a_lost_and_an_altered_file_are_found(public: Office, published: County) -> None:
    """A blob that is gone from the disk, and one whose bytes were changed."""
    assert public.services is not None
    journal = World().device.journal
    with public.services.db.engine.connect() as connection:
        rows = connection.execute(BLOB.select().where(BLOB.c.journal == journal)).all()
    lost, altered = (public.services.blobs.path(row.sha256) for row in rows[:2])
    lost.unlink()
    altered.write_bytes(b"something else")
    codes = {one["code"] for one in report(public)["findings"]}  # type: ignore[attr-defined]
    assert {"blob_missing", "blob_damaged"} <= codes


@pytest.mark.parametrize(
    ("table", "column"),
    [(LINK, "link"), (ENTRY, "entry"), (STATEMENT, "envelope")],
    ids=lambda one: getattr(one, "name", one),
)
def test_bytes_altered_by_hand_take_no_page_down(
    public: Office, published: County, table: Table, column: str
) -> None:
    """The report is needed most when rows are rotten; the decision's text is held back."""
    assert public.services is not None
    with public.services.db.writer.begin() as connection:
        rotten = table.update().where(where(table, published)).values({column: b"rotten"})
        assert connection.execute(rotten).rowcount == 1
    assert report(public)["complete"] is False
    client = public.signed_in("fangqiuyan")
    assert client.get("/supervision").status_code == 200
    assert client.get(f"/office/cases/{published.case.opened.hex}").status_code == 200
    assert client.get("/").status_code == 200
    page = client.get(f"/decisions/{published.case.decision.hex}")
    assert page.status_code == 503
    assert "红枣" not in page.text
