"""The integrity report: complete when all is there, and what is missing when a row is not."""

from __future__ import annotations

import pytest

from sync_server.log import lookup
from sync_server.store.tables import BLOB
from tests.cast import DEVICE
from tests.sync_server.rotting import alter_in
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


def alter(office: Office, county: County, part: str, data: bytes | None) -> None:
    """What the store has of the tablet's decision is another thing, or gone."""
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        (place,) = lookup.find(connection, [county.case.decision.hash])
        alter_in(connection, place, **{part: data})


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("link", {"link_missing"}),
        ("entry", {"entry_missing", "log_inconsistent"}),
        ("statement", {"statement_missing"}),
    ],
)
def test_what_is_removed_by_hand_is_found(
    public: Office, published: County, part: str, codes: set[str]
) -> None:
    """By its own name and no other, with evidence and a remedy, at the next look."""
    alter(public, published, part, None)
    found = report(public)
    assert found["complete"] is False
    findings = {one["code"]: one for one in found["findings"]}  # type: ignore[attr-defined]
    assert set(findings) == codes
    (code, *_) = sorted(codes)
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


@pytest.mark.parametrize("part", ["link", "entry", "statement"])
def test_bytes_altered_by_hand_take_no_page_down(
    public: Office, published: County, part: str
) -> None:
    """The report is needed most when rows are rotten; the decision's text is held back."""
    alter(public, published, part, b"rotten")
    assert report(public)["complete"] is False
    client = public.signed_in("fangqiuyan")
    assert client.get("/supervision").status_code == 200
    assert client.get(f"/office/cases/{published.case.opened.hex}").status_code == 200
    assert client.get("/").status_code == 200
    page = client.get(f"/decisions/{published.case.decision.hex}")
    assert page.status_code == 503
    assert "红枣" not in page.text
