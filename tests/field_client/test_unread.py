"""What a tablet cannot read of the office's records: kept as it came, read when it can."""

from __future__ import annotations

import hashlib
import os

import pytest
from sqlalchemy import update
from sqlmodel import select

from field_client.contact import unread
from field_client.store.tables import NoticeRow, Stage, UnreadRow
from protocol import statements
from protocol.receipt import Receipt
from protocol.statements import BlobRef, DecisionRevoked, FileArchived
from protocol.vocabulary import Retention, RevocationGround
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import state_office


def kept(tablet: FieldTablet) -> list[str]:
    with tablet.tablet.vault.session() as session:
        return list(session.exec(select(UnreadRow.kind)))


def notices(tablet: FieldTablet) -> list[str]:
    with tablet.tablet.vault.session() as session:
        return list(session.exec(select(NoticeRow.kind)))


def archive(county: County, case: bytes) -> None:
    package = BlobRef(
        sha256=hashlib.sha256(os.urandom(8)).hexdigest(), size=1, media_type="application/zip"
    )
    state_office(
        county,
        FileArchived,
        case=case.hex(),
        package=package,
        retention=Retention.YEARS_10,
        archive_no="20260001",
        documents=0,
        pages=0,
        media=0,
    )


def test_it_is_kept_and_done_after_an_update(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cursor moves past it; when the program can read it, it does what it says, once."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    tablet.contact()
    archive(online, inspection.case)
    with monkeypatch.context() as before:
        before.delitem(statements.READERS, "file_archived")
        tablet.contact()
        assert (kept(tablet), notices(tablet)) == (["file_archived"], ["file_archived"])
        assert set(tablet.stages()) == {Stage.STORED}
        tablet.contact()
        assert kept(tablet) == ["file_archived"]
    tablet.contact()
    assert kept(tablet) == []
    assert Stage.ARCHIVED in set(tablet.stages())


def test_it_holds_up_nothing_behind_it(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after it is done at once."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    archive(online, inspection.case)
    state_office(
        online,
        DecisionRevoked,
        case=inspection.case.hex(),
        issued="ab" * 32,
        ground=RevocationGround.REVOKED,
        authority="云溪县人民政府",
        reason="主要事实不清",
        effective_on="2026-11-20",
    )
    monkeypatch.delitem(statements.READERS, "file_archived")
    tablet.contact()
    assert sorted(notices(tablet)) == ["decision_revoked", "file_archived"]


def test_what_was_kept_is_done_in_the_order_of_the_log(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the server's clock said when the log took it."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    for _ in range(6):
        archive(online, inspection.case)
    with monkeypatch.context() as before:
        before.delitem(statements.READERS, "file_archived")
        tablet.contact()
    with tablet.tablet.vault.transaction() as session:
        session.exec(update(UnreadRow).values(at=-UnreadRow.at))
    known = unread.readable(tablet.tablet.vault)
    places = [Receipt.decode(one.receipt).index for one in known]
    assert len(places) == 6
    assert places == sorted(places)


def test_a_kept_record_that_is_damaged_stays_and_stops_nothing(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is proved anew before it changes anything."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    tablet.contact()
    archive(online, inspection.case)
    with monkeypatch.context() as before:
        before.delitem(statements.READERS, "file_archived")
        tablet.contact()
    with tablet.tablet.vault.transaction() as session:
        (row,) = session.exec(select(UnreadRow)).all()
        row.link = row.link[:-1] + bytes([row.link[-1] ^ 1])
        session.add(row)
    tablet.contact()
    assert kept(tablet) == ["file_archived"]
    assert set(tablet.stages()) == {Stage.STORED}
    assert tablet.tablet.sync.status().trouble is None
