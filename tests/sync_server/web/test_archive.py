"""The archive: a file is put in order, sealed, found again, and shown only on record."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import httpx
import pytest
from pypdf import PdfReader

from protocol.case import CaseState
from protocol.package import ZipPackage
from protocol.statements import FileRetrieved
from protocol.vocabulary import VolumeKind
from sync_server.cases import filing
from sync_server.web.site import Site
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office, hidden

HEAD = "gumingyuan"


def state(office: Office, county: County) -> CaseState:
    """The case as it stands."""
    assert office.services is not None
    return Site(office.services).projections.state(county.case.opened.hash)


def path(county: County, rest: str) -> str:
    return f"/office/cases/{county.case.opened.hex}/{rest}"


def ask(office: Office, county: County, account: str = "xuwen", **changes: str) -> httpx.Response:
    """Ask to look into the file, with the decision chosen unless something else is."""
    client = office.signed_in(account)
    page = client.get(path(county, "retrieve"))
    decision = county.case.decision.statement
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "by": "方砚秋",
        "unit": "云溪县司法局",
        "purpose": "案卷评查",
        "until": "",
        "password": PASSWORDS[account],
        f"open-{decision.pdf.sha256}": "on",  # type: ignore[union-attr]
    }
    return client.post(path(county, "retrieve"), data=form | changes)


@pytest.fixture(scope="module")
def archived(inspected: County, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The inspection's file is sealed; its photo stands in the secret volume."""
    folder = tmp_path_factory.mktemp("archived") / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, staging.NOW)
    office.start()
    try:
        found = state(office, inspected)
        answer = staging.archive(
            office,
            inspected.case,
            fonds_no="126",
            file_no="1",
            remarks="照片涉及未成年人。",
            **{f"secret-{found.media[0].id}": "on"},
        )
        assert answer.url.query == b"done=archived", answer.text
    finally:
        office.stop()
    return County(folder, inspected.case)


@pytest.fixture
def kept(open_office: Callable[[County], Office], archived: County) -> Office:
    """A server with the sealed file."""
    return open_office(archived)


# ── in order ─────────────────────────────────────────────────────────────────────────────


def test_the_page_lists_what_will_be_in_which_volume(office: Office, inspected: County) -> None:
    """The decision on page 1, its service behind it, the record and the photo as evidence."""
    page = office.signed_in("xuwen").get(path(inspected, "archive"))
    titles = ["当场行政处罚决定书", "现场检查笔录", "照片"]
    listed = page.text.partition("卷内目录")[2]
    places = [listed.index(one) for one in titles]
    assert places == sorted(places)
    assert "正卷" in page.text
    assert 'value="years_30" selected' in page.text


def test_a_file_is_not_kept_shorter_than_the_table_says(office: Office, inspected: County) -> None:
    """AR-2, with its clause; nothing is stated."""
    before = len(state(office, inspected).records)
    answer = staging.archive(office, inspected.case, retention="years_10")
    assert answer.status_code == 422
    assert "《档案法实施条例》第十九条" in answer.text
    assert len(state(office, inspected).records) == before


def test_the_sheets_say_what_is_in_the_volume(kept: Office, archived: County) -> None:
    """Cover, contents list and remarks sheet are PDF/A, and their words are those of the case."""
    assert kept.services is not None
    bound = state(kept, archived).bound
    assert bound is not None
    main = bound.statement.volumes[0]
    words = {}
    for name in ("cover", "contents", "remarks"):
        held = kept.services.facts.blob_path(bytes.fromhex(getattr(main, name).sha256))
        assert held is not None
        pdf = held.read_bytes()
        assert b"<pdfaid:part>" in pdf
        read = PdfReader(io.BytesIO(pdf))
        words[name] = "".join(page.extract_text() for page in read.pages).replace("\n", "")
    for said in ("正卷", "云市监当罚〔2026〕126号", "20260001", "30年", "126"):
        assert said in words["cover"], said
    assert "当场行政处罚" in words["contents"]
    assert "照片" not in words["contents"]
    for said in ("没有缺件", "照片涉及未成年人", "许文", "沈知远"):
        assert said in words["remarks"], said


