"""A sealed file is destroyed after its appraisal: what goes is gone, what remains proves it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from protocol.statements import RecordDestroyed, blobs_of
from sync_server.commands import checking
from sync_server.services import Services, writing
from sync_server.upkeep import destroying
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Clock, Office, hidden

AFTER = int(datetime(2057, 1, 4, 2, tzinfo=UTC).timestamp() * 1000)
REPORT = b"%PDF-1.7 the appraisal"


@pytest.fixture(scope="module")
def sealed(inspected: County, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The inspection's file is sealed, kept until the end of 2056."""
    folder = tmp_path_factory.mktemp("sealed") / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, staging.NOW)
    office.start()
    try:
        assert staging.archive(office, inspected.case).url.query == b"done=archived"
    finally:
        office.stop()
    return County(folder, inspected.case)


@pytest.fixture
def late(open_office: Callable[[County], Office], sealed: County) -> Office:
    """A server with the sealed file, in January 2057."""
    office = open_office(sealed)
    office.clock.set(AFTER)
    return office


def services_of(office: Office) -> Services:
    """The running server's parts."""
    assert office.services is not None
    return office.services


def destroy(
    office: Office, county: County, report: bytes = REPORT, **changes: str
) -> httpx.Response:
    """The archivist's form, with the head's signature beside."""
    client = office.signed_in("xuwen")
    path = f"/office/cases/{county.case.opened.hex}/destroy"
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "ground": "保管期限届满，鉴定无继续保存价值",
        "password": PASSWORDS["xuwen"],
        "second": "gumingyuan",
        "second_password": PASSWORDS["gumingyuan"],
    }
    files = {"report": ("report.pdf", report, "application/pdf")}
    return client.post(path, data=form | changes, files=files)


def differences(office: Office) -> list[str]:
    """What fsck finds."""
    said: list[str] = []
    checking.fsck(office.settings, said.append, lambda _: None)
    return said


def test_statements_files_and_texts_go_and_the_log_still_holds(
    late: Office, sealed: County
) -> None:
    """Not one is left, in rows, in files, on pages; every link keeps its receipt; fsck holds."""
    services, case = services_of(late), sealed.case
    before = services.facts.case(case.opened.hash)
    links = [record.link.hash() for record in before]
    blobs = {ref.sha256 for record in before for ref in blobs_of(record.statement)}
    answer = destroy(late, sealed)
    assert answer.url.path == "/office/archive", answer.text
    left = services.facts.case(case.opened.hash)
    kinds = {type(record.statement).__name__ for record in left}
    assert kinds == {"FileArchived", "RecordDestroyed", "BlobStored"}
    assert not [one for one in blobs if services.blobs.has(bytes.fromhex(one))]
    assert not (late.folder / "archive" / f"{case.opened.hex}.zip").exists()
    assert all(services.facts.receipt(link) for link in links)
    page = late.signed_in("xuwen").get("/office/archive").text
    assert "已销毁" in page
    assert "禾穗" not in page
    assert "禾穗" not in late.signed_in("xuwen").get("/office").text
    late.stop()
    assert differences(late)[-1].endswith("entries hold")


def test_its_words_are_on_no_page_of_the_database(late: Office, sealed: County) -> None:
    """Deleted rows are overwritten, and the write-ahead log is emptied."""
    words = "禾穗食品有限公司".encode()
    assert any(words in one.read_bytes() for one in late.folder.glob("fujie.db*"))
    destroy(late, sealed)
    late.stop()
    assert not [one.name for one in late.folder.glob("fujie.db*") if words in one.read_bytes()]


def test_a_statement_that_is_missing_by_itself_is_still_found(late: Office, sealed: County) -> None:
    """What was destroyed is no excuse for what was taken away."""
    destroy(late, sealed)
    late.stop()
    late.sql("DELETE FROM statement WHERE kind = 'file_archived'")
    assert any("is missing" in line for line in differences(late))


@pytest.mark.parametrize(
    ("changes", "report", "words"),
    [
        ({"second": "", "second_password": ""}, REPORT, "销毁须由两人签名"),
        ({"second": "xuwen", "second_password": PASSWORDS["xuwen"]}, REPORT, "销毁须由两人签名"),
        ({}, b"no pdf", "鉴定报告"),
        ({"ground": " "}, REPORT, "销毁依据"),
        ({"second_password": "wrong"}, REPORT, "密码不对"),
    ],
)
def test_without_report_or_second_person_nothing_goes(
    late: Office, sealed: County, changes: dict[str, str], report: bytes, words: str
) -> None:
    """AR-3, with what to do; the file is as it was."""
    before = len(services_of(late).facts.case(sealed.case.opened.hash))
    answer = destroy(late, sealed, report, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(services_of(late).facts.case(sealed.case.opened.hash)) == before


def test_before_its_retention_has_run_out_no_file_goes(late: Office, sealed: County) -> None:
    """On the last day of 2056: not listed, no form, and a form made by hand is refused."""
    late.clock.set(AFTER - 5 * staging.DAY_MS)
    client = late.signed_in("xuwen")
    assert "20260001" not in client.get("/office/archive/ended").text
    path = f"/office/cases/{sealed.case.opened.hex}/destroy"
    assert "销毁并" not in client.get(path).text
    late.clock.set(AFTER)
    page = client.get(path) if (client := late.signed_in("xuwen")) else None
    assert page is not None
    late.clock.set(AFTER - 5 * staging.DAY_MS)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "ground": "早",
        "password": PASSWORDS["xuwen"],
        "second": "gumingyuan",
        "second_password": PASSWORDS["gumingyuan"],
    }
    answer = client.post(path, data=form, files={"report": ("r.pdf", REPORT, "application/pdf")})
    assert answer.status_code == 422
    assert "到2056年底才满" in answer.text


def test_a_restored_server_destroys_again_what_was_destroyed(
    late: Office, sealed: County, tmp_path: Path
) -> None:
    """A copy from before knows nothing of it; with the list beside it the destruction is stated
    and carried out again, and fsck holds."""
    destroy(late, sealed)
    restored = Office(tmp_path / "restored", AFTER)
    shutil.copytree(sealed.folder, restored.folder)
    shutil.copy(late.folder / destroying.LIST, restored.folder / destroying.LIST)
    with writing(restored.settings, Clock(AFTER)) as services:
        assert services.facts.record(sealed.case.opened.hash) is not None
        for _ in range(2):
            destroying.carry_out(services)
        left = services.facts.case(sealed.case.opened.hash)
        assert services.facts.record(sealed.case.opened.hash) is None
        (said,) = [one for one in left if isinstance(one.statement, RecordDestroyed)]
        assert len(said.signers) == 2
    # The appraisal report itself is in the backups made after it.
    found = [line for line in differences(restored) if "hold" not in line]
    appraisal = said.statement.appraisal.sha256  # type: ignore[union-attr]
    assert [line for line in found if appraisal not in line and "difference" not in line] == []
