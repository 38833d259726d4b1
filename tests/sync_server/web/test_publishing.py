"""A decision becomes public by two persons, by the matrix, and never with what is masked."""

from __future__ import annotations

import re

import pytest

from protocol import statements
from protocol.statements import DisclosurePublished
from protocol.vocabulary import Ground
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import DAY_MS, NOW, PASSWORDS, Office, archive, publish

PRIVATE = (staging.PHONE, staging.MANAGER_GIVEN, "5550128")


def public_pages(office: Office, county: County) -> dict[str, str]:
    """Every public page and file that could show the decision, as text."""
    decision = f"/decisions/{county.case.decision.hex}"
    paths = ["/", "/decisions", decision, f"{decision}/verify", f"{decision}/proof"]
    client = office.client()
    return {path: client.get(path).text for path in paths}


def test_two_persons_publish_and_both_signed(office: Office, inspected: County) -> None:
    """One form, two passwords, one record with two staff keys."""
    answer = publish(office, inspected.case)
    assert answer.url.query == b"done=published"
    assert office.services is not None
    (record,) = office.services.facts.of_kind("disclosure_published")
    staff = office.services.facts.registry.staff.values()
    signed = {one.account for one in staff if one.key.key_id in record.signers}
    assert signed == {"hejingting", "luojing"}
    page = office.client().get(f"/decisions/{inspected.case.decision.hex}")
    assert page.status_code == 200
    assert "公示文本与归档记录一致" in page.text
    assert "罚款 500 元" in page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reviewer": "hejingting"}, "还差第二个人审查"),
        ({"reviewer": ""}, "还差第二个人审查"),
        ({"reviewer_password": "wrong"}, "密码不对"),
        ({"password": "wrong"}, "密码不对"),
        ({"reviewed": ""}, "审查人还没有确认"),
        ({"reviewer": "xuwen", "reviewer_password": PASSWORDS["xuwen"]}, "角色不能办理"),
    ],
)
def test_nothing_is_published_without_a_second_person(
    office: Office, inspected: County, changes: dict[str, str], words: str
) -> None:
    """The same person twice, nobody, a wrong password, no review, a role that may not."""
    answer = publish(office, inspected.case, **changes)
    assert words in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_what_is_masked_is_in_no_public_answer(public: Office, published: County) -> None:
    """Telephone and the representative's name: not in pages, proof or search."""
    pages = public_pages(public, published)
    assert all("禾穗" in text for path, text in pages.items() if not path.endswith("verify"))
    for path, text in pages.items():
        assert [word for word in PRIVATE if word in text] == [], path
    for word in (staging.MANAGER_GIVEN, "5550128"):
        assert "没有找到" in public.client().get("/decisions", params={"q": word}).text


def test_a_publisher_masks_more_and_never_less(office: Office, inspected: County) -> None:
    """A form may add a ground; what a rule masks stays masked, whatever the form says."""
    answer = publish(
        office,
        inspected.case,
        **{"mask.evidence": Ground.TRADE_SECRET.value, "mask.party_phone": "show"},
    )
    assert answer.url.query == b"done=published"
    assert office.services is not None
    (record,) = office.services.facts.of_kind("disclosure_published")
    assert isinstance(record.statement, DisclosurePublished)
    grounds = {mask.name: mask.ground for mask in record.statement.masked}
    assert grounds["evidence"] is Ground.TRADE_SECRET
    assert grounds["party_phone"] is Ground.CONTACT


def test_the_title_does_not_say_what_is_masked(office: Office, inspected: County) -> None:
    """It is typed by hand, and stands in lists and in the search."""
    answer = publish(office, inspected.case, title=f"{staging.REPRESENTATIVE}未标明价格案")
    assert "标题里有已隐去的内容" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_a_late_publication_needs_a_reason_on_record(office: Office, inspected: County) -> None:
    """PB-1 is a warning: it is gone against with a reason, which is a record of its own."""
    office.clock.set(NOW + 10 * DAY_MS)
    assert "已超期" in publish(office, inspected.case).text
    answer = publish(office, inspected.case, late_reason="系统故障")
    assert answer.url.query == b"done=published"
    assert office.services is not None
    (reason,) = office.services.facts.of_kind("rule_overridden")
    assert isinstance(reason.statement, statements.RuleOverridden)
    assert (reason.statement.rule, reason.statement.reason) == ("PB-1", "系统故障")
    assert "已超期" in office.client().get("/decisions").text


def test_who_decides_on_an_old_page_is_told(office: Office, inspected: County) -> None:
    """The case moved on since the form was read: nothing is published."""
    answer = publish(office, inspected.case, version="3")
    assert answer.status_code == 409
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_a_decision_is_published_once(public: Office, published: County) -> None:
    """The form of a public decision says so."""
    client = public.signed_in("hejingting")
    case, record = published.case.opened.hex, published.case.decision.hex
    answer = client.get(f"/office/cases/{case}/publish/{record}")
    assert answer.status_code == 409
    assert "已经公示" in answer.text


def test_a_complete_file_is_sealed_and_verifies(public: Office, published: County) -> None:
    """The archivist's signature, the package on the disk under the hash that was signed."""
    answer = archive(public, published.case)
    assert answer.url.query == b"done=archived", answer.text
    assert "20260001" in answer.text
    path = public.folder / "archive" / f"{published.case.opened.hex}.zip"
    assert public.services is not None
    (record,) = public.services.facts.of_kind("file_archived")
    assert isinstance(record.statement, statements.FileArchived)
    assert path.stat().st_size == record.statement.package.size
    assert public.services.facts.wanted() == []
    fetched = public.signed_in("xuwen").get(f"/office/cases/{published.case.opened.hex}/package")
    assert fetched.content == path.read_bytes()


def test_a_file_with_a_missing_blob_is_not_sealed(public: Office, published: County) -> None:
    """AR-1, with its clause; nothing is stated."""
    assert public.services is not None
    sha256 = published.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    public.services.blobs.path(bytes.fromhex(sha256)).unlink()
    client = public.signed_in("xuwen")
    page = client.get(f"/office/cases/{published.case.opened.hex}/archive")
    assert "还不能归档" in page.text
    assert not re.search("name=.password", page.text)
    assert public.services.facts.of_kind("file_archived") == []