def test_pages_of_a_volume_follow_one_another(kept: Office, archived: County) -> None:
    """Each paper begins where the one before it ends."""
    found = state(kept, archived)
    assert found.bound is not None
    page = 1
    for one in found.bound.statement.items:
        if one.volume is VolumeKind.MAIN and one.pages:
            assert one.page == page
            page += one.pages
    pages = sum(one.issued.statement.pages for one in found.documents)
    assert page - 1 == pages > 0


def test_what_is_secret_is_in_no_package(kept: Office, archived: County) -> None:
    """Neither the photo nor the sheets that name it; all else is."""
    assert kept.services is not None
    found = state(kept, archived)
    assert found.bound is not None
    assert found.archived is not None
    secret = [one for one in found.bound.statement.items if one.volume is VolumeKind.SECRET]
    sheet = found.bound.statement.volumes[-1].contents.sha256
    packed = kept.services.facts.blob_path(bytes.fromhex(found.archived.statement.package.sha256))
    assert packed is not None
    with packed.open("rb") as file:
        names = set(ZipPackage(file, "case").names())
    decision: Any = archived.case.decision.statement
    assert [one.title[:2] for one in secret] == ["照片"]
    assert f"data/blobs/{secret[0].blob}" not in names
    assert f"data/blobs/{sheet}" not in names
    assert f"data/blobs/{decision.pdf.sha256}" in names


def test_the_sealed_files_name_is_that_of_its_package(kept: Office, archived: County) -> None:
    """Also where a log that was lost had sealed the case before."""
    assert kept.services is not None
    sealed = state(kept, archived).archived
    assert sealed is not None
    sha256, case = sealed.statement.package.sha256, archived.case.opened.hash
    named = kept.folder / "archive" / f"{case.hex()}.zip"
    named.unlink()
    named.write_bytes(b"sealed before")
    assert filing.package_path(kept.services, case, sha256) == named
    assert hashlib.sha256(named.read_bytes()).hexdigest() == sha256


def test_a_decision_in_the_secret_volume_is_not_published(
    office: Office, inspected: County
) -> None:
    """Neither drafted nor, where a draft waited when the file was sealed, confirmed."""
    assert staging.draft(office, inspected.case).url.query == b"done=drafted"
    secret = {f"secret-{inspected.case.decision.hex}": "on"}
    assert staging.archive(office, inspected.case, **secret).url.query == b"done=archived"
    for answer in (
        staging.confirm(office, inspected.case),
        staging.draft(office, inspected.case),
    ):
        assert answer.status_code == 422
        assert "编在密卷里" in answer.text
    assert office.client().get(f"/decisions/{inspected.case.decision.hex}").status_code == 404


def test_sealed_files_are_found_by_number_party_and_period(kept: Office) -> None:
    """And not by another's words or days."""
    client = kept.signed_in("xuwen")
    for query in ("q=禾穗", "q=126号", "q=20260001", "since=2026-11-18&until=2026-11-18"):
        assert "20260001</strong>" in client.get(f"/office/archive?{query}").text, query
    for query in ("q=青石", "since=2026-11-19", "until=2026-11-17"):
        assert "20260001</strong>" not in client.get(f"/office/archive?{query}").text, query


# ── 调阅 ─────────────────────────────────────────────────────────────────────────────────


def test_a_sealed_file_is_shown_only_on_record(kept: Office, archived: County) -> None:
    """Not by its old address, nor as an export: 409 and what to do. With a retrieval, exactly what
    it names."""
    decision: Any = archived.case.decision.statement
    client = kept.signed_in("xuwen")
    for address in (f"/office/files/{decision.pdf.sha256}", path(archived, "export")):
        refused = client.get(address)
        assert refused.status_code == 409
        assert "20260001" in refused.text
    page = ask(kept, archived)
    assert page.url.path.startswith("/office/retrievals/")
    said = state(kept, archived).retrievals[-1].statement
    assert isinstance(said, FileRetrieved)
    assert (said.by, said.unit, said.purpose) == ("方砚秋", "云溪县司法局", "案卷评查")
    assert said.opened == [decision.pdf.sha256]
    shown = client.get(f"{page.url.path}/{decision.pdf.sha256}")
    assert shown.headers["content-type"] == "application/pdf"
    other = state(kept, archived).documents[0].issued.statement.pdf.sha256
    assert client.get(f"{page.url.path}/{other}").status_code == 409


