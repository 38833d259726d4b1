"""A decision becomes public by two persons, by the matrix, and never with what is masked."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from protocol import statements
from protocol.statements import DisclosurePublished
from protocol.vocabulary import Ground
from sync_server.cases import publishing
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import (
    DAY_MS,
    NOW,
    PASSWORDS,
    Office,
    archive,
    confirm,
    draft,
    publish,
)

PRIVATE = (staging.PHONE, staging.MANAGER_GIVEN, "5550128")


def public_pages(office: Office, county: County) -> dict[str, str]:
    """Every public page and file that could show the decision, as text."""
    decision = f"/decisions/{county.case.decision.hex}"
    paths = ["/", "/decisions", decision, f"{decision}/verify", f"{decision}/proof"]
    client = office.client()
    return {path: client.get(path).text for path in paths}


def token_of(client: httpx.Client) -> str:
    """The token that the forms of a session carry."""
    return staging.hidden(client.get("/office"), "form_token")


def test_two_persons_publish_and_both_signed(office: Office, inspected: County) -> None:
    """Two sessions, two passwords, one record with two staff keys."""
    drafted = draft(office, inspected.case)
    assert drafted.url.query == b"done=drafted"
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []
    assert "等您审查" in office.signed_in("luojing").get("/office/publishing").text
    answer = confirm(office, inspected.case)
    assert answer.url.query == b"done=published"
    (record,) = office.services.facts.of_kind("disclosure_published")
    staff = office.services.facts.registry.staff.values()
    signed = {one.account for one in staff if one.key.key_id in record.signers}
    assert signed == {"hejingting", "luojing"}
    page = office.client().get(f"/decisions/{inspected.case.decision.hex}")
    assert page.status_code == 200
    assert "公示文本与归档记录一致" in page.text
    assert "罚款 500 元" in page.text


def test_a_draft_is_seen_by_nobody_outside(office: Office, inspected: County) -> None:
    """Saved and signed by one, it is no fact yet: neither in the log nor on a page."""
    assert office.services is not None
    before = office.services.facts.head.size
    draft(office, inspected.case)
    assert office.services.facts.head.size == before
    assert office.client().get(f"/decisions/{inspected.case.decision.hex}").status_code == 404


@pytest.mark.parametrize(
    ("account", "changes", "words"),
    [
        ("hejingting", {}, "还要由他人签名"),
        ("luojing", {"password": "wrong"}, "密码不对"),
        ("luojing", {"reviewed": ""}, "审查人还没有确认"),
        ("xuwen", {}, "没有权限"),
    ],
)
def test_nothing_is_published_without_a_second_person(
    office: Office, inspected: County, account: str, changes: dict[str, str], words: str
) -> None:
    """The same person twice, a wrong password, no review, a role that may not."""
    draft(office, inspected.case)
    client = office.signed_in(account)
    path = f"/office/publishing/{inspected.case.decision.hex}"
    page = office.signed_in("luojing").get(path)
    form = {"answer": "confirm", "reviewed": "on", "password": PASSWORDS[account], **changes}
    form |= {name: staging.hidden(page, name) for name in ("version", "draft")}
    form["form_token"] = token_of(client)
    assert words in client.post(path, data=form).text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_the_first_person_signs_with_the_own_password(office: Office, inspected: County) -> None:
    """A session alone signs nothing."""
    assert "密码不对" in draft(office, inspected.case, password="wrong").text
    waiting = office.signed_in("luojing").get(f"/office/publishing/{inspected.case.decision.hex}")
    assert waiting.status_code == 409


def test_a_draft_that_is_sent_back_waits_for_its_publisher(
    office: Office, inspected: County
) -> None:
    """With the reason; it can be confirmed only after it was saved again."""
    draft(office, inspected.case)
    assert "请写明需要修改什么" in confirm(office, inspected.case, answer="return").text
    answer = confirm(office, inspected.case, answer="return", why="店名也要隐去")
    assert answer.url.query == b"done=returned"
    assert "店名也要隐去" in office.signed_in("hejingting").get("/office/publishing").text
    assert confirm(office, inspected.case).status_code == 409
    assert publish(office, inspected.case).url.query == b"done=published"


def test_another_draft_than_the_one_that_was_read_is_not_signed(
    office: Office, inspected: County
) -> None:
    """Saved in between: the second person's form names the one that was on the page."""
    draft(office, inspected.case)
    client = office.signed_in("luojing")
    path = f"/office/publishing/{inspected.case.decision.hex}"
    page = client.get(path)
    form = {name: staging.hidden(page, name) for name in ("form_token", "version", "draft")}
    draft(office, inspected.case, title="另一个标题")
    sent = form | {"answer": "confirm", "reviewed": "on", "password": PASSWORDS["luojing"]}
    answer = client.post(path, data=sent)
    assert "另一份草稿" in answer.text
    assert "另一个标题" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_a_draft_of_yesterday_is_saved_again(office: Office, inspected: County) -> None:
    """Its end of display would come a day early."""
    draft(office, inspected.case)
    office.clock.set(NOW + DAY_MS)
    assert "请重新保存后再确认" in confirm(office, inspected.case).text
    assert publish(office, inspected.case).url.query == b"done=published"


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
    assert "标题或者理由里有已隐去的内容" in answer.text
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
    """The case moved on since the form was read: nothing is drafted, the page shows what came."""
    answer = draft(office, inspected.case, version="3")
    assert answer.status_code == 422
    assert "您查看期间本案已有变动" in answer.text
    assert "检查结束" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


