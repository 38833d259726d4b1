"""The supervisor's pages: findings answered for by one's own key, reports fixed and taken home."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest

from protocol.findings.document import Json
from protocol.statements import FindingAnswered, ReportCut
from sync_server.log import lookup
from tests.cast import DEVICE
from tests.sync_server.rotting import alter_in
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import NOW, PASSWORDS, Office, hidden

DAY = 24 * 3_600_000


@pytest.fixture
def broken(office: Office, inspected: County) -> Office:
    """A link of the tablet was removed by hand."""
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        (place,) = lookup.find(connection, [inspected.case.decision.hash])
        alter_in(connection, place, link=None)
    return office


def document(client: httpx.Client, **asked: str) -> Json:
    """The report as JSON."""
    answer = client.get("/supervision/report.json", params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def finding(client: httpx.Client) -> Json:
    """What is found of the tablet."""
    (device,) = [one for one in document(client)["devices"] if one["device"] == DEVICE]
    (found,) = device["findings"]
    return dict(found)


def sent(client: httpx.Client, named: str, account: str, **changes: str) -> httpx.Response:
    """The form of an answer, as a browser sends it."""
    path = f"/supervision/findings/{named}"
    page = client.get(path)
    assert page.status_code == 200, page.text
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "state": "explained",
        "note": "库存盘点时发现，已请运维恢复备份",
        "password": PASSWORDS[account],
    }
    return client.post(path, data=form | changes)


def test_a_finding_has_its_evidence_and_the_records_signed_bytes(broken: Office) -> None:
    client = broken.signed_in("fangqiuyan")
    found = finding(client)
    assert found["code"] == "link_missing"
    page = client.get(f"/supervision/findings/{found['id']}").text
    assert found["zh"] in page
    assert found["remedy_zh"] in page
    assert "执法机构负责人" in page
    assert "还没有人答复" in page
    assert client.get("/supervision/findings").text.count(found["zh"]) == 1
    assert client.get("/supervision/findings?state=settled").text.count(found["zh"]) == 0
    assert client.get("/supervision/findings/" + "ab" * 32).status_code == 404


def test_a_record_is_given_as_it_was_signed(office: Office, inspected: County) -> None:
    client = office.signed_in("fangqiuyan")
    record = inspected.case.decision
    given = client.get(f"/supervision/records/{record.hex}").json()
    assert given["record"] == record.hex
    assert {"payload", "payloadType", "signatures"} == set(given["envelope"])
    assert client.get("/supervision/records/" + "00" * 32).status_code == 404


def test_the_head_explains_and_the_supervisor_settles_each_with_the_own_key(
    broken: Office,
) -> None:
    head, supervisor = broken.signed_in("gumingyuan"), broken.signed_in("fangqiuyan")
    found = finding(head)
    assert sent(head, found["id"], "gumingyuan", state="settled").status_code == 422
    answer = sent(head, found["id"], "gumingyuan")
    assert answer.url.query == b"done=answered", answer.text
    assert finding(supervisor)["state"] == "explained"
    answer = sent(supervisor, found["id"], "fangqiuyan", state="settled")
    assert answer.url.query == b"done=answered", answer.text
    assert "顾明远" in answer.text
    found = finding(supervisor)
    assert found["state"] == "settled"
    assert [one["by"] for one in found["answers"]] == ["顾明远", "方砚秋"]
    assert broken.services is not None
    records = broken.services.facts.of_kind("finding_answered")
    keys = {one.account: one.key.key_id for one in broken.services.facts.registry.staff.values()}
    assert [one.signers for one in records] == [(keys["gumingyuan"],), (keys["fangqiuyan"],)]
    assert all(isinstance(one.statement, FindingAnswered) for one in records)
    seen = supervisor.get("/supervision").text
    assert found["zh"] not in seen
    assert "没有缺失，没有改动" not in seen
    assert "已办结 1 个问题" in seen
    assert "还有" not in seen


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"note": "  "}, "说明是空的"),
        ({"state": "open"}, "本来就没有处理"),
        ({"state": "shrug"}, "请选择"),
        ({"password": "wrong"}, "密码"),
        ({"version": "1"}, "已有人答复"),
    ],
)
def test_an_answer_that_cannot_stand_says_why_and_leaves_no_record(
    broken: Office, changes: dict[str, str], words: str
) -> None:
    client = broken.signed_in("fangqiuyan")
    answer = sent(client, finding(client)["id"], "fangqiuyan", **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert broken.services is not None
    assert broken.services.facts.of_kind("finding_answered") == []


def test_a_fixed_report_is_the_same_for_whoever_asks_later(office: Office) -> None:
    """The supervisor signs its hash; the bytes stay while the log grows."""
    client = office.signed_in("fangqiuyan")
    page = client.get("/supervision/cuts")
    form = {
        "form_token": hidden(page, "form_token"),
        "as_of": "2026-11-18",
        "password": PASSWORDS["fangqiuyan"],
    }
    assert client.post("/supervision/cuts", data=form | {"as_of": "2026-12-24"}).status_code == 422
    other = client.post("/supervision/cuts", data=form | {"as_of": "2026-W47-3"})
    assert other.status_code == 422
    assert 'value="2026-W47-3"' in other.text
    answer = client.post("/supervision/cuts", data=form)
    assert answer.url.query == b"done=cut", answer.text
    assert office.services is not None
    (record,) = office.services.facts.of_kind("report_cut")
    said = record.statement
    assert isinstance(said, ReportCut)
    for as_of in ("2026-11-18", record.id):
        office.clock.set(office.clock.now() + DAY)
        client = office.signed_in("fangqiuyan")
        made = client.get("/supervision/report.json", params={"as_of": as_of})
        assert hashlib.sha256(made.content).hexdigest() == said.report
    assert said.root in client.get("/supervision/cuts").text
    page = client.get("/supervision", params={"as_of": record.id})
    assert f"日志前{said.size}条" in page.text


def test_only_a_supervisor_fixes_a_report(office: Office) -> None:
    client = office.signed_in("gumingyuan")
    page = client.get("/supervision/cuts")
    assert "签名并固定" not in page.text
    form = {
        "form_token": hidden(client.get("/office/account"), "form_token"),
        "as_of": "2026-11-18",
        "password": PASSWORDS["gumingyuan"],
    }
    answer = client.post("/supervision/cuts", data=form)
    assert answer.status_code == 422
    assert "只有监督人员" in answer.text


@pytest.mark.parametrize("shape", ["json", "csv", "pdf"])
def test_the_report_is_taken_home_whole_or_in_part(office: Office, shape: str) -> None:
    client = office.signed_in("fangqiuyan")
    for asked in ({}, {"device": DEVICE}, {"officer": "00992304117"}, {"since": "2026-11-18"}):
        answer = client.get(f"/supervision/report.{shape}", params=asked)
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.content.startswith(
            {"json": b'{"format"', "csv": b"\xef\xbb\xbf", "pdf": b"%PDF"}[shape]
        )
        if shape == "pdf":
            return
    assert client.get("/supervision/report.exe").status_code == 404


@pytest.mark.parametrize("as_of", ["2026-13-45", "tomorrow", "99999999", "2027-01-01"])
def test_a_day_that_there_is_none_of_is_refused_in_words(office: Office, as_of: str) -> None:
    client = office.signed_in("fangqiuyan")
    for path in ("/supervision", "/supervision/cases", "/supervision/report.json"):
        answer = client.get(path, params={"as_of": as_of})
        assert answer.status_code in (400, 409)
        assert as_of in answer.text
        assert "expected" not in answer.text
        assert "批准" not in answer.text  # what nobody asked for was not refused as an approval is


def test_the_cases_page_says_what_a_case_lacks(office: Office) -> None:
    """And the overview how many are whole, in both languages."""
    client = office.signed_in("fangqiuyan")
    made = document(client)
    (case,) = made["cases"]
    page = client.get("/supervision/cases").text
    for one in case["asked"]:
        assert one["zh"] in page
        if not one["done"]:
            assert one["lacking_zh"] in page
    english = client.get("/supervision/cases?lang=en").text
    assert "Whole process on record" in english
    assert json.loads(json.dumps(made)) == made


def test_the_times_agree(office: Office) -> None:
    assert document(office.signed_in("fangqiuyan"))["as_of"]["at"] == NOW


def test_the_office_is_called_the_office_where_findings_are_narrowed(broken: Office) -> None:
    """Its own journal, as everywhere else; not by the name that programs have for it."""
    page = broken.signed_in("fangqiuyan").get("/supervision/findings?device=office").text
    assert '<option value="office" selected>机关自身</option>' in page
    assert "发现和处理：机关自身" in page.replace(": ", "：")