def test_a_retrieval_is_its_own_persons_and_ends(kept: Office, archived: County) -> None:
    """Another person sees that it was, and opens nothing; the day after, nobody does."""
    decision: Any = archived.case.decision.statement
    where = ask(kept, archived).url.path
    other = kept.signed_in("fangqiuyan")
    assert "案卷评查" in other.get(where).text
    assert other.get(f"{where}/{decision.pdf.sha256}").status_code == 409
    kept.clock.set(staging.NOW + staging.DAY_MS)
    late = kept.signed_in("xuwen").get(f"{where}/{decision.pdf.sha256}")
    assert late.status_code == 409


def test_the_whole_package_goes_out_by_a_retrieval(kept: Office, archived: County) -> None:
    """Its bytes are the sealed ones."""
    found = state(kept, archived)
    assert found.archived is not None
    package = found.archived.statement.package
    where = ask(kept, archived, **{f"open-{package.sha256}": "on"}).url.path
    answer = kept.signed_in("xuwen").get(f"{where}/{package.sha256}")
    assert len(answer.content) == package.size
    assert answer.headers["content-type"] == "application/zip"


def test_the_secret_volume_asks_for_the_heads_signature(kept: Office, archived: County) -> None:
    """Refused with the archivist's alone, shown with both."""
    photo = state(kept, archived).media[0].statement.blob.sha256
    refused = ask(kept, archived, **{f"open-{photo}": "on"})
    assert refused.status_code == 422
    assert "机关负责人" in refused.text
    assert not state(kept, archived).retrievals
    head = {"head": HEAD, "head_password": PASSWORDS[HEAD]}
    where = ask(kept, archived, **{f"open-{photo}": "on"}, **head).url.path
    shown = kept.signed_in("xuwen").get(f"{where}/{photo}")
    assert shown.status_code == 200
    assert len(state(kept, archived).retrievals[-1].signers) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": " "}, "要写明"),
        ({"purpose": ""}, "要写明"),
        ({"until": "2026-11-01"}, "已过"),
        ({"open-" + "ab" * 32: "on"}, "不在本案"),
        ({"password": "wrong"}, "密码不对"),
    ],
)
def test_a_retrieval_that_does_not_say_all_opens_nothing(
    kept: Office, archived: County, changes: dict[str, str], words: str
) -> None:
    """The form comes back with what is missing, and nothing is on record."""
    answer = ask(kept, archived, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert not state(kept, archived).retrievals


def test_who_looked_into_what_is_listed(kept: Office, archived: County) -> None:
    """For those who may look themselves."""
    ask(kept, archived)
    listed = kept.signed_in("fangqiuyan").get("/office/retrievals").text
    assert "方砚秋" in listed
    assert "云溪县司法局" in listed
    assert kept.signed_in("hejingting").get("/office/retrievals").status_code == 403


# ── 移交 ─────────────────────────────────────────────────────────────────────────────────


def hand_over(office: Office, county: County, **changes: str) -> httpx.Response:
    """Hand the sealed file to the county's archive."""
    client = office.signed_in("xuwen")
    page = client.get("/office/archive/transfer")
    form = {
        "form_token": hidden(page, "form_token"),
        "receiver": "云溪县档案馆",
        "list_no": "2036-1",
        f"file-{county.case.opened.hex}": "on",
        "password": PASSWORDS["xuwen"],
    }
    return client.post("/office/archive/transfer", data=form | changes)


def test_files_are_handed_over_in_a_bag_that_any_archive_can_check(
    kept: Office, archived: County, tmp_path: Path
) -> None:
    """Another program finds it valid; the package in it is the sealed one; it is on record."""
    page = hand_over(kept, archived)
    assert "云溪县档案馆" in page.text
    found = state(kept, archived)
    said = found.transfers[-1].statement
    assert found.archived is not None
    assert said.files == [found.archived.statement.package.sha256]
    answer = fetch(kept, said.package)
    assert hashlib.sha256(answer.content).hexdigest() == said.package
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path)
    assert bagit.Bag(str(tmp_path / "transfer")).is_valid()
    listed = (tmp_path / "transfer" / "data" / "list.csv").read_text("utf-8-sig")
    assert "20260001" in listed
    sealed = (tmp_path / "transfer" / "data" / "20260001.zip").read_bytes()
    assert hashlib.sha256(sealed).hexdigest() == said.files[0]