@pytest.mark.parametrize("form", ["publish", "withhold"])
def test_of_two_who_draft_at_once_the_second_sees_what_the_first_saved(
    office: Office, inspected: County, form: str
) -> None:
    """Nothing takes the place of a draft that was not seen; once it was, it may."""
    case, client = inspected.case, office.signed_in("hejingting")
    path = f"/office/cases/{case.opened.hex}/{form}/{case.decision.hex}"
    page = client.get(path)
    mine = {"password": PASSWORDS["hejingting"], "ground": "privacy", "reason": "隐私"}
    mine |= {"title": "后一份", "clause": "第十五条"}
    mine |= {name: staging.hidden(page, name) for name in ("form_token", "version", "draft")}
    assert draft(office, case, title="前一份").url.query == b"done=drafted"
    refused = client.post(path, data=mine)
    assert refused.status_code == 422
    assert "本决定的草稿已有人保存" in refused.text
    assert "前一份" in refused.text
    assert "何敬亭" in refused.text
    assert (
        "前一份" in office.signed_in("luojing").get(f"/office/publishing/{case.decision.hex}").text
    )
    mine |= {"draft": staging.hidden(refused, "draft")}
    assert client.post(path, data=mine).url.query == b"done=drafted"


def test_a_draft_is_sent_back_by_whoever_read_it(office: Office, inspected: County) -> None:
    """Not the one that took its place meanwhile; and whoever writes anew saw that it came back."""
    case, client = inspected.case, office.signed_in("luojing")
    draft(office, case, title="前一份")
    path = f"/office/publishing/{case.decision.hex}"
    page = client.get(path)
    back = {"answer": "return", "why": "标题不对", "password": PASSWORDS["luojing"]}
    back |= {name: staging.hidden(page, name) for name in ("form_token", "version", "draft")}
    draft(office, case, title="后一份")
    refused = client.post(path, data=back)
    assert "另一份草稿" in refused.text
    assert "后一份" in refused.text
    waiting = staging.hidden(refused, "draft")
    assert client.post(path, data=back | {"draft": waiting}).url.query == b"done=returned"
    answer = draft(office, case, draft=waiting)
    assert answer.status_code == 422
    assert "标题不对" in answer.text
    assert "罗静已退回" in answer.text


def test_a_draft_saved_while_another_is_signed_is_kept(
    office: Office, inspected: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer looks once more: what nobody read is neither stated nor forgotten."""
    case = inspected.case
    draft(office, case, title="前一份")
    expected = publishing._expect_publisher

    def meanwhile(*one: Any) -> None:
        draft(office, case, title="后一份")
        expected(*one)

    monkeypatch.setattr(publishing, "_expect_publisher", meanwhile)
    assert "另一份草稿" in confirm(office, case).text
    monkeypatch.undo()
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []
    assert confirm(office, case).url.query == b"done=published"
    assert "后一份" in office.client().get("/decisions").text


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