def fetch(office: Office, package: str, **changes: str) -> httpx.Response:
    """Take the bag away."""
    client = office.signed_in("xuwen")
    page = client.get(f"/office/archive/transfers/{package}")
    form = {
        "form_token": hidden(page, "form_token"),
        "by": "许文",
        "purpose": "送交云溪县档案馆",
        "password": PASSWORDS["xuwen"],
    }
    return client.post(f"/office/archive/transfers/{package}", data=form | changes)


def test_who_takes_a_bag_away_is_on_record_before(kept: Office, archived: County) -> None:
    """A retrieval of each package in it; without a name, a purpose or the password there is none,
    and no bag."""
    hand_over(kept, archived)
    package = state(kept, archived).transfers[-1].statement.package
    for changes, words in (
        ({"by": " "}, "写明谁"),
        ({"purpose": ""}, "为了什么"),
        ({"password": "wrong"}, "密码"),
    ):
        answer = fetch(kept, package, **changes)
        assert answer.status_code == 422
        assert words in answer.text
        assert not state(kept, archived).retrievals
    assert fetch(kept, package).headers["content-type"] == "application/zip"
    found = state(kept, archived)
    (said,) = [one.statement for one in found.retrievals]
    assert found.archived is not None
    assert said.opened == [found.archived.statement.package.sha256]
    assert (said.by, said.unit, said.purpose) == ("许文", "云溪县档案馆", "送交云溪县档案馆")
    assert "送交云溪县档案馆" in kept.signed_in("xuwen").get("/office/retrievals").text


def test_a_file_in_two_bags_is_looked_into_by_whoever_takes_either(
    kept: Office, archived: County
) -> None:
    """Handed over once more the day after, it is still in the first bag."""
    hand_over(kept, archived)
    kept.clock.set(staging.NOW + staging.DAY_MS)
    hand_over(kept, archived)
    bags = [one.statement.package for one in state(kept, archived).transfers]
    assert len(set(bags)) == 2
    for done, bag in enumerate(bags, 1):
        assert fetch(kept, bag).headers["content-type"] == "application/zip"
        assert len(state(kept, archived).retrievals) == done


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"receiver": ""}, "接收"),
        ({"list_no": " "}, "接收"),
        ({"file-" + "ab" * 32: "on"}, "没有归档"),
    ],
)
def test_a_transfer_names_files_receiver_and_list(
    kept: Office, archived: County, changes: dict[str, str], words: str
) -> None:
    """Or nothing is built and nothing stated."""
    answer = hand_over(kept, archived, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert not state(kept, archived).transfers


def test_a_package_that_rotted_is_not_handed_over(kept: Office, archived: County) -> None:
    """It is named, and what to do."""
    assert kept.services is not None
    found = state(kept, archived)
    assert found.archived is not None
    sha256 = bytes.fromhex(found.archived.statement.package.sha256)
    kept.services.blobs.place(sha256).write_bytes(b"rotten")
    answer = hand_over(kept, archived)
    assert answer.status_code == 422
    assert "20260001" in answer.text
    assert not state(kept, archived).transfers
